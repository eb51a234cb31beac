// What a session offers and how far it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "extension.hpp"

namespace postel {

// RFC 5321 4.5.3.1: what must at least be accepted, which is what is accepted. All in octets unless they say otherwise.
struct limits {
  std::size_t local_part = 64;    // 4.5.3.1.1
  std::size_t domain = 255;       // 4.5.3.1.2
  std::size_t path = 256;         // 4.5.3.1.3, with its brackets and source route
  std::size_t command_line = 512; // 4.5.3.1.4, CRLF included; the increments of what is offered are added to it
  std::size_t recipients = 1000;  // 4.5.3.1.8: at least 100; in one transaction
  std::size_t reply_line = 512;   // 4.5.3.1.5, CRLF included; the client's
  std::size_t reply = std::size_t{64} * 1024;  // all lines of one reply; the client's
};

// The longest command line, in octets, CRLF included: limit.command_line, and what the RFCs of the offered extensions add to the command
// that they lengthen most.
[[nodiscard]] std::size_t command_line_limit(const limits& limit, extensions offered) noexcept;

// What a server session offers and enforces. Strict as it stands; each leniency is a field of its own.
struct policy {
  // The name in greeting, EHLO and QUIT replies (RFC 5321 4.1.1.1: Domain). Must outlive the session.
  std::string_view host = "localhost";
  // What EHLO offers. What is not offered is refused when used.
  extensions offer = {extension::pipelining,     extension::size,
                      extension::eight_bit_mime, extension::enhanced_status_codes,
                      extension::smtputf8,       extension::help};
  // The largest message, in octets as transmitted without stuffed dots (RFC 1870 3). Enforced whether SIZE is offered or not.
  std::uint64_t message_size = std::uint64_t{32} * 1024 * 1024;
  // White space before the CRLF of a command is dropped (RFC 5321 4.1.1, SHOULD). Admits no attack: it ends no line.
  bool trailing_white_space = true;
  limits limit = {};
};

} // namespace postel
