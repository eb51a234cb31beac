// What mailboxes, paths and domains are to the parser oracle. All are written exactly as they were read.
#pragma once

#include <string>
#include <string_view>

#include "ip_literal.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/address.hpp"

namespace postel::fuzz {

struct domain_subject {
  result<host> parse(std::string_view text, charset in) const noexcept { return parse_domain(text, in); }
  result<std::size_t> append(std::string& out, const host& value, charset in) const {
    return postel::append(out, value, in);
  }
  std::string spelling(std::string_view text) const { return std::string(text); }
  std::string_view parsed_part(std::string_view wire) const noexcept { return wire; }

  template <typename Function>
  void for_each_view(const host& value, Function f) const {
    f(value.text);
  }

  objection examine(const host& value, std::string_view text, charset) const {
    if (value.text != text) return in_words("host ", in_quotes(text), " is not all of its text");
    const auto ip = ip_form(text);
    const host_form other = text.starts_with('[') ? host_form::general_literal : host_form::domain;
    if (value.form != ip.value_or(other)) return in_words("host ", in_quotes(text), " has the wrong form");
    return objection_to_controls(text);
  }
};

// Also: no address literal that the C library knows is refused.
template <typename Subject>
objection judge_host(const Subject& subject, std::string_view text) {
  if (ip_form(text) && !subject.parse(text, charset::ascii))
    return in_words("host ", in_quotes(text), " is refused, though it is an IP address");
  return judge_parser(subject, text);
}

struct mailbox_subject {
  result<mailbox> parse(std::string_view text, charset in) const noexcept { return parse_mailbox(text, in); }
  result<std::size_t> append(std::string& out, const mailbox& value, charset in) const {
    return postel::append(out, value, in);
  }
  std::string spelling(std::string_view text) const { return std::string(text); }
  std::string_view parsed_part(std::string_view wire) const noexcept { return wire; }

  template <typename Function>
  void for_each_view(const mailbox& value, Function f) const {
    f(value.local_part);
    f(value.domain);
  }

  // A mailbox's host is a host, and a mailbox in brackets is a path.
  objection examine(const mailbox& value, std::string_view text, charset in) const {
    const std::string bracketed = "<" + std::string(text) + ">";
    const auto as_path = parse_path(bracketed, in);
    if (!as_path) return in_words("mailbox ", in_quotes(text), " is no path in brackets");
    if (*as_path != path{{}, value.local_part, value.domain})
      return in_words("mailbox ", in_quotes(text), " is another path in brackets");
    if (objection found = objection_to_controls(text)) return found;
    return judge_host(domain_subject(), value.domain);
  }
};

struct path_subject {
  result<path> parse(std::string_view text, charset in) const noexcept { return parse_path(text, in); }
  result<std::size_t> append(std::string& out, const path& value, charset in) const {
    return postel::append(out, value, in);
  }
  std::string spelling(std::string_view text) const { return std::string(text); }
  std::string_view parsed_part(std::string_view wire) const noexcept { return wire; }

  template <typename Function>
  void for_each_view(const path& value, Function f) const {
    f(value.source_route);
    f(value.local_part);
    f(value.domain);
  }

  // Without its route and brackets a path is a mailbox, unless it is one of the two that have no domain.
  objection examine(const path& value, std::string_view text, charset in) const {
    if (value.is_null()) return text == "<>" ? objection() : in_words(in_quotes(text), " is a null path");
    if (value.is_postmaster()) {
      if (equal_ignoring_case(value.local_part, "Postmaster") && value.source_route.empty()) return {};
      return in_words(in_quotes(text), " has no domain");
    }
    const std::string bare = std::string(value.local_part) + "@" + std::string(value.domain);
    const auto as_mailbox = parse_mailbox(bare, in);
    if (!as_mailbox || *as_mailbox != mailbox{value.local_part, value.domain})
      return in_words(in_quotes(text), " holds no mailbox");
    return objection_to_controls(text);
  }
};

} // namespace postel::fuzz
