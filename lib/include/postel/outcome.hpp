// What became of a message at each of its recipients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "error.hpp"
#include "reply.hpp"

namespace [[gnu::visibility("default")]] postel {

enum class outcome : std::uint8_t {
  pending,
  delivered, // the server has taken responsibility
  refused,   // for good: 5yz, or an error of ours
  temporary, // 4yz, or the connection was lost before the message was complete: try again later
  unknown,   // the connection was lost when the message was complete: it may have been delivered (RFC 5321 6.1)
};

// What became of one recipient.
struct recipient_outcome {
  outcome what = outcome::pending;
  std::uint16_t code = 0;                                    // the reply's; 0 if there was none
  std::optional<enhanced_status_code> status = std::nullopt; // the reply's, if it has one
  // The reply's lines, without code, separated by LF: octets as the server sent them. Escape them before a terminal
  // shows them. Where error is reply_code_mismatch, the two codes.
  std::string text = {};
  errc error{}; // why, if no reply says so
};

} // namespace postel
