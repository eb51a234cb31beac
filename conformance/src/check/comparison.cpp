#include "check/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <utility>

#include "command/exit_code.hpp"

namespace postel::conformance {

comparison::comparison(std::vector<std::string> files, expected_verdicts expected)
    : files_(std::move(files)), expected_(std::move(expected)) {}

std::variant<comparison, std::string> comparison::with(std::vector<std::string> files,
                                                       const std::vector<test_case>& all) {
  auto expected = read_expected_verdicts(files, all);
  if (auto* const wrong = std::get_if<std::string>(&expected)) return std::move(*wrong);
  return comparison(std::move(files), std::get<expected_verdicts>(std::move(expected)));
}

void comparison::played(const test_case& the_case, const outcome& result) {
  if (files_.empty()) return;
  if (auto differs = difference(expected_, the_case, result)) differences_.push_back(*std::move(differs));
}

int comparison::conclude(const run_result& result, std::string_view shown) const {
  if (files_.empty()) {
    if (result.any_verdict()) return result.count(verdict::fail) == 0 ? exit_code::good : exit_code::bad;
    fmt::print(stderr, "{}: nothing is known of it: no case came to a verdict\n", shown);
    return exit_code::untestable;
  }
  const std::string names = fmt::format("{}", fmt::join(files_, " and "));
  if (differences_.empty()) {
    fmt::print("The verdicts are those of {}.\n", names);
    return exit_code::good;
  }
  fmt::print("\nOther verdicts than {} has:\n", names);
  for (const std::string& each : differences_) fmt::print("  {}\n", each);
  return exit_code::bad;
}

} // namespace postel::conformance
