// Plays a case with a party.
#pragma once

#include "case/case.hpp"
#include "play/environment.hpp"
#include "play/outcome.hpp"
#include "play/peer.hpp"
#include "play/tested_client.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

// Plays the case with a party that is connected.
//   values: has what the case needs.
[[nodiscard]] outcome play(const test_case& the_case, peer& party, const environment& values, const patience& waits);

// Plays a case for servers on a fresh connection.
[[nodiscard]] outcome play(const test_case& the_case, transport& wire, const environment& values,
                           const patience& waits);

// Starts the client, plays a case for clients, and waits for the client's end.
[[nodiscard]] outcome play(const test_case& the_case, tested_client& client, const patience& waits);

} // namespace postel::conformance
