// What a server session does about clients that mean no good: the limits and leniencies of its policy.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

policy plain() {
  policy rules;
  rules.offer = {extension::enhanced_status_codes};
  return rules;
}
const std::string hello = says::hello({"ENHANCEDSTATUSCODES"});
const std::string begin = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\n";

// A message behind DATA.
transcript text(std::string_view name, const std::string& wire, const log& events,
                std::initializer_list<std::string_view> output) {
  log all = {"ehlo c", "sender <||>", "recipient <|b|d>", "data "};
  all.insert(all.end(), events.begin(), events.end());
  return {name,
          {begin + "DATA\r\n" + wire},
          all,
          joined({hello, says::sender, says::recipient, says::go_on}) + joined(output)};
}

// Command counts -----------------------------------------------------------------------------------------------------

TEST(server_hostility, errors_end_the_session) {
  policy rules = plain();
  rules.offer.insert(extension::chunking);
  rules.limit.errors = 2;
  const std::string chunking = says::hello({"ENHANCEDSTATUSCODES", "CHUNKING"});
  const std::string_view over = "421 4.7.0 Too many errors\r\n";
  expect_in_every_cut(
      rules, {
                 {"of whatever kind, and good commands in between do not help",
                  {"XYZZY\r\nNOOP\r\nDATA\r\nEHLO c\r\nNOOP\nx\r\nNOOP\r\n"},
                  {"refused unknown command @0 XYZZY", "noop ", "refused command out of sequence @0 DATA", "ehlo c",
                   "refused too many errors @0 "},
                  joined({says::unknown, says::ok, says::sequence, chunking, over})},
                 {"a refused chunk counts once",
                  {"EHLO c\r\nBDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\nNOOP\r\nRCPT TO:<b@d>\r\nNOOP\r\n"},
                  {"ehlo c", "refused command out of sequence @0 ", "refused command out of sequence @0 ", "noop ",
                   "refused too many errors @0 RCPT TO:<b@d>"},
                  joined({chunking, says::sequence, says::sequence, says::ok, over})},
                 {"what the application refuses does not",
                  {"EHLO c\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n"},
                  {"ehlo c", "sender <||>", "sender <||>", "sender <||>", "sender <||>"},
                  joined({chunking, "550 5.0.0 no\r\n", "550 5.0.0 no\r\n", "550 5.0.0 no\r\n", "550 5.0.0 no\r\n"}),
                  answering<event::sender>({550, "no"})},
             });
  rules.limit.errors = unlimited;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "XYZZY\r\n";
  EXPECT_EQ(play(rules, {many}).state, server::state::greeted);
  rules.limit.errors = 0;
  EXPECT_EQ(play(rules, {"XYZZY\r\n"}).state, server::state::closed) << "none is none";
}

TEST(server_hostility, guessing_of_passwords_ends_the_session) {
  policy rules = plain();
  rules.offer.insert(extension::auth);
  rules.auth_in_clear = true;
  rules.limit.errors = 2;
  const std::string_view wrong = "535 5.7.8 wrong\r\n";
  const auto decide = [](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<event::hello>(e)) return std::nullopt;
    return reply{535, "wrong", enhanced_status_code{5, 7, 8}};
  };
  expect_in_every_cut(rules,
                      {"AUTH",
                       {"EHLO c\r\nAUTH PLAIN AAAA\r\nAUTH PLAIN AAAB\r\nAUTH PLAIN AAAC\r\nAUTH PLAIN AAAD\r\n"},
                       {"ehlo c", "auth PLAIN \"AAAA\"", "auth PLAIN \"AAAB\"", "auth PLAIN \"AAAC\"",
                        "refused too many errors @0 AUTH PLAIN AAAD"},
                       joined({says::hello({"ENHANCEDSTATUSCODES", "AUTH PLAIN"}), wrong, wrong, wrong,
                               "421 4.7.0 Too many errors\r\n"}),
                       decide});
}

