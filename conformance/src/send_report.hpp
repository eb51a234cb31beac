// What postel send says: a line a recipient, and the exit status.
#pragma once

#include <cstdint>
#include <cstdio>
#include <postel/delivery.hpp>
#include <span>
#include <string>
#include <string_view>

namespace postel::conformance {

// Of sysexits.h. With several recipients the first that holds in the order unknown, temporary, not_permitted, refused, not_sendable.
namespace send_status {
inline constexpr int delivered = 0;
inline constexpr int usage = 64; // EX_USAGE
inline constexpr int not_sendable =
    65; // EX_DATAERR: the message or an address can't be sent to this server; it was told nothing of it
inline constexpr int no_input = 66;      // EX_NOINPUT: the file can't be read
inline constexpr int unknown_host = 68;  // EX_NOHOST
inline constexpr int refused = 69;       // EX_UNAVAILABLE: 5yz
inline constexpr int unknown = 74;       // EX_IOERR: lost behind the message; it may have been delivered
inline constexpr int temporary = 75;     // EX_TEMPFAIL: 4yz, no connection, lost before the message was complete
inline constexpr int not_permitted = 77; // EX_NOPERM: no TLS, no good certificate, no authentication
} // namespace send_status

[[nodiscard]] std::string_view name(outcome what);

// "ann@example.org: delivered (250 2.0.0 taken)", or the same as a JSON object. why: where neither a reply nor an error says it.
void print_outcome(std::FILE* to, std::string_view recipient, const recipient_outcome& became, std::string_view why,
                   bool as_json);

// not_permitted: a refusal was one of TLS or of authentication.
[[nodiscard]] int status_of(std::span<const recipient_outcome> all, bool not_permitted);

// The dialogue, a line a line of either side: "C: QUIT".
class send_transcript {
 public:
  // null: prints nothing
  explicit send_transcript(std::FILE* to) : to_(to) {}
  void client(std::string_view commands);
  void secret(std::string_view shown); // a command or response that nobody is to see
  void server(std::string_view replies);
  void message(std::string_view octets); // a part of it
  void end_message();
  void remark(std::string_view text);

  static constexpr std::size_t shown_lines = 24; // of a message

 private:
  void print(char who, std::string_view octets);

  std::FILE* to_;
  std::string line_; // of the message
  std::size_t lines_ = 0;
  std::uint64_t octets_ = 0;
};

} // namespace postel::conformance
