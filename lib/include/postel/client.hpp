// The client's side of a session of SMTP, submission or LMTP (RFC 5321 3 and 4, RFC 2033) without a socket: the mirror image of server.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "command.hpp"
#include "event.hpp"
#include "extension.hpp"
#include "policy.hpp"
#include "reply.hpp"
#include "session_state.hpp"
#include "stuffing.hpp"
#include "timeout.hpp"

namespace [[gnu::visibility("default")]] postel {

namespace detail {
struct session_facts;
}

// What a client session tells the application. Views point into the unread octets that were passed to next(). A reply's framing and code decide
// which event it is; its text decides nothing, and may hold any octets but LF: reply_view::deviation() reports what is outside of the grammar.
namespace event {

// The server's first reply: 2yz, or 554 or another refusal (RFC 5321 3.1), which leaves nothing but QUIT to say.
struct greeted {
  reply_view reply;
};
// The reply to the oldest command that had none. A code that is valid and unknown means what its first digit says (RFC 5321 4.3.2). To
// STARTTLS with 2yz: drop what is unread (there is nothing), run the handshake, call tls_started().
struct replied {
  verb command;
  reply_view reply;
};
// The 334 of an AUTH exchange: respond() or cancel(). base64: as written, unchecked; decode_base64() decodes it.
struct challenged {
  std::string_view base64;
  reply_view reply;
};
// The reply to the message, after end_body() or the last chunk. In LMTP one for each recipient that was accepted, and which of those, from 0.
// Where MAIL said PRDR (Exim's, draft-hall-prdr-00) the server may say 353 first, which announces one for each recipient likewise and then one
// to the whole message: only if that is positive has anybody got it.
struct message_replied {
  enum class about : std::uint8_t { message, recipient, announcement };
  reply_view reply;
  std::size_t recipient; // 0 where it is about none
  about what = about::message;
};
// 421: the server closes, whatever was asked (RFC 5321 3.8). What has no reply yet gets none. The session is over.
struct closing {
  reply_view reply;
};
// What came is no reply, or none was due. The session is over; every further call says so again.
struct broken {
  errc code;
  // Of errc::reply_code_mismatch: the code of the reply's first line, and the first one that differs from it.
  std::uint16_t first_code = 0;
  std::uint16_t other_code = 0;
  friend bool operator==(const broken&, const broken&) = default;
};

} // namespace event

using client_event = std::variant<event::need_more, event::greeted, event::replied, event::challenged,
                                  event::message_replied, event::closing, event::broken>;

struct client_step {
  client_event event;
  std::size_t used; // octets of unread that are done with: drop them after the event was dealt with
};

// One session. Copies none of the input, allocates nothing of its own (out grows as the caller lets it), knows no clock and no socket.
class client {
 public:
  // The policy must outlive the session; a temporary is refused.
  explicit client(const client_policy& rules) noexcept : policy_(&rules) {}
  explicit client(const client_policy&&) = delete;

  // Takes the next step. unread: everything that was received and not yet dropped.
  [[nodiscard]] client_step next(std::string_view unread) noexcept;

  // Appends a command. Refused, with nothing written or changed:
  // not_now: before the greeting, while a message or chunk is under way or the message awaits its replies, after a command that ends a
  //   group, without PIPELINING while a reply is outstanding (RFC 2920 3.1);
  // window_full: with max_outstanding commands unanswered;
  // bad_sequence, no_valid_recipients: not in order (RFC 5321 4.1.4), even if all that is outstanding is answered positively; HELO or EHLO
  //   in LMTP, LHLO in SMTP; STARTTLS in TLS, a second AUTH, DATA for a binary message;
  // not_offered: a command, parameter or body type that the server did not offer; auth_needs_tls: AUTH without TLS;
  // parameter_value, parameter_repeated: see mail_parameters::check();
  // non_ascii_address: with an address or a parameter beyond ASCII in a transaction whose MAIL does not say SMTPUTF8;
  // tls_required: MAIL with REQUIRETLS without TLS (RFC 8689 4.2.1);
  // message_too_large, too_many_recipients, too_many_transactions: beyond what the server announces with SIZE and LIMITS;
  // line_too_long: AUTH with an initial response beyond the limit of a command line (RFC 4954 4): send it without;
  // and what append() refuses.
  result<std::size_t> send(const command& what, std::string& out);

