#include "check.hpp"

#include <cstdio>
#include <cstdlib>

namespace postel::bench {

void check(bool holds, std::string_view what, std::string_view input) {
  if (holds) return;
  std::fprintf(stderr, "not timed, for the answer is wrong: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(input.size()), input.data());
  std::exit(1);
}

} // namespace postel::bench
