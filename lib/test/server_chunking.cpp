// BDAT, BINARYMIME and BURL in a server session: RFC 3030, RFC 4468.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

const std::string begin = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\n";
const std::string hello = says::hello({"ENHANCEDSTATUSCODES", "CHUNKING"});

policy chunking() {
  policy rules;
  rules.offer = {extension::enhanced_status_codes, extension::chunking};
  return rules;
}

// What happens behind one accepted recipient.
transcript behind_rcpt(std::string_view name, const std::string& input, const log& events,
                       std::initializer_list<std::string_view> output, application decide = accept_all) {
  log all = {"ehlo c", "sender <||>", "recipient <|b|d>"};
  all.insert(all.end(), events.begin(), events.end());
  return {name, {begin + input}, all, joined({hello, says::sender, says::recipient}) + joined(output), decide};
}

TEST(server_chunking, in_every_cut) {
  expect_in_every_cut(
      chunking(),
      {
          behind_rcpt("one chunk", "BDAT 5 LAST\r\nhelloNOOP\r\n",
                      {"chunk 5 last", "body hello", "message_end 5", "noop "}, {says::queued, says::ok}),
          behind_rcpt("three chunks, the last empty", "BDAT 2\r\n.\nBDAT 3\r\n\r.\rBDAT 0 LAST\r\n",
                      {"chunk 2", "body .\n", "chunk_end 2", "chunk 3", "body \r.\r", "chunk_end 5", "chunk 0 last",
                       "message_end 5"},
                      {says::chunk, says::chunk, says::queued}),
          behind_rcpt("an empty chunk first", "BDAT 0\r\nBDAT 1 LAST\r\nx",
                      {"chunk 0", "chunk_end 0", "chunk 1 last", "body x", "message_end 1"},
                      {says::chunk, says::queued}),
          behind_rcpt("an empty message", "BDAT 0 LAST\r\n", {"chunk 0 last", "message_end 0"}, {says::queued}),
          behind_rcpt("verbs in any case, zeros in front", "bdat 0001 last\r\nxNOOP\r\n",
                      {"chunk 1 last", "body x", "message_end 1", "noop "}, {says::queued, says::ok}),
          behind_rcpt("commands in a chunk are data", "BDAT 12 LAST\r\nRSET\r\nQUIT\r\nNOOP\r\n",
                      {"chunk 12 last", "body RSET\r\nQUIT\r\n", "message_end 12", "noop "}, {says::queued, says::ok}),
          behind_rcpt("what ends DATA is data, and so is a dot that is not stuffed",
                      "BDAT 11 LAST\r\na\r\n.\r\n..b\r\nNOOP\r\n",
                      {"chunk 11 last", "body a\r\n.\r\n..b\r\n", "message_end 11", "noop "}, {says::queued, says::ok}),
          behind_rcpt("two messages", "BDAT 1 LAST\r\nxMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nBDAT 2 LAST\r\nyy",
                      {"chunk 1 last", "body x", "message_end 1", "sender <||>", "recipient <|b|d>", "chunk 2 last",
                       "body yy", "message_end 2"},
                      {says::queued, says::sender, says::recipient, says::queued}),
          {"refused without a transaction",
           {"EHLO c\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"},
           {"ehlo c", "refused command out of sequence @0 ", "noop "},
           joined({hello, says::sequence, says::ok})},
          {"refused before EHLO: nothing offered it, and what follows are commands",
           {"BDAT 6\r\nNOOP\r\n"},
           {"refused command out of sequence @0 BDAT 6", "noop "},
           joined({says::sequence, says::ok})},
          {"refused with HELO: nothing offered it, and what follows are commands",
           {"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nBDAT 6\r\nNOOP\r\n"},
           {"helo c", "sender <||>", "recipient <|b|d>", "refused command out of sequence @0 BDAT 6", "noop "},
           joined({"250 localhost\r\n", says::sender, says::recipient, says::sequence, says::ok})},
          {"refused before a recipient, who may follow",
           {"EHLO c\r\nMAIL FROM:<>\r\nBDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\nRCPT TO:<b@d>\r\nBDAT 1 LAST\r\nx"},
           {"ehlo c", "sender <||>", "refused no valid recipients @0 ", "refused no valid recipients @0 BDAT 0 LAST",
            "recipient <|b|d>", "chunk 1 last", "body x", "message_end 1"},
           joined({hello, says::sender, says::no_recipients, says::no_recipients, says::recipient, says::queued})},
          behind_rcpt("refused behind the last one", "BDAT 1 LAST\r\nxBDAT 6\r\nQUIT\r\nNOOP\r\n",
                      {"chunk 1 last", "body x", "message_end 1", "refused command out of sequence @0 ", "noop "},
                      {says::queued, says::sequence, says::ok}),
          behind_rcpt("refused behind DATA", "DATA\r\nx\r\n.\r\nBDAT 6\r\nQUIT\r\nNOOP\r\n",
                      {"data ", "body x\r\n", "message_end 3", "refused command out of sequence @0 ", "noop "},
                      {says::go_on, says::queued, says::sequence, says::ok}),
          behind_rcpt(
              "DATA, MAIL and RCPT are refused between chunks, which go on",
              "BDAT 1\r\nxDATA\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nNOOP\r\nBDAT 1 LAST\r\ny",
              {"chunk 1", "body x", "chunk_end 1", "refused command out of sequence @0 DATA",
               "refused command out of sequence @0 MAIL FROM:<>", "refused command out of sequence @0 RCPT TO:<b@d>",
               "noop ", "chunk 1 last", "body y", "message_end 2"},
              {says::chunk, says::sequence, says::sequence, says::sequence, says::ok, says::queued}),
          behind_rcpt(
              "RSET between chunks ends the transaction", "BDAT 1\r\nxRSET\r\nBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<>\r\n",
              {"chunk 1", "body x", "chunk_end 1", "reset ", "refused command out of sequence @0 ", "sender <||>"},
              {says::chunk, says::ok, says::sequence, says::sender}),
          behind_rcpt("EHLO between chunks too; the octets are counted anew",
                      "BDAT 1\r\nxEHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nBDAT 1 LAST\r\ny",
                      {"chunk 1", "body x", "chunk_end 1", "ehlo c", "sender <||>", "recipient <|b|d>", "chunk 1 last",
                       "body y", "message_end 1"},
                      {says::chunk, hello, says::sender, says::recipient, says::queued}),
          behind_rcpt("a chunk that the application refuses: nothing but RSET and EHLO helps",
                      "BDAT 1\r\nxBDAT 6 LAST\r\nQUIT\r\nDATA\r\nRCPT TO:<b@d>\r\nMAIL FROM:<>\r\nNOOP\r\nRSET\r\n"
                      "MAIL FROM:<>\r\n",
                      {"chunk 1", "body x", "chunk_end 1", "refused command out of sequence @0 ",
                       "refused command out of sequence @0 DATA", "refused command out of sequence @0 RCPT TO:<b@d>",
                       "refused command out of sequence @0 MAIL FROM:<>", "noop ", "reset ", "sender <||>"},
                      {"452 4.0.0 full\r\n", says::sequence, says::sequence, says::sequence, says::sequence, says::ok,
                       says::ok, says::sender},
                      answering<event::chunk_end>({452, "full"})),
          behind_rcpt("likewise with EHLO", "BDAT 0\r\nEHLO c\r\nMAIL FROM:<>\r\n",
                      {"chunk 0", "chunk_end 0", "ehlo c", "sender <||>"}, {"452 4.0.0 full\r\n", hello, says::sender},
                      answering<event::chunk_end>({452, "full"})),
          behind_rcpt("a message that the application refuses: the next transaction may begin",
                      "BDAT 1 LAST\r\nxBDAT 6\r\nQUIT\r\nMAIL FROM:<>\r\n",
                      {"chunk 1 last", "body x", "message_end 1", "refused command out of sequence @0 ", "sender <||>"},
                      {"554 5.0.0 spam\r\n", says::sequence, says::sender},
                      answering<event::message_end>({554, "spam"})),
          behind_rcpt("421 to a chunk ends the session", "BDAT 1\r\nxNOOP\r\n", {"chunk 1", "body x", "chunk_end 1"},
                      {"421 4.0.0 down\r\n"}, answering<event::chunk_end>({421, "down"})),
          behind_rcpt("a chunk of 2^64-1 octets is refused, and nothing behind it is a command",
                      "BDAT 18446744073709551615 LAST\r\nQUIT\r\nRSET\r\n", {}, {}),
      });
}