TEST(server_hostility, commands_without_mail_end_the_session) {
  policy rules = plain();
  rules.limit.idle_commands = 3;
  const std::string_view over = "421 4.7.0 Too many commands without mail\r\n";
  expect_in_every_cut(
      rules,
      {
          {"the fourth",
           {"EHLO c\r\nNOOP\r\nRSET\r\nVRFY x\r\nNOOP\r\n"},
           {"ehlo c", "noop ", "reset ", "refused too many commands without mail @0 VRFY x"},
           joined({hello, says::ok, says::ok, over})},
          {"a transaction is not one of them, and an accepted message begins the count anew",
           {begin + "NOOP\r\nNOOP\r\nDATA\r\n.\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"},
           {"ehlo c", "sender <||>", "recipient <|b|d>", "noop ", "noop ", "data ", "message_end 0", "noop ", "noop ",
            "noop ", "refused too many commands without mail @0 NOOP"},
           joined({hello, says::sender, says::recipient, says::ok, says::ok, says::go_on, says::queued, says::ok,
                   says::ok, says::ok, over})},
          {"a message that is not accepted does not",
           {begin + "NOOP\r\nNOOP\r\nDATA\r\n.\r\nNOOP\r\n"},
           {"ehlo c", "sender <||>", "recipient <|b|d>", "noop ", "noop ", "data ", "message_end 0",
            "refused too many commands without mail @0 NOOP"},
           joined({hello, says::sender, says::recipient, says::ok, says::ok, says::go_on, "550 5.0.0 no\r\n", over}),
           answering<event::message_end>({550, "no"})},
      });
  // RFC 4468 3: BURL LAST completes a message as BDAT LAST does.
  rules.offer.insert(extension::burl);
  EXPECT_EQ(play(rules, {begin + "NOOP\r\nNOOP\r\nBURL imap:x LAST\r\nNOOP\r\nNOOP\r\n"}).events.back(), "noop ");
}

// Reading and writing ------------------------------------------------------------------------------------------------

TEST(server_hostility, a_client_that_does_not_read_is_not_served) {
  policy rules = plain();
  rules.limit.output = 60;
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out)); // 21 octets
  const std::string wire = "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n";
  std::size_t at = 0;
  int noops = 0;
  const auto run = [&] {
    for (;;) {
      const server_step step = session.next(std::string_view(wire).substr(at), out);
      at += step.used;
      if (step.idle()) return step.event;
      ++noops;
    }
  };
  server_event stopped = run();
  ASSERT_TRUE(std::holds_alternative<event::wait>(stopped));
  EXPECT_EQ(std::get<event::wait>(stopped).until, event::wait::reason::output);
  EXPECT_EQ(noops, 3) << "21 + 3 * 14 octets are as many as the limit allows";
  EXPECT_EQ(out.size(), 63U);
  EXPECT_EQ(session.next(std::string_view(wire).substr(at), out).used, 0U);
  EXPECT_EQ(out.size(), 63U);
  out.erase(0, 20); // the peer has read some
  stopped = run();
  EXPECT_TRUE(std::holds_alternative<event::wait>(stopped));
  EXPECT_EQ(noops, 5);
  out.clear();
  EXPECT_TRUE(std::holds_alternative<event::need_more>(run()));
  EXPECT_EQ(noops, 8);
  EXPECT_EQ(at, wire.size());
}

TEST(server_hostility, the_text_of_a_message_waits_for_the_output_too) {
  policy rules = plain();
  rules.limit.output = 30;
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  for (const std::string_view line : {"EHLO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<b@d>\r\n", "DATA\r\n"}) {
    out.clear();
    (void)session.next(line, out);
    ASSERT_TRUE(session.accept(out));
  }
  ASSERT_GT(out.size(), 30U);
  EXPECT_TRUE(std::holds_alternative<event::wait>(session.next("x\r\n.\r\n", out).event));
  out.clear();
  EXPECT_TRUE(std::holds_alternative<event::body>(session.next("x\r\n.\r\n", out).event));
}

TEST(server_hostility, early_talkers) {
  policy rules = plain();
  for (const bool taken : {false, true}) {
    rules.accept_early_talker = taken;
    server session(rules);
    std::string out;
    ASSERT_TRUE(session.open(out, "EHLO c\r\n"));
    EXPECT_EQ(out, taken ? "220 localhost ESMTP\r\n" : "554 Octets before the greeting\r\n");
    EXPECT_EQ(session.current_state(), taken ? server::state::greeted : server::state::declined);
  }
  rules.accept_early_talker = false;
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out, ""));
  EXPECT_EQ(out, "220 localhost ESMTP\r\n");
}

