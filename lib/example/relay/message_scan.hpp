// What a relay has to know of a message that passes by, in whatever parts it comes.
#pragma once

#include <cstddef>
#include <postel/trace.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace relay {

class message_scan {
 public:
  // own: our name in Received fields.
  explicit message_scan(std::string_view own = {}) : own_(own) {}

  void take(std::string_view octets) {
    for (const char octet : octets) {
      bare_ = bare_ || (octet == '\n') != after_cr_;
      after_cr_ = octet == '\r';
      if (in_header_) look(octet);
    }
  }
  // Whether the message goes round in circles: it has passed so many hops (RFC 5321 6.3), or ten times ourselves.
  [[nodiscard]] bool loops(unsigned most_hops) {
    end_field();
    return hops_ >= most_hops || own_hops_ >= 10;
  }
  // It has a CR or LF that is part of no CRLF (RFC 5321 2.3.8), at its end perhaps.
  [[nodiscard]] bool bare() const noexcept { return bare_ || after_cr_; }

 private:
  void look(char octet) {
    if (column_ == 0 && octet != ' ' && octet != '\t') end_field();
    if (octet == '\n')
      in_header_ = std::exchange(column_, 0) != 0;
    else if (octet != '\r')
      ++column_;
    // Of a field longer than any hop writes the beginning is read.
    if (field_.size() < longest_field && may_be_hop_) field_ += octet;
    static constexpr std::string_view name = "received";
    const std::string_view begin = std::string_view(field_).substr(0, name.size());
    may_be_hop_ = postel::equal_ignoring_case(begin, name.substr(0, begin.size()));
  }

  void end_field() {
    while (field_.ends_with('\r') || field_.ends_with('\n')) field_.pop_back();
    const auto hop = postel::read_received(field_);
    // One without a clause that we know is a hop all the same.
    if (hop || hop.error().expected == postel::expectation::clause) ++hops_;
    if (hop && !own_.empty() && postel::equal_ignoring_case(hop->by.name, own_)) ++own_hops_;
    field_.clear();
    may_be_hop_ = true;
  }

  static constexpr std::size_t longest_field = 8192;

  std::string_view own_;
  std::string field_; // that is being read, if it may be a Received field
  std::size_t column_ = 0;
  unsigned hops_ = 0, own_hops_ = 0;
  bool may_be_hop_ = true, in_header_ = true, after_cr_ = false, bare_ = false;
};

} // namespace relay
