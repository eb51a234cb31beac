#include "case/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <postel/address.hpp>

namespace postel::conformance {

std::string_view name(level value) noexcept {
  switch (value) {
    case level::must: return "MUST";
    case level::should: return "SHOULD";
    case level::may: return "MAY";
    case level::note: break;
  }
  return "NOTE";
}

std::string_view name(role value) noexcept {
  switch (value) {
    case role::server: return "server";
    case role::submission: return "submission";
    case role::lmtp: return "lmtp";
    case role::both: return "both";
    case role::client: break;
  }
  return "client";
}

bool matches(std::string_view pattern, unsigned code) noexcept {
  const std::array<char, 3> digits{static_cast<char>('0' + code / 100), static_cast<char>('0' + code / 10 % 10),
                                   static_cast<char>('0' + code % 10)};
  return std::equal(pattern.begin(), pattern.end(), digits.begin(), digits.end(),
                    [](char wanted, char digit) { return wanted == digit || (wanted >= 'x' && wanted <= 'z'); });
}

std::string_view test_case::document() const noexcept {
  return std::string_view(id).substr(0, id.find('/'));
}
std::string_view test_case::section() const noexcept {
  const std::size_t start = id.find('/') + 1;
  return std::string_view(id).substr(start, id.rfind('/') - start);
}
std::string_view test_case::short_name() const noexcept {
  return std::string_view(id).substr(id.rfind('/') + 1);
}

bool say::has(variable which) const noexcept {
  const auto is = [which](const auto& item) {
    const auto* named = std::get_if<variable>(&item);
    return named != nullptr && *named == which;
  };
  return std::any_of(text.begin(), text.end(), [&](const text_item& item) {
    const auto* inner = std::get_if<encoded>(&item);
    return is(item) || (inner != nullptr && std::any_of(inner->items.begin(), inner->items.end(), is));
  });
}

bool expectation::allows(pattern_kind what) const noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [what](const pattern& each) { return each.what == what; });
}
bool expectation::has(condition_kind what) const noexcept {
  return std::any_of(conditions.begin(), conditions.end(), [what](const condition& each) { return each.what == what; });
}

namespace {

bool any_says(const std::vector<step>& steps, variable which) {
  return std::any_of(steps.begin(), steps.end(), [which](const step& each) {
    if (const auto* either = std::get_if<branch>(&each.what))
      return any_says(either->then, which) || any_says(either->otherwise, which);
    const auto* said = std::get_if<say>(&each.what);
    return said != nullptr && said->has(which);
  });
}

void write(std::string& text, const std::vector<step>& steps, const std::string& indent) {
  for (const step& each : steps) {
    if (!each.source.empty()) text += indent + each.source + '\n';
    const auto* either = std::get_if<branch>(&each.what);
    if (either == nullptr) continue;
    write(text, either->then, indent + "  ");
    if (!either->otherwise.empty()) {
      text += indent + "else\n";
      write(text, either->otherwise, indent + "  ");
    }
    text += indent + "end\n";
  }
}

} // namespace

bool test_case::says(variable which) const noexcept {
  return any_says(steps, which);
}

bool test_case::uses_credentials() const noexcept {
  return says(variable::user) || says(variable::password);
}

bool test_case::starts_with_greeting() const noexcept {
  return std::holds_alternative<expectation>(steps.front().what);
}

bool test_case::starts_with_hello() const noexcept {
  const auto* said = std::get_if<say>(&steps.front().what);
  if (said == nullptr || said->text.empty()) return false;
  if (const auto* which = std::get_if<variable>(&said->text.front())) return *which == variable::hello;
  const auto* text = std::get_if<std::string>(&said->text.front());
  return text != nullptr && (text->starts_with("EHLO ") || text->starts_with("LHLO "));
}

bool offers(std::string_view line, std::string_view wanted) noexcept {
  const auto word = [](std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view first = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return first;
  };
  if (!equal_ignoring_case(word(line), word(wanted))) return false;
  while (!wanted.empty()) {
    const std::string_view parameter = word(wanted);
    bool found = false;
    for (std::string_view rest = line; !rest.empty() && !found;) {
      const std::string_view each = word(rest);
      found = equal_ignoring_case(each, parameter) ||
              equal_ignoring_case(each.substr(0, std::min(each.find('='), each.size())), parameter);
    }
    if (!found) return false;
  }
  return true;
}

std::string clause_of(const test_case& the_case) {
  const std::string_view document = the_case.document();
  if (document.starts_with("rfc")) return fmt::format("RFC {} §{}", document.substr(3), the_case.section());
  return fmt::format("{} §{}", document, the_case.section());
}

std::string written_out(const test_case& the_case) {
  std::string text = fmt::format("== {}   {}   {}\n   {}\n", the_case.id, name(the_case.level), name(the_case.role),
                                 the_case.requirement);
  for (auto clause = the_case.clauses.begin() + 1; clause != the_case.clauses.end(); ++clause)
    text += fmt::format("clause {}\n", *clause);
  for (const std::string& each : the_case.requirements) text += fmt::format("requires {}\n", each);
  for (const std::string& each : the_case.given_lines) text += each + '\n';
  write(text, the_case.steps, {});
  return text;
}

} // namespace postel::conformance