TEST(server_hostility, declined) {
  const policy rules = plain();
  for (const int code : {554, 521}) {
    server session(rules);
    std::string out;
    for (const int other : {0, 220, 250, 450, 500, 550})
      EXPECT_FALSE(session.decline({static_cast<std::uint16_t>(other), "no"}, out)) << other;
    EXPECT_FALSE(session.decline({554, "a\rb"}, out));
    EXPECT_EQ(out, "");
    EXPECT_EQ(session.current_state(), server::state::unopened);
    ASSERT_TRUE(session.decline(
        {static_cast<std::uint16_t>(code), "No mail here\nnot even yours", enhanced_status_code{5, 3, 2}}, out));
    const std::string number = std::to_string(code);
    EXPECT_EQ(out, number + "-No mail here\r\n" + number + " not even yours\r\n");
    EXPECT_FALSE(session.open(out));
    EXPECT_FALSE(session.decline({554, "no"}, out));
    out.clear();
    // RFC 5321 3.1: 503 to all but QUIT.
    const std::string wire = "EHLO c\r\nMAIL FROM:<>\r\nNOOP\r\nRSET\r\nSTARTTLS\r\nXYZZY\r\nQUIT\r\n";
    for (std::size_t at = 0; !session.closed();) {
      const server_step step = session.next(std::string_view(wire).substr(at), out);
      ASSERT_NE(step.used, 0U);
      at += step.used;
    }
    // Nothing was offered: no status codes.
    EXPECT_EQ(out,
              "503 Bad sequence of commands\r\n503 Bad sequence of commands\r\n503 Bad sequence of commands\r\n"
              "503 Bad sequence of commands\r\n503 Bad sequence of commands\r\n500 Command not recognized\r\n"
              "221 Bye\r\n");
  }
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.decline({421, "later"}, out));
  EXPECT_EQ(out, "421 later\r\n");
  EXPECT_TRUE(session.closed());
}

// The first command behind which something stands in the same read, if the policy forbids that: its code, or none.
errc pipelined(extensions offer, const std::string& wire, bool allowed) {
  policy rules;
  rules.offer = offer;
  rules.accept_illegal_pipelining = allowed;
  rules.auth_in_clear = true;
  const session_log played = play(rules, {wire});
  if (played.state != server::state::closed || wire.ends_with("QUIT\r\n")) return errc{};
  EXPECT_EQ(played.events.back().substr(0, 36), "refused pipelining against the rules") << wire;
  EXPECT_TRUE(played.output.ends_with("503 Improper pipelining\r\n")) << played.output;
  return errc::illegal_pipelining;
}

TEST(server_hostility, pipelining_against_the_rules) {
  const extensions offer = {extension::pipelining, extension::starttls, extension::auth, extension::expn};
  // RFC 2920 3.1: each of these must be the last of its group.
  for (const std::string last : {"EHLO c", "HELO c", "VRFY x", "EXPN x", "NOOP", "AUTH PLAIN AA=="})
    for (const bool allowed : {false, true}) {
      policy rules;
      rules.offer = offer;
      rules.accept_illegal_pipelining = allowed;
      rules.auth_in_clear = true;
      const session_log played = play(rules, {"EHLO c\r\n", last + "\r\nRSET\r\n"});
      EXPECT_EQ(played.state == server::state::closed, !allowed) << last;
      EXPECT_EQ(played.output.ends_with("503 Improper pipelining\r\n"), !allowed) << last;
      EXPECT_NE(play(rules, {"EHLO c\r\n", last + "\r\n", "RSET\r\n"}).state, server::state::closed) << last;
    }
  policy rules;
  rules.offer = offer;
  rules.accept_illegal_pipelining = false;
  EXPECT_EQ(
      play(rules, {"EHLO c\r\n", "MAIL FROM:<>\r\nRCPT TO:<b@d>\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nDATA\r\n",
                   "x\r\n.\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n"})
          .events.back(),
      "quit ");
  const std::string message = "MAIL FROM:<>\r\nRCPT TO:<b@d>\r\nDATA\r\n";
  EXPECT_EQ(pipelined(offer, "EHLO c\r\nRSET\r\n", false), errc::illegal_pipelining);
  EXPECT_EQ(pipelined(offer, "EHLO c\r\nRSET\r\n", true), errc{});
  EXPECT_EQ(play(rules, {"EHLO c\r\n", message + "x\r\n.\r\n"}).events.back(),
            "refused pipelining against the rules @0 DATA");
  // HTTP, with commands in what it posts.
  EXPECT_EQ(play(rules, {"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO c\r\nMAIL FROM:<>\r\n"}).events.back(),
            "refused pipelining against the rules @0 EHLO c");
  // Where PIPELINING is not offered, or the client did not ask, no command has another behind it.
  rules.offer = {};
  EXPECT_EQ(play(rules, {"EHLO c\r\n", "MAIL FROM:<>\r\nRCPT TO:<b@d>\r\n"}).state, server::state::closed);
  rules.offer = offer;
  EXPECT_EQ(play(rules, {"HELO c\r\n", "MAIL FROM:<>\r\nRCPT TO:<b@d>\r\n"}).state, server::state::closed);
}

// Text -----------------------------------------------------------------------------------------------------------------