  // Behind event::challenged: the response, as base64, or "*". not_now else; line_too_long beyond RFC 4954's 12288 octets. To "*" the server
  // must answer 501 (RFC 4954 4): whatever it says, another challenge or 235, comes as event::replied and authenticates nobody.
  result<std::size_t> respond(std::string_view octets, std::string& out);
  result<std::size_t> cancel(std::string& out);

  // The handshake behind STARTTLS is done, and everything is forgotten (RFC 3207 4.2): EHLO comes next. Also to be called before the first
  // next() where TLS comes before SMTP (RFC 8314 3). errc::not_now, and nothing done, at any other time.
  result<void> tls_started() noexcept;

  // After 354: the next view of the message to write, as body_stuffer::next() gives it. non_ascii_body if it has octets above 127 and MAIL
  // said neither BODY=8BITMIME nor SMTPUTF8, at the first of them; not_now if no message is under way.
  result<body_stuffer::step> stuff(std::string_view piece) noexcept {
    if (phase_ != phase::message) return failure{errc::not_now};
    return eight_bit_body_ ? body_.next(piece) : stuff_ascii(piece);
  }
  // The same for those who copy: appends all of piece as it goes over the wire, or nothing.
  result<std::size_t> send_body(std::string_view piece, std::string& out);
  // Ends the message: the view to write, or what was appended.
  result<std::string_view> end_body() noexcept;
  result<std::size_t> end_body(std::string& out);
  // So many octets of the chunk that BDAT announced were, or will be, written as they are: to be called before the reply is read, for
  // a chunk that was not written can't have been taken. errc::not_now, and nothing done, beyond its size.
  result<void> chunk_written(std::uint64_t octets) noexcept;

  // What the last EHLO or LHLO response offered; nothing before it, or after HELO.
  [[nodiscard]] extensions offered() const noexcept { return offered_; }
  // SIZE's parameter, in octets: nothing if there was none or it was 0, which is no limit (RFC 1870 4).
  [[nodiscard]] std::optional<std::uint64_t> size_limit() const noexcept;
  // How many more RCPT commands this transaction, and MAIL commands this session, may have by LIMITS (RFC 9422).
  [[nodiscard]] std::uint64_t recipients_left() const noexcept;
  [[nodiscard]] std::uint64_t transactions_left() const noexcept;
  // Commands and messages whose replies have not come yet.
  [[nodiscard]] std::size_t outstanding() const noexcept { return outstanding_ + replies_left_; }
  // Recipients of this transaction that were answered positively.
  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }
  // DATA was answered with 3yz and the message has not ended.
  [[nodiscard]] bool in_body() const noexcept { return phase_ == phase::message; }
  // A challenge awaits respond() or cancel().
  [[nodiscard]] bool challenged() const noexcept { return phase_ == phase::challenged; }
  // Octets of a chunk that are still to be written.
  [[nodiscard]] std::uint64_t chunk_left() const noexcept { return chunk_left_; }
  [[nodiscard]] bool tls() const noexcept { return tls_; }
  [[nodiscard]] bool authenticated() const noexcept { return authenticated_; }
  // QUIT was answered, the server or the connection has closed, or what the server said is no SMTP: nothing more can be said.
  [[nodiscard]] bool closed() const noexcept { return phase_ == phase::closed || phase_ == phase::broken; }
  // The connection has ended: the session is closed, and next() says need_more for ever. Returns true if a message was sent to its end and its
  // reply, or one of them, has not come: it may have been taken (RFC 5321 6.1).
  [[nodiscard("a message that was sent may have been taken")]] bool peer_closed() noexcept;
  // deadline() has passed: the same. Close the connection; there is nothing to say to a server that does not answer.
  [[nodiscard("a message that was sent may have been taken")]] bool timed_out() noexcept { return peer_closed(); }

