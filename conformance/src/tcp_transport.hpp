// Connections over TCP, every step of them bounded in time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "transport.hpp"

namespace postel::conformance {

class tcp_target : public target {
 public:
  // host: a name or an address; resolved once, when the first connection is made.
  tcp_target(std::string host, std::uint16_t port);
  ~tcp_target() override;

  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) override;

 private:
  struct addresses;
  std::string host_;
  std::uint16_t port_;
  std::unique_ptr<addresses> addresses_;
};

} // namespace postel::conformance
