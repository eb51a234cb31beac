// Messages to frame and to write, made up: the same octets at each run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace postel::bench {

enum class body_kind : std::uint8_t {
  plain76,  // lines of 76, as base64 has them
  text,     // lines of 20 to 76, 3 in 100 start with a dot
  dots76,   // every line starts with a dot, 6 of 10 octets are dots
  dotshort, // the worst case: stuffed lines of 4 or 5 octets
};

const char* name(body_kind) noexcept;

struct body_workload {
  std::string message;
  std::string wire; // the message with its dots stuffed and the end of data
};

// wire has about that many octets.
body_workload make_body(body_kind, std::size_t size);

} // namespace postel::bench
