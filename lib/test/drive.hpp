// Plays octets to a server session in any cut, and writes down what it says.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "exact.hpp"
#include "postel/server.hpp"

namespace postel::test {

// What one session did: a line an event (pieces of a message joined), and the octets it wrote.
struct session_log {
  std::vector<std::string> events;
  std::string output;
  server::state state = server::state::unopened;
  std::size_t left = 0; // octets that the session did not use

  friend bool operator==(const session_log&, const session_log&) = default;
};

inline void PrintTo(const session_log& log, std::ostream* out) {
  *out << "in state " << static_cast<int>(log.state) << ", " << log.left << " octets left, events";
  for (const std::string& e : log.events) *out << "\n  " << e;
  *out << "\noutput\n" << log.output;
}

// Decides about an event, and may look at the session too; nothing: the positive answer; code 334: a challenge.
class application {
 public:
  template <typename Decide>
  application(Decide decide)
      : decide_([d = std::move(decide)](const server_event& e, const server& session) -> std::optional<reply> {
          if constexpr (std::is_invocable_v<const Decide&, const server_event&, const server&>)
            return d(e, session);
          else
            return d(e);
        }) {}

  std::optional<reply> operator()(const server_event& e, const server& session) const { return decide_(e, session); }

 private:
  std::function<std::optional<reply>(const server_event&, const server&)> decide_;
};

inline std::optional<reply> accept_all(const server_event&) {
  return std::nullopt;
}

inline std::string text_of(const path& p) {
  std::string text = "<";
  text.append(p.source_route).append("|").append(p.local_part).append("|").append(p.domain).append(">");
  return text;
}

class event_writer {
 public:
  explicit event_writer(std::vector<std::string>& log) : log_(log) {}

  void operator()(const event::need_more&) const {}
  void operator()(const event::wait&) const {}
  void operator()(const event::start_tls&) const { add("starttls", ""); }
  void operator()(const event::authenticate& e) const {
    add("auth", std::string(e.mechanism) + (e.initial_response ? " \"" + std::string(*e.initial_response) + "\"" : ""));
  }
  void operator()(const event::auth_response& e) const { add("response", e.base64); }
  void operator()(const event::chunk& e) const { add("chunk", std::to_string(e.size) + (e.last ? " last" : "")); }
  void operator()(const event::chunk_end& e) const { add("chunk_end", std::to_string(e.size)); }
  void operator()(const event::burl& e) const { add("burl", std::string(e.uri) + (e.last ? " last" : "")); }
  void operator()(const event::queue_run& e) const { add("etrn", e.node); }
  void operator()(const event::hello& e) const { add(e.extended ? "ehlo" : "helo", e.client.text); }
  void operator()(const event::sender& e) const {
    std::string text = text_of(e.command.from);
    if (e.size) text += " size=" + std::to_string(*e.size);
    if (e.body == body_value::eight_bit_mime) text += " 8bit";
    if (e.body == body_value::binary_mime) text += " binary";
    if (e.smtputf8) text += " utf8";
    add("sender", text + extras(e.command.params));
  }
  void operator()(const event::recipient& e) const {
    add("recipient", text_of(e.command.to) + extras(e.command.params));
  }
  void operator()(const event::data&) const { add("data", ""); }
  void operator()(const event::body& e) const {
    if (log_.empty() || !log_.back().starts_with("body ")) add("body", "");
    log_.back() += e.bytes;
  }
  void operator()(const event::message_end& e) const { add("message_end", std::to_string(e.size)); }
  void operator()(const event::verify& e) const { add("verify", std::string(e.string) + (e.smtputf8 ? " utf8" : "")); }
  void operator()(const event::expand& e) const { add("expand", std::string(e.string) + (e.smtputf8 ? " utf8" : "")); }
  void operator()(const event::help& e) const { add("help", e.string); }
  void operator()(const event::reset&) const { add("reset", ""); }
  void operator()(const event::noop&) const { add("noop", ""); }
  void operator()(const event::quit&) const { add("quit", ""); }
  void operator()(const event::refused& e) const {
    add("refused", std::string(message(e.code)) + " @" + std::to_string(e.offset) + " " + std::string(e.line));
  }

