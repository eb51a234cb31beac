// postel send: delivers files to a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postel::conformance {

struct send_options {
  enum class tls_mode : std::uint8_t {
    none,
    starttls,   // where it is offered; nobody is protected from who can change what is sent (RFC 3207 6)
    required,   // STARTTLS, or no mail
    from_start, // before the greeting (RFC 8314 3)
  };

  std::string host;
  std::uint16_t port = 0;
  std::string from; // with brackets, as all addresses here
  std::vector<std::string> to;
  std::vector<std::string> recipient_parameters; // one for each of to
  std::string parameters;                        // MAIL's, beside those that the delivery adds
  std::vector<std::string> files;                // messages, in order; "-" for standard input

  tls_mode tls = tls_mode::starttls;
  bool verify = false; // certificate and name, where there is TLS
  std::optional<std::string> authorities;

  std::optional<std::string> user;
  std::string password; // or token
  std::optional<std::string> mechanism;

  bool lmtp = false;
  bool chunking = true;
  bool prdr = false; // a reply for each recipient, where it is offered
  bool convert_line_ends = true;
  std::optional<std::string> helo;
  std::optional<std::chrono::seconds> timeout; // for each wait; else RFC 5321 4.5.3.2's

  bool dry_run = false;
  bool transcript = false;
  bool json = false;
};

// Gives the exit status, of status.hpp.
int send(const send_options& wanted);

} // namespace postel::conformance
