#include "memory_transport.hpp"

#include <algorithm>

namespace postel::conformance {

memory_transport::memory_transport(const policy& rules, cut how) : session_(rules), application_(mail_), cut_(how) {
  if (!session_.open(out_)) session_.shut_down(out_); // no policy here comes from outside
}

transport::sent memory_transport::send(std::string_view octets, milliseconds) {
  longest_write_ = std::max(longest_write_, octets.size());
  switch (cut_.how) {
    case cut::kind::whole: deliver(octets); break;
    case cut::kind::octets:
      for (const char& octet : octets) deliver({&octet, 1});
      break;
    case cut::kind::at:
      deliver(octets.substr(0, cut_.place));
      if (octets.size() > cut_.place) deliver(octets.substr(cut_.place));
      break;
  }
  return session_.closed() ? sent::closed : sent::all;
}

void memory_transport::deliver(std::string_view octets) {
  if (session_.closed()) return;
  unread_ += octets;
  process();
}

void memory_transport::process() {
  std::size_t used = 0;
  for (;;) {
    const server_step step = session_.next(std::string_view(unread_).substr(used), out_);
    if (!step.idle()) application_.handle(step.event, session_, out_);
    used += step.used;
    if (step.idle()) break;
  }
  unread_.erase(0, used);
}

std::optional<std::string> memory_transport::start_tls(milliseconds) {
  // What came in clear is dropped, as a server does that takes its handshake from what is unread (RFC 3207 4.2).
  unread_.clear();
  if (!out_.empty()) return "the server said more in clear";
  if (session_.current_state() != server::state::tls || !session_.tls_started())
    return session_.closed() ? "the server has closed" : "the server does not expect a handshake";
  return std::nullopt;
}

transport::received memory_transport::receive(std::string& inbox, milliseconds) {
  if (!out_.empty()) {
    const std::size_t some = std::min(out_.size(), max_received);
    inbox.append(out_, 0, some);
    out_.erase(0, some);
    process(); // where the session waited for its output to be taken
    return received::octets;
  }
  return session_.closed() ? received::closed : received::nothing;
}

std::variant<std::unique_ptr<transport>, target::refusal> memory_target::connect(milliseconds) {
  return std::make_unique<memory_transport>(policy_, cut_);
}

} // namespace postel::conformance
