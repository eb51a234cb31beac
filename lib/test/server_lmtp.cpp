// LMTP: RFC 2033.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

policy lmtp() {
  policy rules;
  rules.protocol = service::lmtp;
  rules.offer = {extension::enhanced_status_codes, extension::chunking};
  return rules;
}

const std::string hello = says::hello({"ENHANCEDSTATUSCODES", "CHUNKING"});
const std::string three = "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@d>\r\nRCPT TO:<b@d>\r\nRCPT TO:<c@d>\r\n";

// What happens behind three accepted recipients.
transcript behind_three(std::string_view name, const std::string& input, const log& events,
                        std::initializer_list<std::string_view> output, const application& decide = accept_all) {
  log all = {"ehlo c", "sender <||>", "recipient <|a|d>", "recipient <|b|d>", "recipient <|c|d>"};
  all.insert(all.end(), events.begin(), events.end());
  return {name,
          {three + input},
          all,
          joined({hello, says::sender, says::recipient, says::recipient, says::recipient}) + joined(output),
          decide};
}

// At the end of a message: the first is accepted, the others by their turn.
application in_turn(const reply& second, const std::optional<reply>& third) {
  return [=](const server_event& e, const server& session) -> std::optional<reply> {
    if (!std::holds_alternative<event::message_end>(e)) return std::nullopt;
    if (session.pending_answers() == 2) return second;
    if (session.pending_answers() == 1) return third;
    return std::nullopt;
  };
}

TEST(server_lmtp, in_every_cut) {
  const std::string_view failed = "554 5.0.0 spam\r\n", later = "452 4.0.0 full\r\n";
  expect_in_every_cut(
      lmtp(),
      {
          {"EHLO and HELO are no commands",
           {"EHLO c\r\nHELO c\r\nLHLO c\r\n"},
           {"refused unknown command @0 EHLO c", "refused unknown command @0 HELO c", "ehlo c"},
           joined({says::unknown, says::unknown, hello})},
          {"DATA without a recipient is out of sequence",
           {"LHLO c\r\nMAIL FROM:<>\r\nDATA\r\nBDAT 0 LAST\r\n"},
           {"ehlo c", "sender <||>", "refused command out of sequence @0 DATA",
            "refused command out of sequence @0 BDAT 0 LAST"},
           joined({hello, says::sender, says::sequence, says::sequence})},
          behind_three("a reply for each recipient", "DATA\r\nx\r\n.\r\nNOOP\r\n",
                       {"data ", "body x\r\n", "message_end 3", "noop "},
                       {says::go_on, says::queued, says::queued, says::queued, says::ok}),
          behind_three("each its own", "DATA\r\nx\r\n.\r\nNOOP\r\n", {"data ", "body x\r\n", "message_end 3", "noop "},
                       {says::go_on, says::queued, later, failed, says::ok},
                       in_turn({452, "full"}, reply{554, "spam"})),
          behind_three("the last one decides nothing for the others", "DATA\r\n.\r\nMAIL FROM:<>\r\n",
                       {"data ", "message_end 0", "sender <||>"},
                       {says::go_on, says::queued, failed, says::queued, says::sender},
                       in_turn({554, "spam"}, std::nullopt)),
          behind_three("421 in the middle ends the session", "DATA\r\n.\r\nNOOP\r\n", {"data ", "message_end 0"},
                       {says::go_on, says::queued, "421 4.0.0 down\r\n"}, in_turn({421, "down"}, std::nullopt)),
          behind_three(
              "chunks: one reply each, and at the last one for each recipient", "BDAT 1\r\nxBDAT 1 LAST\r\nyNOOP\r\n",
              {"chunk 1", "body x", "chunk_end 1", "chunk 1 last", "body y", "message_end 2", "noop "},
              {says::chunk, says::queued, later, failed, says::ok}, in_turn({452, "full"}, reply{554, "spam"})),
          behind_three("a refused message is refused for each", "DATA\r\nx\n\r\n.\r\nNOOP\r\n",
                       {"data ", "body x", "refused LF without CR @0 ", "noop "},
                       {says::go_on, "554 5.6.0 LF without CR\r\n", "554 5.6.0 LF without CR\r\n",
                        "554 5.6.0 LF without CR\r\n", says::ok}),
          behind_three("DATA refused: one reply", "DATA\r\nNOOP\r\n", {"data ", "noop "},
                       {"451 4.0.0 later\r\n", says::ok}, answering<event::data>({451, "later"})),
          behind_three("a chunk refused, then the last one: one reply, then one for each",
                       "BDAT 0\r\nBDAT 6 LAST\r\nQUIT\r\nBDAT 0 LAST\r\nNOOP\r\n",
                       {"chunk 0", "chunk_end 0", "refused command out of sequence @0 ",
                        "refused command out of sequence @0 BDAT 0 LAST", "noop "},
                       {"452 4.0.0 full\r\n", says::sequence, says::sequence, says::sequence, says::sequence,
                        says::sequence, says::sequence, says::ok},
                       answering<event::chunk_end>({452, "full"})),
          {"only those who were accepted",
           {three + "DATA\r\n.\r\nNOOP\r\n"},
           {"ehlo c", "sender <||>", "recipient <|a|d>", "recipient <|b|d>", "recipient <|c|d>", "data ",
            "message_end 0", "noop "},
           joined({hello, says::sender, says::recipient, "550 5.0.0 who?\r\n", says::recipient, says::go_on,
                   says::queued, says::queued, says::ok}),
           [](const server_event& e) -> std::optional<reply> {
             const auto* r = std::get_if<event::recipient>(&e);
             if (r != nullptr && r->command.to.local_part == "b") return reply{550, "who?"};
             return std::nullopt;
           }},
      });
  policy tiny = lmtp();
  tiny.message_size = 10;
  expect_in_every_cut(tiny,
                      {
                          behind_three("too large by DATA", "DATA\r\n123456789\r\n.\r\nNOOP\r\n",
                                       {"data ", "body 123456789\r", "refused message too large @0 ", "noop "},
                                       {says::go_on, says::too_large, says::too_large, says::too_large, says::ok}),
                          behind_three("too large by the last chunk", "BDAT 11 LAST\r\n12345\r\nQUITNOOP\r\n",
                                       {"refused message too large @0 ", "noop "},
                                       {says::too_large, says::too_large, says::too_large, says::ok}),
                          behind_three("too large by a chunk that is not the last", "BDAT 11\r\n12345\r\nQUITNOOP\r\n",
                                       {"refused message too large @0 ", "noop "}, {says::too_large, says::ok}),
                      });
}

