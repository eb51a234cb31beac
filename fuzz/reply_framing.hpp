// What makes octets a reply, stated a second time: digits, separators and line ends (RFC 5321 4.2, 4.3.2), and not a word about text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postel::fuzz {

// The code of the reply that wire is, all of it; nothing if it is none.
inline std::optional<std::uint16_t> code_of_reply(std::string_view wire) {
  const std::string_view code = wire.substr(0, 3);
  for (bool last = false; !last;) {
    const std::size_t lf = wire.find('\n');
    if (lf == std::string_view::npos) return std::nullopt;
    const std::string_view line = wire.substr(0, lf + 1), behind = line.substr(line.size() < 3 ? line.size() : 3);
    wire.remove_prefix(line.size());
    if (!line.ends_with("\r\n") || !line.starts_with(code) || behind.size() < 2) return std::nullopt;
    last = behind[0] != '-';
    if (last && behind[0] != ' ' && behind.find_first_not_of('\r') != behind.size() - 1) return std::nullopt;
  }
  if (!wire.empty() || code[0] < '2' || code[0] > '5') return std::nullopt;
  std::uint16_t number = 0;
  for (const char digit : code) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = static_cast<std::uint16_t>(number * 10 + (digit - '0'));
  }
  return number;
}

// The octets of a reply with an "x" for every octet of its text; of the first line's only, if that is wanted.
inline std::string with_plain_text(std::string_view wire, bool first_line_only) {
  std::string plain(wire);
  std::size_t column = 0;
  for (std::size_t at = 0; at < plain.size(); ++at) {
    if (wire[at] == '\n') {
      column = 0;
      if (first_line_only) break;
    } else if (column++ >= 4 && wire.substr(at, 2) != "\r\n") {
      plain[at] = 'x';
    }
  }
  return plain;
}

} // namespace postel::fuzz
