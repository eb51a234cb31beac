// Plays a case with a client: we are the server.
#pragma once

#include "client_case.hpp"
#include "player.hpp"
#include "tested_client.hpp"

namespace postel::conformance {

// What the client was seen to do.
struct client_observation {
  enum class kind : std::uint8_t {
    line,
    text,
    chunk,
    handshake,
    closed,
    silence,
    malformed, // no line, or no text, that can be read; why says why not
  };
  kind what = kind::silence;
  std::string octets = {}; // of a line without CRLF; of a text as on the wire, without the line that ends it
  std::string verb = {};   // of a line, in capitals
  std::string why = {};
  bool followed = false; // more came behind it before it was answered; told only where that was asked for

  [[nodiscard]] std::string text() const;
};

[[nodiscard]] bool matches(const client_alternative& wanted, const client_observation& seen) noexcept;
[[nodiscard]] bool matches(const std::vector<client_alternative>& wanted, const client_observation& seen) noexcept;

// One observation, in the order in which they were made; for tests.
struct client_checked {
  const client_expectation* expected = nullptr;         // of the case, or an until:
  const client_result_expected* expected_end = nullptr; // or this
  std::string seen;
  bool held = false;
};

struct client_outcome {
  outcome played; // without checks
  std::vector<client_checked> checks;
};

// Starts the client, plays the case, and waits for its end.
[[nodiscard]] client_outcome play(const client_case& the_case, tested_client& client, const patience& waits);

} // namespace postel::conformance
