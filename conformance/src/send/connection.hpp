// A connection over TCP, in clear or in TLS, that writes views as they are.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "send/peer.hpp"

namespace postel::conformance {

class send_connection : public send_peer {
 public:
  struct settings {
    std::string host; // a name or an address
    std::uint16_t port = 0;
    bool verify = false;                            // the certificate has to be good, and for host
    std::optional<std::string> authorities = {};    // a file of certificates, else the system's
    std::function<void(std::size_t)> progress = {}; // after each write, with written()
  };
  struct refusal {
    std::string why;
    bool unknown_host; // there is no such name
  };
  // Tries the addresses of the host in turn, each for so long.
  static std::variant<std::unique_ptr<send_connection>, refusal> open(settings wanted, std::chrono::seconds within);
  ~send_connection() override;

  failed write(std::span<const std::string_view> views, std::string& unread, std::chrono::seconds within) override;
  failed read(std::string& unread, std::chrono::steady_clock::time_point until) override;
  failed start_tls(std::chrono::seconds within) override;
  [[nodiscard]] std::string own_literal() const override;
  [[nodiscard]] std::size_t written() const override { return written_; }

  // Whether start_tls() failed for a certificate that is not good.
  [[nodiscard]] bool distrusted() const { return distrusted_; }
  // "TLSv1.3 TLS_AES_256_GCM_SHA384"
  [[nodiscard]] std::string tls_name() const;

 private:
  using time_point = std::chrono::steady_clock::time_point;
  explicit send_connection(settings wanted) : settings_(std::move(wanted)) {}
  failed connect(std::chrono::seconds within, bool& unknown_host);
  [[nodiscard]] bool wait(short events, time_point until, short* seen = nullptr) const;
  failed write_tls(std::string_view octets, std::chrono::seconds within);
  failed write_clear(std::span<const std::string_view> views, std::string& unread, std::chrono::seconds within);
  failed flush(std::chrono::seconds within);
  void count(std::size_t octets);
  [[nodiscard]] std::string tls_failure(int returned) const;

  struct freed {
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  settings settings_;
  int socket_ = -1;
  std::unique_ptr<SSL_CTX, freed> context_;
  std::unique_ptr<SSL, freed> tls_;
  std::string record_; // views that go into one record of TLS
  std::size_t written_ = 0;
  bool distrusted_ = false;
};

} // namespace postel::conformance
