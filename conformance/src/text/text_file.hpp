// Reading a text file that somebody wrote: whole, and of a bounded size.
#pragma once

#include <string>
#include <variant>

namespace postel::conformance {

struct file_error {
  std::string sentence; // "PATH: what is wrong\n"
};

inline constexpr std::size_t largest_text_file = std::size_t{4} * 1024 * 1024;

[[nodiscard]] std::variant<std::string, file_error> read_text_file(const std::string& path);

} // namespace postel::conformance
