#include "play/client_peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace postel::conformance {

namespace {

using kind = observation::kind;

constexpr std::size_t longest_line = std::size_t{64} * 1024;
constexpr std::size_t longest_text = std::size_t{16} * 1024 * 1024;
constexpr std::size_t longest_write = std::size_t{16} * 1024;
constexpr unsigned most_last_lines = 100; // that are answered before the client is asked how it ended
constexpr char handshake_record = '\x16'; // RFC 8446 5.1

std::string verb_of_line(std::string_view line) {
  std::string verb(line.substr(0, line.find(' ')));
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return verb;
}

// The place after the mark, in any case.
std::size_t find_after(std::string_view line, std::string_view mark) {
  for (std::size_t at = 0; at + mark.size() <= line.size(); ++at)
    if (equal_ignoring_case(line.substr(at, mark.size()), mark)) return at + mark.size();
  return std::string_view::npos;
}

std::optional<std::uint64_t> number_after(std::string_view line, std::string_view mark) {
  const std::size_t at = find_after(line, mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(at);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end == digits.data()) return std::nullopt;
  return value;
}

observation seen_as(kind what) {
  observation seen;
  seen.what = what;
  return seen;
}
// What stands for octets that do not come.
observation absent(transport::received how) {
  return seen_as(how == transport::received::closed ? kind::closed : kind::silence);
}
observation malformed(std::string why) {
  observation seen = seen_as(kind::malformed);
  seen.why = std::move(why);
  return seen;
}
observation said(kind what, std::string octets) {
  observation seen = seen_as(what);
  seen.octets = std::move(octets);
  return seen;
}

} // namespace

// ---- what we do

void client_peer::say(std::string_view octets, std::string_view) {
  unsent_ += octets;
  if (unsent_.size() >= longest_write) flush();
}

void client_peer::say_separately(std::string_view octets, std::size_t write_size, bool) {
  flush();
  for (std::size_t at = 0; at < octets.size(); at += write_size) {
    send(octets.substr(at, write_size));
    if (wire_) wire_->settle();
  }
}

void client_peer::answer(std::string_view line) {
  unsent_ += line;
  flush();
}

void client_peer::flush() {
  if (!unsent_.empty()) send(std::exchange(unsent_, {}));
}

void client_peer::send(std::string_view octets) {
  unanswered_.clear();
  log().server(said(kind::reply, std::string(octets)));
  // A client that closes, or takes no more, is seen to do so when it is looked at.
  if (wire_ && !stalled_) stalled_ = wire_->send(octets, left()) == transport::sent::stalled;
}

void client_peer::hang_up() {
  flush();
  close();
  log().remark("we close the connection");
}

void client_peer::close() {
  wire_.reset();
  inbox_.clear();
}

void client_peer::finish() {
  flush();
  if (ended_) return;
  close();
  note(client_.finish(waits().quiet));
}

// ---- what the client does

observation client_peer::observe(const expectation& wanted) {
  flush();
  switch (wanted.of) {
    case subject::tls: return make_tls();
    case subject::end: return end();
    case subject::act: break;
  }
  return observe_act(wanted);
}

observation client_peer::observe_act(const expectation& wanted) {
  const milliseconds within = std::min(wanted.allows(pattern_kind::silence) ? waits().quiet : waits().reply, left());
  observation seen = wanted.allows(pattern_kind::text)    ? observe_text(within)
                     : wanted.allows(pattern_kind::chunk) ? observe_chunk(within)
                                                          : observe_line(within);
  if (seen.what == kind::closed) log().remark("the client closes the connection");
  if (seen.what == kind::silence) log().remark("silence");
  if (wanted.has(condition_kind::alone) && seen.what != kind::closed && seen.what != kind::silence) {
    if (inbox_.empty()) receive(waits().quiet);
    seen.followed = !inbox_.empty();
    if (seen.followed) log().client(inbox_);
    inbox_.clear(); // it is in the transcript; the case ends here unless nothing is judged
  }
  remember(seen);
  return seen;
}

// What later lines are looked at for.
void client_peer::remember(observation& seen) {
  if (seen.what == kind::line) {
    unanswered_ = seen.verb;
    if (seen.verb == "BDAT") chunk_ = number_after(seen.octets, "BDAT ").value_or(0);
    if (seen.verb == "MAIL") {
      declared_ = number_after(seen.octets, " SIZE=");
      binary_ = find_after(seen.octets, " BODY=BINARYMIME") != std::string_view::npos;
    }
  }
  seen.declared = declared_;
  seen.binary = binary_;
}

transport::received client_peer::receive(milliseconds within) {
  return wire_ ? wire_->receive(inbox_, within) : transport::received::closed;
}

