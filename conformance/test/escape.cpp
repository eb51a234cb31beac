#include "escape.hpp"

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
