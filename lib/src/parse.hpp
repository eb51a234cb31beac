// The one place of the library that names PEGTL's inputs and control: how a rule is applied to a view.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "expected.hpp"
#include "postel/result.hpp"

namespace postel::detail {

namespace peg = grammar::peg;

// Lazy tracking: no line is counted. A const char* source: the default copies the source's name into a string.
using input = peg::memory_input<peg::tracking_mode::lazy, peg::eol::crlf, const char*>;

// Actions capture into State; a rule without an action of its own has none.
template <typename Rule>
struct no_action : peg::nothing<Rule> {};

// The furthest octet at which any rule was tried, and the last rule with a name (expected.hpp) that failed there: the outermost one that
// began there. Only the second pass, after a failure, pays for it.
struct furthest {
  const char* octet;
  expectation expected = expectation::none;
};

template <typename Rule>
struct tracking : peg::normal<Rule> {
  template <peg::apply_mode A, peg::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, furthest& reached) noexcept {
    const char* const begin = in.current();
    if (begin > reached.octet) reached = {begin};
    if (peg::match<Rule, A, M, Action, Control>(in, reached)) return true;
    if (begin == reached.octet && expectation_of<Rule> != expectation::none) reached.expected = expectation_of<Rule>;
    return false;
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

// The furthest octet of text that Rule reached; called when it did not match.
template <typename Rule>
[[gnu::cold, gnu::noinline]] failure fault(std::string_view text, errc code = errc::syntax) noexcept {
  input in(text.data(), text.data() + text.size(), "");
  furthest reached{text.data()};
  peg::parse<peg::seq<Rule, peg::eof>, no_action, tracking>(in, reached);
  return {code, offset_of(static_cast<std::size_t>(reached.octet - text.data())), reached.expected};
}

// Captures that a matching rule leaves behind.
template <typename Input>
std::string_view view(const Input& in) noexcept {
  return {in.begin(), in.size()};
}

} // namespace postel::detail
