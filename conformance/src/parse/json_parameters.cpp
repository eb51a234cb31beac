#include "parse/json_parameters.hpp"

#include <postel/xtext.hpp>

namespace postel::conformance {

namespace {

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

template <typename... Read>
std::optional<failure> first_fault(const Read&... read) {
  std::optional<failure> first;
  const auto look = [&](const auto& each) {
    if (!each && (!first || each.error().offset < first->offset)) first = each.error();
  };
  (look(read), ...);
  return first;
}

} // namespace

json value(const parameters& params) {
  json list = json::array();
  for (const parameter& each : params)
    list.push_back({{"keyword", value(each.keyword)}, {"value", each.value ? value(*each.value) : json()}});
  return list;
}

json attributes(const parameters& params) {
  json list = json::array();
  for (const parameter& each : params) {
    const std::string_view text = each.value.value_or(std::string_view());
    list.push_back(
        {{"keyword", value(each.keyword)}, {"value", value(text)}, {"decoded", decoded(text, decode_xtext)}});
  }
  return list;
}

json typed_of(const mail_parameters& p) {
  json object = json::object();
  add_typed(object, p);
  return object;
}
json typed_of(const rcpt_parameters& p) {
  json object = json::object();
  add_typed(object, p);
  return object;
}

std::string date_text(const date_time& date) {
  std::string text;
  return append(text, date) ? text : std::string();
}

std::optional<failure> parameter_fault(const mail_parameters& p) {
  return first_fault(p.size(), p.body(), p.smtputf8(), p.ret(), p.envid(), p.auth(), p.by(), p.hold_for(),
                     p.hold_until(), p.mt_priority(), p.require_tls(), p.solicit(), p.mtrk(), p.conperm(), p.transid(),
                     p.submitter(), p.prdr());
}

std::optional<failure> parameter_fault(const rcpt_parameters& p) {
  return first_fault(p.notify(), p.orcpt(), p.rrvs(), p.conneg(), p.xrcptforward());
}

json value(const loose_parameters& p) {
  json object = typed_of(mail_parameters(p.all));
  add_typed(object, rcpt_parameters(p.all));
  return {{"params", value(p.all)}, {"typed", object}};
}

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

} // namespace postel::conformance
