// Messages to their recipients over one connection: the client session with the decisions that nearly everybody takes. It uses nothing but
// the public client, and knows no socket. Unlike the sessions it allocates: what became of each recipient, with the reply's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "client.hpp"

namespace [[gnu::visibility("default")]] postel {

// RFC 5321 2.3.1. Parameters are asked for beside those that the delivery adds itself (SIZE, BODY, SMTPUTF8): "RET=HDRS ENVID=x",
// "NOTIFY=NEVER". Those of DSN are left out where the server does not offer it (RFC 3461 5.2.2); with others the message is refused then.
// Paths go out without source route and with no more quoting than they need (RFC 5321 4.1.2, Appendix C).
struct envelope {
  struct recipient {
    path to;
    std::string_view parameters = {};
    std::string_view ascii_domain = {};
  };
  path from;
  std::string_view parameters = {};
  std::span<const recipient> to;
  // The path's domain in A-labels (RFC 5890 2.3.2.1), here and in recipient: it stands in for one in U-labels where the server does not offer
  // SMTPUTF8 and the local part is ASCII. Empty: nothing does.
  std::string_view ascii_domain = {};
};

struct delivery_plan {
  enum class tls : std::uint8_t { never, if_offered, required };

  client_policy rules = {};
  std::string_view helo = "localhost"; // a domain or an address literal (RFC 5321 4.1.4)
  tls starttls = tls::if_offered;      // required never falls back to clear text
  bool authenticate = false;           // before any mail; where the server does not offer it, nothing is delivered
  bool chunking = true;                // BDAT where it is offered and the message needs no conversion (RFC 3030)
  bool prdr = false;            // ask for a reply for each recipient where PRDR is offered (Exim's, draft-hall-prdr-00)
  std::size_t recipients = 100; // in one transaction, at most: what every server takes (RFC 5321 4.5.3.1.8)
  bool keep_open = false;       // another message may follow: it is asked for before QUIT
};

enum class outcome : std::uint8_t {
  pending,
  delivered, // the server has taken responsibility
  refused,   // for good: 5yz, or an error of ours
  temporary, // 4yz, or the connection was lost before the message was complete: try again later
  unknown,   // the connection was lost when the message was complete: it may have been delivered (RFC 5321 6.1)
};

// What became of one recipient.
struct recipient_outcome {
  outcome what = outcome::pending;
  std::uint16_t code = 0;                                    // the reply's; 0 if there was none
  std::optional<enhanced_status_code> status = std::nullopt; // the reply's, if it has one
  // The reply's lines, without code, separated by LF: octets as the server sent them, to be escaped before a terminal shows them. Where error is
  // reply_code_mismatch, the two codes.
  std::string text = {};
  errc error{};                                              // why, if no reply says so
};

namespace detail {

// Whether a span of it would refer to what goes with a temporary.
template <typename Slices>
concept gone_after_the_call =
    std::ranges::range<Slices> && !std::is_lvalue_reference_v<Slices> && !std::ranges::borrowed_range<Slices>;

} // namespace detail

class delivery {
 public:
  // Plan, envelope with its recipients, and message (one text in any number of slices, without dot-stuffing) must outlive the delivery, or
  // envelope and message the next another(): temporaries are refused.
  delivery(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message);
  delivery(const delivery_plan&&, const envelope&, std::span<const std::string_view>) = delete;
  delivery(const delivery_plan&, const envelope&&, std::span<const std::string_view>) = delete;
  delivery(const delivery_plan&&, const envelope&&, std::span<const std::string_view>) = delete;
  template <typename Slices>
    requires detail::gone_after_the_call<Slices>
  delivery(const delivery_plan&, const envelope&, Slices&&) = delete;

  enum class wants : std::uint8_t {
    octets,    // read, and call next() again; if the connection has ended, lost()
    message,   // write out, then what message() gives until it gives nothing; then call next() again
    handshake, // write out, drop what was received, run the TLS handshake, call tls_started() (or lost()), then next()
    authentication, // authenticate() or give_up(), then next()
    response,       // respond() to challenge(), or cancel(), then next()
    another,        // with plan.keep_open: the message has its outcomes; another() or quit(), then next()
    nothing,        // all is over: write out and close; see outcomes()
  };
  struct step {
    wants want;
    std::size_t used; // octets of unread that are done with
  };
  // Takes what was received, and appends what to send next: write it before anything else.
  step next(std::string_view unread, std::string& out);

  // Fills views with what to write next of the message, in order, and gives their number: for writev(). They are good as long as the message.
  std::size_t message(std::span<std::string_view> views) noexcept;

  // The handshake is done; or, before the first next(), TLS comes before SMTP (RFC 8314 3). False, and nothing done, at any other time.
  bool tls_started() noexcept;

  // The mechanisms that the server offers, separated by spaces.
  [[nodiscard]] std::string_view mechanisms() const noexcept { return mechanisms_; }
  // AUTH with an initial response (as octets), or without. As client::send(); an initial response that is too long is left to a challenge:
  // then line_too_long, and nothing was done.
  result<std::size_t> authenticate(std::string_view mechanism, std::optional<std::string_view> initial,
                                   std::string& out);
  // The last challenge, as octets; nothing if it is no base64.
  [[nodiscard]] const std::optional<std::string>& challenge() const noexcept { return challenge_; }
  result<std::size_t> respond(std::string_view octets, std::string& out) { return session_.respond(octets, out); }
  result<std::size_t> cancel(std::string& out) { return session_.cancel(out); }
  // There is nothing to authenticate with: no recipient gets the message.
  void give_up() noexcept;
  // Whether the server has still to prove who it is, as in SCRAM (RFC 5802 5): while it has, its 235 is worth no more than give_up(). To be
  // said before the command or response that it may be the reply to.
  void expect_proof(bool due) noexcept { proof_due_ = due; }

