// Mistakes that other SMTP implementations make or made, one class of mistake a test: what they wrongly refuse is taken here, what they
// wrongly take is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "drive.hpp"
#include "postel/body.hpp"
#include "postel/capability.hpp"
#include "postel/client.hpp"
#include "postel/command.hpp"
#include "postel/reply.hpp"
#include "postel/xtext.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

void expect_taken(std::string_view line, charset octets = charset::ascii) {
  const auto parsed = parse_command(exact(line), octets);
  EXPECT_TRUE(parsed) << line;
  if (!parsed) return;
  std::string out; // and can be said too
  EXPECT_TRUE(append(out, *parse_command(line, octets), octets)) << line;
}

void expect_not_taken(std::string_view line) {
  for (const charset octets : both_charsets)
    EXPECT_FALSE(parse_command(exact(line), octets)) << testing::PrintToString(std::string(line));
}

// Everything that one read of these octets makes a session say, however they arrive.
session_log played(std::string_view octets, const policy& rules = {}) {
  session_log whole = play(rules, {octets});
  EXPECT_EQ(play(rules, octet_by_octet(octets)), whole);
  return whole;
}

bool has_event(const session_log& log, std::string_view beginning) {
  return std::ranges::any_of(log.events, [&](const std::string& e) { return e.starts_with(beginning); });
}

constexpr std::string_view envelope = "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nDATA\r\n";

// ---- what must be taken

TEST(peers, address_literals_of_all_kinds) {
  for (const char* host : {"[192.168.1.123]", "[IPv6:2001:db8::1]", "[IPv6:::1]", "[IPv6:::ffff:192.0.2.1]",
                           "[IPv6:1:2:3:4:5:6:7:8]", "[IPv6:1:2:3:4:5:6:192.0.2.1]", "[ipv6:::]", "[x-new:content]"}) {
    expect_taken(std::string("EHLO ") + host);
    expect_taken(std::string("LHLO ") + host);
    expect_taken(std::string("MAIL FROM:<a@") + host + ">");
    expect_taken(std::string("RCPT TO:<\"a b\"@") + host + ">");
  }
}

TEST(peers, postmaster_is_no_null_path) {
  for (const char* text : {"<Postmaster>", "<postmaster>", "<POSTMASTER>"}) {
    expect_taken(std::string("RCPT TO:") + text);
    const exact block(text);
    const auto parsed = parse_path(block.view());
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->is_postmaster());
    EXPECT_FALSE(parsed->is_null());
  }
  const auto null = parse_path("<>");
  ASSERT_TRUE(null);
  EXPECT_TRUE(null->is_null());
  EXPECT_FALSE(null->is_postmaster());
}

TEST(peers, quoted_local_part_keeps_its_wire_form) {
  for (const char* local : {"\"a b\"", "\"\"", "\"a@b\"", "\"a\\\"b\"", "\"a>b\"", "\"a\\ b\""}) {
    const std::string line = std::string("MAIL FROM:<") + local + "@x>";
    const auto parsed = parse_command(line);
    ASSERT_TRUE(parsed) << line;
    EXPECT_EQ(std::get<cmd::mail>(*parsed).from.local_part, local);
    std::string out;
    ASSERT_TRUE(append(out, *parsed));
    EXPECT_EQ(out, line + "\r\n");
  }
}

TEST(peers, source_routes_in_both_commands) {
  for (const char* line : {"MAIL FROM:<@a,@b:c@d>", "RCPT TO:<@a,@b:c@d>", "RCPT TO:<@a:\"c d\"@[192.0.2.1]>"})
    expect_taken(line);
  const auto parsed = parse_command("RCPT TO:<@a,@b:c@d>");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<cmd::rcpt>(*parsed).to, (path{"@a,@b", "c", "d"}));
}

TEST(peers, verbs_that_most_leave_out) {
  for (const char* line : {"LHLO a",   "BDAT 10",         "BDAT 0 LAST",     "BURL imap://a/b LAST", "EXPN staff",
                           "HELP",     "ETRN a.b",        "ATRN a.b,c.d",    "AUTH PLAIN",           "AUTH PLAIN =",
                           "STARTTLS", "XCLIENT NAME=a",  "XFORWARD NAME=a", "VRFY \"a b\"",         "VRFY a.b@c.d",
                           "NOOP x",   "SEND FROM:<a@b>", "SOML FROM:<a@b>", "SAML FROM:<a@b>",      "TURN"})
    expect_taken(line);
}

