#include "postel/body.hpp"

#include "body_scan.hpp"
#include "parse.hpp"

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

result<std::size_t> body_writer::append(std::string& out, std::string_view piece) {
  const std::size_t before = out.size();
  const auto refuse = [&](errc code, std::size_t offset) {
    out.resize(before);
    return failure{code, detail::offset_of(offset)};
  };
  if (piece.empty()) return std::size_t{0};

  std::size_t at = 0;
  bool line_start = place_ == place::line_start;
  if (place_ == place::after_cr) {
    if (piece[0] != '\n') return refuse(errc::bare_cr, 0);
    out += '\n';
    at = 1;
    line_start = true;
  }
  if (line_start && at < piece.size() && piece[at] == '.') out += '.';
  while (at < piece.size()) {
    const detail::found hit = detail::scan(piece.substr(at), true);
    out.append(piece, at, hit.at);
    at += hit.at;
    if (hit.what == detail::stop::bare_cr) return refuse(errc::bare_cr, at);
    if (hit.what == detail::stop::bare_lf) return refuse(errc::bare_lf, at);
    if (hit.what == detail::stop::dot) out += '.';
    line_start = hit.what == detail::stop::end && piece.ends_with("\r\n");
  }
  place_ = line_start ? place::line_start : piece.back() == '\r' ? place::after_cr : place::in_line;
  return out.size() - before;
}

result<std::size_t> body_writer::finish(std::string& out) {
  if (place_ == place::after_cr) return failure{errc::bare_cr, 0};
  const std::string_view end = place_ == place::line_start ? ".\r\n" : "\r\n.\r\n";
  place_ = place::line_start;
  out += end;
  return end.size();
}

} // namespace postel
