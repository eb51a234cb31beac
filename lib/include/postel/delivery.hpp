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
#include "detail/delivery_fields.hpp"
#include "outcome.hpp"

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

  // The handshake is done; or, before the first next(), TLS comes before SMTP (RFC 8314 3). errc::not_now, and nothing done, at any other time.
  result<void> tls_started() noexcept;

  // The mechanisms that the server offers, separated by spaces.
  [[nodiscard]] std::string_view mechanisms() const noexcept { return f_.mechanisms; }
  // AUTH with an initial response (as octets), or without. As client::send(); an initial response that is too long is left to a challenge:
  // then line_too_long, and nothing was done.
  result<std::size_t> authenticate(std::string_view mechanism, std::optional<std::string_view> initial,
                                   std::string& out);
  // The last challenge, as octets; nothing if it is no base64.
  [[nodiscard]] const std::optional<std::string>& challenge() const noexcept { return f_.challenge; }
  result<std::size_t> respond(std::string_view octets, std::string& out) { return f_.session.respond(octets, out); }
  result<std::size_t> cancel(std::string& out) { return f_.session.cancel(out); }
  // There is nothing to authenticate with: no recipient gets the message.
  void give_up() noexcept;
  // Whether the server has still to prove who it is, as in SCRAM (RFC 5802 5): while it has, its 235 is worth no more than give_up(). To be
  // said before the command or response that it may be the reply to.
  void expect_proof(bool due) noexcept { f_.proof_due = due; }

  // At wants::another, the next message; outcomes() begins anew, and arguments are as the constructor's. Where the server takes no more
  // messages (RFC 9422 MAILMAX) or closes, wants::another does not come. errc::not_now, and nothing done, at any other time.
  result<void> another(const envelope& what, std::span<const std::string_view> message);
  result<void> another(const envelope&&, std::span<const std::string_view>) = delete;
  template <typename Slices>
    requires detail::gone_after_the_call<Slices>
  result<void> another(const envelope&, Slices&&) = delete;
  // At wants::another: there is none. Nothing is done at any other time.
  void quit() noexcept;

  // The connection has ended, or a timeout has run out. What message() gave was written to the end: a message that is complete
  // and has no reply is unknown.
  void lost() noexcept;
  // The same while what message() gave was being written: the message can't be complete at the server, so it is temporary.
  void lost_while_writing() noexcept;

  [[nodiscard]] std::span<const recipient_outcome> outcomes() const noexcept { return f_.recipients.outcomes(); }
  // The server refused us and not the message: by its greeting (RFC 5321 3.1, RFC 7504), or its reply to EHLO and HELO, STARTTLS or AUTH. It
  // says so whatever the message is; who relays tries again, or another server, before returning one (RFC 5321 4.5.4.1).
  [[nodiscard]] bool turned_away() const noexcept { return f_.turned_away; }
  // Octets of the message written, of how many, line ends that are converted or added included: in the end they are equal. The last
  // transaction counts.
  [[nodiscard]] std::uint64_t written() const noexcept { return f_.message.written(); }
  [[nodiscard]] std::uint64_t size() const noexcept { return f_.facts.octets; }
  // The session, for its deadline() and what it offers.
  [[nodiscard]] const client& session() const noexcept { return f_.session; }

 private:
  detail::delivery_fields f_;
};

} // namespace postel
