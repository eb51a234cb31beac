#include "postel/server.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "drive.hpp"

namespace {

using namespace postel;
using namespace postel::test;
using log = std::vector<std::string>;

constexpr std::string_view greeting = "220 localhost ESMTP\r\n";
constexpr std::string_view ehlo_reply =
    "250-localhost\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
    "250-SMTPUTF8\r\n250 HELP\r\n";
constexpr std::string_view ok = "250 2.0.0 OK\r\n";
constexpr std::string_view sender_ok = "250 2.1.0 OK\r\n";
constexpr std::string_view recipient_ok = "250 2.1.5 OK\r\n";
constexpr std::string_view go_on = "354 Start mail input; end with <CRLF>.<CRLF>\r\n";
constexpr std::string_view queued = "250 2.6.0 OK\r\n";
constexpr std::string_view bye = "221 2.0.0 Bye\r\n";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string whole(greeting);
  for (const std::string_view part : parts) whole += part;
  return whole;
}

struct transcript {
  std::string_view name;
  std::string input;
  log events;
  std::string output;
};

const std::vector<transcript>& transcripts() {
  static const std::vector<transcript> all = {
      {"one message, lockstep or pipelined",
       "EHLO client.example\r\nMAIL FROM:<ann@client.example>\r\nRCPT TO:<bob@server.example>\r\nDATA\r\n"
       "Subject: hi\r\n\r\n..dots\r\n.\r\nQUIT\r\n",
       {"ehlo client.example", "sender <|ann|client.example>", "recipient <|bob|server.example>", "data ",
        "body Subject: hi\r\n\r\n.dots\r\n", "message_end 22", "quit "},
       join({ehlo_reply, sender_ok, recipient_ok, go_on, queued, bye})},
      {"an empty message",
       "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nDATA\r\n.\r\n",
       {"ehlo c", "sender <||>", "recipient <|Postmaster|>", "data ", "message_end 0"},
       join({ehlo_reply, sender_ok, recipient_ok, go_on, queued})},
      {"HELO offers nothing and takes no parameters",
       "HELO c\r\nMAIL FROM:<a@c> SIZE=1\r\nMAIL FROM:<a@c>\r\n",
       {"helo c", "refused parameter not offered @16 MAIL FROM:<a@c> SIZE=1", "sender <|a|c>"},
       join({"250 localhost\r\n", "555 5.5.4 Parameter not offered\r\n", sender_ok})},
      {"parameters",
       "EHLO c\r\nMAIL FROM:<a@c> SIZE=1000 BODY=8BITMIME SMTPUTF8\r\n",
       {"ehlo c", "sender <|a|c> size=1000 8bit utf8"},
       join({ehlo_reply, sender_ok})},
      {"parameters that are wrong, in three ways",
       "EHLO c\r\nMAIL FROM:<a@c> FOO=BAR\r\nMAIL FROM:<a@c> SIZE=x\r\nMAIL FROM:<a@c> SIZE=1 BODY=7BIT SIZE=2\r\n"
       "MAIL FROM:<a@c> BODY=9BIT\r\nMAIL FROM:<a@c> BODY=7BIT BODY=7BIT\r\nMAIL FROM:<a@c> SMTPUTF8=1\r\n"
       "MAIL FROM:<a@c> SMTPUTF8 SMTPUTF8\r\nMAIL FROM:<a@c> SIZE\r\n",
       {"ehlo c", "refused parameter not offered @16 MAIL FROM:<a@c> FOO=BAR",
        "refused invalid parameter value @21 MAIL FROM:<a@c> SIZE=x",
        "refused parameter given twice @33 MAIL FROM:<a@c> SIZE=1 BODY=7BIT SIZE=2",
        "refused invalid parameter value @21 MAIL FROM:<a@c> BODY=9BIT",
        "refused parameter given twice @26 MAIL FROM:<a@c> BODY=7BIT BODY=7BIT",
        "refused invalid parameter value @25 MAIL FROM:<a@c> SMTPUTF8=1",
        "refused parameter given twice @25 MAIL FROM:<a@c> SMTPUTF8 SMTPUTF8",
        "refused invalid parameter value @16 MAIL FROM:<a@c> SIZE"},
       join({ehlo_reply, "555 5.5.4 Parameter not offered\r\n", "501 5.5.4 Invalid parameter value\r\n",
             "501 5.5.4 Parameter given twice\r\n", "501 5.5.4 Invalid parameter value\r\n",
             "501 5.5.4 Parameter given twice\r\n", "501 5.5.4 Invalid parameter value\r\n",
             "501 5.5.4 Parameter given twice\r\n", "501 5.5.4 Invalid parameter value\r\n"})},
      {"no RCPT parameter is offered",
       "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d> NOTIFY=NEVER\r\n",
       {"ehlo c", "sender <|a|c>", "refused parameter not offered @14 RCPT TO:<b@d> NOTIFY=NEVER"},
       join({ehlo_reply, sender_ok, "555 5.5.4 Parameter not offered\r\n"})},
      {"a declared size beyond the limit, and one beyond 64 bits",
       "EHLO c\r\nMAIL FROM:<a@c> SIZE=33554433\r\nMAIL FROM:<a@c> SIZE=99999999999999999999\r\nMAIL FROM:<a@c> "
       "SIZE=33554432\r\n",
       {"ehlo c", "refused message too large @0 MAIL FROM:<a@c> SIZE=33554433",
        "refused message too large @0 MAIL FROM:<a@c> SIZE=99999999999999999999", "sender <|a|c> size=33554432"},
       join({ehlo_reply, "552 5.3.4 Message too large\r\n", "552 5.3.4 Message too large\r\n", sender_ok})},
      {"addresses in UTF-8 only with SMTPUTF8, each transaction by itself",
       "EHLO c\r\nMAIL FROM:<j\xc3\xb6@b\xc3\xbc.example>\r\nMAIL FROM:<j\xc3\xb6@b\xc3\xbc.example> SMTPUTF8\r\n"
       "RCPT TO:<\xc3\xa9@d>\r\nRSET\r\nMAIL FROM:<a@c>\r\nRCPT TO:<\xc3\xa9@d>\r\nRCPT TO:<\xff@d>\r\n",
       {"ehlo c", "refused address beyond ASCII without SMTPUTF8 @0 MAIL FROM:<j\xc3\xb6@b\xc3\xbc.example>",
        "sender <|j\xc3\xb6|b\xc3\xbc.example> utf8", "recipient <|\xc3\xa9|d>", "reset ", "sender <|a|c>",
        "refused address beyond ASCII without SMTPUTF8 @0 RCPT TO:<\xc3\xa9@d>",
        "refused syntax error @9 RCPT TO:<\xff@d>"},
       join({ehlo_reply, "553 5.6.7 Address needs SMTPUTF8\r\n", sender_ok, recipient_ok, ok, sender_ok,
             "553 5.6.7 Address needs SMTPUTF8\r\n", "501 5.5.2 Syntax error\r\n"})},
      {"source route, quoted and literal forms",
       "EHLO [192.0.2.1]\r\nMAIL FROM:<@r.example,@s.example:\"a b\\\"\"@[IPv6:2001:db8::1]>\r\n"
       "RCPT TO:<\"x> SIZE=1\"@d.example>\r\n",
       {"ehlo [192.0.2.1]", "sender <@r.example,@s.example|\"a b\\\"\"|[IPv6:2001:db8::1]>",
        "recipient <|\"x> SIZE=1\"|d.example>"},
       join({ehlo_reply, sender_ok, recipient_ok})},
      {"only CRLF ends a command",
       "NOOP\nNOOP\r\nNOOP\rNOOP\r\nNOOP\r\n",
       {"refused LF without CR @0 ", "refused CR without LF @0 ", "noop "},
       join({"500 5.5.2 LF without CR\r\n", "500 5.5.2 CR without LF\r\n", ok})},
      {"white space before the line end is dropped, elsewhere it counts",
       "NOOP  \r\nQUIT\t \r\n",
       {"noop ", "quit "},
       join({ok, bye})},
      {"nonsense",
       std::string("\r\n NOOP\r\nXYZZY\r\nDATAX\r\nno\r\nNO\0P\r\nRSET now\r\n", 43),
       {"refused unknown command @0 ", "refused unknown command @0  NOOP", "refused unknown command @0 XYZZY",
        "refused unknown command @0 DATAX", "refused unknown command @0 no",
        std::string("refused unknown command @0 NO\0P", 31), "refused syntax error @4 RSET now"},
       join({"500 5.5.1 Command not recognized\r\n", "500 5.5.1 Command not recognized\r\n",
             "500 5.5.1 Command not recognized\r\n", "500 5.5.1 Command not recognized\r\n",
             "500 5.5.1 Command not recognized\r\n", "500 5.5.1 Command not recognized\r\n",
             "501 5.5.2 Syntax error\r\n"})},
      {"commands inside a message are text",
       "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nDATA\r\nRSET\r\nQUIT\r\n.\r\nNOOP\r\n",
       {"ehlo c", "sender <|a|c>", "recipient <|b|d>", "data ", "body RSET\r\nQUIT\r\n", "message_end 12", "noop "},
       join({ehlo_reply, sender_ok, recipient_ok, go_on, queued, ok})},
      {"a message with a bare LF is refused at its true end",
       "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nDATA\r\nx\n.\r\nMAIL FROM:<evil@c>\r\n.\r\nNOOP\r\n",
       {"ehlo c", "sender <|a|c>", "recipient <|b|d>", "data ", "body x", "refused LF without CR @0 ", "noop "},
       join({ehlo_reply, sender_ok, recipient_ok, go_on, "554 5.6.0 LF without CR\r\n", ok})},
      {"a message with a bare CR is refused at its true end",
       "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nDATA\r\nx\r.\r\nQUIT\r\n.\r\r\nQUIT\r\n.\r\nNOOP\r\n",
       {"ehlo c", "sender <|a|c>", "recipient <|b|d>", "data ", "body x", "refused CR without LF @0 ", "noop "},
       join({ehlo_reply, sender_ok, recipient_ok, go_on, "554 5.6.0 CR without LF\r\n", ok})},
      {"EHLO ends a transaction, a refused EHLO does not",
       "EHLO c\r\nMAIL FROM:<a@c>\r\nEHLO\r\nRCPT TO:<b@d>\r\nEHLO c\r\nDATA\r\n",
       {"ehlo c", "sender <|a|c>", "refused syntax error @4 EHLO", "recipient <|b|d>", "ehlo c",
        "refused command out of sequence @0 DATA"},
       join({ehlo_reply, sender_ok, "501 5.5.2 Syntax error\r\n", recipient_ok, ehlo_reply,
             "503 5.5.1 Bad sequence of commands\r\n"})},
      {"VRFY and HELP; EXPN is not offered",
       "VRFY ann\r\nVRFY ann.b@c.d\r\nEXPN \"the list\"\r\nHELP\r\nHELP MAIL\r\nVRFY\r\n",
       {"verify ann", "verify ann.b@c.d", "refused command not implemented @0 EXPN \"the list\"", "help ", "help MAIL",
        "refused syntax error @4 VRFY"},
       join({"252 2.5.0 Cannot verify, will take a message\r\n", "252 2.5.0 Cannot verify, will take a message\r\n",
             "502 5.5.1 Command not implemented\r\n", "214 2.0.0 See RFC 5321\r\n", "214 2.0.0 See RFC 5321\r\n",
             "501 5.5.2 Syntax error\r\n"})},
      {"VRFY of a name in UTF-8 only with the parameter",
       "EHLO c\r\nVRFY \xc3\xa9\r\nVRFY \xc3\xa9 SMTPUTF8\r\nVRFY ann smtputf8\r\nVRFY ann SIZE=1\r\n",
       {"ehlo c", "refused address beyond ASCII without SMTPUTF8 @0 VRFY \xc3\xa9", "verify \xc3\xa9 utf8",
        "verify ann utf8", "refused syntax error @9 VRFY ann SIZE=1"},
       join({ehlo_reply, "553 5.6.7 Address needs SMTPUTF8\r\n", "252 2.5.0 Cannot verify, will take a message\r\n",
             "252 2.5.0 Cannot verify, will take a message\r\n", "501 5.5.2 Syntax error\r\n"})},
      {"nothing behind QUIT is read", "QUIT\r\nNOOP\r\n", {"quit "}, join({bye})},
  };
  return all;
}

