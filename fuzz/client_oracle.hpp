// What is asked of a client session: that it hears what client_model hears and says what that may say, from any cut of the server's replies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "allocations.hpp"
#include "client_model.hpp"
#include "client_script.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/client.hpp"
#include "reads.hpp"
#include "reply_framing.hpp"

namespace postel::fuzz {

struct client_log {
  std::string text;
  objection wrong;
};

// Plays a server's replies to a session whose application goes through a script, and watches. TLS comes behind the reply to STARTTLS as if the
// handshake had been there; that octets behind that reply are never taken for something else is asked of copies of the session.
template <typename Session>
class client_play {
 public:
  client_play(const client_script& script, const client_policy& rules, std::string_view wire, reads how)
      : script_(script), wire_(wire), how_(how), how_at_first_(how), session_(rules), model_(rules) {
    out_.reserve(room); // so that only the session's own allocations count
  }

  client_log run() {
    for (std::size_t arrived = 0; arrived != wire_.size() && !log_.wrong;) {
      arrived += how_.next(wire_.size() - arrived);
      // What is unread moves with each read: a session that kept a pointer would look at freed memory.
      const test::exact unread(wire_.substr(position_, arrived - position_));
      take(unread);
    }
    log_.text += "used " + std::to_string(position_) + "\n";
    return log_;
  }

 private:
  using answer = client_model::answer;
  static constexpr std::size_t room = 4096;

  void object(std::string_view what) {
    if (log_.wrong) return;
    log_.wrong =
        in_words("client, script ", script_.name, ", ", how_at_first_.name(), ", at octet ", std::to_string(position_),
                 ": ", what, "\n  after:\n", log_.text, "\n  of the input ", in_quotes(wire_));
  }

  void take(std::string_view unread) {
    for (std::size_t used = 0; !log_.wrong;) {
      const std::string_view all = unread.substr(used), rest = up_to_handshake(all);
      expect_no_injection(rest, all);
      const client_model::expectation due = model_.next(rest);
      expect_text_counts_for_nothing(due, rest);
      const std::uint64_t before = allocations();
      const client_step step = session_.next(rest);
      if (allocations() != before) return object("next() allocates");
      if (step.used > rest.size()) return object("uses more than there is");
      expect(due, step, rest);
      used += step.used;
      position_ += step.used;
      if (due.what == answer::need_more || due.what == answer::broken) return compare();
      handshake(unread.substr(used));
      speak();
      compare();
    }
  }

  // A server that has answered STARTTLS says nothing before the handshake.
  std::string_view up_to_handshake(std::string_view rest) const {
    if (!model_.awaits_starttls()) return rest;
    return rest.substr(0, model_.end_of_reply(rest).value_or(rest.size()));
  }

  // RFC 3207 6: what somebody else has put behind the reply is never answered, and never believed.
  void expect_no_injection(std::string_view reply, std::string_view with_more) {
    if (reply.size() == with_more.size() || reply.empty()) return;
    const client_model::expectation alone = model_.next(reply);
    if (alone.what != answer::replied || alone.command != verb::starttls) return;
    if (model_.next(with_more).what == answer::broken) expect_broken(session_, with_more);
  }
  void expect_broken(Session copy, std::string_view unread) {
    const client_step step = copy.next(unread);
    if (!std::holds_alternative<event::broken>(step.event) || step.used != 0 || copy.tls_started() || copy.tls())
      object("takes what came in clear behind STARTTLS");
  }

  // RFC 5321 4.2: a client acts on the code, and any text is acceptable. With another text the same happens, but that an offer is text.
  void expect_text_counts_for_nothing(const client_model::expectation& due, std::string_view rest) {
    if (due.used == 0 || due.what == answer::need_more) return;
    const bool offer = due.what == answer::replied && (due.command == verb::ehlo || due.command == verb::lhlo);
    const std::string plain = with_plain_text(rest.substr(0, due.used), offer) + std::string(rest.substr(due.used));
    Session as_it_is = session_, otherwise = session_;
    const client_step one = as_it_is.next(rest), other = otherwise.next(plain);
    if (one.used != other.used || one.event.index() != other.event.index() || code_of(one) != code_of(other) ||
        as_it_is.offered() != otherwise.offered() || as_it_is.size_limit() != otherwise.size_limit() ||
        as_it_is.outstanding() != otherwise.outstanding() || as_it_is.accepted() != otherwise.accepted() ||
        as_it_is.in_body() != otherwise.in_body() || as_it_is.challenged() != otherwise.challenged() ||
        as_it_is.authenticated() != otherwise.authenticated() || as_it_is.closed() != otherwise.closed() ||
        as_it_is.deadline() != otherwise.deadline())
      object("goes by the text of a reply");
  }
  static std::uint16_t code_of(const client_step& step) {
    return std::visit(
        [](const auto& e) -> std::uint16_t {
          if constexpr (requires { e.reply; }) return e.reply.code();
          return 0;
        },
        step.event);
  }