TEST(peers, unknown_parameters_are_kept) {
  const std::string_view line = "MAIL FROM:<a@b> XOORG=example.com X-Y SIZE=1";
  const auto parsed = parse_command(line);
  ASSERT_TRUE(parsed);
  const auto& params = std::get<cmd::mail>(*parsed).params;
  EXPECT_EQ(params.find("xoorg"), (parameter{"XOORG", "example.com"}));
  EXPECT_EQ(params.find("x-y"), (parameter{"X-Y", std::nullopt}));
  EXPECT_EQ(params.size(), std::optional<std::uint64_t>(1));
  EXPECT_EQ(params.check({extension::size}), (failure{errc::parameter_unknown, 0}));
}

TEST(peers, orcpt_of_internationalized_addresses) {
  const auto embedded = parse_command("RCPT TO:<a@b> ORCPT=utf-8;t\\x{E9}st@b");
  ASSERT_TRUE(embedded);
  const auto orcpt = std::get<cmd::rcpt>(*embedded).params.orcpt();
  ASSERT_TRUE(orcpt && *orcpt);
  EXPECT_TRUE((*orcpt)->is_utf8());
  char buffer[32];
  EXPECT_EQ(decode_utf8_address((*orcpt)->address, buffer), "t\xC3\xA9st@b"sv);
  expect_taken("RCPT TO:<a@b> ORCPT=utf-8;t\xC3\xA9st@b", charset::utf8);
}

TEST(peers, every_parameter_of_the_registry) {
  const extensions all = [] {
    extensions set;
    for (std::size_t i = 0; i < extension_count; ++i) set.insert(static_cast<extension>(i));
    return set;
  }();
  const std::string mail =
      "MAIL FROM:<a@b> SIZE=1 BODY=BINARYMIME SMTPUTF8 RET=FULL ENVID=x AUTH=<> BY=120;RT HOLDFOR=60 MT-PRIORITY=-9 "
      "REQUIRETLS "
      "SOLICIT=net.example:ADV MTRK=dGVzdA:1 CONPERM TRANSID=<a@b> SUBMITTER=a@b XVERP PRDR";
  const auto sender = parse_command(mail);
  ASSERT_TRUE(sender);
  EXPECT_EQ(std::get<cmd::mail>(*sender).params.check(all), std::nullopt);
  const std::string rcpt =
      "RCPT TO:<a@b> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c RRVS=2014-04-03T23:01:00Z;C CONNEG "
      "XRCPTFORWARD=bmFtZT1h";
  const auto recipient = parse_command(rcpt);
  ASSERT_TRUE(recipient);
  EXPECT_EQ(std::get<cmd::rcpt>(*recipient).params.check(all), std::nullopt);
}

TEST(peers, auth_lines_as_long_as_they_get) {
  const std::string response(12288, 'A');
  expect_taken("AUTH GSSAPI " + response);
  EXPECT_TRUE(parse_auth_response(response));
}

TEST(peers, multi_line_greeting_and_the_last_line_of_ehlo) {
  const auto greeting = parse_greeting("220-mx.example ESMTP\r\n220-no spam\r\n220 please\r\n");
  ASSERT_TRUE(greeting);
  EXPECT_EQ(std::distance(greeting->reply.lines().begin(), greeting->reply.lines().end()), 3);
  const auto response = parse_ehlo_response("250-mx.example\r\n250-SIZE 5\r\n250 STARTTLS\r\n");
  ASSERT_TRUE(response);
  EXPECT_TRUE(capabilities_of(response->reply).offered.contains(extension::starttls));
  EXPECT_EQ(capabilities_of(response->reply).size, 5U);
}

TEST(peers, lines_of_a_reply_stay_apart) {
  const auto reply = parse_reply("550-5.7.1 first\r\n550-5.7.1 second\r\n550 5.7.1 third\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ((std::vector<std::string_view>(reply->lines().begin(), reply->lines().end())),
            (std::vector<std::string_view>{"5.7.1 first", "5.7.1 second", "5.7.1 third"}));
  EXPECT_EQ(reply->status(), (enhanced_status_code{5, 7, 1}));
}

