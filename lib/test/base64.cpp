#include "postel/base64.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "exact.hpp"

namespace {

using namespace postel;
using postel::test::exact;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encoded(std::string_view octets) {
  std::string out = "before";
  const exact block(octets);
  const std::size_t size = append_base64(out, block);
  EXPECT_EQ(size, out.size() - 6);
  EXPECT_TRUE(out.starts_with("before"));
  return out.substr(6);
}

result<std::string_view> decoded(std::string_view text, std::span<char> buffer) {
  const exact block(text);
  return decode_base64(block, buffer);
}

// Octets of every length, and of every value.
std::string some_octets(std::size_t size, std::mt19937& random) {
  std::string octets;
  while (octets.size() < size) octets += static_cast<char>(static_cast<unsigned char>(random() % 256));
  return octets;
}

TEST(base64, vectors_of_rfc_4648_10) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  std::array<char, 6> buffer{};
  for (const auto& [octets, text] : vectors) {
    EXPECT_EQ(encoded(octets), text);
    const auto back = decoded(text, buffer);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, octets);
    EXPECT_EQ(back->data(), buffer.data());
  }
}

TEST(base64, every_length_and_every_octet) {
  std::mt19937 random(4648);
  for (std::size_t size = 0; size < 300; ++size)
    for (int round = 0; round < 5; ++round) {
      const std::string octets = some_octets(size, random);
      const std::string text = encoded(octets);
      ASSERT_EQ(text.size(), (size + 2) / 3 * 4);
      ASSERT_EQ(text.find_first_not_of(std::string(alphabet) + "="), std::string::npos);
      std::string buffer(size, '?'); // no octet more than needed
      const auto back = decoded(text, buffer);
      ASSERT_TRUE(back) << text;
      ASSERT_EQ(*back, octets);
    }
}

TEST(base64, a_buffer_that_is_too_small_is_left_alone) {
  std::mt19937 random(3);
  for (std::size_t size = 1; size < 20; ++size) {
    const std::string text = encoded(some_octets(size, random));
    for (std::size_t room = 0; room < size; ++room) {
      std::string buffer(room, '?');
      const auto back = decoded(text, buffer);
      ASSERT_FALSE(back);
      EXPECT_EQ(back.error().code, errc::buffer_too_small);
      EXPECT_EQ(buffer, std::string(room, '?'));
    }
  }
}

// RFC 4648 3.5: what padding leaves over is zero, or one octet could be written in several ways.
TEST(base64, there_is_one_text_for_each_octets) {
  std::array<char, 3> buffer{};
  for (std::size_t i = 0; i < 64; ++i) {
    const char c = alphabet[i];
    const std::string one = std::string("A") + c + "==", two = std::string("AA") + c + "=";
    EXPECT_EQ(decoded(one, buffer).has_value(), i % 16 == 0) << one;
    EXPECT_EQ(decoded(two, buffer).has_value(), i % 4 == 0) << two;
    if (i % 16 != 0) {
      EXPECT_EQ(decoded(one, buffer).error().code, errc::syntax);
      EXPECT_EQ(decoded(one, buffer).error().offset, 1U);
    }
    if (i % 4 != 0) {
      EXPECT_EQ(decoded(two, buffer).error().offset, 2U);
    }
  }
  // Every text of four octets that decodes is what its octets are written as.
  constexpr std::string_view telling = "ABQgw8/+9=-_ \n";
  std::size_t good = 0;
  for (const char a : telling)
    for (const char b : telling)
      for (const char c : telling)
        for (const char d : telling) {
          const std::string text = {a, b, c, d};
          const auto back = decoded(text, buffer);
          if (!back) continue;
          ++good;
          ASSERT_EQ(encoded(*back), text);
        }
  EXPECT_GT(good, 1000U);
}

TEST(base64, nothing_else_is_base64) {
  std::array<char, 100> buffer{};
  const std::pair<std::string_view, std::uint32_t> texts[] = {
      {"A", 1},        {"AA", 2},      {"AAA", 3},      {"AAAAA", 5},    {"=", 0},        {"====", 0},
      {"A===", 1},     {"AA=A", 3},    {"AA=", 3},      {"AAAA=", 4},    {"AA==AAAA", 4}, {"AAA=AAAA", 4},
      {"AAAA ", 4},    {" AAAA", 0},   {"AA\r\nAA", 2}, {"AAAA\r\n", 4}, {"AA-A", 2},     {"AA_A", 2},
      {"AAAA====", 4}, {"AAA\x80", 3}, {"AAA*", 3},     {"*", 0},        {"AAAA\n", 4}};
  for (const auto& [text, offset] : texts) {
    const auto back = decoded(text, buffer);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code, errc::syntax) << text;
    EXPECT_EQ(back.error().offset, offset) << text;
  }
  const std::string_view nul("AA\0A", 4);
  EXPECT_FALSE(decoded(nul, buffer));
}

TEST(base64, an_empty_text_needs_no_buffer) {
  const auto back = decode_base64("", {});
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->empty());
}

} // namespace