  // The reply to STARTTLS is there: rest is what comes in TLS.
  void handshake(std::string_view rest) {
    if (!model_.awaits_handshake) {
      Session copy = session_;
      if (model_.greeted && copy.tls_started()) object("starts TLS that was not asked for");
      return;
    }
    if (!rest.empty()) expect_broken(session_, rest);
    if (session_.send(cmd::noop(), out_) || !out_.empty()) object("speaks before the handshake");
    if (!session_.tls_started()) return object("refuses the handshake");
    model_.tls_started();
  }

  // The event is the one that is due, and its views are what came.
  void expect(const client_model::expectation& due, const client_step& step, std::string_view rest) {
    static constexpr std::string_view names[] = {"need_more",       "greeted", "replied", "challenged",
                                                 "message_replied", "closing", "broken"};
    const std::string_view name = names[step.event.index()];
    if (static_cast<answer>(step.event.index()) != due.what)
      return object(std::string("gives ").append(name).append(" where it must not"));
    if (step.used != due.used) return object(std::string("uses other octets for ").append(name));
    reply_view reply;
    std::visit([&](const auto& e) { reply = this->note(due, e); }, step.event);
    if (due.used != 0 && !reply.wire().empty()) {
      const std::string_view wire = rest.substr(0, due.used);
      if (reply.wire() != wire || !is_inside(reply.wire(), wire)) object("a reply that is not what came");
      log_.text.append(name).append(" ").append(in_quotes(wire)).append("\n");
    }
    model_.took(due, reply);
  }

  reply_view note(const client_model::expectation&, const event::need_more&) { return {}; }
  reply_view note(const client_model::expectation&, const event::greeted& e) { return heard(e.reply); }
  reply_view note(const client_model::expectation& due, const event::replied& e) {
    if (e.command != due.command) object("a reply to another command");
    if (e.command == verb::auth) responses_ = 0;
    log_.text.append(name(e.command)).append(": ");
    return heard(e.reply);
  }
  reply_view note(const client_model::expectation&, const event::challenged& e) {
    const std::string_view line = e.reply.wire().substr(0, e.reply.wire().find('\n') - 1);
    if (e.base64 != line.substr(std::min<std::size_t>(line.size(), 4))) object("another challenge");
    return heard(e.reply);
  }
  reply_view note(const client_model::expectation& due, const event::message_replied& e) {
    if (e.recipient != due.recipient) object("a reply for another recipient");
    return heard(e.reply);
  }
  reply_view note(const client_model::expectation&, const event::closing& e) { return heard(e.reply); }
  reply_view note(const client_model::expectation&, const event::broken& e) {
    const client_step again = session_.next(wire_);
    const auto* still = std::get_if<event::broken>(&again.event);
    if (still == nullptr || !(*still == e) || again.used != 0) object("does not stay broken");
    if (!model_.broken) log_.text += "broken " + std::to_string(static_cast<unsigned>(e.code)) + "\n";
    return {};
  }
  reply_view heard(const reply_view& reply) {
    if (reply.wire().empty()) object("a reply that is none");
    return reply;
  }

  // Says whatever may be said by now.
  void speak() {
    while (!log_.wrong) {
      if (model_.challenged) {
        exchange();
      } else if (model_.in_body) {
        write_message();
      } else if (model_.chunk_left != 0) {
        write_chunk();
      } else if (said_ == script_.commands.size()) {
        break;
      } else if (!say(script_.commands[said_])) {
        if (!model_.idle()) break;
        ++said_; // nothing will come that would make it possible
      }
    }
    if (!out_.empty()) log_.text.append("  says ").append(in_quotes(out_)).append("\n");
    out_.clear();
  }

  bool say(const command& what) {
    const bool may = model_.may_say(what);
    const std::size_t before = out_.size();
    const auto written = session_.send(what, out_);
    if (written.has_value() != may) object(may ? "may not say what it may: " : "says what it may not: ");
    if (written.has_value() != may) log_.wrong.what.append("\n  ").append(name(verb_of(what)));
    if (!written) {
      if (out_.size() != before) object("refuses a command, and writes");
      return false;
    }
    std::string line;
    if (!append(line, what, charset::utf8) || std::string_view(out_).substr(before) != line || *written != line.size())
      object("writes another command");
    model_.said(what);
    ++said_;
    return true;
  }

