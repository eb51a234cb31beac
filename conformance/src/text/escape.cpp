#include "text/escape.hpp"

#include <array>
#include <charconv>
#include <utility>

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

// What a UTF-8 sequence of two or three octets at the beginning of text stands for, if it is one to escape; and its length.
std::pair<unsigned, std::size_t> steering_character(std::string_view text) {
  const auto octet = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  if (octet(0) == 0x7F) return {0x7F, 1};
  if (octet(0) >= 0xC2 && octet(0) <= 0xDF) {
    const unsigned point = (octet(0) & 0x1FU) << 6U | (octet(1) & 0x3FU);
    if (point <= 0x9F || point == 0x61C) return {point, 2};
  } else if (octet(0) >= 0xE0 && octet(0) <= 0xEF) {
    const unsigned point = (octet(0) & 0x0FU) << 12U | (octet(1) & 0x3FU) << 6U | (octet(2) & 0x3FU);
    const bool steers = (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
                        (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB);
    if (steers) return {point, 3};
  }
  return {0, 0};
}

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

std::string escape_json(std::string_view json) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  text.reserve(json.size());
  while (!json.empty()) {
    const auto [point, length] = steering_character(json);
    if (length == 0) {
      text += json.front();
      json.remove_prefix(1);
      continue;
    }
    text += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) text += hex[point >> static_cast<unsigned>(shift) & 0xFU];
    json.remove_prefix(length);
  }
  return text;
}

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
