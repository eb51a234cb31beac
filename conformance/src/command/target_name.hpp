// HOST[:PORT] as the command line has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postel::conformance {

struct target_name {
  std::string host;
  std::optional<std::uint16_t> port;

  friend bool operator==(const target_name&, const target_name&) = default;
};

// "mx.example", "mx.example:2525", "192.0.2.1:25", "[2001:db8::1]", "[2001:db8::1]:2525", "2001:db8::1". An address without brackets
// whose last group may have been meant as a port ("::1:2525") is refused.
[[nodiscard]] std::optional<target_name> parse_target(std::string_view text);
// What to write instead of a text that parse_target() refuses.
[[nodiscard]] std::string target_advice(std::string_view text);

} // namespace postel::conformance