// A message that is only its end, one whose first line begins with a dot, and the last CRLF, which belongs to the message.
TEST(peers, messages_at_their_edges) {
  EXPECT_TRUE(has_event(played(std::string(envelope) + ".\r\n"), "message_end 0"));
  const session_log dots = played(std::string(envelope) + "..x\r\n.\r\n");
  EXPECT_TRUE(has_event(dots, "body .x\r\n"));
  EXPECT_TRUE(has_event(dots, "message_end 4"));
  EXPECT_TRUE(has_event(played(std::string(envelope) + "a\r\n.\r\n"), "message_end 3"));
}

// ---- what must be refused

TEST(peers, octets_deleted_from_commands) {
  expect_not_taken("Q\rU\rIT");
  expect_not_taken("QU\0IT"sv);
  expect_not_taken("MAIL FROM:<a\r@b>");
  expect_not_taken("MAIL FROM:<a\n@b>");
  for (const char* line : {"Q\rU\rIT\r\n", "Q\rUIT\r\n"}) EXPECT_FALSE(has_event(played(line), "quit")) << line;
}

TEST(peers, bare_line_ends_end_no_command) {
  EXPECT_FALSE(has_event(played("NOOP\nQUIT\n\r\n"), "noop"));
  EXPECT_FALSE(has_event(played("NOOP\nQUIT\n\r\n"), "quit"));
  EXPECT_FALSE(has_event(played("NOOP\rQUIT\r\r\n"), "quit"));
}

TEST(peers, arguments_where_none_belong) {
  for (const char* line :
       {"DATA garbage", "STARTTLS x", "QUIT now", "RSET x", "DATA ", "STARTTLS ", "ATRN ", "TURN\tx", "HELP "})
    expect_not_taken(line);
}

TEST(peers, paths_that_are_none) {
  for (const char* path :
       {"<>>>>>",   "<a@b>>", "<<a@b>", "<a@b",   "a@b",     "<a>",        "<a.@c>",   "<.a@c>",
        "<a..b@c>", "<a@b.>", "<a@.b>", "<a@-b>", "<a@b->",  "<a@b_c>",    "<a @b>",   "<a@b >",
        "< a@b>",   "<a@@b>", "<@b>",   "<a@>",   "<\"a@b>", "<a\"b\"@c>", "<a@b>X=1", "<a@b>SIZE=1"}) {
    expect_not_taken(std::string("MAIL FROM:") + path);
    expect_not_taken(std::string("RCPT TO:") + path);
  }
  expect_not_taken("RCPT TO:<>");
  expect_not_taken("MAIL FROM:<Postmaster>");
  for (const char* line :
       {"MAIL FROM: <a@b>", "MAIL FROM :<a@b>", "RCPT TO: <a@b>", "MAIL  FROM:<a@b>", "MAIL\tFROM:<a@b>"})
    expect_not_taken(line);
}

TEST(peers, literals_with_unvalidated_text) {
  for (const char* host :
       {"[256.1.1.1]", "[1.2.3]", "[1.2.3.4.5]", "[1.2.3.4", "[]", "[::1]", "[1.2.3.4 ]", "[a]", "[:x]",
        // never a General literal of the tag IPv6
        "[IPv6:x]", "[IPv6:1.2.3.4]", "[IPv6:1::2::3]", "[IPv6:12345::]", "[IPv6:1:2:3:4:5:6:7]",
        "[IPv6:1:2:3:4:5:6:7:8:9]", "[IPv6:::1.2.3.256]", "[ipv6:g::]", "[IPv6:]"}) {
    expect_not_taken(std::string("EHLO ") + host);
    expect_not_taken(std::string("MAIL FROM:<a@") + host + ">");
  }
}

