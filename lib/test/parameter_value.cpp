#include "postel/parameter_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "mutate.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

struct refused_row {
  std::string_view text;
  std::uint32_t offset;
};

// parse() refuses each text as a parameter's value, at that offset.
template <typename Parse>
void verify_refused(Parse parse, const std::vector<refused_row>& rows) {
  for (const refused_row& row : rows) {
    const exact block(row.text);
    const auto parsed = parse(block.view());
    ASSERT_FALSE(parsed) << testing::PrintToString(std::string(row.text));
    EXPECT_EQ(parsed.error().code, errc::parameter_value) << testing::PrintToString(std::string(row.text));
    EXPECT_EQ(parsed.error().offset, row.offset) << testing::PrintToString(std::string(row.text));
  }
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
  for (const char* text : {"BINARYMIME", "binarymime", "BinaryMime"})
    EXPECT_EQ(parse_body_value(exact(text)), body_value::binary_mime) << text;
  // A word counts as a whole: the offset is where it starts.
  verify_refused(parse_body_value, {{"", 0},
                                    {"8BIT", 0},
                                    {"9BIT", 0},
                                    {" 7BIT", 0},
                                    {"BINARY", 0},
                                    {"7BITX", 4},
                                    {"8BITMIME ", 8},
                                    {"BINARYMIMES", 10}});
}

TEST(ret_value, values_and_failures) {
  for (const char* text : {"FULL", "full"}) EXPECT_EQ(parse_ret_value(exact(text)), ret_value::full) << text;
  for (const char* text : {"HDRS", "hdrs"}) EXPECT_EQ(parse_ret_value(exact(text)), ret_value::headers) << text;
  verify_refused(parse_ret_value, {{"", 0}, {"NONE", 0}, {"FUL", 0}, {"FULLY", 4}, {"HDRS,FULL", 4}, {" FULL", 0}});
}

TEST(notify_value, values) {
  const struct {
    std::string_view text;
    notify_value value;
  } rows[] = {{"NEVER", {}},
              {"never", {}},
              {"SUCCESS", {true, false, false}},
              {"FAILURE", {false, true, false}},
              {"DELAY", {false, false, true}},
              {"success,delay", {true, false, true}},
              {"SUCCESS,FAILURE,DELAY", {true, true, true}},
              {"DELAY,FAILURE,SUCCESS", {true, true, true}},
              {"DELAY,DELAY", {false, false, true}}};
  for (const auto& row : rows) {
    const auto parsed = parse_notify_value(exact(row.text));
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.value) << row.text;
    EXPECT_EQ(parsed->never(), equal_ignoring_case(row.text, "NEVER"));
  }
  verify_refused(parse_notify_value, {{"", 0},
                                      {"ALWAYS", 0},
                                      {"NEVER,SUCCESS", 5},
                                      {"SUCCESS,NEVER", 8},
                                      {"SUCCESS,", 8},
                                      {",SUCCESS", 0},
                                      {"SUCCESS,,DELAY", 8},
                                      {"SUCCESS, DELAY", 8},
                                      {"DELAYED", 5}});
}

TEST(orcpt_value, values) {
  const struct {
    std::string_view text, type, address;
    bool utf8;
  } rows[] = {{"rfc822;Bob@Example.COM", "rfc822", "Bob@Example.COM", false},
              {"RFC822;a+2Bb;c", "RFC822", "a+2Bb;c", false},
              {"rfc822;", "rfc822", "", false},
              {"x-local;!", "x-local", "!", false},
              {"utf-8;t\\x{E9}st@b", "utf-8", "t\\x{E9}st@b", true},
              {"UTF-8;a@b", "UTF-8", "a@b", true}};
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      const exact block(row.text);
      const auto parsed = parse_orcpt_value(block.view(), octets);
      ASSERT_TRUE(parsed) << row.text;
      EXPECT_EQ(*parsed, (orcpt_value{row.type, row.address}));
      EXPECT_EQ(parsed->is_utf8(), row.utf8) << row.text;
      EXPECT_TRUE(inside(parsed->address_type, block.view()) && inside(parsed->address, block.view()));
    }
  const exact unitext("utf-8;t\xC3\xA9st@b");
  EXPECT_EQ(parse_orcpt_value(unitext.view(), charset::utf8), (orcpt_value{"utf-8", "t\xC3\xA9st@b"}));
  EXPECT_FALSE(parse_orcpt_value(unitext.view(), charset::ascii));
  verify_refused([](std::string_view text) { return parse_orcpt_value(text, charset::utf8); },
                 {{"", 0},
                  {"rfc822", 6},
                  {";a", 0},
                  {"rfc822;a b", 8},
                  {"rfc822;a+2b", 10},
                  {"rfc822;t\xC3\xA9st", 8},
                  {"utf-8;", 6},
                  {"utf-8;a+2B", 7},
                  {"utf-8;\\x{41}", 11}});
}

