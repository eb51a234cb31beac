// xtext, RFC 3461 4, and the embedded code points of RFC 6533 3: how parameters carry any octet.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "result.hpp"

namespace [[gnu::visibility("default")]] postel {

// Decodes xtext into buffer; the value is the part of buffer that was filled. text.size() octets are always enough. errc::syntax, with
// the offset, if text is no xtext; errc::buffer_too_small if buffer is shorter than the decoded text, then buffer holds a beginning of it.
result<std::string_view> decode_xtext(std::string_view text, std::span<char> buffer) noexcept;

// Decodes utf-8-addr-xtext or utf-8-addr-unitext (RFC 6533 3), the address of an ORCPT whose type is utf-8, into UTF-8. As above.
result<std::string_view> decode_utf8_address(std::string_view text, std::span<char> buffer) noexcept;

// Appends octets as xtext; gives the number of octets appended.
std::size_t append_xtext(std::string& out, std::string_view octets);

} // namespace postel
