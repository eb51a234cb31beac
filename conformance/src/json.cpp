#include "json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <postel/base64.hpp>
#include <postel/capability.hpp>
#include <postel/command.hpp>
#include <postel/grammar/core.hpp>
#include <postel/reply.hpp>
#include <postel/trace.hpp>
#include <postel/xtext.hpp>
#include <span>
#include <type_traits>
#include <utility>

#include "escape.hpp"

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

// A value in UTF-8 on one line that is safe on a terminal.
std::string text_of(const json& object) {
  return escape_json(object.dump());
}

// What decode() makes of text; null if it refuses it.
json decoded(std::string_view text, result<std::string_view> (*decode)(std::string_view, std::span<char>) noexcept) {
  std::string buffer(text.size(), '\0');
  const auto octets = decode(text, buffer);
  return octets ? value(*octets) : json();
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
  return {
      {"local_part", value(m.local_part)}, {"meaning", decoded(m.local_part, unquote)}, {"domain", value(m.domain)}};
}

json value(const path& p) {
  return {{"source_route", value(p.source_route)},
          {"local_part", value(p.local_part)},
          {"meaning", decoded(p.local_part, unquote)},
          {"domain", value(p.domain)}};
}

json value(const parameters& params) {
  json list = json::array();
  for (const parameter& each : params)
    list.push_back({{"keyword", value(each.keyword)}, {"value", each.value ? value(*each.value) : json()}});
  return list;
}

// Attributes of XCLIENT and XFORWARD.
json attributes(const parameters& params) {
  json list = json::array();
  for (const parameter& each : params) {
    const std::string_view text = each.value.value_or(std::string_view());
    list.push_back(
        {{"keyword", value(each.keyword)}, {"value", value(text)}, {"decoded", decoded(text, decode_xtext)}});
  }
  return list;
}

// ---- the registered parameters of MAIL and RCPT that are there, by name

std::string date_text(const date_time& date) {
  std::string text;
  return append(text, date) ? text : std::string();
}

json typed(std::uint64_t number) {
  return number;
}
json typed(std::int8_t number) {
  return static_cast<int>(number);
}
json typed(body_value body) {
  std::string text;
  return append(text, body) ? json(text) : json();
}
json typed(ret_value what) {
  return what == ret_value::full ? "full" : "headers";
}
json typed(const by_value& by) {
  return {{"seconds", by.seconds}, {"mode", by.mode == by_mode::notify ? "notify" : "return"}, {"trace", by.trace}};
}
json typed(const date_time& date) {
  return date_text(date);
}
json typed(const mtrk_value& mtrk) {
  return {{"certifier", value(mtrk.certifier)}, {"timeout", mtrk.timeout ? json(*mtrk.timeout) : json()}};
}
json typed(const notify_value& notify) {
  json on = json::array();
  if (notify.success) on.push_back("success");
  if (notify.failure) on.push_back("failure");
  if (notify.delay) on.push_back("delay");
  return on;
}
json typed(const orcpt_value& orcpt) {
  return {{"type", value(orcpt.address_type)},
          {"address", decoded(orcpt.address, orcpt.is_utf8() ? decode_utf8_address : decode_xtext)}};
}
json typed(const rrvs_value& rrvs) {
  return {{"since", date_text(rrvs.since)}, {"action", rrvs.action == rrvs_action::reject ? "reject" : "continue"}};
}

// Adds what an accessor has found.
template <typename T>
void add(json& object, const char* name, const optional_parameter<T>& found) {
  if (found && *found) object[name] = typed(**found);
}
void add(json& object, const char* name, const result<bool>& found) {
  if (found && *found) object[name] = true;
}
void add_xtext(json& object, const char* name, const optional_parameter<std::string_view>& found) {
  if (found && *found) object[name] = decoded(**found, decode_xtext);
}
void add_text(json& object, const char* name, const optional_parameter<std::string_view>& found) {
  if (found && *found) object[name] = value(**found);
}

void add_typed(json& object, const mail_parameters& p) {
  add(object, "size", p.size());
  add(object, "body", p.body());
  add(object, "smtputf8", p.smtputf8());
  add(object, "ret", p.ret());
  add_xtext(object, "envid", p.envid());
  add_xtext(object, "auth", p.auth());
  add(object, "by", p.by());
  if (const auto seconds = p.hold_for(); seconds && *seconds) object["hold_for"] = **seconds;
  add(object, "hold_until", p.hold_until());
  add(object, "mt_priority", p.mt_priority());
  add(object, "require_tls", p.require_tls());
  add_text(object, "solicit", p.solicit());
  add(object, "mtrk", p.mtrk());
  add(object, "conperm", p.conperm());
  add_text(object, "transid", p.transid());
  add_xtext(object, "submitter", p.submitter());
  add(object, "prdr", p.prdr());
}

