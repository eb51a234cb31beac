#include "postel/command.hpp"

#include "append.hpp"
#include "capture.hpp"
#include "postel/grammar/command.hpp"
#include "write.hpp"

namespace postel {

namespace {

// The four letters of a verb as one number, in any case: 0x20 is the only difference between the cases of a letter, and no octet that
// is not a letter becomes one without it.
constexpr std::uint32_t key(const char* verb) noexcept {
  std::uint32_t octets = 0;
  for (int i = 0; i < 4; ++i) octets = octets << 8 | static_cast<unsigned char>(verb[i]);
  return octets & 0xDFDFDFDF;
}

constexpr std::size_t verb_length = 4;

// Where the argument starts: behind the verb and its space.
std::string_view argument(std::string_view line) noexcept {
  return line.size() > verb_length ? line.substr(verb_length + 1) : std::string_view();
}

constexpr std::string_view smtputf8_suffix = " SMTPUTF8";

// The string of VRFY or EXPN, without the parameter if there is one.
std::string_view verified(std::string_view line, bool smtputf8) noexcept {
  std::string_view string = argument(line);
  if (smtputf8) string.remove_suffix(smtputf8_suffix.size());
  return string;
}

// A line that starts with a verb's letters but goes on with a letter, digit or hyphen has another verb, which we do not know.
template <typename Rule>
[[gnu::cold, gnu::noinline]] failure refused(std::string_view line) noexcept {
  if (line.size() > verb_length &&
      (grammar::is(grammar::octets::let_dig, line[verb_length]) || line[verb_length] == '-'))
    return {errc::unknown_command, 0};
  return detail::fault<Rule>(line);
}

// make(captures) gives the command once Rule has matched the whole line.
template <typename Rule, typename Make>
result<command> parse_as(std::string_view line, Make make) noexcept {
  detail::captures captured;
  if (!detail::matches<Rule, detail::capture>(line, captured)) return refused<Rule>(line);
  return command(make(captured));
}

template <typename Charset>
result<command> parse(std::string_view line) noexcept {
  if (line.size() < verb_length) return failure{errc::unknown_command, 0};
  using detail::captures;
  const auto params = [](const captures& c) { return parameters(c.params); };
  switch (key(line.data())) {
    case key("EHLO"):
      return parse_as<grammar::ehlo<Charset>>(
          line, [&](const captures& c) { return cmd::ehlo{{c.address.domain, detail::form_of(c.address.domain)}}; });
    case key("HELO"):
      return parse_as<grammar::helo<Charset>>(line, [&](const captures&) { return cmd::helo{argument(line)}; });
    case key("MAIL"):
      return parse_as<grammar::mail<Charset>>(line, [&](const captures& c) { return cmd::mail{c.address, params(c)}; });
    case key("RCPT"):
      return parse_as<grammar::rcpt<Charset>>(line, [&](const captures& c) { return cmd::rcpt{c.address, params(c)}; });
    case key("DATA"): return parse_as<grammar::data>(line, [](const captures&) { return cmd::data{}; });
    case key("RSET"): return parse_as<grammar::rset>(line, [](const captures&) { return cmd::rset{}; });
    case key("VRFY"):
      return parse_as<grammar::vrfy<Charset>>(
          line, [&](const captures& c) { return cmd::vrfy{verified(line, c.smtputf8), c.smtputf8}; });
    case key("EXPN"):
      return parse_as<grammar::expn<Charset>>(
          line, [&](const captures& c) { return cmd::expn{verified(line, c.smtputf8), c.smtputf8}; });
    case key("HELP"):
      return parse_as<grammar::help<Charset>>(line, [&](const captures&) { return cmd::help{argument(line)}; });
    case key("NOOP"):
      return parse_as<grammar::noop<Charset>>(line, [&](const captures&) { return cmd::noop{argument(line)}; });
    case key("QUIT"): return parse_as<grammar::quit>(line, [](const captures&) { return cmd::quit{}; });
    default: return failure{errc::unknown_command, 0};
  }
}

// The spelling of a command, unchecked and without CRLF.
struct writer {
  std::string& out;

  void operator()(const cmd::ehlo& c) const { out.append("EHLO ").append(c.client.text); }
  void operator()(const cmd::helo& c) const { out.append("HELO ").append(c.domain); }
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
  void operator()(const cmd::vrfy& c) const { verified_string("VRFY ", c.string, c.smtputf8); }
  void operator()(const cmd::expn& c) const { verified_string("EXPN ", c.string, c.smtputf8); }
  void operator()(const cmd::help& c) const {
    out += "HELP";
    optional(c.string);
  }
  void operator()(const cmd::noop& c) const {
    out += "NOOP";
    optional(c.string);
  }
  void operator()(const cmd::quit&) const { out += "QUIT"; }

 private:
  void verified_string(std::string_view verb, std::string_view text, bool smtputf8) const {
    out.append(verb).append(text);
    if (smtputf8) out += smtputf8_suffix;
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
  }
  return {};
}

result<command> parse_command(std::string_view line, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() { return parse<Charset>(line); });
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
