// How far a delivery has come with the octets of its message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {
namespace detail {

class message_cursor {
 public:
  message_cursor() noexcept = default;
  explicit message_cursor(std::span<const std::string_view> message) noexcept : message_(message) {}

  void rewind() noexcept { *this = message_cursor(message_); }

  // What comes next, up to the end of a slice; empty at the end of the message.
  [[nodiscard]] std::string_view rest() noexcept {
    for (; slice_ < message_.size(); ++slice_, offset_ = 0)
      if (const std::string_view rest = message_[slice_].substr(offset_); !rest.empty()) return rest;
    return {};
  }
  // So many octets of rest() are written.
  void advance(std::size_t octets) noexcept {
    offset_ += octets;
    written_ += octets;
  }

  // All is written: octets of it, with line ends that were converted or added.
  void finish(std::uint64_t octets) noexcept { written_ = octets; }

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  std::span<const std::string_view> message_;
  std::size_t slice_ = 0;
  std::size_t offset_ = 0; // in that slice
  std::uint64_t written_ = 0;
};

} // namespace detail
} // namespace postel
