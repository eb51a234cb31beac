// The message behind DATA: finding its end and undoing dot-stuffing, RFC 5321 4.1.1.4 and 4.5.2. To write one: stuffing.hpp.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {

// Cuts the message out of the octets that a caller holds, without copying: each piece is a part of what was read, and ends before a
// stuffed dot, which is skipped. Only CRLF . CRLF ends the message (RFC 5321 2.3.8), the CRLF before the dot belongs to it.
class body_framer {
 public:
  // Which bare CRs and LFs are reported.
  enum class report : std::uint8_t {
    never, // they are data
    once,  // the first of a message, without being used up: then all are data
    each,  // bytes is that octet, used up: the caller does with it as it likes
  };

  body_framer() = default;
  explicit body_framer(report bare) noexcept : wanted_(bare), strict_(bare != report::never) {}

  enum class outcome : std::uint8_t {
    need_more, // nothing more can be said before more octets are there (at most a possible half end is held back)
    piece,     // bytes is a part of the message
    bare_cr,   // a CR without an LF comes next
    bare_lf,   // an LF without a CR comes next
    end,       // the message is complete; the framer is ready for another one
  };
  struct step {
    outcome what;
    std::string_view bytes; // into unread; empty but for outcome::piece
    std::size_t used;       // how many octets of unread are done with and may be dropped
  };

  // unread: everything that was received and not yet dropped, the same octets as in the last call and perhaps more behind them.
  [[nodiscard]] step next(std::string_view unread) noexcept {
    // Pieces whose ends the last search saw too: short lines, each with a stuffed dot.
    if (const std::uint64_t behind = stuffed_ & (stuffed_ - 1); behind != 0) {
      const auto end = static_cast<std::size_t>(std::countr_zero(behind) - std::countr_zero(stuffed_));
      if (end <= unread.size()) {
        stuffed_ = behind;
        return {outcome::piece, {unread.data() + 1, end - 1}, end};
      }
    }
    return search(unread);
  }

 private:
  [[nodiscard]] step search(std::string_view unread) noexcept;

  std::uint64_t stuffed_ =
      0; // the lowest bit is the first octet of unread; each bit is a stuffed dot, all between them are seen
  bool line_start_ = true; // the next octet is the first of a line
  report wanted_ = report::once;
  bool strict_ = true; // the next bare CR or LF is to be reported
};

} // namespace postel
