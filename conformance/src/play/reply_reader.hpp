// Replies, cut out of what arrives.
#pragma once

#include <cstddef>
#include <optional>
#include <postel/address.hpp>
#include <string>
#include <string_view>

#include "play/observation.hpp"

namespace postel::conformance {

// Cuts replies out of what arrives. Holds at most 64 KiB of one, and what came in with its end.
class reply_reader {
 public:
  // Where what arrives is to be appended.
  [[nodiscard]] std::string& inbox() noexcept { return inbox_; }
  [[nodiscard]] bool empty() const noexcept { return inbox_.empty(); }

  // The next reply, or what stands in its place; nothing if its end has not come.
  [[nodiscard]] std::optional<observation> next(charset octets);
  // What has come of a reply that will not be completed.
  [[nodiscard]] observation incomplete(std::string_view why);

  static constexpr std::size_t longest_reply = std::size_t{64} * 1024;

 private:
  observation malformed(std::size_t octets, std::string_view why);

  std::string inbox_;
  std::size_t line_start_ = 0; // of the line whose end is searched
  std::size_t searched_ = 0;   // octets without a line feed after line_start_
};

} // namespace postel::conformance
