#include "parse/json_command.hpp"

#include <postel/base64.hpp>
#include <postel/xtext.hpp>
#include <variant>

#include "parse/json_address.hpp"
#include "parse/json_parameters.hpp"

namespace postel::conformance {

namespace {

// The fields of each command after its verb.
json fields(const cmd::ehlo& c) {
  return {{"client", value(c.client)}};
}
json fields(const cmd::helo& c) {
  return {{"domain", value(c.domain)}};
}
json fields(const cmd::mail& c) {
  return {{"from", value(c.from)}, {"params", value(c.params)}, {"typed", typed_of(c.params)}};
}
json fields(const cmd::rcpt& c) {
  return {{"to", value(c.to)}, {"params", value(c.params)}, {"typed", typed_of(c.params)}};
}
json fields(const cmd::data&) {
  return json::object();
}
json fields(const cmd::rset&) {
  return json::object();
}
json fields(const cmd::vrfy& c) {
  return {{"string", value(c.string)}, {"smtputf8", c.smtputf8}};
}
json fields(const cmd::expn& c) {
  return {{"string", value(c.string)}, {"smtputf8", c.smtputf8}};
}
json fields(const cmd::help& c) {
  return {{"string", value(c.string)}};
}
json fields(const cmd::noop& c) {
  return {{"string", value(c.string)}};
}
json fields(const cmd::quit&) {
  return json::object();
}
json fields(const cmd::lhlo& c) {
  return {{"client", value(c.client)}};
}
json fields(const cmd::starttls&) {
  return json::object();
}
json fields(const cmd::auth& c) {
  return {{"mechanism", value(c.mechanism)},
          {"initial_response", c.initial_response ? value(*c.initial_response) : json()},
          {"decoded", c.initial_response ? decoded(*c.initial_response == "=" ? "" : *c.initial_response, decode_base64)
                                         : json()}};
}
json fields(const cmd::bdat& c) {
  return {{"size", c.size}, {"last", c.last}};
}
json fields(const cmd::burl& c) {
  return {{"uri", value(c.uri)}, {"last", c.last}};
}
json fields(const cmd::etrn& c) {
  return {{"node", value(c.node)}};
}
json fields(const cmd::atrn& c) {
  return {{"domains", value(c.domains)}};
}
json fields(const cmd::xclient& c) {
  return {{"attributes", attributes(c.attributes)}};
}
json fields(const cmd::xforward& c) {
  return {{"attributes", attributes(c.attributes)}};
}
json fields(const cmd::wellknown& c) {
  return {{"path", value(c.path)}, {"decoded", decoded(c.path, decode_xtext)}};
}
json fields(const cmd::obsolete& c) {
  return {{"argument", value(c.argument)}};
}

} // namespace

json value(const command& c) {
  const auto* obsolete = std::get_if<cmd::obsolete>(&c);
  json object{{"verb", obsolete != nullptr ? obsolete->verb : name(verb_of(c))}};
  object.update(std::visit([](const auto& each) { return fields(each); }, c));
  return object;
}

result<command> parse_whole_command(std::string_view text, charset octets) {
  const auto parsed = parse_command(text, octets);
  if (!parsed) return parsed;
  const auto judged = [&](const auto& params) -> result<command> {
    const auto why = parameter_fault(params);
    if (!why) return parsed;
    return failure{why->code, static_cast<std::uint32_t>(params.text().data() - text.data()) + why->offset,
                   why->expected, why->inside};
  };
  if (const auto* mail = std::get_if<cmd::mail>(&*parsed)) return judged(mail->params);
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&*parsed)) return judged(rcpt->params);
  return parsed;
}

} // namespace postel::conformance
