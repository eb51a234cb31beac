#include "target_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;

TEST(target_name, forms) {
  EXPECT_EQ(parse_target("mx.example"), (target_name{"mx.example", 25}));
  EXPECT_EQ(parse_target("mx.example:2525"), (target_name{"mx.example", 2525}));
  EXPECT_EQ(parse_target("192.0.2.1:1"), (target_name{"192.0.2.1", 1}));
  EXPECT_EQ(parse_target("[2001:db8::1]"), (target_name{"2001:db8::1", 25}));
  EXPECT_EQ(parse_target("[2001:db8::1]:65535"), (target_name{"2001:db8::1", 65535}));
  EXPECT_EQ(parse_target("2001:db8::1"), (target_name{"2001:db8::1", 25}));
}

TEST(target_name, refused) {
  for (const char* const text :
       {"", ":25", "mx:", "mx:0", "mx:65536", "mx:25x", "mx:-1", "[::1", "[::1]25", "[::1]:", "[]:25"})
    EXPECT_EQ(parse_target(text), std::nullopt) << text;
}

} // namespace
