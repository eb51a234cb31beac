// The built-in mail system over TCP on the loopback interface, with a certificate of its own for TLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <postel/policy.hpp>

#include "serve/application.hpp"
#include "serve/message_store.hpp"

namespace postel::conformance {

class tcp_server {
 public:
  // Octets of a message. In 5 minutes each that is a least rate of 55 octets a second, where a client has 3 minutes for each block it
  // writes (RFC 5321 4.5.3.2.5).
  static constexpr std::size_t block = std::size_t{16} * 1024;

  struct options {
    std::uint16_t port = 0;                // 0: any that is free
    std::optional<std::uint16_t> tls_port; // another one, on which TLS comes first (RFC 8314 3); 0: any that is free
    mail_system mail;
    message_store* store = nullptr;
    // What a client has for a command line, for each block of a message, and to take a reply (RFC 5321 4.5.3.2.7). Then it gets 421.
    std::chrono::milliseconds idle = std::chrono::minutes(5);
    std::size_t most_connections = 200; // further ones wait to be accepted
  };

  // Listens. The policy and the store must outlive the server. Throws std::system_error.
  tcp_server(const policy& rules, const options& wanted);
  tcp_server(const tcp_server&) = delete;
  tcp_server& operator=(const tcp_server&) = delete;
  ~tcp_server();

  [[nodiscard]] std::uint16_t port() const;
  // 0 without one.
  [[nodiscard]] std::uint16_t tls_port() const;
  // Serves until stop(), which any thread may call, or one of SIGTERM and SIGINT if they were asked for.
  void run();
  void stop();
  void stop_on_signals();

 private:
  class connection;
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace postel::conformance
