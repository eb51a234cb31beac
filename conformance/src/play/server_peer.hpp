// A server under test: octets are collected into writes, and replies are cut out of what arrives.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "play/peer.hpp"
#include "play/reply_reader.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

class server_peer : public peer {
 public:
  server_peer(transport& wire, const patience& waits) : peer(waits), wire_(wire) {}

  using peer::say;
  void say(std::string_view octets, std::string_view shown) override;
  void say_separately(std::string_view octets, std::size_t write_size, bool secret) override;
  observation observe(const expectation& wanted) override;
  void finish() override { flush(); }

  // What the server does next.
  //   quick: nothing within the quiet time is silence already, because silence is expected.
  observation observe(bool quick);
  // Makes the TLS handshake.
  observation secure();

  [[nodiscard]] bool stalled() const noexcept override { return stalled_; }
  [[nodiscard]] bool in_tls() const noexcept override { return in_tls_; }
  [[nodiscard]] bool starttls_offered() const noexcept override { return starttls_offered_; }
  // UTF-8 once SMTPUTF8 was used (RFC 6531 3.7.4.2).
  [[nodiscard]] charset octets() const noexcept override { return octets_; }

 private:
  void flush();
  void send(std::string_view octets, std::string_view shown, std::size_t separately);
  observation receive(bool quick);

  transport& wire_;
  std::string unsent_;
  std::optional<std::string> unsent_shown_; // if it is another text than unsent_
  std::string last_said_;                   // the end of what was said, to find a keyword that lies across two pieces
  reply_reader replies_;
  charset octets_ = charset::ascii;
  bool stalled_ = false;
  bool in_tls_ = false;
  bool starttls_offered_ = false;
};

} // namespace postel::conformance
