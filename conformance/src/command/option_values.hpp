// Options of the command line whose values are what they were given as. CLI11's own conversions take an empty value for none, [a] for a list,
// and 020 for an octal number.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace postel::conformance {

// The values of an option. CLI11 2.4 passes a lone {} to the callback, its empty list, with a mark after it.
[[nodiscard]] inline const CLI::results_t& as_given(const CLI::App& command, const std::string& name) {
  return command.get_option(name)->results();
}

// An option, or a positional argument, with a text; Text is a std::string, or an optional one that then has a value. to must outlive the
// parsing.
template <typename Text>
CLI::Option* add_text(CLI::App& command, const std::string& name, Text& to, const std::string& description) {
  return command.add_option(
      name,
      [&to](const CLI::results_t& values) {
        to = values.front();
        return true;
      },
      description);
}

// One that may be repeated.
inline CLI::Option* add_texts(CLI::App& command, const std::string& name, std::vector<std::string>& to,
                              const std::string& description) {
  return command
      .add_option(
          name,
          [&to, &command, name](const CLI::results_t&) {
            to = as_given(command, name);
            return true;
          },
          description)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// Says of the option's value what was expected instead. Throws.
[[noreturn]] void refuse_number(const std::string& option, std::string_view text, double least, double most);
// Digits without leading zeros, with a point between them if fractions are allowed: no sign, no exponent, no other base.
[[nodiscard]] bool is_decimal(std::string_view text, bool fraction) noexcept;

// An option with a number; To is a Number, or an optional one. to must outlive the parsing.
template <typename Number, typename To>
CLI::Option* add_number(CLI::App& command, const std::string& name, To& to, Number least, Number most,
                        const std::string& description) {
  return command.add_option(
      name,
      [&to, name, least, most](const CLI::results_t& values) {
        const std::string& text = values.front();
        Number value{};
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, value);
        if (!is_decimal(text, std::is_floating_point_v<Number>) || read.ec != std::errc{} || read.ptr != end ||
            value < least || value > most)
          refuse_number(name, text, static_cast<double>(least), static_cast<double>(most));
        to = value;
        return true;
      },
      description);
}

// The words of a command line as the parser is to see them: "--user=" with nothing behind it becomes two words, the second one empty, since
// CLI11 would take the next word for the value. Throws CLI::ParseError for a flag with an empty value.
[[nodiscard]] std::vector<std::string> separate_empty_values(CLI::App& tool, const std::vector<std::string>& words);

} // namespace postel::conformance
