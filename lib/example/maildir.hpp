// Messages in Maildirs, so that what was answered with 250 is not lost (RFC 5321 4.2.5, 6.1): by no crash of this program, and by none of
// the machine as far as fsync() is honest.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postel/address.hpp"

namespace maildir {

// The folder of the mailbox that a recipient has under root; nothing if there is none. The name comes from a stranger: it has nothing but
// letters, digits and "._+-", and does not begin with a dot. Letters count as small ones. The domain is the caller's affair.
inline std::optional<std::string> find(const std::string& root, const postel::path& to) {
  char buffer[64]; // RFC 5321 4.5.3.1.1; the session has seen to it
  const auto local_part = postel::unquote(to.local_part, buffer);
  if (!local_part || local_part->empty() || local_part->front() == '.') return std::nullopt;
  std::string folder = root + '/';
  for (const char c : *local_part) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool word = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("._+-").find(c) == std::string_view::npos) return std::nullopt;
    folder += small;
  }
  struct stat about{};
  if (stat((folder + "/new").c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) return std::nullopt;
  return folder;
}

// Makes a mailbox if it is not there yet.
inline bool make(const std::string& folder) {
  for (const char* const part : {"", "/tmp", "/new", "/cur"})
    if (mkdir((folder + part).c_str(), 0700) != 0 && errno != EEXIST) return false;
  return true;
}

// An open file or folder.
class descriptor {
 public:
  explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

// One message on its way: first a file in tmp/ of one mailbox, then, whole and on the disk, a file in new/ of each. It is kept as it came,
// CRLF and all: whoever made LF of that would have to know that it is no BINARYMIME. What was not delivered goes with the object.
class message {
 public:
  message() = default;
  message(message&& other) noexcept
      : file_(std::move(other.file_)),
        name_(std::exchange(other.name_, {})),
        tmp_(std::exchange(other.tmp_, {})),
        unwritten_(std::exchange(other.unwritten_, {})),
        begun_(std::exchange(other.begun_, false)),
        failed_(std::exchange(other.failed_, false)) {}
  message& operator=(message&& other) noexcept {
    message old(std::move(*this));
    file_ = std::move(other.file_);
    name_ = std::exchange(other.name_, {});
    tmp_ = std::exchange(other.tmp_, {});
    unwritten_ = std::exchange(other.unwritten_, {});
    begun_ = std::exchange(other.begun_, false);
    failed_ = std::exchange(other.failed_, false);
    return *this;
  }
  ~message() {
    if (!tmp_.empty()) unlink(tmp_.c_str());
  }

  // A name that no other message has: the time, the process, and a number within it.
  static std::string unique_name() {
    static std::atomic<unsigned> number = 0;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto micro = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    char text[80];
    const int size = std::snprintf(text, sizeof text, "%lld.M%06lldP%dQ%u", static_cast<long long>(micro / 1000000),
                                   static_cast<long long>(micro % 1000000), getpid(), ++number);
    return {text, static_cast<std::size_t>(size)};
  }

  // The same as an atom, which has no dots: for the "id" clause of Received (RFC 5321 4.4).
  static std::string id_of(std::string name) {
    std::ranges::replace(name, '.', '-');
    return name;
  }

  // Begins a message in a mailbox, once. What goes wrong, here or in write(), is remembered: there is no going on behind a gap, and no
  // beginning anew before this object is given another value.
  void open(const std::string& mailbox, std::string name) {
    if (begun_) return fail();
    begun_ = true;
    name_ = std::move(name);
    std::string path = mailbox + "/tmp/" + name_;
    file_ = descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    failed_ = file_.get() < 0;
    if (!failed_) tmp_ = std::move(path);
  }
  // open() was called, whatever came of it.
  [[nodiscard]] bool begun() const noexcept { return begun_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  // Lets the message fail for another reason than the disk's.
  void fail() noexcept { failed_ = true; }

  // What can't be written (a full disk) shows in failed() and in sync(). Small parts are gathered: between stuffed dots they may be of one
  // octet.
  void write(std::string_view part) {
    if (unwritten_.size() + part.size() > most_gathered) flush();
    if (part.size() >= most_gathered)
      write_now(part);
    else if (!failed_)
      unwritten_ += part;
  }

  // Returns when all of it is on the disk. False: it is not, and nothing may be delivered.
  bool sync() {
    flush();
    if (failed_ || fsync(file_.get()) != 0)
      failed_ = true; // an error of the disk is told once; the next fsync() would be a success
    return !failed_;
  }

  // After sync(): puts it into new/ of a mailbox on the same file system, and returns when that is on the disk too. False: it is not there.
  // Once more into the same mailbox: it is there.
  bool deliver(const std::string& mailbox) {
    const std::string path = mailbox + "/new/" + name_;
    if (failed_ || tmp_.empty()) return false;
    const descriptor folder = open_folder(mailbox); // first: who can't open it could not take the name back
    if (folder.get() < 0) return false;
    if (link(tmp_.c_str(), path.c_str()) != 0) return errno == EEXIST && is_ours(path);
    if (fsync(folder.get()) == 0) return true;
    take_back(path, folder);
    return false;
  }

  // Into all of the mailboxes or into none, for the one answer that SMTP has. (A crash between two leaves it in some, unanswered: the
  // client will send it again.)
  bool deliver(std::span<const std::string> mailboxes) {
    if (!sync()) return false;
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
      if (deliver(mailboxes[i])) continue;
      while (i-- > 0) take_back(mailboxes[i] + "/new/" + name_, open_folder(mailboxes[i]));
      return false;
    }
    return true;
  }

 private:
  [[nodiscard]] bool is_ours(const std::string& path) const {
    struct stat ours{}, theirs{};
    return fstat(file_.get(), &ours) == 0 && stat(path.c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
  }

  static descriptor open_folder(const std::string& mailbox) {
    return descriptor(::open((mailbox + "/new").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  // Synchronised, as it came: its name may have reached the disk, and after a loss of power a message that was refused would be there. A disk
  // that refuses this too leaves nothing more to be done.
  static void take_back(const std::string& path, const descriptor& folder) {
    unlink(path.c_str());
    (void)fsync(folder.get());
  }

  static constexpr std::size_t most_gathered = std::size_t{16} * 1024;

  void flush() {
    write_now(unwritten_);
    unwritten_.clear();
  }
  void write_now(std::string_view part) {
    while (!part.empty() && !failed_) {
      const ssize_t done = ::write(file_.get(), part.data(), part.size());
      if (done >= 0)
        part.remove_prefix(static_cast<std::size_t>(done));
      else
        failed_ = errno != EINTR;
    }
  }

  descriptor file_;
  std::string name_, tmp_;
  std::string unwritten_;
  bool begun_ = false, failed_ = false;
};

} // namespace maildir
