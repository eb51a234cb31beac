// What a client receives. What it sends: client_send.cpp.
#include "postel/client.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "parse.hpp"
#include "postel/capability.hpp"
#include "reply_code.hpp"
#include "session_table.hpp"

namespace postel {

namespace {

using detail::service_not_available;
constexpr std::uint16_t replies_follow = 353; // PRDR's: one for each recipient, and one to the message

std::uint32_t capped(std::optional<std::uint64_t> number) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(number.value_or(0), std::numeric_limits<std::uint32_t>::max()));
}

// The code that a line begins with.
std::uint16_t number_of(std::string_view line) noexcept {
  std::uint16_t code = 0;
  std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), code);
  return code;
}

// What wire is instead of a reply.
event::broken fault_of(std::string_view wire, const failure& why) noexcept {
  if (why.code != errc::reply_code_mismatch) return {why.code};
  return {why.code, number_of(wire), number_of(wire.substr(why.offset))};
}

} // namespace

client_step client::next(std::string_view unread) noexcept {
  if (phase_ == phase::broken) return {broken_, 0};
  if (phase_ == phase::closed) return {event::need_more{}, unread.size()};
  if (phase_ == phase::tls) {
    if (unread.empty()) return {event::need_more{}, 0};
    return break_off({errc::octets_before_tls}); // RFC 3207 4.2, 6
  }
  const std::size_t boundary = longest_reply();
  for (;;) {
    const std::size_t horizon = std::min(unread.size(), boundary);
    const std::size_t lf = unread.substr(0, horizon).find('\n', searched_);
    if (lf == std::string_view::npos) {
      if (unread.size() >= boundary) return break_off({errc::reply_too_long});
      searched_ = detail::offset_of(unread.size());
      return {event::need_more{}, 0};
    }
    if (lf == line_start_ || unread[lf - 1] != '\r') return break_off({errc::bare_lf});
    const std::string_view line = unread.substr(line_start_, lf + 1 - line_start_);
    line_start_ = searched_ = detail::offset_of(lf + 1);
    if (line.size() > 3 && line[3] == '-') continue;

    const std::string_view wire = unread.substr(0, line_start_);
    line_start_ = searched_ = 0;
    const auto reply =
        read_reply(wire, offered_.contains(extension::smtputf8) ? charset::utf8 : charset::ascii); // RFC 6531 3.7.4.2
    if (!reply) return break_off(fault_of(wire, reply.error()));
    client_event what = dispatch(*reply);
    // In clear, behind the reply to STARTTLS: nobody may take it for something said in TLS (RFC 3207 4.2, 6).
    if (phase_ == phase::tls && wire.size() != unread.size()) return break_off({errc::octets_before_tls});
    return {what, phase_ == phase::broken ? 0 : wire.size()};
  }
}

std::size_t client::longest_reply() const noexcept {
  // RFC 4954 4: in an AUTH exchange, whatever else is limited.
  const bool challenge_due = outstanding_ != 0 && queue_[oldest_] == verb::auth;
  return challenge_due ? std::max(policy_->limit.reply, auth_line_limit) : policy_->limit.reply;
}

// Nothing more is awaited, and nothing can be said.
void client::end(phase last) noexcept {
  phase_ = last;
  outstanding_ = 0;
  replies_left_ = 0;
  chunk_left_ = 0;
}

client_step client::break_off(const event::broken& why) noexcept {
  end(phase::broken);
  broken_ = why;
  return {why, 0};
}

client_event client::dispatch(const reply_view& reply) noexcept {
  if (reply.code() == service_not_available) {
    end(phase::closed);
    return event::closing{reply};
  }
  if (phase_ == phase::greeting) {
    phase_ = reply.severity() == 2 ? phase::commands : phase::turned_away;
    return event::greeted{reply};
  }
  // Chunks are answered before the message that the last of them completes.
  if (outstanding_ == 0 && replies_left_ != 0) return note_message_reply(reply);
  if (outstanding_ == 0) return break_off({errc::reply_unexpected}).event;

  const verb which = queue_[oldest_];
  oldest_ = static_cast<std::uint8_t>((oldest_ + 1) % max_outstanding);
  if (--outstanding_ == 0) group_ended_ = false;
  if (which == verb::auth && reply.severity() == 3 && !cancelled_) {
    phase_ = phase::challenged;
    return event::challenged{*reply.lines().begin(), reply};
  }
  // Nobody has taken a chunk that was not written.
  if (which == verb::bdat && outstanding_ == 0 && chunk_left_ != 0 && reply.severity() == 2)
    return break_off({errc::reply_unexpected}).event;
  if (last_chunk_ && outstanding_ == 0) {
    const bool each = policy_->protocol == service::lmtp && accepted_ != 0;
    replies_left_ = each ? accepted_ : 1;
    return note_message_reply(reply);
  }
  note_command_reply(which, reply);
  return event::replied{which, reply};
}

client_event client::note_message_reply(const reply_view& reply) noexcept {
  using about = event::message_replied::about;
  if (prdr_ && !announced_ && reply.code() == replies_follow && policy_->protocol != service::lmtp) {
    announced_ = true;
    replies_left_ = accepted_ + 1;
    return event::message_replied{reply, 0, about::announcement};
  }
  const bool each = policy_->protocol == service::lmtp ? accepted_ != 0 : announced_ && replies_left_ != 1;
  event::message_replied event{reply, 0, each ? about::recipient : about::message};
  if (each) event.recipient = accepted_ + (announced_ ? 1 : 0) - replies_left_;
  if (reply.severity() == 2 && (!each || !announced_)) delivered_ = true;
  if (--replies_left_ != 0) return event;
  end_message();
  return event;
}

