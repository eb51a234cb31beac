// Who may send: a file of users, and the mechanism PLAIN (RFC 4616).
#pragma once

#include <crypt.h>

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "postel/base64.hpp"

class credentials {
 public:
  // Lines "user:hash", the hash as crypt(5) has it (openssl passwd -6). False if the file can't be read.
  bool load(const std::string& file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
      if (const std::size_t colon = line.find(':'); colon != std::string::npos)
        hashes_[line.substr(0, colon)] = line.substr(colon + 1);
    return lines.eof();
  }

  // Whether the response of PLAIN, base64 as it came, is that of a user. It takes milliseconds, as it is meant to, and as long for a user who
  // does not exist as for a wrong password: an answer tells nobody who does.
  [[nodiscard]] bool check_plain(std::string_view base64) const {
    std::array<char, 1024> buffer{};
    const auto response = postel::decode_base64(base64, buffer);
    if (!response) return false;
    // message = [authzid] NUL authcid NUL passwd
    const std::size_t first = response->find('\0');
    const std::size_t second = first == std::string_view::npos ? first : response->find('\0', first + 1);
    if (second == std::string_view::npos) return false;
    const std::string_view acts_as = response->substr(0, first);
    const std::string user(response->substr(first + 1, second - first - 1));
    const std::string password(response->substr(second + 1));
    if (password.find('\0') != std::string::npos || (!acts_as.empty() && acts_as != user)) return false;

    static constexpr const char* nobody =
        "$6$nobody$0000000000000000000000000000000000000000000000000000000000000000000000000000000000000./";
    const auto found = hashes_.find(user);
    const std::string expected = found == hashes_.end() ? nobody : found->second;
    const auto memory = std::make_unique<crypt_data>();
    const char* const computed = crypt_r(password.c_str(), expected.c_str(), memory.get());
    return found != hashes_.end() && computed != nullptr && expected == computed;
  }

 private:
  std::map<std::string, std::string, std::less<>> hashes_;
};
