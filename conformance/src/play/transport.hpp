// What the player needs of a connection. It knows no socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postel::conformance {

using milliseconds = std::chrono::milliseconds;

class transport {
 public:
  enum class sent : std::uint8_t {
    all,
    closed,  // the peer has closed; what it said before can still be received
    stalled, // the peer takes no more octets
  };
  enum class received : std::uint8_t {
    octets,  // some were appended
    nothing, // none came within the time
    closed,  // and none will come
  };

  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  // Sends the octets in one write.
  virtual sent send(std::string_view octets, milliseconds within) = 0;
  // Waits for octets and appends them to inbox, at most max_received at a time.
  virtual received receive(std::string& inbox, milliseconds within) = 0;
  // Makes a TLS handshake; from then on everything is encrypted. Why it failed, or nothing.
  virtual std::optional<std::string> start_tls(milliseconds within) = 0;
  // What was sent is to reach the peer on its own, before what is sent next.
  virtual void settle() {}

  static constexpr std::size_t max_received = std::size_t{16} * 1024;
};

// Something to connect to.
class target {
 public:
  target() = default;
  target(const target&) = delete;
  target& operator=(const target&) = delete;
  virtual ~target() = default;

  struct refusal {
    std::string why;
  };
  virtual std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) = 0;
};

} // namespace postel::conformance
