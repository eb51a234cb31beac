// The way of a delivery: which phase follows which, and why.
#pragma once

#include <array>
#include <cstdint>

#include "postel/detail/delivery_fields.hpp"

namespace postel::detail {

// What leads to another phase.
enum class milestone : std::uint8_t {
  welcomed,     // by the greeting
  ehlo_refused, // for good, and in clear: the server may know HELO
  tls_wanted,   // STARTTLS is offered, and the plan asks for it
  tls_granted,  // 220 to STARTTLS
  tls_started,
  login_wanted,
  offers_short, // what was offered before AUTH does not do for this message
  ready,        // for a transaction
  stopped,      // the transaction goes no further: RSET
  settled,      // every recipient has its outcome, and another message may follow
  finished,     // nothing is left to deliver, or no way to deliver it
  quit_sent,
  gone, // the connection, or the server with its 221 or 421
};

struct phase_step {
  delivery_phase from;
  milestone reached;
  delivery_phase to;
};

inline constexpr auto phase_steps = [] {
  using enum delivery_phase;
  using enum milestone;
  // clang-format off
  return std::to_array<phase_step>({
      {greeting, welcomed, ehlo},
      {greeting, finished, leaving},
      {ehlo, ehlo_refused, helo}, // RFC 5321 3.2
      {ehlo, tls_wanted, starttls},
      {ehlo, login_wanted, authentication},
      {ehlo, ready, transaction},
      {ehlo, finished, leaving},
      {helo, ready, transaction},
      {helo, finished, leaving},
      {starttls, tls_granted, handshake},
      {starttls, login_wanted, authentication},
      {starttls, ready, transaction},
      {starttls, finished, leaving},
      {handshake, tls_started, ehlo}, // all over again (RFC 3207 4.2)
      {authentication, ready, transaction},
      {authentication, finished, leaving},
      {transaction, offers_short, ehlo},
      {transaction, stopped, resetting},
      {transaction, settled, between},
      {transaction, finished, leaving},
      {resetting, ready, transaction},
      {resetting, settled, between},
      {resetting, finished, leaving},
      {between, ready, transaction},
      {between, stopped, resetting},
      {between, finished, leaving},
      {leaving, quit_sent, quitting},
  });
  // clang-format on
}();

// From every phase a lost connection leads to the end. What is not in the table changes nothing: it comes too late, such as a
// refusal when QUIT is already on its way.
constexpr delivery_phase next_phase(delivery_phase from, milestone reached) noexcept {
  if (reached == milestone::gone) return delivery_phase::over;
  for (const phase_step& step : phase_steps)
    if (step.from == from && step.reached == reached) return step.to;
  return from;
}

} // namespace postel::detail