  // At wants::another, the next message; outcomes() begins anew, and arguments are as the constructor's. Where the server takes no more
  // messages (RFC 9422 MAILMAX) or closes, wants::another does not come. False, and nothing done, at any other time.
  [[nodiscard]] bool another(const envelope& what, std::span<const std::string_view> message);
  bool another(const envelope&&, std::span<const std::string_view>) = delete;
  template <typename Slices>
    requires detail::gone_after_the_call<Slices>
  bool another(const envelope&, Slices&&) = delete;
  // At wants::another: there is none. Nothing is done at any other time.
  void quit() noexcept;

  // The connection has ended, or a timeout has run out. all_written: what message() gave was written to the end; else the message can't be
  // complete at the server, and what became of it is no longer unknown.
  void lost(bool all_written = true) noexcept;

  [[nodiscard]] std::span<const recipient_outcome> outcomes() const noexcept { return outcomes_; }
  // The server refused us and not the message: by its greeting (RFC 5321 3.1, RFC 7504), or its reply to EHLO and HELO, STARTTLS or AUTH. It
  // says so whatever the message is; who relays tries again, or another server, before returning one (RFC 5321 4.5.4.1).
  [[nodiscard]] bool turned_away() const noexcept { return turned_away_; }
  // Octets of the message written, of how many, line ends that are converted or added included: in the end they are equal. The last
  // transaction counts.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // The session, for its deadline() and what it offers.
  [[nodiscard]] const client& session() const noexcept { return session_; }

 private:
  // approved: PRDR's reply for this recipient was positive, and the one to the message is still due.
  enum class stage : std::uint8_t { waiting, sent, accepted, approved, settled };
  enum class phase : std::uint8_t {
    greeting,
    hello,
    starttls,
    handshake,
    authentication,
    transaction,
    resetting,
    between, // messages
    quitting,
    over
  };

  void note(const client_event&);
  void note_reply(verb, const reply_view&);
  void note_rcpt_reply(const reply_view&);
  void note_message_reply(const event::message_replied&);
  void after_hello();
  void after_tls();
  void start_mail();
  void conclude(bool clean) noexcept;
  void leave() noexcept;
  void speak(std::string& out);
  void speak_transaction(std::string& out);
  [[nodiscard]] wants wanted() const noexcept;
  [[nodiscard]] errc obstacle() const noexcept;
  [[nodiscard]] bool uses_chunks() const noexcept;
  [[nodiscard]] std::uint64_t transmitted() const noexcept;
  [[nodiscard]] path sender() const noexcept;
  [[nodiscard]] path recipient(std::size_t) const noexcept;
  [[nodiscard]] path reachable(path, std::string_view ascii_domain) const noexcept;
  [[nodiscard]] path spelled(path given);
  [[nodiscard]] bool may_name(std::string_view domain) const noexcept;
  [[nodiscard]] bool is_named(std::string_view domain) const noexcept;
  [[nodiscard]] std::size_t count(stage) const noexcept;
  void settle(std::size_t recipient, outcome, const reply_view&);
  void settle_all(stage, const reply_view&, outcome);
  void turn_away(const reply_view&);
  void fail_all(stage, outcome, errc) noexcept;
  void inspect() noexcept;
  void blame(errc) noexcept;

  const delivery_plan* plan_;
  const envelope* envelope_;
  std::span<const std::string_view> message_;
  client session_;
  std::vector<recipient_outcome> outcomes_;
  std::vector<stage> stages_;
  std::string parameters_; // of the command that is being written
  std::string local_part_; // of its path, if that is spelled otherwise than it was given
  std::string mechanisms_;
  std::optional<std::string> challenge_;
  std::optional<std::uint64_t> domain_limit_; // LIMITS
  std::vector<std::string> domains_;          // different ones that RCPT named in this session, if there is a limit
  std::uint64_t size_ = 0;                    // behind DATA on the wire, without stuffed dots
  std::uint64_t written_ = 0;
  std::size_t slice_ = 0;  // of the message that is written next
  std::size_t offset_ = 0; // in it
  phase phase_ = phase::greeting;
  bool awaits_ = false;      // a reply to the command of this phase is due
  bool fallback_ = false;    // EHLO was refused: HELO
  bool mail_sent_ = false;   // in this transaction
  bool mail_taken_ = false;  // likewise, and accepted
  bool full_ = false;        // in this transaction the server takes no more recipients
  bool data_sent_ = false;   // likewise DATA, or BDAT
  bool eight_bit_ = false;   // the message has octets above 127
  bool utf8_header_ = false; // in its header section
  bool needs_crlf_ = false;  // it does not end with CRLF
  bool bare_ = false;        // it has a CR or LF alone
  errc bare_error_{};        // which came first
  bool complete_ = false;    // its end was handed out
  bool turned_away_ = false; // before any MAIL
  bool proof_due_ = false;   // the server's, of who it is
  bool reset_due_ = false;   // before another message
};

} // namespace postel
