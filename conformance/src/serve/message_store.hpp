// The folder in which "postel serve --store" keeps what it accepted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postel::conformance {

struct envelope {
  std::string helo;
  std::string from;                                            // without brackets; empty for the null reverse-path
  std::vector<std::pair<std::string, std::string>> parameters; // of MAIL; the value is empty where there is none
  std::vector<std::string> to;
};

// Message N becomes N.eml, its octets as they were sent (dots unstuffed), and N.envelope, a JSON object. N counts from 1, after what is
// there already. The envelope appears last: who sees it can read both. Several servers may use a folder at once: no file that is there is
// ever written to, nor any that a symbolic link names. What is written only its owner can read. A message that is kept is on the disk, as far
// as fsync() is honest (RFC 5321 4.2.5, 6.1); of one that is not, neither name is left.
class message_store {
 public:
  // Makes the folder if it is not there. Throws std::filesystem::filesystem_error.
  explicit message_store(std::filesystem::path folder);

  // A file that was not there before. This name of it goes with the object.
  class new_file {
   public:
    explicit new_file(std::filesystem::path where);
    new_file(new_file&& other) noexcept;
    new_file& operator=(new_file&&) = delete;
    ~new_file();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    // Something else has the name.
    [[nodiscard]] bool taken() const noexcept { return taken_; }
    void write(std::string_view octets);
    // Closes the file. Returns whether all that was written is on the disk.
    bool finish();

   private:
    std::filesystem::path path_;
    int descriptor_;
    bool taken_;
    bool good_;
    bool made_ = good_;
  };

  // A message that is being received. Gone, with what it wrote, unless kept.
  class draft {
   public:
    explicit draft(message_store& store);

    void write(std::string_view octets);
    // Gives the message its number and its envelope. Returns whether both are on the disk.
    bool keep(const envelope& about);

   private:
    message_store& store_;
    new_file file_;
  };

 private:
  // If none can be made, one that is not good.
  new_file make_draft(std::string_view suffix);

  std::filesystem::path folder_;
  std::uint64_t last_ = 0;   // number of the newest message, of ours or of those that were there
  std::uint64_t drafts_ = 0; // drafts begun
};

} // namespace postel::conformance