TEST(server, transcripts_in_every_cut) {
  policy rules;
  rules.explain_syntax_errors = false;
  for (const transcript& t : transcripts()) {
    SCOPED_TRACE(t.name);
    const session_log whole = play(rules, {t.input});
    EXPECT_EQ(whole.events, t.events);
    EXPECT_EQ(whole.output, t.output);
    EXPECT_EQ(play(rules, octet_by_octet(t.input)), whole);
    for (std::size_t place = 0; place <= t.input.size(); ++place)
      ASSERT_EQ(play(rules, cut_at(t.input, place)), whole) << "cut at " << place;
  }
}

TEST(server, short_transcripts_in_every_pair_of_cuts) {
  const policy rules;
  int played = 0;
  for (const transcript& t : transcripts()) {
    if (t.input.size() > 110) continue;
    SCOPED_TRACE(t.name);
    const session_log whole = play(rules, {t.input});
    const std::string_view input = t.input;
    for (std::size_t first = 0; first <= input.size(); ++first)
      for (std::size_t second = first; second <= input.size(); ++second)
        ASSERT_EQ(play(rules, {input.substr(0, first), input.substr(first, second - first), input.substr(second)}),
                  whole)
            << "cut at " << first << " and " << second;
    ++played;
  }
  EXPECT_GE(played, 8);
}

