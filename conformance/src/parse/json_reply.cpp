#include "parse/json_reply.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "parse/json_address.hpp"
#include "parse/json_parameters.hpp"

namespace postel::conformance {

namespace {

json lines_of(const reply_view& r) {
  json lines = json::array();
  for (const std::string_view line : r.lines()) lines.push_back(value(line));
  return lines;
}

template <typename T>
json or_null(const std::optional<T>& number) {
  return number ? json(*number) : json();
}

// The items of what a keyword announces.
json words(const announced_list& items) {
  json list = json::array();
  for (const std::string_view each : items) list.push_back(value(each));
  return list;
}

// What a response offers, typed: each keyword that is registered, with its parameters as far as they are right.
json offers_of(const capabilities& known) {
  json object = json::object();
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto each = static_cast<extension>(i);
    if (!known.offered.contains(each)) continue;
    json& offer = object[std::string(keyword(each))];
    offer = true;
    switch (each) {
      case extension::size: offer = {{"limit", or_null(known.size)}}; break;
      case extension::auth: offer = {{"mechanisms", words(known.auth_mechanisms)}}; break;
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
      case extension::burl: offer = {{"forms", words(known.burl)}}; break;
      case extension::xclient: offer = {{"attributes", words(known.xclient)}}; break;
      case extension::xforward: offer = {{"attributes", words(known.xforward)}}; break;
      case extension::no_soliciting: offer = {{"keywords", words(known.solicitation_keywords)}}; break;
      default: break;
    }
  }
  return object;
}

} // namespace

std::string status_text(const enhanced_status_code& status) {
  return fmt::format("{}.{}.{}", status.status_class, status.subject, status.detail);
}

json value(const enhanced_status_code& status) {
  return {{"status", status_text(status)},
          {"class", status.status_class},
          {"subject", status.subject},
          {"detail", status.detail}};
}

json value(const greeting& g) {
  return {{"server", value(g.server)}, {"text", value(g.text)}, {"lines", lines_of(g.reply)}};
}

json value(const reply_view& r) {
  const auto status = r.status();
  return {{"code", r.code()}, {"status", status ? json(status_text(*status)) : json()}, {"lines", lines_of(r)}};
}

json value(const ehlo_response& r) {
  json lines = json::array();
  bool first = true; // the line with the domain
  for (const std::string_view text : r.reply.lines()) {
    if (!std::exchange(first, false))
      if (const auto line = read_ehlo_line(text))
        lines.push_back({{"keyword", value(line->keyword)}, {"params", value(line->params)}});
  }
  return {{"domain", value(r.domain)},
          {"greet", value(r.greet)},
          {"capabilities", offers_of(capabilities_of(r.reply))},
          {"lines", lines}};
}

} // namespace postel::conformance
