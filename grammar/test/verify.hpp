// The two verbs of the grammar's tests: ok<rule>(text) and bad<rule>(text), one row each.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <source_location>
#include <string>
#include <string_view>

#include "exact.hpp"
#include "postel/grammar/core.hpp"

namespace postel::test {

namespace g = postel::grammar;
namespace peg = postel::grammar::peg;

// What a rule did with a text: run once without actions, and once with an action on every rule, for which PEGTL takes another way.
struct outcome {
  bool matched = false;
  bool matched_with_actions = false;
  bool rewound = true;      // no octet is consumed by a failure
  bool spans_inside = true; // every span that an action was given lies in the text
  std::size_t actions = 0;

  [[nodiscard]] bool is(bool expected) const noexcept {
    return matched == expected && matched_with_actions == expected && rewound && spans_inside &&
           (actions != 0 || !expected);
  }
};

struct watched_text {
  std::string_view text;
  outcome& seen;
};

template <typename Rule>
struct watch {
  template <typename Input>
  static void apply(const Input& in, const watched_text& watched) {
    const std::less_equal<const char*> up_to;
    const char* const end = watched.text.data() + watched.text.size();
    if (!up_to(watched.text.data(), in.begin()) || !up_to(in.begin(), in.end()) || !up_to(in.end(), end))
      watched.seen.spans_inside = false;
    ++watched.seen.actions;
  }
};

// Rule against the whole of text.
template <typename Rule>
outcome run_rule(std::string_view text) {
  using input = peg::memory_input<peg::tracking_mode::lazy, peg::eol::crlf, const char*>;
  using whole = peg::seq<Rule, peg::eof>;
  outcome seen;
  {
    const exact block(text);
    input in(block.view().data(), block.view().data() + text.size(), "");
    seen.matched = peg::parse<whole>(in);
    seen.rewound = seen.matched || in.current() == block.view().data();
  }
  const exact block(text);
  const watched_text watched{block.view(), seen};
  input in(block.view().data(), block.view().data() + text.size(), "");
  seen.matched_with_actions = peg::parse<whole, watch>(in, watched);
  seen.rewound = seen.rewound && (seen.matched_with_actions || in.current() == block.view().data());
  return seen;
}

// Rule matches the whole of text where expected says so, else it does not. A failure names the row.
template <typename Rule>
void judge(bool expected, std::string_view text, std::source_location at = std::source_location::current()) {
  const outcome seen = run_rule<Rule>(text);
  if (seen.is(expected)) return;
  const testing::ScopedTrace trace(
      at.file_name(), static_cast<int>(at.line()),
      std::string(peg::demangle<Rule>()) + " on " + testing::PrintToString(std::string(text)));
  EXPECT_EQ(seen.matched, expected) << (expected ? "refused" : "accepted");
  EXPECT_EQ(seen.matched_with_actions, seen.matched) << "actions change the verdict";
  EXPECT_TRUE(seen.rewound) << "a failure consumed octets";
  EXPECT_TRUE(seen.spans_inside) << "an action was given octets outside of the text";
  EXPECT_TRUE(seen.actions != 0 || !expected) << "no action ran";
}

template <typename Rule>
void ok(std::string_view text, std::source_location at = std::source_location::current()) {
  judge<Rule>(true, text, at);
}

template <typename Rule>
void bad(std::string_view text, std::source_location at = std::source_location::current()) {
  judge<Rule>(false, text, at);
}

// For rules with a charset: the same verdict under both.
template <template <typename> class Rule>
void ok(std::string_view text, std::source_location at = std::source_location::current()) {
  ok<Rule<g::ascii>>(text, at);
  ok<Rule<g::internationalized>>(text, at);
}

template <template <typename> class Rule>
void bad(std::string_view text, std::source_location at = std::source_location::current()) {
  bad<Rule<g::ascii>>(text, at);
  bad<Rule<g::internationalized>>(text, at);
}

// Accepted with RFC 6531's octets, refused without.
template <template <typename> class Rule>
void utf8_only(std::string_view text, std::source_location at = std::source_location::current()) {
  bad<Rule<g::ascii>>(text, at);
  ok<Rule<g::internationalized>>(text, at);
}

// octet as a text of its own.
inline std::string one(unsigned octet) {
  return std::string(1, static_cast<char>(static_cast<unsigned char>(octet)));
}

} // namespace postel::test
