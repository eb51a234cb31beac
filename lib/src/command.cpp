#include "postel/command.hpp"

#include <array>
#include <bit>

#include "append.hpp"
#include "capture.hpp"
#include "decimal.hpp"
#include "postel/grammar/command.hpp"
#include "write.hpp"

namespace postel {

namespace {

// The four letters of a verb as one number, in any case: 0x20 is the only difference between the cases of a letter, and no octet that
// is not a letter becomes one without it.
constexpr std::uint32_t key(const char* verb) noexcept {
  const std::array<char, 4> octets{verb[0], verb[1], verb[2], verb[3]};
  return std::bit_cast<std::uint32_t>(octets) & 0xDFDFDFDF;
}

constexpr std::size_t key_length = 4;

// The letters, digits and hyphens that the line starts with.
std::string_view verb_of_line(std::string_view line) noexcept {
  std::size_t end = 0;
  while (end < line.size() && (grammar::is(grammar::octets::let_dig, line[end]) || line[end] == '-')) ++end;
  return line.substr(0, end);
}

// What follows a verb of that length and its space.
std::string_view argument(std::string_view line, std::size_t verb_length = key_length) noexcept {
  return line.size() > verb_length ? line.substr(verb_length + 1) : std::string_view();
}

constexpr std::string_view smtputf8_suffix = " SMTPUTF8";
constexpr std::string_view last_suffix = " LAST";

// text without the suffix that the rule has found at its end.
std::string_view without(std::string_view text, std::string_view suffix, bool found) noexcept {
  if (found) text.remove_suffix(suffix.size());
  return text;
}

constexpr failure unknown{errc::unknown_command, 0, expectation::command};

// The rule for RFC 6531 of a command that has an address; none for others.
template <typename Rule>
struct with_utf8 {};
template <>
struct with_utf8<grammar::mail<grammar::ascii>> {
  using type = grammar::mail<grammar::internationalized>;
};
template <>
struct with_utf8<grammar::rcpt<grammar::ascii>> {
  using type = grammar::rcpt<grammar::internationalized>;
};
template <>
struct with_utf8<grammar::vrfy<grammar::ascii>> {
  using type = grammar::vrfy<grammar::internationalized>;
};
template <>
struct with_utf8<grammar::expn<grammar::ascii>> {
  using type = grammar::expn<grammar::internationalized>;
};

// A line that begins with a verb's four letters may still have another verb, which we do not know.
template <typename Rule>
[[gnu::cold, gnu::noinline]] failure refused(std::string_view line, std::string_view verb) noexcept {
  if (!equal_ignoring_case(verb_of_line(line), verb)) return unknown;
  if constexpr (requires { typename with_utf8<Rule>::type; })
    return detail::fault_or_smtputf8<Rule, typename with_utf8<Rule>::type>(line);
  else
    return detail::fault<Rule>(line);
}

// make(captures) gives the command, or why it is none, once Rule has matched the whole line.
template <typename Rule, typename Make>
result<command> parse_as(std::string_view line, std::string_view verb, Make make) noexcept {
  detail::captures captured;
  if (!detail::matches<Rule, detail::capture>(line, captured)) return refused<Rule>(line, verb);
  return make(captured);
}

// The same for the verbs that mail is made of.
template <typename Rule, typename Make>
result<command> parse_often(std::string_view line, std::string_view verb, Make make) noexcept {
  detail::captures captured;
  if (!detail::matches_often<Rule, detail::capture>(line, captured)) return refused<Rule>(line, verb);
  return make(captured);
}

result<command> make_bdat(std::string_view line, bool last) noexcept {
  const std::string_view digits = without(argument(line), last_suffix, last);
  std::uint64_t size = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), size).ec == std::errc::result_out_of_range)
    return failure{errc::syntax, key_length + 1, expectation::chunk_size_value};
  return command(cmd::bdat{size, last});
}

cmd::auth make_auth(std::string_view line) noexcept {
  const std::string_view text = argument(line);
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, space), text.substr(space + 1)};
}