  // The timeout that runs now (RFC 5321 4.5.3.2), for the oldest reply that is due or the next part of the message.
  [[nodiscard]] timeout deadline() const noexcept;

  static constexpr std::size_t max_outstanding = 64;

 private:
  enum class phase : std::uint8_t {
    greeting,
    turned_away,
    commands,
    challenged,
    tls,
    message,
    message_sent,
    closed,
    broken
  };

  result<body_stuffer::step> stuff_ascii(std::string_view piece) noexcept;
  client_step break_off(const event::broken&) noexcept;
  void end(phase) noexcept;
  [[nodiscard]] std::size_t longest_reply() const noexcept;
  client_event dispatch(const reply_view&) noexcept;
  client_event note_message_reply(const reply_view&) noexcept;
  void note_command_reply(verb, const reply_view&) noexcept;
  void learn(const reply_view&) noexcept;
  void push(verb) noexcept;
  void assume() noexcept;
  void end_transaction() noexcept;
  void end_message() noexcept;
  [[nodiscard]] std::optional<failure> admissible(const command&) const noexcept;
  [[nodiscard]] detail::session_facts facts(verb) const noexcept;
  [[nodiscard]] std::optional<failure> admissible_mail(const cmd::mail&) const noexcept;
  [[nodiscard]] std::optional<failure> admissible_rcpt(const cmd::rcpt&) const noexcept;

  const client_policy* policy_;
  std::uint64_t size_limit_ = 0;
  std::uint64_t chunk_left_ = 0;
  extensions offered_;
  std::uint32_t recipient_limit_ = 0;         // LIMITS; 0 for none
  std::uint32_t transaction_limit_ = 0;       // likewise
  std::uint32_t transactions_ = 0;            // MAIL commands that were accepted, or are outstanding
  std::uint32_t recipients_ = 0;              // RCPT commands that were sent behind the last MAIL
  std::uint32_t accepted_ = 0;                // RCPT commands that were accepted behind the last MAIL with a reply
  std::uint32_t replies_left_ = 0;            // to the message
  std::uint32_t line_start_ = 0;              // where in unread the reply's line under search begins
  std::uint32_t searched_ = 0;                // octets of unread that hold no LF behind line_start_
  std::array<verb, max_outstanding> queue_{}; // a ring of the commands that await replies
  std::uint8_t oldest_ = 0;
  std::uint8_t outstanding_ = 0;
  phase phase_ = phase::greeting;
  session_state confirmed_ = session_state::greeted; // where the replies have led
  session_state assumed_ = session_state::greeted;   // where they will lead, if those outstanding are positive
  bool disappointed_ = false;                        // one was not, and assumed_ is out of date
  bool group_ended_ = false;                         // the newest outstanding command must be the last of its group
  bool extended_ = false;
  bool tls_ = false;
  bool authenticated_ = false;
  bool cancelled_ = false;      // "*" was sent and has no reply yet
  bool eight_bit_body_ = false; // the last MAIL said BODY=8BITMIME, BINARYMIME or SMTPUTF8
  bool binary_ = false;         // it said BODY=BINARYMIME
  bool smtputf8_ = false;       // it said SMTPUTF8
  bool last_chunk_ = false;     // BDAT or BURL with LAST was sent, and the message awaits replies
  bool delivered_ = false;      // one of them was positive
  bool prdr_ = false;           // the last MAIL said PRDR
  bool announced_ = false;      // and 353 has announced a reply for each recipient
  event::broken broken_{};
  body_stuffer body_;
};

// Calls next() until more octets are needed, passes each event to `handle`, and erases the used octets from `unread`. `handle` may send
// commands with the session, and must not modify `unread`. A session that is broken gives event::broken once.
template <typename Handle>
void take_steps(client& session, std::string& unread, Handle&& handle) {
  std::size_t used = 0;
  for (bool broken = false; !broken;) {
    const client_step step = session.next(std::string_view(unread).substr(used));
    used += step.used;
    if (std::holds_alternative<event::need_more>(step.event)) break;
    broken = std::holds_alternative<event::broken>(step.event);
    handle(step.event);
  }
  unread.erase(0, used);
}

} // namespace postel
