// How long to wait for the other side: RFC 5321 4.5.3.2. A session has no clock; it says which of these runs.
#pragma once

#include <chrono>
#include <cstdint>

namespace [[gnu::visibility("default")]] postel {

enum class timeout : std::uint8_t {
  none,             // nobody is waited for, or only our own application
  greeting,         // 4.5.3.2.1, the client's
  mail,             // 4.5.3.2.2; also EHLO, RSET and whatever has none of its own
  rcpt,             // 4.5.3.2.3
  data_initiation,  // 4.5.3.2.4
  data_block,       // 4.5.3.2.5: for the completion of each write
  data_termination, // 4.5.3.2.6
  server,           // 4.5.3.2.7: the server's, for the next octets of a command or a message
};

// At least how long, by RFC 5321 4.5.3.2; zero for none.
[[nodiscard]] constexpr std::chrono::minutes minimum(timeout which) noexcept {
  switch (which) {
    case timeout::none: break;
    case timeout::greeting:
    case timeout::mail:
    case timeout::rcpt:
    case timeout::server: return std::chrono::minutes(5);
    case timeout::data_initiation: return std::chrono::minutes(2);
    case timeout::data_block: return std::chrono::minutes(3);
    case timeout::data_termination: return std::chrono::minutes(10);
  }
  return std::chrono::minutes(0);
}

} // namespace postel