// RFC 3461 4.2, 4.4: what is encoded is graphic ASCII or white space, for it goes into a notification.
TEST(xtext_of_dsn, holds_what_can_be_printed) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    char text[16];
    std::snprintf(text, sizeof text, "a+%02Xb", octet);
    const bool printable = octet == '\t' || (octet >= ' ' && octet <= '~');
    const auto envid = parse_envid_value(exact(text));
    EXPECT_EQ(envid.has_value(), printable) << text;
    if (!envid) {
      EXPECT_EQ(envid.error(), (failure{errc::parameter_value, 1}));
    }
    const std::string typed = std::string("rfc822;") + text;
    for (const charset octets : both_charsets) {
      const auto orcpt = parse_orcpt_value(exact(typed), octets);
      EXPECT_EQ(orcpt.has_value(), printable) << typed;
      if (!orcpt) {
        EXPECT_EQ(orcpt.error(), (failure{errc::parameter_value, 8}));
      }
    }
  }
  EXPECT_EQ(parse_envid_value(exact("+2B+0D+0ABcc:+20eve")), (failure{errc::parameter_value, 3}));
}

// AUTH and SUBMITTER carry a mailbox as xtext; what it decodes to is looked at too.
TEST(mailbox_as_xtext, values_and_failures) {
  for (const char* text :
       {"ann@client.example", "e+3Dmc2@example.com", "+22a+20b+22@c", "a@[192.0.2.1]", "j+C3+B6rg@b"}) {
    const exact block(text);
    for (const auto& parsed : {parse_auth_value(block.view()), parse_submitter_value(block.view())}) {
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(parsed->data(), block.view().data());
      EXPECT_EQ(*parsed, text);
    }
  }
  EXPECT_EQ(parse_auth_value(exact("<>")), "<>"sv);
  EXPECT_EQ(parse_auth_value(exact("+3C+3E")), "+3C+3E"sv); // the same, encoded
  EXPECT_EQ(parse_submitter_value(exact("<>")), (failure{errc::parameter_value, 0}));
  const std::vector<refused_row> rows = {
      {"", 0},        {"a", 0},         {"<a@b>", 0},     {"a=b@c", 1}, {"a+b@c", 2},  {"a+2b@c", 3}, {"a b@c", 1},
      {"a+20b@c", 0}, {"a@b+0D+0A", 0}, {"+3C+3E+3E", 0}, {"@b", 0},    {"a@b+00", 0}, {"j+FF@b", 0}};
  verify_refused(parse_auth_value, rows);
  verify_refused(parse_submitter_value, rows);
  // 500 octets decoded and no more (RFC 4954 3), however many they are encoded.
  const std::string domain = "@example.com";
  const std::string most = std::string(500 - domain.size(), 'a') + domain;
  EXPECT_TRUE(parse_auth_value(exact(most)));
  EXPECT_EQ(parse_auth_value(exact("a" + most)), (failure{errc::parameter_value, 500}));
  std::string encoded;
  for (std::size_t i = 0; i < 500 - domain.size(); ++i) encoded += "+61";
  EXPECT_TRUE(parse_submitter_value(exact(encoded + domain)));
  EXPECT_EQ(parse_submitter_value(exact("+61" + encoded + domain)), (failure{errc::parameter_value, 500}));
}

