// The command line of postel send.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "command/password_source.hpp"
#include "send/send.hpp"

namespace postel::conformance {

struct send_command {
  send_options wanted;
  std::vector<std::string> arguments; // [TARGET] FILE...
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::string from;
  std::vector<std::string> to;
  std::vector<std::string> original; // --orcpt
  std::optional<std::string> tls;
  std::optional<std::string> user;
  password_source password;
  std::optional<std::string> ret;
  std::optional<std::string> envid;
  std::optional<std::string> notify;
  bool verify = false;
  bool insecure = false;
  bool require_tls = false;
  bool no_chunking = false;
  bool convert_line_ends = false;
  bool strict_line_ends = false;
  std::optional<unsigned> timeout;
};

// What is written here must outlive the parsing.
void add_send(CLI::App& tool, send_command& command);
// Checks what the options say together, and sends. Gives the exit status.
int run(send_command& command);

} // namespace postel::conformance
