// Commands as JSON.
#pragma once

#include <postel/command.hpp>

#include "text/json_text.hpp"

namespace postel::conformance {

[[nodiscard]] json value(const command& c);
// parse_command(), which refuses as well what the grammar takes in registered parameters and their RFC does not.
[[nodiscard]] result<command> parse_whole_command(std::string_view text, charset octets);

} // namespace postel::conformance
