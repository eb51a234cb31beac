// Values of parameters, written and read again; what no value may be is not written.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "postel/parameter_value.hpp"

namespace {

using namespace postel;

// What append() writes for value; "refused" if it writes nothing.
template <typename... Value>
std::string text(const Value&... value) {
  std::string out = "before ";
  const auto written = append(out, value...);
  if (!written) return out == "before " ? "refused" : "refused and written";
  EXPECT_EQ(out.size(), 7 + *written);
  return out.substr(7);
}

TEST(parameter_value_append, enumerations) {
  EXPECT_EQ(text(body_value::seven_bit), "7BIT");
  EXPECT_EQ(text(body_value::eight_bit_mime), "8BITMIME");
  EXPECT_EQ(text(body_value::binary_mime), "BINARYMIME");
  EXPECT_EQ(text(ret_value::full), "FULL");
  EXPECT_EQ(text(ret_value::headers), "HDRS");
  EXPECT_EQ(text(static_cast<body_value>(7)), "refused");
  EXPECT_EQ(text(static_cast<ret_value>(7)), "refused");
}

TEST(parameter_value_append, notify_in_all_combinations) {
  EXPECT_EQ(text(notify_value{}), "NEVER");
  EXPECT_EQ(text(notify_value{true, false, true}), "SUCCESS,DELAY");
  for (int bits = 0; bits < 8; ++bits) {
    const notify_value value{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    EXPECT_EQ(*parse_notify_value(text(value)), value);
  }
}

TEST(parameter_value_append, orcpt) {
  EXPECT_EQ(text(orcpt_value{"rfc822", "bob+2Bx@example.org"}), "rfc822;bob+2Bx@example.org");
  EXPECT_EQ(text(orcpt_value{"utf-8", "j\xc3\xb6@example.org"}), "refused") << "UTF-8 only where it is asked for";
  EXPECT_EQ(text(orcpt_value{"utf-8", "j\xc3\xb6@example.org"}, charset::utf8), "utf-8;j\xc3\xb6@example.org");
  for (const std::string_view evil : {"a b", "a\r\nb", "a=b", "a+b", "a+2b", "a+0D+0Ab"})
    EXPECT_EQ(text(orcpt_value{"rfc822", evil}), "refused");
  for (const std::string_view evil : {"", "rfc 822", "a;b", "a@b"}) EXPECT_EQ(text(orcpt_value{evil, "x"}), "refused");
}

TEST(parameter_value_append, by) {
  EXPECT_EQ(text(by_value{120, by_mode::return_message, false}), "120;R");
  EXPECT_EQ(text(by_value{-999999999, by_mode::notify, true}), "-999999999;NT");
  EXPECT_EQ(text(by_value{0, by_mode::return_message, false}), "refused") << "RFC 2852 4";
  EXPECT_EQ(text(by_value{1000000000, by_mode::notify, false}), "refused");
  EXPECT_EQ(text(by_value{std::numeric_limits<std::int32_t>::min(), by_mode::notify, false}), "refused");
}

TEST(parameter_value_append, date_times) {
  EXPECT_EQ(text(date_time{2014, 4, 3, 23, 1, 0, {}, 0}), "2014-04-03T23:01:00Z");
  EXPECT_EQ(text(date_time{2016, 2, 29, 18, 29, 60, "5", -330}), "2016-02-29T18:29:60.5-05:30");
  EXPECT_EQ(text(date_time{2015, 2, 29, 0, 0, 0, {}, 0}), "refused");
  EXPECT_EQ(text(date_time{10000, 1, 1, 0, 0, 0, {}, 0}), "refused");
  EXPECT_EQ(text(date_time{2014, 13, 1, 0, 0, 0, {}, 0}), "refused");
  EXPECT_EQ(text(date_time{2014, 1, 1, 24, 0, 0, {}, 0}), "refused");
  EXPECT_EQ(text(date_time{2014, 1, 1, 0, 0, 0, "5Z ", 0}), "refused");
  EXPECT_EQ(text(date_time{2014, 1, 1, 0, 0, 0, {}, 1440}), "refused");
  EXPECT_EQ(text(rrvs_value{{2014, 4, 3, 23, 1, 0, {}, 0}, rrvs_action::continue_delivery}), "2014-04-03T23:01:00Z;C");
  EXPECT_EQ(text(rrvs_value{{2014, 4, 3, 23, 1, 0, {}, 60}, rrvs_action::reject}), "2014-04-03T23:01:00+01:00;R");
  std::mt19937 random(3339);
  int kept = 0;
  for (int round = 0; round < 5000; ++round) {
    const date_time value{static_cast<std::uint16_t>(random() % 10100),
                          static_cast<std::uint8_t>(random() % 14),
                          static_cast<std::uint8_t>(random() % 33),
                          static_cast<std::uint8_t>(random() % 25),
                          static_cast<std::uint8_t>(random() % 61),
                          static_cast<std::uint8_t>(random() % 62),
                          {},
                          static_cast<std::int16_t>(static_cast<int>(random() % 3000) - 1500)};
    const std::string written = text(value);
    if (written == "refused") continue;
    ASSERT_EQ(*parse_date_time(written), value) << written;
    ++kept;
  }
  EXPECT_GT(kept, 3000);
}

TEST(parameter_value_append, mtrk_and_numbers) {
  EXPECT_EQ(text(mtrk_value{"QUJD", 86400}), "QUJD:86400");
  EXPECT_EQ(text(mtrk_value{"QUJD", std::nullopt}), "QUJD");
  EXPECT_EQ(text(mtrk_value{"", std::nullopt}), "refused");
  EXPECT_EQ(text(mtrk_value{"QUJD:1", std::nullopt}), "refused");
  EXPECT_EQ(text(mtrk_value{"QUJD", 1000000000}), "refused");
  std::string out;
  EXPECT_TRUE(append_size_value(out, std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(out, "18446744073709551615");
  out.clear();
  EXPECT_FALSE(append_holdfor_value(out, 0));
  EXPECT_FALSE(append_holdfor_value(out, 1000000000));
  EXPECT_FALSE(append_mt_priority_value(out, 10));
  EXPECT_FALSE(append_mt_priority_value(out, -10));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(append_holdfor_value(out, 999999999));
  EXPECT_TRUE(append_mt_priority_value(out, -9));
  EXPECT_EQ(out, "999999999-9");
}

} // namespace
