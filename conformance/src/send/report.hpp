// What postel send says: a line a recipient, and the dialogue.
#pragma once

#include <cstdint>
#include <cstdio>
#include <postel/delivery.hpp>
#include <string>
#include <string_view>

namespace postel::conformance {

[[nodiscard]] std::string_view name(outcome what);

// Prints "ann@example.org: delivered (250 2.0.0 taken)", or the same as a JSON object, of which every octet can be had back (text/json_text.hpp).
// file: in front, if it is not empty.
// why: where neither a reply nor an error says it; beside a reply, what it does not say, or empty.
void print_outcome(std::FILE* to, std::string_view file, std::string_view recipient, const recipient_outcome& became,
                   std::string_view why, bool as_json);

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
