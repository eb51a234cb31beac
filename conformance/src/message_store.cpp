#include "message_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "json.hpp"

namespace postel::conformance {

namespace fs = std::filesystem;

message_store::message_store(fs::path folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  for (const fs::directory_entry& each : fs::directory_iterator(folder_)) {
    const std::string stem = each.path().stem().string();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (error == std::errc{} && end == stem.data() + stem.size()) last_ = std::max(last_, number);
  }
}

message_store::draft::draft(message_store& store)
    : store_(store),
      path_(store.folder_ / fmt::format("draft-{}", ++store.drafts_)),
      file_(path_, std::ios::binary | std::ios::trunc) {}

message_store::draft::~draft() {
  file_.close();
  std::error_code ignored; // keep() has moved it
  fs::remove(path_, ignored);
}

void message_store::draft::write(std::string_view octets) {
  file_.write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

bool message_store::draft::keep(const envelope& about) {
  file_.close();
  if (!file_) return false;
  const fs::path base = store_.folder_ / fmt::format("{}", store_.last_ + 1);
  const fs::path hidden = path_.string() + ".envelope";
  std::ofstream described(hidden, std::ios::binary | std::ios::trunc);
  described << envelope_json(about) << '\n';
  described.close();
  std::error_code error;
  if (described) fs::rename(path_, base.string() + ".eml", error);
  if (!described || error) {
    fs::remove(hidden, error);
    return false;
  }
  fs::rename(hidden, base.string() + ".envelope", error);
  if (error) {
    fs::remove(base.string() + ".eml", error);
    return false;
  }
  ++store_.last_;
  return true;
}

} // namespace postel::conformance
