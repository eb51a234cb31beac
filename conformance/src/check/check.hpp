// postel check: tries a server.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "play/outcome.hpp"

namespace postel::conformance {

struct check_options {
  std::optional<std::string> target; // HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT; without one, the built-in server
  std::vector<std::string> only;     // globs
  std::optional<std::string> sender;
  std::optional<std::string> rcpt;
  std::optional<std::string> unknown;
  std::optional<std::string> foreign;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::vector<std::string> expected; // files
  std::optional<std::string> cases;  // folder
  std::optional<std::string> client; // a command: a client is tried instead
  milliseconds timeout = patience().reply;
  std::optional<milliseconds> quiet; // unless given, 500 ms (100 ms for the built-in server), and four times the latency
  bool lmtp = false;
  bool submission = false;
  bool tls = false;      // before the greeting
  bool starttls = false; // before each case
  bool auth = false;     // of a client: it was told to authenticate
  bool verify = false;
  bool list = false;
  std::optional<std::string> show; // the id of a case
  bool transcripts = false;
};

// Returns the exit status.
int check(const check_options& wanted);
// Prints the case that wanted.show names. Returns the exit status.
int show_case(const check_options& wanted);

} // namespace postel::conformance
