// The server's side of a session of SMTP, submission or LMTP (RFC 5321 3 and 4, RFC 6409, RFC 2033) without a socket: octets in, events and
// reply octets out.
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
#include "session_state.hpp"
#include "timeout.hpp"

namespace [[gnu::visibility("default")]] postel {

namespace detail {
class reply_line;
struct session_facts;
} // namespace detail

// What a session tells the application. Views point into the unread octets that were passed to next(), and are good until the caller
// drops or moves them. "Decision": the session waits for answer() or accept(). The others are reports: the reply, if one was due,
// is in out already.
namespace event {

// Decision. EHLO or LHLO (extended), or HELO: a 250 makes the session write the greeting lines and what is offered. client may be no Domain
// where policy.accept_loose_client_names allows it.
struct hello {
  host client;
  bool extended;
};
// Decision. STARTTLS (RFC 3207): after accept() send what is in out, run the handshake, then call tls_started(). A 454 or other refusal goes on
// in clear.
struct start_tls {};
// Decision. AUTH (RFC 4954): answer 235, a refusal (535 5.7.8 for wrong credentials), or challenge(). initial_response: base64 as written,
// "" for an empty one, nothing if there is none; decode_base64() decodes it.
struct authenticate {
  std::string_view mechanism; // one of policy.mechanisms, in the client's spelling
  std::optional<std::string_view> initial_response;
};
// Decision. The client's response to a challenge, base64 as written: answer as for authenticate.
struct auth_response {
  std::string_view base64;
};
// Decision. MAIL: its parameters are known, offered and well-formed; those of all extensions can be read from command.params, and these
// were.
struct sender {
  cmd::mail command;
  std::optional<std::uint64_t> size; // SIZE, RFC 1870
  body_value body;                   // BODY, RFC 6152, RFC 3030; seven_bit if absent
  bool smtputf8;                     // SMTPUTF8, RFC 6531
};
// Decision. RCPT.
struct recipient {
  cmd::rcpt command;
};
// Decision. DATA with at least one recipient: accept() answers 354 and the message follows.
struct data {};
// BDAT (RFC 3030 2): a chunk of the message follows, size octets.
struct chunk {
  std::uint64_t size;
  bool last;
};
// A part of the message: under DATA with dots unstuffed; under BDAT as it is.
struct body {
  std::string_view bytes;
};
// Decision. A chunk that is not the last is complete: a 250 asks for the next one, anything else gives the message up.
struct chunk_end {
  std::uint64_t size; // of the message so far, BURL's parts not counted
};
// Decision. BURL (RFC 4468 3): the application fetches the octets itself, as a chunk of the message; if last, they complete it, and a 250
// takes responsibility as for message_end.
struct burl {
  std::string_view uri;
  bool last;
};
// Decision. The message is complete: a 250 takes responsibility for it (RFC 5321 4.2.5, 6.1). With service::lmtp one for each recipient
// that was accepted, in their order (RFC 2033 4.2): pending_answers() of them.
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
// Decision. ETRN, if offered (RFC 1985 5): accept() answers 250; 251, 252 and 253 are allowed too.
struct queue_run {
  std::string_view node;
};
// RSET: a transaction, if there was one, is gone.
struct reset {};
struct noop {};
// QUIT: send what is in out, then close.
struct quit {};
// A line, a chunk or a message was refused; the reply is in out. code says why. A message under way is gone if the session is in no
// transaction any more, or in state failed: what was handed out of it is to be thrown away.
struct refused {
  errc code;
  std::uint32_t offset;  // into line, where the grammar stopped
  std::string_view line; // without CRLF; empty where no whole line was read
  // What the grammar wanted there, and within what, as in failure: append_explanation() tells it.
  expectation expected = expectation::none;
  expectation inside = expectation::none;
};

} // namespace event

using server_event =
    std::variant<event::need_more, event::wait, event::hello, event::start_tls, event::authenticate,
                 event::auth_response, event::sender, event::recipient, event::data, event::chunk, event::body,
                 event::chunk_end, event::burl, event::message_end, event::verify, event::expand, event::help,
                 event::queue_run, event::reset, event::noop, event::quit, event::refused>;

struct server_step {
  server_event event;
  std::size_t used; // octets of unread that are done with: drop them after the event was dealt with

  // next() has nothing to do at the moment: the event is need_more or wait.
  [[nodiscard]] bool idle() const noexcept {
    return std::holds_alternative<event::need_more>(event) || std::holds_alternative<event::wait>(event);
  }
};

// Which answer the session waits for.
enum class decision : std::uint8_t {
  none,
  helo,
  ehlo,
  lhlo,
  starttls,
  auth,
  sender,
  recipient,
  data,
  chunk,
  burl,
  message_end,
  verify,
  expand,
  help,
  etrn
};

// One session. Copies none of the input, allocates nothing of its own (out grows as the caller lets it), knows no clock and no socket.
class server {
 public:
  // The policy must outlive the session; a temporary is refused.
  explicit server(const policy& rules) noexcept : policy_(&rules) {}
  explicit server(const policy&&) = delete;

