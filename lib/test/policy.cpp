#include "postel/policy.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel;

TEST(command_line_limit, grows_with_what_is_offered) {
  const limits standard;
  EXPECT_EQ(command_line_limit(standard, {}), 512U);
  EXPECT_EQ(command_line_limit(standard, {extension::pipelining}), 512U);
  EXPECT_EQ(command_line_limit(standard, {extension::size}), 512U + 26);
  EXPECT_EQ(command_line_limit(standard, {extension::size, extension::eight_bit_mime, extension::smtputf8}),
            512U + 26 + 17 + 10);
  EXPECT_EQ(command_line_limit(standard, {extension::auth}), 12288U) << "the lines of an AUTH exchange, RFC 4954 4";
}

TEST(command_line_limit, is_that_of_the_command_that_is_lengthened_most) {
  const limits standard;
  EXPECT_EQ(command_line_limit(standard, {extension::dsn}), 512U + 528) << "RCPT's";
  EXPECT_EQ(command_line_limit(standard, {extension::dsn, extension::rrvs}), 512U + 528 + 34);
  EXPECT_EQ(command_line_limit(standard, {extension::dsn, extension::no_soliciting}), 512U + 128 + 1007) << "MAIL's";
}

TEST(command_line_limit, starts_from_the_limit_that_is_set) {
  limits tiny;
  tiny.command_line = 40;
  EXPECT_EQ(command_line_limit(tiny, {extension::size}), 66U);
}

} // namespace