TEST(server_chunking, a_size_that_can_not_be_read_ends_the_session) {
  const std::pair<std::string, int> lines[] = {
      {"BDAT", 4},
      {"BDAT x", 5},
      {"BDAT -1", 5},
      {"BDAT 1 FIRST", 7},
      {"BDAT 1 2", 7},
      {"BDAT 1 LAST LAST", 11},
      {"BDAT  1", 5},
      {"bdat 1, LAST", 6},
      {"BDAT 1LAST", 6},
      {"BDAT 18446744073709551616", 5},
      {"BDAT 99999999999999999999", 5},
      {"BDAT 18446744073709551616 LAST", 5},
      {"BDAT 100000000000000000000", 5},
  };
  for (const auto& [line, offset] : lines) {
    expect_in_every_cut(chunking(),
                        behind_rcpt(line, line + "\r\nQUIT\r\n",
                                    {"refused unreadable chunk size @" + std::to_string(offset) + " " + line},
                                    {"501 5.5.4 Unreadable chunk size\r\n"}));
    EXPECT_EQ(play(chunking(), {begin + line + "\r\nQUIT\r\n"}).state, server::state::closed) << line;
  }
  // Another verb announces no chunk.
  for (const std::string line : {"BDAT:", "BDAT=5", "BDATA 5", "BDAT\v5"})
    EXPECT_EQ(play(chunking(), {begin + line + "\r\nNOOP\r\n"}).events.back(), "noop ") << line;
  // Without CHUNKING nothing follows that is no command.
  policy none = chunking();
  none.offer.erase(extension::chunking);
  EXPECT_EQ(play(none, {"EHLO c\r\nBDAT x\r\nNOOP\r\n"}).events,
            (log{"ehlo c", "refused syntax error @5 BDAT x", "noop "}));
  EXPECT_EQ(play(none, {"EHLO c\r\nBDAT 6\r\nNOOP\r\n"}).events,
            (log{"ehlo c", "refused command not implemented @0 BDAT 6", "noop "}));
}

