// The built-in mail system without a socket: what the player sends goes straight to a server session.
#pragma once

#include <cstddef>
#include <memory>
#include <postel/policy.hpp>
#include <string>
#include <string_view>

#include "play/transport.hpp"
#include "serve/application.hpp"

namespace postel::conformance {

// How each write reaches the session.
struct cut {
  enum class kind : std::uint8_t { whole, octets, at };
  kind how = kind::whole;
  std::size_t place = 0; // kind::at: after so many octets; a write that is not longer comes whole
};

class memory_transport : public transport {
 public:
  // The policy must outlive the transport.
  explicit memory_transport(const policy& rules, cut how = {});

  sent send(std::string_view octets, milliseconds within) override;
  // Never waits: what has not come will not come.
  received receive(std::string& inbox, milliseconds within) override;
  // Tells the session that the handshake is done: nothing is encrypted here.
  std::optional<std::string> start_tls(milliseconds within) override;

  // The longest write so far: there are so many places to cut, less one.
  [[nodiscard]] std::size_t longest_write() const noexcept { return longest_write_; }

 private:
  void deliver(std::string_view octets);
  void process();

  const mail_system mail_;
  server session_;
  application application_;
  cut cut_;
  std::string unread_;
  std::string out_;
  std::size_t longest_write_ = 0;
};

class memory_target : public target {
 public:
  explicit memory_target(const policy& rules, cut how = {}) : policy_(rules), cut_(how) {}
  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) override;

 private:
  const policy& policy_;
  cut cut_;
};

} // namespace postel::conformance
