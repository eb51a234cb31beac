// What is wrong with the certificate that a client under test is shown.
#pragma once

#include <cstdint>
#include <string_view>

namespace postel::conformance {

enum class certificate_kind : std::uint8_t {
  good,              // by the authority that the client was given, and for the host it connects to
  other_name,        // for another host
  expired,           // its time is over
  self_signed,       // by nobody else
  unknown_authority, // by another one
};

// "self-signed", as cases say it.
[[nodiscard]] constexpr std::string_view name(certificate_kind value) noexcept {
  switch (value) {
    case certificate_kind::good: return "good";
    case certificate_kind::other_name: return "other-name";
    case certificate_kind::expired: return "expired";
    case certificate_kind::self_signed: return "self-signed";
    case certificate_kind::unknown_authority: break;
  }
  return "unknown-authority";
}

} // namespace postel::conformance
