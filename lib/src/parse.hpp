// The one place of the library that names PEGTL's inputs and control: how a rule is applied to a view.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "expected.hpp"
#include "octets.hpp"
#include "postel/result.hpp"

namespace postel::detail {

namespace peg = grammar::peg;

// Lazy tracking: no line is counted. A const char* source: the default copies the source's name into a string.
using input = peg::memory_input<peg::tracking_mode::lazy, peg::eol::crlf, const char*>;

// Actions capture into State; a rule without an action of its own has none.
template <typename Rule>
struct no_action : peg::nothing<Rule> {};

// The furthest octet at which any rule was tried, and what was wanted there. Only the second pass, after a failure, pays for it.
struct furthest {
  const char* octet;
  expectation expected = expectation::
      none; // of the last rule with a name (expected.hpp) that failed there: the outermost that began there
  expectation inside = expectation::none; // of the innermost rule with a name that began before and came there
  std::size_t visits = 0;                 // how often a rule has come to the furthest octet so far

  void come_to(const char* begin) noexcept {
    if (begin < octet) return;
    if (begin > octet) expected = inside = expectation::none;
    octet = begin;
    ++visits;
  }
  void fail_there(expectation wanted) noexcept {
    expected = wanted;
    inside = expectation::none;
  }
};

template <typename Rule>
struct tracking : peg::normal<Rule> {
  template <peg::apply_mode A, peg::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, furthest& reached) noexcept {
    const char* const begin = in.current();
    reached.come_to(begin);
    const std::size_t visits = reached.visits;
    const bool matched = peg::match<Rule, A, M, Action, Control>(in, reached);
    if constexpr (expectation_of<Rule> != expectation::none) {
      if (begin == reached.octet && !matched) reached.fail_there(expectation_of<Rule>);
      if (begin < reached.octet && visits != reached.visits && reached.inside == expectation::none)
        reached.inside = expectation_of<Rule>;
    }
    return matched;
  }
};

constexpr std::uint32_t offset_of(std::size_t octets) noexcept {
  return static_cast<std::uint32_t>(std::min<std::size_t>(octets, std::numeric_limits<std::uint32_t>::max()));
}

// Whether Rule matches the whole of text.
template <typename Rule, template <typename...> class Action = no_action, typename... States>
bool matches(std::string_view text, States&... states) noexcept {
  input in(text.data(), text.data() + text.size(), "");
  return peg::parse<peg::seq<Rule, peg::eof>, Action>(in, states...);
}

// The same with all of Rule in one function: for the rules that are matched most.
template <typename Rule, template <typename...> class Action = no_action, typename... States>
[[gnu::flatten]] bool matches_often(std::string_view text, States&... states) noexcept {
  return matches<Rule, Action>(text, states...);
}

// Where Rule, which does not match the whole of text, came to.
template <typename Rule>
furthest furthest_of(std::string_view text) noexcept {
  input in(text.data(), text.data() + text.size(), "");
  furthest reached{text.data()};
  peg::parse<peg::seq<Rule, peg::eof>, no_action, tracking>(in, reached);
  return reached;
}

// The same rule where RFC 6531 adds its octets; void if none are added.
template <typename Rule>
struct with_utf8 {
  using type = void;
};
template <template <typename> class Rule>
struct with_utf8<Rule<grammar::ascii>> {
  using type = Rule<grammar::internationalized>;
};

// Why Rule does not match the whole of text; called when it did not.
template <typename Rule>
[[gnu::cold, gnu::noinline]] failure fault(std::string_view text, errc code = errc::syntax) noexcept {
  constexpr expectation whole = expectation_of<Rule>;
  static_assert(whole != expectation::none,
                "what a parser takes has a name: an explanation can always fall back on it");
  const furthest reached = furthest_of<Rule>(text);
  failure why{code, offset_of(static_cast<std::size_t>(reached.octet - text.data())), reached.expected, reached.inside};
  if (why.inside == expectation::none) why.inside = whole;
  if (why.expected == expectation::none) why.expected = why.inside;
  using utf8_rule = typename with_utf8<Rule>::type;
  if constexpr (!std::is_void_v<utf8_rule>) {
    const bool non_ascii = why.offset < text.size() && static_cast<unsigned char>(text[why.offset]) > 127;
    if (non_ascii && furthest_of<utf8_rule>(text).octet > reached.octet) why.expected = expectation::ascii;
  }
  return why;
}

// The same of a rule that has a sibling for RFC 6531: where that matches, it is SMTPUTF8 that the text lacks, and nothing else is wrong.
template <typename Rule, typename Utf8Rule>
[[gnu::cold, gnu::noinline]] failure fault_or_smtputf8(std::string_view text) noexcept {
  const std::size_t first = first_non_ascii(text);
  if (first == text.size() || !matches<Utf8Rule>(text)) return fault<Rule>(text);
  return {errc::non_ascii_address, offset_of(first), expectation::ascii};
}

// Captures that a matching rule leaves behind.
template <typename Input>
std::string_view view(const Input& in) noexcept {
  return {in.begin(), in.size()};
}

} // namespace postel::detail