TEST(envid_value, values_and_failures) {
  for (const char* text : {"", "QQ314159", "a+2Bb", "!", "<>"}) {
    const exact block(text);
    const auto parsed = parse_envid_value(block.view());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, text);
    EXPECT_TRUE(inside(*parsed, block.view()));
  }
  verify_refused(parse_envid_value, {{"a=b", 1}, {"a+", 2}, {"a+2", 3}, {"a+2b", 3}, {"a\tb", 1}, {"\xC3\xBC", 0}});
}

TEST(by_value, values) {
  const struct {
    std::string_view text;
    by_value value;
  } rows[] = {{"120;R", {120, by_mode::return_message, false}},
              {"+1;rT", {1, by_mode::return_message, true}},
              {"0;N", {0, by_mode::notify, false}},
              {"-0;n", {0, by_mode::notify, false}},
              {"-5;NT", {-5, by_mode::notify, true}},
              {"000000007;Nt", {7, by_mode::notify, true}},
              {"999999999;R", {999999999, by_mode::return_message, false}},
              {"-999999999;N", {-999999999, by_mode::notify, false}}};
  for (const auto& row : rows) EXPECT_EQ(parse_by_value(exact(row.text)), row.value) << row.text;
  // RFC 2852 4: a message can't be returned before it is late.
  for (const char* text : {"0;R", "-1;R", "-0;r", "+0;RT", "000000000;R"})
    EXPECT_EQ(parse_by_value(exact(text)), (failure{errc::parameter_value, 0})) << text;
  verify_refused(parse_by_value, {{"", 0},
                                  {"120", 3},
                                  {"120;", 4},
                                  {"120;X", 4},
                                  {"120;RR", 5},
                                  {"1000000000;R", 9},
                                  {"+;R", 1},
                                  {"--1;N", 1},
                                  {"1 ;N", 1}});
}

TEST(date_time, values) {
  const struct {
    std::string_view text;
    date_time value;
  } rows[] = {
      {"1985-04-12T23:20:50.52Z", {1985, 4, 12, 23, 20, 50, "52", 0}},
      {"1996-12-19T16:39:57-08:00", {1996, 12, 19, 16, 39, 57, "", -480}},
      {"1990-12-31T23:59:60Z", {1990, 12, 31, 23, 59, 60, "", 0}},
      {"1990-12-31T15:59:60-08:00", {1990, 12, 31, 15, 59, 60, "", -480}},
      {"1937-01-01t12:00:27.87+00:20", {1937, 1, 1, 12, 0, 27, "87", 20}},
      {"0000-02-29T00:00:00z", {0, 2, 29, 0, 0, 0, "", 0}},
      {"9999-12-31T23:59:59.000000000000000000001+23:59", {9999, 12, 31, 23, 59, 59, "000000000000000000001", 1439}},
      {"2024-02-29T08:09:09-23:59", {2024, 2, 29, 8, 9, 9, "", -1439}},
      {"2027-08-08T08:08:08-00:00", {2027, 8, 8, 8, 8, 8, "", 0}}};
  for (const auto& row : rows) {
    const exact block(row.text);
    const auto parsed = parse_date_time(block.view());
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.value) << row.text;
    EXPECT_TRUE(inside(parsed->fraction, block.view()));
  }
  verify_refused(parse_date_time, {{"", 0},
                                   {"85-04-12T23:20:50Z", 2},
                                   {"1985-13-12T23:20:50Z", 6},
                                   {"1985-04-12", 10},
                                   {"1985-04-12T24:20:50Z", 12},
                                   {"1985-04-12T23:20:50", 19},
                                   {"1985-04-12T23:20:50.Z", 20},
                                   {"1985-04-12T23:20:50Zx", 20}});
}

// RFC 3339 5.7: the second 60 is the last of a month, in UTC, and no other.
TEST(date_time, leap_seconds) {
  for (const char* text : {"2016-12-31T23:59:60Z", "2016-06-30T23:59:60.999Z", "2016-02-29T23:59:60Z",
                           "2015-02-28T23:59:60Z", "2017-01-01T00:59:60+01:00", "2017-01-01T05:29:60+05:30",
                           "2017-01-01T23:58:60+23:59", "2016-12-31T00:00:60-23:59", "0000-01-01T00:00:60+00:01"})
    EXPECT_TRUE(parse_date_time(exact(text))) << text;
  for (const char* text :
       {"2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-30T23:59:60Z", "2016-02-28T23:59:60Z",
        "2016-12-31T23:59:60+00:01", "2016-12-31T23:59:60-01:00", "2017-01-01T00:00:60Z", "2017-01-02T00:59:60+01:00",
        "2016-12-31T00:59:60+01:00", "2016-12-30T00:00:60-23:59"})
    EXPECT_EQ(parse_date_time(exact(text)), (failure{errc::parameter_value, 17})) << text;
}