TEST(server_chunking, a_line_that_framing_refuses_ends_the_session_too) {
  const std::string long_line = "BDAT " + std::string(600, '0') + "6\r\nQUIT\r\n";
  for (const auto& [line, why] : {std::pair<std::string, std::string>{"BDAT 6\nQUIT\r\n", "LF"},
                                  {"BDAT 6\rQUIT\r\n", "CR"},
                                  {"BDAT 6 LAST\r\r\nQUIT\r\n", "CR"},
                                  {long_line, "long"}}) {
    const std::string whole = begin + line;
    const session_log one = play(chunking(), {whole});
    EXPECT_EQ(one.state, server::state::closed) << why;
    EXPECT_EQ(one.events.back(), "refused unreadable chunk size @0 ") << why;
    EXPECT_TRUE(one.output.ends_with("501 5.5.4 Unreadable chunk size\r\n")) << one.output;
    for (std::size_t place = 0; place <= whole.size(); ++place)
      ASSERT_EQ(play(chunking(), cut_at(whole, place)).events, one.events) << "cut at " << place;
  }
}

TEST(server_chunking, the_limit_of_octets_counts_all_chunks) {
  policy rules = chunking();
  rules.message_size = 10;
  expect_in_every_cut(
      rules,
      {
          behind_rcpt("exactly as many as the limit", "BDAT 8\r\n12345678BDAT 2 LAST\r\n90",
                      {"chunk 8", "body 12345678", "chunk_end 8", "chunk 2 last", "body 90", "message_end 10"},
                      {says::chunk, says::queued}),
          behind_rcpt(
              "one more: refused when it was read, and none of it is run",
              "BDAT 5\r\n12345BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nRSET\r\nRCPT TO:<b@d>\r\nRSET\r\nMAIL FROM:<>\r\n",
              {"chunk 5", "body 12345", "chunk_end 5", "refused message too large @0 ",
               "refused command out of sequence @0 ", "refused command out of sequence @0 RCPT TO:<b@d>", "reset ",
               "sender <||>"},
              {says::chunk, says::too_large, says::sequence, says::sequence, says::ok, says::sender}),
          behind_rcpt("the first chunk is too large by itself", "BDAT 11 LAST\r\n12345\r\nQUITNOOP\r\n",
                      {"refused message too large @0 ", "noop "}, {says::too_large, says::ok}),
      });
}

TEST(server_chunking, the_largest_size_there_is) {
  policy rules = chunking();
  rules.message_size = 0xFFFFFFFFFFFFFFFF;
  const session_log played = play(rules, {begin + "BDAT 18446744073709551615\r\nQUIT\r\n"});
  EXPECT_EQ(played.events.at(3), "chunk 18446744073709551615");
  EXPECT_EQ(played.events.at(4), "body QUIT\r\n");
  EXPECT_EQ(played.state, server::state::chunks);
}

