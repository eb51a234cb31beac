#include "postel/xtext.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

// A heap block of exactly size octets, for decoders to write to.
class room {
 public:
  explicit room(std::size_t size) : block_(std::string(size, '#')), size_(size) {}
  operator std::span<char>() noexcept { return {const_cast<char*>(block_.view().data()), size_}; }

 private:
  exact block_;
  std::size_t size_;
};

using decoder = result<std::string_view> (*)(std::string_view, std::span<char>) noexcept;

// decode() gives octets into every buffer that is large enough, the decoded size and larger, and says so of every smaller one.
void verify_decoded(decoder decode, std::string_view text, std::string_view octets) {
  const exact block(text);
  for (std::size_t size = 0; size <= octets.size() + 2; ++size) {
    SCOPED_TRACE(testing::PrintToString(std::string(text)) + " into " + std::to_string(size));
    room buffer(size);
    const std::span<char> span = buffer;
    const auto decoded = decode(block.view(), span);
    if (size < octets.size()) {
      EXPECT_EQ(decoded, (failure{errc::buffer_too_small, 0}));
      EXPECT_EQ(std::string_view(span.data(), size), octets.substr(0, size)) << "the buffer holds a beginning";
      continue;
    }
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, octets);
    if (!octets.empty()) {
      EXPECT_EQ(decoded->data(), span.data());
    }
    EXPECT_EQ(std::string_view(span.data(), size).substr(octets.size()), std::string(size - octets.size(), '#'))
        << "written behind the decoded octets";
  }
}

void verify_refused(decoder decode, std::string_view text, std::uint32_t offset) {
  room buffer(text.size());
  EXPECT_EQ(decode(exact(text), buffer), (failure{errc::syntax, offset})) << testing::PrintToString(std::string(text));
}

TEST(decode_xtext, values) {
  verify_decoded(decode_xtext, "", "");
  verify_decoded(decode_xtext, "a", "a");
  verify_decoded(decode_xtext, "Bob@Example.COM", "Bob@Example.COM");
  verify_decoded(decode_xtext, "+2B+3D+20", "+= ");
  verify_decoded(decode_xtext, "a+00+FFb",
                 "a\0\xFF"
                 "b"sv);
  verify_decoded(decode_xtext, "+0D+0A.+0D+0A", "\r\n.\r\n");
  verify_decoded(decode_xtext, "+41", "A"); // what needs no encoding may have one
}

TEST(decode_xtext, failures) {
  verify_refused(decode_xtext, "+", 1);
  verify_refused(decode_xtext, "+4", 2);
  verify_refused(decode_xtext, "+4g", 2);
  verify_refused(decode_xtext, "+2b", 2);
  verify_refused(decode_xtext, "a=b", 1);
  verify_refused(decode_xtext, "a b", 1);
  verify_refused(decode_xtext, "ab\r\n", 2);
  verify_refused(decode_xtext, "a\0"sv, 1);
  verify_refused(decode_xtext, "\xC3\xBC", 0);
}

TEST(append_xtext, round_trip_of_all_octets) {
  const auto verify = [](std::string_view octets) {
    const exact block(octets);
    std::string out = "kept ";
    const std::size_t size = append_xtext(out, block.view());
    EXPECT_EQ(size, out.size() - 5);
    ASSERT_TRUE(out.starts_with("kept "));
    const std::string encoded = out.substr(5);
    for (const char c : encoded) EXPECT_TRUE(c > 32 && c < 127 && c != '=') << testing::PrintToString(encoded);
    verify_decoded(decode_xtext, encoded, octets);
  };
  verify("");
  std::string all;
  for (unsigned octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    verify(std::string(1, c));
    verify("a" + std::string(1, c) + "b");
    all += c;
    // Encoded exactly where it must be.
    std::string out;
    const bool plain = octet > 32 && octet < 127 && octet != '+' && octet != '=';
    EXPECT_EQ(append_xtext(out, std::string_view(&c, 1)), plain ? 1U : 3U);
  }
  verify(all);
}

TEST(decode_utf8_address, values) {
  verify_decoded(decode_utf8_address, "a@b", "a@b");
  verify_decoded(decode_utf8_address, "t\\x{E9}st@ex\\x{E4}mple", "t\xC3\xA9st@ex\xC3\xA4mple");
  verify_decoded(decode_utf8_address, "t\xC3\xA9st\\x{20}\\x{2B}\\x{3D}\\x{5C}", "t\xC3\xA9st +=\\");
  verify_decoded(decode_utf8_address, "\\x{01}\\x{7F}\\x{80}", "\x01\x7F\xC2\x80");
  verify_decoded(decode_utf8_address, "\\x{e9}\\x{fFfF}\\x{2b}\\x{3d}", "\xC3\xA9\xEF\xBF\xBF+="); // in either case
  verify_decoded(decode_utf8_address, "\\x{7FF}\\x{800}", "\xDF\xBF\xE0\xA0\x80");
  verify_decoded(decode_utf8_address, "\\x{D7FF}\\x{E000}\\x{FFFF}", "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF");
  verify_decoded(decode_utf8_address, "\\x{10000}\\x{10FFFF}", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
  verify_decoded(decode_utf8_address, "\\x{e9}\\x{2b}\\x{10fFfF}", "\xC3\xA9+\xF4\x8F\xBF\xBF");
}

// Every code point that has an embedded form, against UTF-8's definition in bits (RFC 3629 3).
TEST(decode_utf8_address, code_points) {
  std::size_t decoded_points = 0;
  for (unsigned point = 0x80; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 97) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%X}", point);
    room buffer(4);
    const auto decoded = decode_utf8_address(exact(text), buffer);
    ASSERT_TRUE(decoded) << text;
    const auto octet = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>((*decoded)[i])); };
    unsigned value = octet(0);
    std::size_t size = 1;
    if ((value & 0xE0U) == 0xC0U)
      value &= 0x1FU, size = 2;
    else if ((value & 0xF0U) == 0xE0U)
      value &= 0x0FU, size = 3;
    else if ((value & 0xF8U) == 0xF0U)
      value &= 0x07U, size = 4;
    ASSERT_EQ(decoded->size(), size) << text;
    for (std::size_t i = 1; i < size; ++i) {
      ASSERT_EQ(octet(i) & 0xC0U, 0x80U) << text;
      value = value << 6 | (octet(i) & 0x3FU);
    }
    ASSERT_EQ(value, point);
    ++decoded_points;
  }
  EXPECT_GT(decoded_points, 20000U);
}

TEST(decode_utf8_address, failures) {
  verify_refused(decode_utf8_address, "", 0);
  verify_refused(decode_utf8_address, "a b", 1);
  verify_refused(decode_utf8_address, "a+2B", 1);
  verify_refused(decode_utf8_address, "a=b", 1);
  verify_refused(decode_utf8_address, "\\", 0);
  verify_refused(decode_utf8_address, "\\x{", 3);
  verify_refused(decode_utf8_address, "\\x{E9", 5);
  verify_refused(decode_utf8_address, "a\\x{41}", 6);
  verify_refused(decode_utf8_address, "\\x{D800}", 7);
  verify_refused(decode_utf8_address, "\\x{110000}", 8);
  verify_refused(decode_utf8_address, "\xC3", 1);
  verify_refused(decode_utf8_address, "\xED\xA0\x80", 1);
}

} // namespace
} // namespace postel::test