// RFC 3339 5.7, against the calendar counted from the rules of the year instead of the month.
TEST(date_time, days_of_the_month) {
  constexpr unsigned thirty[] = {4, 6, 9, 11};
  for (const unsigned year : {0U, 4U, 100U, 1900U, 1996U, 1999U, 2000U, 2023U, 2024U, 2100U, 2400U, 9999U}) {
    unsigned days = 0;
    for (unsigned month = 1; month <= 12; ++month)
      for (unsigned day = 1; day <= 31; ++day) {
        char text[32];
        std::snprintf(text, sizeof text, "%04u-%02u-%02uT00:00:00Z", year, month, day);
        const auto parsed = parse_date_time(exact(text));
        days += parsed ? 1U : 0U;
        if (parsed) continue;
        EXPECT_EQ(parsed, (failure{errc::parameter_value, 8})) << text;
        EXPECT_TRUE(day > 28 && (month == 2 || (day == 31 && std::ranges::find(thirty, month) != std::end(thirty))))
            << text;
      }
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    EXPECT_EQ(days, leap ? 366U : 365U) << year;
  }
}

TEST(holdfor_value, values_and_failures) {
  EXPECT_EQ(parse_holdfor_value(exact("1")), 1U);
  EXPECT_EQ(parse_holdfor_value(exact("86400")), 86400U);
  EXPECT_EQ(parse_holdfor_value(exact("999999999")), 999999999U);
  verify_refused(parse_holdfor_value, {{"", 0}, {"0", 0}, {"01", 0}, {"1000000000", 9}, {"-1", 0}, {"1s", 1}});
}

TEST(mt_priority_value, values_and_failures) {
  for (int priority = -9; priority <= 9; ++priority)
    EXPECT_EQ(parse_mt_priority_value(exact(std::to_string(priority))), static_cast<std::int8_t>(priority));
  verify_refused(parse_mt_priority_value,
                 {{"", 0}, {"10", 1}, {"-10", 2}, {"+1", 0}, {"-0", 1}, {"00", 1}, {"-", 1}, {"1.", 1}});
}

TEST(rrvs_value, values_and_failures) {
  const date_time since{2014, 4, 3, 23, 1, 0, "", 0};
  const struct {
    std::string_view text;
    rrvs_action action;
  } rows[] = {{"2014-04-03T23:01:00Z", rrvs_action::reject},
              {"2014-04-03T23:01:00Z;R", rrvs_action::reject},
              {"2014-04-03T23:01:00Z;r", rrvs_action::reject},
              {"2014-04-03T23:01:00Z;C", rrvs_action::continue_delivery},
              {"2014-04-03T23:01:00Z;c", rrvs_action::continue_delivery}};
  for (const auto& row : rows)
    EXPECT_EQ(parse_rrvs_value(exact(row.text)), (rrvs_value{since, row.action})) << row.text;
  verify_refused(parse_rrvs_value, {{"", 0},
                                    {"2014-04-03T23:01:00Z;", 21},
                                    {"2014-04-03T23:01:00Z;X", 21},
                                    {"2014-04-03T23:01:00Z;CC", 22},
                                    {"2014-04-03T23:01:00.5Z", 19},
                                    {"2014-02-30T23:01:00Z", 8},
                                    {"2014-02-30T23:01:00Z;C", 8}});
}

