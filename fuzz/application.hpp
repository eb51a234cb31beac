// The applications that the session targets put on top of a session: what they do depends on the events alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "hash.hpp"
#include "postel/reply.hpp"

namespace postel::fuzz {

enum class answer_kind : std::uint8_t { accept, later, never, close };

// How the event of that description is answered: mostly accepted, else 4yz or 5yz, and now and then with the end of the session.
constexpr answer_kind answer_to(std::string_view event) noexcept {
  const std::uint64_t number = hash(event) >> 16U;
  if (number % 64 == 0) return answer_kind::close;
  if (number % 16 == 1) return answer_kind::later;
  if (number % 16 == 2) return answer_kind::never;
  return answer_kind::accept;
}

constexpr reply negative_reply(answer_kind kind) noexcept {
  switch (kind) {
    case answer_kind::later: return {451, "not now\nin two lines"};
    case answer_kind::never: return {550, "not here", enhanced_status_code{5, 7, 1}};
    case answer_kind::close: return {421, "closing", enhanced_status_code{4, 3, 0}};
    case answer_kind::accept: break;
  }
  return {};
}

} // namespace postel::fuzz
