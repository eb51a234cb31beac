// What a peer would have to do so that an expectation does not hold, and what, so that it does.
#pragma once

#include <string>
#include <vector>

#include "case.hpp"
#include "observation.hpp"
#include "script_transport.hpp"

namespace postel::conformance::test {

struct falsification {
  std::string what;
  unit instead;
};

// Every way to break exactly this expectation where the peer was seen to do honest: a reply that no alternative allows, nothing, closing,
// octets that are no reply, and each condition broken alone; or no handshake.
[[nodiscard]] std::vector<falsification> falsifications(const expectation& expected, const unit& honest);

// The observation as the player makes it.
[[nodiscard]] observation observe(const unit& seen);

// What the peer could do instead of each alternative so that the expectation holds: one for each code that patterns tell apart.
[[nodiscard]] std::vector<unit> satisfactions(const expectation& expected,
                                              const std::vector<std::vector<alternative>>& patterns);

} // namespace postel::conformance::test
