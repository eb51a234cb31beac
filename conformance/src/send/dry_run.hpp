// A server in memory that offers everything and takes everything: what postel send --dry-run talks to.
#pragma once

#include <postel/server.hpp>

#include "send/peer.hpp"
#include "send/sasl.hpp"

namespace postel::conformance {

class send_dry_run : public send_peer {
 public:
  // tls: before the greeting. with: what AUTH is checked against.
  send_dry_run(service protocol, std::string_view host, bool tls, sasl_exchange::credentials with);

  failed write(std::span<const std::string_view> views, std::string& unread, std::chrono::seconds within) override;
  failed read(std::string& unread, std::chrono::steady_clock::time_point until) override;
  failed start_tls(std::chrono::seconds within) override;
  [[nodiscard]] std::string own_literal() const override { return "localhost"; }
  [[nodiscard]] std::size_t written() const override { return written_; }

 private:
  void handle(const server_event&);
  void authenticate(std::optional<std::string_view> base64);
  // Where our own answer can't be given the exchange ends.
  void heard(const result<void>& answered);

  std::string host_;
  policy rules_;
  server session_;
  sasl_exchange::credentials credentials_;
  std::optional<sasl_exchange> sasl_;
  bool said_all_ = false; // by the server's side of AUTH
  std::string in_, out_;
  std::size_t written_ = 0;
};

} // namespace postel::conformance
