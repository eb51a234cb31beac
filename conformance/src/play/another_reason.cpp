#include "play/another_reason.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <postel/reply.hpp>

namespace postel::conformance {

namespace {

template <std::size_t Count>
bool has(const std::array<std::uint16_t, Count>& codes, std::uint16_t code) {
  return std::ranges::find(codes, code) != codes.end();
}

} // namespace

std::string_view another_reason(const observation& seen) {
  if (seen.what != observation::kind::reply) return {};
  const auto reply = read_reply(seen.octets, charset::utf8);
  const auto status = reply ? reply->status() : std::nullopt;
  const bool of_security = status && status->subject == 7; // RFC 3463 3.8
  // RFC 3207 4, RFC 4954 6; RFC 5248 2.4 has the others, with a status of X.7 if with any.
  constexpr std::array<std::uint16_t, 2> always{530, 538};
  constexpr std::array<std::uint16_t, 3> with_status{523, 524, 525};
  constexpr std::array<std::uint16_t, 2> details{10, 11}; // X.7: encryption
  if (has(always, seen.code) || (has(with_status, seen.code) && (!status || of_security)) ||
      (of_security && has(details, status->detail)))
    return "it asks for TLS or AUTH first";
  // RFC 5321 4.2.1: greylisting, a limit, a fault of its own. A plain transaction tells whether 421 has to do with the case: see preflight.hpp.
  constexpr std::uint16_t service_not_available = 421;
  if (seen.code / 100 == 4 && seen.code != service_not_available) return "it refuses for now";
  // RFC 5321 7.9, RFC 3463 3.8: whom it takes mail from and for. To AUTH, X.7 is about the name and the password.
  constexpr std::array<std::uint16_t, 5> of_policy{550, 551, 552, 553, 554};
  if (of_security && has(of_policy, seen.code)) return "it has a policy against it";
  return {};
}

} // namespace postel::conformance
