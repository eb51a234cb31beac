// What a wrong command line ends with.
#pragma once

#include <string_view>

namespace postel::conformance {

// Says what is wrong on standard error. Returns the exit status.
int usage_error(std::string_view message);

} // namespace postel::conformance
