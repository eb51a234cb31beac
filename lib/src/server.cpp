#include "postel/server.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "parse.hpp"
#include "server_replies.hpp"
#include "server_table.hpp"

namespace postel {

namespace {

// The reply that announces the end of the session: RFC 5321 3.8.
constexpr std::uint16_t service_not_available = 421;

std::string_view without_trailing_white_space(std::string_view line) noexcept {
  while (!line.empty() && grammar::is(grammar::octets::wsp, line.back())) line.remove_suffix(1);
  return line;
}

std::uint32_t offset_in(std::string_view line, std::string_view part) noexcept {
  return detail::offset_of(static_cast<std::size_t>(part.data() - line.data()));
}

bool too_long(const path& p, const limits& limit) noexcept {
  const std::size_t route = p.source_route.empty() ? 0 : p.source_route.size() + 1;
  const std::size_t at = p.domain.empty() ? 0 : 1;
  const std::size_t whole = 2 + route + p.local_part.size() + at + p.domain.size();
  return p.local_part.size() > limit.local_part || p.domain.size() > limit.domain || whole > limit.path;
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

} // namespace

extensions server::offer() const noexcept {
  constexpr extensions able = [] {
    extensions all;
    for (const extension e : carried_out) all.insert(e);
    return all;
  }();
  return policy_->offer & able;
}

bool server::offers(extension e) const noexcept {
  return offer().contains(e);
}

bool server::open(std::string& out) {
  if (state_ != state::unopened || !parse_domain(policy_->host)) return false;
  out.append("220 ").append(policy_->host).append(" ESMTP\r\n");
  line_limit_ = command_line_limit(policy_->limit, offer());
  state_ = state::greeted;
  return true;
}

server_step server::next(std::string_view unread, std::string& out) {
  if (state_ == state::unopened || closed() || answer_owed()) return {event::need_more{}, 0};
  // Octets that are discarded are no event: what stands behind them is looked at in the same call.
  for (std::size_t used = 0;;) {
    const std::string_view rest = unread.substr(used);
    server_step step = state_ == state::message ? next_body(rest, out) : next_line(rest, out);
    used += step.used;
    if (step.used == 0 || !std::holds_alternative<event::need_more>(step.event)) return {std::move(step.event), used};
  }
}

server_step server::next_line(std::string_view unread, std::string& out) {
  const line_framer::step step = line_.next(unread, line_limit_);
  switch (step.what) {
    case line_framer::outcome::need_more: return {event::need_more{}, step.used};
    case line_framer::outcome::bare_cr: return {refuse({errc::bare_cr}, {}, out), step.used};
    case line_framer::outcome::bare_lf: return {refuse({errc::bare_lf}, {}, out), step.used};
    case line_framer::outcome::too_long: return {refuse({errc::line_too_long}, {}, out), step.used};
    case line_framer::outcome::line: break;
  }
  const std::string_view line = policy_->trailing_white_space ? without_trailing_white_space(step.text) : step.text;
  return {handle(line, out), step.used};
}

server_event server::handle(std::string_view line, std::string& out) {
  const bool utf8 = extended_ && offers(extension::smtputf8);
  const auto parsed = parse_command(line, utf8 ? charset::utf8 : charset::ascii);
  if (!parsed) return refuse(parsed.error(), line, out);
  const verb which = verb_of(*parsed);
  const detail::transition go = detail::transition_of(state_, which);
  if (go.refusal != errc{}) return refuse({go.refusal}, line, out);
  if ((which == verb::help && !offers(extension::help)) || (which == verb::expn && !offers(extension::expn)))
    return refuse({errc::not_implemented}, line, out);

  switch (which) {
    case verb::ehlo: return owe(decision::ehlo, event::hello{std::get<cmd::ehlo>(*parsed).client, true});
    case verb::helo: return owe(decision::helo, event::hello{{std::get<cmd::helo>(*parsed).domain}, false});
    case verb::mail: return handle_mail(std::get<cmd::mail>(*parsed), line, out);
    case verb::rcpt: return handle_rcpt(std::get<cmd::rcpt>(*parsed), line, out);
    case verb::data: return owe(decision::data, event::data{});
    case verb::vrfy: {
      const auto& vrfy = std::get<cmd::vrfy>(*parsed);
      return handle_verify(decision::verify, vrfy.string, vrfy.smtputf8, line, out);
    }
    case verb::expn: {
      const auto& expn = std::get<cmd::expn>(*parsed);
      return handle_verify(decision::expand, expn.string, expn.smtputf8, line, out);
    }
    case verb::help: return owe(decision::help, event::help{std::get<cmd::help>(*parsed).string});
    case verb::rset:
      end_transaction();
      write({250, "OK", enhanced_status_code{2, 0, 0}}, out);
      return event::reset{};
    case verb::noop: write({250, "OK", enhanced_status_code{2, 0, 0}}, out); return event::noop{};
    case verb::quit:
      write({221, "Bye", enhanced_status_code{2, 0, 0}}, out);
      state_ = go.target;
      return event::quit{};
    // The table refuses the others.
    default: return event::need_more{};
  }
}

server_event server::handle_mail(const cmd::mail& mail, std::string_view line, std::string& out) {
  if (const auto why = mail.params.check(extended_ ? offer() : extensions()))
    return refuse({why->code, offset_in(line, mail.params.text()) + why->offset}, line, out);
  // Checked: none of these can fail.
  const event::sender sender{mail, *mail.params.size(), mail.params.body()->value_or(body_value::seven_bit),
                             *mail.params.smtputf8()};
  if (too_long(mail.from, policy_->limit)) return refuse({errc::address_too_long}, line, out);
  if (has_non_ascii(mail.from) && !sender.smtputf8) return refuse({errc::non_ascii_address}, line, out);
  if (sender.size.value_or(0) > policy_->message_size) return refuse({errc::message_too_large}, line, out);
  smtputf8_ = sender.smtputf8;
  return owe(decision::sender, sender);
}

server_event server::handle_rcpt(const cmd::rcpt& rcpt, std::string_view line, std::string& out) {
  if (const auto why = rcpt.params.check(extended_ ? offer() : extensions()))
    return refuse({why->code, offset_in(line, rcpt.params.text()) + why->offset}, line, out);
  if (too_long(rcpt.to, policy_->limit)) return refuse({errc::address_too_long}, line, out);
  if (has_non_ascii(rcpt.to) && !smtputf8_) return refuse({errc::non_ascii_address}, line, out);
  if (recipients_ >= policy_->limit.recipients) return refuse({errc::too_many_recipients}, line, out);
  return owe(decision::recipient, event::recipient{rcpt});
}

server_event server::handle_verify(decision what, std::string_view string, bool smtputf8, std::string_view line,
                                   std::string& out) {
  if (postel::has_non_ascii(string) && !smtputf8) return refuse({errc::non_ascii_address}, line, out);
  utf8_reply_ = smtputf8;
  return what == decision::verify ? owe(what, event::verify{string, smtputf8})
                                  : owe(what, event::expand{string, smtputf8});
}

server_step server::next_body(std::string_view unread, std::string& out) {
  const body_framer::step step = body_.next(unread);
  switch (step.what) {
    case body_framer::outcome::need_more: break;
    case body_framer::outcome::bare_cr:
    case body_framer::outcome::bare_lf: {
      spoil_message(step.what == body_framer::outcome::bare_cr ? errc::bare_cr : errc::bare_lf);
      // Reported once a message: this recursion ends here.
      server_step rest = next_body(unread.substr(step.used), out);
      rest.used += step.used;
      return rest;
    }
    case body_framer::outcome::piece: {
      if (message_fault_ != errc{}) break;
      const std::uint64_t room = policy_->message_size - message_octets_;
      const std::string_view bytes = step.bytes.substr(0, std::min<std::uint64_t>(step.bytes.size(), room));
      message_octets_ += bytes.size();
      if (bytes.size() < step.bytes.size()) spoil_message(errc::message_too_large);
      if (!bytes.empty()) return {event::body{bytes}, step.used};
      break;
    }
    case body_framer::outcome::end: {
      if (message_fault_ == errc{}) return {owe(decision::message_end, event::message_end{message_octets_}), step.used};
      const errc why = message_fault_;
      write(detail::message_refusal(why), out);
      end_transaction();
      return {event::refused{why, 0, {}}, step.used};
    }
  }
  return {event::need_more{}, step.used};
}

void server::spoil_message(errc why) noexcept {
  if (message_fault_ == errc{}) message_fault_ = why;
}

server_event server::owe(decision what, server_event e) noexcept {
  owed_ = what;
  return e;
}

server_event server::refuse(failure why, std::string_view line, std::string& out) const {
  write(detail::refusal(why.code), out);
  return event::refused{why.code, why.offset, line};
}

bool server::answer(const reply& with, std::string& out) {
  if (!answer_owed()) return false;
  const detail::positive allowed = detail::positive_answers(owed_);
  const unsigned severity = with.code / 100U;
  const bool positive = std::ranges::find(allowed.codes, with.code) != std::end(allowed.codes) && with.code != 0;
  if (!positive && severity != 4 && severity != 5) return false;

  const bool hello = owed_ == decision::ehlo || owed_ == decision::helo;
  reply complete = with;
  // RFC 2034 4: no status codes in replies to EHLO and HELO, nor in 3yz ones.
  if (hello || severity == 3)
    complete.status = std::nullopt;
  else if (!complete.status)
    complete.status =
        positive ? allowed.usual.status : enhanced_status_code{static_cast<std::uint16_t>(severity), 0, 0};

  const bool written = positive && hello ? write_hello(with.text, owed_ == decision::ehlo ? offer() : extensions(), out)
                                         : write(complete, out, utf8_reply_ ? charset::utf8 : charset::ascii);
  if (written) settle(with.code, positive);
  return written;
}

bool server::accept(std::string& out) {
  return answer_owed() && answer(detail::positive_answers(owed_).usual, out);
}

void server::settle(std::uint16_t code, bool positive) noexcept {
  const decision settled = std::exchange(owed_, decision::none);
  utf8_reply_ = false;
  if (code == service_not_available) {
    state_ = state::closed;
    return;
  }
  if (settled == decision::message_end) return end_transaction();
  if (!positive) return;
  switch (settled) {
    case decision::helo:
    case decision::ehlo:
      end_transaction();
      extended_ = settled == decision::ehlo;
      break;
    case decision::recipient: ++recipients_; break;
    default: break;
  }
  state_ = detail::transition_of(state_, detail::command_of(settled)).target;
}

void server::end_transaction() noexcept {
  state_ = detail::transition_of(state_, verb::rset).target;
  message_octets_ = 0;
  recipients_ = 0;
  message_fault_ = errc{};
  smtputf8_ = false;
}

bool server::write(reply what, std::string& out, charset octets) const {
  if (!offers(extension::enhanced_status_codes)) what.status = std::nullopt;
  return append(out, what, octets).has_value();
}

bool server::write_hello(std::string_view greet, extensions announced, std::string& out) const {
  const std::size_t before = out.size();
  std::size_t last = before; // where the last line begins: its hyphen becomes a space
  const auto line = [&](std::string_view text) -> std::string& {
    last = out.size();
    return out.append("250-").append(text);
  };
  line(policy_->host);
  if (!greet.empty()) out.append(" ").append(greet);
  for (const extension e : carried_out) {
    if (!announced.contains(e)) continue;
    out += "\r\n";
    line(keyword(e));
    if (e == extension::size) out.append(" "), append_number(out, policy_->message_size);
  }
  out += "\r\n";
  out[last + 3] = ' ';
  // A line end in greet would write lines of its own.
  if (greet.find_first_of("\r\n") == std::string_view::npos && parse_reply(std::string_view(out).substr(before)))
    return true;
  out.resize(before);
  return false;
}

} // namespace postel
