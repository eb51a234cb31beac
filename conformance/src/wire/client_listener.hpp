// Where a program that is tested as a client connects to: a port of 127.0.0.1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "case/certificate_kind.hpp"
#include "play/tested_client.hpp"

namespace postel::conformance {

class client_listener {
 public:
  // Listens on any port that is free. Throws std::system_error.
  client_listener();
  client_listener(const client_listener&) = delete;
  client_listener& operator=(const client_listener&) = delete;
  ~client_listener();

  [[nodiscard]] std::uint16_t port() const;
  // The certificate of who vouches for ours, in PEM.
  [[nodiscard]] std::string authority_pem() const;
  // The next connection; nothing if none comes within the time, or once given_up says that none will. shown: the certificate, if there is
  // to be TLS.
  std::unique_ptr<client_wire> accept(certificate_kind shown, milliseconds within,
                                      const std::function<bool()>& given_up);
  // Forgets connections that nobody has accepted. Whether there were any.
  bool drop_waiting();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace postel::conformance