// Small limits, so that each is met from both sides.
policy tiny() {
  policy rules;
  rules.offer = {extension::pipelining, extension::enhanced_status_codes};
  rules.message_size = 10;
  rules.limit.command_line = 40;
  rules.limit.local_part = 4;
  rules.limit.domain = 5;
  rules.limit.path = 11;
  rules.limit.recipients = 2;
  return rules;
}

TEST(server, limits_in_every_cut) {
  const policy rules = tiny();
  const std::string input =
      "EHLO c\r\n"
      "MAIL FROM:<12345@d>\r\nMAIL FROM:<1234@123456>\r\nMAIL FROM:<@r:12@345>\r\nMAIL FROM:<@rr:12@3456>\r\nRSET\r\n"
      "MAIL FROM:<1234@12345>\r\nRSET\r\nMAIL FROM:<>\r\n" +
      std::string("NOOP ") + std::string(33, 'x') + "\r\nNOOP " + std::string(34, 'x') + "RSET\r\n" +
      "RCPT TO:<a@d>\r\nRCPT TO:<b@d>\r\nRCPT TO:<c@d>\r\nDATA\r\n12345678\r\n.\r\n"
      "MAIL FROM:<>\r\nRCPT TO:<a@d>\r\nDATA\r\n123456789\r\n.\r\nNOOP\r\n";
  const log events = {"ehlo c",
                      "refused address too long @0 MAIL FROM:<12345@d>",
                      "refused address too long @0 MAIL FROM:<1234@123456>",
                      "sender <@r|12|345>",
                      "refused command out of sequence @0 MAIL FROM:<@rr:12@3456>",
                      "reset ",
                      "refused address too long @0 MAIL FROM:<1234@12345>",
                      "reset ",
                      "sender <||>",
                      "noop ",
                      "refused line too long @0 ",
                      "recipient <|a|d>",
                      "recipient <|b|d>",
                      "refused too many recipients @0 RCPT TO:<c@d>",
                      "data ",
                      "body 12345678\r\n",
                      "message_end 10",
                      "sender <||>",
                      "recipient <|a|d>",
                      "data ",
                      "body 123456789\r",
                      "refused message too large @0 ",
                      "noop "};
  const session_log whole = play(rules, {input});
  EXPECT_EQ(whole.events, events);
  EXPECT_EQ(play(rules, octet_by_octet(input)), whole);
  for (std::size_t place = 0; place <= input.size(); ++place)
    ASSERT_EQ(play(rules, cut_at(input, place)), whole) << "cut at " << place;
}

