#include "serve/message_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "serve/json_envelope.hpp"

namespace postel::conformance {

namespace fs = std::filesystem;

namespace {

// Gives the one file both names. Takes no name that is there already, whoever made it and whatever it is.
bool link_new(const fs::path& from, const fs::path& to) {
  return ::link(from.c_str(), to.c_str()) == 0;
}

// A folder whose names can be put on the disk.
class open_folder {
 public:
  explicit open_folder(const fs::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
  open_folder(const open_folder&) = delete;
  open_folder& operator=(const open_folder&) = delete;
  ~open_folder() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] bool good() const noexcept { return descriptor_ >= 0; }
  // Whether the names that are in it now are on the disk.
  [[nodiscard]] bool sync() const noexcept { return ::fsync(descriptor_) == 0; }

 private:
  int descriptor_;
};

// A name that was refused may have reached the disk, and must not be there after a loss of power. A disk that refuses this too leaves nothing more
// to be done.
void take_back(const std::string& path, const open_folder& folder) {
  ::unlink(path.c_str());
  (void)folder.sync();
}

// Makes the folder and those it stands in, each on the disk when this returns. Throws fs::filesystem_error.
void make_folder(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return;
  const fs::path parent = folder.parent_path();
  make_folder(parent);
  if (!fs::create_directory(folder)) return; // it was there, with a slash after its name, or another has made it
  if (!open_folder(parent.empty() ? "." : parent).sync())
    throw fs::filesystem_error("cannot synchronise", parent, std::error_code(errno, std::generic_category()));
}

} // namespace

message_store::message_store(fs::path folder) : folder_(std::move(folder)) {
  make_folder(folder_);
  for (const fs::directory_entry& each : fs::directory_iterator(folder_)) {
    const std::string stem = each.path().stem().string();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (error == std::errc{} && end == stem.data() + stem.size()) last_ = std::max(last_, number);
  }
}

message_store::new_file::new_file(fs::path where)
    : path_(std::move(where)),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)),
      taken_(descriptor_ < 0 && errno == EEXIST),
      good_(descriptor_ >= 0) {}

message_store::new_file::new_file(new_file&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      taken_(other.taken_),
      good_(other.good_),
      made_(std::exchange(other.made_, false)) {}

message_store::new_file::~new_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (made_) ::unlink(path_.c_str());
}

void message_store::new_file::write(std::string_view octets) {
  while (good_ && !octets.empty()) {
    const ssize_t written = ::write(descriptor_, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    good_ = written > 0; // for ever: what is missing in the middle never comes
    if (good_) octets.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool message_store::new_file::finish() {
  // An error of the disk is told once: what a second fsync() says counts for nothing.
  if (good_ && ::fsync(descriptor_) != 0) good_ = false;
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) good_ = false;
  return good_;
}

message_store::new_file message_store::make_draft(std::string_view suffix) {
  // Drafts of another server, or of one that died, keep their names.
  constexpr unsigned most_tries = 1000;
  for (unsigned i = 1;; ++i) {
    new_file file(folder_ / fmt::format("draft-{}-{}{}", ::getpid(), ++drafts_, suffix));
    if (!file.taken() || i == most_tries) return file;
  }
}

message_store::draft::draft(message_store& store) : store_(store), file_(store.make_draft("")) {}

void message_store::draft::write(std::string_view octets) {
  file_.write(octets);
}

bool message_store::draft::keep(const envelope& about) {
  if (!file_.finish()) return false;
  new_file described = store_.make_draft(".envelope");
  described.write(envelope_json(about));
  described.write("\n");
  if (!described.finish()) return false;
  const open_folder folder(store_.folder_); // before there is a name in it that could not be taken back
  if (!folder.good()) return false;
  // Another server may take numbers in the same folder: whoever has the name of the message first has the number.
  for (;;) {
    const std::string base = (store_.folder_ / fmt::format("{}", ++store_.last_)).string();
    if (!link_new(file_.path(), base + ".eml")) {
      if (errno == EEXIST) continue;
      return false;
    }
    if (link_new(described.path(), base + ".envelope")) {
      if (folder.sync()) return true;
      ::unlink((base + ".envelope").c_str());
      take_back(base + ".eml", folder);
      return false;
    }
    const bool taken = errno == EEXIST;
    take_back(base + ".eml", folder);
    if (!taken) return false;
  }
}

} // namespace postel::conformance
