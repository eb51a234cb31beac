#include "body_scan.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace postel::detail {

namespace {

constexpr std::size_t block = 64;

// Bit i tells of octet i of a block.
struct masks {
  std::uint64_t cr;
  std::uint64_t lf;
  std::uint64_t dot;
};

#if defined(__SSE2__)

std::uint64_t equal(const __m128i (&octets)[4], char wanted) noexcept {
  const __m128i pattern = _mm_set1_epi8(wanted);
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 4; ++i)
    mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(octets[i], pattern)))}
            << (16 * i);
  return mask;
}

masks classify(const char* at) noexcept {
  __m128i octets[4];
  std::memcpy(octets, at, block);
  return {equal(octets, '\r'), equal(octets, '\n'), equal(octets, '.')};
}

#else

masks classify(const char* at) noexcept {
  masks found{};
  for (unsigned i = 0; i < block; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (at[i] == '\r') found.cr |= bit;
    if (at[i] == '\n') found.lf |= bit;
    if (at[i] == '.') found.dot |= bit;
  }
  return found;
}

#endif

} // namespace

found scan(std::string_view text, bool strict) noexcept {
  const std::uint64_t judged = strict ? ~std::uint64_t{0} : 0;
  std::uint64_t after_cr = 0;   // bit 0: the octet before the block is a CR
  std::uint64_t line_start = 0; // bit 0: the block starts a line
  char last[block];
  for (std::size_t at = 0; at < text.size(); at += block) {
    const char* octets = text.data() + at;
    std::uint64_t valid = ~std::uint64_t{0};
    if (const std::size_t left = text.size() - at; left < block) {
      std::memset(last, 0, block);
      std::memcpy(last, octets, left);
      octets = last;
      valid >>= block - left;
    }
    const masks in = classify(octets);
    const std::uint64_t expect_lf = in.cr << 1 | after_cr;
    const std::uint64_t starts = (in.lf & expect_lf) << 1 | line_start;
    const std::uint64_t bare = (in.lf ^ expect_lf) & judged;
    if (const std::uint64_t hits = (bare | (in.dot & starts)) & valid; hits != 0) {
      const auto first = static_cast<unsigned>(std::countr_zero(hits));
      const std::uint64_t bit = std::uint64_t{1} << first;
      if ((bare & bit) == 0) return {stop::dot, at + first};
      if ((in.lf & bit) != 0) return {stop::bare_lf, at + first};
      return {stop::bare_cr, at + first - 1};
    }
    after_cr = in.cr >> (block - 1);
    line_start = (in.lf & expect_lf) >> (block - 1);
  }
  return {stop::end, text.size()};
}

} // namespace postel::detail
