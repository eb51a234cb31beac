#include "play/observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/base64.hpp>
#include <postel/capability.hpp>
#include <postel/command.hpp>
#include <postel/reply.hpp>

#include "play/reply_deviation.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool contains(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
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

// What stands after the first empty line.
std::string_view body_of(std::string_view text) {
  if (text.starts_with("\r\n")) return text.substr(2);
  const std::size_t end = text.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 4);
}

std::optional<std::size_t> bare_line_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool cr = text[at] == '\r';
    if (cr && at + 1 < text.size() && text[at + 1] == '\n')
      ++at;
    else if (cr || text[at] == '\n')
      return at;
  }
  return std::nullopt;
}

std::size_t without_added_dots(std::string_view text) {
  std::size_t dots = text.starts_with('.') ? 1 : 0;
  for (std::size_t at = text.find("\r\n."); at != std::string_view::npos; at = text.find("\r\n.", at + 3)) ++dots;
  return text.size() - dots;
}

const word<condition_kind>& word_of(condition_kind what) {
  return *std::find_if(condition_words.begin(), condition_words.end(),
                       [what](const word<condition_kind>& each) { return each.what == what; });
}

// Of which kind the observation is, as conditions are said of them; 0: they are said of no such thing.
unsigned kind_of(const observation& seen) {
  switch (seen.what) {
    case observation::kind::reply: return said_of::reply;
    case observation::kind::line: return said_of::line;
    case observation::kind::text: return said_of::text;
    case observation::kind::chunk: return said_of::chunk;
    case observation::kind::ended: return said_of::end;
    default: return 0;
  }
}

std::optional<std::string> fault_of_body(std::string_view body, std::string_view wanted) {
  if (body == wanted) return std::nullopt;
  const auto at = std::mismatch(body.begin(), body.end(), wanted.begin(), wanted.end()).first;
  return fmt::format("its body has {} octets instead of {}, and is different from octet {}", body.size(), wanted.size(),
                     at - body.begin());
}

std::optional<std::string> fault_of_status(const reply_view& reply) {
  for (const std::string_view line : reply.lines()) {
    const auto status = parse_status_code(line);
    if (!status) return "a line starts with no enhanced status code";
    if (status->status_class != reply.severity())
      return "the class of an enhanced status code is not that of the reply";
  }
  return std::nullopt;
}

// RFC 4954 8: "334" SP [base64] CRLF
std::optional<std::string> fault_of_challenge(std::string_view wire) {
  std::string buffer(wire.size(), '\0');
  if (wire.size() >= 6 && wire[3] == ' ' && decode_base64(wire.substr(4, wire.size() - 6), buffer)) return std::nullopt;
  return "it is no continue-req (334, a space and base64)";
}

// What the condition has against it, in words that follow "it".
std::optional<std::string> fault(const condition& wanted, const observation& seen, const reply_view* reply,
                                 charset allowed) {
  const std::string_view octets = seen.octets;
  const auto unless = [](bool holds, std::string why) {
    return holds ? std::nullopt : std::optional<std::string>(std::move(why));
  };
  const auto found = [&] {
    if (reply == nullptr) return contains(octets, wanted.text);
    return std::any_of(reply->lines().begin(), reply->lines().end(),
                       [&](std::string_view line) { return contains(line, wanted.text); });
  };
  switch (wanted.what) {
    case condition_kind::contains:
      return unless(found(), fmt::format("it does not contain \"{}\"", shown(wanted.text)));
    case condition_kind::lacks: return unless(!found(), fmt::format("it contains \"{}\"", shown(wanted.text)));
    case condition_kind::greeting: return no_match(parse_greeting(octets, allowed), "Greeting");
    case condition_kind::reply_line: return no_match(parse_reply(octets, allowed), "Reply-line");
    case condition_kind::ehlo_ok_rsp: return no_match(parse_ehlo_response(octets, allowed), "ehlo-ok-rsp");
    case condition_kind::continue_req: return fault_of_challenge(octets);
    case condition_kind::offers: return fault_of_offer(*reply, wanted.text, true);
    case condition_kind::offers_not: return fault_of_offer(*reply, wanted.text, false);
    case condition_kind::status: return fault_of_status(*reply);
    case condition_kind::lines: {
      const auto lines = static_cast<std::size_t>(std::distance(reply->lines().begin(), reply->lines().end()));
      return unless(lines == wanted.number, fmt::format("it has {} lines", lines));
    }
    case condition_kind::is: return unless(octets == wanted.text, fmt::format("it is not \"{}\"", shown(wanted.text)));
    case condition_kind::command:
      return unless(parse_command(octets, charset::utf8).has_value(), "it is no command of the grammar");
    case condition_kind::alone: return unless(!seen.followed, "more came before it was answered");
    case condition_kind::body: return fault_of_body(body_of(octets), wanted.text);
    case condition_kind::ascii:
      return unless(
          std::all_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }),
          "it has octets above 127");
    case condition_kind::crlf_only: {
      const auto at = bare_line_end(octets);
      if (!at) return std::nullopt;
      return fmt::format("it has a bare {} at octet {}", octets[*at] == '\r' ? "CR" : "LF", *at);
    }
    case condition_kind::at_most:
      return unless(octets.size() + 2 <= wanted.number, fmt::format("it has {} octets", octets.size() + 2));
    case condition_kind::declared:
      return unless(seen.verb != "DATA" || !seen.binary, "MAIL declared the message as BINARYMIME");
    case condition_kind::once: return unless(!seen.again, "it connected a second time");
    case condition_kind::within_size: break;
  }
  const std::size_t size = seen.what == observation::kind::text ? without_added_dots(octets) : octets.size();
  return unless(!seen.declared || size <= *seen.declared,
                fmt::format("it has {} octets where SIZE said {}", size, seen.declared.value_or(0)));
}

} // namespace

std::optional<std::string> fault(const expectation& expected, const observation& seen, charset octets) {
  if (!matches(expected.patterns, seen)) return seen.text();
  const auto reply = read_reply(seen.octets, octets);
  if (seen.what == observation::kind::reply && !reply) return "a reply that changed while it was looked at";
  for (const condition& each : expected.conditions) {
    // A party that closes or says nothing, where it may, meets every condition.
    if ((word_of(each.what).of & kind_of(seen)) == 0) continue;
    const reply_view* const read = seen.what == observation::kind::reply ? &*reply : nullptr;
    if (const auto wrong = fault(each, seen, read, octets)) return fmt::format("{}, but {}", seen.text(), *wrong);
  }
  return std::nullopt;
}

} // namespace postel::conformance
