// What a client session must make of what it says and hears, stated a second time, without the library's table of states: RFC 5321 3 and 4,
// RFC 2033 4, RFC 2920 3.1, RFC 3030 2, RFC 3207 4, RFC 4954 4, RFC 9422 4.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>

#include "postel/capability.hpp"
#include "postel/client.hpp"
#include "reply_framing.hpp"

namespace postel::fuzz {

class client_model {
 public:
  explicit client_model(const client_policy& rules) : rules_(&rules) {}

  // In the order of client_event.
  enum class answer : std::uint8_t { need_more, greeted, replied, challenged, message_replied, closing, broken };
  // What next() has to give.
  struct expectation {
    answer what;
    std::size_t used = 0;
    verb command = verb::noop; // replied
    std::size_t recipient = 0; // message_replied
  };

  [[nodiscard]] expectation next(std::string_view unread) const {
    if (broken) return {answer::broken};
    if (closed) return {answer::need_more, unread.size()};
    if (awaits_handshake) return {unread.empty() ? answer::need_more : answer::broken};
    const std::optional<std::size_t> end = end_of_reply(unread);
    if (!end) return {answer::need_more};
    const auto heard = code_of_reply(unread.substr(0, *end));
    if (!heard) return {answer::broken};
    expectation due = answer_to(*heard);
    due.used = due.what == answer::broken ? 0 : *end;
    // Nothing stands behind the reply to STARTTLS but the handshake (RFC 3207 6).
    const bool goes_on = due.what == answer::replied && due.command == verb::starttls && *heard / 100 == 2;
    if (goes_on && *end != unread.size()) return {answer::broken};
    return due;
  }

  // Where the reply at the front of unread ends, by hyphens and line ends alone: nothing if it may still come, 0 if it can be none.
  [[nodiscard]] std::optional<std::size_t> end_of_reply(std::string_view unread) const {
    // RFC 4954 4: what answers AUTH may be as long as a line of the exchange.
    const bool exchange = !queue.empty() && queue.front() == verb::auth;
    const std::size_t limit = std::max<std::size_t>(rules_->limit.reply, exchange ? 12288 : 0);
    for (std::size_t begin = 0;;) {
      const std::size_t most = limit - begin;
      const std::string_view rest = unread.substr(begin);
      const std::size_t lf = rest.find('\n');
      if (lf == std::string_view::npos || lf >= most)
        return rest.size() >= most ? std::optional<std::size_t>(0) : std::nullopt;
      if (lf == 0 || rest[lf - 1] != '\r') return 0;
      begin += lf + 1;
      if (lf + 1 <= 3 || rest[3] != '-') return begin;
    }
  }

  // It was given, with this reply, if there is one.
  void took(const expectation& given, const reply_view& reply) {
    switch (given.what) {
      case answer::need_more: break;
      case answer::broken: broken = true; [[fallthrough]];
      case answer::closing:
        closed = !broken;
        queue.clear();
        replies_left = 0;
        chunk_left = 0;
        break;
      case answer::greeted:
        greeted = true;
        turned_away = reply.severity() != 2;
        break;
      case answer::challenged:
        pop();
        challenged = true;
        break;
      case answer::message_replied:
        if (replies_left == 0) { // the last chunk's own, which is the message's first
          pop();
          replies_left = replies_to_message();
        }
        if (reply.severity() == 2) taken_ = true;
        if (--replies_left == 0) end_message();
        break;
      case answer::replied:
        pop();
        note_reply(given.command, reply);
        break;
    }
  }

  // Whether a command may be sent now.
  [[nodiscard]] bool may_say(const command& what) const {
    const verb which = verb_of(what);
    if (!greeted || broken || closed || awaits_handshake || challenged || in_body) return false;
    if (turned_away && which != verb::quit) return false;
    if (chunk_left != 0 || replies_left != 0 || last_chunk_) return false;
    if (!queue.empty() && (group_ended_ || !offered.contains(extension::pipelining))) return false;
    if (queue.size() == client::max_outstanding) return false;
    const bool lmtp = rules_->protocol == service::lmtp;
    if (which == verb::lhlo ? !lmtp : lmtp && (which == verb::ehlo || which == verb::helo)) return false;
    if (!reach(hoped_for(), which)) return false;
    switch (which) {
      case verb::bdat: return offered.contains(extension::chunking);
      case verb::etrn: return offered.contains(extension::etrn);
      case verb::starttls: return offered.contains(extension::starttls) && !tls;
      case verb::auth: return offered.contains(extension::auth) && !authenticated && (tls || rules_->auth_in_clear);
      case verb::data: return !binary_;
      case verb::mail: return may_say_mail(std::get<cmd::mail>(what));
      case verb::rcpt: return recipients_left() != 0 && (utf8_ || !has_non_ascii(std::get<cmd::rcpt>(what).to));
      default: return true;
    }
  }

