// Where a user's password comes from: the options that postel check and postel send share.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <variant>

namespace postel::conformance {

// What the options say. An empty value is a value.
struct password_source {
  std::optional<std::string> text;     // --password
  std::optional<std::string> file;     // --password-file
  std::optional<std::string> variable; // --password-env

  [[nodiscard]] bool given() const { return text || file || variable; }
};

struct password_refusal {
  std::string why;
};

// Adds the options, of which a command line may have one. source must outlive the parsing.
void add_password_options(CLI::App& command, password_source& source);

// The user's password, or token. Without any of the options it is asked for at the terminal, which does not show it; without a terminal it is
// refused. For --password a warning goes to standard error: others on the machine can read it.
std::variant<std::string, password_refusal> password_of(const password_source& source, const std::string& user);

} // namespace postel::conformance
