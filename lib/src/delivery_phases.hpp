// The way of a delivery: which phase follows which, and why.
#pragma once

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

inline constexpr phase_step phase_steps[] = {
    {delivery_phase::greeting, milestone::welcomed, delivery_phase::ehlo},
    {delivery_phase::greeting, milestone::finished, delivery_phase::leaving},
    {delivery_phase::ehlo, milestone::ehlo_refused, delivery_phase::helo}, // RFC 5321 3.2
    {delivery_phase::ehlo, milestone::tls_wanted, delivery_phase::starttls},
    {delivery_phase::ehlo, milestone::login_wanted, delivery_phase::authentication},
    {delivery_phase::ehlo, milestone::ready, delivery_phase::transaction},
    {delivery_phase::ehlo, milestone::finished, delivery_phase::leaving},
    {delivery_phase::helo, milestone::ready, delivery_phase::transaction},
    {delivery_phase::helo, milestone::finished, delivery_phase::leaving},
    {delivery_phase::starttls, milestone::tls_granted, delivery_phase::handshake},
    {delivery_phase::starttls, milestone::login_wanted, delivery_phase::authentication},
    {delivery_phase::starttls, milestone::ready, delivery_phase::transaction},
    {delivery_phase::starttls, milestone::finished, delivery_phase::leaving},
    {delivery_phase::handshake, milestone::tls_started, delivery_phase::ehlo}, // all over again (RFC 3207 4.2)
    {delivery_phase::authentication, milestone::ready, delivery_phase::transaction},
    {delivery_phase::authentication, milestone::finished, delivery_phase::leaving},
    {delivery_phase::transaction, milestone::offers_short, delivery_phase::ehlo},
    {delivery_phase::transaction, milestone::stopped, delivery_phase::resetting},
    {delivery_phase::transaction, milestone::settled, delivery_phase::between},
    {delivery_phase::transaction, milestone::finished, delivery_phase::leaving},
    {delivery_phase::resetting, milestone::ready, delivery_phase::transaction},
    {delivery_phase::resetting, milestone::settled, delivery_phase::between},
    {delivery_phase::resetting, milestone::finished, delivery_phase::leaving},
    {delivery_phase::between, milestone::ready, delivery_phase::transaction},
    {delivery_phase::between, milestone::stopped, delivery_phase::resetting},
    {delivery_phase::between, milestone::finished, delivery_phase::leaving},
    {delivery_phase::leaving, milestone::quit_sent, delivery_phase::quitting},
};

// From every phase a lost connection leads to the end. What is not in the table changes nothing: it comes too late, such as a
// refusal when QUIT is already on its way.
constexpr delivery_phase next_phase(delivery_phase from, milestone reached) noexcept {
  if (reached == milestone::gone) return delivery_phase::over;
  for (const phase_step& step : phase_steps)
    if (step.from == from && step.reached == reached) return step.to;
  return from;
}

} // namespace postel::detail
