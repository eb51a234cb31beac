// All chosen cases against one server, or one client.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "case/case.hpp"
#include "play/environment.hpp"
#include "play/outcome.hpp"
#include "play/tested_client.hpp"
#include "play/transport.hpp"
#include "run/sink.hpp"

namespace postel::conformance {

// Replies whose text is outside of the grammar: one finding, with the first reply of each kind.
struct deviating_replies {
  struct example {
    std::string where; // the id of a case, or "probe"
    observation reply;
  };
  std::vector<example> examples; // with different texts
  std::size_t count = 0;

  void add(std::string_view where, const std::vector<observation>& replies);
};

struct run_result {
  std::optional<std::string> untestable; // why the target could not be tried, or not to the end
  std::vector<outcome> outcomes;         // one for each case, in order; fewer if untestable
  std::array<std::size_t, verdict_count> counts{};
  deviating_replies deviations;
  milliseconds took{0};

  [[nodiscard]] std::size_t count(verdict which) const { return counts[static_cast<std::size_t>(which)]; }
  // Whether anything can be said of what was tried: some case was tried and came to a verdict.
  [[nodiscard]] bool any_verdict() const;
};

// Probes the target, and what the cases take for granted of it; then plays each case on a connection of its own. values: what the caller
// knows; what the target tells is added.
[[nodiscard]] run_result run_cases(const std::vector<test_case>& cases, target& peer, environment values,
                                   const patience& waits, sinks told = {});
// Starts the client anew for each case.
[[nodiscard]] run_result run_cases(const std::vector<test_case>& cases, tested_client& client, const patience& waits,
                                   sinks told = {});

} // namespace postel::conformance
