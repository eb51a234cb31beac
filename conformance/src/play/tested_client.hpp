// A client under test, and its connection to us.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "play/observation.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

// We are the server's side. To destroy it is to close the connection.
class client_wire : public transport {
 public:
  // Makes our part of a TLS handshake, of which so many octets have been received already. Why it failed, or nothing.
  virtual std::optional<std::string> accept_tls(std::string_view begun, milliseconds within) = 0;
  std::optional<std::string> start_tls(milliseconds) final { return "we are the server"; }
};

// How the client ended.
struct client_conclusion {
  using kind = ending;
  kind what = kind::running;
  std::string text;                     // in words
  std::vector<std::string> output = {}; // the last lines that a program printed, safe on any terminal
};

class tested_client {
 public:
  tested_client() = default;
  tested_client(const tested_client&) = delete;
  tested_client& operator=(const tested_client&) = delete;
  virtual ~tested_client() = default;

  // Why the case cannot be played with it; nothing if it can.
  [[nodiscard]] virtual std::optional<std::string> missing(const test_case& the_case) const = 0;
  // Starts it with what the case gives it, and waits for its connection.
  virtual std::variant<std::unique_ptr<client_wire>, target::refusal> start(const test_case& the_case,
                                                                            milliseconds within) = 0;
  // Waits until it has ended; ends it if it does not. The connection must have been closed.
  virtual client_conclusion finish(milliseconds within) = 0;
  // After finish(): whether it has connected a second time.
  [[nodiscard]] virtual bool came_again() const = 0;
};

} // namespace postel::conformance
