#include "message_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "octets.hpp"
#include "postel/address.hpp"
#include "postel/stuffing.hpp"

namespace postel::detail {

namespace {

// The CRs and LFs that are no part of a CRLF.
std::uint64_t count_bare(std::span<const std::string_view> message) noexcept {
  std::uint64_t found = 0;
  bool after_cr = false;
  for (const std::string_view slice : message)
    for (const char octet : slice) {
      if ((octet == '\n') != after_cr) ++found;
      after_cr = octet == '\r';
    }
  return found + (after_cr ? 1U : 0U);
}

// Whether an octet above 127 stands before the first empty line, whatever ends the lines.
bool has_eight_bit_header(std::span<const std::string_view> message) noexcept {
  bool after_cr = false, empty_line = true;
  for (const std::string_view slice : message)
    for (const char octet : slice) {
      if (static_cast<signed char>(octet) < 0) return true;
      const bool rest_of_crlf = std::exchange(after_cr, octet == '\r') && octet == '\n';
      if (rest_of_crlf) continue;
      const bool line_end = octet == '\r' || octet == '\n';
      if (line_end && empty_line) return false;
      empty_line = line_end;
    }
  return false;
}

// The first bare CR or LF of the next piece, which continues what trial has seen.
errc first_bare(body_stuffer& trial, std::string_view piece) noexcept {
  while (!piece.empty()) {
    const auto taken = trial.next(piece);
    if (!taken) return taken.error().code;
    piece.remove_prefix(taken->used);
  }
  return errc{};
}

} // namespace

message_facts facts_of(std::span<const std::string_view> message) noexcept {
  message_facts facts;
  body_stuffer trial;
  char last = '\n';
  for (std::string_view slice : message) {
    facts.octets += slice.size();
    if (!slice.empty()) last = slice.back();
    for (; !slice.empty(); slice.remove_prefix(std::min(slice.size(), in_cache))) {
      const std::string_view some = slice.substr(0, in_cache);
      facts.eight_bit = facts.eight_bit || has_non_ascii(some);
      if (facts.bare == errc{}) facts.bare = first_bare(trial, some);
    }
  }
  if (facts.bare == errc{} && last == '\r') facts.bare = errc::bare_cr;
  if (facts.bare != errc{}) facts.octets += count_bare(message); // as CRLF each has one octet more
  facts.utf8_header = facts.eight_bit && has_eight_bit_header(message);
  facts.lacks_line_end = last != '\n' && last != '\r';
  if (facts.lacks_line_end) facts.octets += 2;
  return facts;
}

} // namespace postel::detail
