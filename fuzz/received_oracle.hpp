// What holds of a Received field that was parsed, and of one that was read as others write them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "allocations.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/trace.hpp"

namespace postel::fuzz {

struct received_subject {
  static result<received> parse(std::string_view field, charset in) noexcept { return parse_received(field, in); }
  static result<trace_clauses> read(std::string_view field) noexcept { return read_received(field); }
};

// The clauses of one word or more, with their keywords.
inline std::array<std::pair<std::string_view, std::string_view>, 6> clauses_of(const trace_clauses& value) noexcept {
  return {{{"from", value.from.name},
           {"by", value.by.name},
           {"via", value.via},
           {"with", value.with},
           {"id", value.id},
           {"for", value.for_path}}};
}

// Whether what stands in front of a value may be its keyword: it is, or a comment hides it.
inline bool follows_keyword(std::string_view before, std::string_view keyword) noexcept {
  constexpr std::string_view white_space = " \t\r\n";
  before = before.substr(0, before.find_last_not_of(white_space) + 1);
  if (before.ends_with(')')) return true;
  if (before.size() <= keyword.size()) return false;
  const char separator = before[before.size() - keyword.size() - 1];
  const bool in_a_word = (separator >= 'a' && separator <= 'z') || (separator >= 'A' && separator <= 'Z') ||
                         (separator >= '0' && separator <= '9') || separator == '-' || separator == '.';
  return equal_ignoring_case(before.substr(before.size() - keyword.size()), keyword) && !in_a_word;
}

inline objection judge_read(const trace_clauses& value, std::string_view field) {
  const auto wrong = [&](std::string_view what, std::string_view which) {
    return in_words("Received field ", escaped(field), ": ", what, " ", which);
  };
  for (const auto& [keyword, text] : clauses_of(value)) {
    if (!is_inside(text, field)) return wrong("a view outside of the text:", keyword);
    if (text.empty()) continue;
    if (!follows_keyword(field.substr(0, static_cast<std::size_t>(text.data() - field.data())), keyword))
      return wrong("another clause's value is given as that of", keyword);
    for (const auto& [other, beside] : clauses_of(value))
      if (other != keyword && !beside.empty() && text.data() < beside.data() + beside.size() &&
          beside.data() < text.data() + text.size())
        return wrong("two clauses have the same octets:", keyword);
  }
  for (const std::string_view text : {value.from.info, value.by.info, value.date})
    if (!is_inside(text, field)) return wrong("a view outside of the text", "");
  for (std::size_t i = 0; i < value.passed_over.size(); ++i) {
    if (!is_inside(value.passed_over[i], field)) return wrong("a view outside of the text", "");
    if (value.passed_over[i].empty() != (i >= value.passed_over_count)) return wrong("passed_over_count is wrong", "");
  }
  return {};
}

template <typename Subject>
objection judge_received(const Subject& subject, std::string_view text) {
  const test::exact octets(text);
  const std::string_view field = octets;
  const auto wrong = [&](std::string_view what) { return in_words("Received field ", escaped(text), ": ", what); };
  const auto counted = [&](auto parse) {
    const std::uint64_t before = allocations();
    auto value = parse();
    return std::pair(std::move(value), allocations() != before);
  };
  const auto [read, read_allocates] = counted([&] { return subject.read(field); });
  if (read_allocates) return wrong("reading allocates");
  if (read) {
    if (objection found = judge_read(*read, field)) return found;
  } else if (read.error().offset > text.size() || describe(read.error()).name.empty()) {
    return wrong("read_received() does not say what it expected, and where");
  }
  for (const charset in : {charset::ascii, charset::utf8}) {
    const auto [parsed, allocates] = counted([&] { return subject.parse(field, in); });
    if (allocates) return wrong("parsing allocates");
    if (!parsed) {
      if (parsed.error().offset > text.size() || describe(parsed.error()).name.empty())
        return wrong("parse_received() does not say what it expected, and where");
      continue;
    }
    for (const std::string_view view :
         {parsed->from.name.text, parsed->from.tcp_info, parsed->by.name.text, parsed->by.tcp_info, parsed->via,
          parsed->with, parsed->id, parsed->for_path, parsed->additional, parsed->date})
      if (!is_inside(view, field)) return wrong("a view outside of the text");
    std::string out;
    if (!append(out, *parsed, in)) return wrong("what was parsed can't be written");
    const auto again = subject.parse(std::string_view(out).substr(0, out.size() - 2), in);
    if (!again || !(*again == *parsed)) return wrong("what was written is another field");
    if (!read) return wrong("parse_received() takes it and read_received() does not");
    // A party may be called as a clause is.
    const auto is_keyword = [&](std::string_view name) {
      for (const auto& [keyword, value] : clauses_of(*read))
        if (equal_ignoring_case(name, keyword)) return true;
      return false;
    };
    if (is_keyword(parsed->from.name.text) || is_keyword(parsed->by.name.text)) continue;
    if (read->from.name != parsed->from.name.text || read->by.name != parsed->by.name.text)
      return wrong("parse_received() and read_received() give different parties");
  }
  return {};
}

} // namespace postel::fuzz
