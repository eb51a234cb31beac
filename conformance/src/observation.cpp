#include "observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/base64.hpp>
#include <postel/capability.hpp>
#include <postel/reply.hpp>

#include "escape.hpp"
#include "reply_deviation.hpp"

namespace postel::conformance {

std::string observation::text() const {
  switch (what) {
    case kind::reply: return fmt::format("{}", code);
    case kind::malformed: return fmt::format("malformed reply ({})", why);
    case kind::closed: return "closed";
    case kind::tls: return "TLS";
    case kind::no_tls: return fmt::format("no TLS ({})", why);
    case kind::silence: break;
  }
  return "silence";
}

bool matches(const std::vector<alternative>& alternatives, const observation& seen) noexcept {
  return std::any_of(alternatives.begin(), alternatives.end(), [&](const alternative& each) {
    switch (each.what) {
      case alternative::kind::code: return seen.what == observation::kind::reply && matches(each.code, seen.code);
      case alternative::kind::any: return seen.what == observation::kind::reply;
      case alternative::kind::closed: return seen.what == observation::kind::closed;
      case alternative::kind::tls: return seen.what == observation::kind::tls;
      case alternative::kind::silence: break;
    }
    return seen.what == observation::kind::silence;
  });
}

namespace {

bool contains(const reply_view& reply, std::string_view wanted) {
  return std::any_of(reply.lines().begin(), reply.lines().end(), [&](std::string_view line) {
    for (std::size_t at = 0; at + wanted.size() <= line.size(); ++at)
      if (equal_ignoring_case(line.substr(at, wanted.size()), wanted)) return true;
    return false;
  });
}

template <typename T>
std::optional<std::string> no_match(const result<T>& parsed, std::string_view rule) {
  if (parsed) return std::nullopt;
  return fmt::format("it is no {} (octet {}: {})", rule, parsed.error().offset, message(parsed.error().code));
}

// What is wrong with the parameters of a keyword that has an RFC of its own; nothing for others.
std::optional<std::string> parameter_fault(const reply_view& reply, std::string_view line) {
  const auto offered = read_ehlo_line(line);
  if (!offered) return "it is no ehlo-line";
  const auto which = extension_of(offered->keyword);
  if (!which) return std::nullopt;
  const capabilities read = capabilities_of(reply);
  const bool any = !offered->params.empty();
  const auto unless = [&](bool right) -> std::optional<std::string> {
    if (right) return std::nullopt;
    return fmt::format("{} has wrong parameters: \"{}\"", offered->keyword, escape(offered->params));
  };
  switch (*which) {
    case extension::size: return unless(!any || parse_size_value(offered->params));
    case extension::auth: return unless(any);
    case extension::deliverby: return unless(!any || read.deliver_by_min);
    case extension::futurerelease: return unless(read.future.has_value());
    case extension::mt_priority: return unless(!any || !read.mt_priority_profile.empty());
    case extension::no_soliciting: return unless(!any || !read.solicitation_keywords.empty());
    case extension::limits: {
      // RFC 9422 3: NAME=VALUE, at least one; those that are registered have a number.
      for (std::string_view rest = offered->params; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view each = rest.substr(0, end);
        const std::size_t sign = each.find('=');
        if (sign == 0 || sign == std::string_view::npos || sign + 1 == each.size()) return unless(false);
        if (equal_ignoring_case(each.substr(0, sign), "MAILMAX") && !read.limits.mail_max) return unless(false);
        if (equal_ignoring_case(each.substr(0, sign), "RCPTMAX") && !read.limits.rcpt_max) return unless(false);
        if (equal_ignoring_case(each.substr(0, sign), "RCPTDOMAINMAX") && !read.limits.rcpt_domain_max)
          return unless(false);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      return unless(any);
    }
    case extension::pipelining:
    case extension::eight_bit_mime:
    case extension::enhanced_status_codes:
    case extension::smtputf8:
    case extension::chunking:
    case extension::binarymime:
    case extension::dsn:
    case extension::starttls:
    case extension::requiretls:
    case extension::rrvs:
    case extension::mtrk:
    case extension::etrn: return unless(!any);
    default: return std::nullopt;
  }
}

std::optional<std::string> fault_of_offer(const reply_view& reply, std::string_view wanted, bool offered) {
  auto line = reply.lines().begin();
  if (line != reply.lines().end()) ++line; // the server's name
  for (; line != reply.lines().end(); ++line) {
    const std::string words = offered_line(*line).value_or("");
    if (!offers(words, wanted)) continue;
    if (!offered) return fmt::format("it offers {}", escape(wanted));
    return parameter_fault(reply, words);
  }
  if (!offered) return std::nullopt;
  return fmt::format("it does not offer {}", escape(wanted));
}

std::optional<std::string> fault(const condition& wanted, const reply_view& reply, charset octets) {
  switch (wanted.what) {
    case condition::kind::greeting: return no_match(parse_greeting(reply.wire(), octets), "Greeting");
    case condition::kind::reply_line: return no_match(parse_reply(reply.wire(), octets), "Reply-line");
    case condition::kind::ehlo_ok_rsp: return no_match(parse_ehlo_response(reply.wire(), octets), "ehlo-ok-rsp");
    case condition::kind::continue_req: {
      // RFC 4954 8: "334" SP [base64] CRLF
      const std::string_view wire = reply.wire();
      std::string buffer(wire.size(), '\0');
      if (wire.size() >= 6 && wire[3] == ' ' && decode_base64(wire.substr(4, wire.size() - 6), buffer))
        return std::nullopt;
      return "it is no continue-req (334, a space and base64)";
    }
    case condition::kind::containing:
      if (contains(reply, wanted.text)) return std::nullopt;
      return fmt::format("it does not contain \"{}\"", escape(wanted.text));
    case condition::kind::without:
      if (!contains(reply, wanted.text)) return std::nullopt;
      return fmt::format("it contains \"{}\"", escape(wanted.text));
    case condition::kind::offering: return fault_of_offer(reply, wanted.text, true);
    case condition::kind::not_offering: return fault_of_offer(reply, wanted.text, false);
    case condition::kind::status: {
      for (const std::string_view line : reply.lines()) {
        const auto status = parse_status_code(line);
        if (!status) return "a line starts with no enhanced status code";
        if (status->status_class != reply.severity())
          return "the class of an enhanced status code is not that of the reply";
      }
      return std::nullopt;
    }
    case condition::kind::lines: break;
  }
  const auto lines = static_cast<std::size_t>(std::distance(reply.lines().begin(), reply.lines().end()));
  if (lines == wanted.lines) return std::nullopt;
  return fmt::format("it has {} lines", lines);
}

} // namespace

std::optional<std::string> fault(const expectation& expected, const observation& seen, charset octets) {
  if (!matches(expected.alternatives, seen)) return seen.text();
  if (seen.what != observation::kind::reply) return std::nullopt;
  const auto reply = read_reply(seen.octets, octets);
  if (!reply) return "a reply that changed while it was looked at"; // kind::reply says that it is one
  for (const condition& each : expected.conditions)
    if (const auto wrong = fault(each, *reply, octets)) return fmt::format("{}, but {}", seen.text(), *wrong);
  return std::nullopt;
}

namespace {

// Whether the line, with its end, says that another one follows.
bool is_continuation(std::string_view line) {
  return line.size() >= 4 && line[3] == '-' && line.ends_with("\r\n") &&
         std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
}

std::string why_no_reply(std::string_view unit, const failure& why) {
  switch (why.code) {
    case errc::bare_lf: return "a line ends with a bare LF";
    case errc::reply_code_mismatch:
      return fmt::format("lines with different codes, {} and {}", unit.substr(0, 3), unit.substr(why.offset, 3));
    default: return fmt::format("octet {}: {}", why.offset, message(why.code));
  }
}

} // namespace

observation reply_reader::malformed(std::size_t octets, std::string why) {
  observation seen;
  seen.what = observation::kind::malformed;
  seen.why = std::move(why);
  seen.octets = inbox_.substr(0, octets);
  inbox_.erase(0, octets);
  line_start_ = searched_ = 0;
  return seen;
}

std::optional<observation> reply_reader::next(charset octets) {
  for (;;) {
    const std::size_t feed = inbox_.find('\n', searched_);
    const std::size_t end = feed == std::string::npos ? inbox_.size() : feed + 1;
    if (end > longest_reply) return malformed(end, fmt::format("more than {} octets", longest_reply));
    searched_ = end;
    if (feed == std::string::npos) return std::nullopt;
    const std::string_view line = std::string_view(inbox_).substr(line_start_, end - line_start_);
    if (is_continuation(line)) {
      line_start_ = end;
      continue;
    }
    const std::string_view unit = std::string_view(inbox_).substr(0, end);
    const auto reply = read_reply(unit, octets);
    if (!reply) return malformed(end, why_no_reply(unit, reply.error()));
    observation seen;
    seen.what = observation::kind::reply;
    seen.code = reply->code();
    seen.octets = unit;
    seen.deviation = deviation_of(*reply);
    inbox_.erase(0, end);
    line_start_ = searched_ = 0;
    return seen;
  }
}

observation reply_reader::incomplete(std::string_view why) {
  return malformed(inbox_.size(), std::string(why));
}

} // namespace postel::conformance
