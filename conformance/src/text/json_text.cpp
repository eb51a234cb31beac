#include "text/json_text.hpp"

#include <fmt/format.h>

#include <postel/grammar/core.hpp>

#include "text/escape.hpp"

namespace postel::conformance {

namespace {

bool is_utf8(std::string_view octets) {
  namespace peg = postel::grammar::peg;
  struct utf8 : peg::seq<peg::star<peg::sor<peg::range<'\0', '\x7F'>, postel::grammar::UTF8_non_ascii>>, peg::eof> {};
  peg::memory_input<peg::tracking_mode::lazy, peg::eol::lf, const char*> in(octets.data(),
                                                                            octets.data() + octets.size(), "");
  return peg::parse<utf8>(in);
}

} // namespace

json value(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string hex;
  for (const char octet : text) hex += fmt::format("{:02X}", static_cast<unsigned char>(octet));
  return json{{"hex", hex}};
}

// What decode() makes of text; null if it refuses it.
json decoded(std::string_view text, result<std::string_view> (*decode)(std::string_view, std::span<char>) noexcept) {
  std::string buffer(text.size(), '\0');
  const auto octets = decode(text, buffer);
  return octets ? value(*octets) : json();
}

std::string text_of(const json& object) {
  return escape_json(object.dump());
}

} // namespace postel::conformance
