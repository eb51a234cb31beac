#include "play/server_peer.hpp"

#include <algorithm>

namespace postel::conformance {

namespace {

constexpr std::size_t longest_write = std::size_t{64} * 1024;
constexpr std::string_view utf8_keyword = "SMTPUTF8";

bool holds_keyword(std::string_view text) {
  for (std::size_t at = 0; at + utf8_keyword.size() <= text.size(); ++at)
    if (equal_ignoring_case(text.substr(at, utf8_keyword.size()), utf8_keyword)) return true;
  return false;
}

// Whether a line says that there is STARTTLS. This decides whether a password may be said, so it looks at the octets and does not ask that
// they parse: an offer with a blank after it, or beside a line that is wrong, is an offer.
bool offers_starttls(std::string_view octets) {
  constexpr std::string_view code = "250";
  constexpr std::string_view keyword = "STARTTLS";
  while (!octets.empty()) {
    std::string_view line = octets.substr(0, octets.find_first_of("\r\n"));
    octets.remove_prefix(std::min(line.size() + 1, octets.size()));
    if (!line.starts_with(code)) continue;
    line.remove_prefix(code.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t-"), line.size()));
    if (equal_ignoring_case(line.substr(0, keyword.size()), keyword)) return true;
  }
  return false;
}

} // namespace

void server_peer::say(std::string_view octets, std::string_view shown) {
  if (shown != octets) {
    if (unsent_.size() + octets.size() > longest_write) flush();
    if (!unsent_shown_) unsent_shown_ = unsent_;
    unsent_ += octets;
    *unsent_shown_ += shown;
    return;
  }
  if (unsent_shown_ && unsent_.size() + octets.size() > longest_write) flush();
  if (unsent_shown_) *unsent_shown_ += octets;
  while (!octets.empty() && !stalled_) {
    const std::size_t room = std::min(longest_write - unsent_.size(), octets.size());
    unsent_ += octets.substr(0, room);
    octets.remove_prefix(room);
    if (unsent_.size() == longest_write) flush();
  }
}

void server_peer::flush() {
  if (unsent_.empty()) return;
  send(unsent_, unsent_shown_ ? *unsent_shown_ : unsent_, 0);
  unsent_.clear();
  unsent_shown_.reset();
}

void server_peer::say_separately(std::string_view octets, std::size_t write_size, bool secret) {
  if (!unsent_.empty()) {
    flush();
    wire_.settle();
  }
  for (std::size_t at = 0; at < octets.size() && !stalled_; at += write_size) {
    const std::string_view some = octets.substr(at, write_size);
    send(some, secret ? concealed : some, write_size);
    wire_.settle();
  }
}

void server_peer::send(std::string_view octets, std::string_view shown, std::size_t separately) {
  if (octets_ == charset::ascii) {
    last_said_ += octets;
    if (holds_keyword(last_said_)) octets_ = charset::utf8;
    if (last_said_.size() >= utf8_keyword.size()) last_said_.erase(0, last_said_.size() - utf8_keyword.size() + 1);
  }
  log().client(shown, separately);
  // A peer that has closed is no fault of the case: what it does is seen when it is looked at.
  if (wire_.send(octets, std::min(waits().reply, left())) == transport::sent::stalled) {
    stalled_ = true;
    log().remark("the peer takes no more input");
  }
}

observation server_peer::observe(const expectation& wanted) {
  return wanted.of == subject::tls ? secure() : observe(wanted.allows(pattern_kind::silence));
}

observation server_peer::observe(bool quick) {
  flush();
  observation seen = receive(quick);
  starttls_offered_ = starttls_offered_ || (!in_tls_ && offers_starttls(seen.octets));
  log().server(seen);
  note_deviation(seen);
  return seen;
}

observation server_peer::secure() {
  flush();
  observation seen;
  if (!replies_.empty()) {
    seen = {observation::kind::no_tls, 0, {}, "more than the reply came in clear"};
  } else if (auto why = wire_.start_tls(std::min(waits().reply, left()))) {
    seen = {observation::kind::no_tls, 0, {}, *std::move(why)};
  } else {
    seen.what = observation::kind::tls;
    in_tls_ = true;
  }
  log().remark(seen.text());
  return seen;
}

observation server_peer::receive(bool quick) {
  auto end = clock::now() + std::min(quick ? waits().quiet : waits().reply, left());
  bool begun = !quick;
  for (;;) {
    if (auto seen = replies_.next(octets_)) return *std::move(seen);
    // Once something has come, the rest of it has the time of a reply.
    if (!begun && !replies_.empty()) {
      begun = true;
      end = clock::now() + std::min(waits().reply, left());
    }
    switch (wire_.receive(replies_.inbox(), until(end))) {
      case transport::received::octets: break;
      case transport::received::closed:
        if (!replies_.empty()) return replies_.incomplete("closed in the middle of it");
        return {observation::kind::closed, 0, {}, {}};
      case transport::received::nothing:
        if (!replies_.empty()) return replies_.incomplete("its end did not come in time");
        return {observation::kind::silence, 0, {}, {}};
    }
  }
}

} // namespace postel::conformance
