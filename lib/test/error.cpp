#include "postel/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "exact.hpp"
#include "postel/command.hpp"
#include "postel/reply.hpp"

namespace {

using namespace postel;
using postel::test::exact;

std::string explanation(const failure& why, std::string_view text) {
  std::string out;
  append_explanation(out, why, text);
  return out;
}

std::string of_command(std::string_view line) {
  const auto parsed = parse_command(exact(line));
  return parsed ? "accepted" : explanation(parsed.error(), line);
}

TEST(explanation, shows_the_place) {
  EXPECT_EQ(of_command("MAIL FROM:<a@b..c>"),
            "syntax error at octet 15: expected a label of the domain (RFC 5321 4.1.2 sub-domain)\n"
            "  MAIL FROM:<a@b..c>\n"
            "                 ^\n");
}

TEST(explanation, names_what_was_expected_and_its_clause) {
  struct row {
    std::string_view line, expected;
  };
  const row rows[] = {
      {"MAIL FROM:<a b>", "octet 12: expected \"@\" (RFC 5321 4.1.2 Mailbox)"},
      {"MAIL FROM:bob@x", "octet 10: expected a path in brackets, or \"<>\" (RFC 5321 4.1.2 Reverse-path)"},
      {"MAIL FRXM:<a@b>", "octet 5: expected \"FROM:\" (RFC 5321 4.1.1.2)"},
      {"MAIL FROM:<a@b>SIZE=1", "octet 15: expected the end of the text"},
      {"MAIL FROM:<a@b> SIZE=", "octet 21: expected a parameter's value"},
      {"MAIL FROM:<\"a@b>", "octet 16: expected a closing quote"},
      {"RCPT TO:<a@>", "octet 11: expected a domain or an address literal"},
      {"RCPT TO:<>", "octet 9: expected a mailbox"},
      {"EHLO", "octet 4: expected a space"},
      {"EHLO [1.2.3.999]", "octet 14: expected \"]\" (RFC 5321 4.1.3)"},
      {"EHLO [300.1.1.1]", "octet 9: expected an IPv4 address, or a tag and \":\" (RFC 5321 4.1.3)"},
      {"EHLO [IPv6:g]", "octet 11: expected an IPv6 address"},
      {"BDAT x", "octet 5: expected the chunk's size (RFC 3030 2 chunk-size)"},
      {"BDAT 18446744073709551616", "octet 5: expected a size of less than 2^64 octets (RFC 3030 2 chunk-size)"},
      {"BDAT 1 FIRST", "octet 7: expected LAST"},
      {"AUTH PLAIN !!", "octet 11: expected base64 (RFC 4954 8 base64)"},
      {"AUTH PLAIN dGVzdA", "octet 17: expected base64"},
      {"AUTH PLAIN dGVzd", "octet 16: expected base64"},
      {"BURL x", "octet 6: expected \":\""},
      {"XCLIENT NAME", "octet 12: expected \"=\""},
      {"DATA x", "octet 4: expected the end of the text"},
      {"VRFY ", "octet 5: expected a user name or a mailbox (RFC 5321 3.5.1, 4.1.1.6)"},
      {"EXPN a@", "octet 7: expected a domain or an address literal"},
  };
  for (const row& r : rows)
    EXPECT_NE(of_command(r.line).find(r.expected), std::string::npos) << r.line << "\n" << of_command(r.line);
}

// Each with its own words: the label of a domain anywhere, and text that lacks SMTPUTF8 alone.
TEST(explanation, names_overlong_labels_and_smtputf8) {
  const std::string label(64, 'a');
  for (const std::string& line :
       {"EHLO " + label, "HELO b." + label, "MAIL FROM:<a@" + label + ">", "RCPT TO:<@" + label + ":a@b>",
        "VRFY a@" + label, "ETRN " + label, "ATRN a.b," + label + ".b"})
    EXPECT_NE(of_command(line.c_str()).find("expected a label of at most 63 octets (RFC 1035 2.3.4)\n"),
              std::string::npos)
        << of_command(line.c_str());
  const auto told = [](const auto& parsed, std::string_view text) { return explanation(parsed.error(), text); };
  const std::string_view needs =
      "address beyond ASCII without SMTPUTF8 at octet 1: expected ASCII, or an internationalized address with SMTPUTF8 "
      "(RFC 6531 3.3)\n";
  EXPECT_TRUE(told(parse_mailbox("j\xC3\xB6rg@example.org"), "").starts_with(needs));
  EXPECT_TRUE(told(parse_path("<\xC3\xB6@example.org>"), "").starts_with(needs));
  EXPECT_TRUE(told(parse_domain("b\xC3\xBC"
                                "cher.example"),
                   "")
                  .starts_with(needs));
  EXPECT_EQ(parse_command("RCPT TO:<j\xC3\xB6rg@example.org>").error().code, errc::non_ascii_address);
  EXPECT_EQ(parse_command("VRFY j\xC3\xB6rg").error().code, errc::non_ascii_address);
  // Something else is wrong too, or UTF-8 would not help.
  EXPECT_EQ(parse_mailbox("j\xC3\xB6rg@example..org").error().code, errc::syntax);
  EXPECT_EQ(parse_mailbox("j\xC3rg@example.org").error().code, errc::syntax);
  EXPECT_EQ(parse_command("EHLO b\xC3\xBC"
                          "cher")
                .error()
                .code,
            errc::syntax);
}

TEST(explanation, names_what_utf8_lacks) {
  for (const char* line : {"EHLO a\xC3", "EHLO a\xC3z", "EHLO a\xE2\x82", "EHLO a\xE0\x80\x80", "EHLO a\xED\xA0\x80",
                           "EHLO a\xF0\x80\x80\x80", "EHLO a\xF4\x90\x80\x80"}) {
    const auto parsed = parse_command(exact(line), charset::utf8);
    ASSERT_FALSE(parsed);
    EXPECT_NE(explanation(parsed.error(), line).find("expected the rest of a character in UTF-8 (RFC 3629 4)"),
              std::string::npos)
        << explanation(parsed.error(), line);
  }
}

TEST(explanation, unknown_commands_and_other_kinds) {
  EXPECT_EQ(of_command("XYZZY"), "unknown command at octet 0: expected a command (RFC 5321 4.1.1)\n  XYZZY\n  ^\n");
  EXPECT_EQ(explanation({errc::reply_code_mismatch, 7}, "250-a\r\n260 b\r\n"),
            "reply lines with different codes at octet 7\n  250-a??260 b??\n         ^\n");
}

TEST(explanation, is_short_and_printable_whatever_the_text) {
  std::string text;
  for (int octet = 0; octet < 256; ++octet) text += static_cast<char>(octet);
  text += std::string(100000, 'x');
  for (const std::uint32_t offset : {0U, 1U, 49U, 50U, 51U, 200U, 50000U, 100255U, 100256U, 4294967295U}) {
    const std::string out = explanation({errc::syntax, offset, expectation::notify_value}, text);
    EXPECT_LE(out.size(), 300U) << offset;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
    for (const char c : out) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
    // The caret stands below the octet, or behind the last one.
    const std::size_t second = out.find('\n') + 1;
    const std::size_t third = out.find('\n', second) + 1;
    const std::size_t column = out.find('^', third) - third;
    ASSERT_LE(column, third - second);
    EXPECT_TRUE(offset < 33 || offset > 126 || out[second + column] == static_cast<char>(offset));
  }
  EXPECT_EQ(explanation({errc::syntax, 0}, ""), "syntax error at octet 0\n  \n  ^\n");
}

TEST(expectation, every_one_has_a_name_and_a_clause) {
  EXPECT_EQ(describe(expectation::none).name, "");
  for (int i = 1; i < static_cast<int>(expectation_count); ++i) {
    const expected_name expected = describe(static_cast<expectation>(i));
    EXPECT_FALSE(expected.name.empty()) << i;
    EXPECT_TRUE(expected.clause.starts_with("RFC ")) << i;
  }
}

TEST(errc, every_one_has_a_message) {
  EXPECT_EQ(message(errc{}), "no error");
  for (int i = 1; i <= static_cast<int>(errc::policy_value); ++i)
    EXPECT_NE(message(static_cast<errc>(i)), "unknown error") << i;
}

} // namespace
