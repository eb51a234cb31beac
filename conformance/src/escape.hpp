// Octets written as text, for case files, transcripts and the command line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postel::conformance {

// Printable ASCII as it is, a backslash doubled, everything else as \r \n \t \0 or \xHH: safe on any terminal, and unescape() gives the
// octets back.
[[nodiscard]] std::string escape(std::string_view octets);

struct unescaped {
  std::string octets;
  std::optional<std::size_t> wrong; // where in the text a backslash starts no escape; octets are what was read up to it
};
// Reads \r \n \t \0 \s (a space) \\ \{ \} \" and \xHH (two hexadecimal digits); any other octet stands for itself.
[[nodiscard]] unescaped unescape(std::string_view text);

} // namespace postel::conformance
