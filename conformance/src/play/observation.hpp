// What a tested party was seen to do, and whether that is what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <postel/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "case/case.hpp"

namespace postel::conformance {

// How a client ended.
enum class ending : std::uint8_t {
  delivered,
  temporary,
  permanent,
  failed,  // one of the two
  crashed, // by a signal
  running, // it did not end in time
};

struct observation {
  enum class kind : std::uint8_t {
    reply,     // RFC 5321 4.2
    line,      // of a client
    text,      // of a client, after 354
    chunk,     // of a client, after BDAT
    handshake, // a client begins one
    malformed, // octets that are none of these; why says what is wrong with them
    closed,
    silence,
    tls,    // a handshake was made
    no_tls, // or not; why says why not
    ended,  // a client has ended
  };
  kind what = kind::silence;
  std::uint16_t code = 0;     // of a reply
  std::string octets;         // as received; of a line without CRLF, of a text without the line that ends it
  std::string why;            // of kind::malformed and kind::no_tls; of kind::ended: how, in words
  std::string deviation = {}; // of a reply: what its text has that the grammar has not, which changes no verdict
  std::string verb = {};      // of a line, in capitals
  bool followed = false;      // more came before it was answered; told only where that was asked for
  bool binary = false;        // the last MAIL said BODY=BINARYMIME
  std::optional<std::uint64_t> declared = {}; // the SIZE that the last MAIL said
  ending end = ending::running;               // of kind::ended
  bool again = false;                         // of kind::ended: it has connected a second time

  // "250", "closed", "malformed reply (a line ends with a bare LF)"
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] bool matches(const pattern& wanted, const observation& seen) noexcept;
// Whether seen is one of the patterns.
[[nodiscard]] bool matches(const std::vector<pattern>& patterns, const observation& seen) noexcept;

// What is wrong with seen, in words; nothing if it is what was expected.
//   octets: what a reply may hold.
[[nodiscard]] std::optional<std::string> fault(const expectation& expected, const observation& seen, charset octets);

// Octets escaped, and only the first of many.
[[nodiscard]] std::string shown(std::string_view octets);

} // namespace postel::conformance
