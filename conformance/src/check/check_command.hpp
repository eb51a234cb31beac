// postel check, as its command line has it.
#pragma once

#include <CLI/CLI.hpp>

#include "check/check.hpp"
#include "command/password_source.hpp"

namespace postel::conformance {

struct check_command {
  check_options wanted;
  password_source password;
  double timeout = 5; // seconds
  std::optional<unsigned> quiet;
};

// Adds the subcommand; its options are read into command, which must outlive the parsing.
void add_check(CLI::App& tool, check_command& command);

// Gives the exit status.
int run(check_command& command);

} // namespace postel::conformance