template <typename Charset>
result<command> parse(std::string_view line) noexcept {
  if (line.size() < key_length) return unknown;
  using detail::captures;
  const auto client = [](const captures& c) { return host{c.address.domain, detail::form_of(c.address.domain)}; };
  const auto params = [](const captures& c) { return parameters(c.params); };
  const auto verified = [&](const captures& c) { return without(argument(line), smtputf8_suffix, c.smtputf8); };
  switch (key(line.data())) {
    case key("EHLO"):
      return parse_often<grammar::ehlo<Charset>>(line, "EHLO",
                                                 [&](const captures& c) { return command(cmd::ehlo{client(c)}); });
    case key("HELO"):
      return parse_as<grammar::helo<Charset>>(line, "HELO",
                                              [&](const captures&) { return command(cmd::helo{argument(line)}); });
    case key("MAIL"):
      return parse_often<grammar::mail<Charset>>(
          line, "MAIL", [&](const captures& c) { return command(cmd::mail{c.address, params(c)}); });
    case key("RCPT"):
      return parse_often<grammar::rcpt<Charset>>(
          line, "RCPT", [&](const captures& c) { return command(cmd::rcpt{c.address, params(c)}); });
    case key("DATA"):
      return parse_as<grammar::data>(line, "DATA", [](const captures&) { return command(cmd::data{}); });
    case key("RSET"):
      return parse_as<grammar::rset>(line, "RSET", [](const captures&) { return command(cmd::rset{}); });
    case key("VRFY"):
      return parse_as<grammar::vrfy<Charset>>(
          line, "VRFY", [&](const captures& c) { return command(cmd::vrfy{verified(c), c.smtputf8}); });
    case key("EXPN"):
      return parse_as<grammar::expn<Charset>>(
          line, "EXPN", [&](const captures& c) { return command(cmd::expn{verified(c), c.smtputf8}); });
    case key("HELP"):
      return parse_as<grammar::help<Charset>>(line, "HELP",
                                              [&](const captures&) { return command(cmd::help{argument(line)}); });
    case key("NOOP"):
      return parse_as<grammar::noop<Charset>>(line, "NOOP",
                                              [&](const captures&) { return command(cmd::noop{argument(line)}); });
    case key("QUIT"):
      return parse_as<grammar::quit>(line, "QUIT", [](const captures&) { return command(cmd::quit{}); });
    case key("LHLO"):
      return parse_as<grammar::lhlo<Charset>>(line, "LHLO",
                                              [&](const captures& c) { return command(cmd::lhlo{client(c)}); });
    case key("STARTTLS"):
      return parse_as<grammar::starttls>(line, "STARTTLS", [](const captures&) { return command(cmd::starttls{}); });
    case key("AUTH"):
      return parse_as<grammar::auth>(line, "AUTH", [&](const captures&) { return command(make_auth(line)); });
    case key("BDAT"):
      return parse_as<grammar::bdat>(line, "BDAT", [&](const captures& c) { return make_bdat(line, c.last); });
    case key("BURL"):
      return parse_as<grammar::burl>(line, "BURL", [&](const captures& c) {
        return command(cmd::burl{without(argument(line), last_suffix, c.last), c.last});
      });
    case key("ETRN"):
      return parse_as<grammar::etrn<Charset>>(line, "ETRN",
                                              [&](const captures&) { return command(cmd::etrn{argument(line)}); });
    case key("ATRN"):
      return parse_as<grammar::atrn<Charset>>(line, "ATRN",
                                              [&](const captures&) { return command(cmd::atrn{argument(line)}); });
    case key("XCLIENT"):
      return parse_as<grammar::xclient>(line, "XCLIENT", [&](const captures&) {
        return command(cmd::xclient{parameters(argument(line, name(verb::xclient).size()))});
      });
    case key("XFORWARD"):
      return parse_as<grammar::xforward>(line, "XFORWARD", [&](const captures&) {
        return command(cmd::xforward{parameters(argument(line, name(verb::xforward).size()))});
      });
    case key("WELLKNOWN"):
      return parse_as<grammar::wellknown>(line, "WELLKNOWN", [&](const captures&) {
        return command(cmd::wellknown{argument(line, name(verb::wellknown).size())});
      });
    case key("SEND"):
    case key("SOML"):
    case key("SAML"):
    case key("TURN"):
    case key("VERB"):
    case key("ONEX"):
      return parse_as<grammar::obsolete<Charset>>(line, line.substr(0, key_length), [&](const captures&) {
        return command(cmd::obsolete{line.substr(0, key_length), argument(line)});
      });
    default: return unknown;
  }
}

// The spelling of a command, unchecked and without CRLF.
struct writer {
  std::string& out;

