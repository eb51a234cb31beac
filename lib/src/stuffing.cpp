#include "postel/stuffing.hpp"

#include "body_scan.hpp"

namespace postel {

namespace {

constexpr std::string_view crlf = "\r\n";

} // namespace

result<body_stuffer::step> body_stuffer::search(std::string_view piece) noexcept {
  dots_ = 0;
  if (piece.empty()) return step{{}, 0};
  if (place_ == place::after_cr) {
    const bool whole = piece[0] == '\n';
    if (!whole && bare_ == bare::refuse) return failure{errc::bare_cr};
    place_ = place::line_start;
    return step{crlf, whole ? 1U : 0U};
  }
  if (place_ == place::line_start && piece[0] == '.') {
    place_ = place::in_line;
    return step{piece.substr(0, 1), 0};
  }
  const detail::found hit = detail::scan(piece, true);
  if (hit.what == detail::stop::dot) {
    place_ = place::in_line;
    dots_ = hit.dots;
    return step{piece.substr(0, hit.at + 1), hit.at};
  }
  if (hit.at == 0) {
    if (bare_ == bare::refuse) return failure{hit.what == detail::stop::bare_cr ? errc::bare_cr : errc::bare_lf};
    place_ = place::line_start;
    return step{crlf, 1};
  }
  std::string_view bytes = piece.substr(0, hit.at);
  if (hit.what == detail::stop::end && bytes.back() == '\r') {
    // What it is, the next piece tells.
    bytes.remove_suffix(1);
    place_ = place::after_cr;
    return step{bytes, hit.at};
  }
  place_ = bytes.ends_with(crlf) ? place::line_start : place::in_line;
  return step{bytes, hit.at};
}

result<std::string_view> body_stuffer::finish() noexcept {
  if (place_ == place::after_cr && bare_ == bare::refuse) return failure{errc::bare_cr};
  const bool at_start = place_ == place::line_start;
  dots_ = 0;
  place_ = place::line_start;
  return std::string_view(at_start ? ".\r\n" : "\r\n.\r\n");
}

} // namespace postel
