// What a first connection tells of a target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "play/environment.hpp"
#include "play/outcome.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

struct probed {
  std::optional<std::string> untestable; // why there is no point in going on
  bool silent = false;                   // namely that no greeting came
  std::optional<offer> offered;          // as environment::set_offered wants it
  std::optional<offer> offered_in_tls;   // after STARTTLS
  std::string why_no_tls;
  bool starttls_offered = false; // by a line of the EHLO response in clear, whether or not the response can be read
  milliseconds latency{0};       // how long it took to answer QUIT, which asks nothing of anybody else
  std::vector<std::string> transcript;
  std::vector<observation> deviations; // as in outcome; of responses to EHLO, by their own grammar

  // Tells the environment, the values of variables included.
  void tell(environment& values) const;
};
[[nodiscard]] probed probe(transport& wire, const patience& waits, const environment& values = environment());

} // namespace postel::conformance
