#include "wire/program_client.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>
#include <thread>

#include "text/escape.hpp"

extern char** environ;

namespace postel::conformance {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_output = std::size_t{2} * 1024; // of the end of what the program prints
constexpr std::size_t most_output_lines = 8;

std::string shell_quoted(std::string_view value) {
  std::string word = "'";
  for (const char c : value) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& each : parts) text.append(text.empty() ? "" : between).append(each);
  return text;
}

bool write_file(const fs::path& path, std::string_view octets) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  return static_cast<bool>(file.flush());
}

std::string with_lf(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (text[at] != '\r' || at + 1 == text.size() || text[at + 1] != '\n') result += text[at];
  return result;
}

// POSIX shells exit with 128 and the number where a signal has ended what they started.
constexpr int shells_offset = 128;

// That status alone tells nothing: programs have it of their own (Perl's die: 255). But the shell says so, too.
bool is_shells_word_for_a_signal(int code, const std::vector<std::string>& output) {
  if (code <= shells_offset || output.empty()) return false;
  const char* const description = ::sigdescr_np(code - shells_offset);
  return description != nullptr && output.back().find(description) != std::string::npos;
}

// Of a program that has ended without a connection.
class no_wire : public client_wire {
 public:
  sent send(std::string_view, milliseconds) override { return sent::closed; }
  received receive(std::string&, milliseconds) override { return received::closed; }
  std::optional<std::string> accept_tls(std::string_view, milliseconds) override { return "there is no connection"; }
};

} // namespace

std::string fill_in(std::string_view command, const fixture& given, std::uint16_t port, const fs::path& folder) {
  std::vector<std::string> words;
  for (const std::string& each : given.recipients) words.push_back(shell_quoted(each));
  const std::array<std::pair<std::string_view, std::string>, 12> values{{
      {"{host}", "127.0.0.1"},
      {"{port}", fmt::format("{}", port)},
      {"{sender}", shell_quoted(given.sender)},
      {"{rcpt}", words.front()},
      {"{rcpt2}", words.size() > 1 ? words[1] : "''"},
      {"{rcpts}", joined(words, " ")},
      {"{rcpts,}", shell_quoted(joined(given.recipients, ","))},
      {"{file}", shell_quoted((folder / "message").string())},
      {"{lf_file}", shell_quoted((folder / "message-lf").string())},
      {"{user}", shell_quoted(given.user)},
      {"{password}", shell_quoted(given.password)},
      {"{ca}", shell_quoted((folder / "ca.pem").string())},
  }};
  std::string filled;
  while (!command.empty()) {
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& each) { return command.starts_with(each.first); });
    filled += found == values.end() ? std::string(1, command.front()) : found->second;
    command.remove_prefix(found == values.end() ? 1 : found->first.size());
  }
  return filled;
}

program_client::program_client(std::string command) : command_(std::move(command)) {
  std::string name = (fs::temp_directory_path() / "postel-client-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  folder_ = name;
}

program_client::~program_client() {
  kill_all();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::optional<std::string> program_client::missing(const test_case& the_case) const {
  const std::size_t recipients = the_case.given.recipients.size();
  const bool takes_all =
      command_.find("{rcpts}") != std::string::npos || command_.find("{rcpts,}") != std::string::npos;
  const std::size_t taken = takes_all ? recipients : command_.find("{rcpt2}") != std::string::npos ? 2 : 1;
  if (the_case.given.certificate != certificate_kind::good && command_.find("{ca}") == std::string::npos)
    return "needs a client that checks certificates: {ca} in the command";
  if (recipients > taken) return fmt::format("needs {} recipients: {{rcpts}} in the command", recipients);
  return std::nullopt;
}

std::variant<std::unique_ptr<client_wire>, target::refusal> program_client::start(const test_case& the_case,
                                                                                  milliseconds within) {
  kill_all();
  (void)listener_.drop_waiting();
  const std::string& message = the_case.given.message;
  if (!write_file(folder_ / "message", message) || !write_file(folder_ / "message-lf", with_lf(message)) ||
      !write_file(folder_ / "ca.pem", listener_.authority_pem()))
    return target::refusal{fmt::format("{}: the message cannot be written there", folder_.string())};

  std::string shell = "/bin/sh";
  std::string option = "-c";
  std::string line = fill_in(command_, the_case.given, listener_.port(), folder_);
  const std::array<char*, 4> argv{shell.data(), option.data(), line.data(), nullptr};
  const std::string output = (folder_ / "output").string();
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP); // a group of its own, to be ended as a whole
  const int error = ::posix_spawn(&child_, shell.c_str(), &files, &how, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  if (error != 0) {
    child_ = 0;
    return target::refusal{fmt::format("{}: {}", shell, std::generic_category().message(error))};
  }
  if (auto wire = listener_.accept(the_case.given.certificate, within, [this] { return has_ended(); })) return wire;
  if (has_ended()) return std::make_unique<no_wire>();
  return target::refusal{fmt::format("the client does not connect within {} ms", within.count())};
}

bool program_client::has_ended() {
  if (child_ == 0) return true;
  const pid_t got = ::waitpid(child_, &status_, WNOHANG);
  if (got == 0) return false;
  ::kill(-child_, SIGKILL); // what it may have started and left behind
  child_ = 0;
  return true;
}

void program_client::kill_all() {
  if (child_ == 0) return;
  ::kill(-child_, SIGKILL);
  while (::waitpid(child_, &status_, 0) < 0 && errno == EINTR) {
  }
  child_ = 0;
}

client_conclusion program_client::finish(milliseconds within) {
  using kind = client_conclusion::kind;
  const auto end = std::chrono::steady_clock::now() + within;
  bool ended = has_ended();
  while (!ended && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(5));
    ended = has_ended();
  }
  again_ = listener_.drop_waiting();
  if (!ended) {
    kill_all();
    return {kind::running, fmt::format("it has not ended within {} ms", within.count()), last_output()};
  }
  if (WIFSIGNALED(status_)) return {kind::crashed, fmt::format("ended by signal {}", WTERMSIG(status_)), last_output()};
  const int code = WEXITSTATUS(status_);
  std::vector<std::string> output = last_output();
  if (is_shells_word_for_a_signal(code, output))
    return {kind::crashed, fmt::format("ended by signal {}", code - shells_offset), std::move(output)};
  return {code == 0 ? kind::delivered : kind::failed, fmt::format("exit status {}", code), std::move(output)};
}

std::vector<std::string> program_client::last_output() const {
  std::ifstream file(folder_ / "output", std::ios::binary | std::ios::ate);
  const std::streamoff size = std::max<std::streamoff>(0, file.tellg());
  const std::streamoff skipped = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(most_output));
  file.seekg(skipped);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(escape(line));
  if (skipped > 0 && !lines.empty()) lines.erase(lines.begin()); // its beginning is missing
  if (lines.size() > most_output_lines) lines.erase(lines.begin(), lines.end() - most_output_lines);
  return lines;
}

} // namespace postel::conformance