TEST(server_hostility, only_crlf_dot_crlf_ends_a_message_in_every_mode) {
  using enum bare_line_end;
  const std::string_view none[] = {
      "a\n.\n",  "a\n.\r\n", "a\r.\r", "a\r.\r\n",      "a\r\n.\n",   "a\r\n.\r.",    "a\r\n.\r\r\n", "\n.\r\n",
      "\r.\r\n", ".\n",      ".\r.",   "a\r\r\n.x\r\n", "a\n\r.\r\n", "a\r\n\n.\r\n", "a\r\n.\0\r\n", "a\r\n\0.\r\n"};
  for (const bare_line_end cr : {refuse, accept, normalise})
    for (const bare_line_end lf : {refuse, accept, normalise})
      for (const std::string_view wire : none) {
        policy rules = plain();
        rules.bare_cr = cr;
        rules.bare_lf = lf;
        const session_log played = play(rules, {begin + "DATA\r\n" + std::string(wire) + "NOOP\r\n"});
        EXPECT_EQ(played.state, server::state::message) << testing::PrintToString(wire);
        const session_log ended = play(rules, {begin + "DATA\r\n" + std::string(wire) + "\r\n.\r\nNOOP\r\n"});
        EXPECT_EQ(ended.state, server::state::ready) << testing::PrintToString(wire);
        EXPECT_EQ(ended.events.back(), "noop ");
      }
}

TEST(server_hostility, bare_line_ends_by_policy) {
  using enum bare_line_end;
  struct row {
    bare_line_end cr, lf;
    log events;
  };
  const std::string wire = "a\rb\n.c\r\n..d\n\r.\r\r\n..\r\n.\r\n";
  const row rows[] = {
      {accept, accept, {"body a\rb\n.c\r\n.d\n\r.\r\r\n.\r\n", "message_end 19"}},
      {normalise, normalise, {"body a\r\nb\r\n.c\r\n.d\r\n\r\n.\r\n\r\n.\r\n", "message_end 24"}},
      {accept, normalise, {"body a\rb\r\n.c\r\n.d\r\n\r.\r\r\n.\r\n", "message_end 21"}},
      {normalise, accept, {"body a\r\nb\n.c\r\n.d\n\r\n.\r\n\r\n.\r\n", "message_end 22"}},
      {refuse, refuse, {"body a", "refused CR without LF @0 "}},
      {refuse, accept, {"body a", "refused CR without LF @0 "}},
      {accept, refuse, {"body a\rb", "refused LF without CR @0 "}},
      {refuse, normalise, {"body a", "refused CR without LF @0 "}},
      {normalise, refuse, {"body a\r\nb", "refused LF without CR @0 "}},
  };
  for (const row& r : rows) {
    policy rules = plain();
    rules.bare_cr = r.cr;
    rules.bare_lf = r.lf;
    std::string_view last = says::queued;
    if (r.events.back().starts_with("refused CR")) last = "554 5.6.0 CR without LF\r\n";
    if (r.events.back().starts_with("refused LF")) last = "554 5.6.0 LF without CR\r\n";
    expect_in_every_cut(rules, text(r.events.front(), wire, r.events, {last}));
  }
}

TEST(server_hostility, nul) {
  policy rules = plain();
  const std::string wire("a\r\nb\0c\r\n.\r\n", 11);
  const std::string body("a\r\nb\0c\r\n", 8);
  expect_in_every_cut(rules, text("taken", wire, {"body " + body, "message_end 8"}, {says::queued}));
  rules.accept_nul = false;
  expect_in_every_cut(rules, text("refused", wire, {"body a\r\nb", "refused NUL in the message @0 "},
                                  {"554 5.6.0 Null octet in the message\r\n"}));
}

