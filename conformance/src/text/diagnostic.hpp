// An error in a text file, told as a compiler tells it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postel::conformance {

struct diagnostic {
  std::string file;
  std::size_t line = 0;   // from 1
  std::size_t column = 0; // from 1, in characters
  std::string message;
  std::string source; // the line it is about

  // FILE:LINE:COLUMN: MESSAGE, then the line with a caret below the column. Ends with a line feed.
  [[nodiscard]] std::string text() const;
};

// The diagnostic for the octet at offset of content.
[[nodiscard]] diagnostic diagnose(std::string_view file, std::string_view content, std::size_t offset,
                                  std::string message);

} // namespace postel::conformance
