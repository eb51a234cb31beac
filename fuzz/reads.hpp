// How a stream arrives: the same octets in one read, or in many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "hash.hpp"
#include "objection.hpp"

namespace postel::fuzz {

// The sizes of the reads, one after the other.
class reads {
 public:
  static reads whole() noexcept { return {kind::split, std::numeric_limits<std::size_t>::max()}; }
  static reads octets() noexcept { return {kind::octets, 0}; }
  static reads hashed(std::uint64_t seed) noexcept { return {kind::hashed, seed}; }
  // Two reads, the first of that size.
  static reads split(std::size_t first) noexcept { return {kind::split, first}; }

  // How many of the octets that are left come next: at least 1 of them if there are any.
  std::size_t next(std::size_t left) noexcept {
    switch (kind_) {
      case kind::octets: return std::min<std::size_t>(left, 1);
      case kind::hashed: {
        const std::uint64_t number = next_number(number_);
        const std::uint64_t longest = (number >> 32U) % 8 == 0 ? 200 : 12; // short reads, now and then a long one
        return std::min<std::size_t>(left, 1 + number % longest);
      }
      case kind::split: break;
    }
    const std::size_t size = std::min<std::size_t>(left, number_);
    number_ = std::numeric_limits<std::size_t>::max();
    return size;
  }

  [[nodiscard]] std::string name() const {
    switch (kind_) {
      case kind::octets: return "octet by octet";
      case kind::hashed: return "in chunks of hashed sizes (seed " + std::to_string(number_) + ")";
      case kind::split: break;
    }
    return number_ == std::numeric_limits<std::size_t>::max() ? "in one read"
                                                              : "cut after " + std::to_string(number_) + " octets";
  }

 private:
  enum class kind : std::uint8_t { octets, hashed, split };
  reads(kind which, std::uint64_t number) noexcept : number_(number), kind_(which) {}

  std::uint64_t number_; // the state of the sequence, or the size of the next read
  kind kind_;
};

// Which cuts an input is given: every_split adds all cuts in two where the input is short enough for it.
enum class effort : std::uint8_t { some_cuts, every_split };
inline constexpr std::size_t longest_to_split = 256;

// Calls check(reads) for each way but the whole until one objects.
template <typename Check>
objection for_each_cut(std::string_view wire, effort how_much, Check check) {
  const std::uint64_t seed = hash(wire);
  for (const reads r : {reads::octets(), reads::hashed(seed)})
    if (objection found = check(r)) return found;
  if (how_much == effort::every_split && wire.size() <= longest_to_split)
    for (std::size_t first = 1; first < wire.size(); ++first)
      if (objection found = check(reads::split(first))) return found;
  return {};
}

// Where two logs part, in words; nothing if they do not.
inline objection compare_logs(std::string_view whole, std::string_view cut, const reads& how) {
  if (whole == cut) return {};
  const auto parting = std::ranges::mismatch(whole, cut);
  const auto same = static_cast<std::size_t>(parting.in1 - whole.begin());
  const std::size_t from = whole.substr(0, same).rfind('\n') + 1; // npos + 1 is 0: the first line
  const auto line = [from](std::string_view log) { return std::string(log.substr(from, log.find('\n', from) - from)); };
  return in_words("delivered ", how.name(), " the same octets give other events\n  in one read: ", line(whole),
                  "\n  cut:         ", line(cut));
}

} // namespace postel::fuzz
