// What is wrong with the certificate that a client under test is shown.
#pragma once

#include <cstdint>

namespace postel::conformance {

enum class certificate_kind : std::uint8_t {
  good,              // by the authority that the client was given, and for the host it connects to
  other_name,        // for another host
  expired,           // its time is over
  self_signed,       // by nobody else
  unknown_authority, // by another one
};

} // namespace postel::conformance