std::string client_peer::take(std::size_t octets) {
  std::string taken = inbox_.substr(0, octets);
  inbox_.erase(0, octets);
  log().client(taken);
  return taken;
}

observation client_peer::observe_line(milliseconds within) {
  const auto end = clock::now() + within;
  for (;;) {
    if (inbox_.starts_with(handshake_record)) return seen_as(kind::handshake);
    if (const std::size_t feed = inbox_.find('\n'); feed != std::string::npos) {
      std::string line = take(feed + 1);
      line.pop_back();
      if (!line.ends_with('\r')) return malformed(fmt::format("a line that ends with a bare LF ({})", shown(line)));
      line.pop_back();
      observation seen = said(kind::line, std::move(line));
      seen.verb = verb_of_line(seen.octets);
      return seen;
    }
    if (inbox_.size() > longest_line) {
      take(inbox_.size());
      return malformed("a line of more than 64 KiB");
    }
    const auto how = receive(until(end));
    if (how == transport::received::octets) continue;
    if (inbox_.empty()) return absent(how);
    const std::string rest = take(inbox_.size());
    return malformed(fmt::format("a line without an end ({})", shown(rest)));
  }
}

observation client_peer::observe_text(milliseconds within) {
  constexpr std::string_view mark = "\r\n.\r\n";
  auto end = clock::now() + within;
  std::size_t searched = 0;
  for (;;) {
    if (inbox_.starts_with(mark.substr(2))) {
      take(mark.size() - 2);
      return seen_as(kind::text);
    }
    const std::size_t found = inbox_.find(mark, searched);
    if (found != std::string::npos) {
      std::string text = take(found + mark.size());
      text.resize(found + 2);
      return said(kind::text, std::move(text));
    }
    searched = inbox_.size() - std::min(inbox_.size(), mark.size() - 1);
    if (inbox_.size() > longest_text) {
      take(inbox_.size());
      return malformed("a text of more than 16 MiB");
    }
    const auto how = receive(until(end));
    if (how == transport::received::octets) {
      end = std::min(clock::now() + within, end_of_time()); // for each part of the text, within the time of the case
      continue;
    }
    take(inbox_.size());
    return absent(how);
  }
}

observation client_peer::observe_chunk(milliseconds within) {
  if (chunk_ > longest_text) return malformed("a chunk of more than 16 MiB");
  while (inbox_.size() < chunk_) {
    const auto how = receive(std::min(within, left()));
    if (how == transport::received::octets) continue;
    take(inbox_.size());
    return absent(how);
  }
  return said(kind::chunk, take(std::exchange(chunk_, 0)));
}

observation client_peer::make_tls() {
  observation seen = observe_line(std::min(waits().reply, left()));
  if (seen.what != kind::handshake) return seen;
  const auto failed = wire_->accept_tls(std::exchange(inbox_, {}), left());
  seen = seen_as(failed ? kind::no_tls : kind::tls);
  seen.why = failed.value_or("");
  log().remark(failed ? "no TLS: " + *failed : "TLS");
  if (failed) close();
  return seen;
}

// ---- how it ends

observation client_peer::end() {
  finish_dialogue();
  const client_conclusion how = client_.finish(std::min(2 * waits().reply, std::max(left(), milliseconds(1))));
  ended_ = true;
  note(how);
  observation seen = seen_as(kind::ended);
  seen.end = how.what;
  seen.why = how.text;
  seen.again = client_.came_again();
  return seen;
}

void client_peer::note(const client_conclusion& how) {
  log().remark("the client: " + how.text);
  for (const std::string& each : how.output) log().remark(each);
}

// Lets the client say what it still has to say, and answers what has no answer yet.
void client_peer::finish_dialogue() {
  expectation anything;
  anything.patterns = {{pattern_kind::any}};
  for (unsigned i = 0; i < most_last_lines && wire_ && !out_of_time(); ++i) {
    if (const std::string verb = std::exchange(unanswered_, {}); verb == "QUIT") {
      answer("221 closing\r\n");
      break;
    } else if (!verb.empty()) {
      if (verb == "BDAT" && !skip_octets(std::exchange(chunk_, 0))) break;
      answer(verb == "RSET" || verb == "NOOP" ? "250 OK\r\n" : "503 not now\r\n");
    }
    if (observe_act(anything).what != kind::line) break;
  }
  close();
}

bool client_peer::skip_octets(std::uint64_t wanted) {
  if (wanted > longest_text) return false;
  while (inbox_.size() < wanted)
    if (receive(std::min(waits().reply, left())) != transport::received::octets) return false;
  take(wanted);
  return true;
}

} // namespace postel::conformance
