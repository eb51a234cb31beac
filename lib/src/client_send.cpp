// What a client sends.
#include <algorithm>
#include <utility>

#include "octets.hpp"
#include "parse.hpp"
#include "postel/base64.hpp"
#include "postel/client.hpp"
#include "server_table.hpp"

namespace postel {

namespace {

// Commands behind which the client must wait for the reply; the others may stand anywhere in a group: RFC 2920 3.1, RFC 3030 4.1.
constexpr bool ends_group(verb which) noexcept {
  return which != verb::rset && which != verb::mail && which != verb::rcpt && which != verb::bdat;
}

// What must have been offered for a command; nothing for one that every server has, or may have without saying so.
constexpr std::optional<extension> needed_by(verb which) noexcept {
  switch (which) {
    case verb::bdat: return extension::chunking;
    case verb::burl: return extension::burl;
    case verb::starttls: return extension::starttls;
    case verb::auth: return extension::auth;
    case verb::etrn: return extension::etrn;
    case verb::atrn: return extension::atrn;
    case verb::xclient: return extension::xclient;
    case verb::xforward: return extension::xforward;
    case verb::wellknown: return extension::wellknown;
    default: return std::nullopt;
  }
}

// A parameter that was not offered, in the words of who sends it.
failure ours(failure why) noexcept {
  if (why.code == errc::parameter_unknown) why.code = errc::not_offered;
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
  const bool lmtp = policy_->protocol == service::lmtp;
  if (lmtp ? which == verb::ehlo || which == verb::helo : which == verb::lhlo) return failure{errc::bad_sequence};
  if (which == verb::obsolete) return failure{errc::not_offered};
  if (const auto needed = needed_by(which); needed && !offered_.contains(*needed)) return failure{errc::not_offered};
  const detail::transition go = detail::transition_of(assumed_, which);
  if (go.refusal != errc{} && go.refusal != errc::not_implemented) return failure{go.refusal};

  if (const auto* mail = std::get_if<cmd::mail>(&what)) return admissible_mail(*mail);
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&what)) return admissible_rcpt(*rcpt);
  if (which == verb::data && binary_) return failure{errc::bad_sequence}; // RFC 3030 3
  if (which == verb::starttls && tls_) return failure{errc::bad_sequence};
  if (which == verb::auth && authenticated_) return failure{errc::bad_sequence};
  if (which == verb::auth && !tls_ && !policy_->auth_in_clear) return failure{errc::auth_needs_tls};
  return std::nullopt;
}

std::optional<failure> client::admissible_mail(const cmd::mail& mail) const noexcept {
  if (const auto why = mail.params.check(offered_)) return ours(*why);
  if ((has_non_ascii(mail.from) || has_non_ascii(mail.params.text())) && !*mail.params.smtputf8())
    return failure{errc::non_ascii_address};
  if (*mail.params.require_tls() && !tls_) return failure{errc::tls_required};
  if (const auto size = *mail.params.size(); size && size_limit() && *size > *size_limit())
    return failure{errc::message_too_large};
  if (transactions_left() == 0) return failure{errc::too_many_transactions};
  return std::nullopt;
}

std::optional<failure> client::admissible_rcpt(const cmd::rcpt& rcpt) const noexcept {
  if (const auto why = rcpt.params.check(offered_)) return ours(*why);
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
  assumed_ = detail::transition_of(assumed_, which).target;
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
  group_ended_ = ends_group(which);
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
