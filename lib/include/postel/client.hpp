// The client's side of an SMTP session, RFC 5321 3 and 4, without a socket: the mirror image of server.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "body.hpp"
#include "command.hpp"
#include "event.hpp"
#include "extension.hpp"
#include "policy.hpp"
#include "reply.hpp"

namespace postel {

// What a client session tells the application. Views point into the unread octets that were passed to next().
namespace event {

// The server's first reply: 220, or 554 (RFC 5321 3.1), which leaves nothing but QUIT to say.
struct greeted {
  reply_view reply;
};
// The reply to the oldest command that had none.
struct replied {
  verb command;
  reply_view reply;
};
// The reply to the message, after end_body().
struct message_replied {
  reply_view reply;
};
// What came is no reply, or none was due. The session is over; every further call says so again.
struct broken {
  errc code;
  friend bool operator==(const broken&, const broken&) = default;
};

} // namespace event

using client_event =
    std::variant<event::need_more, event::greeted, event::replied, event::message_replied, event::broken>;

struct client_step {
  client_event event;
  std::size_t used; // octets of unread that are done with: drop them after the event was dealt with
};

class client {
 public:
  // The limits must outlive the session; a temporary is refused.
  explicit client(const limits& bounds) noexcept : limits_(&bounds) {}
  explicit client(const limits&&) = delete;

  // Takes the next step. unread: everything that was received and not yet dropped.
  [[nodiscard]] client_step next(std::string_view unread) noexcept;

  // Appends a command. Refused, with nothing written or changed: before the greeting, while a message is under way, behind a command
  // that ends a group, without PIPELINING while a reply is outstanding (RFC 2920 3.1): errc::not_now; with max_outstanding commands
  // unanswered: window_full; with a parameter that the server did not offer: not_offered; with an address beyond ASCII in a transaction
  // whose MAIL does not say SMTPUTF8: non_ascii_address.
  result<std::size_t> send(const command& what, std::string& out);

  // After 354: appends the next part of the message, in any cut, dots doubled (see body_writer). non_ascii_body if it has octets above
  // 127 and MAIL did not say BODY=8BITMIME.
  result<std::size_t> send_body(std::string_view piece, std::string& out);
  // Ends the message. not_now unless DATA was answered with 354.
  result<std::size_t> end_body(std::string& out);

  // What the last EHLO response offered; nothing before it, or after HELO.
  [[nodiscard]] extensions offered() const noexcept { return offered_; }
  // SIZE's parameter, in octets: nothing if there was none or it was 0, which is no limit (RFC 1870 4).
  [[nodiscard]] std::optional<std::uint64_t> size_limit() const noexcept;
  // Commands and messages whose replies have not come yet.
  [[nodiscard]] std::size_t outstanding() const noexcept {
    return outstanding_ + (phase_ == phase::message_sent ? 1U : 0U);
  }
  // DATA was answered with 354 and the message has not ended.
  [[nodiscard]] bool in_body() const noexcept { return phase_ == phase::message; }

  static constexpr std::size_t max_outstanding = 64;

 private:
  enum class phase : std::uint8_t { greeting, turned_away, commands, message, message_sent, closed, broken };

  client_step break_off(errc) noexcept;
  client_event dispatch(const reply_view&) noexcept;
  void learn(const reply_view&) noexcept;
  [[nodiscard]] std::optional<failure> admissible(const command&) const noexcept;

  const limits* limits_;
  std::uint64_t size_limit_ = 0;
  extensions offered_;
  std::uint32_t line_start_ = 0;              // where in unread the reply's line under search begins
  std::uint32_t searched_ = 0;                // octets of unread that hold no line end behind line_start_
  std::array<verb, max_outstanding> queue_{}; // a ring of the commands that await replies
  std::uint8_t oldest_ = 0;
  std::uint8_t outstanding_ = 0;
  phase phase_ = phase::greeting;
  bool group_ended_ = false;    // the newest outstanding command must be the last of its group
  bool eight_bit_body_ = false; // the last MAIL said BODY=8BITMIME
  bool smtputf8_ = false;       // the last MAIL said SMTPUTF8
  errc broken_{};
  body_writer body_;
};

} // namespace postel
