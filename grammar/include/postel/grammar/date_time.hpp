// RFC 3339 5.6: the date-times of HOLDUNTIL (RFC 4865) and RRVS (RFC 7293).
#pragma once

#include "core.hpp"

namespace postel::grammar {

// date-fullyear = 4DIGIT                                          RFC 3339 5.6
struct date_fullyear : peg::rep<4, one_of<octets::digit>> {};

// date-month = 2DIGIT, 01-12                                      RFC 3339 5.6
struct date_month
    : peg::sor<peg::seq<peg::one<'0'>, peg::range<'1', '9'>>, peg::seq<peg::one<'1'>, peg::range<'0', '2'>>> {};

// date-mday = 2DIGIT, 01-28, 01-29, 01-30, 01-31 by month and year (which the grammar leaves to its user)   RFC 3339 5.6
struct date_mday
    : peg::sor<peg::seq<peg::one<'0'>, peg::range<'1', '9'>>, peg::seq<peg::one<'1', '2'>, one_of<octets::digit>>,
               peg::seq<peg::one<'3'>, peg::one<'0', '1'>>> {};

// time-hour = 2DIGIT, 00-23                                       RFC 3339 5.6
struct time_hour
    : peg::sor<peg::seq<peg::one<'0', '1'>, one_of<octets::digit>>, peg::seq<peg::one<'2'>, peg::range<'0', '3'>>> {};

// time-minute = 2DIGIT, 00-59                                     RFC 3339 5.6
struct time_minute : peg::seq<peg::range<'0', '5'>, one_of<octets::digit>> {};

// time-second = 2DIGIT, 00-58, 00-59, 00-60 by leap second rules  RFC 3339 5.6
struct time_second : peg::sor<time_minute, peg::string<'6', '0'>> {};

// time-secfrac = "." 1*DIGIT                                      RFC 3339 5.6
struct time_secfrac : peg::seq<peg::one<'.'>, run<octets::digit>> {};

// time-numoffset = ("+" / "-") time-hour ":" time-minute          RFC 3339 5.6
struct time_numoffset : peg::seq<peg::one<'+', '-'>, time_hour, peg::one<':'>, time_minute> {};

// time-offset = "Z" / time-numoffset                              RFC 3339 5.6
struct time_offset : peg::sor<peg::one<'Z', 'z'>, time_numoffset> {};

// whole-second-time = time-hour ":" time-minute ":" time-second   RFC 3339 5.6
struct whole_second_time : peg::seq<time_hour, peg::one<':'>, time_minute, peg::one<':'>, time_second> {};

// partial-time = time-hour ":" time-minute ":" time-second [time-secfrac]   RFC 3339 5.6
struct partial_time : peg::seq<whole_second_time, peg::opt<time_secfrac>> {};

// full-date = date-fullyear "-" date-month "-" date-mday          RFC 3339 5.6
struct full_date : peg::seq<date_fullyear, peg::one<'-'>, date_month, peg::one<'-'>, date_mday> {};

// full-time = partial-time time-offset                            RFC 3339 5.6
struct full_time : peg::seq<partial_time, time_offset> {};

// date-time = full-date "T" full-time                             RFC 3339 5.6
struct date_time : peg::seq<full_date, peg::one<'T', 't'>, full_time> {};

} // namespace postel::grammar
