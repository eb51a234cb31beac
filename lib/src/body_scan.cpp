#include "body_scan.hpp"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace postel::detail {

namespace {

constexpr std::size_t block = 64;
constexpr std::uint64_t every_octet = ~std::uint64_t{0};

// Bit i tells of octet i of a block.
struct masks {
  std::uint64_t cr;
  std::uint64_t lf;
  std::uint64_t dot;
};

#if defined(__x86_64__)

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

[[gnu::target("avx2")]] inline std::uint64_t equal_avx2(__m256i low, __m256i high, char wanted) noexcept {
  const __m256i pattern = _mm256_set1_epi8(wanted);
  const auto mask = [](int found) { return std::uint64_t{static_cast<std::uint32_t>(found)}; };
  const int first = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern));
  const int second = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern));
  return mask(first) | mask(second) << 32U;
}

[[gnu::target("avx2")]] inline masks classify_avx2(const char* at) noexcept {
  __m256i low;
  __m256i high;
  std::memcpy(&low, at, block / 2);
  std::memcpy(&high, at + block / 2, block / 2);
  return {equal_avx2(low, high, '\r'), equal_avx2(low, high, '\n'), equal_avx2(low, high, '.')};
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

// Judges block after block.
class judge {
 public:
  explicit judge(bool strict) noexcept : judged_(strict ? every_octet : 0) {}

  // Whether one of the valid octets of the next block needs attention.
  [[gnu::always_inline]] bool take(const masks& in, std::uint64_t valid = every_octet) noexcept {
    const std::uint64_t expect_lf = in.cr << 1U | after_cr_;
    const std::uint64_t line_ends = in.lf & expect_lf;
    bare_ = (in.lf ^ expect_lf) & judged_ & valid;
    dots_ = in.dot & (line_ends << 1U | line_start_) & valid;
    if ((bare_ | dots_) != 0) return true;
    after_cr_ = in.cr >> (block - 1);
    line_start_ = line_ends >> (block - 1);
    return false;
  }

  // The first of them, in the block that begins at at.
  [[nodiscard]] found first(const masks& in, std::size_t at, std::uint64_t valid = every_octet) const noexcept {
    const auto offset = static_cast<unsigned>(std::countr_zero(bare_ | dots_));
    const std::uint64_t bit = std::uint64_t{1} << offset;
    if ((bare_ & bit) == 0) {
      const std::uint64_t stuffed = dots_ & ~(in.cr >> 1U) & valid >> 1U;
      const std::uint64_t others = bare_ | (dots_ ^ stuffed);
      return {stop::dot, at + offset, (dots_ & before_first(bare_)) >> offset,
              (stuffed & before_first(others)) >> offset};
    }
    if ((in.lf & bit) != 0) return {stop::bare_lf, at + offset};
    return {stop::bare_cr, at + offset - 1};
  }

 private:
  // All bits below the lowest one that is set.
  static std::uint64_t before_first(std::uint64_t mask) noexcept { return (mask & -mask) - 1; }

  std::uint64_t judged_;
  std::uint64_t after_cr_ = 0;   // bit 0: the octet before the block is a CR
  std::uint64_t line_start_ = 0; // bit 0: the block starts a line
  std::uint64_t bare_ = 0;
  std::uint64_t dots_ = 0;
};

// What is left of text at at, less than a block.
found scan_rest(judge& judges, std::string_view text, std::size_t at) noexcept {
  const std::size_t left = text.size() - at;
  if (left == 0) return {stop::end, at};
  char octets[block] = {};
  std::memcpy(octets, text.data() + at, left);
  const std::uint64_t valid = every_octet >> (block - left);
  const masks in = classify(octets);
  if (judges.take(in, valid)) return judges.first(in, at, valid);
  return {stop::end, text.size()};
}

#if defined(__x86_64__)

[[gnu::target("avx2")]] found scan_avx2(std::string_view text, bool strict) noexcept {
  judge judges(strict);
  std::size_t at = 0;
  for (; text.size() - at >= block; at += block) {
    const masks in = classify_avx2(text.data() + at);
    if (judges.take(in)) return judges.first(in, at);
  }
  return scan_rest(judges, text, at);
}

#endif

} // namespace

found scan_anywhere(std::string_view text, bool strict) noexcept {
  judge judges(strict);
  std::size_t at = 0;
  for (; text.size() - at >= block; at += block) {
    const masks in = classify(text.data() + at);
    if (judges.take(in)) return judges.first(in, at);
  }
  return scan_rest(judges, text, at);
}

found scan(std::string_view text, bool strict) noexcept {
#if defined(__x86_64__)
  // Twice as fast where lines are long.
  if (__builtin_cpu_supports("avx2")) return scan_avx2(text, strict);
#endif
  return scan_anywhere(text, strict);
}

} // namespace postel::detail