TEST(server, what_is_not_offered_is_neither_announced_nor_taken) {
  policy rules;
  rules.offer = {};
  const session_log none = play(rules, {"EHLO c\r\nMAIL FROM:<a@c> SIZE=1\r\nMAIL FROM:<\xc3\xa9@c>\r\nNOOP\r\n"});
  EXPECT_EQ(
      none.output,
      "220 localhost ESMTP\r\n250 localhost\r\n555 Parameter not offered\r\n553 Address needs SMTPUTF8\r\n250 OK\r\n");
}

TEST(server, each_extension_is_announced_with_its_parameters_and_at_its_time) {
  policy rules;
  rules.limit.transactions = 5;
  rules.deliver_by_minimum = 60;
  rules.mechanisms = "PLAIN LOGIN";
  rules.burl_schemes = "imap";
  rules.solicitation = "org.example:ADV";
  rules.priority_profile = "MIXER";
  const std::map<extension, std::string> parameters = {
      {extension::size, " 33554432"},     {extension::auth, " PLAIN LOGIN"},
      {extension::deliverby, " 60"},      {extension::futurerelease, " 86400 9999-12-31T23:59:59Z"},
      {extension::mt_priority, " MIXER"}, {extension::limits, " MAILMAX=5 RCPTMAX=1000"},
      {extension::burl, " imap"},         {extension::no_soliciting, " org.example:ADV"},
  };
  for (const extension e : server::supported) {
    rules.offer = {e};
    if (e == extension::binarymime) rules.offer.insert(extension::chunking); // RFC 3030 3
    const auto parameter = parameters.find(e);
    const std::string line =
        "250 " + std::string(keyword(e)) + (parameter == parameters.end() ? "" : parameter->second) + "\r\n";
    for (const bool tls : {false, true}) {
      SCOPED_TRACE(line);
      server session(rules);
      std::string out;
      if (tls) {
        EXPECT_TRUE(session.tls_started());
      }
      ASSERT_TRUE(session.open(out));
      EXPECT_TRUE(std::holds_alternative<event::hello>(session.next("EHLO c\r\n", out).event));
      out.clear();
      ASSERT_TRUE(session.accept(out));
      const bool never = tls ? e == extension::starttls : e == extension::requiretls || e == extension::auth;
      EXPECT_EQ(out.ends_with(line), !never) << out;
      EXPECT_EQ(out == "250 localhost\r\n", never) << out;
    }
  }
}