TEST(server_chunking, every_octet_arrives_as_it_is) {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  expect_in_every_cut(chunking(), behind_rcpt("all octets", "BDAT 256 LAST\r\n" + octets + "NOOP\r\n",
                                              {"chunk 256 last", "body " + octets, "message_end 256", "noop "},
                                              {says::queued, says::ok}));
}

// What policy has against octets of a message it has against them in chunks, unless they are binary ones.
TEST(server_chunking, octets_that_policy_does_not_take) {
  policy rules = chunking();
  rules.offer.insert(extension::eight_bit_mime);
  rules.offer.insert(extension::binarymime);
  rules.accept_nul = rules.accept_undeclared_eight_bit = false;
  rules.limit.text_line = 10;
  const std::string offer = says::hello({"8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME"});
  const std::string_view eight_bit = "554 5.6.3 Octets above 127 without BODY=8BITMIME\r\n";
  const std::string nul = "a" + std::string(1, '\0');
  const auto behind = [&](std::string_view name, const std::string& input, const log& events,
                          std::initializer_list<std::string_view> output) {
    transcript t = behind_rcpt(name, input, events, {});
    t.output = joined({offer, says::sender, says::recipient}) + joined(output);
    return t;
  };
  expect_in_every_cut(
      rules,
      {
          behind("an octet above 127: the chunk is read to its end, and the message is none",
                 "BDAT 9\r\na\x80QUIT\r\n-BDAT 6 LAST\r\nRSET\r\nRSET\r\nMAIL FROM:<>\r\n",
                 {"chunk 9", "body a", "refused message beyond ASCII without 8BITMIME @0 ",
                  "refused command out of sequence @0 ", "reset ", "sender <||>"},
                 {eight_bit, says::sequence, says::ok, says::sender}),
          behind("its last octet", "BDAT 2 LAST\r\na\x80NOOP\r\n",
                 {"chunk 2 last", "body a", "refused message beyond ASCII without 8BITMIME @0 ", "noop "},
                 {eight_bit, says::ok}),
          behind("a NUL", "BDAT 2\r\n" + nul + "NOOP\r\n",
                 {"chunk 2", "body a", "refused NUL in the message @0 ", "noop "},
                 {"554 5.6.0 Null octet in the message\r\n", says::ok}),
          behind("a line goes on from chunk to chunk", "BDAT 9\r\n1\n2345678BDAT 5 LAST\r\n90123NOOP\r\n",
                 {"chunk 9", "body 1\n2345678", "chunk_end 9", "chunk 5 last", "body 901",
                  "refused line of the message too long @0 ", "noop "},
                 {says::chunk, "554 5.6.0 Line of the message too long\r\n", says::ok}),
          {"8BITMIME: not above 127",
           {"EHLO c\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<b@d>\r\nBDAT 2 LAST\r\n\x80\n"},
           {"ehlo c", "sender <||> 8bit", "recipient <|b|d>", "chunk 2 last", "body \x80\n", "message_end 2"},
           joined({offer, says::sender, says::recipient, says::queued})},
          {"BINARYMIME: nothing",
           {"EHLO c\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<b@d>\r\nBDAT 15 LAST\r\n" + nul + "\x80-12345678901"},
           {"ehlo c", "sender <||> binary", "recipient <|b|d>", "chunk 15 last", "body " + nul + "\x80-12345678901",
            "message_end 15"},
           joined({offer, says::sender, says::recipient, says::queued})},
      });
}

// Its octets come with it (RFC 3030 2), whatever else must not be sent ahead.
TEST(server_chunking, a_chunk_is_no_pipelining) {
  policy rules = chunking();
  rules.accept_illegal_pipelining = false;
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  for (const std::string_view line : {"EHLO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<b@d>\r\n"}) {
    (void)session.next(line, out);
    ASSERT_TRUE(session.accept(out));
  }
  const server_step step = session.next("BDAT 2 LAST\r\nhi", out);
  EXPECT_TRUE(std::holds_alternative<event::chunk>(step.event));
  EXPECT_FALSE(session.closed());
}

