#include "send/message_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

namespace postel::conformance {

namespace {

std::string error_text() {
  return std::error_code(errno, std::generic_category()).message();
}

// Copies all of from to a file that goes with its descriptor.
int spooled(int from) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  if (!file) return -1;
  const int to = ::fileno(file.get());
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) return ::fcntl(to, F_DUPFD_CLOEXEC, 0);
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = ::write(to, block.data() + done, static_cast<std::size_t>(got - done));
      if (written < 0) return -1;
      done += written;
    }
  }
}

// A mapped file that somebody cuts short can't be read on: the message ends here, incomplete, and nobody delivers it.
void on_bus_error(int) {
  static constexpr std::string_view text = "the file was cut short while it was sent\n";
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) ::_exit(75);
  ::_exit(75); // EX_TEMPFAIL
}

} // namespace

std::variant<send_message, std::string> send_message::open(const std::string& name) {
  struct owned {
    int file;
    ~owned() {
      if (file > STDERR_FILENO) ::close(file);
    }
  } source{name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about{};
  if (source.file < 0 || ::fstat(source.file, &about) != 0) return error_text();
  owned copy{-1};
  int file = source.file;
  // Of standard input a part may have been read by somebody else.
  const bool from_start = ::lseek(file, 0, SEEK_CUR) == 0;
  if (!S_ISREG(about.st_mode) || !from_start) {
    copy.file = file = spooled(source.file);
    if (file < 0 || ::fstat(file, &about) != 0) return error_text();
  }
  send_message result;
  result.size_ = static_cast<std::size_t>(about.st_size);
  if (result.size_ == 0) return result;
  void* const mapped = ::mmap(nullptr, result.size_, PROT_READ, MAP_PRIVATE, file, 0);
  if (mapped == MAP_FAILED) {
    result.size_ = 0;
    return error_text();
  }
  result.begin_ = static_cast<const char*>(mapped);
  ::madvise(mapped, result.size_, MADV_SEQUENTIAL);
  std::signal(SIGBUS, on_bus_error);
  return result;
}

send_message::send_message(send_message&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

send_message::~send_message() {
  if (begin_ != nullptr) ::munmap(const_cast<char*>(begin_), size_);
}

} // namespace postel::conformance