TEST(server, numbers_that_ehlo_could_not_say_truly_open_no_session) {
  const auto opens = [](std::initializer_list<extension> offer, auto&& change) {
    policy rules;
    rules.offer = offer;
    change(rules);
    std::string out;
    const bool opened = server(rules).open(out).has_value();
    EXPECT_EQ(out.empty(), !opened);
    return opened;
  };
  EXPECT_FALSE(opens({extension::size}, [](policy& p) { p.message_size = 0; })) << "no limit, RFC 1870 3";
  EXPECT_TRUE(opens({}, [](policy& p) { p.message_size = 0; }));
  // Six digits, and none of them alone is 0: RFC 9422 4.
  for (const std::size_t none : {std::size_t{0}, std::size_t{1000000}}) {
    EXPECT_FALSE(opens({extension::limits}, [&](policy& p) { p.limit.recipients = none; }));
    EXPECT_FALSE(opens({extension::limits}, [&](policy& p) { p.limit.transactions = none; }));
    EXPECT_TRUE(opens({}, [&](policy& p) { p.limit.recipients = p.limit.transactions = none; }));
  }
  EXPECT_TRUE(opens({extension::limits}, [](policy& p) { p.limit.transactions = unlimited; }));
  EXPECT_TRUE(opens({extension::limits}, [](policy& p) { p.limit.transactions = p.limit.recipients = 999999; }));
}

TEST(server, expn_where_it_is_offered) {
  policy rules;
  rules.offer = {extension::expn};
  EXPECT_EQ(play(rules, {"EHLO c\r\nEXPN \"the list\"\r\n"}).output,
            "220 localhost ESMTP\r\n250-localhost\r\n250 EXPN\r\n252 Cannot expand\r\n");
}

TEST(server, the_command_line_grows_with_what_is_offered) {
  const auto longest = [](extensions offer) {
    policy rules;
    rules.offer = offer;
    for (std::size_t length = 512;; ++length) {
      const session_log played = play(rules, {"NOOP " + std::string(length - 7, 'x') + "\r\n"});
      if (played.events != log{"noop "}) return length - 1;
    }
  };
  EXPECT_EQ(longest({}), 512U);
  EXPECT_EQ(longest({extension::size}), 512U + 26);
  EXPECT_EQ(longest({extension::size, extension::eight_bit_mime, extension::smtputf8}), 512U + 26 + 16 + 10);
}

