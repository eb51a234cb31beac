// base64 of the AUTH exchange: RFC 4954 4, RFC 4648 4.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "result.hpp"

namespace [[gnu::visibility("default")]] postel {

// Decodes text into buffer; the value is the part of buffer that was filled, empty for an empty text. text.size() / 4 * 3 octets are always
// enough. errc::syntax, with the offset, if text is not the base64 of RFC 4954 8: whole groups of four, padded, with nothing else in
// between; bits that padding leaves over must be zero (RFC 4648 3.5). errc::buffer_too_small if buffer is shorter than the decoded octets.
result<std::string_view> decode_base64(std::string_view text, std::span<char> buffer) noexcept;

// Appends octets as base64, padded; gives the number of octets appended.
std::size_t append_base64(std::string& out, std::string_view octets);

} // namespace postel
