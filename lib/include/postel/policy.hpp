// What a session offers and how far it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "extension.hpp"

namespace [[gnu::visibility("default")]] postel {

// No limit, in a field that says so.
inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// What a server session takes. The first five are the least that RFC 5321 4.5.3.1 asks for, and what is accepted unless they are set higher. In
// octets unless they say otherwise.
struct server_limits {
  std::size_t local_part = 64;    // 4.5.3.1.1
  std::size_t domain = 255;       // 4.5.3.1.2
  std::size_t path = 256;         // 4.5.3.1.3, with its brackets and source route
  std::size_t command_line = 512; // 4.5.3.1.4, CRLF included; the increments of what is offered are added to it
  std::size_t recipients = 1000;  // 4.5.3.1.8: at least 100; in one transaction

  // These may be unlimited.

  // 4.5.3.1.6, CRLF included, without a stuffed dot: at least 1000. No memory depends on it; what is behind may have a shorter one.
  std::size_t text_line = unlimited;
  // Messages in one session (RFC 9422 MAILMAX), accepted MAIL commands that is: then 452. Stops one client from keeping a place for ever.
  std::size_t transactions = unlimited;
  // Commands that the session refused, and AUTH exchanges that failed: the next one is answered 421. Stops guessing of passwords and
  // other probing in one connection.
  std::size_t errors = 50;
  // Commands that lead nowhere (EHLO, HELO, LHLO, RSET, NOOP, HELP, VRFY, EXPN, ETRN) since a message was last accepted: the next one is
  // answered 421. Stops a client that keeps a connection busy and sends nothing. Not below what honest clients pipeline.
  std::size_t idle_commands = 1000;
  // Octets in out, not yet written to the peer: next() does nothing while there are as many. Stops a client that sends and never reads from
  // filling the memory. What one command or message has to say may go beyond it.
  std::size_t output = std::size_t{64} * 1024;
};

// What a client session takes from a server, and says to it.
struct client_limits {
  // All lines of one reply, in any number and of any length, in octets. A reply to AUTH may have auth_line_limit whatever this is.
  std::size_t reply = std::size_t{64} * 1024;
  std::size_t command_line = 512; // AUTH with its initial response, in octets, CRLF included (RFC 4954 4)
};

// The longest command line, in octets, CRLF included: limit.command_line, and what the RFCs of the offered extensions add to the command
// that they lengthen most.
[[nodiscard]] std::size_t command_line_limit(const server_limits& limit, extensions offered) noexcept;

// The longest line of a reply that the grammar knows, in octets, code and CRLF included (RFC 5321 4.5.3.1.5). A longer one counts all the
// same: see reply_view::deviation().
inline constexpr std::size_t reply_line_limit = 512;
// The longest line of an AUTH exchange, in octets, CRLF included (RFC 4954 4): of what a client says, and of a 334 that it reads.
inline constexpr std::size_t auth_line_limit = 12288;

// Which protocol a server session speaks.
enum class service : std::uint8_t {
  smtp,       // RFC 5321
  submission, // RFC 6409: MAIL is answered 530 unless the client has authenticated
  lmtp,       // RFC 2033: LHLO, and an answer a recipient at the end of a message
};

// What happens to a CR without LF, or an LF without CR, in a message under DATA. (In a chunk of BDAT they are data like any other octet,
// RFC 3030 3.) Under none of them does anything but CRLF . CRLF end a message.
enum class bare_line_end : std::uint8_t {
  refuse, // the message is refused at its end with 554
  accept, // it is data. Admits SMTP smuggling towards whoever gets the message next and takes it for a line end
  normalise, // it becomes CRLF, as if the client had sent that. The next one's reading is the same as ours; signatures may break
};

// What a server session offers and enforces. What it accepts beyond the standard is named accept_..., one field each; the
// manual has a table of them with their defaults and risks. Views must outlive the session.
struct policy {
  // The name in greeting, EHLO and QUIT replies (RFC 5321 4.1.1.1: Domain).
  std::string_view host = "localhost";
  service protocol = service::smtp;
  // What EHLO offers, of what the session carries out (server::supported); some only at the right time: STARTTLS before TLS, REQUIRETLS
  // in it, AUTH where its mechanisms may be used. What is not offered is refused when used.
  extensions offer = {extension::pipelining,     extension::size,
                      extension::eight_bit_mime, extension::enhanced_status_codes,
                      extension::smtputf8,       extension::help};
  // The largest message, in octets as transmitted without stuffed dots (RFC 1870 3). Enforced whether SIZE is offered or not; where it is, 0,
  // which SIZE would announce as no limit, opens no session.
  std::uint64_t message_size = std::uint64_t{32} * 1024 * 1024;
  server_limits limit = {};

