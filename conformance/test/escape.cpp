#include "text/escape.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;

TEST(escape, shows_printable_ascii_and_nothing_else) {
  EXPECT_EQ(escape("EHLO client.example"), "EHLO client.example");
  EXPECT_EQ(escape(std::string("\r\n\t\0\\\x1b\x7f\xff", 8)), "\\r\\n\\t\\0\\\\\\x1B\\x7F\\xFF");
}

TEST(escape, every_octet_comes_back) {
  std::string all;
  for (unsigned octet = 0; octet < 256; ++octet) all += static_cast<char>(static_cast<unsigned char>(octet));
  const std::string text = escape(all);
  for (const char each : text) EXPECT_TRUE(each >= ' ' && each <= '~');
  const unescaped back = unescape(text);
  EXPECT_EQ(back.octets, all);
  EXPECT_EQ(back.wrong, std::nullopt);
}

TEST(escape_json, what_ends_lines_or_steers_terminals) {
  EXPECT_EQ(escape_json("{\"a\":\"\xC2\x85\xE2\x80\xA8\xE2\x80\xA9\x7F\xC2\x9B\"}"),
            "{\"a\":\"\\u0085\\u2028\\u2029\\u007f\\u009b\"}");
  EXPECT_EQ(escape_json("\xE2\x80\xAE\xD8\x9C\xEF\xBB\xBF\xE2\x81\xA6\xEF\xBF\xB9"),
            "\\u202e\\u061c\\ufeff\\u2066\\ufff9");
  // And nothing else, in whatever language.
  for (const char* text : {"", "plain \\n", "\xC3\xA9\xC2\xA0", "\xE2\x82\xAC", "\xE2\x80\xA7\xE2\x80\xAF",
                           "\xF0\x9F\x98\x80", "\xD8\x9B", "\xEF\xBF\xBD"})
    EXPECT_EQ(escape_json(text), text);
}

TEST(unescape, knows_these_escapes) {
  EXPECT_EQ(unescape("\\r\\n\\t\\s\\\\\\{\\}\\\"\\x41\\xfe").octets, "\r\n\t \\{}\"A\xfe");
  EXPECT_EQ(unescape("\\0").octets, std::string(1, '\0'));
}

TEST(unescape, says_where_no_escape_is) {
  EXPECT_EQ(unescape("ab\\q").wrong, 2U);
  EXPECT_EQ(unescape("ab\\q").octets, "ab");
  EXPECT_EQ(unescape("\\").wrong, 0U);
  EXPECT_EQ(unescape("\\n\\x").wrong, 2U);
  EXPECT_EQ(unescape("\\x4").wrong, 0U);
  EXPECT_EQ(unescape("\\x4g").wrong, 0U);
  EXPECT_EQ(unescape("\\x+4").wrong, 0U);
}

} // namespace
