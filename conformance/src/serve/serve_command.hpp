// postel serve, as its command line has it.
#pragma once

#include <CLI/CLI.hpp>

#include "serve/serve.hpp"

namespace postel::conformance {

// Adds the subcommand; its options are read into wanted, which must outlive the parsing.
void add_serve(CLI::App& tool, serve_options& wanted);

} // namespace postel::conformance
