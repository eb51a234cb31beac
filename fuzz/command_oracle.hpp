// What a command line is to the parser oracle.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/command.hpp"
#include "postel/parameter.hpp"

namespace postel::fuzz {

struct command_subject {
  result<command> parse(std::string_view line, charset in) const noexcept { return parse_command(line, in); }
  result<std::size_t> append(std::string& out, const command& value, charset in) const {
    return postel::append(out, value, in);
  }

  // The line as it came, its fixed words in upper case: nothing that was said is lost.
  std::string spelling(std::string_view line) const {
    std::string wire(line);
    const auto fixed_words = [&]() -> std::size_t {
      if (equal_ignoring_case(line.substr(0, 4), "MAIL")) return 10;
      if (equal_ignoring_case(line.substr(0, 4), "RCPT")) return 8;
      return 4;
    }();
    for (std::size_t i = 0; i < fixed_words && i < wire.size(); ++i)
      if (wire[i] >= 'a' && wire[i] <= 'z') wire[i] = static_cast<char>(wire[i] ^ 0x20);
    return wire + "\r\n";
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
        },
        value);
  }

  objection examine(const command& value, std::string_view line, charset) const {
    if (!equal_ignoring_case(line.substr(0, 4), name(verb_of(value))))
      return in_words(quoted(line), " is said to be ", name(verb_of(value)));
    if (objection found = objection_to_controls(line)) return found;
    if (const auto* mail = std::get_if<cmd::mail>(&value)) return examine(mail->params);
    if (const auto* rcpt = std::get_if<cmd::rcpt>(&value)) return examine(rcpt->params);
    return {};
  }

 private:
  static objection examine(const parameters& params) {
    const auto wrong = [&](std::string_view what) {
      return in_words("parameters ", quoted(params.text()), ": ", what);
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
    if (joined != params.text()) return wrong("iterating gives " + quoted(joined));
    return {};
  }
};

} // namespace postel::fuzz
