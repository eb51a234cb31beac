#include "command/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "text/escape.hpp"

namespace postel::conformance {

void refuse_number(const std::string& option, std::string_view text, double least, double most) {
  throw CLI::ValidationError(
      option, fmt::format("expected a decimal number from {} to {}, not \"{}\"", least, most, escape(text)));
}

bool is_decimal(std::string_view text, bool fraction) noexcept {
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::size_t point = fraction ? text.find('.') : std::string_view::npos;
  const std::string_view whole = text.substr(0, point);
  if (!digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
  return point == std::string_view::npos || digits(text.substr(point + 1));
}

std::vector<std::string> separate_empty_values(CLI::App& tool, const std::vector<std::string>& words) {
  const CLI::App* command = &tool;
  if (!words.empty())
    for (const CLI::App* const each : tool.get_subcommands([](CLI::App*) { return true; }))
      if (each->get_name() == words.front()) command = each;

  std::vector<std::string> separated;
  bool value_follows = false;
  for (const std::string& word : words) {
    const bool is_value = std::exchange(value_follows, false);
    const bool is_option = !is_value && word.starts_with("--");
    const std::size_t sign = is_option ? word.find('=') : std::string::npos;
    const CLI::Option* const option = is_option ? command->get_option_no_throw(word.substr(0, sign)) : nullptr;
    const bool takes_value = option != nullptr && option->get_items_expected_max() > 0;
    value_follows = takes_value && sign == std::string::npos;
    if (option == nullptr || sign == std::string::npos || sign + 1 < word.size()) {
      separated.push_back(word);
      continue;
    }
    if (!takes_value) throw CLI::ArgumentMismatch(fmt::format("{} takes no value", word.substr(0, sign)));
    separated.push_back(word.substr(0, sign));
    separated.emplace_back();
  }
  return separated;
}

} // namespace postel::conformance