  // The parameters in the EHLO lines of these extensions, separated by single spaces.
  std::string_view mechanisms = "PLAIN";  // AUTH, RFC 4954 3: also those that AUTH may name
  std::string_view burl_schemes = {};     // BURL, RFC 4468 3
  std::string_view solicitation = {};     // NO-SOLICITING, RFC 3865 2: keywords separated by commas
  std::string_view priority_profile = {}; // MT-PRIORITY, RFC 6710 3
  // DELIVERBY, RFC 2852 3: the shortest by-time that mode R may have, in seconds; announced unless 0. A shorter one is answered 555.
  std::uint32_t deliver_by_minimum = 0;
  // FUTURERELEASE, RFC 4865 3: the longest HOLDFOR, in seconds, and the latest HOLDUNTIL, a date-time of RFC 3339; both are announced.
  // Both are enforced: a longer or later one is answered 501.
  std::uint32_t hold_for_maximum = 86400;
  std::string_view hold_until_maximum = "9999-12-31T23:59:59Z";

  // 530 to all but NOOP, EHLO, LHLO, STARTTLS and QUIT until there is TLS (RFC 3207 4). Not for a public server of SMTP, which must take
  // mail in clear too (RFC 3207 4).
  bool tls_required = false;
  // 530 to all that is offered but AUTH, EHLO, HELO, LHLO, STARTTLS, NOOP, RSET and QUIT until the client has authenticated (RFC 4954 6);
  // service::submission implies it.
  bool authentication_required = false;
  // AUTH is offered and taken without TLS. Admits that whoever listens reads the password of PLAIN and LOGIN.
  bool auth_in_clear = false;

  // What is wrong with a command or a parameter's value is told in the reply: the octet at which the grammar stopped, counted from 0, and
  // what it wanted there, in our words. Nothing of what the client said is repeated. Admits that a prober learns which grammar we have.
  bool explain_syntax_errors = true;

  // What real clients say and the grammar does not have. Each costs nothing where it is not needed: it is looked for in lines that the
  // grammar has refused.

  // HELO with an address literal (RFC 5321 4.1.1.1 gives it to EHLO only). Admits nothing: who takes a client's name for more than a claim
  // is wrong about either.
  bool accept_helo_literal = true;
  // A client's name with "_", with a hyphen at an end of a label, or with a dot behind it, which is dropped (RFC 5321 4.1.2). Admits names that
  // are no Domain: parse_domain() tells before one goes into a Received field, which others may not be able to read with it.
  bool accept_loose_client_names = false;
  // Words behind a client's name: "EHLO name text" (RFC 5321 4.1.1.1). They are dropped. Admits that two readers of the line, a filter and we,
  // take different parts of it for the name.
  bool accept_text_after_client_name = false;
  // Spaces between "FROM:" or "TO:" and the path (RFC 5321 3.3). Admits that a filter in front of us, which reads on to the next space,
  // sees no address there.
  bool accept_space_before_path = false;
  // Several spaces where there should be one, in EHLO, HELO, LHLO, MAIL and RCPT (RFC 5321 4.1.1, 4.1.2). Admits what the one before does.
  bool accept_several_spaces = false;
  // "ENVID=" with nothing behind it: RFC 3461 4.4 allows it, the syntax of parameters does not (RFC 5321 4.1.2). Admits nothing; a report will
  // have no Original-Envelope-Id that can be matched.
  bool accept_empty_envid = false;
  // Address literals whose tag nobody has registered, any but IPv6 that is (RFC 5321 4.1.3: a tag MUST be registered). Admits addresses that mean
  // something to some program only, and have fooled those that look for the colon.
  bool accept_unregistered_literals = false;

  // White space before the CRLF of a command is dropped (RFC 5321 4.1.1, SHOULD). Admits no attack: it ends no line.
  bool accept_trailing_white_space = true;
  bare_line_end bare_cr = bare_line_end::refuse;
  bare_line_end bare_lf = bare_line_end::refuse;
  // NUL in a message without BODY=BINARYMIME (RFC 5321 4.1.1.4 takes all of ASCII). Admits that a reader in C sees the message cut short there.
  bool accept_nul = true;
  // Octets above 127 in a message whose MAIL had neither BODY=8BITMIME nor SMTPUTF8 (RFC 6152 3). Admits that the next server, which may
  // take seven bits only, damages or returns it; most clients send such mail all the same.
  bool accept_undeclared_eight_bit = true;
  // A client that sends before the greeting (RFC 5321 4.3.1), if open() was given what it sent. Admits programs that write without reading.
  bool accept_early_talker = false;
  // Commands behind one that must be the last of its group (RFC 2920 3.1), or behind any where PIPELINING is not offered. Admits requests of
  // other protocols, HTTP above all, that carry commands; refusing closes the session, and also hits some honest clients.
  bool accept_illegal_pipelining = true;
};

// How a client session behaves. Must outlive the session.
struct client_policy {
  service protocol = service::smtp; // lmtp: LHLO, and a reply a recipient at the end of a message (RFC 2033)
  client_limits limit = {};
  // CRs and LFs of a message that are no CRLF become one, else they are refused (RFC 5321 2.3.8).
  bool convert_line_ends = false;
  // AUTH may be used without TLS. Admits that whoever listens reads the password of PLAIN and LOGIN (RFC 4954 4).
  bool auth_in_clear = false;
  // "AUTH=PLAIN LOGIN" in an EHLO response is an offer where no AUTH line is; else it is passed over. A form from before RFC 2554, which
  // servers still send for clients of that time.
  bool old_auth_form = false;
};

} // namespace postel
