// What a program that gives the PEGTL rules' verdicts is made of: it reads lines of a rule's ABNF name and a text in hexadecimal, and writes
// two digits a line, 1 or 0: whether the whole text is accepted as ascii, and as internationalized.
#pragma once

#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "postel/grammar/core.hpp"

namespace postel::oracle {

namespace g = postel::grammar;

struct verdict_pair {
  std::string_view rule;
  bool (*ascii)(std::string_view);
  bool (*internationalized)(std::string_view);
};

template <typename Rule>
bool accepts(std::string_view text) {
  g::peg::memory_input<g::peg::tracking_mode::lazy, g::peg::eol::crlf, const char*> in(text.data(),
                                                                                       text.data() + text.size(), "");
  return g::peg::parse<g::peg::seq<Rule, g::peg::eof>>(in);
}

// A rule that is the same in both charsets.
template <typename Rule>
constexpr verdict_pair of(std::string_view name) {
  return {name, accepts<Rule>, accepts<Rule>};
}

template <template <typename> class Rule>
constexpr verdict_pair of(std::string_view name) {
  return {name, accepts<Rule<g::ascii>>, accepts<Rule<g::internationalized>>};
}

namespace detail {

inline int nibble(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

inline bool decode(std::string_view hex, std::string& text) {
  text.clear();
  if (hex.size() % 2 != 0) return false;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    const int high = nibble(hex[at]);
    const int low = nibble(hex[at + 1]);
    if (high < 0 || low < 0) return false;
    text.push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

inline const verdict_pair* find(std::span<const verdict_pair> rules, std::string_view name) {
  for (const verdict_pair& each : rules)
    if (each.rule == name) return &each;
  return nullptr;
}

} // namespace detail

// Of two rules of one name the first counts.
inline int give_verdicts(std::span<const verdict_pair> rules) {
  std::ios::sync_with_stdio(false);
  std::string line;
  std::string text;
  while (std::getline(std::cin, line)) {
    const std::size_t space = line.find(' ');
    const verdict_pair* const rule = detail::find(rules, std::string_view(line).substr(0, space));
    if (space == std::string::npos || rule == nullptr ||
        !detail::decode(std::string_view(line).substr(space + 1), text)) {
      std::cerr << "not a known rule and hexadecimal digits: " << line << '\n';
      return 2;
    }
    // A copy of exactly its size: what reads behind it can be seen.
    const std::string exact(text);
    std::cout << (rule->ascii(exact) ? '1' : '0') << (rule->internationalized(exact) ? '1' : '0') << '\n';
  }
  return 0;
}

} // namespace postel::oracle
