// A second opinion on address literals: the C library's.
#pragma once

#include <arpa/inet.h>

#include <optional>
#include <string>
#include <string_view>

#include "postel/address.hpp"

namespace postel::fuzz {

// a.b.c.d without the leading zeros that RFC 5321's Snum has room for, and inet_pton has not.
inline std::string without_leading_zeros(std::string_view address) {
  std::string plain;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const bool starts = plain.empty() || plain.back() == '.';
    const bool digit_follows = i + 1 < address.size() && address[i + 1] >= '0' && address[i + 1] <= '9';
    if (address[i] == '0' && starts && digit_follows) continue;
    plain += address[i];
  }
  return plain;
}

inline bool is_ipv4(std::string_view text) {
  for (std::size_t digits = 0, i = 0; i < text.size(); ++i) {
    digits = text[i] == '.' ? 0 : digits + 1;
    if (digits > 3) return false;
  }
  in_addr address{};
  const std::string plain = without_leading_zeros(text);
  return plain.find('\0') == std::string::npos && inet_pton(AF_INET, plain.c_str(), &address) == 1;
}

// RFC 4291's text form, which RFC 5321 narrows: "::" stands for two groups or more.
inline bool is_ipv6(std::string_view text) {
  std::string plain(text);
  if (plain.find('\0') != std::string::npos) return false;
  std::size_t groups = 0;
  const std::size_t v4 = plain.rfind(':') + 1;
  if (v4 != 0 && plain.find('.') != std::string::npos) {
    if (!is_ipv4(std::string_view(plain).substr(v4))) return false;
    plain.replace(v4, std::string::npos, "0:0"); // as many groups
  }
  in6_addr address{};
  if (inet_pton(AF_INET6, plain.c_str(), &address) != 1) return false;
  bool in_group = false;
  for (const char c : plain) {
    if (c != ':' && !in_group) ++groups;
    in_group = c != ':';
  }
  return plain.find("::") == std::string::npos || groups <= 6;
}

// What an address literal is, if it is one that the C library knows; a general literal is none of them.
inline std::optional<host_form> ip_form(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  const std::string_view address = text.substr(1, text.size() - 2);
  if (is_ipv4(address)) return host_form::ipv4_literal;
  constexpr std::string_view tag = "IPv6:";
  if (equal_ignoring_case(address.substr(0, tag.size()), tag) && is_ipv6(address.substr(tag.size())))
    return host_form::ipv6_literal;
  return std::nullopt;
}

} // namespace postel::fuzz
