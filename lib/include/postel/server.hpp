// The server's side of an SMTP session, RFC 5321 3 and 4, without a socket: octets in, events and reply octets out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "body.hpp"
#include "command.hpp"
#include "event.hpp"
#include "line.hpp"
#include "policy.hpp"
#include "reply.hpp"

namespace postel {

// What a session tells the application. Views point into the unread octets that were passed to next(), and are good until the caller
// drops or moves them. "Decision": the session waits for answer() or accept(). The others are reports: the reply, if one was due,
// is in out already.
namespace event {

// Decision. EHLO (extended) or HELO: a 250 makes the session write the greeting lines and what is offered.
struct hello {
  host client;
  bool extended;
};
// Decision. MAIL: its parameters are known, offered and well-formed; the typed ones are read out.
struct sender {
  cmd::mail command;
  std::optional<std::uint64_t> size; // SIZE, RFC 1870
  body_value body;                   // BODY, RFC 6152; seven_bit if absent
  bool smtputf8;                     // SMTPUTF8, RFC 6531
};
// Decision. RCPT.
struct recipient {
  cmd::rcpt command;
};
// Decision. DATA with at least one recipient: accept() answers 354 and the message follows.
struct data {};
// A part of the message, dots unstuffed, its line ends CRLF.
struct body {
  std::string_view bytes;
};
// Decision. The message is complete: a 250 takes responsibility for it (RFC 5321 4.2.5, 6.1).
struct message_end {
  std::uint64_t size;
};
// Decision. VRFY (RFC 5321 3.5): accept() answers 252. smtputf8: the answer's text may hold UTF-8 (RFC 6531 3.7.4.2).
struct verify {
  std::string_view string;
  bool smtputf8;
};
// Decision. EXPN, if offered: accept() answers 252. smtputf8 as for verify.
struct expand {
  std::string_view string;
  bool smtputf8;
};
// Decision. HELP, if offered: accept() answers 214.
struct help {
  std::string_view string;
};
// RSET: a transaction, if there was one, is gone.
struct reset {};
struct noop {};
// QUIT: send what is in out, then close.
struct quit {};
// A line or a message was refused; the reply is in out. code says why. A message under way (bare_cr, bare_lf, message_too_large
// at its end) is gone, and what was handed out of it is to be thrown away.
struct refused {
  errc code;
  std::uint32_t offset;  // into line, where the grammar stopped
  std::string_view line; // without CRLF; empty where no whole line was read
};

} // namespace event

using server_event = std::variant<event::need_more, event::hello, event::sender, event::recipient, event::data,
                                  event::body, event::message_end, event::verify, event::expand, event::help,
                                  event::reset, event::noop, event::quit, event::refused>;

struct server_step {
  server_event event;
  std::size_t used; // octets of unread that are done with: drop them after the event was dealt with
};

// Which answer the session waits for.
enum class decision : std::uint8_t { none, helo, ehlo, sender, recipient, data, message_end, verify, expand, help };

// One session. Copies none of the input, allocates nothing of its own (out grows as the caller lets it), knows no clock and no socket.
class server {
 public:
  // The policy must outlive the session; a temporary is refused.
  explicit server(const policy& rules) noexcept : policy_(&rules) {}
  explicit server(const policy&&) = delete;

  // Appends the 220 greeting (RFC 5321 4.2). To be called once, first. False, and nothing done, at any other time or if the policy's
  // host is no Domain.
  bool open(std::string& out);

  // Takes the next step. unread: everything that was received and not yet dropped. Replies are appended to out. event::need_more means
  // that nothing is left to do with these octets. While a decision is owed, and after the end, nothing is used.
  [[nodiscard]] server_step next(std::string_view unread, std::string& out);

  // Answers the event that awaits a decision. A positive code must be one that the command has (RFC 5321 4.3.2), any 4yz or 5yz is
  // allowed; 421 also ends the session (RFC 5321 3.8). False, and nothing done, if no answer is owed or this one can't be written.
  // status is left out where ENHANCEDSTATUSCODES is not offered and in replies that have none (RFC 2034 4), and a general one is put
  // in where it is absent.
  bool answer(const reply& with, std::string& out);
  // The positive answer: 250, 354, 252 or 214. False if no answer is owed.
  bool accept(std::string& out);

  [[nodiscard]] decision owed() const noexcept { return owed_; }
  [[nodiscard]] bool answer_owed() const noexcept { return owed_ != decision::none; }
  // The last reply was 221 or 421: send what is in out, then close. No more input is read.
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

  // The extensions that this session carries out; others in the policy's offer are neither announced nor taken.
  static constexpr extension carried_out[] = {extension::pipelining,
                                              extension::size,
                                              extension::eight_bit_mime,
                                              extension::enhanced_status_codes,
                                              extension::smtputf8,
                                              extension::help,
                                              extension::expn};

  // The states of RFC 5321 4.1.4; which command is good in which is the table in src/server_table.hpp.
  enum class state : std::uint8_t { unopened, greeted, ready, sender, recipients, message, closed };
  [[nodiscard]] state current_state() const noexcept { return state_; }

 private:
  server_step next_line(std::string_view unread, std::string& out);
  server_step next_body(std::string_view unread, std::string& out);
  server_event handle(std::string_view line, std::string& out);
  server_event handle_mail(const cmd::mail&, std::string_view line, std::string& out);
  server_event handle_verify(decision, std::string_view string, bool smtputf8, std::string_view line, std::string& out);
  server_event handle_rcpt(const cmd::rcpt&, std::string_view line, std::string& out);
  server_event owe(decision, server_event) noexcept;
  server_event refuse(failure, std::string_view line, std::string& out) const;
  bool write(reply, std::string& out, charset = charset::ascii) const;
  bool write_hello(std::string_view greet, extensions announced, std::string& out) const;
  void settle(std::uint16_t code, bool positive) noexcept;
  void spoil_message(errc) noexcept;
  void end_transaction() noexcept;
  [[nodiscard]] extensions offer() const noexcept;
  [[nodiscard]] bool offers(extension) const noexcept;

  const policy* policy_;
  std::uint64_t message_octets_ = 0;
  std::size_t recipients_ = 0;
  std::size_t line_limit_ = 0; // computed from the policy once, in open()
  line_framer line_;
  body_framer body_;
  errc message_fault_{}; // why the message under way will be refused; errc{} while nothing is wrong
  state state_ = state::unopened;
  decision owed_ = decision::none;
  bool extended_ = false;   // EHLO, not HELO
  bool smtputf8_ = false;   // this transaction's MAIL had SMTPUTF8
  bool utf8_reply_ = false; // the answer that is owed may hold UTF-8
};

} // namespace postel
