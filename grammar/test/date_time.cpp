#include "postel/grammar/date_time.hpp"

#include "verify.hpp"

namespace postel::test {
namespace {

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

// Rule takes the two digits of first to last and of no other number; neither one digit nor three.
template <typename Rule>
void verify_two_digits(unsigned first, unsigned last) {
  for (unsigned number = 0; number < 100; ++number) judge<Rule>(number >= first && number <= last, two_digits(number));
  for (unsigned octet = 0; octet < 256; ++octet) {
    bad<Rule>(one(octet));
    if (octet >= '0' && octet <= '9') continue;
    bad<Rule>(one(octet) + "1");
    bad<Rule>("1" + one(octet));
  }
  for (const char* text : {"", "001", "011", "+1", " 1", "1 ", "1.", "-1"}) bad<Rule>(text);
}

TEST(date_time, two_digit_fields) {
  verify_two_digits<g::date_month>(1, 12);
  verify_two_digits<g::date_mday>(1, 31);
  verify_two_digits<g::time_hour>(0, 23);
  verify_two_digits<g::time_minute>(0, 59);
  verify_two_digits<g::time_second>(0, 60); // 60 is a leap second's
}

TEST(date_time, date_fullyear) {
  for (const char* text : {"0000", "0001", "1985", "2024", "9999"}) ok<g::date_fullyear>(text);
  for (const char* text : {"", "1", "85", "198", "19850", "+985", "-985", "19 5", "198X",
                           "\xEF\xBC\x91"
                           "985"})
    bad<g::date_fullyear>(text);
}

TEST(date_time, date_month_and_day_and_time) {
  for (const char* text : {"01", "12"}) ok<g::date_month>(text);
  for (const char* text : {"00", "13", "1"}) bad<g::date_month>(text);
  for (const char* text : {"01", "31"}) ok<g::date_mday>(text);
  for (const char* text : {"00", "32", "1"}) bad<g::date_mday>(text);
  for (const char* text : {"00", "23"}) ok<g::time_hour>(text);
  for (const char* text : {"24", "99", "0"}) bad<g::time_hour>(text);
  for (const char* text : {"00", "59"}) ok<g::time_minute>(text);
  for (const char* text : {"60", "99", "5"}) bad<g::time_minute>(text);
  for (const char* text : {"00", "59", "60"}) ok<g::time_second>(text);
  for (const char* text : {"61", "99", "6"}) bad<g::time_second>(text);
}

TEST(date_time, whole_second_time) {
  for (const char* text : {"00:00:00", "23:59:59", "23:59:60"}) ok<g::whole_second_time>(text);
  for (const char* text : {"", "00:00", "24:00:00", "00:60:00", "00:00:61", "00:00:00.", "00:00:00.5", "00:00:00Z"})
    bad<g::whole_second_time>(text);
}

TEST(date_time, time_secfrac) {
  for (const char* text : {".0", ".5", ".52", ".123456789", ".00000000000000000000001"}) ok<g::time_secfrac>(text);
  for (const char* text : {"", ".", "5", ",5", ".5.", "..5", ". 5", ".5 ", ".a", ".5Z"}) bad<g::time_secfrac>(text);
}

TEST(date_time, time_numoffset) {
  for (const char* text : {"+00:00", "-00:00", "+23:59", "-23:59", "+05:30", "-08:00"}) ok<g::time_numoffset>(text);
  for (const char* text :
       {"", "+", "00:00", "+0:00", "+00:0", "+0000", "+24:00", "+00:60", "+00:00 ", "~00:00", "+00", "+00:00:00",
        "\xE2\x88\x92"
        "08:00"})
    bad<g::time_numoffset>(text);
}

TEST(date_time, time_offset) {
  for (const char* text : {"Z", "z", "+01:00", "-12:34"}) ok<g::time_offset>(text);
  for (const char* text : {"", "Y", "ZZ", "Z ", "UTC", "GMT", "+01", "Z+00:00", "-1:00"}) bad<g::time_offset>(text);
}

TEST(date_time, partial_time) {
  for (const char* text : {"00:00:00", "23:59:59", "23:59:60", "12:00:27.87", "00:00:60.0"}) ok<g::partial_time>(text);
  for (const char* text : {"", "00:00", "0:00:00", "24:00:00", "00:60:00", "00:00:61", "000000", "00:00:00.",
                           "00-00-00", "00:00:00 ", "00:00:00Z"})
    bad<g::partial_time>(text);
}

TEST(date_time, full_date) {
  // The day is one of 31: which months have so many is not the grammar's affair.
  for (const char* text : {"0000-01-01", "1985-04-12", "2024-02-29", "2023-02-31", "9999-12-31"})
    ok<g::full_date>(text);
  for (const char* text :
       {"", "1985-4-12", "1985-04-1", "85-04-12", "1985-00-12", "1985-13-12", "1985-04-00", "1985-04-32", "19850412",
        "1985/04/12", "1985-04", "12-04-1985", "1985-04-12 ", " 1985-04-12"})
    bad<g::full_date>(text);
}

TEST(date_time, full_time) {
  for (const char* text : {"23:20:50.52Z", "00:00:00z", "16:39:57-08:00", "15:59:60-08:00"}) ok<g::full_time>(text);
  for (const char* text : {"", "23:20:50", "23:20Z", "23:20:50 Z", "23:20:50.Z", "23:20:50ZZ", "23:20:50+0100"})
    bad<g::full_time>(text);
}

TEST(date_time, date_time) {
  for (const char* text :
       {// RFC 3339 5.8
        "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00",
        "1937-01-01T12:00:27.87+00:20",
        // RFC 7293 5
        "2014-04-03T23:01:00Z",
        // RFC 3339 5.6: "T" and "Z" may be lower case.
        "1985-04-12t23:20:50z", "0000-01-01T00:00:00-23:59", "9999-12-31T23:59:60.999999999999+23:59"})
    ok<g::date_time>(text);
  for (const char* text : {"",
                           "1985-04-12",
                           "23:20:50Z",
                           "1985-04-12 23:20:50Z",
                           "1985-04-12T23:20:50",
                           "1985-04-12T23:20Z",
                           "1985-04-12T24:00:00Z",
                           "1985-04-12T23:60:00Z",
                           "1985-04-12T23:20:61Z",
                           "1985-13-12T23:20:50Z",
                           "1985-04-32T23:20:50Z",
                           "1985-04-12T23:20:50,52Z",
                           "1985-04-12T23:20:50.Z",
                           "1985-04-12T23:20:50+1:00",
                           "1985-04-12T23:20:50+01",
                           "1985-04-12T23:20:50 +01:00",
                           "1985-04-12T23:20:50Z ",
                           " 1985-04-12T23:20:50Z",
                           "1985-04-12T23:20:50ZZ",
                           "+1985-04-12T23:20:50Z",
                           "1985-W15-5T23:20:50Z",
                           "1985-102T23:20:50Z",
                           "1985-04-12U23:20:50Z",
                           "1985-04-12T23:20:50Z\r\n"})
    bad<g::date_time>(text);
}

} // namespace
} // namespace postel::test
