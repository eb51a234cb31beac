#include "spool.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

namespace relay {

namespace {

constexpr std::string_view magic = "postel-relay 1\r\n";
constexpr std::string_view arrived_keyword = "ARRIVED ";
constexpr std::string_view suffix = ".new";
constexpr char waiting = 'W', done = 'D';
constexpr std::size_t block = std::size_t{64} * 1024;

// 16 digits of time, so that names sort by arrival, and 8 that make them differ.
std::string new_id() {
  static std::random_device random;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  char text[25];
  std::snprintf(text, sizeof text, "%016llx%08x", static_cast<unsigned long long>(nanoseconds), random());
  return text;
}

bool is_id(std::string_view name) {
  return name.size() == 24 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool write_all(int file, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The next line of text, without its CRLF; nothing if there is no line end.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

} // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

bool add_sender(std::string& envelope, postel::path from, std::string_view parameters) {
  from.source_route = {}; // RFC 5321 Appendix C, 3.3
  return append(envelope, postel::cmd::mail{from, postel::parameters(parameters)}, postel::charset::utf8).has_value();
}

bool add_recipient(std::string& envelope, postel::path to, std::string_view parameters) {
  to.source_route = {};
  const std::size_t size = envelope.size();
  envelope.push_back(waiting);
  envelope.push_back(' ');
  if (append(envelope, postel::cmd::rcpt{to, postel::parameters(parameters)}, postel::charset::utf8)) return true;
  envelope.resize(size);
  return false;
}

draft::~draft() {
  if (file_) ::unlinkat(folder_, (id_ + std::string(suffix)).c_str(), 0);
}

bool draft::flush() {
  failed_ = failed_ || !write_all(file_.get(), buffer_);
  buffer_.clear();
  return !failed_;
}

bool draft::write(std::string_view octets) {
  if (failed_) return false;
  buffer_ += octets;
  return buffer_.size() < block || flush();
}

bool draft::commit() {
  const std::string name = id_ + std::string(suffix);
  if (!flush() || ::fsync(file_.get()) != 0) return false;
  if (::renameat(folder_, name.c_str(), folder_, id_.c_str()) != 0) return false;
  file_ = descriptor();
  if (::fsync(folder_) == 0) return true;
  // Nobody will be told that it is there. Its name may have reached the disk all the same, and must not come back.
  ::unlinkat(folder_, id_.c_str(), 0);
  ::fsync(folder_);
  return false;
}

stored::~stored() {
  if (!map_.empty()) ::munmap(const_cast<char*>(map_.data()), map_.size());
}

bool stored::all_done() const noexcept {
  return std::ranges::all_of(recipients_, [](const recipient& each) { return each.done; });
}

bool stored::done_with(const std::vector<std::size_t>& which) {
  for (const std::size_t i : which) recipients_[i].done = true;
  // The marks first, if only in the disk's cache: they are there when we are killed before the file is removed, and where it can't be.
  bool written = true;
  for (const std::size_t i : which)
    written = ::pwrite(file_.get(), &done, 1, static_cast<off_t>(recipients_[i].state_at)) == 1 && written;
  // The folder is not synchronised: a message that comes back after a loss of power is sent twice, which RFC 5321 6.1 prefers to never.
  if (all_done() && (::unlinkat(folder_, id_.c_str(), 0) == 0 || errno == ENOENT)) return true;
  return ::fdatasync(file_.get()) == 0 && written && !all_done();
}

bool stored::parse(std::string& why) {
  std::string_view rest = map_;
  const auto wrong = [&](const char* what) {
    const auto at = map_.size() - rest.size();
    why = id_ + ": " + what + " before octet " + std::to_string(at);
    return false;
  };
  if (!rest.starts_with(magic)) return wrong("no message of ours");
  rest.remove_prefix(magic.size());
  auto line = take_line(rest);
  if (!line || !line->starts_with(arrived_keyword)) return wrong("no time of arrival");
  const auto [end, error] =
      std::from_chars(line->data() + arrived_keyword.size(), line->data() + line->size(), arrived_);
  if (error != std::errc{} || end != line->data() + line->size()) return wrong("no time of arrival");

  line = take_line(rest);
  if (!line) return wrong("no sender");
  const auto sender = postel::parse_command(*line, postel::charset::utf8);
  const auto* mail = sender ? std::get_if<postel::cmd::mail>(&*sender) : nullptr;
  if (mail == nullptr) return wrong("no sender");
  from_ = mail->from;
  parameters_ = mail->params;

  while ((line = take_line(rest)) && !line->empty()) {
    const auto command =
        postel::parse_command(line->substr(std::min<std::size_t>(2, line->size())), postel::charset::utf8);
    const auto* rcpt = command ? std::get_if<postel::cmd::rcpt>(&*command) : nullptr;
    if (rcpt == nullptr || (line->front() != waiting && line->front() != done)) return wrong("no recipient");
    recipients_.push_back(
        {rcpt->to, rcpt->params.text(), static_cast<std::size_t>(line->data() - map_.data()), line->front() == done});
  }
  if (!line || recipients_.empty()) return wrong("no end of the envelope");
  message_ = rest;
  return true;
}

bool spool::open(const std::string& folder, std::string& why) {
  constexpr mode_t only_ours = 0700;
  const auto failed = [&](const char* what) {
    why = folder + ": " + what + ": " + std::strerror(errno);
    return false;
  };
  if (::mkdir(folder.c_str(), only_ours) != 0 && errno != EEXIST) return failed("can't be made");
  folder_ = descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return failed("can't be opened");
  lock_ = descriptor(::openat(folder_.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_ || ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) return failed("can't be locked");
  return true;
}

std::int64_t arrival_of(std::string_view id) {
  std::uint64_t nanoseconds = 0;
  std::from_chars(id.data(), id.data() + std::min<std::size_t>(16, id.size()), nanoseconds, 16);
  return static_cast<std::int64_t>(nanoseconds / 1000000000);
}

std::optional<std::vector<std::string>> spool::resume(std::string& why) {
  std::vector<std::string> ids;
  const int copy = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) {
    why = std::string("the spool can't be read: ") + std::strerror(errno);
    if (copy >= 0) ::close(copy);
    return std::nullopt;
  }
  // The end and a failure look alike but for errno, which unlinkat() below may set too.
  for (const dirent* entry = nullptr; errno = 0, (entry = ::readdir(listing)) != nullptr;) {
    const std::string_view name = entry->d_name;
    if (is_id(name)) ids.emplace_back(name);
    if (name.ends_with(suffix) && is_id(name.substr(0, name.size() - suffix.size())))
      ::unlinkat(folder_.get(), entry->d_name, 0);
  }
  const int error = errno;
  ::closedir(listing);
  if (error != 0) {
    why = std::string("the spool can't be read: ") + std::strerror(error);
    return std::nullopt;
  }
  std::ranges::sort(ids);
  return ids;
}

std::optional<draft> spool::begin(std::string_view envelope) {
  std::string id = new_id();
  const std::string name = id + std::string(suffix);
  descriptor file(::openat(folder_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t arrived = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  draft fresh(folder_.get(), std::move(file), std::move(id), arrived);
  std::string head(magic);
  head.append(arrived_keyword).append(std::to_string(arrived)).append("\r\n").append(envelope).append("\r\n");
  if (!fresh.write(head)) return std::nullopt;
  return fresh;
}

std::unique_ptr<stored> spool::load(const std::string& id, problem& what) const {
  std::unique_ptr<stored> message(new stored);
  const auto failed = [&](const char* why, bool for_good) {
    what = {id + ": " + why, for_good};
    return nullptr;
  };
  message->folder_ = folder_.get();
  message->id_ = id;
  message->file_ = descriptor(::openat(folder_.get(), id.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!message->file_) return failed(std::strerror(errno), errno == ENOENT || errno == ELOOP || errno == EISDIR);
  struct stat about{};
  if (::fstat(message->file_.get(), &about) != 0) return failed(std::strerror(errno), false);
  if (about.st_size <= 0) return failed("empty", true);
  const auto size = static_cast<std::size_t>(about.st_size);
  void* const map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, message->file_.get(), 0);
  if (map == MAP_FAILED) return failed(std::strerror(errno), false);
  message->map_ = {static_cast<const char*>(map), size};
  what.for_good = true;
  if (!message->parse(what.why)) return nullptr;
  return message;
}

} // namespace relay
