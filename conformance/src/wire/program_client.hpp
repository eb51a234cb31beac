// A program as the client under test: started once for each case.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "play/tested_client.hpp"
#include "wire/client_listener.hpp"

namespace postel::conformance {

// The command with its placeholders filled in, each value quoted for the shell: {host} {port} {sender} {rcpt} {rcpt2} {rcpts} (each a word
// of its own) {rcpts,} (one word, separated by commas) {file} (the message) {lf_file} (the same with LF instead of CRLF) {user} {password}
// {ca} (a file: the certificate of the authority that it has to trust).
[[nodiscard]] std::string fill_in(std::string_view command, const fixture& given, std::uint16_t port,
                                  const std::filesystem::path& folder);

class program_client : public tested_client {
 public:
  // command: for /bin/sh. Throws std::system_error.
  explicit program_client(std::string command);
  program_client(const program_client&) = delete;
  program_client& operator=(const program_client&) = delete;
  ~program_client() override;

  [[nodiscard]] std::optional<std::string> missing(const test_case& the_case) const override;
  std::variant<std::unique_ptr<client_wire>, target::refusal> start(const test_case& the_case,
                                                                    milliseconds within) override;
  client_conclusion finish(milliseconds within) override;
  [[nodiscard]] bool came_again() const override { return again_; }

 private:
  bool has_ended();
  void kill_all();
  [[nodiscard]] std::vector<std::string> last_output() const;

  std::string command_;
  client_listener listener_;
  std::filesystem::path folder_;
  pid_t child_ = 0; // 0: none
  int status_ = 0;  // of the last one, as waitpid() has it
  bool again_ = false;
};

} // namespace postel::conformance
