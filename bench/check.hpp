// A wrong answer is not timed.
#pragma once

#include <string_view>

namespace postel::bench {

// Prints what is wrong and ends the program with 1, unless holds.
void check(bool holds, std::string_view what, std::string_view input = {});

} // namespace postel::bench
