// The values of the registered parameters, each with its parser. All views are into the parsed text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "address.hpp"
#include "result.hpp"

namespace [[gnu::visibility("default")]] postel {

// Each parser takes the whole value, and fails with errc::parameter_value at the furthest octet.

// size-value, RFC 1870 3: 1 to 20 digits, in octets. A number above 2^64-1 becomes 2^64-1, which every limit refuses.
result<std::uint64_t> parse_size_value(std::string_view text) noexcept;

// body-value, RFC 6152 2 and RFC 3030 3.
enum class body_value : std::uint8_t { seven_bit, eight_bit_mime, binary_mime };
result<body_value> parse_body_value(std::string_view text) noexcept;

// ret-value, RFC 3461 4.3: what a failure report returns.
enum class ret_value : std::uint8_t { full, headers };
result<ret_value> parse_ret_value(std::string_view text) noexcept;

// notify-esmtp-value, RFC 3461 4.1. None of the three: NEVER.
struct notify_value {
  bool success = false;
  bool failure = false;
  bool delay = false;

  [[nodiscard]] bool never() const noexcept { return !success && !failure && !delay; }
  friend bool operator==(const notify_value&, const notify_value&) = default;
};
result<notify_value> parse_notify_value(std::string_view text) noexcept;

// original-recipient-address, RFC 3461 4.2: what is encoded as xtext is graphic ASCII or white space; RFC 6533 3 where the type is utf-8.
struct orcpt_value {
  std::string_view address_type;
  std::string_view address; // as written: decode_xtext(), or decode_utf8_address() where is_utf8()

  [[nodiscard]] bool is_utf8() const noexcept;
  friend bool operator==(const orcpt_value&, const orcpt_value&) = default;
};
result<orcpt_value> parse_orcpt_value(std::string_view text, charset octets = charset::ascii) noexcept;

// ENVID, RFC 3461 4.4; AUTH, RFC 4954 5; SUBMITTER, RFC 4405 4: xtext as written, decode_xtext() gives its octets. ENVID's decodes to
// graphic ASCII and white space and may be empty, AUTH's to a mailbox or "<>", SUBMITTER's to a mailbox, of at most 500 octets; anything else is refused.
result<std::string_view> parse_envid_value(std::string_view text) noexcept;
result<std::string_view> parse_auth_value(std::string_view text) noexcept;
result<std::string_view> parse_submitter_value(std::string_view text) noexcept;

// by-value, RFC 2852 4. Mode return asks for a positive time.
enum class by_mode : std::uint8_t { notify, return_message };
struct by_value {
  std::int32_t seconds; // -999999999 to 999999999
  by_mode mode;
  bool trace;

  friend bool operator==(const by_value&, const by_value&) = default;
};
result<by_value> parse_by_value(std::string_view text) noexcept;

// RFC 3339 5.6. The day is one that the month has; the second is 60 only where a leap second can be, at the end of a month in UTC (5.7).
struct date_time {
  std::uint16_t year;
  std::uint8_t month, day, hour, minute, second;
  std::string_view fraction;   // the digits behind the point; empty if there is none
  std::int16_t offset_minutes; // east of UTC

  friend bool operator==(const date_time&, const date_time&) = default;
};
result<date_time> parse_date_time(std::string_view text) noexcept;

// HOLDFOR, RFC 4865 3: seconds, 1 to 999999999. HOLDUNTIL is a date_time.
result<std::uint32_t> parse_holdfor_value(std::string_view text) noexcept;

// priority-value, RFC 6710 4.1: -9 to 9.
result<std::int8_t> parse_mt_priority_value(std::string_view text) noexcept;

// RRVS, RFC 7293 3.1: a date-time without fraction.
enum class rrvs_action : std::uint8_t { reject, continue_delivery };
struct rrvs_value {
  date_time since;
  rrvs_action action; // reject if none was given

  friend bool operator==(const rrvs_value&, const rrvs_value&) = default;
};
result<rrvs_value> parse_rrvs_value(std::string_view text) noexcept;

// Solicitation-keywords, RFC 3865 2: at most 1000 octets, as written, separated by commas.
result<std::string_view> parse_solicit_value(std::string_view text) noexcept;

// mtrk-value, RFC 3885 3.1. The certifier is base64 without its padding: RFC 3885 1 gives that token no "=", and a value of MAIL's
// parameters has none (RFC 5321 4.1.2). SHA-1's twenty octets are 27 characters; decode_base64() takes them with "=" added.
struct mtrk_value {
  std::string_view certifier;           // as written
  std::optional<std::uint32_t> timeout; // seconds

  friend bool operator==(const mtrk_value&, const mtrk_value&) = default;
};
result<mtrk_value> parse_mtrk_value(std::string_view text) noexcept;

// XRCPTFORWARD, Dovecot's: what one of its proxies knows of a recipient, as base64 without its padding; as written.
result<std::string_view> parse_xrcptforward_value(std::string_view text) noexcept;

// TRANSID, RFC 1845 4: "<local@domain>" as written.
result<std::string_view> parse_transid_value(std::string_view text) noexcept;

// Each appends the value's text and gives the number of octets. What is written is parsed before it is kept: if that does not give value
// back, nothing is appended and the failure says why.
result<std::size_t> append(std::string& out, body_value value);
result<std::size_t> append(std::string& out, ret_value value);
result<std::size_t> append(std::string& out, const notify_value& value);
result<std::size_t> append(std::string& out, const orcpt_value& value, charset octets = charset::ascii);
result<std::size_t> append(std::string& out, const by_value& value);
result<std::size_t> append(std::string& out, const date_time& value);
result<std::size_t> append(std::string& out, const rrvs_value& value);
result<std::size_t> append(std::string& out, const mtrk_value& value);
result<std::size_t> append_size_value(std::string& out, std::uint64_t value);
result<std::size_t> append_holdfor_value(std::string& out, std::uint32_t value);
result<std::size_t> append_mt_priority_value(std::string& out, std::int8_t value);

} // namespace postel