  void said(const command& what) {
    const verb which = verb_of(what);
    push(which);
    if (const auto* mail = std::get_if<cmd::mail>(&what)) {
      utf8_ = mail->params.find("SMTPUTF8").has_value();
      const auto body = mail->params.find("BODY");
      binary_ = body && body->value == "BINARYMIME";
      recipients_ = 0;
      ++transactions_;
    }
    if (which == verb::rcpt) ++recipients_;
    if (const auto* bdat = std::get_if<cmd::bdat>(&what)) {
      chunk_left = bdat->size;
      last_chunk_ = bdat->last;
    }
  }
  void responded() {
    challenged = false;
    push(verb::auth);
  }
  // RFC 4954 4: 501 is due, and nothing else counts.
  void cancelled() {
    responded();
    cancelled_ = true;
  }
  void body_ended() {
    in_body = false;
    replies_left = rules_->protocol == service::lmtp ? accepted : 1; // RFC 2033 4.2
    if (replies_left == 0) end_message();
  }
  // RFC 3207 4.2: as if there had been nothing.
  void tls_started() {
    *this = client_model(*rules_);
    greeted = tls = true;
  }

  [[nodiscard]] std::size_t outstanding() const { return queue.size() + replies_left; }
  // Nothing is awaited that could make a command possible.
  [[nodiscard]] bool idle() const {
    return greeted && queue.empty() && replies_left == 0 && !challenged && !in_body && !awaits_handshake;
  }
  [[nodiscard]] std::uint64_t recipients_left() const { return left(recipient_limit_, recipients_); }
  [[nodiscard]] std::uint64_t transactions_left() const { return left(transaction_limit_, transactions_); }
  // The next reply is STARTTLS's.
  [[nodiscard]] bool awaits_starttls() const { return !queue.empty() && queue.front() == verb::starttls; }

  bool greeted = false, turned_away = false, closed = false, broken = false;
  bool awaits_handshake = false, challenged = false, in_body = false;
  bool tls = false, authenticated = false;
  extensions offered;
  std::optional<std::uint64_t> size_limit;
  std::size_t accepted = 0; // recipients
  std::uint64_t chunk_left = 0;
  std::size_t replies_left = 0; // to the message
  std::deque<verb> queue;       // awaits replies

 private:
  enum class place : std::uint8_t { no_hello, ready, sender, recipients, message, chunks, failed, elsewhere };

  // Where a command leads that is answered positively; nothing where it has no place.
  static std::optional<place> reach(place from, verb which) {
    const bool hello_said = from != place::no_hello && from != place::elsewhere;
    const auto only_if = [](bool good, place to) { return good ? std::optional(to) : std::nullopt; };
    switch (which) {
      case verb::ehlo:
      case verb::helo:
      case verb::lhlo: return only_if(from != place::elsewhere, place::ready);
      case verb::mail: return only_if(from == place::ready, place::sender);
      case verb::rcpt: return only_if(from == place::sender || from == place::recipients, place::recipients);
      case verb::data: return only_if(from == place::recipients, place::message);
      case verb::bdat: return only_if(from == place::recipients || from == place::chunks, place::chunks);
      case verb::rset: return hello_said ? place::ready : from;
      case verb::starttls: return only_if(hello_said, place::elsewhere);
      case verb::auth:
      case verb::etrn: return only_if(from == place::ready, place::ready);
      case verb::quit: return place::elsewhere;
      default: return from;
    }
  }

  // If all that is outstanding is answered positively.
  [[nodiscard]] place hoped_for() const {
    place at = confirmed_;
    for (const verb each : queue) at = reach(at, each).value_or(at);
    return at;
  }

  [[nodiscard]] std::size_t replies_to_message() const {
    return rules_->protocol == service::lmtp ? std::max<std::size_t>(accepted, 1) : 1;
  }

