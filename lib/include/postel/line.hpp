// Finding command lines: RFC 5321 2.3.8. Only CRLF ends a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {

// Cuts lines out of the octets that a caller holds. It keeps none of them: only how far it has searched, so that a line which arrives
// octet by octet costs linear time in all.
class line_framer {
 public:
  enum class outcome : std::uint8_t {
    need_more, // no whole line yet
    line,      // text is the line, without its CRLF
    bare_cr,   // a CR without an LF; the rest up to the next CRLF is being discarded
    bare_lf,   // an LF without a CR; likewise
    too_long,  // no CRLF within the limit; likewise
  };
  struct step {
    outcome what;
    std::string_view text; // into unread; empty but for outcome::line
    std::size_t used;      // how many octets of unread are done with and may be dropped
  };

  // unread: everything that was received and not yet dropped, the same octets as in the last call and perhaps more behind them.
  // limit: the longest line in octets, CRLF included; at least 2.
  // After bare_cr, bare_lf and too_long, reported once, octets up to and with the next CRLF are used up without another report.
  [[nodiscard]] step next(std::string_view unread, std::size_t limit) noexcept {
    // What a peer who sends octet by octet makes us do most: one octet more in a line, and the LF behind its CR.
    if (!discarding_ && unread.size() <= limit) {
      const std::size_t fresh = unread.size() - searched_;
      if (fresh == 1 && unread.size() != limit && unread.back() != '\n') {
        if (unread.back() != '\r') ++searched_;
        return {outcome::need_more, {}, 0};
      }
      if (fresh == 2 && unread.back() == '\n' && unread[searched_] == '\r') {
        searched_ = 0;
        return {outcome::line, unread.substr(0, unread.size() - 2), unread.size()};
      }
    }
    return search(unread, limit);
  }

 private:
  [[nodiscard]] step search(std::string_view unread, std::size_t limit) noexcept;
  [[nodiscard]] step search_on(std::string_view unread, std::size_t limit, std::size_t from) noexcept;
  [[nodiscard]] step discard(std::string_view unread) noexcept;

  std::uint32_t searched_ = 0; // octets at the front of unread that hold no CR or LF
  bool discarding_ = false;
};

} // namespace postel
