// Values as JSON. A string that is not well-formed UTF-8 is given as {"hex":"C3"} instead, so that the output is valid whatever comes.
#pragma once

#include <postel/address.hpp>
#include <postel/result.hpp>
#include <string>
#include <string_view>

#include "message_store.hpp"

namespace postel::conformance {

enum class parsed_kind : std::uint8_t { command, reply, mailbox, path, domain };

struct parsed_json {
  bool ok;
  std::string line;             // one JSON object without a line end
  std::string explanation = {}; // for a reader, of a text that was refused: append_explanation()
};
// Parses text; a command's registered parameters have to have right values, each once. {"ok":true, ...every field of the value} or {"ok":false,"error":"...","offset":N}.
[[nodiscard]] parsed_json parse_to_json(parsed_kind kind, std::string_view text, charset octets);
// The object of a failure.
[[nodiscard]] std::string failure_json(std::string_view error, std::size_t offset);

[[nodiscard]] std::string envelope_json(const envelope& about);

} // namespace postel::conformance
