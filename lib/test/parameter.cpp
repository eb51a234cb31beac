#include "postel/parameter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
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

} // namespace
} // namespace postel::test