// The message has all its replies.
void client::end_message() noexcept {
  phase_ = phase::commands;
  end_transaction();
  confirmed_ = detail::without_transaction(confirmed_);
  // A chunk may have been refused before the message was complete: then nothing but RSET is good (RFC 3030 2).
  if (last_chunk_ && !delivered_) confirmed_ = session_state::failed;
  assumed_ = confirmed_;
  last_chunk_ = delivered_ = announced_ = false;
}

void client::note_command_reply(verb which, const reply_view& reply) noexcept {
  const bool done = reply.severity() == 2;
  switch (which) {
    case verb::ehlo:
    case verb::lhlo:
    case verb::helo:
      if (!done) break;
      end_transaction();
      extended_ = which != verb::helo;
      learn(reply);
      break;
    case verb::starttls:
      if (done) phase_ = phase::tls;
      break;
    case verb::auth:
      if (!std::exchange(cancelled_, false) && done) authenticated_ = true;
      break;
    case verb::mail:
      if (done)
        accepted_ = 0;
      else
        --transactions_;
      break;
    case verb::rcpt:
      if (done) ++accepted_;
      break;
    case verb::rset:
      if (done) end_transaction();
      break;
    case verb::data:
      if (reply.severity() == 3) phase_ = phase::message; // nothing else asks for the message (RFC 5321 3.3)
      break;
    case verb::quit: phase_ = phase::closed; break;
    default: break;
  }
  const detail::transition go = detail::transition_from(confirmed_, which);
  const bool as_assumed = go.refusal == errc{} && (done || phase_ == phase::message);
  if (as_assumed) confirmed_ = go.target;
  // A positive reply that does not ask for the message leaves it open what became of the transaction.
  if (as_assumed && which == verb::data && done) confirmed_ = session_state::failed;
  if ((which == verb::bdat || which == verb::burl) && !done) confirmed_ = session_state::failed; // RFC 3030 2
  if (outstanding_ == 0)
    assumed_ = confirmed_;
  else if (!as_assumed)
    disappointed_ = true; // only when the next command is sent: many replies may be like this one
}

// Where the commands that are outstanding lead from where the replies have led.
void client::assume() noexcept {
  assumed_ = confirmed_;
  for (std::size_t i = 0; i < outstanding_; ++i) {
    const detail::transition go = detail::transition_from(assumed_, queue_[(oldest_ + i) % max_outstanding]);
    if (go.refusal == errc{}) assumed_ = go.target;
  }
}

void client::learn(const reply_view& reply) noexcept {
  const capabilities found = extended_ ? capabilities_of(reply) : capabilities{};
  offered_ = found.offered;
  if (policy_->old_auth_form && !found.old_auth_mechanisms.empty()) offered_.insert(extension::auth);
  size_limit_ = found.size.value_or(0);
  recipient_limit_ = capped(found.limits.rcpt_max);
  transaction_limit_ = capped(found.limits.mail_max);
}

result<void> client::tls_started() noexcept {
  if (phase_ == phase::greeting && searched_ == 0) {
    tls_ = true;
    return {};
  }
  if (phase_ != phase::tls) return failure{errc::not_now};
  end_transaction();
  phase_ = phase::commands;
  confirmed_ = session_state::greeted;
  assume();
  offered_ = {};
  size_limit_ = 0;
  recipient_limit_ = transaction_limit_ = transactions_ = 0;
  extended_ = authenticated_ = false;
  tls_ = true;
  return {};
}

void client::end_transaction() noexcept {
  accepted_ = 0;
  // Another transaction may have been begun behind RSET.
  if (outstanding_ == 0) recipients_ = 0;
}

bool client::peer_closed() noexcept {
  if (closed()) return false;
  const bool complete = phase_ == phase::message_sent || (last_chunk_ && chunk_left_ == 0);
  const bool in_doubt = complete && outstanding() != 0;
  end(phase::closed);
  return in_doubt;
}

std::optional<std::uint64_t> client::size_limit() const noexcept {
  if (!offered_.contains(extension::size) || size_limit_ == 0) return std::nullopt;
  return size_limit_;
}

std::uint64_t client::recipients_left() const noexcept {
  if (recipient_limit_ == 0) return std::numeric_limits<std::uint64_t>::max();
  return recipient_limit_ - std::min(recipient_limit_, recipients_);
}

std::uint64_t client::transactions_left() const noexcept {
  if (transaction_limit_ == 0) return std::numeric_limits<std::uint64_t>::max();
  return transaction_limit_ - std::min(transaction_limit_, transactions_);
}

timeout client::deadline() const noexcept {
  switch (phase_) {
    case phase::greeting: return timeout::greeting;
    case phase::message: return timeout::data_block;
    case phase::challenged:
    case phase::tls:
    case phase::closed:
    case phase::broken: return timeout::none;
    case phase::turned_away:
    case phase::commands:
    case phase::message_sent: break;
  }
  if (chunk_left_ != 0) return timeout::data_block;
  if (outstanding_ == 0) return replies_left_ != 0 ? timeout::data_termination : timeout::none;
  switch (queue_[oldest_]) {
    case verb::rcpt: return timeout::rcpt;
    case verb::data: return timeout::data_initiation;
    case verb::bdat:
    case verb::burl: return timeout::data_termination;
    default: return timeout::mail;
  }
}

} // namespace postel