void add_typed(json& object, const rcpt_parameters& p) {
  add(object, "notify", p.notify());
  add(object, "orcpt", p.orcpt());
  add(object, "rrvs", p.rrvs());
  add(object, "conneg", p.conneg());
  add_text(object, "xrcptforward", p.xrcptforward());
}

template <typename Parameters>
json typed_of(const Parameters& p) {
  json object = json::object();
  add_typed(object, p);
  return object;
}

// Parameters by themselves, of MAIL or of RCPT: they share no registered keyword.
struct loose_parameters {
  parameters all;
};
json value(const loose_parameters& p) {
  json object = typed_of(mail_parameters(p.all));
  add_typed(object, rcpt_parameters(p.all));
  return {{"params", value(p.all)}, {"typed", object}};
}

std::string status_text(const enhanced_status_code& status) {
  return fmt::format("{}.{}.{}", status.status_class, status.subject, status.detail);
}

json value(const enhanced_status_code& status) {
  return {{"status", status_text(status)},
          {"class", status.status_class},
          {"subject", status.subject},
          {"detail", status.detail}};
}

json lines_of(const reply_view& r) {
  json lines = json::array();
  for (const std::string_view line : r.lines()) lines.push_back(value(line));
  return lines;
}

json value(const greeting& g) {
  return {{"server", value(g.server)}, {"text", value(g.text)}, {"lines", lines_of(g.reply)}};
}

template <typename T>
json or_null(const std::optional<T>& number) {
  return number ? json(*number) : json();
}

// The items of what a keyword announces, which some keywords separate by commas: of a text, or of a list that knows its items.
template <typename Items>
json words(const Items& items, [[maybe_unused]] char separator) {
  json list = json::array();
  if constexpr (std::is_convertible_v<const Items&, std::string_view>) {
    for (std::string_view text = items; !text.empty();) {
      const std::size_t end = std::min(text.find(separator), text.size());
      list.push_back(value(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  } else {
    for (const std::string_view each : items) list.push_back(value(each));
  }
  return list;
}

json value(const reply_view& r) {
  const auto status = r.status();
  return {{"code", r.code()}, {"status", status ? json(status_text(*status)) : json()}, {"lines", lines_of(r)}};
}

// What a response offers, typed: each keyword that is registered, with its parameters as far as they are right.
json value(const capabilities& known) {
  json object = json::object();
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto each = static_cast<extension>(i);
    if (!known.offered.contains(each)) continue;
    json& offer = object[std::string(keyword(each))];
    offer = true;
    switch (each) {
      case extension::size: offer = {{"limit", or_null(known.size)}}; break;
      case extension::auth: offer = {{"mechanisms", words(known.auth_mechanisms, ' ')}}; break;
      case extension::deliverby: offer = {{"minimum", or_null(known.deliver_by_min)}}; break;
      case extension::futurerelease:
        offer = {{"interval", known.future ? json(known.future->max_interval) : json()},
                 {"until", known.future ? json(date_text(known.future->max_date_time)) : json()}};
        break;
      case extension::mt_priority: offer = {{"profile", value(known.mt_priority_profile)}}; break;
      case extension::limits:
        offer = {{"mail_max", or_null(known.limits.mail_max)},
                 {"rcpt_max", or_null(known.limits.rcpt_max)},
                 {"rcpt_domain_max", or_null(known.limits.rcpt_domain_max)}};
        break;
      case extension::burl: offer = {{"forms", words(known.burl, ' ')}}; break;
      case extension::xclient: offer = {{"attributes", words(known.xclient, ' ')}}; break;
      case extension::xforward: offer = {{"attributes", words(known.xforward, ' ')}}; break;
      case extension::no_soliciting: offer = {{"keywords", words(known.solicitation_keywords, ',')}}; break;
      default: break;
    }
  }
  return object;
}

json value(const ehlo_response& r) {
  json lines = json::array();
  bool first = true; // the line with the domain
  for (const std::string_view text : r.reply.lines()) {
    if (!std::exchange(first, false))
      if (const auto line = parse_ehlo_line(text))
        lines.push_back({{"keyword", value(line->keyword)}, {"params", value(line->params)}});
  }
  return {{"domain", value(r.domain)},
          {"greet", value(r.greet)},
          {"capabilities", value(capabilities_of(r.reply))},
          {"lines", lines}};
}

json value(const extended_domain& party) {
  return {{"name", value(party.name)}, {"tcp_info", value(party.tcp_info)}};
}

json value(const received& field) {
  return {{"from", value(field.from)},
          {"by", value(field.by)},
          {"via", value(field.via)},
          {"with", value(field.with)},
          {"id", value(field.id)},
          {"for", value(field.for_path)},
          {"additional", value(field.additional)},
          {"date", value(field.date)}};
}

json value(const trace_party& party) {
  return {{"name", value(party.name)}, {"info", value(party.info)}};
}

json value(const trace_clauses& field) {
  json passed_over = json::array();
  for (std::size_t i = 0; i < std::min(field.passed_over_count, field.passed_over.size()); ++i)
    passed_over.push_back(value(field.passed_over[i]));
  return {{"from", value(field.from)}, {"by", value(field.by)},      {"via", value(field.via)},
          {"with", value(field.with)}, {"id", value(field.id)},      {"for", value(field.for_path)},
          {"date", value(field.date)}, {"passed_over", passed_over}, {"passed_over_count", field.passed_over_count}};
}

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

// The fields of each command behind its verb.
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
                     p.submitter(), p.prdr());
}

