// Connections over TCP, every step of them bounded in time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "play/transport.hpp"

namespace postel::conformance {

// How TLS is used. A certificate tells who the other side is, which is not what the cases are about: by default any is good.
struct tls_use {
  bool from_start = false; // RFC 8314 3: TLS before the greeting
  bool verify = false;     // the certificate has to be good for the host by the system's authorities
};

// How a refusal begins that is for want of TLS.
inline constexpr std::string_view no_tls = "no TLS: ";

class tcp_target : public target {
 public:
  // host: a name or an address; resolved once, when the first connection is made.
  tcp_target(std::string host, std::uint16_t port, tls_use tls = {});
  ~tcp_target() override;

  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) override;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace postel::conformance