TEST(solicit_value, values_and_failures) {
  for (const char* text : {"net.example:ADV", "org.example:ADV:ADLT,net.example:ADV", "a"}) {
    const exact block(text);
    const auto parsed = parse_solicit_value(block.view());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, text);
    EXPECT_TRUE(inside(*parsed, block.view()));
  }
  EXPECT_TRUE(parse_solicit_value(exact(std::string(1000, 'a'))));
  EXPECT_EQ(parse_solicit_value(exact(std::string(1001, 'a'))), (failure{errc::parameter_value, 1000}));
  verify_refused(parse_solicit_value, {{"", 0}, {"1a", 0}, {"a,", 2}, {",a", 0}, {"a b", 1}});
}

TEST(mtrk_value, values_and_failures) {
  const struct {
    std::string_view text;
    mtrk_value value;
  } rows[] = {{"dGVzdA", {"dGVzdA", std::nullopt}},
              {"dGVzdA:0", {"dGVzdA", 0U}},
              {"+/:604800", {"+/", 604800U}},
              {"A:999999999", {"A", 999999999U}}};
  for (const auto& row : rows) {
    const exact block(row.text);
    const auto parsed = parse_mtrk_value(block.view());
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.value) << row.text;
    EXPECT_TRUE(inside(parsed->certifier, block.view()));
  }
  verify_refused(parse_mtrk_value, {{"", 0},
                                    {":1", 0},
                                    {"A:", 2},
                                    {"A:x", 2},
                                    {"A:1000000000", 11},
                                    {"A=", 1},
                                    {"dGVzdA==", 6},
                                    {"dGVzdA==:1", 6},
                                    {"A B", 1}});
}

TEST(transid_value, values_and_failures) {
  for (const char* text : {"<12345@claremont.edu>", "<a@b>"}) {
    const exact block(text);
    const auto parsed = parse_transid_value(block.view());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, text);
    EXPECT_TRUE(inside(*parsed, block.view()));
  }
  verify_refused(parse_transid_value,
                 {{"", 0}, {"<>", 1}, {"a@b", 0}, {"<a>", 2}, {"<a@b", 4}, {"<a@b>x", 5}, {"<\"a\"@b>", 1}});
  // RFC 1845 2: no longer than 80 characters.
  EXPECT_TRUE(parse_transid_value(exact("<" + std::string(76, 'a') + "@b>")));
  EXPECT_EQ(parse_transid_value(exact("<" + std::string(77, 'a') + "@b>")), (failure{errc::parameter_value, 80}));
}

// No octet string makes a value parser fail otherwise than by saying where.
TEST(parameter_values, of_any_octets) {
  const std::vector<std::string> seeds = {"1000",
                                          "8BITMIME",
                                          "FULL",
                                          "SUCCESS,DELAY",
                                          "rfc822;a+2Bb",
                                          "utf-8;\\x{E9}@b",
                                          "a+3Db@c",
                                          "120;RT",
                                          "1985-04-12T23:20:50.52Z",
                                          "2014-04-03T23:01:00Z;C",
                                          "-9",
                                          "net.example:ADV",
                                          "dGVzdA:1",
                                          "<a@b>"};
  mutator texts(seeds, 6710);
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = texts.next();
    const exact block(text);
    const auto judge = [&](const auto& parsed) {
      (parsed ? accepted : refused) += 1;
      if (parsed) return;
      EXPECT_EQ(parsed.error().code, errc::parameter_value);
      EXPECT_LE(parsed.error().offset, text.size()) << testing::PrintToString(text);
    };
    judge(parse_size_value(block.view()));
    judge(parse_body_value(block.view()));
    judge(parse_ret_value(block.view()));
    judge(parse_notify_value(block.view()));
    judge(parse_orcpt_value(block.view(), charset::ascii));
    judge(parse_orcpt_value(block.view(), charset::utf8));
    judge(parse_envid_value(block.view()));
    judge(parse_auth_value(block.view()));
    judge(parse_submitter_value(block.view()));
    judge(parse_by_value(block.view()));
    judge(parse_date_time(block.view()));
    judge(parse_holdfor_value(block.view()));
    judge(parse_mt_priority_value(block.view()));
    judge(parse_rrvs_value(block.view()));
    judge(parse_solicit_value(block.view()));
    judge(parse_mtrk_value(block.view()));
    judge(parse_transid_value(block.view()));
  }
  EXPECT_GT(accepted, 20000U);
  EXPECT_GT(refused, 100000U);
}

} // namespace
} // namespace postel::test
