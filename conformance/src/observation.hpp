// What a peer was seen to do, and whether that is what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <postel/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "case.hpp"

namespace postel::conformance {

struct observation {
  enum class kind : std::uint8_t {
    reply,     // RFC 5321 4.2
    malformed, // octets that are no reply by code, separator or line end; why says what is wrong with them
    closed,
    silence,
    tls,    // a handshake was made
    no_tls, // or not; why says why not
  };
  kind what = kind::silence;
  std::uint16_t code = 0;     // of a reply
  std::string octets;         // as received
  std::string why;            // of kind::malformed and kind::no_tls
  std::string deviation = {}; // of a reply: what its text has that the grammar has not, which changes no verdict

  // "250", "closed", "malformed reply (a line ends with a bare LF)"
  [[nodiscard]] std::string text() const;
};

// Whether seen is one of the alternatives.
[[nodiscard]] bool matches(const std::vector<alternative>& alternatives, const observation& seen) noexcept;

// What is wrong with seen, in words; nothing if it is what was expected. octets: what the reply may hold.
[[nodiscard]] std::optional<std::string> fault(const expectation& expected, const observation& seen, charset octets);

// Cuts replies out of what arrives. Holds at most 64 KiB of one, and what came in with its end.
class reply_reader {
 public:
  // Where what arrives is to be appended.
  [[nodiscard]] std::string& inbox() noexcept { return inbox_; }
  [[nodiscard]] bool empty() const noexcept { return inbox_.empty(); }

  // The next reply, or what stands in its place; nothing if its end has not come.
  [[nodiscard]] std::optional<observation> next(charset octets);
  // What has come of a reply that will not be completed.
  [[nodiscard]] observation incomplete(std::string_view why);

  static constexpr std::size_t longest_reply = std::size_t{64} * 1024;

 private:
  observation malformed(std::size_t octets, std::string why);

  std::string inbox_;
  std::size_t line_start_ = 0; // of the line whose end is searched
  std::size_t searched_ = 0;   // octets without a line feed behind line_start_
};

} // namespace postel::conformance
