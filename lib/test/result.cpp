#include "postel/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

namespace postel {
namespace {

static_assert(std::is_same_v<result<int>::value_type, int>);
static_assert(std::is_same_v<result<int>::error_type, failure>);
static_assert(std::is_convertible_v<int, result<int>>);
static_assert(std::is_convertible_v<failure, result<int>>);
static_assert(!std::is_convertible_v<result<int>, bool>, "only where a condition is asked for");
static_assert(std::is_constructible_v<bool, result<int>>);
static_assert(!std::is_default_constructible_v<result<int>>, "neither value nor failure");
static_assert(std::is_nothrow_constructible_v<result<int>, int>);
static_assert(std::is_nothrow_constructible_v<result<int>, failure>);
static_assert(noexcept(std::declval<const result<int>&>().has_value()));
static_assert(std::is_copy_constructible_v<result<int>> && std::is_move_constructible_v<result<int>>);

// Usable in constant expressions.
constexpr result<int> seven = 7;
constexpr result<int> none = failure{errc::syntax, 3};
static_assert(seven && *seven == 7 && seven.value_or(9) == 7);
static_assert(!none && none.error().offset == 3 && none.value_or(9) == 9);

// Of nothing: success, or why not.
static_assert(result<void>() && !result<void>(failure{errc::not_now}));
static_assert(result<void>(failure{errc::not_now, 3}).error().offset == 3);
static_assert(std::is_convertible_v<failure, result<void>> && !std::is_convertible_v<result<void>, bool>);

TEST(result, of_nothing) {
  EXPECT_EQ(result<void>(), result<void>());
  EXPECT_NE(result<void>(), result<void>(failure{errc::not_now}));
}

TEST(result, of_a_value) {
  const result<std::string> r = std::string("text");
  ASSERT_TRUE(r);
  EXPECT_TRUE(r.has_value());
  EXPECT_EQ(*r, "text");
  EXPECT_EQ(r->size(), 4U);
  EXPECT_EQ(r.value_or("other"), "text");
}

TEST(result, of_a_failure) {
  const result<std::string> r = failure{errc::bare_lf, 12};
  ASSERT_FALSE(r);
  EXPECT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::bare_lf);
  EXPECT_EQ(r.error().offset, 12U);
  EXPECT_EQ(r.value_or("other"), "other");
}

TEST(result, the_value_can_be_changed) {
  result<std::string> r = std::string("text");
  *r += "s";
  r->push_back('!');
  EXPECT_EQ(*r, "texts!");
  r = failure{errc::syntax, 0};
  EXPECT_FALSE(r);
  r = std::string("again");
  ASSERT_TRUE(r);
  EXPECT_EQ(*r, "again");
}

TEST(result, the_value_can_be_moved_out) {
  result<std::unique_ptr<int>> r = std::make_unique<int>(5);
  ASSERT_TRUE(r);
  const std::unique_ptr<int> moved = *std::move(r);
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(*moved, 5);
  // NOLINTNEXTLINE(bugprone-use-after-move): it is the subject.
  EXPECT_TRUE(r) << "a moved-from value is still a value";
  EXPECT_EQ(*r, nullptr);
}

TEST(result, equality) {
  using number = result<int>;
  EXPECT_EQ(number(1), number(1));
  EXPECT_NE(number(1), number(2));
  EXPECT_EQ(number(failure{errc::syntax, 1}), number(failure{errc::syntax, 1}));
  EXPECT_NE(number(failure{errc::syntax, 1}), number(failure{errc::syntax, 2}));
  EXPECT_NE(number(failure{errc::syntax, 1}), number(failure{errc::bare_cr, 1}));
  EXPECT_NE(number(0), number(failure{errc::syntax, 0}));
}

TEST(result, a_failure_starts_at_offset_zero) {
  EXPECT_EQ(failure{errc::not_now}.offset, 0U);
}

TEST(error, each_code_has_a_message_of_its_own) {
  std::set<std::string_view> messages;
  for (unsigned code = static_cast<unsigned>(errc::syntax); code <= static_cast<unsigned>(errc::window_full); ++code) {
    const std::string_view text = message(static_cast<errc>(code));
    EXPECT_FALSE(text.empty());
    EXPECT_NE(text, message(errc{})) << "code " << code << " is unknown to message()";
    EXPECT_NE(text.back(), '.');
    EXPECT_EQ(text.find_first_of("\r\n"), std::string_view::npos);
    EXPECT_TRUE(messages.insert(text).second) << text << " stands for two codes";
  }
}

} // namespace
} // namespace postel
