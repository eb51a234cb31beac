#include "command/usage_error.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "command/exit_code.hpp"

namespace postel::conformance {

int usage_error(std::string_view message) {
  fmt::print(stderr, "{}{}", message, message.ends_with('\n') ? "" : "\n");
  return exit_code::usage;
}

} // namespace postel::conformance
