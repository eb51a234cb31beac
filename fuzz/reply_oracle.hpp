// What a reply is to the parser oracle, and what its other readings have to do with it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "allocations.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/capability.hpp"
#include "postel/reply.hpp"
#include "reply_framing.hpp"

namespace postel::fuzz {

struct reply_subject {
  result<reply_view> parse(std::string_view lines, charset in) const noexcept { return parse_reply(lines, in); }
  result<std::size_t> append(std::string& out, const reply_view& value, charset in) const {
    return postel::append(out, value, in);
  }

  // As it came, but for the space that may be missing where the last line has no text (RFC 5321 4.2).
  std::string spelling(std::string_view lines) const {
    std::string wire(lines);
    const std::size_t last = wire.size() < 3 ? 0 : wire.rfind('\n', wire.size() - 2) + 1;
    if (wire.size() - last == 5) wire.insert(last + 3, " ");
    return wire;
  }
  std::string_view parsed_part(std::string_view wire) const noexcept { return wire; }

  template <typename Function>
  void for_each_view(const reply_view& value, Function f) const {
    f(value.wire());
    for (const std::string_view text : value.lines()) f(text);
  }

  objection examine(const reply_view& value, std::string_view lines, charset in) const {
    const auto wrong = [&](std::string_view what) { return in_words("reply ", in_quotes(lines), ": ", what); };
    if (std::to_string(value.code()) != lines.substr(0, 3)) return wrong("another code than its first line's");
    if (value.severity() != value.code() / 100U) return wrong("another severity than its code's");
    if (value.wire() != lines) return wrong("wire() is not what came");

    std::string joined;
    std::size_t count = 0;
    for (const std::string_view text : value.lines()) {
      if (text.find_first_of("\r\n") != std::string_view::npos) return wrong("a line end within a line's text");
      if (count++ != 0) joined += '\n';
      joined += text;
    }
    if (std::ranges::count(lines, '\n') != static_cast<std::ptrdiff_t>(count)) return wrong("not as many lines as LFs");

    // The same text given to the writer of replies of our own.
    std::string out;
    const reply ours{value.code(), joined};
    if (!postel::append(out, ours, in)) return wrong("can't be written as a reply of our own");
    const auto again = parse_reply(out, in);
    if (!again || !(*again == value)) return wrong("a reply of our own with its text is another");

    const auto status = parse_status_code(*value.lines().begin());
    if (status && status->status_class == value.severity()) {
      if (value.status() != *status) return wrong("has a status code that status() does not give");
    } else if (value.status()) {
      return wrong("status() gives a code that is not there");
    }
    return {};
  }
};

// A greeting is a reply with code 220 that starts with a host.
inline objection judge_greeting(std::string_view lines, charset in) {
  const auto greeted = parse_greeting(lines, in);
  const auto wrong = [&](std::string_view what) { return in_words("greeting ", in_quotes(lines), ": ", what); };
  if (!greeted) return greeted.error().offset > lines.size() ? wrong("fails beyond its end") : objection();
  if (greeted->reply.code() != 220 || greeted->reply.wire() != lines) return wrong("is not its reply");
  if (!parse_reply(lines, in)) return wrong("is no reply");
  const auto server = parse_domain(greeted->server.text, in);
  if (!server || *server != greeted->server) return wrong("its host is none");
  std::string first(greeted->server.text);
  if (!greeted->text.empty()) first.append(" ").append(greeted->text);
  if (*greeted->reply.lines().begin() != first) return wrong("its parts are not its first line");
  return {};
}

// An EHLO response is lines with code 250: a domain's, then one an extension. (It may hold controls that no other reply does: the
// two rules of RFC 5321 disagree.)
inline objection judge_ehlo_response(std::string_view lines, charset in) {
  const auto response = parse_ehlo_response(lines, in);
  const auto wrong = [&](std::string_view what) { return in_words("EHLO response ", in_quotes(lines), ": ", what); };
  if (!response) return response.error().offset > lines.size() ? wrong("fails beyond its end") : objection();
  if (response->reply.code() != 250 || response->reply.wire() != lines) return wrong("is not its reply");
  if (!parse_domain(response->domain, in)) return wrong("its domain is none");
  bool first = true;
  for (const std::string_view text : response->reply.lines()) {
    if (!first) {
      const auto line = parse_ehlo_line(text);
      if (!line) return wrong("a line announces nothing");
      const auto found = response->find(line->keyword);
      if (!found || !equal_ignoring_case(found->keyword, line->keyword)) return wrong("a keyword is not found");
    }
    first = false;
  }

  const ehlo_response read = read_ehlo_response(response->reply);
  if (read.domain != response->domain || read.greet != response->greet) return wrong("is read as another");

  const std::uint64_t before = allocations();
  const capabilities offers = capabilities_of(response->reply);
  if (allocations() != before) return wrong("reading its capabilities allocates");
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto e = static_cast<extension>(i);
    if (offers.offered.contains(e) != response->find(keyword(e)).has_value())
      return in_words(wrong("offers, or does not offer, ").what, keyword(e));
  }
  if (!is_inside(offers.mt_priority_profile, lines)) return wrong("a capability points outside of it");
  return {};
}

