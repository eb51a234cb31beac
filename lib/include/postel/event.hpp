// The events that both sides of a session have.
#pragma once

#include <cstdint>

namespace [[gnu::visibility("default")]] postel {
namespace event {

// Nothing is left to do with the octets that are there: read more, and call next() again.
struct need_more {};

// Nothing is done with the octets that are there until something else has happened.
struct wait {
  enum class reason : std::uint8_t {
    answer,    // answer(), accept() or challenge(): a decision is owed
    output,    // out holds as much as limits.output allows: write it, and take it out of there
    handshake, // tls_started(): the other side has been told to begin
    over,      // nothing: the session is closed
  };
  reason until;
};

} // namespace event
} // namespace postel
