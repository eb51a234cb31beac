// The folder in which "postel serve --store" keeps what it accepted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
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

// Message N becomes N.eml, its octets as they were sent (dots unstuffed), and N.envelope, a JSON object. N counts from 1, behind what is
// there already. The envelope appears last: who sees it can read both.
class message_store {
 public:
  // Makes the folder if need be. Throws std::filesystem::filesystem_error.
  explicit message_store(std::filesystem::path folder);

  // A message that is being received. Gone, with what it wrote, unless kept.
  class draft {
   public:
    explicit draft(message_store& store);
    draft(const draft&) = delete;
    draft& operator=(const draft&) = delete;
    ~draft();

    void write(std::string_view octets);
    // Whether the message is on the disk now.
    bool keep(const envelope& about);

   private:
    message_store& store_;
    std::filesystem::path path_;
    std::ofstream file_;
  };

 private:
  std::filesystem::path folder_;
  std::uint64_t last_ = 0;   // number of the newest message
  std::uint64_t drafts_ = 0; // drafts begun
};

} // namespace postel::conformance