TEST(server_lmtp, answers_are_counted) {
  const policy rules = lmtp();
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  EXPECT_EQ(session.pending_answers(), 0U);
  const std::string wire = three + "DATA\r\n.\r\n";
  for (std::size_t at = 0; at != wire.size();) {
    at += session.next(std::string_view(wire).substr(at), out).used;
    if (session.pending() == decision::message_end) break;
    if (session.pending_answers() != 0) {
      EXPECT_EQ(session.pending_answers(), 1U);
      ASSERT_TRUE(session.accept(out));
    }
  }
  EXPECT_EQ(session.pending_answers(), 3U);
  out.clear();
  EXPECT_FALSE(session.answer({251, "no such code here"}, out));
  EXPECT_EQ(session.pending_answers(), 3U);
  EXPECT_TRUE(session.accept(out));
  EXPECT_EQ(session.pending_answers(), 2U);
  EXPECT_EQ(session.current_state(), server::state::message);
  EXPECT_TRUE(session.answer({550, "no"}, out));
  EXPECT_EQ(session.pending_answers(), 1U);
  EXPECT_TRUE(session.accept(out));
  EXPECT_EQ(session.pending_answers(), 0U);
  EXPECT_EQ(session.current_state(), server::state::ready);
  EXPECT_EQ(out, joined({says::queued, "550 5.0.0 no\r\n", says::queued}));
}

TEST(server_lmtp, lhlo_is_no_command_of_smtp) {
  policy rules = lmtp();
  for (const service other : {service::smtp, service::submission}) {
    rules.protocol = other;
    EXPECT_EQ(play(rules, {"LHLO c\r\n"}).output, joined({"220 localhost ESMTP\r\n", says::unknown}));
  }
}

} // namespace
