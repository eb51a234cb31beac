// Where octets stand in a text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace postel::detail {

// Octets of a text that is looked through twice: as many as are still in the cache the second time.
inline constexpr std::size_t in_cache = std::size_t{16} * 1024;

// The first octet above 127; the text's size if there is none.
inline std::size_t first_non_ascii(std::string_view text) noexcept {
  const auto found = std::ranges::find_if(text, [](char octet) { return static_cast<signed char>(octet) < 0; });
  return static_cast<std::size_t>(found - text.begin());
}

} // namespace postel::detail
