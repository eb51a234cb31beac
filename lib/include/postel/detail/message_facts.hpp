// What a delivery has to know of a message before it can say MAIL.
#pragma once

#include <cstdint>

#include "../error.hpp"

namespace [[gnu::visibility("default")]] postel {
namespace detail {

struct message_facts {
  // After DATA, on the wire: with line ends converted or added, without stuffed dots (RFC 1870 3).
  std::uint64_t octets = 0;
  bool eight_bit = false;      // has octets above 127
  bool utf8_header = false;    // has them in its header section
  bool lacks_line_end = false; // the last line has none: DATA adds a CRLF
  errc bare{}; // bare_cr or bare_lf: the first CR or LF that is no part of a CRLF; errc{} if there is none
};

} // namespace detail
} // namespace postel
