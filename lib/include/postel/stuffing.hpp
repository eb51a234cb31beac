// Writing a message behind DATA without copying it: RFC 5321 4.1.1.4, 4.5.2. The mirror image of body_framer.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "result.hpp"

namespace [[gnu::visibility("default")]] postel {

// Turns a message, handed over in pieces of any cut, into the views that go over the wire: parts of the pieces, and between them static line
// ends. A dot that starts a line is doubled (RFC 5321 4.5.2): one view ends with it, the next one begins with it. Never is a CR without LF
// written, or an LF without CR (RFC 5321 2.3.8).
class body_stuffer {
 public:
  // What happens to a CR without LF, or an LF without CR.
  enum class bare : std::uint8_t {
    refuse,  // errc::bare_cr, bare_lf
    convert, // it becomes CRLF
  };

  body_stuffer() = default;
  explicit body_stuffer(bare line_ends) noexcept : bare_(line_ends) {}

  struct step {
    std::string_view bytes; // to write next: a beginning of piece, or static; may be empty
    std::size_t used;       // octets of piece that are done with; a dot that is to be doubled is not yet
  };
  // The next step for what is left of a piece: call again with piece.substr(used) until that is empty. errc::bare_cr or bare_lf (offset 0: it
  // stands there, or a CR at the end of the last piece was bare); then nothing has changed, and another piece may come in its place.
  [[nodiscard]] result<step> next(std::string_view piece) noexcept {
    // Dots that the last search saw too: short lines that start with one.
    if (const std::uint64_t behind = dots_ & (dots_ - 1); behind != 0) {
      const auto end = static_cast<std::size_t>(std::countr_zero(behind) - std::countr_zero(dots_));
      if (end < piece.size()) {
        dots_ = behind;
        return step{{piece.data(), end + 1}, end};
      }
    }
    return search(piece);
  }
  // To be called where another piece comes in place of what is left of the last one.
  void drop_piece() noexcept { dots_ = 0; }
  // What ends the message: CRLF if it does not end with one, and the final dot. A static view. errc::bare_cr if its last octet is a bare CR.
  // The stuffer is ready for another message.
  [[nodiscard]] result<std::string_view> finish() noexcept;

 private:
  enum class place : std::uint8_t { line_start, in_line, after_cr }; // after_cr: it was not written yet

  [[nodiscard]] result<step> search(std::string_view piece) noexcept;

  // The lowest bit is the first octet of what is left of the piece, a dot that was written once; each bit is a dot that starts a line, and
  // all between them is fit to be written.
  std::uint64_t dots_ = 0;
  place place_ = place::line_start;
  bare bare_ = bare::refuse;
};

} // namespace postel
