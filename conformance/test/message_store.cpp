// What the store does where the disk refuses something: every call that can fail is made to fail alone, in turn.
#include "serve/message_store.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace {

// What the store asked of the system while it was watched, and which of these calls fails.
struct disk {
  bool watched = false;
  std::size_t failing = 0; // the number of the call, from 1; 0: none
  std::size_t more = 0;    // how many after it fail too
  std::vector<std::string> calls = {};
} the_disk;

// Whether this call fails; errno says how.
bool fails(const char* call) {
  if (!the_disk.watched) return false;
  the_disk.calls.emplace_back(call);
  const std::size_t number = the_disk.calls.size();
  if (the_disk.failing == 0 || number < the_disk.failing || number > the_disk.failing + the_disk.more) return false;
  errno = EIO;
  return true;
}

template <typename Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_folder(int descriptor) {
  struct stat about{};
  return ::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode);
}

} // namespace

// In the place of the C library's, for this program.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  static auto* const next = real(&open, "open");
  return fails((flags & O_DIRECTORY) != 0 ? "open folder" : "open") ? -1 : next(path, flags, mode);
}

ssize_t write(int file, const void* octets, size_t size) {
  static auto* const next = real(&write, "write");
  return fails("write") ? -1 : next(file, octets, size);
}

int fsync(int file) {
  static auto* const next = real(&fsync, "fsync");
  return fails(is_folder(file) ? "fsync folder" : "fsync") ? -1 : next(file);
}

int link(const char* from, const char* to) noexcept {
  static auto* const next = real(&link, "link");
  return fails("link") ? -1 : next(from, to);
}

} // extern "C"

namespace {

using namespace postel::conformance;
namespace fs = std::filesystem;

class failing_disk : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "postel-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    the_disk = {};
    fs::remove_all(folder_);
  }

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(folder_)) names.push_back(each.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return text.str();
  }
  // Receives a message; whether it was kept.
  static bool keep(message_store& store, const disk& how) {
    the_disk = how;
    the_disk.watched = true;
    std::optional<message_store::draft> draft(std::in_place, store);
    draft->write("the first piece, ");
    draft->write("the second piece");
    const bool kept = draft->keep({"client.example", "ann@client.example", {}, {"bob@example.org"}});
    the_disk.watched = false;
    draft.reset();
    return kept;
  }

  fs::path folder_;
};

// Nothing has a name that a reader looks for before it is on the disk, and nothing is kept before its names are.
TEST_F(failing_disk, order_of_what_is_asked_of_it) {
  message_store store(folder_);
  ASSERT_TRUE(keep(store, {}));
  EXPECT_EQ(the_disk.calls, (std::vector<std::string>{"open", "write", "write", "fsync", "open", "write", "write",
                                                      "fsync", "open folder", "link", "link", "fsync folder"}));
}

// failing alone, and with all that follows
TEST_F(failing_disk, a_message_is_kept_whole_or_not_at_all) {
  message_store store(folder_);
  ASSERT_TRUE(keep(store, {}));
  const std::size_t calls = the_disk.calls.size();
  const auto before = files();
  EXPECT_EQ(before, (std::vector<std::string>{"1.eml", "1.envelope"}));
  for (const std::size_t more : {std::size_t{0}, std::size_t{1000}})
    for (std::size_t failing = 1; failing <= calls; ++failing) {
      EXPECT_FALSE(keep(store, {.failing = failing, .more = more})) << failing;
      EXPECT_GE(the_disk.calls.size(), failing);
      EXPECT_EQ(files(), before) << "call " << failing << ", " << the_disk.calls[failing - 1];
    }
  // And what comes after is none the worse.
  ASSERT_TRUE(keep(store, {}));
  EXPECT_EQ(files().size(), 4U);
  for (const std::string& each : files()) {
    if (each.ends_with(".eml")) {
      EXPECT_EQ(content(each), "the first piece, the second piece") << each;
    }
  }
}

// What was refused after it had a name is taken back, and that is on the disk too.
TEST_F(failing_disk, what_is_taken_back_is_synchronised) {
  message_store store(folder_);
  for (const std::size_t failing : {std::size_t{11}, std::size_t{12}}) { // the second link, the folder's fsync
    EXPECT_FALSE(keep(store, {.failing = failing}));
    EXPECT_EQ(the_disk.calls.size(), failing + 1);
    EXPECT_EQ(the_disk.calls.back(), "fsync folder");
  }
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(failing_disk, the_store_s_own_folder) {
  const fs::path deep = folder_ / "a" / "b" / "c";
  for (const fs::path& made : {deep, folder_ / "d" / ""}) {
    the_disk = {.watched = true};
    const message_store store(made);
    the_disk.watched = false;
    EXPECT_TRUE(fs::is_directory(made));
    EXPECT_EQ(std::count(the_disk.calls.begin(), the_disk.calls.end(), "fsync folder"), made == deep ? 3 : 1);
  }
  for (const std::size_t failing : {std::size_t{1}, std::size_t{2}}) {
    the_disk = {.watched = true, .failing = failing};
    EXPECT_THROW(message_store{folder_ / ("e" + std::to_string(failing))}, fs::filesystem_error);
    the_disk.watched = false;
  }
}

} // namespace
