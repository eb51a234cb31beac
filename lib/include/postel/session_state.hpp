// Where a session stands, for both of its sides: RFC 5321 4.1.4.
#pragma once

#include <cstdint>

namespace [[gnu::visibility("default")]] postel {

// src/session_table.hpp says which command is good in which state; the manual shows it as a table.
enum class session_state : std::uint8_t {
  unopened,
  declined,   // refused with 554 or 521: nothing but QUIT is taken
  greeted,    // no EHLO yet
  ready,      // no transaction
  sender,     // MAIL
  recipients, // and at least one RCPT
  message,    // DATA: the text is coming
  chunks,     // between the chunks of a message, or in one
  failed,     // a chunk was refused: nothing but RSET and EHLO ends this (RFC 3030 2)
  auth,       // a challenge is out
  tls,        // STARTTLS was accepted, the handshake is to come
  closed,
};

} // namespace postel
