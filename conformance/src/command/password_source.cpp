#include "command/password_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "command/option_values.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

using answer = std::variant<std::string, password_refusal>;

answer first_line_of(const std::string& name) {
  if (name.empty()) return password_refusal{"--password-file: no name of a file"};
  std::ifstream file(name);
  std::string line;
  if (!std::getline(file, line)) return password_refusal{fmt::format("--password-file: {}: no line can be read", name)};
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

answer value_of(const std::string& variable) {
  if (variable.empty()) return password_refusal{"--password-env: no name of a variable"};
  const char* const value = std::getenv(variable.c_str());
  if (value == nullptr) return password_refusal{fmt::format("--password-env: {} is not set", variable)};
  return std::string(value);
}

// Who is stopped while the terminal is silent first lets it speak again.
constexpr std::array<int, 4> stopping{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
volatile std::sig_atomic_t stopped_by = 0;

// The terminal shows nothing that is typed while this lives.
class silence {
 public:
  explicit silence(int terminal) : terminal_(terminal), was_terminal_(::tcgetattr(terminal, &before_) == 0) {
    stopped_by = 0;
    struct sigaction note{};
    note.sa_handler = [](int which) { stopped_by = which; };
    sigset_t held;
    ::sigemptyset(&held);
    for (const int each : stopping) ::sigaddset(&held, each);
    ::sigprocmask(SIG_BLOCK, &held, &mask_);
    for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping[i], &note, &handlers_[i]);
    if (!was_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    ::tcsetattr(terminal_, TCSAFLUSH, &silent);
  }
  ~silence() {
    if (was_terminal_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping[i], &handlers_[i], nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    if (stopped_by != 0) (void)std::raise(static_cast<int>(stopped_by));
  }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

  // The next octet that is typed; nothing at the end, or for who is stopped. Signals come in the wait only, so none is missed before it.
  [[nodiscard]] std::optional<char> next() const {
    for (;;) {
      pollfd one{terminal_, POLLIN, 0};
      const int ready = ::ppoll(&one, 1, nullptr, &mask_);
      if (stopped_by != 0 || (ready < 0 && errno != EINTR)) return std::nullopt;
      if (ready <= 0) continue;
      char octet = 0;
      return ::read(terminal_, &octet, 1) == 1 ? std::optional(octet) : std::nullopt;
    }
  }

 private:
  int terminal_;
  termios before_{};
  bool was_terminal_;
  sigset_t mask_{};
  std::array<struct sigaction, stopping.size()> handlers_{};
};

// Not standard input, which may be the message.
answer asked_for(const std::string& user) {
  struct owned {
    int file;
    ~owned() {
      if (file >= 0) ::close(file);
    }
  } const terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (terminal.file < 0)
    return password_refusal{"--user: with --password-file or --password-env; no terminal to ask for the password"};
  const silence unseen(terminal.file);
  const std::string question = fmt::format("Password of {}: ", escape(user));
  if (::write(terminal.file, question.data(), question.size()) < 0) return password_refusal{"no password is asked for"};
  std::string line;
  while (const auto octet = unseen.next()) {
    if (*octet == '\n') return line;
    line += *octet;
  }
  return password_refusal{"no password was entered"};
}

} // namespace

void add_password_options(CLI::App& command, password_source& source) {
  auto* const file =
      add_text(command, "--password-file", source.file, "The password, or token, is its first line")->type_name("FILE");
  auto* const variable = add_text(command, "--password-env", source.variable,
                                  "The variable that has the password; without it and --password-file it is asked for "
                                  "at the terminal")
                             ->type_name("NAME")
                             ->excludes(file);
  add_text(command, "--password", source.text,
           "The password itself, which everybody on this machine can read meanwhile")
      ->type_name("PASSWORD")
      ->excludes(file)
      ->excludes(variable);
}

answer password_of(const password_source& source, const std::string& user) {
  if (source.file) return first_line_of(*source.file);
  if (source.variable) return value_of(*source.variable);
  if (!source.text) return asked_for(user);
  fmt::print(stderr,
             "--password: everybody on this machine can read it in the list of processes; "
             "--password-file, --password-env and the terminal keep it secret\n");
  return *source.text;
}

} // namespace postel::conformance
