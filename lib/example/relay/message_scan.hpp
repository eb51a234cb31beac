// What a relay has to know of a message that passes by, in whatever parts it comes.
#pragma once

#include <cstddef>
#include <string_view>

namespace relay {

class message_scan {
 public:
  void take(std::string_view octets) noexcept {
    for (const char octet : octets) {
      bare_ = bare_ || (octet == '\n') != after_cr_;
      after_cr_ = octet == '\r';
      if (in_header_) look(octet);
    }
  }
  // How many Received fields the header section has: the hops so far (RFC 5321 6.3).
  [[nodiscard]] unsigned hops() const noexcept { return hops_; }
  // It has a CR or LF that is part of no CRLF (RFC 5321 2.3.8), at its end perhaps.
  [[nodiscard]] bool bare() const noexcept { return bare_ || after_cr_; }

 private:
  void look(char octet) noexcept {
    static constexpr std::string_view field = "received:";
    if (octet == '\n') {
      in_header_ = column_ != 0;
      column_ = matched_ = 0;
    } else if (octet != '\r') {
      const char lower = octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
      if (matched_ == column_ && matched_ < field.size() && field[matched_] == lower && ++matched_ == field.size())
        ++hops_;
      ++column_;
    }
  }

  std::size_t column_ = 0, matched_ = 0;
  unsigned hops_ = 0;
  bool in_header_ = true, after_cr_ = false, bare_ = false;
};

} // namespace relay
