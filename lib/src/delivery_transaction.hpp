// The transactions of a delivery: MAIL, RCPT, and DATA or BDAT.
#pragma once

#include <string>

#include "delivery_phases.hpp"
#include "postel/delivery.hpp"

namespace postel::detail {

inline void reach(delivery_fields& d, milestone what) noexcept {
  d.phase = next_phase(d.phase, what);
}

// A message, or what is left of it for further recipients, is to be sent from its beginning.
void begin_transaction(delivery_fields&) noexcept;
// Every recipient has its outcome.
void conclude(delivery_fields&) noexcept;
// Appends the commands of a transaction that can be sent now. Returns true if that led to another phase.
bool say_transaction(delivery_fields&, std::string& out);

void add_word(std::string& text, std::string_view word);

} // namespace postel::detail
