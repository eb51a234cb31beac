// The message behind DATA as RFC 5321 defines it, on the whole of the octets and without a thought for speed: what the framer and the
// stuffer are compared with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "postel/error.hpp"
#include "postel/policy.hpp"

namespace postel::fuzz {

// A CR or LF that is no part of a CRLF.
struct bare_octet {
  errc code;      // bare_cr or bare_lf
  std::size_t at; // its offset
};

// The first one in text. A CR as the last octet counts as bare.
std::optional<bare_octet> first_bare(std::string_view text);

// What a receiver makes of the octets behind the reply to DATA.
struct received_body {
  bool ended = false;             // CRLF . CRLF was there
  std::size_t used = 0;           // octets up to and with it; without it all but those that may yet become a part of it
  std::string message;            // dots unstuffed
  std::optional<bare_octet> bare; // the first in what was used
};
received_body receive_body(std::string_view wire);

// What a session makes of a message by its policy: the octets it hands on, up to the first fault if there is one.
struct judged_body {
  std::string message;
  std::optional<errc> fault;
};
// message: dots unstuffed; eight_bit: its MAIL had BODY=8BITMIME, BODY=BINARYMIME or SMTPUTF8.
judged_body judge_body(std::string_view message, const policy& rules, bool eight_bit);

// Each CR or LF that is no part of a CRLF made one.
std::string with_line_ends(std::string_view message);

// What a sender makes of a message without bare CR or LF, the end of data not included.
std::string stuff(std::string_view message);

} // namespace postel::fuzz
