#include "postel/parameter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <ranges>
#include <string>
#include <vector>

#include "round_trip.hpp"

namespace postel::test {
namespace {

static_assert(std::input_iterator<parameters::iterator>);
static_assert(std::ranges::input_range<const parameters>);
static_assert(std::is_same_v<std::ranges::range_value_t<const parameters>, parameter>);

std::vector<parameter> listed(const parameters& from) {
  return {from.begin(), from.end()};
}

TEST(parameters, iteration) {
  const exact block("SIZE=1000 BODY=8BITMIME SMTPUTF8 X-A=<:>");
  const parameters params(block.view());
  EXPECT_FALSE(params.empty());
  EXPECT_EQ(params.text(), block.view());
  const std::vector<parameter> expected = {
      {"SIZE", "1000"}, {"BODY", "8BITMIME"}, {"SMTPUTF8", std::nullopt}, {"X-A", "<:>"}};
  EXPECT_EQ(listed(params), expected);
  for (const parameter p : params) {
    EXPECT_TRUE(inside(p.keyword, block.view()));
    EXPECT_TRUE(inside(p.value.value_or(""), block.view()));
  }
}

TEST(parameters, iteration_of_none_and_of_one) {
  EXPECT_TRUE(parameters().empty());
  EXPECT_EQ(parameters().begin(), parameters().end());
  EXPECT_TRUE(parameters("").empty());
  EXPECT_EQ(listed(parameters("A")), (std::vector<parameter>{{"A", std::nullopt}}));
  EXPECT_EQ(listed(parameters("A=1")), (std::vector<parameter>{{"A", "1"}}));
}

TEST(parameters, iterator_increments) {
  const exact block("A=1 B C=3");
  const parameters params(block.view());
  auto at = params.begin();
  EXPECT_EQ((*at).keyword, "A");
  EXPECT_EQ((*at++).keyword, "A");
  EXPECT_EQ((*at).keyword, "B");
  EXPECT_EQ((*++at).keyword, "C");
  EXPECT_NE(at, params.end());
  EXPECT_EQ(++at, params.end());
}

TEST(parameters, find_ignores_case_and_gives_the_first) {
  const exact block("Size=1 BODY=7BIT size=2 X");
  const parameters params(block.view());
  for (const char* keyword : {"SIZE", "size", "sIzE"})
    EXPECT_EQ(params.find(keyword), (parameter{"Size", "1"})) << keyword;
  EXPECT_EQ(params.find("body"), (parameter{"BODY", "7BIT"}));
  EXPECT_EQ(params.find("x"), (parameter{"X", std::nullopt}));
  for (const char* keyword : {"", "SIZ", "SIZES", "1", "7BIT", "SIZE=1", "Y"})
    EXPECT_EQ(params.find(keyword), std::nullopt) << keyword;
  EXPECT_EQ(parameters().find("SIZE"), std::nullopt);
}

TEST(parameters, equality_is_that_of_the_octets) {
  EXPECT_EQ(parameters("A=1"), parameters(std::string("A") + "=1"));
  EXPECT_NE(parameters("A=1"), parameters("a=1"));
  EXPECT_NE(parameters("A=1"), parameters());
  EXPECT_EQ((parameter{"A", "1"}), (parameter{"A", "1"}));
  EXPECT_NE((parameter{"A", "1"}), (parameter{"A", std::nullopt}));
  EXPECT_NE((parameter{"A", ""}), (parameter{"A", std::nullopt}));
}

TEST(size_value, values) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const struct {
    std::string_view text;
    std::uint64_t value;
  } rows[] = {
      {"0", 0},
      {"1", 1},
      {"0001", 1},
      {"1000000", 1000000},
      {"00000000000000000001", 1},
      {"9999999999999999999", 9999999999999999999U},
      {"18446744073709551614", most - 1},
      {"18446744073709551615", most},
      // What 64 bits do not hold is as large as they can say.
      {"18446744073709551616", most},
      {"18446744073709551620", most},
      {"99999999999999999999", most},
  };
  for (const auto& row : rows) {
    const result<std::uint64_t> parsed = parse_size_value(exact(row.text));
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.value) << row.text;
  }
}

TEST(size_value, failures) {
  const struct {
    std::string_view text;
    std::uint32_t offset;
  } rows[] = {
      {"", 0},   {" ", 0},  {"-1", 0},   {"+1", 0},   {"a", 0},
      {"1a", 1}, {"1 ", 1}, {"12.0", 2}, {"0x10", 1}, {"000000000000000000001", 20},
  };
  for (const auto& row : rows)
    EXPECT_EQ(parse_size_value(exact(row.text)), (failure{errc::parameter_value, row.offset})) << row.text;
}

TEST(body_value, values_and_failures) {
  for (const char* text : {"7BIT", "7bit", "7Bit"})
    EXPECT_EQ(parse_body_value(exact(text)), body_value::seven_bit) << text;
  for (const char* text : {"8BITMIME", "8bitmime", "8BitMime"})
    EXPECT_EQ(parse_body_value(exact(text)), body_value::eight_bit_mime) << text;
  // A word counts as a whole: the offset is where it starts.
  const struct {
    std::string_view text;
    std::uint32_t offset;
  } rows[] = {{"", 0}, {"8BIT", 0}, {"9BIT", 0}, {" 7BIT", 0}, {"BINARYMIME", 0}, {"7BITX", 4}, {"8BITMIME ", 8}};
  for (const auto& row : rows)
    EXPECT_EQ(parse_body_value(exact(row.text)), (failure{errc::parameter_value, row.offset})) << row.text;
}

} // namespace
} // namespace postel::test
