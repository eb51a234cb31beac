// Sessions of a server in each state, and names for the states.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "postel/server.hpp"

namespace postel::test {

inline constexpr std::array<std::string_view, 12> state_names = {"unopened", "declined",   "greeted", "ready",
                                                                 "sender",   "recipients", "message", "chunks",
                                                                 "failed",   "auth",       "tls",     "closed"};
static_assert(state_names.size() == static_cast<std::size_t>(session_state::closed) + 1);

constexpr std::string_view name_of(session_state which) noexcept {
  return state_names[static_cast<std::size_t>(which)];
}

// What the session must do, or nothing that follows means anything.
inline void must(const result<void>& done) {
  if (done) return;
  const std::string_view why = message(done.error().code);
  std::fprintf(stderr, "a session says: %.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

// Tells a session some lines; every decision is positive.
inline void tell(server& session, std::string_view lines, std::string& out) {
  for (;;) {
    const server_step step = session.next(lines, out);
    lines.remove_prefix(step.used);
    if (step.idle()) return;
    while (session.pending_answers() != 0) must(session.accept(out));
  }
}

// What was said before, beside what the state tells.
struct past {
  bool tls = false; // from the first octet
  bool authenticated = false;
  bool helo = false;   // HELO was the last greeting
  bool binary = false; // MAIL said BODY=BINARYMIME
};

// A session in this state, or in another one if the policy lets none get there.
inline server server_in(const policy& rules, session_state wanted, const past& before = {}) {
  using enum session_state;
  server session(rules);
  std::string out;
  if (before.tls) must(session.tls_started());
  if (wanted == unopened) return session;
  if (wanted == declined) {
    must(session.decline({554, "no"}, out));
    return session;
  }
  must(session.open(out));
  if (wanted == greeted) return session;
  tell(session, rules.protocol == service::lmtp ? "LHLO c\r\n" : "EHLO c\r\n", out);
  if (before.authenticated) tell(session, "AUTH PLAIN AA==\r\n", out);
  if (before.helo) tell(session, "HELO c\r\n", out);
  switch (wanted) {
    case tls: tell(session, "STARTTLS\r\n", out); return session;
    case closed: tell(session, "QUIT\r\n", out); return session;
    case auth:
      (void)session.next("AUTH PLAIN\r\n", out);
      if (session.pending() == decision::auth) must(session.challenge("", out));
      return session;
    case ready: return session;
    default: break;
  }
  tell(session, before.binary ? "MAIL FROM:<> BODY=BINARYMIME\r\n" : "MAIL FROM:<>\r\n", out);
  if (wanted != sender) tell(session, "RCPT TO:<b@d>\r\n", out);
  if (wanted == message) tell(session, "DATA\r\n", out);
  if (wanted == chunks) tell(session, "BDAT 0\r\n", out);
  if (wanted == failed) {
    (void)session.next("BDAT 0\r\n", out);
    (void)session.next("", out);
    if (session.pending() == decision::chunk) must(session.answer({452, "full"}, out));
  }
  return session;
}

} // namespace postel::test
