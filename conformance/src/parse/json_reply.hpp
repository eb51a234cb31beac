// Replies, and what a server offers, as JSON.
#pragma once

#include <postel/capability.hpp>
#include <postel/reply.hpp>

#include "text/json_text.hpp"

namespace postel::conformance {

// "2.1.5"
[[nodiscard]] std::string status_text(const enhanced_status_code& status);

[[nodiscard]] json value(const enhanced_status_code& status);
[[nodiscard]] json value(const reply_view& r);
[[nodiscard]] json value(const greeting& g);
[[nodiscard]] json value(const ehlo_response& r);

} // namespace postel::conformance
