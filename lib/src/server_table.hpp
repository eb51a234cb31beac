// The server's states and what each command does in each: RFC 5321 4.1.4. Everything that decides about sequence stands here.
#pragma once

#include "postel/command.hpp"
#include "postel/server.hpp"

namespace postel::detail {

// What a command does in a state: leads to another state once it was answered positively, or is refused.
struct transition {
  errc refusal;         // errc{}: allowed
  server::state target; // where a positive answer leads
};

constexpr transition to(server::state target) noexcept {
  return {errc{}, target};
}
constexpr transition refused(errc why, server::state same) noexcept {
  return {why, same};
}

constexpr transition transition_of(server::state from, verb which) noexcept {
  using enum server::state;
  const bool in_transaction = from == sender || from == recipients || from == message;
  switch (which) {
    // Good at any time; they end a transaction as RSET does (RFC 5321 4.1.4).
    case verb::ehlo:
    case verb::helo: return to(ready);
    case verb::mail: return from == ready ? to(sender) : refused(errc::bad_sequence, from);
    case verb::rcpt: return from == sender || from == recipients ? to(recipients) : refused(errc::bad_sequence, from);
    case verb::data:
      if (from == recipients) return to(message);
      return refused(from == sender ? errc::no_valid_recipients : errc::bad_sequence, from);
    case verb::rset: return to(in_transaction ? ready : from);
    // Good at any time, without effect (RFC 5321 4.1.1.6 to 4.1.1.9).
    case verb::vrfy:
    case verb::expn:
    case verb::help:
    case verb::noop: return to(from);
    case verb::quit: return to(closed);
    case verb::lhlo:
    case verb::starttls:
    case verb::auth:
    case verb::bdat:
    case verb::burl:
    case verb::etrn:
    case verb::atrn:
    case verb::xclient:
    case verb::xforward:
    case verb::obsolete: break;
  }
  // Recognised, and not offered (RFC 5321 4.2.4).
  return refused(errc::not_implemented, from);
}

// The command whose transition the answer to a decision completes.
constexpr verb command_of(decision owed) noexcept {
  switch (owed) {
    case decision::ehlo: return verb::ehlo;
    case decision::helo: return verb::helo;
    case decision::sender: return verb::mail;
    case decision::recipient: return verb::rcpt;
    case decision::data: return verb::data;
    case decision::verify: return verb::vrfy;
    case decision::expand: return verb::expn;
    case decision::help: return verb::help;
    // The end of the message leads where RSET does, whatever the answer (RFC 5321 4.1.1.4).
    case decision::message_end:
    case decision::none: break;
  }
  return verb::rset;
}

} // namespace postel::detail
