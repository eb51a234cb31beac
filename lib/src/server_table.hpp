// The server's states and what each command does in each: RFC 5321 4.1.4, 4.3.2 and the extensions' sequence rules. Everything that decides
// about sequence stands here; the manual's diagram is made of it.
#pragma once

#include <array>
#include <cstddef>

#include "postel/command.hpp"
#include "postel/server.hpp"

namespace postel::detail {

// What a command does in a state: leads to another state once it was answered positively, or is refused.
struct transition {
  errc refusal;         // errc{}: allowed
  server::state target; // where a positive answer leads

  friend bool operator==(const transition&, const transition&) = default;
};

constexpr transition to(server::state target) noexcept {
  return {errc{}, target};
}
constexpr transition refused(errc why, server::state same) noexcept {
  return {why, same};
}

// For the states in which commands are read; in the others (message, auth, tls, closed) what comes is no command.
constexpr transition transition_of(server::state from, verb which) noexcept {
  using enum session_state;
  if (from == declined) return which == verb::quit ? to(closed) : refused(errc::bad_sequence, from); // RFC 5321 3.1
  const bool in_transaction =
      from == sender || from == recipients || from == message || from == chunks || from == failed;
  switch (which) {
    // Good at any time; they end a transaction as RSET does (RFC 5321 4.1.4, RFC 2033 4.1).
    case verb::ehlo:
    case verb::helo:
    case verb::lhlo: return to(ready);
    case verb::mail: return from == ready ? to(sender) : refused(errc::bad_sequence, from);
    case verb::rcpt: return from == sender || from == recipients ? to(recipients) : refused(errc::bad_sequence, from);
    case verb::data:
      if (from == recipients) return to(message);
      return refused(from == sender ? errc::no_valid_recipients : errc::bad_sequence, from);
    // Never mixed with DATA, and not after a chunk that was refused (RFC 3030 2, RFC 4468 3).
    case verb::bdat:
    case verb::burl:
      if (from == recipients || from == chunks) return to(chunks);
      return refused(from == sender ? errc::no_valid_recipients : errc::bad_sequence, from);
    case verb::rset: return to(in_transaction ? ready : from);
    // Good at any time, without effect (RFC 5321 4.1.1.6 to 4.1.1.9).
    case verb::vrfy:
    case verb::expn:
    case verb::help:
    case verb::noop: return to(from);
    case verb::quit: return to(closed);
    // After EHLO; a transaction is forgotten with all the rest (RFC 3207 4.2).
    case verb::starttls: return from == greeted ? refused(errc::bad_sequence, from) : to(tls);
    // Not in a transaction (RFC 4954 4). An exchange of challenges passes through auth.
    case verb::auth: return from == ready ? to(ready) : refused(errc::bad_sequence, from);
    // Not in a transaction (RFC 1985 5).
    case verb::etrn: return from == ready ? to(ready) : refused(errc::bad_sequence, from);
    case verb::atrn:
    case verb::xclient:
    case verb::xforward:
    case verb::wellknown:
    case verb::obsolete: break;
  }
  // Recognised, and never offered (RFC 5321 4.2.4).
  return refused(errc::not_implemented, from);
}

// The same as a table.
inline constexpr auto transitions = [] {
  std::array<std::array<transition, verb_count>, static_cast<std::size_t>(server::state::closed) + 1> all{};
  for (std::size_t from = 0; from < all.size(); ++from)
    for (std::size_t which = 0; which < verb_count; ++which)
      all[from][which] = transition_of(static_cast<server::state>(from), static_cast<verb>(which));
  return all;
}();
constexpr const transition& transition_from(server::state from, verb which) noexcept {
  return transitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(which)];
}

// The command whose transition the answer to a decision completes.
constexpr verb command_of(decision owed) noexcept {
  switch (owed) {
    case decision::ehlo: return verb::ehlo;
    case decision::helo: return verb::helo;
    case decision::lhlo: return verb::lhlo;
    case decision::starttls: return verb::starttls;
    case decision::auth: return verb::auth;
    case decision::sender: return verb::mail;
    case decision::recipient: return verb::rcpt;
    case decision::data: return verb::data;
    case decision::chunk:
    case decision::burl: return verb::bdat;
    case decision::verify: return verb::vrfy;
    case decision::expand: return verb::expn;
    case decision::help: return verb::help;
    case decision::etrn: return verb::etrn;
    // The end of the message leads where RSET does, whatever the answer (RFC 5321 4.1.1.4).
    case decision::message_end:
    case decision::none: break;
  }
  return verb::rset;
}

} // namespace postel::detail
