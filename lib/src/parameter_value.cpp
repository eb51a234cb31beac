#include "postel/parameter_value.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <type_traits>

#include "parse.hpp"
#include "postel/grammar/parameter.hpp"
#include "postel/xtext.hpp"

namespace postel {

namespace {

namespace peg = grammar::peg;

// What goes on where a value should end is told by what the value is.
template <typename Rule>
failure wrong(std::string_view text) noexcept {
  failure why = detail::fault<Rule>(text, errc::parameter_value);
  constexpr expectation whole = detail::expectation_of<Rule>;
  if (why.expected == expectation::end_of_text && whole != expectation::none) why.expected = whole;
  return why;
}

failure wrong_meaning(expectation expected, std::size_t at = 0) noexcept {
  return {errc::parameter_value, detail::offset_of(at), expected};
}

// Digits that the grammar has matched; a number too large for Number becomes its largest.
template <typename Number>
Number number(std::string_view digits) noexcept {
  Number value = 0;
  if (std::is_unsigned_v<Number> && digits.size() <= std::numeric_limits<Number>::digits10) {
    for (const char digit : digits) value = static_cast<Number>(value * 10 + static_cast<Number>(digit - '0'));
    return value;
  }
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc::result_out_of_range)
    return std::numeric_limits<Number>::max();
  return value;
}

// Rules whose whole match is the value.
template <typename Rule>
result<std::string_view> as_written(std::string_view text) noexcept {
  if (!detail::matches<Rule>(text)) return wrong<Rule>(text);
  return text;
}

// The text in front of the first separator, and behind it.
struct halves {
  std::string_view front, back;
};
halves split(std::string_view text, char separator) noexcept {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

template <typename Rule>
struct notify_action : peg::nothing<Rule> {};
template <>
struct notify_action<grammar::notify_success> {
  static void apply0(notify_value& value) noexcept { value.success = true; }
};
template <>
struct notify_action<grammar::notify_failure> {
  static void apply0(notify_value& value) noexcept { value.failure = true; }
};
template <>
struct notify_action<grammar::notify_delay> {
  static void apply0(notify_value& value) noexcept { value.delay = true; }
};

unsigned days_in(unsigned month, unsigned year) noexcept {
  constexpr unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.UndefReturn): the grammar knows no months but 01 to 12.
  return month == 2 && leap ? 29 : days[month - 1];
}

// RFC 3339 5.7: a leap second is the last second of a month, in UTC. date is right but for that.
bool ends_a_month(const date_time& date) noexcept {
  constexpr int last_minute = 24 * 60 - 1;
  const int minutes = date.hour * 60 + date.minute - date.offset_minutes; // in UTC, of the day that is written
  if (minutes == last_minute) return date.day == days_in(date.month, date.year);
  return minutes == -1 && date.day == 1;
}

// Text that is one of RFC 3461's, encoded: xtext of what can be printed in a notification, graphic characters and white space (4.2, 4.4).
// A line end in it would be one of the notification's header.
std::optional<failure> not_printable(std::string_view text) noexcept {
  for (std::size_t at = text.find('+'); at != std::string_view::npos; at = text.find('+', at + 1)) {
    char octet;
    const auto decoded = decode_xtext(text.substr(at, 3), {&octet, 1});
    if (!decoded || (octet != '\t' && (octet < ' ' || octet > '~')))
      return failure{errc::parameter_value, detail::offset_of(at), expectation::graphic_xtext};
  }
  return std::nullopt;
}

// RFC 4954 3 bounds the value: the parameter adds 500 octets to the line. RFC 4405 bounds SUBMITTER's by nothing: the same.
constexpr std::size_t most_mailbox_octets = 500;

// xtext of a mailbox; or of "<>" where null is allowed. Internationalized mailboxes count too (RFC 6531 3.4).
result<std::string_view> mailbox_as_xtext(std::string_view text, bool null) noexcept {
  if (!detail::matches<grammar::xtext>(text)) return wrong<grammar::xtext>(text);
  char buffer[most_mailbox_octets];
  const auto decoded = decode_xtext(text, buffer);
  if (!decoded) return wrong_meaning(expectation::short_mailbox, most_mailbox_octets);
  if ((null && *decoded == "<>") || parse_mailbox(*decoded, charset::utf8)) return text;
  return wrong_meaning(expectation::mailbox_xtext);
}

} // namespace

result<std::uint64_t> parse_size_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::size_value>(text)) return wrong<grammar::size_value>(text);
  return number<std::uint64_t>(text);
}

result<body_value> parse_body_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::body_value>(text)) return wrong<grammar::body_value>(text);
  switch (text.front()) {
    case '7': return body_value::seven_bit;
    case '8': return body_value::eight_bit_mime;
    default: return body_value::binary_mime;
  }
}

result<ret_value> parse_ret_value(std::string_view text) noexcept {
  if (detail::matches<grammar::ret_full>(text)) return ret_value::full;
  if (detail::matches<grammar::ret_hdrs>(text)) return ret_value::headers;
  return wrong<grammar::ret_value>(text);
}