  [[nodiscard]] expectation answer_to(std::uint16_t code) const {
    if (code == 421) return {answer::closing};
    if (!greeted) return {answer::greeted};
    if (queue.empty() && replies_left == 0) return {answer::broken};
    if (queue.empty()) return {answer::message_replied, 0, verb::noop, replies_to_message() - replies_left};
    const verb which = queue.front();
    if (which == verb::auth && code / 100 == 3 && !cancelled_) return {answer::challenged};
    // Nobody has taken a chunk that was not written.
    if (which == verb::bdat && queue.size() == 1 && chunk_left != 0 && code / 100 == 2) return {answer::broken};
    if (last_chunk_ && queue.size() == 1) return {answer::message_replied};
    return {answer::replied, 0, which};
  }

  void note_reply(verb which, const reply_view& reply) {
    const bool done = reply.severity() == 2;
    if (which == verb::quit) closed = true;
    if (which == verb::mail && !done) --transactions_;
    if (which == verb::bdat && !done) confirmed_ = place::failed; // RFC 3030 2
    if (which == verb::data && reply.severity() == 3) in_body = true;
    const bool was_cancelled = which == verb::auth && cancelled_;
    if (was_cancelled) cancelled_ = false;
    if (!done) return;
    confirmed_ = reach(confirmed_, which).value_or(confirmed_);
    switch (which) {
      case verb::ehlo:
      case verb::lhlo:
      case verb::helo: {
        const capabilities found = which == verb::helo ? capabilities() : capabilities_of(reply);
        offered = found.offered;
        size_limit = found.size.value_or(0) != 0 ? found.size : std::nullopt; // 0: no limit (RFC 1870 4)
        recipient_limit_ = found.limits.rcpt_max;
        transaction_limit_ = found.limits.mail_max;
        end_transaction();
        break;
      }
      case verb::rset: end_transaction(); break;
      case verb::starttls: awaits_handshake = true; break;
      case verb::auth: authenticated = !was_cancelled; break;
      case verb::mail: accepted = 0; break;
      case verb::rcpt: ++accepted; break;
      default: break;
    }
  }

  void end_transaction() {
    accepted = 0;
    if (queue.empty()) recipients_ = 0; // else RCPT of the next one may have been sent
  }
  // A chunk may have been refused before the last one was there: only RSET is known to help (RFC 3030 2).
  void end_message() {
    end_transaction();
    confirmed_ = last_chunk_ && !taken_ ? place::failed : place::ready;
    last_chunk_ = taken_ = false;
  }

  [[nodiscard]] bool may_say_mail(const cmd::mail& mail) const {
    bool utf8 = false;
    for (const parameter each : mail.params) {
      const std::string_view value = each.value.value_or("");
      const bool binary = offered.contains(extension::binarymime);
      if (each.keyword == "SIZE") {
        std::uint64_t size = 0;
        std::from_chars(value.data(), value.data() + value.size(), size);
        if (!offered.contains(extension::size) || (size_limit && size > *size_limit)) return false;
      } else if (each.keyword == "BODY") {
        if (!binary && (value == "BINARYMIME" || !offered.contains(extension::eight_bit_mime))) return false;
      } else if (each.keyword == "SMTPUTF8") {
        utf8 = true;
        if (!offered.contains(extension::smtputf8)) return false;
      } else if (each.keyword == "AUTH") {
        if (!offered.contains(extension::auth)) return false;
      }
    }
    return transactions_left() != 0 && (utf8 || !has_non_ascii(mail.from));
  }

  static std::uint64_t left(const std::optional<std::uint64_t>& limit, std::uint64_t used) {
    if (limit.value_or(0) == 0) return std::numeric_limits<std::uint64_t>::max();
    return *limit - std::min(*limit, used);
  }

  // RFC 2920 3.1: behind these the client waits.
  void push(verb which) {
    queue.push_back(which);
    group_ended_ = which != verb::mail && which != verb::rcpt && which != verb::rset && which != verb::bdat;
  }
  void pop() {
    queue.pop_front();
    if (queue.empty()) group_ended_ = false;
  }

  const client_policy* rules_;
  place confirmed_ = place::no_hello; // where the replies have led
  std::optional<std::uint64_t> recipient_limit_, transaction_limit_;
  std::uint64_t recipients_ = 0, transactions_ = 0; // sent
  bool group_ended_ = false;
  bool utf8_ = false, binary_ = false; // the last MAIL said so
  bool last_chunk_ = false;
  bool cancelled_ = false; // "*" was sent
  bool taken_ = false;     // one reply to the message was positive
};

} // namespace postel::fuzz
