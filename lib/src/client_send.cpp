// What a client sends.
#include <algorithm>
#include <utility>

#include "octets.hpp"
#include "parse.hpp"
#include "postel/base64.hpp"
#include "postel/client.hpp"
#include "session_table.hpp"

namespace postel {

namespace {

// What the server would answer, in the words of who sends it.
errc as_local_error(errc why) noexcept {
  switch (why) {
    case errc::unknown_command: return errc::bad_sequence; // HELO in LMTP
    case errc::not_implemented:
    case errc::parameter_unknown: return errc::not_offered;
    default: return why;
  }
}

failure as_local_error(failure why) noexcept {
  why.code = as_local_error(why.code);
  return why;
}

} // namespace

std::optional<failure> client::admissible(const command& what) const noexcept {
  const verb which = verb_of(what);
  const bool turned_away = phase_ == phase::turned_away;
  if (phase_ != phase::commands && !(turned_away && which == verb::quit)) return failure{errc::not_now};
  if (chunk_left_ != 0 || replies_left_ != 0 || last_chunk_) return failure{errc::not_now};
  if (outstanding_ != 0 && (group_ended_ || !offered_.contains(extension::pipelining))) return failure{errc::not_now};
  if (outstanding_ == max_outstanding) return failure{errc::window_full};
  if (const errc why = detail::check(assumed_, which, facts(which)); why != errc{}) return failure{as_local_error(why)};
  if (const auto* mail = std::get_if<cmd::mail>(&what)) return admissible_mail(*mail);
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&what)) return admissible_rcpt(*rcpt);
  return std::nullopt;
}

// What the session table has to know about this session, to judge a command with this verb. What the server's policy requires, its replies
// tell. A command that is older than EHLO may be there though no EHLO offers it.
detail::session_facts client::facts(verb which) const noexcept {
  const detail::verb_rule& rule = detail::rule_of(which);
  return {.lmtp = policy_->protocol == service::lmtp,
          .offered = !rule.after_ehlo || offered_.contains(*rule.needs),
          .extended = extended_,
          .tls = tls_,
          .authenticated = authenticated_,
          .auth_in_clear = policy_->auth_in_clear,
          .binary = binary_};
}

std::optional<failure> client::admissible_mail(const cmd::mail& mail) const noexcept {
  if (const auto why = mail.params.check(offered_)) return as_local_error(*why);
  if ((has_non_ascii(mail.from) || has_non_ascii(mail.params.text())) && !*mail.params.smtputf8())
    return failure{errc::non_ascii_address};
  if (*mail.params.require_tls() && !tls_) return failure{errc::tls_required};
  if (const auto size = *mail.params.size(); size && size_limit() && *size > *size_limit())
    return failure{errc::message_too_large};
  if (transactions_left() == 0) return failure{errc::too_many_transactions};
  return std::nullopt;
}

std::optional<failure> client::admissible_rcpt(const cmd::rcpt& rcpt) const noexcept {
  if (const auto why = rcpt.params.check(offered_)) return as_local_error(*why);
  if ((has_non_ascii(rcpt.to) || has_non_ascii(rcpt.params.text())) && !smtputf8_)
    return failure{errc::non_ascii_address};
  if (recipients_left() == 0) return failure{errc::too_many_recipients};
  return std::nullopt;
}