result<notify_value> parse_notify_value(std::string_view text) noexcept {
  notify_value value;
  if (!detail::matches<grammar::notify_value, notify_action>(text, value)) return wrong<grammar::notify_value>(text);
  return value;
}

bool orcpt_value::is_utf8() const noexcept {
  return equal_ignoring_case(address_type, "utf-8");
}

result<orcpt_value> parse_orcpt_value(std::string_view text, charset octets) noexcept {
  const bool right = octets == charset::ascii ? detail::matches<grammar::orcpt_value<grammar::ascii>>(text)
                                              : detail::matches<grammar::orcpt_value<grammar::internationalized>>(text);
  if (!right) return wrong<grammar::orcpt_value<grammar::internationalized>>(text);
  const halves parts = split(text, ';');
  const orcpt_value value{parts.front, parts.back};
  if (value.is_utf8()) return value;
  if (const auto why = not_printable(value.address))
    return failure{why->code, detail::offset_of(text.size() - value.address.size()) + why->offset, why->expected};
  return value;
}

result<std::string_view> parse_envid_value(std::string_view text) noexcept {
  if (text.empty()) return text;
  const auto value = as_written<grammar::envid_value>(text);
  if (!value) return value;
  if (const auto why = not_printable(text)) return *why;
  return value;
}
result<std::string_view> parse_auth_value(std::string_view text) noexcept {
  return mailbox_as_xtext(text, true);
}
result<std::string_view> parse_submitter_value(std::string_view text) noexcept {
  return mailbox_as_xtext(text, false);
}

result<by_value> parse_by_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::by_value>(text)) return wrong<grammar::by_value>(text);
  const halves parts = split(text, ';');
  std::string_view digits = parts.front;
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  const auto seconds = number<std::int32_t>(digits);
  const bool return_message = parts.back.front() == 'R' || parts.back.front() == 'r';
  if (return_message && (negative || seconds == 0)) return wrong_meaning(expectation::positive_time);
  return by_value{negative ? -seconds : seconds, return_message ? by_mode::return_message : by_mode::notify,
                  parts.back.size() == 2};
}

result<date_time> parse_date_time(std::string_view text) noexcept {
  if (!detail::matches<grammar::date_time>(text)) return wrong<grammar::date_time>(text);
  // Everything up to the seconds stands at fixed places: 2014-04-03T23:01:00
  const auto two = [&](std::size_t at) { return number<std::uint8_t>(text.substr(at, 2)); };
  date_time value{number<std::uint16_t>(text.substr(0, 4)), two(5), two(8), two(11), two(14), two(17), {}, 0};
  if (value.day > days_in(value.month, value.year)) return wrong_meaning(expectation::day_of_month, 8);
  const std::size_t offset = text.find_first_of("Zz+-", 19);
  if (text[19] == '.') value.fraction = text.substr(20, offset - 20);
  if (text[offset] == '+' || text[offset] == '-') {
    const int minutes = two(offset + 1) * 60 + two(offset + 4);
    value.offset_minutes = static_cast<std::int16_t>(text[offset] == '-' ? -minutes : minutes);
  }
  if (value.second == 60 && !ends_a_month(value)) return wrong_meaning(expectation::leap_second, 17);
  return value;
}

result<std::uint32_t> parse_holdfor_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::holdfor_value>(text)) return wrong<grammar::holdfor_value>(text);
  return number<std::uint32_t>(text);
}

result<std::int8_t> parse_mt_priority_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::mt_priority_value>(text)) return wrong<grammar::mt_priority_value>(text);
  return number<std::int8_t>(text);
}

result<rrvs_value> parse_rrvs_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::rrvs_value>(text)) return wrong<grammar::rrvs_value>(text);
  const halves parts = split(text, ';');
  const auto since = parse_date_time(parts.front);
  if (!since) return since.error();
  const bool go_on = parts.back == "C" || parts.back == "c";
  return rrvs_value{*since, go_on ? rrvs_action::continue_delivery : rrvs_action::reject};
}

result<std::string_view> parse_solicit_value(std::string_view text) noexcept {
  constexpr std::size_t longest = 1000;
  if (text.size() > longest) return wrong_meaning(expectation::short_solicitation, longest);
  return as_written<grammar::solicit_value>(text);
}

result<mtrk_value> parse_mtrk_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::mtrk_value>(text)) return wrong<grammar::mtrk_value>(text);
  const halves parts = split(text, ':');
  mtrk_value value{parts.front, std::nullopt};
  if (!parts.back.empty()) value.timeout = number<std::uint32_t>(parts.back);
  return value;
}

result<std::string_view> parse_xrcptforward_value(std::string_view text) noexcept {
  return as_written<grammar::xrcptforward_value>(text);
}

result<std::string_view> parse_transid_value(std::string_view text) noexcept {
  constexpr std::size_t longest = 80;
  if (text.size() > longest) return wrong_meaning(expectation::short_transid, longest);
  return as_written<grammar::transid_value>(text);
}

} // namespace postel
