// What a party would have to do so that an expectation holds, and what, so that it does not.
#pragma once

#include <string>
#include <vector>

#include "play/observation.hpp"

namespace postel::conformance::test {

struct falsification {
  std::string what;
  observation instead;
};

// Every way to break exactly this expectation where the party was seen to do honest: another thing than its patterns
// allow, and each condition broken alone.
[[nodiscard]] std::vector<falsification> falsifications(const expectation& expected, const observation& honest,
                                                        side tested);

// What the party could do so that the expectation holds, one for each thing that patterns tell apart.
[[nodiscard]] std::vector<observation> satisfactions(const expectation& expected,
                                                     const std::vector<std::vector<pattern>>& patterns, side tested);

} // namespace postel::conformance::test