result<std::size_t> client::send(const command& what, std::string& out) {
  if (std::exchange(disappointed_, false)) assume();
  if (const auto refused = admissible(what)) return *refused;
  const std::size_t before = out.size();
  const verb which = verb_of(what);
  // Whether the server knows UTF-8 is not known when it is greeted (RFC 6531 3.7.1).
  const bool hello = which == verb::ehlo || which == verb::helo || which == verb::lhlo;
  const bool utf8 = !hello && offered_.contains(extension::smtputf8);
  const auto written = append(out, what, utf8 ? charset::utf8 : charset::ascii);
  if (!written) return written;
  if (which == verb::auth && *written > policy_->limit.command_line) {
    out.resize(before);
    return failure{errc::line_too_long};
  }
  push(which);
  assumed_ = detail::transition_from(assumed_, which).target;
  if (const auto* mail = std::get_if<cmd::mail>(&what)) {
    const body_value body = mail->params.body()->value_or(body_value::seven_bit);
    body_ = body_stuffer(policy_->convert_line_ends ? body_stuffer::bare::convert : body_stuffer::bare::refuse);
    smtputf8_ = *mail->params.smtputf8();
    prdr_ = *mail->params.prdr();
    binary_ = body == body_value::binary_mime;
    eight_bit_body_ = smtputf8_ || body != body_value::seven_bit;
    recipients_ = 0;
    ++transactions_;
  }
  if (which == verb::rcpt) ++recipients_;
  if (const auto* bdat = std::get_if<cmd::bdat>(&what)) {
    chunk_left_ = bdat->size;
    last_chunk_ = bdat->last;
  }
  if (const auto* burl = std::get_if<cmd::burl>(&what)) last_chunk_ = burl->last;
  return written;
}

void client::push(verb which) noexcept {
  queue_[(oldest_ + outstanding_) % max_outstanding] = which;
  ++outstanding_;
  group_ended_ = detail::rule_of(which).ends_group;
}

result<std::size_t> client::respond(std::string_view octets, std::string& out) {
  if (phase_ != phase::challenged) return failure{errc::not_now};
  if (octets.size() > (auth_line_limit - 2) / 4 * 3) return failure{errc::line_too_long};
  const std::size_t written = append_base64(out, octets) + 2;
  out += "\r\n";
  phase_ = phase::commands;
  push(verb::auth);
  return written;
}

result<std::size_t> client::cancel(std::string& out) {
  if (phase_ != phase::challenged) return failure{errc::not_now};
  out += "*\r\n";
  phase_ = phase::commands;
  cancelled_ = true;
  push(verb::auth);
  return std::size_t{3};
}

result<body_stuffer::step> client::stuff_ascii(std::string_view piece) noexcept {
  body_stuffer next = body_;
  const auto step = next.next(piece.substr(0, detail::in_cache));
  if (!step) return step;
  if (has_non_ascii(step->bytes)) {
    body_.drop_piece();
    // Static text has none, so this is an offset into the piece.
    return failure{errc::non_ascii_body, detail::offset_of(detail::first_non_ascii(step->bytes))};
  }
  body_ = next;
  return step;
}

result<std::size_t> client::send_body(std::string_view piece, std::string& out) {
  if (phase_ != phase::message) return failure{errc::not_now};
  body_.drop_piece();
  const body_stuffer before = body_;
  const std::size_t size = out.size();
  for (std::string_view rest = piece; !rest.empty();) {
    const auto step = stuff(rest);
    if (!step) {
      body_ = before;
      out.resize(size);
      return failure{step.error().code, detail::offset_of(piece.size() - rest.size() + step.error().offset)};
    }
    out += step->bytes;
    rest.remove_prefix(step->used);
  }
  return out.size() - size;
}

result<std::string_view> client::end_body() noexcept {
  if (phase_ != phase::message) return failure{errc::not_now};
  const auto end = body_.finish();
  if (!end) return end;
  replies_left_ = policy_->protocol == service::lmtp ? accepted_ : 1; // RFC 2033 4.2
  phase_ = phase::message_sent;
  if (replies_left_ == 0) end_message();
  return end;
}

result<std::size_t> client::end_body(std::string& out) {
  const auto end = end_body();
  if (!end) return end.error();
  out += *end;
  return end->size();
}

result<void> client::chunk_written(std::uint64_t octets) noexcept {
  if (octets > chunk_left_) return failure{errc::not_now};
  chunk_left_ -= octets;
  return {};
}

} // namespace postel
