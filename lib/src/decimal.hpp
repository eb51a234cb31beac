// Numbers as the standards write them: decimal digits, without leading zeros.
#pragma once

#include <charconv>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace postel::detail {

// The digits of a number, kept here: view() is good as long as this is.
class decimal {
 public:
  template <typename Number>
  explicit decimal(Number number) noexcept
      : size_(static_cast<std::size_t>(std::to_chars(std::begin(digits_), std::end(digits_), number).ptr - digits_)) {}

  [[nodiscard]] std::string_view view() const noexcept { return {digits_, size_}; }

 private:
  char digits_[20]{}; // enough for 2^64 - 1, and for a minus before 2^63
  std::size_t size_;
};

} // namespace postel::detail
