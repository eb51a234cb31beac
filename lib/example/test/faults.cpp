// Preloaded into a server (LD_PRELOAD): what it does with files fails now and then, as on a full disk, or where descriptors are short.
//   FAULTS       CALL:ERROR:PER_MILLE, several separated by blanks. CALL: open, write, fsync, link, unlink (and what is like them).
//                ERROR: a number of errno
//   FAULTS_IN    the folder of which files it is about; what is not in there works
//   FAULTS_WHILE if given: only as long as this file exists
//   FAULTS_SEED  the dice
// Nothing fails before the server listens: it would not start.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<bool> listening = false;
std::atomic<std::uint64_t> state = 0;

template <typename Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

const char* variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// SplitMix64.
std::uint64_t throw_dice() {
  std::uint64_t z = state.fetch_add(0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

bool inside(const char* path) {
  const char* const folder = variable("FAULTS_IN");
  return *folder != '\0' && std::strncmp(path, folder, std::strlen(folder)) == 0;
}
bool inside(int descriptor) {
  char link[64] = "/proc/self/fd/", target[PATH_MAX] = "";
  char* digits = link + std::strlen(link);
  for (int power = 1000000; power != 0; power /= 10)
    if (descriptor >= power || power == 1) *digits++ = static_cast<char>('0' + descriptor / power % 10);
  return readlink(link, target, sizeof target - 1) > 0 && inside(target);
}
bool inside(int folder, const char* path) {
  return *path == '/' || folder == AT_FDCWD ? inside(path) : inside(folder);
}

// Whether this call is to fail; errno says how.
bool fails(const char* call, bool ours) {
  if (!listening || !ours) return false;
  const char* const while_there = variable("FAULTS_WHILE");
  if (*while_there != '\0' && access(while_there, F_OK) != 0) return false;
  const std::size_t size = std::strlen(call);
  for (const char* rule = variable("FAULTS"); rule != nullptr && *rule != '\0';) {
    if (std::strncmp(rule, call, size) == 0 && rule[size] == ':') {
      char* end = nullptr;
      const long error = std::strtol(rule + size + 1, &end, 10);
      const long chance = std::strtol(end + 1, nullptr, 10);
      if (static_cast<long>(throw_dice() % 1000) < chance) return errno = static_cast<int>(error), true;
    }
    rule = std::strchr(rule, ' ');
    if (rule != nullptr) ++rule;
  }
  return false;
}

} // namespace

extern "C" {

int listen(int socket, int backlog) noexcept {
  state = std::strtoull(variable("FAULTS_SEED"), nullptr, 10);
  listening = true;
  static auto* const next = real(&listen, "listen");
  return next(socket, backlog);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  static auto* const next = real(&open, "open");
  return fails("open", inside(path)) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  static auto* const next = real(&openat, "openat");
  return fails("open", inside(folder, path)) ? -1 : next(folder, path, flags, mode);
}

ssize_t write(int file, const void* octets, size_t size) {
  static auto* const next = real(&write, "write");
  return file > STDERR_FILENO && fails("write", inside(file)) ? -1 : next(file, octets, size);
}

int fsync(int file) {
  static auto* const next = real(&fsync, "fsync");
  return fails("fsync", inside(file)) ? -1 : next(file);
}

int link(const char* from, const char* to) noexcept {
  static auto* const next = real(&link, "link");
  return fails("link", inside(to)) ? -1 : next(from, to);
}

int renameat(int from_folder, const char* from, int folder, const char* to) noexcept {
  static auto* const next = real(&renameat, "renameat");
  return fails("link", inside(folder, to)) ? -1 : next(from_folder, from, folder, to);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const next = real(&unlinkat, "unlinkat");
  return fails("unlink", inside(folder, path)) ? -1 : next(folder, path, flags);
}

} // extern "C"