TEST(server, trailing_white_space_is_refused_where_the_policy_says_so) {
  policy rules;
  rules.accept_trailing_white_space = false;
  EXPECT_EQ(play(rules, {"NOOP \r\n"}).events, log{"refused syntax error @5 NOOP "});
}

// Answers ---------------------------------------------------------------------------------------------------------------

class server_answers : public testing::Test {
 protected:
  // Plays input up to the decision it ends with.
  server_event at_decision(std::string_view input) {
    EXPECT_TRUE(session.open(out));
    for (std::size_t at = 0;;) {
      const server_step step = session.next(input.substr(at), out);
      at += step.used;
      if (at == input.size()) {
        out.clear();
        return step.event;
      }
      EXPECT_TRUE(session.accept(out));
    }
  }
  policy rules;
  server session{rules};
  std::string out;
};

TEST_F(server_answers, none_owed) {
  EXPECT_FALSE(session.answer({250, "OK"}, out));
  EXPECT_FALSE(session.accept(out));
  EXPECT_EQ(session.next("NOOP\r\n", out).used, 0U) << "before open()";
  EXPECT_EQ(out, "");
  EXPECT_TRUE(session.open(out));
  EXPECT_FALSE(session.open(out));
}

TEST_F(server_answers, a_host_that_is_no_domain_never_opens) {
  policy bad;
  bad.host = "evil\r\n250 host";
  server other(bad);
  EXPECT_FALSE(other.open(out));
  EXPECT_EQ(out, "");
}

TEST_F(server_answers, say_why_they_are_refused) {
  const auto why = [](const result<void>& given) { return given ? errc{} : given.error().code; };
  EXPECT_EQ(why(session.accept(out)), errc::not_now);
  EXPECT_EQ(why(session.answer({250, "OK"}, out)), errc::not_now);
  EXPECT_EQ(why(session.tls_started()), errc{}) << "TLS may come before SMTP";
  EXPECT_EQ(why(session.decline({550, "no"}, out)), errc::answer_code);
  EXPECT_EQ(why(session.decline({554, "caf\xc3\xa9"}, out)), errc::syntax);
  EXPECT_EQ(why(session.open(out)), errc{});
  EXPECT_EQ(why(session.open(out)), errc::not_now);
  EXPECT_EQ(why(session.decline({554, "no"}, out)), errc::not_now);
  EXPECT_EQ(why(session.tls_started()), errc::not_now);
  out.clear();
  std::ignore = session.next("EHLO c\r\n", out);
  EXPECT_EQ(why(session.answer({354, "go on"}, out)), errc::answer_code);
  EXPECT_EQ(why(session.answer({250, "caf\xc3\xa9"}, out)), errc::syntax);
  EXPECT_EQ(why(session.answer({250, "hi\r\n250-STARTTLS"}, out)), errc::syntax);
  EXPECT_EQ(why(session.challenge("x", out)), errc::not_now);
  EXPECT_EQ(out, "");
  EXPECT_EQ(why(session.accept(out)), errc{});
  out.clear();
  // An octet above 127 in a text: the reason names the place in the reply, and another answer is taken.
  std::ignore = session.next("MAIL FROM:<a@c>\r\n", out);
  const auto given = session.answer({550, "caf\xc3\xa9", enhanced_status_code{5, 7, 1}}, out);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error(), (failure{errc::syntax, 13})); // 550 5.7.1 caf
  EXPECT_EQ(session.pending(), decision::sender);
  EXPECT_EQ(why(session.answer({451, "Local error"}, out)), errc{});
  EXPECT_EQ(out, "451 4.0.0 Local error\r\n");
  policy bad;
  bad.host = "no host";
  EXPECT_EQ(why(server(bad).open(out)), errc::policy_value);
}

TEST_F(server_answers, no_input_is_read_while_one_is_owed) {
  EXPECT_TRUE(std::holds_alternative<event::recipient>(at_decision("EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\n")));
  EXPECT_EQ(session.pending(), decision::recipient);
  const server_step step = session.next("NOOP\r\n", out);
  ASSERT_TRUE(std::holds_alternative<event::wait>(step.event));
  EXPECT_EQ(std::get<event::wait>(step.event).until, event::wait::reason::answer);
  EXPECT_EQ(step.used, 0U);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(session.accept(out));
  EXPECT_FALSE(session.accept(out)) << "answered once";
}