 private:
  void add(std::string_view what, std::string_view rest) const {
    log_.push_back(std::string(what).append(" ").append(rest));
  }

  static std::string time_text(const date_time& when) {
    std::string text;
    (void)postel::append(text, when);
    return text;
  }

  // The parameters that the event itself does not name, each as its accessor reads it.
  static std::string extras(const mail_parameters& params) {
    std::string text;
    const auto note = [&](std::string_view name, std::string_view value) {
      text.append(" ").append(name).append("=").append(value);
    };
    if (const auto v = params.ret(); v && *v) note("ret", **v == ret_value::full ? "full" : "headers");
    if (const auto v = params.envid(); v && *v) note("envid", **v);
    if (const auto v = params.auth(); v && *v) note("auth", **v);
    if (const auto v = params.by(); v && *v)
      note("by", std::to_string((*v)->seconds) + ((*v)->mode == by_mode::notify ? " notify" : " return") +
                     ((*v)->trace ? " trace" : ""));
    if (const auto v = params.hold_for(); v && *v) note("hold_for", std::to_string(**v));
    if (const auto v = params.hold_until(); v && *v) note("hold_until", time_text(**v));
    if (const auto v = params.mt_priority(); v && *v) note("mt_priority", std::to_string(**v));
    if (const auto v = params.require_tls(); v && *v) text += " require_tls";
    if (const auto v = params.solicit(); v && *v) note("solicit", **v);
    if (const auto v = params.mtrk(); v && *v)
      note("mtrk", std::string((*v)->certifier) + ((*v)->timeout ? " " + std::to_string(*(*v)->timeout) : ""));
    return text;
  }
  static std::string extras(const rcpt_parameters& params) {
    std::string text;
    if (const auto v = params.notify(); v && *v) {
      text += " notify=";
      if ((*v)->never()) text += "never";
      if ((*v)->success) text += "success ";
      if ((*v)->failure) text += "failure ";
      if ((*v)->delay) text += "delay ";
    }
    if (const auto v = params.orcpt(); v && *v)
      text.append(" orcpt=").append((*v)->address_type).append("|").append((*v)->address);
    if (const auto v = params.rrvs(); v && *v)
      text += " rrvs=" + time_text((*v)->since) + ((*v)->action == rrvs_action::reject ? " reject" : " continue");
    return text;
  }
  std::vector<std::string>& log_;
};

// Gives the session one answer; false if it does not take it.
inline bool give(server& session, const std::optional<reply>& with, std::string& out) {
  if (!with) return session.accept(out).has_value();
  if (with->code == 334) return session.challenge(with->text, out).has_value();
  return session.answer(*with, out).has_value();
}

// Plays the pieces one after another, each a read of its own. Where STARTTLS is accepted the handshake is done at once, and what follows in
// the next piece comes in TLS. A decision of several answers is asked for each of them.
inline session_log play(const policy& rules, const std::vector<std::string_view>& pieces,
                        const application& decide = accept_all) {
  session_log log;
  server session(rules);
  if (!session.open(log.output)) log.events.emplace_back("not opened");
  std::string unread;
  for (const std::string_view piece : pieces) {
    unread += piece;
    for (;;) {
      std::string out;
      const exact input(unread);
      const server_step step = session.next(input, out);
      std::visit(event_writer(log.events), step.event);
      while (session.pending_answers() != 0)
        if (!give(session, decide(step.event, session), out)) {
          log.events.emplace_back("answer refused");
          return log;
        }
      log.output += out;
      unread.erase(0, step.used);
      if (std::holds_alternative<event::start_tls>(step.event) && unread.empty() &&
          session.current_state() == session_state::tls && !session.tls_started())
        log.events.emplace_back("handshake refused");
      if (step.idle()) break;
    }
  }
  log.state = session.current_state();
  log.left = unread.size();
  return log;
}

inline std::vector<std::string_view> octet_by_octet(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

inline std::vector<std::string_view> cut_at(std::string_view text, std::size_t place) {
  return {text.substr(0, place), text.substr(place)};
}

} // namespace postel::test
