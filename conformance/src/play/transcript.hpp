// What went over the wire, as lines that a terminal can show, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "play/observation.hpp"

namespace postel::conformance {

class transcript {
 public:
  // Octets that were sent, in any cut. separately: in writes of so many octets, or 0.
  void client(std::string_view octets, std::size_t separately = 0);
  // What came back.
  void server(const observation& seen);
  // Something else that happened.
  void remark(std::string_view text);

  // "C: EHLO client.example", "S: 250 OK", "C: NOOP (no CRLF)": octets escaped, long lines and long runs of lines shortened.
  // To be called at the end: it completes a client's line that has none.
  [[nodiscard]] const std::vector<std::string>& lines();

  static constexpr std::size_t longest_line = 160; // octets shown of one
  static constexpr std::size_t longest_run = 24;   // lines shown of what one side said in one go

 private:
  void end_client_line(bool with_crlf);
  void end_client_turn();
  void add(std::string_view mark, std::string_view octets, std::size_t length, std::string_view suffix);

  std::vector<std::string> lines_;
  std::string line_;       // the beginning of the client's line under way
  std::size_t length_ = 0; // of that line
  bool after_cr_ = false;  // its last octet is a CR
  std::size_t separately_ = 0;
  std::size_t run_ = 0;        // lines of the client's turn
  std::size_t run_octets_ = 0; // octets of those of its lines that are not shown
};

} // namespace postel::conformance
