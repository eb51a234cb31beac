#include "escape.hpp"

#include <array>
#include <charconv>

namespace postel::conformance {

std::string escape(std::string_view octets) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(octets.size());
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    switch (octet) {
      case '\r': text += "\\r"; break;
      case '\n': text += "\\n"; break;
      case '\t': text += "\\t"; break;
      case '\0': text += "\\0"; break;
      case '\\': text += "\\\\"; break;
      default:
        if (value >= 0x20 && value < 0x7F) {
          text += octet;
        } else {
          text += "\\x";
          text += hex[value >> 4];
          text += hex[value & 0x0F];
        }
    }
  }
  return text;
}

namespace {

std::optional<char> simple_escape(char letter) {
  static constexpr std::array<std::pair<char, char>, 9> known{{{'r', '\r'},
                                                               {'n', '\n'},
                                                               {'t', '\t'},
                                                               {'0', '\0'},
                                                               {'s', ' '},
                                                               {'\\', '\\'},
                                                               {'{', '{'},
                                                               {'}', '}'},
                                                               {'"', '"'}}};
  for (const auto& [name, octet] : known)
    if (name == letter) return octet;
  return std::nullopt;
}

} // namespace

unescaped unescape(std::string_view text) {
  unescaped result;
  result.octets.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      result.octets += text[at];
      continue;
    }
    const std::string_view rest = text.substr(at + 1);
    if (rest.size() >= 3 && rest[0] == 'x') {
      unsigned value = 0;
      const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + 3, value, 16);
      if (error == std::errc{} && end == rest.data() + 3) {
        result.octets += static_cast<char>(static_cast<unsigned char>(value));
        at += 3;
        continue;
      }
    } else if (!rest.empty()) {
      if (const auto octet = simple_escape(rest[0])) {
        result.octets += *octet;
        at += 1;
        continue;
      }
    }
    result.wrong = at;
    return result;
  }
  return result;
}

} // namespace postel::conformance
