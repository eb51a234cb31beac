// What a server's reply says of a syntax error: the place and what was expected there, in our words alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "drive.hpp"
#include "place.hpp"

namespace {

using namespace postel;
using namespace postel::test;

// The last reply to these lines.
std::string last_reply(const policy& rules, const std::string& text) {
  const session_log played = play(rules, {text});
  return played.output.substr(played.output.rfind('\n', played.output.size() - 2) + 1);
}

TEST(server_explanations, name_the_place_and_what_was_expected) {
  policy rules;
  EXPECT_TRUE(rules.explain_syntax_errors);
  rules.offer.insert(extension::dsn);
  const auto said = [&](const std::string& line) { return last_reply(rules, "EHLO c\r\n" + line + "\r\n"); };
  EXPECT_EQ(said("MAIL FROM:<ann@>"),
            "501 5.5.2 Syntax error at octet 15: expected a domain or an address literal (RFC 5321 4.1.2, 4.1.3)\r\n");
  EXPECT_EQ(said("RSET now"), "501 5.5.2 Syntax error at octet 4: expected the end of the text (RFC 5321 4.1.1.5)\r\n");
  EXPECT_EQ(said("MAIL FROM:<> SIZE=x"),
            "501 5.5.4 Invalid parameter value at octet 18: expected 1 to 20 digits (RFC 1870 3 size-value)\r\n");
  EXPECT_EQ(said("MAIL FROM:<a@" + std::string(64, 'b') + ">"),
            "501 5.5.2 Syntax error at octet 77: expected a label of at most 63 octets (RFC 1035 2.3.4)\r\n");
  EXPECT_EQ(said("EHLO [x:y]"),
            "501 5.5.2 Syntax error at octet 6: expected an IPv4 address, or the tag \"IPv6:\" (RFC 5321 4.1.3 "
            "Standardized-tag)\r\n");
}

TEST(server_explanations, say_nothing_where_the_policy_wants_none) {
  policy rules;
  rules.explain_syntax_errors = false;
  EXPECT_EQ(last_reply(rules, "EHLO c\r\nMAIL FROM:<ann@>\r\n"), "501 5.5.2 Syntax error\r\n");
  EXPECT_EQ(last_reply(rules, "EHLO c\r\nMAIL FROM:<> SIZE=x\r\n"), "501 5.5.4 Invalid parameter value\r\n");
}

TEST(server_explanations, without_status_codes) {
  policy rules;
  rules.offer = {};
  EXPECT_EQ(last_reply(rules, "EHLO c\r\nRSET now\r\n"),
            "501 Syntax error at octet 4: expected the end of the text (RFC 5321 4.1.1.5)\r\n");
}

// Of the client's octets, which may be anything, none comes back.
TEST(server_explanations, repeat_nothing_of_the_command) {
  const policy rules;
  for (int octet = 0; octet < 256; ++octet) {
    if (octet == '\r' || octet == '\n') continue;
    const std::string bad(20, static_cast<char>(octet));
    for (const std::string& line : {"MAIL FROM:<" + bad, "RCPT TO:<a@b>" + bad, "EHLO " + bad + "@", "VRFY \"" + bad}) {
      const std::string reply = last_reply(rules, "EHLO c\r\nMAIL FROM:<>\r\n" + line + "\r\n");
      EXPECT_EQ(reply.find(bad), std::string::npos) << line;
      EXPECT_TRUE(parse_reply(reply)) << line;
    }
  }
}

// RFC 5321 4.5.3.1.5: whatever was expected, wherever.
TEST(server_explanations, fit_into_a_reply_line) {
  std::string longest;
  for (int i = 0; i < 256; ++i) {
    std::string text;
    detail::append_place(text, {errc::syntax, std::numeric_limits<std::uint32_t>::max(), static_cast<expectation>(i)});
    EXPECT_LE(text.size(), 150U);
    EXPECT_TRUE(parse_reply("501 5.5.2 Syntax error" + text + "\r\n")) << text;
  }
}

TEST(server_explanations, events_have_what_was_expected) {
  const policy rules;
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  const std::string_view line = "EHLO [1.2.3.4";
  const server_step step = session.next("EHLO [1.2.3.4\r\n", out);
  const auto* const refused = std::get_if<event::refused>(&step.event);
  ASSERT_NE(refused, nullptr);
  std::string told;
  append_explanation(told, {refused->code, refused->offset, refused->expected, refused->inside}, refused->line);
  EXPECT_EQ(told, "syntax error at octet 13: expected \"]\" (RFC 5321 4.1.3)\n  EHLO [1.2.3.4\n               ^\n");
  EXPECT_EQ(refused->line, line);
}

// An address that lacks nothing but SMTPUTF8 says so.
TEST(server_explanations, an_address_that_needs_smtputf8) {
  policy rules;
  rules.offer.erase(extension::smtputf8);
  EXPECT_EQ(last_reply(rules, "EHLO c\r\nMAIL FROM:<j\xC3\xB6rg@c.example>\r\n"),
            "553 5.6.7 Address needs SMTPUTF8\r\n");
  EXPECT_EQ(last_reply(rules, "EHLO c\r\nMAIL FROM:<j\xC3\xB6rg@c..example>\r\n").substr(0, 22),
            "501 5.5.2 Syntax error");
}

} // namespace
