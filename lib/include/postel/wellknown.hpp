// What Exim's command WELLKNOWN is answered: a file. No RFC defines it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "reply.hpp"

namespace [[gnu::visibility("default")]] postel {

// A positive reply: "SIZE=" and the number of octets in its first line, the octets as xtext (RFC 3461 4) in the others, cut anywhere.
// Views into the parsed text.
struct wellknown_response {
  std::uint64_t size; // of the file, in octets
  reply_view reply;

  // The file's octets, decoded into buffer; size octets are enough. errc::buffer_too_small if buffer is shorter; errc::syntax if the
  // lines have more octets, or fewer, than the first line says.
  result<std::string_view> content(std::span<char> buffer) const noexcept;
};

// Parses the whole reply, each line with its CRLF. No allocation, no exception, linear time.
result<wellknown_response> parse_wellknown_response(std::string_view lines) noexcept;

} // namespace postel