TEST(peers, octets_that_are_no_utf8) {
  for (const std::string_view bad :
       {"\x80"sv, "\xC3"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\xAF"sv, "\xED\xA0\x80"sv, "\xF0\x80\x80\x80"sv,
        "\xF4\x90\x80\x80"sv, "\xF8\x88\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv, "\x7F"sv, "\0"sv, "\x01"sv, "\x1B"sv}) {
    const std::string octets(bad);
    expect_not_taken("MAIL FROM:<a" + octets + "@b>");
    expect_not_taken("MAIL FROM:<\"a" + octets + "\"@b>");
    expect_not_taken("MAIL FROM:<a@b" + octets + "c>");
    expect_not_taken("EHLO b" + octets + "c");
    expect_not_taken("MAIL FROM:<a@b> X=" + octets);
  }
}

// UTF-8 is for who asks for it: a zero width space is an octet above 127 like any other.
TEST(peers, utf8_that_nobody_asked_for) {
  for (const char* line :
       {"MAIL FROM:<j\xC3\xB6rg@b>", "MAIL FROM:<a\xE2\x80\x8B@b>", "EHLO b\xC3\xBC", "RCPT TO:<a@b\xC3\xBC>"}) {
    EXPECT_FALSE(parse_command(exact(line), charset::ascii)) << line;
    EXPECT_TRUE(parse_command(exact(line), charset::utf8)) << line;
  }
  const session_log log = played("EHLO c\r\nMAIL FROM:<j\xC3\xB6rg@b>\r\n");
  EXPECT_FALSE(has_event(log, "sender"));
  EXPECT_TRUE(has_event(log, "refused address beyond ASCII without SMTPUTF8"));
}

TEST(peers, notify_never_with_others) {
  for (const char* params :
       {"NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,NEVER", "NOTIFY=NEVER,NEVER", "NOTIFY=", "NOTIFY=ALWAYS"}) {
    const auto read = rcpt_parameters(parameters(params)).notify();
    EXPECT_FALSE(read) << params;
  }
}

TEST(peers, parameters_given_twice) {
  for (const char* params :
       {"SIZE=1 SIZE=2", "SIZE=1 size=1", "SMTPUTF8 smtputf8", "BODY=7BIT BODY=8BITMIME", "RET=FULL RET=HDRS"}) {
    const mail_parameters mail{parameters(params)};
    const auto why = mail.check({extension::size, extension::smtputf8, extension::eight_bit_mime, extension::dsn});
    ASSERT_TRUE(why) << params;
    EXPECT_EQ(why->code, errc::parameter_repeated) << params;
  }
}

TEST(peers, base64_that_is_none) {
  for (const char* response : {"AAA=BBB", "=AAA", "!!!!", "AAA", "AAAA=", "AA= =", "AAAA AAAA", "AA-_", "A==="}) {
    expect_not_taken(std::string("AUTH PLAIN ") + response);
    EXPECT_FALSE(parse_auth_response(exact(response))) << response;
  }
}

TEST(peers, chunk_sizes_that_wrap) {
  for (const char* line :
       {"BDAT 18446744073709551616", "BDAT 18446744073709551617 LAST", "BDAT 99999999999999999999999999999999",
        "BDAT -1", "BDAT 0x10", "BDAT 1e3", "BDAT +1", "BDAT 1 LASTX"})
    expect_not_taken(line);
}

TEST(peers, replies_that_are_none) {
  for (const std::string_view lines :
       {"250-a\r\n251 b\r\n"sv, "250-a\r\n250-b\r\n"sv, "999 x\r\n"sv, "199 x\r\n"sv, "600 x\r\n"sv, "25 x\r\n"sv,
        "2500 x\r\n"sv, "250 x\n"sv, "250-a\n250 b\r\n"sv, "250 a\rb\r\n"sv, "250 a\nb\r\n"sv, "250 x\r\n250 y\r\n"sv,
        "250_x\r\n"sv, "250x\r\n"sv, "250 x"sv, "250 a\0b\r\n"sv, ""sv, "HTTP/1.1 400 Bad Request\r\n"sv})
    EXPECT_FALSE(parse_reply(exact(lines))) << testing::PrintToString(std::string(lines));
  EXPECT_EQ(parse_reply("250-a\r\n251 b\r\n").error().code, errc::reply_code_mismatch);
}

// What was taken for the end of a message and is none, in every spelling that a smuggler can make a sender write.
TEST(peers, ends_of_data_that_are_none) {
  for (const std::string_view end :
       {"\n.\n"sv, "\n.\r\n"sv, "\r\n.\n"sv, "\r.\r"sv, "\r.\r\n"sv, "\r\n.\r"sv, "\r\n.\r\r\n"sv, "\r\r\n.\r\r\n"sv,
        "\n\n.\r\n"sv, "\r\n.\0\r\n"sv, "\r\n\0.\r\n"sv, "\r\0\n.\r\n"sv, "\r\n .\r\n"sv, "\r\n.\xC2\x85"sv}) {
    const std::string smuggled =
        std::string(envelope) + "a" + std::string(end) + "MAIL FROM:<eve@c>\r\nRCPT TO:<b@d>\r\nDATA\r\nx";
    const session_log log = played(smuggled);
    const std::string shown = testing::PrintToString(std::string(end));
    EXPECT_EQ(std::ranges::count_if(log.events, [](const std::string& e) { return e.starts_with("sender"); }), 1)
        << shown;
    EXPECT_FALSE(has_event(log, "message_end")) << shown;
    // At the true end such a message is refused, and the session is in step.
    const session_log ended = played(smuggled + "\r\n.\r\nNOOP\r\n");
    EXPECT_TRUE(has_event(ended, "noop")) << shown;
  }
}

// A bare CR or LF that does not even look like an end is an answer too, not silence.
TEST(peers, bare_line_ends_in_data_are_answered) {
  for (const char* text : {"a\nb", "a\rb"}) {
    const session_log log = played(std::string(envelope) + text + "\r\n.\r\nNOOP\r\n");
    EXPECT_TRUE(has_event(log, "refused CR without LF") || has_event(log, "refused LF without CR"));
    EXPECT_FALSE(has_event(log, "message_end"));
    EXPECT_NE(log.output.find("\r\n554 "), std::string::npos);
    EXPECT_TRUE(has_event(log, "noop"));
  }
}

// The rest of what was refused is thrown away, never run as commands: a line, a message.
TEST(peers, the_rest_of_what_was_refused_is_not_run) {
  policy rules;
  rules.limit.command_line = 64;
  rules.offer = {};
  const std::string line = "NOOP " + std::string(200, 'x') + "\r\n";
  EXPECT_EQ(played(line + "QUIT\r\n", rules).events.size(), 2U); // one refusal, and QUIT
  rules = {};
  rules.message_size = 10;
  const session_log log = played(std::string(envelope) + "0123456789\r\nMAIL FROM:<eve@c>\r\n.\r\nNOOP\r\n", rules);
  EXPECT_EQ(std::ranges::count_if(log.events, [](const std::string& e) { return e.starts_with("sender"); }), 1);
  EXPECT_TRUE(has_event(log, "noop"));
}

// Nor are the octets of a chunk that was refused, or that nobody was to receive.
TEST(peers, a_refused_chunk_is_not_run) {
  policy rules;
  rules.offer = {extension::chunking};
  rules.message_size = 10;
  const std::string_view chunk = "MAIL FROM:<eve@c>\r\nQUIT\r\n"; // 25 octets
  for (const char* before :
       {"EHLO c\r\n", "EHLO c\r\nMAIL FROM:<a@c>\r\n", "EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\n"}) {
    const session_log log = played(std::string(before) + "BDAT 25 LAST\r\n" + std::string(chunk) + "NOOP\r\n", rules);
    EXPECT_FALSE(has_event(log, "quit")) << before;
    EXPECT_FALSE(has_event(log, "sender <|eve|c>")) << before;
    EXPECT_TRUE(has_event(log, "noop")) << before;
  }
}

// Octets that came in clear are not taken for what came in TLS, on either side.
TEST(peers, nothing_in_clear_survives_starttls) {
  policy rules;
  rules.offer = {extension::starttls};
  const session_log log = play(rules, {"EHLO c\r\nSTARTTLS\r\nMAIL FROM:<eve@c>\r\n", "EHLO c\r\n"});
  EXPECT_FALSE(has_event(log, "starttls"));
  EXPECT_FALSE(has_event(log, "sender"));
  EXPECT_EQ(log.state, server::state::closed);

  const client_policy ours;
  client session(ours);
  std::string out;
  EXPECT_EQ(session.next("220 s\r\n").used, 7U);
  ASSERT_TRUE(session.send(cmd::ehlo{{"c"}}, out));
  EXPECT_EQ(session.next("250-s\r\n250 STARTTLS\r\n").used, 21U);
  ASSERT_TRUE(session.send(cmd::starttls{}, out));
  const auto step = session.next("220 go\r\n250-s\r\n250 AUTH PLAIN\r\n");
  EXPECT_TRUE(std::holds_alternative<event::broken>(step.event));
  EXPECT_FALSE(session.tls_started());
}

// LMTP: a reply for each RCPT that was accepted, the same recipient twice included, and none for the others.
TEST(peers, lmtp_answers_each_accepted_recipient) {
  policy rules;
  rules.protocol = service::lmtp;
  rules.offer = {};
  const session_log log =
      play(rules, {"LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@d>\r\nRCPT TO:<a@d>\r\nRCPT TO:<no@d>\r\nDATA\r\nx\r\n.\r\n"},
           [](const server_event& e) -> std::optional<reply> {
             const auto* rcpt = std::get_if<event::recipient>(&e);
             if (rcpt != nullptr && rcpt->command.to.local_part == "no") return reply{550, "no"};
             if (std::holds_alternative<event::message_end>(e)) return reply{250, "stored"};
             return std::nullopt;
           });
  const std::string_view stored = "250 stored\r\n";
  const std::size_t first = log.output.find(stored);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.output.substr(first), std::string(stored) + std::string(stored));
}

