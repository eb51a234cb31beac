#include "postel/body.hpp"

#include "body_scan.hpp"

namespace postel {

body_framer::step body_framer::search(std::string_view unread) noexcept {
  stuffed_ = 0;
  std::size_t begin = 0;
  if (line_start_) {
    if (unread.empty()) return {outcome::need_more, {}, 0};
    if (unread[0] == '.') {
      if (unread.size() == 1 || unread == ".\r") return {outcome::need_more, {}, 0};
      if (unread[1] == '\r' && unread[2] == '\n') {
        *this = body_framer(wanted_);
        return {outcome::end, {}, 3};
      }
      begin = 1; // stuffed
    }
  }
  const std::string_view text = unread.substr(begin);
  const detail::found hit = detail::scan(text, strict_);
  // A CR at the end waits for the next octet to show what it is.
  const bool held = hit.what == detail::stop::end && !text.empty() && text.back() == '\r';
  const std::string_view bytes = text.substr(0, hit.at - (held ? 1 : 0));
  const std::size_t used = begin + bytes.size();
  if (used != 0) line_start_ = bytes.ends_with("\r\n");
  if (!bytes.empty()) {
    stuffed_ = hit.stuffed;
    return {outcome::piece, bytes, used};
  }
  if (hit.what == detail::stop::end) return {outcome::need_more, {}, used};
  const outcome bare = hit.what == detail::stop::bare_cr ? outcome::bare_cr : outcome::bare_lf;
  if (wanted_ == report::each) {
    line_start_ = false;
    return {bare, text.substr(0, 1), used + 1};
  }
  strict_ = false;
  return {bare, {}, used};
}

} // namespace postel
