#include "text/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace postel::conformance {

std::variant<std::string, file_error> read_text_file(const std::string& path) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
  if (!file) return file_error{fmt::format("{}: {}\n", path, std::strerror(errno))};
  std::string content;
  char block[4096];
  for (std::size_t got = sizeof block; got == sizeof block;) {
    got = std::fread(block, 1, sizeof block, file.get());
    content.append(block, got);
    if (content.size() > largest_text_file)
      return file_error{fmt::format("{}: larger than {} octets\n", path, largest_text_file)};
  }
  if (std::ferror(file.get())) return file_error{fmt::format("{}: {}\n", path, std::strerror(errno))};
  return content;
}

} // namespace postel::conformance
