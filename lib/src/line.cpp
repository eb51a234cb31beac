#include "postel/line.hpp"

#include <algorithm>

namespace postel {

line_framer::step line_framer::search(std::string_view unread, std::size_t limit) noexcept {
  if (discarding_) return discard(unread);

  // The first CR or LF. Two searches for one octet each are faster than one loop for two.
  const std::size_t horizon = std::min(unread.size(), limit);
  const std::size_t lf = std::min(unread.substr(0, horizon).find('\n', searched_), horizon);
  const std::size_t at = std::min(unread.substr(0, lf).find('\r', searched_), lf);

  const auto wait = [&] {
    searched_ = static_cast<std::uint32_t>(at);
    return step{outcome::need_more, {}, 0};
  };
  const auto refuse = [&](outcome why, std::size_t used) {
    searched_ = 0;
    discarding_ = true;
    return step{why, {}, used};
  };
  if (at == horizon) return unread.size() < limit ? wait() : refuse(outcome::too_long, at);
  if (unread[at] == '\n') return refuse(outcome::bare_lf, at + 1);
  // The limit leaves no room for an LF. The CR stays: with its LF it ends what is discarded.
  if (at + 1 == limit) return refuse(outcome::too_long, at);
  if (at + 1 == unread.size()) return wait();
  if (unread[at + 1] != '\n') return refuse(outcome::bare_cr, at + 1);
  searched_ = 0;
  return {outcome::line, unread.substr(0, at), at + 2};
}

line_framer::step line_framer::discard(std::string_view unread) noexcept {
  const std::size_t end = unread.find("\r\n");
  if (end != std::string_view::npos) {
    discarding_ = false;
    return {outcome::need_more, {}, end + 2};
  }
  // A CR at the end may be the first half of the line end.
  const bool half = !unread.empty() && unread.back() == '\r';
  return {outcome::need_more, {}, unread.size() - (half ? 1U : 0U)};
}

} // namespace postel
