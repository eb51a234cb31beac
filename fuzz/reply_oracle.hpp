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

  const std::uint64_t before = allocations();
  const capabilities offers = capabilities_of(response->reply);
  if (allocations() != before) return wrong("reading its capabilities allocates");
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto e = static_cast<extension>(i);
    if (offers.offered.contains(e) != response->find(keyword(e)).has_value())
      return in_words(wrong("offers, or does not offer, ").what, keyword(e));
  }
  for (const std::string_view view :
       {offers.auth_mechanisms, offers.mt_priority_profile, offers.burl, offers.solicitation_keywords})
    if (!is_inside(view, lines)) return wrong("a capability points outside of it");
  return {};
}

} // namespace postel::fuzz
