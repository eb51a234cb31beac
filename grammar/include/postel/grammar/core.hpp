// RFC 5234 Appendix B.1 core rules, the character classes of RFC 5321, and the octet sequences of RFC 3629.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "pegtl.hpp"

namespace postel::grammar {

// A set of octets; an octet's sets are the bits of its entry in octet_classes.
enum class octets : std::uint32_t {
  alpha = 1 << 0,       // ALPHA         = %x41-5A / %x61-7A          RFC 5234 B.1
  digit = 1 << 1,       // DIGIT         = %x30-39                    RFC 5234 B.1
  hexdig = 1 << 2,      // HEXDIG        = DIGIT / "A" .. "F"         RFC 5234 B.1, letters in either case
  let_dig = 1 << 3,     // Let-dig       = ALPHA / DIGIT              RFC 5321 4.1.2
  atext = 1 << 4,       // atext         = ALPHA / DIGIT / specials   RFC 5322 3.2.3
  qtext_smtp = 1 << 5,  // qtextSMTP     = %d32-33 / %d35-91 / %d93-126  RFC 5321 4.1.2
  quotable = 1 << 6,    // second octet of quoted-pairSMTP, %d32-126  RFC 5321 4.1.2
  dcontent = 1 << 7,    // dcontent      = %d33-90 / %d94-126         RFC 5321 4.1.3
  esmtp_value = 1 << 8, // esmtp-value   = 1*(%d33-60 / %d62-126)     RFC 5321 4.1.2
  text = 1 << 9,        // textstring    = 1*(%d09 / %d32-126)        RFC 5321 4.2
  graphic = 1 << 10,    // ehlo-param    = 1*(%d33-126)               RFC 5321 4.1.1.1
  greet = 1 << 11,      // ehlo-greet    = 1*(%d0-9 / %d11-12 / %d14-127)  RFC 5321 4.1.1.1
  wsp = 1 << 12,        // WSP           = SP / HTAB                  RFC 5234 B.1
  xchar = 1 << 13,      // xchar         = "!" to "~" but "+" and "=" RFC 3461 4
  base64 = 1 << 14,     // base64-char   = ALPHA / DIGIT / "+" / "/"  RFC 4954 8
  qchar = 1 << 15,      // QCHAR         = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e  RFC 6533 3
  ldh = 1 << 16,        // ALPHA / DIGIT / "-", of ehlo-keyword and esmtp-keyword  RFC 5321 4.1.1.1, 4.1.2
  sasl_mech = 1 << 17,  // UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE  RFC 4422 3.1, letters in either case
};

namespace detail {

consteval std::array<std::uint32_t, 256> classify() {
  std::array<std::uint32_t, 256> table{};
  const auto in = [&](octets set, unsigned first, unsigned last) {
    for (unsigned octet = first; octet <= last; ++octet) table[octet] |= static_cast<std::uint32_t>(set);
  };
  for (const octets set : {octets::alpha, octets::let_dig, octets::atext, octets::ldh, octets::sasl_mech})
    in(set, 'A', 'Z'), in(set, 'a', 'z');
  for (const octets set :
       {octets::digit, octets::let_dig, octets::atext, octets::hexdig, octets::ldh, octets::sasl_mech})
    in(set, '0', '9');
  in(octets::hexdig, 'A', 'F'), in(octets::hexdig, 'a', 'f');
  for (const char special :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~'})
    in(octets::atext, static_cast<unsigned char>(special), static_cast<unsigned char>(special));
  in(octets::qtext_smtp, 32, 33), in(octets::qtext_smtp, 35, 91), in(octets::qtext_smtp, 93, 126);
  in(octets::quotable, 32, 126);
  in(octets::dcontent, 33, 90), in(octets::dcontent, 94, 126);
  in(octets::esmtp_value, 33, 60), in(octets::esmtp_value, 62, 126);
  in(octets::text, 9, 9), in(octets::text, 32, 126);
  in(octets::graphic, 33, 126);
  in(octets::greet, 0, 9), in(octets::greet, 11, 12), in(octets::greet, 14, 127);
  in(octets::wsp, ' ', ' '), in(octets::wsp, '\t', '\t');
  in(octets::xchar, '!', '*'), in(octets::xchar, ',', '<'), in(octets::xchar, '>', '~');
  in(octets::base64, 'A', 'Z'), in(octets::base64, 'a', 'z'), in(octets::base64, '0', '9');
  in(octets::base64, '+', '+'), in(octets::base64, '/', '/');
  in(octets::qchar, 0x21, 0x2A), in(octets::qchar, 0x2C, 0x3C), in(octets::qchar, 0x3E, 0x5B),
      in(octets::qchar, 0x5D, 0x7E);
  in(octets::ldh, '-', '-'), in(octets::sasl_mech, '-', '-'), in(octets::sasl_mech, '_', '_');
  return table;
}

inline constexpr std::array<std::uint32_t, 256> octet_classes = classify();

} // namespace detail

// Whether octet belongs to set.
constexpr bool is(octets set, char octet) noexcept {
  return (detail::octet_classes[static_cast<unsigned char>(octet)] & static_cast<std::uint32_t>(set)) != 0;
}

// One octet of Set.
template <octets Set>
struct one_of {
  using rule_t = one_of;
  using subs_t = peg::empty_list;