  // Appends the 220 greeting (RFC 5321 4.2). To be called once, first; where TLS comes before SMTP (RFC 8314 3) after tls_started(). early:
  // what the client has sent already, which next() gets too; policy says whether that is taken, else the greeting is 554 and the
  // session declined. Errors, with nothing done: errc::not_now at any other time; errc::policy_value if the policy makes no greeting or no
  // EHLO response.
  result<void> open(std::string& out, std::string_view early = {});
  // Instead: refuses the connection with 554 or 521 (RFC 5321 3.1, RFC 7504 3), after which only QUIT is taken, or with 421, which ends
  // it. Errors, with nothing done: errc::not_now at any other time; errc::answer_code with any other code; what append() says of a text
  // that no reply has.
  result<void> decline(const reply& with, std::string& out);

  // Takes the next step. unread: everything that was received and not yet dropped. Replies are appended to out. event::need_more means
  // that nothing is left to do with these octets, event::wait that something else has to happen first.
  [[nodiscard]] server_step next(std::string_view unread, std::string& out);

  // Answers the event that awaits a decision, at once or later. A positive code must be one that the command has (RFC 5321 4.3.2), any 4yz
  // or 5yz is allowed; 421 also ends the session (RFC 5321 3.8). status is left out where ENHANCEDSTATUSCODES is not offered and in replies
  // that have none (RFC 2034 4), and a general one is put in where it is absent. Errors, with nothing done and the answer still owed:
  // errc::not_now if none is; errc::answer_code; what append() says of a text or status that no reply has, octets above 127 among them
  // (they are for the answers to VRFY and EXPN with SMTPUTF8). Give another one then: nothing goes on without.
  result<void> answer(const reply& with, std::string& out);
  // The positive answer: 250, 354, 252, 220, 235 or 214. errc::not_now, with nothing done, if no answer is owed.
  result<void> accept(std::string& out);
  // Answers AUTH, or a response, with 334 and octets, as base64 (RFC 4954 4). Errors, with nothing done: errc::not_now if that is not owed;
  // errc::line_too_long.
  result<void> challenge(std::string_view octets, std::string& out);

  // The handshake is done, and everything is forgotten (RFC 3207 4.2): the caller must have dropped what it had received in clear.
  // errc::not_now, with nothing done, unless STARTTLS was accepted or the session was not opened yet.
  result<void> tls_started() noexcept;

  // The timeout that runs now (RFC 5321 4.5.3.2): timeout::server, or none while we are the ones who are waited for.
  [[nodiscard]] timeout deadline() const noexcept;
  // It has run out: 421 (RFC 5321 4.5.3.2, 3.8), and the session is closed.
  void timed_out(std::string& out);
  // The service stops: as above.
  void shut_down(std::string& out);
  // The client has closed, or the connection is broken. The session is closed and a message that was not complete is none (RFC 5321
  // 4.1.1.10). True if there was one: what was handed out of it is to be thrown away.
  bool peer_closed() noexcept;

  // The decision that awaits an answer; none if no event does.
  [[nodiscard]] decision pending() const noexcept { return owed_; }
  // How many answers it awaits: one for each recipient at the end of a message in LMTP, else one or none.
  [[nodiscard]] std::size_t pending_answers() const noexcept { return owed_ != decision::none ? answers_left_ : 0; }
  // The last reply was 221 or 421, or the session ended without: send what is in out, then close. No more input is read.
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

  [[nodiscard]] bool tls() const noexcept { return tls_; }
  [[nodiscard]] bool authenticated() const noexcept { return authenticated_; }
  // The "with" clause of the Received field for a message that is being received now (RFC 3848, RFC 6531 4.3): "ESMTPSA" and so on. The
  // view is static.
  [[nodiscard]] std::string_view with_protocol() const noexcept;

  // The extensions that this session carries out; others in the policy's offer are neither announced nor taken. Of some it is the application
  // that acts, and the session checks their parameters: DSN (RFC 3461), NO-SOLICITING (RFC 3865), MTRK (RFC 3885), MT-PRIORITY (RFC 6710),
  // RRVS (RFC 7293).
  static constexpr extension supported[] = {
      extension::pipelining,    extension::size,      extension::eight_bit_mime, extension::enhanced_status_codes,
      extension::smtputf8,      extension::help,      extension::expn,           extension::chunking,
      extension::binarymime,    extension::dsn,       extension::starttls,       extension::auth,
      extension::requiretls,    extension::deliverby, extension::futurerelease,  extension::mt_priority,
      extension::rrvs,          extension::limits,    extension::burl,           extension::etrn,
      extension::no_soliciting, extension::mtrk};

