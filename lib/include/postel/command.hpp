// The commands: RFC 5321 4.1.1 and those of the extensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "address.hpp"
#include "extension_parameters.hpp"

namespace [[gnu::visibility("default")]] postel {

enum class verb : std::uint8_t {
  ehlo,
  helo,
  mail,
  rcpt,
  data,
  rset,
  vrfy,
  expn,
  help,
  noop,
  quit,      // RFC 5321
  lhlo,      // RFC 2033
  starttls,  // RFC 3207
  auth,      // RFC 4954
  bdat,      // RFC 3030
  burl,      // RFC 4468
  etrn,      // RFC 1985
  atrn,      // RFC 2645
  xclient,   // Postfix's
  xforward,  // Postfix's
  wellknown, // Exim's
  obsolete,  // SEND, SOML, SAML, TURN of RFC 821; VERB and ONEX
};
inline constexpr std::size_t verb_count = 22;

// "EHLO" and so on; empty for obsolete, which has several. The view is static.
[[nodiscard]] std::string_view name(verb) noexcept;

// One struct a verb. All views point into the parsed line.
namespace cmd {

// RFC 5321 4.1.1.1
struct ehlo {
  host client;
  friend bool operator==(const ehlo&, const ehlo&) = default;
};
// RFC 5321 4.1.1.1
struct helo {
  std::string_view domain;
  friend bool operator==(const helo&, const helo&) = default;
};
// RFC 5321 4.1.1.2
struct mail {
  path from;
  mail_parameters params;
  friend bool operator==(const mail&, const mail&) = default;
};
// RFC 5321 4.1.1.3
struct rcpt {
  path to;
  rcpt_parameters params;
  friend bool operator==(const rcpt&, const rcpt&) = default;
};
// RFC 5321 4.1.1.4
struct data {
  friend bool operator==(const data&, const data&) = default;
};
// RFC 5321 4.1.1.5
struct rset {
  friend bool operator==(const rset&, const rset&) = default;
};
// RFC 5321 3.5.1, 4.1.1.6: a local part, or a mailbox, as written, a quoted one with its quotes; smtputf8: RFC 6531 3.7.4.2, only where
// charset::utf8 is asked for
struct vrfy {
  std::string_view string;
  bool smtputf8 = false;
  friend bool operator==(const vrfy&, const vrfy&) = default;
};
// RFC 5321 4.1.1.7: as vrfy
struct expn {
  std::string_view string;
  bool smtputf8 = false;
  friend bool operator==(const expn&, const expn&) = default;
};
// RFC 5321 4.1.1.8: string as written, empty if there was none
struct help {
  std::string_view string;
  friend bool operator==(const help&, const help&) = default;
};
// RFC 5321 4.1.1.9: string as written, empty if there was none
struct noop {
  std::string_view string;
  friend bool operator==(const noop&, const noop&) = default;
};
// RFC 5321 4.1.1.10
struct quit {
  friend bool operator==(const quit&, const quit&) = default;
};
// RFC 2033 4.1
struct lhlo {
  host client;
  friend bool operator==(const lhlo&, const lhlo&) = default;
};
// RFC 3207 4
struct starttls {
  friend bool operator==(const starttls&, const starttls&) = default;
};
// RFC 4954 4: the mechanism as written; the initial response in base64 as written, "=" for an empty one, nothing if there is none
struct auth {
  std::string_view mechanism;
  std::optional<std::string_view> initial_response = std::nullopt;
  friend bool operator==(const auth&, const auth&) = default;
};
// RFC 3030 2: the chunk's size in octets
struct bdat {
  std::uint64_t size;
  bool last = false;
  friend bool operator==(const bdat&, const bdat&) = default;
};
// RFC 4468 3
struct burl {
  std::string_view uri;
  bool last = false;
  friend bool operator==(const burl&, const burl&) = default;
};
// RFC 1985 5: node as written, with its option character if there is one: "@domain", "#queue"
struct etrn {
  std::string_view node;
  friend bool operator==(const etrn&, const etrn&) = default;
};
// RFC 2645 5.2.1: domains as written, separated by commas; empty if there are none
struct atrn {
  std::string_view domains;
  friend bool operator==(const atrn&, const atrn&) = default;
};
// Postfix's: attributes as parameters whose values are xtext (RFC 3461 4)
struct xclient {
  parameters attributes;
  friend bool operator==(const xclient&, const xclient&) = default;
};
// Postfix's: as xclient
struct xforward {
  parameters attributes;
  friend bool operator==(const xforward&, const xforward&) = default;
};
// Exim's: the name of a file below its folder of well-known ones, as xtext (RFC 3461 4); parse_wellknown_response() reads the reply
struct wellknown {
  std::string_view path;
  friend bool operator==(const wellknown&, const wellknown&) = default;
};
// RFC 821 4.1.1, RFC 5321 F.6: recognised to be answered 502; verb and argument as written
struct obsolete {
  std::string_view verb;
  std::string_view argument;
  friend bool operator==(const obsolete&, const obsolete&) = default;
};

} // namespace cmd

using command = std::variant<cmd::ehlo, cmd::helo, cmd::mail, cmd::rcpt, cmd::data, cmd::rset, cmd::vrfy, cmd::expn,
                             cmd::help, cmd::noop, cmd::quit, cmd::lhlo, cmd::starttls, cmd::auth, cmd::bdat, cmd::burl,
                             cmd::etrn, cmd::atrn, cmd::xclient, cmd::xforward, cmd::wellknown, cmd::obsolete>;
static_assert(std::variant_size_v<command> == verb_count);

[[nodiscard]] inline verb verb_of(const command& c) noexcept {
  return static_cast<verb>(c.index());
}

// Parses one command line, its CRLF (which framing finds, see line.hpp) not included. errc::unknown_command when the line starts
// with no verb we know; errc::non_ascii_address where nothing is wrong with MAIL, RCPT, VRFY or EXPN but that they need charset::utf8; else
// errc::syntax at the furthest octet reached. What a server session takes beyond the grammar, because its policy says so, is refused here:
// "RSET " with its space, "HELO [192.0.2.1]". No allocation, no exception, linear time.
result<command> parse_command(std::string_view line, charset octets = charset::ascii) noexcept;

// A line of the AUTH exchange, behind a 334 (RFC 4954 4).
struct auth_response {
  bool cancelled;          // "*"
  std::string_view base64; // as written; empty if cancelled, or if the response is
  friend bool operator==(const auth_response&, const auth_response&) = default;
};
result<auth_response> parse_auth_response(std::string_view line) noexcept;

// Appends the command as it goes over the wire, CRLF included, and gives the number of octets. What is written is parsed before it
// is kept: if that does not give value back, nothing is appended and the failure says why.
result<std::size_t> append(std::string& out, const command& value, charset octets = charset::ascii);

} // namespace postel
