// What is asked of a client session: the same from any cut of the server's replies, and each reply as it came.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "allocations.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/client.hpp"
#include "reads.hpp"

namespace postel::fuzz {

struct client_log {
  std::string text;
  objection wrong;
};

// Plays a server's replies to a session that delivers two messages as fast as it may, and watches.
template <typename Session>
class client_play {
 public:
  client_play(const client_policy& bounds, std::string_view wire, reads how)
      : wire_(wire), how_(how), how_at_first_(how), session_(bounds) {
    out_.reserve(room); // so that only the session's own allocations count
  }

  client_log run() {
    for (std::size_t arrived = 0; arrived != wire_.size() && !log_.wrong;) {
      arrived += how_.next(wire_.size() - arrived);
      // What is unread moves with each read: a session that kept a pointer would look at freed memory.
      const test::exact unread(wire_.substr(position_, arrived - position_));
      take(unread);
    }
    log_.text += "outstanding " + std::to_string(session_.outstanding()) + ", in_body " +
                 std::to_string(session_.in_body() ? 1 : 0) + ", used " + std::to_string(position_) + "\n";
    return log_;
  }

 private:
  static constexpr std::size_t room = 4096;

  void object(std::string_view what) {
    if (log_.wrong) return;
    log_.wrong = in_words("client, ", how_at_first_.name(), ", at octet ", std::to_string(position_), ": ", what,
                          "\n  after:\n", log_.text, "\n  of the input ", quoted(wire_));
  }

  void take(const test::exact& unread) {
    std::size_t used = 0;
    for (std::size_t steps = 0; !log_.wrong; ++steps) {
      const std::string_view rest = unread.view().substr(used);
      const std::uint64_t before = allocations();
      const client_step step = session_.next(rest);
      if (allocations() != before) return object("next() allocates");
      if (step.used > rest.size()) return object("uses more than there is");
      if (steps > unread.view().size() + 2) return object("makes no progress");
      used += step.used;
      position_ += step.used;
      taken_ = rest.substr(0, step.used);
      std::visit([this](const auto& e) { this->note(e); }, step.event);
      if (std::holds_alternative<event::need_more>(step.event) || std::holds_alternative<event::broken>(step.event))
        return;
      speak();
    }
  }

  void note(const event::need_more&) {
    if (!taken_.empty() && !over_) object("drops octets without an event");
  }
  template <typename Event>
  void note(const Event&) {
    object("an event of what was not said");
  }
  void note(const event::closing& e) {
    if (e.reply.code() != 421) object("closes without a 421");
    // What has no reply yet gets none (RFC 5321 3.8).
    answered_ = sent_;
    message_sent_ = false;
    note_reply("closing", e.reply);
    over_ = true;
  }
  void note(const event::greeted& e) {
    if (std::exchange(greeted_, true)) object("is greeted twice");
    note_reply("greeted", e.reply);
  }
  void note(const event::replied& e) {
    if (answered_ == sent_) object("a reply to no command");
    ++answered_;
    note_reply("replied " + std::string(name(e.command)), e.reply);
    over_ = e.command == verb::quit;
  }
  void note(const event::message_replied& e) {
    if (!std::exchange(message_sent_, false)) object("a reply to no message");
    note_reply("message replied", e.reply);
  }
  void note(const event::broken& e) {
    if (!taken_.empty()) object("breaks and uses octets");
    const client_step again = session_.next(wire_);
    const auto* still = std::get_if<event::broken>(&again.event);
    if (still == nullptr || !(*still == e) || again.used != 0) object("does not stay broken");
    if (session_.send(cmd::quit(), out_) || !out_.empty()) object("speaks though broken");
    if (!std::exchange(broken_, true)) log_.text += "broken " + std::to_string(static_cast<unsigned>(e.code)) + "\n";
  }

