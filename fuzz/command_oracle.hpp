// What a command line is to the parser oracle.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/command.hpp"
#include "postel/extension_parameters.hpp"
#include "postel/parameter_value.hpp"

namespace postel::fuzz {

struct command_subject {
  result<command> parse(std::string_view line, charset in) const noexcept { return parse_command(line, in); }
  result<std::size_t> append(std::string& out, const command& value, charset in) const {
    return postel::append(out, value, in);
  }

  // The line as it came, its fixed words in upper case and the number of BDAT in its shortest form: nothing that was said is lost. A historic
  // verb stays as it came.
  std::string spelling(std::string_view line) const {
    std::string wire(line);
    const std::string_view verb = letters(line);
    const auto is_verb = [&](auto... names) { return (equal_ignoring_case(verb, names) || ...); };
    if (is_verb("SEND", "SOML", "SAML", "TURN", "VERB", "ONEX")) return wire + "\r\n";
    const auto raise = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end && i < wire.size(); ++i)
        if (wire[i] >= 'a' && wire[i] <= 'z') wire[i] = static_cast<char>(wire[i] ^ 0x20);
    };
    raise(0, is_verb("MAIL") ? 10 : is_verb("RCPT") ? 8 : verb.size());
    // The last words that are fixed ones: of BDAT and BURL, and of VRFY and EXPN (RFC 6531 3.7.4.2). Nothing else of these ends in a space
    // and that word: what stands before it is one string.
    const auto raise_suffix = [&](std::string_view suffix) {
      if (line.size() > verb.size() + suffix.size() &&
          equal_ignoring_case(line.substr(line.size() - suffix.size()), suffix))
        raise(line.size() - suffix.size(), line.size());
    };
    if (is_verb("BDAT", "BURL")) raise_suffix(" LAST");
    if (is_verb("VRFY", "EXPN")) raise_suffix(" SMTPUTF8");
    if (is_verb("BDAT"))
      while (wire.size() > 6 && wire[5] == '0' && wire[6] != ' ') wire.erase(5, 1);
    return wire + "\r\n";
  }
  // The hexadecimal digits of xtext are upper case (RFC 3461 4).
  bool has_octets_of_one_case(std::string_view line) const noexcept {
    return line.find('+') != std::string_view::npos &&
           (equal_ignoring_case(line.substr(0, 7), "XCLIENT") || equal_ignoring_case(line.substr(0, 8), "XFORWARD"));
  }
  std::string_view parsed_part(std::string_view wire) const noexcept { return wire.substr(0, wire.size() - 2); }

  template <typename Function>
  void for_each_view(const command& value, Function f) const {
    const auto path_views = [&](const path& p) {
      f(p.source_route);
      f(p.local_part);
      f(p.domain);
    };
    std::visit(
        [&](const auto& c) {
          if constexpr (requires { c.client; }) f(c.client.text);
          if constexpr (requires { c.domain; }) f(c.domain);
          if constexpr (requires { c.string; }) f(c.string);
          if constexpr (requires { c.from; }) path_views(c.from);
          if constexpr (requires { c.to; }) path_views(c.to);
          if constexpr (requires { c.params; }) f(c.params.text());
          if constexpr (requires { c.attributes; }) f(c.attributes.text());
          if constexpr (requires { c.mechanism; }) f(c.mechanism);
          if constexpr (requires { c.initial_response; }) f(c.initial_response.value_or(std::string_view()));
          if constexpr (requires { c.uri; }) f(c.uri);
          if constexpr (requires { c.node; }) f(c.node);
          if constexpr (requires { c.domains; }) f(c.domains);
          if constexpr (requires { c.verb; }) f(c.verb);
          if constexpr (requires { c.argument; }) f(c.argument);
        },
        value);
  }

  // VRFY and EXPN with the parameter of RFC 6531 3.7.4.2.
  bool says_utf8(const command& value) const noexcept {
    const auto* vrfy = std::get_if<cmd::vrfy>(&value);
    const auto* expn = std::get_if<cmd::expn>(&value);
    return (vrfy != nullptr && vrfy->smtputf8) || (expn != nullptr && expn->smtputf8);
  }

  objection examine(const command& value, std::string_view line, charset) const {
    const auto* obsolete = std::get_if<cmd::obsolete>(&value);
    const std::string_view verb = obsolete != nullptr ? obsolete->verb : name(verb_of(value));
    if (!equal_ignoring_case(letters(line), verb)) return in_words(in_quotes(line), " is said to be ", verb);
    // Historic arguments are free text, tabs included: nothing is done with them.
    if (obsolete == nullptr)
      if (objection found = objection_to_controls(line)) return found;
    if (const auto* mail = std::get_if<cmd::mail>(&value)) {
      const mail_parameters& p = mail->params;
      return examine_typed(p, p.size(), p.body(), p.smtputf8(), p.ret(), p.envid(), p.auth(), p.by(), p.hold_for(),
                           p.hold_until(), p.mt_priority(), p.require_tls(), p.solicit(), p.mtrk(), p.conperm(),
                           p.transid(), p.submitter());
    }
    if (const auto* rcpt = std::get_if<cmd::rcpt>(&value)) {
      const rcpt_parameters& p = rcpt->params;
      return examine_typed(p, p.notify(), p.orcpt(), p.rrvs(), p.conneg());
    }
    if (const auto* xclient = std::get_if<cmd::xclient>(&value)) return examine(xclient->attributes);
    if (const auto* xforward = std::get_if<cmd::xforward>(&value)) return examine(xforward->attributes);
    return {};
  }

 private:
  // The letters that the line starts with: its verb.
  static std::string_view letters(std::string_view line) noexcept {
    std::size_t end = 0;
    while (end < line.size() && ((line[end] | 0x20) >= 'a' && (line[end] | 0x20) <= 'z')) ++end;
    return line.substr(0, end);
  }

  // Where check() finds no fault, every accessor gives a value: a session reads them without looking. Faults lie within the text.
  template <typename Parameters, typename... Accessors>
  static objection examine_typed(const Parameters& params, const Accessors&... read) {
    const auto wrong = [&](std::string_view what) {
      return in_words("parameters ", in_quotes(params.text()), ": ", what);
    };
    extensions all;
    for (std::size_t i = 0; i < extension_count; ++i) all.insert(static_cast<extension>(i));
    const auto fault = params.check(all);
    if (fault && fault->offset > params.text().size()) return wrong("check() finds a fault beyond their end");
    if (!fault && !(read.has_value() && ...)) return wrong("check() finds no fault, an accessor does");
    if (!((read.has_value() || read.error().offset <= params.text().size()) && ...))
      return wrong("an accessor finds a fault beyond their end");
    return examine(params);
  }

  static objection examine(const parameters& params) {
    const auto wrong = [&](std::string_view what) {
      return in_words("parameters ", in_quotes(params.text()), ": ", what);
    };
    std::string joined;
    for (const parameter p : params) {
      if (p.keyword.empty()) return wrong("one has no keyword");
      if (p.value && p.value->empty()) return wrong("one has an empty value");
      if (!params.find(p.keyword)) return wrong("one is iterated over but not found");
      if (!joined.empty()) joined += ' ';
      joined += p.keyword;
      if (p.value) joined.append("=").append(*p.value);
      const std::string_view value = p.value.value_or("");
      if (const auto size = parse_size_value(value); !size && size.error().offset > value.size())
        return wrong("a size value fails beyond its end");
      if (const auto body = parse_body_value(value); !body && body.error().offset > value.size())
        return wrong("a body value fails beyond its end");
    }
    if (joined != params.text()) return wrong("iterating gives " + in_quotes(joined));
    return {};
  }
};

} // namespace postel::fuzz
