// Commands that real clients say and the grammar does not have.
#pragma once

#include <string_view>

#include "postel/command.hpp"
#include "postel/policy.hpp"

namespace postel::detail {

// Reads a line that parse_command() has refused, if the leniencies of rules that it takes are allowed; else command stays as it is.
[[gnu::cold, gnu::noinline]] bool parse_leniently(std::string_view line, charset octets, const policy& rules,
                                                  result<command>& parsed) noexcept;

} // namespace postel::detail
