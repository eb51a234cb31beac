#include "postel/parameter.hpp"

#include <charconv>
#include <limits>

#include "parse.hpp"
#include "postel/address.hpp"
#include "postel/grammar/parameter.hpp"

namespace postel {

parameter parameters::iterator::operator*() const noexcept {
  const std::string_view text = rest_.substr(0, rest_.find(' '));
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

parameters::iterator& parameters::iterator::operator++() noexcept {
  const std::size_t space = rest_.find(' ');
  rest_.remove_prefix(space == std::string_view::npos ? rest_.size() : space + 1);
  return *this;
}

std::optional<parameter> parameters::find(std::string_view keyword) const noexcept {
  for (const parameter p : *this)
    if (equal_ignoring_case(p.keyword, keyword)) return p;
  return std::nullopt;
}

result<std::uint64_t> parse_size_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::size_value>(text))
    return detail::fault<grammar::size_value>(text, errc::parameter_value);
  std::uint64_t octets = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), octets).ec == std::errc::result_out_of_range)
    return std::numeric_limits<std::uint64_t>::max();
  return octets;
}

result<body_value> parse_body_value(std::string_view text) noexcept {
  if (!detail::matches<grammar::body_value>(text))
    return detail::fault<grammar::body_value>(text, errc::parameter_value);
  return text.front() == '7' ? body_value::seven_bit : body_value::eight_bit_mime;
}

} // namespace postel
