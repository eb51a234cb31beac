#include "postel/client.hpp"

#include <algorithm>
#include <utility>

#include "parse.hpp"

namespace postel {

namespace {

// Commands behind which the client must wait for the reply; the others may stand anywhere in a group: RFC 2920 3.1.
constexpr bool ends_group(verb which) noexcept {
  return which != verb::rset && which != verb::mail && which != verb::rcpt;
}

// The extension that gives a MAIL parameter its meaning.
std::optional<extension> extension_of_parameter(std::string_view keyword) noexcept {
  if (equal_ignoring_case(keyword, "SIZE")) return extension::size;
  if (equal_ignoring_case(keyword, "BODY")) return extension::eight_bit_mime;
  if (equal_ignoring_case(keyword, "SMTPUTF8")) return extension::smtputf8;
  return std::nullopt;
}

bool says_eight_bit(const parameters& params) noexcept {
  const auto body = params.find("BODY");
  if (!body || !body->value) return false;
  const auto value = parse_body_value(*body->value);
  return value && *value == body_value::eight_bit_mime;
}

} // namespace

client_step client::next(std::string_view unread) noexcept {
  if (phase_ == phase::broken) return {event::broken{broken_}, 0};
  if (phase_ == phase::closed) return {event::need_more{}, unread.size()};
  for (;;) {
    const std::size_t boundary = std::min(line_start_ + limits_->reply_line, limits_->reply);
    const std::size_t horizon = std::min(unread.size(), boundary);
    const std::size_t lf = unread.substr(0, horizon).find('\n', searched_);
    if (lf == std::string_view::npos) {
      if (unread.size() >= boundary)
        return break_off(boundary == limits_->reply ? errc::reply_too_long : errc::line_too_long);
      searched_ = detail::offset_of(unread.size());
      return {event::need_more{}, 0};
    }
    if (lf == line_start_ || unread[lf - 1] != '\r') return break_off(errc::bare_lf);
    const std::string_view line = unread.substr(line_start_, lf + 1 - line_start_);
    line_start_ = searched_ = detail::offset_of(lf + 1);
    if (line.size() > 3 && line[3] == '-') continue;

    const std::string_view wire = unread.substr(0, line_start_);
    line_start_ = searched_ = 0;
    const auto parsed = parse_reply(wire, offered_.contains(extension::smtputf8) ? charset::utf8 : charset::ascii);
    if (!parsed) return break_off(parsed.error().code);
    return {dispatch(*parsed), wire.size()};
  }
}

client_step client::break_off(errc why) noexcept {
  phase_ = phase::broken;
  broken_ = why;
  return {event::broken{why}, 0};
}

client_event client::dispatch(const reply_view& reply) noexcept {
  switch (phase_) {
    case phase::greeting:
      phase_ = reply.code() == 220 ? phase::commands : phase::turned_away;
      return event::greeted{reply};
    case phase::message_sent: phase_ = phase::commands; return event::message_replied{reply};
    default: break;
  }
  if (outstanding_ == 0) return break_off(errc::reply_unexpected).event;

  const verb which = queue_[oldest_];
  oldest_ = static_cast<std::uint8_t>((oldest_ + 1) % max_outstanding);
  if (--outstanding_ == 0) group_ended_ = false;
  switch (which) {
    case verb::ehlo: learn(reply); break;
    case verb::helo: offered_ = {}; break;
    case verb::data:
      if (reply.code() == 354) phase_ = phase::message;
      break;
    case verb::quit: phase_ = phase::closed; break;
    default: break;
  }
  return event::replied{which, reply};
}

void client::learn(const reply_view& reply) noexcept {
  offered_ = {};
  size_limit_ = 0;
  if (reply.code() != 250) return;
  bool first = true; // the first line is the server's name
  for (const std::string_view text : reply.lines()) {
    if (std::exchange(first, false)) continue;
    const auto line = parse_ehlo_line(text);
    if (!line) continue;
    const auto offer = extension_of(line->keyword);
    if (!offer) continue;
    offered_.insert(*offer);
    if (*offer == extension::size) size_limit_ = parse_size_value(line->params).value_or(std::uint64_t{0});
  }
}

std::optional<std::uint64_t> client::size_limit() const noexcept {
  if (!offered_.contains(extension::size) || size_limit_ == 0) return std::nullopt;
  return size_limit_;
}

std::optional<failure> client::admissible(const command& what) const noexcept {
  const verb which = verb_of(what);
  const bool turned_away = phase_ == phase::turned_away;
  if (phase_ != phase::commands && !(turned_away && which == verb::quit)) return failure{errc::not_now};
  if (outstanding_ != 0 && (group_ended_ || !offered_.contains(extension::pipelining))) return failure{errc::not_now};
  if (outstanding_ == max_outstanding) return failure{errc::window_full};
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&what)) {
    if (!rcpt->params.empty()) return failure{errc::not_offered};
    if (has_non_ascii(rcpt->to) && !smtputf8_) return failure{errc::non_ascii_address};
  }
  if (const auto* mail = std::get_if<cmd::mail>(&what)) {
    for (const parameter p : mail->params) {
      const auto needed = extension_of_parameter(p.keyword);
      if (!needed || !offered_.contains(*needed)) return failure{errc::not_offered};
    }
    if (has_non_ascii(mail->from) && !mail->params.find("SMTPUTF8")) return failure{errc::non_ascii_address};
  }
  return std::nullopt;
}

result<std::size_t> client::send(const command& what, std::string& out) {
  if (const auto refused = admissible(what)) return *refused;
  const auto written = append(out, what, offered_.contains(extension::smtputf8) ? charset::utf8 : charset::ascii);
  if (!written) return written;
  const verb which = verb_of(what);
  queue_[(oldest_ + outstanding_) % max_outstanding] = which;
  ++outstanding_;
  group_ended_ = ends_group(which);
  if (const auto* mail = std::get_if<cmd::mail>(&what)) {
    eight_bit_body_ = says_eight_bit(mail->params);
    smtputf8_ = mail->params.find("SMTPUTF8").has_value();
  }
  return written;
}

result<std::size_t> client::send_body(std::string_view piece, std::string& out) {
  if (phase_ != phase::message) return failure{errc::not_now};
  if (!eight_bit_body_ && has_non_ascii(piece)) return failure{errc::non_ascii_body};
  return body_.append(out, piece);
}

result<std::size_t> client::end_body(std::string& out) {
  if (phase_ != phase::message) return failure{errc::not_now};
  const auto written = body_.finish(out);
  if (written) phase_ = phase::message_sent;
  return written;
}

} // namespace postel
