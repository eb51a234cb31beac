#include "text/json_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;

// What a reader makes of a value.
std::string octets_of(const json& read) {
  if (read.is_string()) return read.get<std::string>();
  const std::string hex = read.at("hex");
  std::string octets;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    octets += static_cast<char>(static_cast<unsigned char>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  return octets;
}

TEST(json_text, a_string_where_that_can_be) {
  EXPECT_EQ(text_of(value("a\"\\\n\xc3\xa9")), "\"a\\\"\\\\\\n\xc3\xa9\"");
  EXPECT_EQ(text_of(value("re\xe7u")), R"({"hex":"7265E775"})");
  EXPECT_EQ(text_of(value("")), R"("")");
}

// Whatever the octets are, a reader has them back, and nothing that it did not ask for.
TEST(json_text, no_octet_is_lost) {
  std::size_t as_hex = 0;
  const auto see = [&](const std::string& octets) {
    const std::string line = text_of({{"text", value(octets)}});
    const json read = json::parse(line).at("text");
    ASSERT_EQ(octets_of(read), octets) << line;
    if (!read.is_string()) ++as_hex;
    for (const char each : line) ASSERT_TRUE(each != '\x7f' && static_cast<unsigned char>(each) >= 0x20) << line;
    for (const char* const steering : {"\xc2\x85", "\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xae", "\xef\xbb\xbf"})
      ASSERT_EQ(line.find(steering), std::string::npos) << line;
  };
  const auto octet = [](unsigned number) { return static_cast<char>(static_cast<unsigned char>(number)); };
  for (unsigned a = 0; a < 256; ++a) {
    see({octet(a)});
    for (unsigned b = 0; b < 256; ++b) {
      see({octet(a), octet(b)});
      for (const unsigned before : {0xE2U, 0xEFU, 0xF0U, 0xF4U}) see({octet(before), octet(a), octet(b)});
    }
  }
  EXPECT_GT(as_hex, 1000U);
}

} // namespace