  using state = session_state;
  [[nodiscard]] state current_state() const noexcept { return state_; }

 private:
  // What the octets that come next are.
  enum class input : std::uint8_t { lines, text, chunk, refused_chunk };

  server_step waiting(std::string_view unread) noexcept;
  server_step next_input(std::string_view unread, std::string& out);
  server_step next_response(std::string_view unread, std::string& out);
  server_step no_line(line_framer::step, std::string_view unread, std::string& out);
  server_step next_line(std::string_view unread, std::string& out);
  server_step next_text(std::string_view unread, std::string& out);
  server_step next_chunk(std::string_view unread, std::string& out);
  server_event handle(std::string_view line, bool more, std::string& out);
  server_event handle_response(std::string_view line, std::string& out);
  server_event handle_hello(decision, const host& client, std::string_view line, std::string& out);
  server_event handle_auth(const cmd::auth&, std::string_view line, std::string& out);
  server_event handle_mail(const cmd::mail&, std::string_view line, std::string& out);
  server_event handle_rcpt(const cmd::rcpt&, std::string_view line, std::string& out);
  server_event handle_bdat(const cmd::bdat&, errc refusal, std::string_view line, std::string& out);
  server_event handle_verify(decision, std::string_view string, bool smtputf8, std::string_view line, std::string& out);
  [[nodiscard]] bool offers(extension, bool in_tls) const noexcept;
  [[nodiscard]] detail::session_facts facts(verb) const noexcept;
  [[nodiscard]] bool may_be_followed(verb) const noexcept;
  [[nodiscard]] errc obstacle_to(verb, errc by_table, bool too_idle, bool more) const noexcept;
  void update_fast_path() noexcept;
  [[nodiscard]] bool forbidden_literal(std::string_view domain) const noexcept;
  server_event refuse_literal(std::string_view domain, std::string_view line, std::string& out);
  [[nodiscard]] bool announces_chunk(std::string_view line) const noexcept;
  [[nodiscard]] std::size_t judge(std::string_view bytes) noexcept;
  void owe(decision) noexcept;
  [[gnu::cold]] server_event refuse(failure, std::string_view line, std::string& out);
  void say_refusal(const reply&, failure, std::string& out) const;
  server_event refuse_chunk(std::string_view line, std::string& out);
  server_event end_message(std::string& out);
  void say(const reply&, std::string& out) const;
  void say(const detail::reply_line&, std::string& out) const;
  void say_closing(const reply&, std::string& out);
  result<void> write_hello(std::string_view greet, decision, std::string& out) const;
  void settle(bool positive) noexcept;
  void end_transaction() noexcept;
  void forget_client() noexcept;

  const policy* policy_;
  extensions offered_; // what the next EHLO announces
  std::uint64_t message_octets_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::uint32_t recipients_ = 0;
  std::uint32_t answers_left_ = 0;
  std::uint32_t transactions_ = 0;
  std::uint32_t errors_ = 0;
  std::uint32_t idle_commands_ = 0;
  std::uint32_t line_limit_ = 0;     // computed from the policy once, in open()
  std::uint32_t text_line_ = 0;      // octets so far of the text's line
  std::uint32_t always_allowed_ = 0; // a bit for each verb that only the state can refuse
  line_framer line_;
  body_framer body_;
  errc message_fault_{}; // why the message or chunk under way will be refused; errc{} while nothing is wrong
  state state_ = state::unopened;
  decision owed_ = decision::none;
  input input_ = input::lines;
  bool tls_ = false;
  bool authenticated_ = false;
  bool extended_ = false;   // EHLO or LHLO, not HELO
  bool smtputf8_ = false;   // this transaction's MAIL had SMTPUTF8
  bool eight_bit_ = false;  // it may hold octets above 127
  bool binary_ = false;     // the last MAIL had BODY=BINARYMIME
  bool last_ = false;       // the chunk or BURL under way is the last
  bool utf8_reply_ = false; // the answer that is owed may hold UTF-8
};

// Takes steps as long as there are any: handle gets each event, answers it if it is a decision that can be answered at once, and must
// leave unread alone. Then what is done with is dropped from unread. Gives what the session waits for; nothing if more octets are needed.
// The loop that callers write who keep what they received in a string.
template <typename Handle>
std::optional<event::wait::reason> take_steps(server& session, std::string& unread, std::string& out, Handle&& handle) {
  for (std::size_t used = 0;;) {
    const server_step step = session.next(std::string_view(unread).substr(used), out);
    used += step.used;
    if (!step.idle()) {
      handle(step.event);
      continue;
    }
    unread.erase(0, used);
    const auto* const wait = std::get_if<event::wait>(&step.event);
    return wait != nullptr ? std::optional(wait->until) : std::nullopt;
  }
}

} // namespace postel
