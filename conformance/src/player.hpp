// Plays a case against one connection.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "case.hpp"
#include "observation.hpp"
#include "transcript.hpp"
#include "transport.hpp"

namespace postel::conformance {

enum class verdict : std::uint8_t {
  pass,
  fail,    // a MUST does not hold
  warn,    // a SHOULD does not hold
  note,    // a MAY is not as expected, or something was to be noted
  skipped, // something the case needs is not there
  error,   // the case could not be tried
};
[[nodiscard]] std::string_view name(verdict) noexcept;
inline constexpr std::size_t verdict_count = 6;

// What the cases may use: values of variables, and what the target's EHLO response offers.
class environment {
 public:
  void set(variable which, std::string value) { values_[static_cast<std::size_t>(which)] = std::move(value); }
  // A mailbox, or "Postmaster": {rcpt} and its parts.
  void set_recipient(const std::string& address);
  [[nodiscard]] const std::optional<std::string>& get(variable which) const {
    return values_[static_cast<std::size_t>(which)];
  }

  // keywords: nothing where the target did not accept EHLO.
  void set_offered(std::optional<std::vector<std::string>> keywords) { offered_ = std::move(keywords); }

  // Why the case cannot be played here; nothing if it can.
  [[nodiscard]] std::optional<std::string> missing(const test_case& the_case) const;

 private:
  std::array<std::optional<std::string>, variable_count> values_;
  std::optional<std::vector<std::string>> offered_;
};

struct patience {
  milliseconds reply{5000}; // for each expected reply, and for the peer to take what is sent
  milliseconds quiet{500};  // after which nothing is silence
  // For a whole case.
  [[nodiscard]] milliseconds total() const { return std::max(milliseconds(60'000), 12 * reply); }
};

// One expectation that was come to, in the order in which they were.
struct checked {
  const expectation* expected; // of the case; null for the greeting that is read first where the case does not
  observation::kind what;
  std::string seen; // in words
  bool held;
};

struct outcome {
  verdict result = verdict::error;
  std::string reason; // empty for a pass
  std::vector<checked> checks;
  std::vector<std::string> transcript;
  bool unanswered = false; // there was no connection, or no greeting on it
};

// Plays the case on a fresh connection. The environment must have what the case needs.
[[nodiscard]] outcome play(const test_case& the_case, transport& wire, const environment& values,
                           const patience& waits);

// What a first connection tells of a target.
struct probed {
  std::optional<std::string> untestable;            // why there is no point in going on
  std::optional<std::vector<std::string>> keywords; // as environment::set_offered wants them
  std::optional<std::string> size;                  // the parameter of SIZE, unless 0
  std::vector<std::string> transcript;
};
[[nodiscard]] probed probe(transport& wire, const patience& waits);

} // namespace postel::conformance
