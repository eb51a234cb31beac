// What came of a case.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "play/observation.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

enum class verdict : std::uint8_t {
  pass,
  fail,         // a MUST does not hold
  warn,         // a SHOULD does not hold
  note,         // a MAY is not as expected, or something was to be noted
  inconclusive, // the server refused, and that may have another reason than what the case is about
  skipped,      // something the case needs is not there
  error,        // the case could not be tried
};
[[nodiscard]] std::string_view name(verdict) noexcept;
inline constexpr std::size_t verdict_count = 7;

struct patience {
  milliseconds reply{5000}; // for each expected reply, and for the peer to take what is sent
  milliseconds quiet{500};  // after which nothing is silence
  milliseconds start{
      60'000}; // for a client to be started and to connect: interpreters and virtual machines are slow at that
  milliseconds longest{60'000}; // for a whole case, but twelve times that of a reply if that is more
  bool at_least_quiet = false;  // silence is no less than quiet, and than four times the target's latency
  [[nodiscard]] milliseconds total() const { return std::max(longest, 12 * reply); }
};

// One expectation that was come to, in the order in which they were.
struct checked {
  std::size_t number; // of the expectation in its case; 0: it is of what comes before the case
  bool judged;
  observation::kind what;
  std::uint16_t code; // of a reply
  std::string seen;   // in words
  bool held;
};

struct outcome {
  verdict result = verdict::error;
  std::string reason; // empty for a pass
  std::vector<checked> checks;
  std::vector<std::string> transcript;
  std::vector<observation>
      deviations; // replies whose text is outside of the grammar: a finding of its own, whatever the verdict is
  bool unanswered = false; // there was no connection, or no greeting on it
  // A 421 came where it was not expected (RFC 5321 3.8), as the greeting or later.
  enum class turned_away : std::uint8_t { no, at_once, later };
  turned_away away = turned_away::no;
  bool starttls_offered = false; // in clear
};

} // namespace postel::conformance
