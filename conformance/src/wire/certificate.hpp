// Certificates of our own making.
#pragma once

#include <asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "case/certificate_kind.hpp"

namespace postel::conformance {

// The built-in server's: gives the context a new key on P-256, and a certificate for localhost and 127.0.0.1 that it signs itself, good for
// a day around now. Throws std::system_error.
void use_self_signed_certificate(asio::ssl::context& context);

// Vouches for the certificates that clients are shown.
class authority {
 public:
  // Makes a key and a certificate of its own. Throws std::system_error, as all here.
  authority();
  authority(const authority&) = delete;
  authority& operator=(const authority&) = delete;
  ~authority();

  // What a client has to trust: its own certificate, in PEM.
  [[nodiscard]] std::string pem() const;
  // Gives the context a new key and a certificate for localhost and 127.0.0.1, but for what kind says.
  void certify(asio::ssl::context& context, certificate_kind kind) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace postel::conformance
