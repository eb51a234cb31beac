// postel serve: the built-in server in the foreground.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postel::conformance {

struct serve_options {
  std::uint16_t port = 0;                // 0: any that is free
  std::optional<std::uint16_t> tls_port; // 0: any that is free
  bool lmtp = false;
  bool submission = false;
  std::optional<std::string> store; // folder for accepted messages
  std::vector<std::string> rcpt;    // mailboxes that mail is taken for, besides those at the server's domains
  std::vector<std::string> domains; // whose mailboxes it has, besides those it has anyway
};

// Serves until SIGTERM or SIGINT. Gives the exit status.
int serve(const serve_options& wanted);

} // namespace postel::conformance
