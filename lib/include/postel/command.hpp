// The commands: RFC 5321 4.1.1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "address.hpp"
#include "parameter.hpp"

namespace postel {

enum class verb : std::uint8_t { ehlo, helo, mail, rcpt, data, rset, vrfy, expn, help, noop, quit };

// "EHLO" and so on. The view is static.
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
  parameters params;
  friend bool operator==(const mail&, const mail&) = default;
};
// RFC 5321 4.1.1.3
struct rcpt {
  path to;
  parameters params;
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
// RFC 5321 4.1.1.6: string as written, a quoted one with its quotes; smtputf8: RFC 6531 3.7.4.2, only where charset::utf8 is asked for
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

} // namespace cmd

using command = std::variant<cmd::ehlo, cmd::helo, cmd::mail, cmd::rcpt, cmd::data, cmd::rset, cmd::vrfy, cmd::expn,
                             cmd::help, cmd::noop, cmd::quit>;

[[nodiscard]] inline verb verb_of(const command& c) noexcept {
  return static_cast<verb>(c.index());
}

// Parses one command line, its CRLF (which framing finds, see line.hpp) not included. errc::unknown_command when the line starts
// with no verb we know, else errc::syntax at the furthest octet reached. No allocation, no exception, linear time.
result<command> parse_command(std::string_view line, charset octets = charset::ascii) noexcept;

// Appends the command as it goes over the wire, CRLF included, and gives the number of octets. What is written is parsed before it
// is kept: if that does not give value back, nothing is appended and the failure says why.
result<std::size_t> append(std::string& out, const command& value, charset octets = charset::ascii);

} // namespace postel