std::optional<failure> parameter_fault(const rcpt_parameters& p) {
  return first_fault(p.notify(), p.orcpt(), p.rrvs(), p.conneg(), p.xrcptforward());
}

// A command, refused for the parameters that the grammar takes and their RFC does not.
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

// Parameters alone, as they stand behind a path; a fault is placed in them.
result<loose_parameters> parse_params(std::string_view text, charset octets) {
  constexpr std::string_view before = "MAIL FROM:<> ";
  if (text.empty()) return loose_parameters{};
  const std::string whole = std::string(before).append(text);
  if (const auto command = parse_command(whole, octets); !command) {
    failure why = command.error();
    why.offset -= static_cast<std::uint32_t>(before.size());
    return why;
  }
  const parameters all(text);
  const auto of_mail = parameter_fault(mail_parameters(all)), of_rcpt = parameter_fault(rcpt_parameters(all));
  if (of_mail && (!of_rcpt || of_mail->offset < of_rcpt->offset)) return *of_mail;
  if (of_rcpt) return *of_rcpt;
  return loose_parameters{all};
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

parsed_json received_line(std::string_view text, charset octets) {
  const auto parsed = parse_received(text, octets);
  if (parsed) return line(text, octets, parsed);
  const auto read = read_received(text);
  return refused(text, octets, parsed.error(), {{"read", read ? value(*read) : json()}});
}

} // namespace

bool is_reply(parsed_kind kind) {
  return kind == parsed_kind::reply || kind == parsed_kind::greeting || kind == parsed_kind::ehlo;
}

parsed_json parse_to_json(parsed_kind kind, std::string_view text, charset octets) {
  switch (kind) {
    case parsed_kind::command: return line(text, octets, parse_whole_command(text, octets));
    case parsed_kind::reply: return line(text, octets, parse_reply(text, octets));
    case parsed_kind::mailbox: return line(text, octets, parse_mailbox(text, octets));
    case parsed_kind::path: return line(text, octets, parse_path(text, octets));
    case parsed_kind::ehlo: return line(text, octets, parse_ehlo_response(text, octets));
    case parsed_kind::greeting: return line(text, octets, parse_greeting(text, octets));
    case parsed_kind::xtext: return line(text, octets, decode(text, decode_xtext));
    case parsed_kind::base64: return line(text, octets, decode(text, decode_base64));
    case parsed_kind::status: return line(text, octets, parse_status_code(text));
    case parsed_kind::received: return received_line(text, octets);
    case parsed_kind::auth_response: return line(text, octets, parse_auth_response(text));
    case parsed_kind::params: return line(text, octets, parse_params(text, octets));
    case parsed_kind::domain: break;
  }
  return line(text, octets, parse_domain(text, octets));
}

std::string failure_json(std::string_view error, std::size_t offset) {
  return text_of(failure_object(error, offset, {}));
}

std::string envelope_json(const envelope& about) {
  json params = json::array();
  for (const auto& [keyword, content] : about.parameters)
    params.push_back({{"keyword", value(keyword)}, {"value", content.empty() ? json() : value(content)}});
  json to = json::array();
  for (const std::string& each : about.to) to.push_back(value(each));
  return text_of({{"helo", value(about.helo)}, {"from", value(about.from)}, {"params", params}, {"to", to}});
}

} // namespace postel::conformance
