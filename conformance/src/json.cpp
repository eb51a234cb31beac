#include "json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <postel/command.hpp>
#include <postel/grammar/core.hpp>
#include <postel/reply.hpp>

namespace postel::conformance {

namespace {

using json = nlohmann::ordered_json;

bool is_utf8(std::string_view octets) {
  namespace peg = postel::grammar::peg;
  struct utf8 : peg::seq<peg::star<peg::sor<peg::range<'\0', '\x7F'>, postel::grammar::UTF8_non_ascii>>, peg::eof> {};
  peg::memory_input<peg::tracking_mode::lazy, peg::eol::lf, const char*> in(octets.data(),
                                                                            octets.data() + octets.size(), "");
  return peg::parse<utf8>(in);
}

json value(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string hex;
  for (const char octet : text) hex += fmt::format("{:02X}", static_cast<unsigned char>(octet));
  return json{{"hex", hex}};
}

std::string_view form_name(host_form form) {
  switch (form) {
    case host_form::domain: return "domain";
    case host_form::ipv4_literal: return "ipv4_literal";
    case host_form::ipv6_literal: return "ipv6_literal";
    case host_form::general_literal: break;
  }
  return "general_literal";
}

json value(const host& h) {
  return {{"text", value(h.text)}, {"form", form_name(h.form)}};
}

json value(const mailbox& m) {
  return {{"local_part", value(m.local_part)}, {"domain", value(m.domain)}};
}

json value(const path& p) {
  return {{"source_route", value(p.source_route)}, {"local_part", value(p.local_part)}, {"domain", value(p.domain)}};
}

json value(const parameters& params) {
  json list = json::array();
  for (const parameter& each : params)
    list.push_back({{"keyword", value(each.keyword)}, {"value", each.value ? value(*each.value) : json()}});
  return list;
}

json value(const reply_view& r) {
  json lines = json::array();
  for (const std::string_view line : r.lines()) lines.push_back(value(line));
  const auto status = r.status();
  return {{"code", r.code()},
          {"status",
           status ? json(fmt::format("{}.{}.{}", status->status_class, status->subject, status->detail)) : json()},
          {"lines", lines}};
}

// The fields of each command behind its verb.
json fields(const cmd::ehlo& c) {
  return {{"client", value(c.client)}};
}
json fields(const cmd::helo& c) {
  return {{"domain", value(c.domain)}};
}
json fields(const cmd::mail& c) {
  return {{"from", value(c.from)}, {"params", value(c.params)}};
}
json fields(const cmd::rcpt& c) {
  return {{"to", value(c.to)}, {"params", value(c.params)}};
}
json fields(const cmd::data&) {
  return json::object();
}
json fields(const cmd::rset&) {
  return json::object();
}
json fields(const cmd::vrfy& c) {
  return {{"string", value(c.string)}};
}
json fields(const cmd::expn& c) {
  return {{"string", value(c.string)}};
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
          {"initial_response", c.initial_response ? value(*c.initial_response) : json()}};
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
  return {{"attributes", value(c.attributes)}};
}
json fields(const cmd::xforward& c) {
  return {{"attributes", value(c.attributes)}};
}
json fields(const cmd::obsolete& c) {
  return {{"argument", value(c.argument)}};
}

json value(const command& c) {
  const auto* obsolete = std::get_if<cmd::obsolete>(&c);
  json object{{"verb", obsolete != nullptr ? obsolete->verb : name(verb_of(c))}};
  object.update(std::visit([](const auto& each) { return fields(each); }, c));
  return object;
}

// The fault that stands first in a command's registered parameters: of what their accessors read. Others are nobody's to judge.
template <typename... Read>
std::optional<failure> first_fault(const Read&... read) {
  std::optional<failure> first;
  const auto look = [&](const auto& each) {
    if (!each && (!first || each.error().offset < first->offset)) first = each.error();
  };
  (look(read), ...);
  return first;
}

std::optional<failure> parameter_fault(const mail_parameters& p) {
  return first_fault(p.size(), p.body(), p.smtputf8(), p.ret(), p.envid(), p.auth(), p.by(), p.hold_for(),
                     p.hold_until(), p.mt_priority(), p.require_tls(), p.solicit(), p.mtrk(), p.conperm(), p.transid(),
                     p.submitter());
}

std::optional<failure> parameter_fault(const rcpt_parameters& p) {
  return first_fault(p.notify(), p.orcpt(), p.rrvs(), p.conneg());
}

// A command, refused for the parameters that the grammar takes and their RFC does not.
result<command> parse_whole_command(std::string_view text, charset octets) {
  const auto parsed = parse_command(text, octets);
  if (!parsed) return parsed;
  const auto judged = [&](const auto& params) -> result<command> {
    const auto why = parameter_fault(params);
    if (!why) return parsed;
    return failure{why->code, static_cast<std::uint32_t>(params.text().data() - text.data()) + why->offset,
                   why->expected};
  };
  if (const auto* mail = std::get_if<cmd::mail>(&*parsed)) return judged(mail->params);
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&*parsed)) return judged(rcpt->params);
  return parsed;
}

template <typename T>
parsed_json line(std::string_view text, charset octets, const result<T>& parsed) {
  if (!parsed) {
    std::string explanation;
    append_explanation(explanation, parsed.error(), text);
    const std::string_view rest = text.substr(std::min<std::size_t>(parsed.error().offset, text.size()));
    if (octets == charset::ascii && has_non_ascii(rest.substr(0, 1)))
      explanation += "  octets above 127 stand there only where SMTPUTF8 is in use (RFC 6531 3.3): --utf8\n";
    return {false, failure_json(message(parsed.error().code), parsed.error().offset), explanation};
  }
  json object{{"ok", true}};
  object.update(value(*parsed));
  return {true, object.dump()};
}

} // namespace

parsed_json parse_to_json(parsed_kind kind, std::string_view text, charset octets) {
  switch (kind) {
    case parsed_kind::command: return line(text, octets, parse_whole_command(text, octets));
    case parsed_kind::reply: return line(text, octets, parse_reply(text, octets));
    case parsed_kind::mailbox: return line(text, octets, parse_mailbox(text, octets));
    case parsed_kind::path: return line(text, octets, parse_path(text, octets));
    case parsed_kind::domain: break;
  }
  return line(text, octets, parse_domain(text, octets));
}

std::string failure_json(std::string_view error, std::size_t offset) {
  return json{{"ok", false}, {"error", error}, {"offset", offset}}.dump();
}

std::string envelope_json(const envelope& about) {
  json params = json::array();
  for (const auto& [keyword, content] : about.parameters)
    params.push_back({{"keyword", value(keyword)}, {"value", content.empty() ? json() : value(content)}});
  json to = json::array();
  for (const std::string& each : about.to) to.push_back(value(each));
  return json{{"helo", value(about.helo)}, {"from", value(about.from)}, {"params", params}, {"to", to}}.dump();
}

} // namespace postel::conformance