TEST(server_chunking, binarymime) {
  policy rules = chunking();
  rules.offer.insert(extension::binarymime);
  rules.offer.insert(extension::eight_bit_mime);
  rules.accept_undeclared_eight_bit = false;
  const std::string offer = says::hello({"8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME"});
  expect_in_every_cut(
      rules,
      {
          {"never with DATA; BDAT takes it",
           {"EHLO c\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<b@d>\r\nDATA\r\nBDAT 3 LAST\r\n\xff\n\r"},
           {"ehlo c", "sender <||> binary", "recipient <|b|d>", "refused command out of sequence @0 DATA",
            "chunk 3 last", "body \xff\n\r", "message_end 3"},
           joined({offer, says::sender, says::recipient, says::sequence, says::queued})},
          {"the next transaction is none of binary octets",
           {"EHLO c\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nDATA\r\n.\r\n"},
           {"ehlo c", "sender <||> binary", "reset ", "sender <||>", "recipient <|b|d>", "data ", "message_end 0"},
           joined({offer, says::sender, says::ok, says::sender, says::recipient, says::go_on, says::queued})},
      });
  // Without CHUNKING there is no way to send it (RFC 3030 3).
  rules.offer.erase(extension::chunking);
  expect_in_every_cut(rules, {"without CHUNKING",
                              {"EHLO c\r\nMAIL FROM:<> BODY=BINARYMIME\r\n"},
                              {"ehlo c", "refused invalid parameter value @18 MAIL FROM:<> BODY=BINARYMIME"},
                              joined({says::hello({"8BITMIME", "ENHANCEDSTATUSCODES"}), says::value})});
}

policy with_burl(service protocol = service::smtp) {
  policy rules = chunking();
  rules.protocol = protocol;
  rules.offer.insert(extension::burl);
  rules.burl_schemes = "imap";
  return rules;
}

TEST(server_chunking, burl) {
  const std::string uri = "imap://u@h/m;uid=1;urlauth=submit+u:internal:0a";
  const std::string offer = says::hello({"ENHANCEDSTATUSCODES", "CHUNKING", "BURL imap"});
  const std::string_view fetched = "250 2.0.0 Fetched\r\n";
  const auto behind = [&](std::string_view name, const std::string& input, const log& events,
                          std::initializer_list<std::string_view> output, const application& decide = accept_all) {
    transcript t = behind_rcpt(name, input, events, {}, decide);
    t.output = joined({offer, says::sender, says::recipient}) + joined(output);
    return t;
  };
  expect_in_every_cut(
      with_burl(),
      {
          behind("it alone is the message", "BURL " + uri + " LAST\r\nBURL " + uri + "\r\n",
                 {"burl " + uri + " last", "refused command out of sequence @0 BURL " + uri},
                 {fetched, says::sequence}),
          behind("mixed with BDAT", "BURL " + uri + "\r\nBDAT 1\r\nxBURL " + uri + "\r\nBDAT 0 LAST\r\n",
                 {"burl " + uri, "chunk 1", "body x", "chunk_end 1", "burl " + uri, "chunk 0 last", "message_end 1"},
                 {fetched, says::chunk, fetched, says::queued}),
          behind("not with DATA", "BURL " + uri + "\r\nDATA\r\n",
                 {"burl " + uri, "refused command out of sequence @0 DATA"}, {fetched, says::sequence}),
          behind("refused: nothing but RSET and EHLO helps",
                 "BURL " + uri + " LAST\r\nBDAT 6\r\nQUIT\r\nBURL " + uri + "\r\nRSET\r\nMAIL FROM:<>\r\n",
                 {"burl " + uri + " last", "refused command out of sequence @0 ",
                  "refused command out of sequence @0 BURL " + uri, "reset ", "sender <||>"},
                 {"554 5.6.6 gone\r\n", says::sequence, says::sequence, says::ok, says::sender},
                 answering<event::burl>({554, "gone", enhanced_status_code{5, 6, 6}})),
          {"before a recipient",
           {"EHLO c\r\nMAIL FROM:<>\r\nBURL " + uri + "\r\n"},
           {"ehlo c", "sender <||>", "refused no valid recipients @0 BURL " + uri},
           joined({offer, says::sender, says::no_recipients})},
      });
  EXPECT_EQ(play(chunking(), {"EHLO c\r\nBURL " + uri + "\r\n"}).events.back(),
            "refused command not implemented @0 BURL " + uri);
  const session_log lmtp = play(with_burl(service::lmtp), {"LHLO c\r\nBURL " + uri + "\r\n"});
  EXPECT_EQ(lmtp.events.back(), "refused command not implemented @0 BURL " + uri) << "RFC 4468 is for submission";
  EXPECT_EQ(lmtp.output.find("BURL"), std::string::npos);
}

} // namespace
