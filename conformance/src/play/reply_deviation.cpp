#include "play/reply_deviation.hpp"

#include <fmt/format.h>

namespace postel::conformance {

namespace {

std::string in_words(const failure& why) {
  const expected_name expected = describe(why.expected);
  if (why.code != errc::syntax || expected.name.empty())
    return fmt::format("octet {}: {}", why.offset, message(why.code));
  std::string clause(expected.clause); // "RFC 5321 4.2 textstring"
  if (const std::size_t number = clause.find(' ', 4); number != std::string::npos) clause.insert(number + 1, "§");
  return fmt::format("octet {}: expected {} ({})", why.offset, expected.name, clause);
}

bool is_blank(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  return value <= ' ' || value == 127;
}

} // namespace

std::string deviation_of(const reply_view& reply) {
  const auto found = reply.deviation();
  // RFC 5321 4.1.1.1 allows octets in an ehlo-greet that 4.2 does not.
  if (!found || (found->code == errc::syntax && parse_ehlo_response(reply.wire()))) return {};
  return in_words(*found);
}

std::string deviation_of_offer(const reply_view& response) {
  const auto found = read_ehlo_response(response).deviation();
  return found ? in_words(*found) : std::string();
}

std::optional<std::string> offered_line(std::string_view text) {
  const auto line = read_ehlo_line(text);
  if (!line) return std::nullopt;
  std::string words(line->keyword);
  bool between = true;
  for (const char octet : line->params) {
    if (!is_blank(octet)) {
      if (between) words += ' ';
      words += octet;
    }
    between = is_blank(octet);
  }
  return words;
}

} // namespace postel::conformance
