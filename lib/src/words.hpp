// The words of a line that servers do not always write as the grammar has it.
#pragma once

#include <algorithm>
#include <string_view>

#include "postel/address.hpp"

namespace postel::detail {

// What separates words, whether the grammar allows it there or not: spaces and controls. Octets above 127 are part of a word, and spoil it.
constexpr bool is_blank(char octet) noexcept {
  const auto value = static_cast<unsigned char>(octet);
  return value <= ' ' || value == 127;
}

// Without the blanks at both ends.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the first word off text, of which nothing may be left; empty if there is none.
constexpr std::string_view take_word(std::string_view& text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  const auto size = static_cast<std::size_t>(std::ranges::find_if(text, is_blank) - text.begin());
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

// What the old form of AUTH begins with. With its mechanisms it is no offer of AUTH: see client_policy::old_auth_form.
inline constexpr std::string_view old_auth = "AUTH=";
inline bool is_old_auth(std::string_view text) noexcept {
  return equal_ignoring_case(text.substr(0, old_auth.size()), old_auth);
}

} // namespace postel::detail
