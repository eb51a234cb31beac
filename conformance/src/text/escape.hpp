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

// JSON in UTF-8 with everything written as \uXXXX that ends a line for some readers, steers a terminal or changes the direction of writing:
// DEL, the controls from U+0080 on (with U+0085), U+061C, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF and U+FFF9 to U+FFFB.
// The value is the same: in JSON these stand in strings only.
[[nodiscard]] std::string escape_json(std::string_view json);

struct unescaped {
  std::string octets;
  std::optional<std::size_t> wrong; // where in the text a backslash starts no escape; octets are what was read up to it
};
// Reads \r \n \t \0 \s (a space) \\ \{ \} \" and \xHH (two hexadecimal digits); any other octet stands for itself.
[[nodiscard]] unescaped unescape(std::string_view text);

} // namespace postel::conformance
