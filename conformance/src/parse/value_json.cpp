#include "parse/value_json.hpp"

#include <postel/address.hpp>
#include <postel/base64.hpp>
#include <postel/command.hpp>
#include <postel/reply.hpp>
#include <postel/trace.hpp>
#include <postel/xtext.hpp>

#include "parse/json_address.hpp"
#include "parse/json_command.hpp"
#include "parse/json_parameters.hpp"
#include "parse/json_reply.hpp"
#include "parse/json_trace.hpp"

namespace postel::conformance {

namespace {

using conformance::value; // of what other files have

json value(const auth_response& response) {
  return {{"cancelled", response.cancelled},
          {"base64", value(response.base64)},
          {"decoded", response.cancelled ? json() : decoded(response.base64, decode_base64)}};
}

// Octets that a text stood for.
struct decoded_octets {
  std::string octets;
};
json value(const decoded_octets& d) {
  return {{"decoded", value(d.octets)}};
}

result<decoded_octets> decode(std::string_view text,
                              result<std::string_view> (*decoder)(std::string_view, std::span<char>) noexcept) {
  std::string buffer(text.size(), '\0');
  const auto octets = decoder(text, buffer);
  if (!octets) return octets.error();
  return decoded_octets{std::string(*octets)};
}

json failure_object(std::string_view error, std::size_t offset, const expected_name& expected) {
  const auto or_nothing = [](std::string_view text) { return text.empty() ? json() : json(text); };
  return {{"ok", false},
          {"error", error},
          {"offset", offset},
          {"expected", or_nothing(expected.name)},
          {"clause", or_nothing(expected.clause)}};
}

parsed_json refused(std::string_view text, charset octets, const failure& why, const json& beside = json::object()) {
  std::string explanation;
  append_explanation(explanation, why, text);
  if (octets == charset::ascii && why.expected == expectation::ascii) explanation += "  as with SMTPUTF8: --utf8\n";
  json object = failure_object(message(why.code), why.offset, describe(why));
  object.update(beside);
  return {false, text_of(object), explanation};
}

template <typename T>
parsed_json line(std::string_view text, charset octets, const result<T>& parsed) {
  if (!parsed) return refused(text, octets, parsed.error());
  json object{{"ok", true}};
  object.update(value(*parsed));
  return {true, text_of(object)};
}

// Where the grammar refuses what can still be read, that stands beside: for a Received field and for what servers say.
//   read: gives it, or nothing.
template <typename T, typename Reader>
parsed_json line_or_read(std::string_view text, charset octets, const result<T>& parsed, Reader read) {
  if (parsed) return line(text, octets, parsed);
  const auto found = read(text);
  return refused(text, octets, parsed.error(), {{"read", found ? value(*found) : json()}});
}

template <typename T>
parsed_json reply_line(std::string_view text, charset octets, const result<T>& parsed) {
  return line_or_read(text, octets, parsed, [&](std::string_view lines) { return read_reply(lines, octets); });
}

std::optional<ehlo_response> read_offers(std::string_view lines, charset octets) {
  const auto read = read_reply(lines, octets);
  if (!read || read->severity() != 2) return std::nullopt;
  return read_ehlo_response(*read);
}

} // namespace

bool is_reply(parsed_kind kind) {
  return kind == parsed_kind::reply || kind == parsed_kind::greeting || kind == parsed_kind::ehlo;
}

parsed_json parse_to_json(parsed_kind kind, std::string_view text, charset octets) {
  switch (kind) {
    case parsed_kind::command: return line(text, octets, parse_whole_command(text, octets));
    case parsed_kind::reply: return reply_line(text, octets, parse_reply(text, octets));
    case parsed_kind::mailbox: return line(text, octets, parse_mailbox(text, octets));
    case parsed_kind::path: return line(text, octets, parse_path(text, octets));
    case parsed_kind::ehlo:
      return line_or_read(text, octets, parse_ehlo_response(text, octets),
                          [&](std::string_view lines) { return read_offers(lines, octets); });
    case parsed_kind::greeting: return reply_line(text, octets, parse_greeting(text, octets));
    case parsed_kind::xtext: return line(text, octets, decode(text, decode_xtext));
    case parsed_kind::base64: return line(text, octets, decode(text, decode_base64));
    case parsed_kind::status: return line(text, octets, parse_status_code(text));
    case parsed_kind::received: return line_or_read(text, octets, parse_received(text, octets), read_received);
    case parsed_kind::auth_response: return line(text, octets, parse_auth_response(text));
    case parsed_kind::params: return line(text, octets, parse_params(text, octets));
    case parsed_kind::domain: break;
  }
  return line(text, octets, parse_domain(text, octets));
}

std::string failure_json(std::string_view error, std::size_t offset) {
  return text_of(failure_object(error, offset, {}));
}

} // namespace postel::conformance
