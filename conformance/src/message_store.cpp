#include "message_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "json.hpp"

namespace postel::conformance {

namespace fs = std::filesystem;

namespace {

// Gives the one file both names. Takes no name that is there already, whoever made it and whatever it is.
bool link_new(const fs::path& from, const fs::path& to) {
  return ::link(from.c_str(), to.c_str()) == 0;
}

} // namespace

message_store::message_store(fs::path folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
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

bool message_store::new_file::close() {
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
  if (!file_.close()) return false;
  new_file described = store_.make_draft(".envelope");
  described.write(envelope_json(about));
  described.write("\n");
  if (!described.close()) return false;
  // Another server may take numbers in the same folder: whoever has the name of the message first has the number.
  for (;;) {
    const std::string base = (store_.folder_ / fmt::format("{}", ++store_.last_)).string();
    if (!link_new(file_.path(), base + ".eml")) {
      if (errno == EEXIST) continue;
      return false;
    }
    if (link_new(described.path(), base + ".envelope")) return true;
    const bool taken = errno == EEXIST;
    ::unlink((base + ".eml").c_str());
    if (!taken) return false;
  }
}

} // namespace postel::conformance