struct reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) noexcept { return read_reply(lines, in); }
  static capabilities offers(const reply_view& reply) noexcept { return capabilities_of(reply); }
};

inline std::string joined(const announced_list& list) {
  std::string all;
  for (const std::string_view item : list) all.append(item).append("|");
  return all;
}

inline bool are_equal(const capabilities& a, const capabilities& b) {
  return a.offered == b.offered && a.size == b.size && joined(a.auth_mechanisms) == joined(b.auth_mechanisms) &&
         joined(a.old_auth_mechanisms) == joined(b.old_auth_mechanisms) && a.deliver_by_min == b.deliver_by_min &&
         a.future == b.future && a.mt_priority_profile == b.mt_priority_profile && a.limits == b.limits &&
         joined(a.burl) == joined(b.burl) && joined(a.xclient) == joined(b.xclient) &&
         joined(a.xforward) == joined(b.xforward) && joined(a.solicitation_keywords) == joined(b.solicitation_keywords);
}

// The reply with white space around all words behind its first line.
inline std::string in_white_space(const reply_view& reply) {
  const std::string code(reply.wire().substr(0, 3));
  std::string wire;
  bool first = true;
  for (const std::string_view text : reply.lines()) {
    wire.append(code).append(first ? "-" : "- \t");
    for (const char octet : text) wire.append(octet == ' ' && !first ? " \t " : "").append(1, octet);
    wire.append(first ? "\r\n" : " \r\n");
    first = false;
  }
  wire[wire.rfind('\n', wire.size() - 2) + 4] = ' '; // npos + 4 is 3
  return wire;
}

// The offers of a response, whatever it is written like.
template <typename Subject>
objection judge_offers(const reply_view& reply) {
  const auto wrong = [&](std::string_view what) { return in_words("offers of ", in_quotes(reply.wire()), ": ", what); };
  const std::uint64_t before = allocations();
  const capabilities offers = Subject::offers(reply);
  for (const std::string_view item : offers.auth_mechanisms)
    if (!is_inside(item, reply.wire())) return wrong("a mechanism points outside");
  if (allocations() != before) return wrong("reading them allocates");
  for (const announced_list& list : {offers.auth_mechanisms, offers.old_auth_mechanisms, offers.burl, offers.xclient,
                                     offers.xforward, offers.solicitation_keywords})
    if (!is_inside(list.text(), reply.wire())) return wrong("a list points outside");
  const std::string other = in_white_space(reply);
  const auto again = read_reply(other);
  if (!again) return wrong("are no reply in white space");
  if (!are_equal(offers, Subject::offers(*again))) return wrong("are others in white space");
  return {};
}

// A reply is what its framing says, with any text; what its text is, is reported.
template <typename Subject = reader_subject>
objection judge_reading(std::string_view lines, charset in) {
  const auto wrong = [&](std::string_view what) { return in_words("reading ", in_quotes(lines), ": ", what); };
  const std::uint64_t before = allocations();
  const result<reply_view> reply = Subject::read(lines, in);
  const auto deviation = reply ? reply->deviation() : std::nullopt;
  if (allocations() != before) return wrong("allocates");
  const auto code = code_of_reply(lines);
  if (reply.has_value() != code.has_value()) return wrong(code ? "is refused" : "is taken");
  const auto strict = parse_reply(lines, in);
  if (!reply) {
    if (strict) return wrong("is refused, though parsed");
    return reply.error().offset > lines.size() ? wrong("fails beyond its end") : objection();
  }
  if (reply->code() != *code) return wrong("has another code");
  if (reply->wire() != lines || !is_inside(reply->wire(), lines)) return wrong("wire() is not what came");
  if (strict && !(*strict == *reply)) return wrong("is another than is parsed");
  const auto plain = Subject::read(with_plain_text(lines, false), in);
  if (!plain || plain->code() != *code) return wrong("goes by its text");

  const std::size_t most = *code == 334 ? 12288 : 512;
  bool overlong = false;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at) + 1;
    overlong = overlong || end - at > most;
    at = end;
  }
  if (deviation.has_value() != (!strict || overlong))
    return wrong(deviation ? "reports what is not there" : "does not report what is outside of the grammar");
  if (deviation && deviation->offset >= lines.size()) return wrong("reports a place beyond its end");
  const auto response = parse_ehlo_response(lines, in);
  if (read_ehlo_response(*reply).deviation().has_value() != (!response || overlong))
    return wrong("as a response to EHLO reports something else than there is");
  return judge_offers<Subject>(*reply);
}

} // namespace postel::fuzz
