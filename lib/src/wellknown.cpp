#include "postel/wellknown.hpp"

#include "parse.hpp"
#include "postel/grammar/wellknown.hpp"
#include "postel/parameter_value.hpp"
#include "postel/xtext.hpp"

namespace postel {

template <>
inline constexpr auto detail::expectation_of<grammar::wellknown_size> = expectation::wellknown_size;
template <>
inline constexpr auto detail::expectation_of<grammar::wellknown_rsp> = expectation::wellknown_response;

result<wellknown_response> parse_wellknown_response(std::string_view lines) noexcept {
  if (!detail::matches<grammar::wellknown_rsp>(lines)) return detail::fault<grammar::wellknown_rsp>(lines);
  const auto reply = parse_reply(lines);
  if (!reply) return reply.error();
  constexpr std::string_view size = "SIZE=";
  const auto octets = parse_size_value((*reply->lines().begin()).substr(size.size()));
  if (!octets) return octets.error();
  return wellknown_response{*octets, *reply};
}

result<std::string_view> wellknown_response::content(std::span<char> buffer) const noexcept {
  std::size_t filled = 0;
  bool first = true; // the line with the size
  for (const std::string_view line : reply.lines()) {
    if (first) {
      first = false;
      continue;
    }
    const auto decoded = decode_xtext(line, buffer.subspan(filled));
    if (!decoded) return decoded.error();
    filled += decoded->size();
  }
  if (filled != size) return failure{errc::syntax, 0, expectation::wellknown_size};
  return std::string_view(buffer.data(), filled);
}

} // namespace postel