  template <typename Input>
  static bool match(Input& in) {
    if (in.empty() || !is(Set, in.peek_char())) return false;
    in.bump_in_this_line(1);
    return true;
  }
};

namespace detail {

// A set as ranges of octets.
struct octet_ranges {
  struct range {
    std::uint8_t first, last;
  };
  std::array<range, 16> each{};
  std::size_t count = 0;
};

constexpr octet_ranges ranges_of(octets set) {
  octet_ranges found;
  for (unsigned octet = 0; octet < 256; ++octet) {
    if (!is(set, static_cast<char>(octet))) continue;
    const auto last = static_cast<std::uint8_t>(octet);
    if (found.count != 0 && found.each[found.count - 1].last + 1U == octet)
      found.each[found.count - 1].last = last;
    else
      found.each[found.count++] = {last, last};
  }
  return found;
}

#if defined(__SSE2__)

// Sets of few ranges whose runs are long are tested sixteen octets at a time; elsewhere a look-up an octet is as fast.
template <octets Set>
inline constexpr bool in_blocks =
    Set == octets::text || Set == octets::graphic || Set == octets::greet || Set == octets::sasl_mech;

inline constexpr std::size_t block = 16;

// Bit i tells whether octet i of the sixteen that begin there is not in Set.
template <octets Set>
[[gnu::always_inline]] inline unsigned outside(const char* begin) noexcept {
  constexpr octet_ranges ranges = ranges_of(Set);
  __m128i text;
  std::memcpy(&text, begin, block);
  __m128i inside = _mm_setzero_si128();
  const auto test = [&](octet_ranges::range r) {
    const __m128i offset = _mm_sub_epi8(text, _mm_set1_epi8(static_cast<char>(r.first)));
    const __m128i excess = _mm_subs_epu8(offset, _mm_set1_epi8(static_cast<char>(r.last - r.first)));
    inside = _mm_or_si128(inside, _mm_cmpeq_epi8(excess, _mm_setzero_si128()));
  };
  for (std::size_t i = 0; i < ranges.count; ++i) test(ranges.each[i]);
  return static_cast<unsigned>(_mm_movemask_epi8(inside)) ^ 0xFFFF;
}

#else

template <octets>
inline constexpr bool in_blocks = false;

#endif

// The first octet from at on that is not in Set, or end. From begin on octets may be read.
template <octets Set>
[[gnu::always_inline]] inline const char* end_of_run([[maybe_unused]] const char* begin, const char* at,
                                                     const char* end) noexcept {
#if defined(__SSE2__)
  if constexpr (in_blocks<Set>) {
    for (; end - at >= static_cast<std::ptrdiff_t>(block); at += block)
      if (const unsigned found = outside<Set>(at); found != 0) return at + std::countr_zero(found);
    if (end - begin >= static_cast<std::ptrdiff_t>(block)) {
      // The sixteen octets before end, less those before at.
      const unsigned found = outside<Set>(end - block) >> (block - static_cast<std::size_t>(end - at));
      return found != 0 ? at + std::countr_zero(found) : end;
    }
  }
#endif
  for (; end - at >= 4; at += 4) {
    if (!is(Set, at[0])) return at;
    if (!is(Set, at[1])) return at + 1;
    if (!is(Set, at[2])) return at + 2;
    if (!is(Set, at[3])) return at + 3;
  }
  while (at != end && is(Set, *at)) ++at;
  return at;
}

} // namespace detail

// 1*Set: as many octets of Set as there are, at least one. Several times as fast as plus<sor<ranges>>.
template <octets Set>
struct run {
  using rule_t = run;
  using subs_t = peg::empty_list;

  template <typename Input>
  static bool match(Input& in) {
    const char* const at = in.current();
    const char* const end = in.end();
    if (at == end || !is(Set, *at)) return false;
    in.bump_in_this_line(static_cast<std::size_t>(detail::end_of_run<Set>(in.begin(), at, end) - at));
    return true;
  }
};

namespace detail {

// 1 to Max of Set, whatever is behind them.
template <octets Set, std::size_t Max>
struct run_up_to {
  using rule_t = run_up_to;
  using subs_t = peg::empty_list;