TEST(server_hostility, octets_above_127_that_were_not_declared) {
  policy rules = plain();
  rules.offer.insert(extension::eight_bit_mime);
  rules.offer.insert(extension::smtputf8);
  const std::string eight_hello = says::hello({"8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8"});
  const std::string_view no = "554 5.6.3 Octets above 127 without BODY=8BITMIME\r\n";
  const auto message = [](const std::string& parameter) {
    return "EHLO c\r\nMAIL FROM:<>" + parameter + "\r\nRCPT TO:<b@d>\r\nDATA\r\na\r\nb\x80 c\r\n.\r\nNOOP\r\n";
  };
  for (const bool taken : {true, false}) {
    rules.accept_undeclared_eight_bit = taken;
    for (const auto& [parameter, noted] : {std::pair<std::string, std::string>{"", ""}, {" BODY=7BIT", ""}}) {
      const log events = taken
                             ? log{"ehlo c", "sender <||>" + noted,   "recipient <|b|d>",
                                   "data ",  "body a\r\nb\x80 c\r\n", "message_end 9",
                                   "noop "}
                             : log{"ehlo c", "sender <||>" + noted, "recipient <|b|d>",
                                   "data ",  "body a\r\nb",         "refused message beyond ASCII without 8BITMIME @0 ",
                                   "noop "};
      expect_in_every_cut(
          rules,
          {parameter,
           {message(parameter)},
           events,
           joined({eight_hello, says::sender, says::recipient, says::go_on, taken ? says::queued : no, says::ok})});
    }
    for (const auto& [parameter, noted] :
         {std::pair<std::string, std::string>{" BODY=8BITMIME", " 8bit"}, {" SMTPUTF8", " utf8"}})
      expect_in_every_cut(rules,
                          {parameter,
                           {message(parameter)},
                           {"ehlo c", "sender <||>" + noted, "recipient <|b|d>", "data ", "body a\r\nb\x80 c\r\n",
                            "message_end 9", "noop "},
                           joined({eight_hello, says::sender, says::recipient, says::go_on, says::queued, says::ok})});
  }
}

TEST(server_hostility, long_lines_of_text) {
  policy rules = plain();
  rules.limit.text_line = 10;
  const std::string_view no = "554 5.6.0 Line of the message too long\r\n";
  expect_in_every_cut(
      rules,
      {
          text("many short ones", "1234\r\n1234\r\n12345678\r\n\r\n12\r\n.\r\n",
               {"body 1234\r\n1234\r\n12345678\r\n\r\n12\r\n", "message_end 28"}, {says::queued}),
          text("a stuffed dot does not count", "..2345678\r\n.\r\n", {"body .2345678\r\n", "message_end 10"},
               {says::queued}),
          text("one octet too many", "12\r\n123456789\r\nx\r\n.\r\nNOOP\r\n",
               {"body 12\r\n123456789\r", "refused line of the message too long @0 ", "noop "}, {no, says::ok}),
          text("many octets too many", "1\r\n1234567890123456789012345678901234567890\r\n.\r\nNOOP\r\n",
               {"body 1\r\n1234567890", "refused line of the message too long @0 ", "noop "}, {no, says::ok}),
          text("one that never ends", "12345678901234567890", {"body 1234567890"}, {}),
          text("the next message counts anew", "123\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nDATA\r\n12345678\r\n.\r\n",
               {"body 123\r\n", "message_end 5", "sender <||>", "recipient <|b|d>", "data ", "body 12345678\r\n",
                "message_end 10"},
               {says::queued, says::sender, says::recipient, says::go_on, says::queued}),
      });
  rules.bare_lf = rules.bare_cr = bare_line_end::normalise;
  expect_in_every_cut(rules, text("normalised line ends end lines", "12345678\n12345678\r12345678\r\n.\r\n",
                                  {"body 12345678\r\n12345678\r\n12345678\r\n", "message_end 30"}, {says::queued}));
}

TEST(server_hostility, the_first_fault_counts) {
  policy rules = plain();
  rules.accept_nul = false;
  rules.accept_undeclared_eight_bit = false;
  rules.limit.text_line = 10;
  rules.message_size = 12;
  const auto fault = [&](const std::string& wire, const std::string& body, const std::string& why,
                         std::string_view last) {
    expect_in_every_cut(rules, text(why, wire + "\r\n.\r\n", {"body " + body, "refused " + why + " @0 "}, {last}));
  };
  const std::string nul(1, '\0');
  fault("12" + nul + "\x80\n1234567890123", "12", "NUL in the message", "554 5.6.0 Null octet in the message\r\n");
  fault("12\x80" + nul + "\n1234567890123", "12", "message beyond ASCII without 8BITMIME",
        "554 5.6.3 Octets above 127 without BODY=8BITMIME\r\n");
  fault("12\n" + nul +
            "\x80"
            "1234567890123",
        "12", "LF without CR", "554 5.6.0 LF without CR\r\n");
  fault("1234567890" + nul + "\x80\n", "1234567890", "NUL in the message", "554 5.6.0 Null octet in the message\r\n");
  fault("12345678901" + nul + "\x80\n", "1234567890", "line of the message too long",
        "554 5.6.0 Line of the message too long\r\n");
  fault("12345\r\n67890" + nul, "12345\r\n67890", "NUL in the message", "554 5.6.0 Null octet in the message\r\n");
  fault("12345\r\n678901" + nul, "12345\r\n67890", "message too large", says::too_large);
}

} // namespace