// What would be lines of a notification's header, once decoded (RFC 3461 4.4).
TEST(peers, line_ends_in_xtext) {
  for (const char* params : {"ENVID=x+0D+0ABcc:+20eve", "ENVID=+00", "AUTH=a+0D+0A@b", "SUBMITTER=a@b+0A"}) {
    const auto why = mail_parameters(parameters(params)).check({extension::dsn, extension::auth, extension::submitter});
    ASSERT_TRUE(why) << params;
    EXPECT_EQ(why->code, errc::parameter_value) << params;
  }
  EXPECT_FALSE(rcpt_parameters(parameters("ORCPT=rfc822;x+0D+0ABcc:+20eve")).orcpt());
}

// What a refused MAIL said is not what the next one says.
TEST(peers, parameters_of_a_refused_command_are_forgotten) {
  const session_log log = played(
      "EHLO c\r\nMAIL FROM:<first@evil.example> SIZE=1 BODY=8BITMIME bad param!!\r\nMAIL FROM:<second@c> SIZE=7 "
      "SIZE=8\r\n"
      "MAIL FROM:<>\r\n");
  EXPECT_EQ(log.events.back(), "sender <||>");
}

TEST(peers, injection_through_what_the_client_says) {
  for (const std::string_view evil : {"a\r\nMAIL FROM:<eve@c>"sv, "a\nb"sv, "a\rb"sv, "a b"sv, "a\0b"sv}) {
    std::string out;
    EXPECT_FALSE(append(out, command(cmd::ehlo{{evil, host_form::domain}})));
    EXPECT_FALSE(append(out, command(cmd::lhlo{{evil, host_form::domain}})));
    EXPECT_FALSE(append(out, command(cmd::mail{{"", evil, "b"}, {}})));
    EXPECT_FALSE(append(out, command(cmd::rcpt{{"", "a", evil}, {}})));
    EXPECT_FALSE(append(out, command(cmd::auth{evil, std::nullopt})));
    EXPECT_FALSE(append(out, command(cmd::auth{"PLAIN", evil})));
    EXPECT_FALSE(append(out, command(cmd::burl{evil, true})));
    EXPECT_FALSE(append(out, command(cmd::etrn{evil})));
    EXPECT_FALSE(append(out, command(cmd::xclient{parameters(evil)})));
    const std::string size = "SIZE=1 " + std::string(evil) + "=";
    EXPECT_FALSE(append(out, command(cmd::mail{{"", "a", "b"}, parameters(size)})));
    EXPECT_EQ(out, "");
  }
}

} // namespace
} // namespace postel::test
