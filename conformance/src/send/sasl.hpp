// One AUTH exchange (RFC 4954), by libgsasl or, for the two mechanisms of bearer tokens, by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postel::conformance {

// Whether who listens learns the password, or token, or all that is needed to find it out cheaply.
[[nodiscard]] bool is_plain_text(std::string_view mechanism);

// The strongest of those offered (separated by spaces) that may be used: without TLS none in plain text.
[[nodiscard]] std::optional<std::string> strongest_mechanism(std::string_view offered, bool tls);
// Whether it is among them.
[[nodiscard]] bool offers_mechanism(std::string_view offered, std::string_view mechanism);

class sasl_exchange {
 public:
  struct credentials {
    std::string user;
    std::string password; // or token
    std::string host;     // of the server
    std::uint16_t port = 0;
  };
  // mechanism: of those that are supported.
  sasl_exchange(std::string_view mechanism, const credentials& with);
  // For tests and dry runs: the server's side.
  static sasl_exchange as_server(std::string_view mechanism, const credentials& with);
  sasl_exchange(sasl_exchange&&) noexcept;
  sasl_exchange& operator=(sasl_exchange&&) = delete;
  ~sasl_exchange();

  [[nodiscard]] static bool supports(std::string_view mechanism);
  // The client begins: there is an initial response.
  [[nodiscard]] bool client_first() const;
  // The next octets for the other side, behind its last ("" if it has said nothing yet); nothing if the exchange has failed: why(). until: how
  // long may be computed, as SCRAM's server wants it.
  [[nodiscard]] std::optional<std::string> next(
      std::string_view octets,
      std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());
  // Nothing is left to say; in SCRAM the server has proved that it knows the password too.
  [[nodiscard]] bool finished() const;
  [[nodiscard]] const std::string& why() const;

 private:
  struct state;
  explicit sasl_exchange(state*);
  state* state_;
};

} // namespace postel::conformance
