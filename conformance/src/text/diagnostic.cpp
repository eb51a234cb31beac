#include "text/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text/escape.hpp"

namespace postel::conformance {

namespace {

// Shown to the left of the caret; a longer line loses its beginning.
constexpr std::size_t shown_before = 100;
constexpr std::size_t shown_behind = 60;

// Safe on any terminal; a backslash, of which case files have many, stays what it is.
std::string shown(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) result += text[at] == '\\' ? "\\" : escape(text.substr(at, 1));
  return result;
}

bool starts_character(char octet) {
  return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U;
}

} // namespace

std::string diagnostic::text() const {
  // The caret has to stand below its character however the line is displayed, so both parts are escaped alike. A column behind
  // multi-octet characters is found by walking over them.
  std::size_t octets = 0;
  for (std::size_t characters = 0; octets < source.size(); ++octets) {
    if (starts_character(source[octets]) && ++characters == column) break;
  }
  const std::size_t from = octets > shown_before ? octets - shown_before : 0;
  const std::string left = (from > 0 ? "..." : "") + shown(std::string_view(source).substr(from, octets - from));
  const std::string_view behind = std::string_view(source).substr(octets);
  const std::string right = shown(behind.substr(0, shown_behind)) + (behind.size() > shown_behind ? "..." : "");
  return fmt::format("{}:{}:{}: {}\n{:>5} | {}{}\n      | {:>{}}\n", file, line, column, message, line, left, right,
                     "^", left.size() + 1);
}

diagnostic diagnose(std::string_view file, std::string_view content, std::size_t offset, std::string message) {
  const std::string_view before = content.substr(0, offset);
  const std::size_t feed = before.rfind('\n');
  const std::size_t start = feed == std::string_view::npos ? 0 : feed + 1;
  const std::size_t end = std::min(content.find('\n', offset), content.size());
  diagnostic result;
  result.file = file;
  result.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::string_view left = before.substr(start);
  result.column = static_cast<std::size_t>(std::count_if(left.begin(), left.end(), starts_character)) + 1;
  result.message = std::move(message);
  result.source = content.substr(start, end - start);
  return result;
}

} // namespace postel::conformance