  // A reply is exactly the octets that it used up.
  void note_reply(std::string_view what, const reply_view& reply) {
    if (reply.wire() != taken_ || !is_inside(reply.wire(), taken_)) object("a reply that is not what came");
    const auto parsed = parse_reply(taken_, charset::utf8);
    if (!parsed || !(*parsed == reply)) object("a reply that is none");
    log_.text.append(what).append(" ").append(quoted(reply.wire())).append("\n");
  }

  // Says whatever may be said by now.
  void speak() {
    static constexpr std::string_view message = "Subject: dots\r\n\r\n.\r\n..\r\nend\r\n";
    for (;;) {
      if (session_.in_body()) {
        const std::size_t half = message.size() / 2;
        if (!session_.send_body(message.substr(0, half), out_) || !session_.send_body(message.substr(half), out_) ||
            !session_.end_body(out_))
          object("refuses a good message");
        message_sent_ = true;
        break;
      }
      if (said_ == script.size()) break;
      const auto written = session_.send(script[said_], out_);
      if (written) ++sent_;
      // What the server does not offer is left out; anything else is tried again behind the next reply.
      if (!written && written.error().code != errc::not_offered) break;
      ++said_;
    }
    if (session_.outstanding() != sent_ - answered_ + (message_sent_ ? 1U : 0U))
      object("counts other commands than were sent");
    if (session_.outstanding() > Session::max_outstanding) object("more outstanding commands than the limit");
    if (!out_.empty()) log_.text.append("  says ").append(quoted(out_)).append("\n");
    const auto size = session_.size_limit();
    log_.text += size ? "  size " + std::to_string(*size) + "\n" : "";
    out_.clear();
  }

  static inline const std::array script = {
      command(cmd::ehlo{{"client.example"}}),
      command(cmd::mail{{{}, "ann", "client.example"}, parameters("SIZE=30 BODY=8BITMIME")}),
      command(cmd::mail{{{}, "ann", "client.example"}, {}}),
      command(cmd::rcpt{{{}, "bob", "a.example"}, {}}),
      command(cmd::rcpt{{{}, "carol", "[192.0.2.1]"}, {}}),
      command(cmd::data()),
      command(cmd::rset()),
      command(cmd::mail{{{}, "\xC3\xA4", "client.example"}, parameters("SMTPUTF8")}),
      command(cmd::rcpt{{{}, "Postmaster", {}}, {}}),
      command(cmd::data()),
      command(cmd::noop()),
      command(cmd::vrfy{"bob"}),
      command(cmd::helo{"client.example"}),
      command(cmd::mail{{{}, "ann", "client.example"}, parameters("SIZE=30")}),
      command(cmd::quit()),
  };

  std::string_view wire_;
  reads how_;
  reads how_at_first_;
  Session session_;
  client_log log_;
  std::string out_;
  std::string_view taken_;   // what the last step used
  std::size_t position_ = 0; // octets of wire_ used
  std::size_t said_ = 0;     // how far the script has got
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  bool greeted_ = false;
  bool message_sent_ = false; // a message awaits its reply
  bool broken_ = false;
  bool over_ = false; // QUIT was answered
};

template <typename Session = client>
objection judge_client(const client_policy& bounds, std::string_view wire, effort how_much) {
  const client_log whole = client_play<Session>(bounds, wire, reads::whole()).run();
  if (whole.wrong) return whole.wrong;
  return for_each_cut(wire, how_much, [&](reads how) -> objection {
    const client_log cut = client_play<Session>(bounds, wire, how).run();
    if (cut.wrong) return cut.wrong;
    return compare_logs(whole.text, cut.text, how);
  });
}

// With the limits of RFC 5321, and with some that short inputs reach.
template <typename Session = client>
objection judge_client(std::string_view wire, effort how_much) {
  if (objection found = judge_client<Session>(client_policy(), wire, how_much)) return found;
  client_policy tiny;
  tiny.limit.reply_line = 32;
  tiny.limit.reply = 80;
  return judge_client<Session>(tiny, wire, how_much);
}

} // namespace postel::fuzz