TEST_F(server_answers, codes_that_the_command_does_not_have_are_refused) {
  at_decision("EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\n");
  for (const int code : {0, 1, 99, 200, 221, 252, 299, 354, 600, 999})
    EXPECT_FALSE(session.answer({static_cast<std::uint16_t>(code), "x"}, out)) << code;
  EXPECT_EQ(out, "");
  EXPECT_TRUE(session.answer({251, "User not local; will forward"}, out));
  EXPECT_EQ(out, "251 2.1.5 User not local; will forward\r\n");
}

TEST_F(server_answers, texts_that_would_break_the_reply_are_refused) {
  at_decision("EHLO c\r\nMAIL FROM:<a@c>\r\n");
  for (const std::string_view text : {"a\r\nb", "a\rb", "\r", "caf\xc3\xa9", "\x01", "\x7f"}) {
    EXPECT_FALSE(session.answer({250, text}, out)) << text;
    EXPECT_FALSE(session.answer({550, text}, out)) << text;
  }
  EXPECT_FALSE(session.answer({250, std::string_view("\0", 1)}, out));
  EXPECT_FALSE(session.answer({550, "class differs", enhanced_status_code{2, 0, 0}}, out));
  EXPECT_FALSE(session.answer({550, "no such number", enhanced_status_code{5, 1000, 0}}, out));
  EXPECT_EQ(out, "");
  EXPECT_EQ(session.pending(), decision::sender);
  EXPECT_TRUE(session.answer({550, "one\ntwo", enhanced_status_code{5, 7, 1}}, out));
  EXPECT_EQ(out, "550-5.7.1 one\r\n550 5.7.1 two\r\n");
}

TEST_F(server_answers, utf8_only_to_a_vrfy_that_allowed_it) {
  at_decision("EHLO c\r\nVRFY ann SMTPUTF8\r\n");
  EXPECT_FALSE(session.answer({250, "\xff"}, out));
  EXPECT_TRUE(session.answer({250, "Ann \xc3\xa9 <ann@c.example>"}, out));
  EXPECT_EQ(out, "250 2.5.0 Ann \xc3\xa9 <ann@c.example>\r\n");
  const server_step step = session.next("VRFY ann\r\n", out);
  ASSERT_TRUE(std::holds_alternative<event::verify>(step.event));
  EXPECT_FALSE(session.answer({250, "Ann \xc3\xa9 <ann@c.example>"}, out));
}

TEST_F(server_answers, a_greeting_text_can_not_write_lines_of_its_own) {
  at_decision("EHLO c\r\n");
  EXPECT_FALSE(session.answer({250, "hi\r\n250-STARTTLS"}, out));
  EXPECT_FALSE(session.answer({250, "hi\nSTARTTLS"}, out));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(session.answer({250, "at your service"}, out));
  EXPECT_TRUE(out.starts_with("250-localhost at your service\r\n250-PIPELINING\r\n"));
}

TEST_F(server_answers, a_refused_ehlo_carries_no_status_code) {
  at_decision("EHLO c\r\n");
  EXPECT_TRUE(session.answer({550, "no", enhanced_status_code{5, 7, 1}}, out));
  EXPECT_EQ(out, "550 no\r\n");
  EXPECT_EQ(session.current_state(), server::state::greeted);
}

TEST_F(server_answers, data_may_be_refused) {
  at_decision("EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nDATA\r\n");
  EXPECT_FALSE(session.answer({250, "no"}, out));
  EXPECT_TRUE(session.answer({451, "later"}, out));
  EXPECT_EQ(out, "451 4.0.0 later\r\n");
  EXPECT_EQ(session.current_state(), server::state::recipients);
}

TEST(server, is_small) {
  EXPECT_LE(sizeof(server), 112U);
}

TEST(server, events_point_into_the_callers_octets) {
  const policy rules;
  server session(rules);
  std::string out;
  EXPECT_TRUE(session.open(out));
  const exact input("EHLO client.example\r\n");
  const server_step step = session.next(input, out);
  const std::string_view name = std::get<event::hello>(step.event).client.text;
  EXPECT_EQ(name.data(), input.view().data() + 5);
}

} // namespace
