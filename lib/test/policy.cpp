#include "postel/policy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace {

using namespace postel;

TEST(command_line_limit, grows_with_what_is_offered) {
  const server_limits standard;
  EXPECT_EQ(command_line_limit(standard, {}), 512U);
  EXPECT_EQ(command_line_limit(standard, {extension::pipelining}), 512U);
  EXPECT_EQ(command_line_limit(standard, {extension::size}), 512U + 26);
  EXPECT_EQ(command_line_limit(standard, {extension::size, extension::eight_bit_mime, extension::smtputf8}),
            512U + 26 + 16 + 10);
  EXPECT_EQ(command_line_limit(standard, {extension::auth}), 12288U) << "the lines of an AUTH exchange, RFC 4954 4";
}

TEST(command_line_limit, is_that_of_the_command_that_is_lengthened_most) {
  const server_limits standard;
  EXPECT_EQ(command_line_limit(standard, {extension::dsn}), 512U + 536) << "RCPT's";
  EXPECT_EQ(command_line_limit(standard, {extension::dsn, extension::rrvs}), 512U + 536 + 33);
  EXPECT_EQ(command_line_limit(standard, {extension::dsn, extension::no_soliciting}), 512U + 116 + 1007) << "MAIL's";
}

// Each by itself, as its RFC has it: MAIL's unless another command is lengthened more.
TEST(command_line_limit, of_every_extension) {
  const std::map<extension, std::size_t> longer = {
      {extension::size, 26},          {extension::eight_bit_mime, 16},  {extension::smtputf8, 10},
      {extension::dsn, 536},          {extension::auth, 12288 - 512},   {extension::deliverby, 17},
      {extension::futurerelease, 34}, {extension::mt_priority, 15},     {extension::requiretls, 11},
      {extension::rrvs, 33},          {extension::no_soliciting, 1007}, {extension::mtrk, 40},
      {extension::conperm, 8},        {extension::conneg, 7},           {extension::checkpoint, 88},
      {extension::submitter, 511}};
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto which = static_cast<extension>(i);
    const auto row = longer.find(which);
    EXPECT_EQ(command_line_limit({}, {which}), 512 + (row == longer.end() ? 0 : row->second)) << keyword(which);
  }
}

// RFC 3461 5.4: a command of 512 octets and the longest ENVID and RET, or the longest ORCPT and NOTIFY.
TEST(command_line_limit, leaves_room_for_the_longest_parameters) {
  const server_limits standard;
  EXPECT_GE(command_line_limit(standard, {extension::dsn}),
            512 + std::string(" ORCPT=").size() + 500 + std::string(" NOTIFY=SUCCESS,FAILURE,DELAY").size());
  EXPECT_GE(command_line_limit(standard, {extension::rrvs}),
            512 + std::string(" RRVS=2014-04-03T23:01:00-07:00;C").size());
  EXPECT_GE(command_line_limit(standard, {extension::futurerelease}),
            512 + std::string(" HOLDUNTIL=2027-01-31T00:00:00Z").size());
  EXPECT_GE(command_line_limit(standard, {extension::deliverby}), 512 + std::string(" BY=-999999999;NT").size());
  EXPECT_GE(command_line_limit(standard, {extension::checkpoint}), 512 + std::string(" TRANSID=").size() + 79);
}

TEST(command_line_limit, starts_from_the_limit_that_is_set) {
  server_limits tiny;
  tiny.command_line = 40;
  EXPECT_EQ(command_line_limit(tiny, {extension::size}), 66U);
}

} // namespace