  void exchange() {
    const bool responds = responses_ < script_.responses.size();
    const auto written = responds ? session_.respond(script_.responses[responses_], out_) : session_.cancel(out_);
    if (!written || !out_.ends_with("\r\n")) object("can't answer a challenge");
    responses_ = responds ? responses_ + 1 : 0;
    if (responds)
      model_.responded();
    else
      model_.cancelled();
  }

  void write_message() {
    static constexpr std::string_view message = "Subject: dots\r\n\r\n.\r\n..\r\nend";
    static constexpr std::string_view stuffed = "Subject: dots\r\n\r\n..\r\n...\r\nend\r\n.\r\n";
    const std::size_t before = out_.size(), half = message.size() / 2;
    if (!session_.send_body(message.substr(0, half), out_) || !session_.send_body(message.substr(half), out_) ||
        !session_.end_body(out_))
      object("refuses a good message");
    if (std::string_view(out_).substr(before) != stuffed) object("writes another message");
    model_.body_ended();
  }

  // In two parts. A server can't have taken what it does not have yet.
  void write_chunk() {
    const std::uint64_t size = model_.chunk_left, some = (size + 1) / 2;
    Session copy = session_;
    if (model_.queue.size() == 1 && !std::holds_alternative<event::broken>(copy.next("250 taken\r\n").event))
      object("believes that a chunk was taken that was not written");
    if (session_.chunk_written(size + 1)) object("counts more than the chunk has");
    if (!session_.chunk_written(some) || session_.chunk_left() != size - some || !session_.chunk_written(size - some))
      object("counts a chunk wrong");
    model_.chunk_left = 0;
  }

  // Nothing is said any more.
  void expect_silence() {
    Session copy = session_;
    std::string out;
    if (copy.send(cmd::quit(), out) || copy.send(cmd::ehlo{{"client.example"}}, out) || copy.respond("x", out) ||
        copy.cancel(out) || copy.send_body("x", out) || copy.end_body(out) || copy.chunk_written(1) ||
        copy.tls_started() || !out.empty())
      object("speaks though it is over");
  }

  // What the session says of itself.
  void compare() {
    const client_model& m = model_;
    if (m.closed || m.broken) expect_silence();
    if (session_.offered() != m.offered) object("believes in other offers");
    if (session_.size_limit() != m.size_limit) object("believes in another size");
    if (session_.recipients_left() != m.recipients_left()) object("counts other recipients");
    if (session_.transactions_left() != m.transactions_left()) object("counts other transactions");
    if (session_.outstanding() != m.outstanding()) object("counts other commands than were sent");
    if (session_.accepted() != m.accepted) object("counts other accepted recipients");
    if (session_.chunk_left() != m.chunk_left) object("owes another chunk");
    if (session_.tls() != m.tls || session_.authenticated() != m.authenticated) object("is not as secure as it says");
    if (session_.in_body() != m.in_body || session_.challenged() != m.challenged ||
        session_.closed() != (m.closed || m.broken))
      object("is in another state");
    const bool waits = m.outstanding() != 0 || !m.greeted || m.chunk_left != 0 || m.in_body;
    const bool runs = session_.deadline() != timeout::none;
    if (runs != (waits && !m.closed && !m.broken)) object("waits without a limit, or for nothing");
  }

  const client_script& script_;
  std::string_view wire_;
  reads how_;
  reads how_at_first_;
  Session session_;
  client_model model_;
  client_log log_;
  std::string out_;
  std::size_t position_ = 0;  // octets of wire_ used
  std::size_t said_ = 0;      // how far the script has got
  std::size_t responses_ = 0; // in the exchange under way
};

template <typename Session = client>
objection judge_client(const client_script& script, const client_policy& rules, std::string_view wire,
                       effort how_much) {
  const client_log whole = client_play<Session>(script, rules, wire, reads::whole()).run();
  if (whole.wrong) return whole.wrong;
  return for_each_cut(wire, how_much, [&](reads how) -> objection {
    const client_log cut = client_play<Session>(script, rules, wire, how).run();
    if (cut.wrong) return cut.wrong;
    return compare_logs(whole.text, cut.text, how);
  });
}

// Every script with the limits of RFC 5321, and the first with some that short inputs reach.
template <typename Session = client>
objection judge_client(std::string_view wire, effort how_much) {
  for (const client_script& script : client_scripts())
    if (objection found = judge_client<Session>(script, script.rules, wire, how_much)) return found;
  const client_script& first = client_scripts().front();
  client_policy tiny = first.rules;
  tiny.limit.reply = 80;
  return judge_client<Session>(first, tiny, wire, how_much);
}

} // namespace postel::fuzz
