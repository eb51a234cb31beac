// Domains, mailboxes and paths: RFC 5321 4.1.2 and 4.1.3, RFC 6531 3.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "result.hpp"

namespace [[gnu::visibility("default")]] postel {

// Which octets addresses and parameter values may hold. It is always the caller's choice: a session that negotiated
// SMTPUTF8 asks for utf8, everybody else for ascii.
enum class charset : std::uint8_t {
  ascii, // RFC 5321
  utf8,  // RFC 6531: well-formed UTF-8 too (RFC 3629: no overlong form, no surrogate)
};

// Whether text holds an octet above 127.
[[nodiscard]] bool has_non_ascii(std::string_view text) noexcept;

// Whether a and b are equal but for the case of ASCII letters: how verbs, keywords and domains compare (RFC 5321 2.4).
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

enum class host_form : std::uint8_t { domain, ipv4_literal, ipv6_literal, general_literal };

// ( Domain / address-literal ), RFC 5321 4.1.2 and 4.1.3. The view is into the parsed text, a literal's brackets included.
struct host {
  std::string_view text;
  host_form form = host_form::domain;

  friend bool operator==(const host&, const host&) = default;
};

// The address of an address literal, in network byte order, as in_addr and in6_addr hold it. Nothing for a domain and a General literal.
struct ip_address {
  std::array<std::uint8_t, 16> octets; // IPv4: the first four
  std::uint8_t size;                   // 4 or 16

  friend bool operator==(const ip_address&, const ip_address&) = default;
};
[[nodiscard]] std::optional<ip_address> address_of(const host& literal) noexcept;

// Mailbox, RFC 5321 4.1.2. Views into the parsed text: the local part as written, a quoted one with its quotes; the domain,
// or the address literal with its brackets. Equality is that of the octets.
struct mailbox {
  std::string_view local_part;
  std::string_view domain;

  friend bool operator==(const mailbox&, const mailbox&) = default;
};

// What a local part means: that of a Quoted-string without its quotes and backslashes, that of a Dot-string itself (RFC 5321 4.1.2: the
// quoted and the unquoted spelling are one). Decoded into buffer where there is something to decode, else a view of local_part;
// local_part.size() octets are always enough. errc::buffer_too_small if buffer is shorter than what it had to take.
result<std::string_view> unquote(std::string_view local_part, std::span<char> buffer) noexcept;

// Whether a and b are one mailbox: local parts of one meaning, octet for octet (RFC 5321 2.4), domains equal but for case.
[[nodiscard]] bool same_mailbox(const mailbox& a, const mailbox& b) noexcept;

// Appends the local part that has this meaning with as little quoting as it can have (RFC 5321 4.1.2: senders SHOULD not quote more); gives
// the number of octets. errc::syntax, and nothing appended, if no local part has it (CR, LF, NUL or other controls).
result<std::size_t> append_local_part(std::string& out, std::string_view meaning, charset octets = charset::ascii);

// Reverse-path or Forward-path, RFC 5321 4.1.2. Views into the parsed text.
//   <>                    both parts empty
//   <Postmaster>          the domain empty, the local part as written
//   <@a,@b:user@host>     source_route is "@a,@b"; it is to be ignored (RFC 5321 Appendix C)
struct path {
  std::string_view source_route;
  std::string_view local_part;
  std::string_view domain;

  [[nodiscard]] bool is_null() const noexcept { return local_part.empty(); }
  [[nodiscard]] bool is_postmaster() const noexcept { return domain.empty() && !local_part.empty(); }

  friend bool operator==(const path&, const path&) = default;
};

// Whether any part of the path holds an octet above 127.
[[nodiscard]] bool has_non_ascii(const path& value) noexcept;

// Each parses the whole of text or fails with errc::syntax, or with errc::non_ascii_address where charset::utf8 would take it; no
// allocation, no exception, time linear in the text's length.
// parse_domain: what EHLO takes, Domain or address-literal.
result<host> parse_domain(std::string_view text, charset octets = charset::ascii) noexcept;
result<mailbox> parse_mailbox(std::string_view text, charset octets = charset::ascii) noexcept;
// parse_path: with its brackets; the null reverse-path and <Postmaster> are accepted, what a command takes is the command's affair.
result<path> parse_path(std::string_view text, charset octets = charset::ascii) noexcept;

// Each appends value's text to out and gives the number of octets appended. What is written is parsed before it is kept: if that
// does not give value back, nothing is appended and the failure says why (so no CR, LF, SP or ">" gets out through a field).
result<std::size_t> append(std::string& out, const host& value, charset octets = charset::ascii);
result<std::size_t> append(std::string& out, const mailbox& value, charset octets = charset::ascii);
result<std::size_t> append(std::string& out, const path& value, charset octets = charset::ascii);

} // namespace postel
