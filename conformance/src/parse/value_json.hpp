// What the library reads in a text, as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <postel/address.hpp>
#include <string>
#include <string_view>

namespace postel::conformance {

enum class parsed_kind : std::uint8_t {
  command,
  reply,
  mailbox,
  path,
  domain,
  ehlo,     // a whole response to EHLO or LHLO
  greeting, // a whole one
  xtext,
  base64,
  status,        // an enhanced status code, and what may follow it
  received,      // a whole field, without the CRLF that ends it
  auth_response, // a line of an AUTH exchange
  params,        // the parameters of MAIL or RCPT
};

// Whether a text of that kind is one reply, all of its lines.
[[nodiscard]] bool is_reply(parsed_kind kind);

struct parsed_json {
  bool ok;
  std::string line;             // one JSON object without a line end
  std::string explanation = {}; // for a reader, of a text that was refused: append_explanation()
};
// Parses text; a command's registered parameters have to have right values, each once. {"ok":true, ...every field of the value, and what it
// decodes to} or {"ok":false,"error":"...","offset":N,"expected":"...","clause":"..."}. Where parse_received() refuses a field, "read" is what
// read_received() makes of it.
[[nodiscard]] parsed_json parse_to_json(parsed_kind kind, std::string_view text, charset octets);
// The object of a failure that no parser has found: nothing was expected.
[[nodiscard]] std::string failure_json(std::string_view error, std::size_t offset);

} // namespace postel::conformance
