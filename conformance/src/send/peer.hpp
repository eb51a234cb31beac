// What sending needs of the other side: a connection, or a server in memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postel::conformance {

class send_peer {
 public:
  send_peer() = default;
  send_peer(const send_peer&) = delete;
  send_peer& operator=(const send_peer&) = delete;
  virtual ~send_peer() = default;

  // Each gives why it failed, or nothing. within: for as long as nothing moves.
  using failed = std::optional<std::string>;
  // Writes all views. Octets that come meanwhile are appended to unread: so the two sides never wait for each other.
  virtual failed write(std::span<const std::string_view> views, std::string& unread, std::chrono::seconds within) = 0;
  // Appends at least one octet to unread. until: however slowly they come.
  virtual failed read(std::string& unread, std::chrono::steady_clock::time_point until) = 0;
  virtual failed start_tls(std::chrono::seconds within) = 0;

  // An address literal of our side (RFC 5321 4.1.4), where EHLO has no better name.
  [[nodiscard]] virtual std::string own_literal() const = 0;
  // Octets written so far.
  [[nodiscard]] virtual std::size_t written() const = 0;
};

} // namespace postel::conformance
