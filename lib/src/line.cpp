#include "postel/line.hpp"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace postel {

namespace {

constexpr std::size_t vector = 16;

#if defined(__x86_64__)
// A bit for each octet of a vector that is a CR or an LF.
unsigned line_ends(const char* octets) noexcept {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets));
  const __m128i cr = _mm_cmpeq_epi8(block, _mm_set1_epi8('\r')), lf = _mm_cmpeq_epi8(block, _mm_set1_epi8('\n'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(cr, lf)));
}
#endif

// Where the first CR or LF of text is, from an offset on, if it is near; else a place before which there is none.
std::size_t near_cr_or_lf(std::string_view text, std::size_t from) noexcept {
#if defined(__x86_64__)
  // Most lines end within a few vectors: sooner than a call of a search for long texts pays off.
  constexpr std::size_t near = 8 * vector;
  const std::size_t left = text.size() - from, far = from + std::min(left, near) / vector * vector;
  for (; from != far; from += vector)
    if (const unsigned found = line_ends(text.data() + from); found != 0)
      return from + static_cast<std::size_t>(std::countr_zero(found));
  // What is left of a line that stands alone: the last vector reaches back into octets that were looked at.
  if (left < near && text.size() >= vector) {
    const std::size_t rest = text.size() - from;
    const unsigned found = line_ends(text.data() + text.size() - vector) >> (vector - rest);
    return found != 0 ? from + static_cast<std::size_t>(std::countr_zero(found)) : text.size();
  }
#endif
  return from;
}

// The same wherever it is; text.size() if there is none.
std::size_t first_cr_or_lf(std::string_view text, std::size_t from) noexcept {
  // Two searches for one octet each are faster than one loop for two.
  const std::size_t end = std::min(text.find('\n', from), text.size());
  return std::min(text.substr(0, end).find('\r', from), end);
}

} // namespace

line_framer::step line_framer::search(std::string_view unread, std::size_t limit) noexcept {
  if (discarding_) return discard(unread);
  const std::size_t horizon = std::min(unread.size(), limit);
  if (searched_ > horizon) [[unlikely]] // the limit was longer before
    return search_on(unread, limit, horizon);
  const std::size_t at = near_cr_or_lf({unread.data(), horizon}, searched_);
  if (at + 1 < horizon && unread[at] == '\r' && unread[at + 1] == '\n') {
    searched_ = 0;
    return {outcome::line, {unread.data(), at}, at + 2};
  }
  return search_on(unread, limit, at);
}

// The line end is not near, or not as it should be, or not there yet; from: where to look on.
line_framer::step line_framer::search_on(std::string_view unread, std::size_t limit, std::size_t from) noexcept {
  const std::size_t horizon = std::min(unread.size(), limit);
  const std::size_t at = first_cr_or_lf(unread.substr(0, horizon), from);

  const auto wait = [&] {
    searched_ = static_cast<std::uint32_t>(at);
    return step{outcome::need_more, {}, 0};
  };
  const auto refuse = [&](outcome why, std::size_t used) {
    searched_ = 0;
    discarding_ = true;
    return step{why, {}, used};
  };
  if (at == horizon) return unread.size() < limit ? wait() : refuse(outcome::too_long, at);
  if (unread[at] == '\n') return refuse(outcome::bare_lf, at + 1);
  // The limit leaves no room for an LF. The CR stays: with its LF it ends what is discarded.
  if (at + 1 == limit) return refuse(outcome::too_long, at);
  if (at + 1 == unread.size()) return wait();
  if (unread[at + 1] != '\n') return refuse(outcome::bare_cr, at + 1);
  searched_ = 0;
  return {outcome::line, unread.substr(0, at), at + 2};
}

line_framer::step line_framer::discard(std::string_view unread) noexcept {
  const std::size_t end = unread.find("\r\n");
  if (end != std::string_view::npos) {
    discarding_ = false;
    return {outcome::need_more, {}, end + 2};
  }
  // A CR at the end may be the first half of the line end.
  const bool half = !unread.empty() && unread.back() == '\r';
  return {outcome::need_more, {}, unread.size() - (half ? 1U : 0U)};
}

} // namespace postel