  void operator()(const cmd::ehlo& c) const { words("EHLO", c.client.text); }
  void operator()(const cmd::helo& c) const { words("HELO", c.domain); }
  void operator()(const cmd::mail& c) const {
    out += "MAIL FROM:";
    detail::write(out, c.from);
    optional(c.params.text());
  }
  void operator()(const cmd::rcpt& c) const {
    out += "RCPT TO:";
    detail::write(out, c.to);
    optional(c.params.text());
  }
  void operator()(const cmd::data&) const { out += "DATA"; }
  void operator()(const cmd::rset&) const { out += "RSET"; }
  void operator()(const cmd::vrfy& c) const { words("VRFY", c.string, smtputf8_suffix, c.smtputf8); }
  void operator()(const cmd::expn& c) const { words("EXPN", c.string, smtputf8_suffix, c.smtputf8); }
  void operator()(const cmd::help& c) const { word("HELP", c.string); }
  void operator()(const cmd::noop& c) const { word("NOOP", c.string); }
  void operator()(const cmd::quit&) const { out += "QUIT"; }
  void operator()(const cmd::lhlo& c) const { words("LHLO", c.client.text); }
  void operator()(const cmd::starttls&) const { out += "STARTTLS"; }
  void operator()(const cmd::auth& c) const {
    words("AUTH", c.mechanism);
    if (c.initial_response) out.append(" ").append(*c.initial_response);
  }
  void operator()(const cmd::bdat& c) const { words("BDAT", detail::decimal(c.size).view(), last_suffix, c.last); }
  void operator()(const cmd::burl& c) const { words("BURL", c.uri, last_suffix, c.last); }
  void operator()(const cmd::etrn& c) const { words("ETRN", c.node); }
  void operator()(const cmd::atrn& c) const { word("ATRN", c.domains); }
  void operator()(const cmd::xclient& c) const { words("XCLIENT", c.attributes.text()); }
  void operator()(const cmd::xforward& c) const { words("XFORWARD", c.attributes.text()); }
  void operator()(const cmd::wellknown& c) const { words("WELLKNOWN", c.path); }
  void operator()(const cmd::obsolete& c) const { word(c.verb, c.argument); }

 private:
  // A verb with its argument, and a suffix if there is one.
  void words(std::string_view verb, std::string_view text, std::string_view suffix = {},
             bool with_suffix = false) const {
    out.append(verb).append(" ").append(text);
    if (with_suffix) out += suffix;
  }
  // A verb whose argument may be absent.
  void word(std::string_view verb, std::string_view text) const {
    out += verb;
    optional(text);
  }
  void optional(std::string_view text) const {
    if (!text.empty()) out.append(" ").append(text);
  }
};

} // namespace

std::string_view name(verb v) noexcept {
  switch (v) {
    case verb::ehlo: return "EHLO";
    case verb::helo: return "HELO";
    case verb::mail: return "MAIL";
    case verb::rcpt: return "RCPT";
    case verb::data: return "DATA";
    case verb::rset: return "RSET";
    case verb::vrfy: return "VRFY";
    case verb::expn: return "EXPN";
    case verb::help: return "HELP";
    case verb::noop: return "NOOP";
    case verb::quit: return "QUIT";
    case verb::lhlo: return "LHLO";
    case verb::starttls: return "STARTTLS";
    case verb::auth: return "AUTH";
    case verb::bdat: return "BDAT";
    case verb::burl: return "BURL";
    case verb::etrn: return "ETRN";
    case verb::atrn: return "ATRN";
    case verb::xclient: return "XCLIENT";
    case verb::xforward: return "XFORWARD";
    case verb::wellknown: return "WELLKNOWN";
    case verb::obsolete: break;
  }
  return {};
}

result<command> parse_command(std::string_view line, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() { return parse<Charset>(line); });
}

result<auth_response> parse_auth_response(std::string_view line) noexcept {
  if (!detail::matches<grammar::auth_response>(line)) return detail::fault<grammar::auth_response>(line);
  const bool cancelled = line == "*";
  return auth_response{cancelled, cancelled ? std::string_view() : line};
}

result<std::size_t> append(std::string& out, const command& value, charset octets) {
  const auto written = detail::append_checked(
      out, value, [&] { std::visit(writer{out}, value); },
      [&](std::string_view line) { return parse_command(line, octets); });
  if (!written) return written;
  out += "\r\n";
  return *written + 2;
}

} // namespace postel