  template <typename Input>
  static bool match(Input& in) {
    const char* const at = in.current();
    const char* const end = in.size() > Max ? at + Max : in.end();
    const auto size = static_cast<std::size_t>(end_of_run<Set>(in.begin(), at, end) - at);
    if (size == 0) return false;
    in.bump_in_this_line(size);
    return true;
  }
};

} // namespace detail

// run-of-at-most = 1*<Max>Set, and no more of Set behind them     RFC 5234 3.6
// The language of rep_min_max<1, Max, one_of<Set>>, as fast as run.
template <octets Set, std::size_t Max>
struct run_of_at_most : peg::seq<detail::run_up_to<Set, Max>, peg::not_at<one_of<Set>>> {};

namespace detail {

// Rule, where it is rare: matched by a call, so that it stays out of the code of the rules around it, and only if the first octet is in
// the range that Rule can begin with.
template <typename Rule, char First, char Last = First>
struct apart {
  using rule_t = typename Rule::rule_t;
  using subs_t = typename Rule::subs_t;

  template <peg::apply_mode A, peg::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input, typename... States>
  static bool match(Input& in, States&&... states) {
    constexpr auto first = static_cast<unsigned char>(First);
    constexpr auto last = static_cast<unsigned char>(Last);
    if (in.empty() || in.peek_uint8() < first || in.peek_uint8() > last) return false;
    return call<A, M, Action, Control>(in, states...);
  }

 private:
  template <peg::apply_mode A, peg::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input, typename... States>
  [[gnu::noinline]] static bool call(Input& in, States&&... states) {
    return Rule::template match<A, M, Action, Control>(in, states...);
  }
};

} // namespace detail

// Which octets addresses and parameter values may hold: RFC 5321's, or those of RFC 6531 too. The caller chooses; nothing guesses.
struct ascii {};
struct internationalized {};

// DQUOTE = %x22                                                   RFC 5234 B.1
struct DQUOTE : peg::one<'"'> {};
// SP = %x20                                                       RFC 5234 B.1
struct SP : peg::one<' '> {};
// CRLF = %d13.10                                                  RFC 5234 B.1
struct CRLF : peg::string<'\r', '\n'> {};

// UTF8-tail = %x80-BF                                             RFC 3629 4
struct UTF8_tail : peg::range<'\x80', '\xBF'> {};
// UTF8-2 = %xC2-DF UTF8-tail                                      RFC 3629 4
struct UTF8_2 : peg::seq<peg::range<'\xC2', '\xDF'>, UTF8_tail> {};
// UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )   RFC 3629 4
struct UTF8_3 : peg::sor<peg::seq<peg::one<'\xE0'>, peg::range<'\xA0', '\xBF'>, UTF8_tail>,
                         peg::seq<peg::range<'\xE1', '\xEC'>, UTF8_tail, UTF8_tail>,
                         peg::seq<peg::one<'\xED'>, peg::range<'\x80', '\x9F'>, UTF8_tail>,
                         peg::seq<peg::range<'\xEE', '\xEF'>, UTF8_tail, UTF8_tail>> {};
// UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )                 RFC 3629 4
struct UTF8_4 : peg::sor<peg::seq<peg::one<'\xF0'>, peg::range<'\x90', '\xBF'>, UTF8_tail, UTF8_tail>,
                         peg::seq<peg::range<'\xF1', '\xF3'>, UTF8_tail, UTF8_tail, UTF8_tail>,
                         peg::seq<peg::one<'\xF4'>, peg::range<'\x80', '\x8F'>, UTF8_tail, UTF8_tail>> {};
// UTF8-non-ascii = UTF8-2 / UTF8-3 / UTF8-4                       RFC 6532 3.1
// One look at the first octet spares ASCII text, which ends every run of internationalized text, the ten that the alternatives take.
struct UTF8_non_ascii : detail::apart<peg::sor<UTF8_2, UTF8_3, UTF8_4>, '\x80', '\xFF'> {};

namespace detail {

template <octets Set, typename Charset>
struct text_of;

template <octets Set>
struct text_of<Set, ascii> {
  using type = run<Set>;
};

// The same as plus<sor<run<Set>, UTF8_non_ascii>>, without looking for a run where one has just ended.
template <octets Set>
struct text_of<Set, internationalized> {
  using more = peg::seq<UTF8_non_ascii, peg::opt<run<Set>>>;
  using type = peg::sor<peg::seq<run<Set>, peg::star<more>>, peg::plus<more>>;
};

} // namespace detail

// 1*Set, where RFC 6531 3.3 adds UTF8-non-ascii to Set for internationalized text.
template <octets Set, typename Charset>
using text_of = typename detail::text_of<Set, Charset>::type;

} // namespace postel::grammar
