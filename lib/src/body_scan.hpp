// The search that reading and writing a message share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postel::detail {

enum class stop : std::uint8_t {
  end,     // nothing found
  dot,     // a dot behind a CRLF
  bare_cr, // a CR that another octet than LF follows
  bare_lf, // an LF that no CR precedes
};

struct found {
  stop what;
  std::size_t at; // where that octet is; text.size() for stop::end
  // For stop::dot: bit i is set if octet at + i is a dot behind a CRLF, which at itself is. Nothing else between two such octets needs
  // attention.
  std::uint64_t dots = 0;
  // Those of them that another octet than CR follows, up to the first that does not. 0 if it is not known what follows the dot at at, or if
  // a CR does.
  std::uint64_t stuffed = 0;
};

// The first octet in text that needs attention. text starts inside a line: a dot as its first octet is nothing special. A CR as its last
// octet is not judged. Bare CR and LF are passed over unless strict.
found scan(std::string_view text, bool strict) noexcept;

// The same without what only some processors can do.
found scan_anywhere(std::string_view text, bool strict) noexcept;

} // namespace postel::detail
