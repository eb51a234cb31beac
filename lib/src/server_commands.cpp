// What the session does with a command line.
#include <algorithm>
#include <utility>

#include "capture.hpp"
#include "lenient.hpp"
#include "mail_values.hpp"
#include "parse.hpp"
#include "postel/grammar/core.hpp"
#include "postel/server.hpp"
#include "server_replies.hpp"
#include "session_table.hpp"

namespace postel {

namespace {

std::uint32_t offset_in(std::string_view line, std::string_view part) noexcept {
  return detail::offset_of(static_cast<std::size_t>(part.data() - line.data()));
}

std::string_view without_trailing_white_space(std::string_view line) noexcept {
  while (!line.empty() && grammar::is(grammar::octets::wsp, line.back())) line.remove_suffix(1);
  return line;
}

bool too_long(const path& p, const server_limits& limit) noexcept {
  const std::size_t route = p.source_route.empty() ? 0 : p.source_route.size() + 1;
  const std::size_t at = p.domain.empty() ? 0 : 1;
  const std::size_t whole = 2 + route + p.local_part.size() + at + p.domain.size();
  return p.local_part.size() > limit.local_part || p.domain.size() > limit.domain || whole > limit.path;
}

// Made in its place, which spares a copy. clang has learnt that with version 16.
template <typename Event, typename... Values>
[[gnu::always_inline]] inline server_event event_of(const Values&... values) noexcept {
#ifdef __cpp_aggregate_paren_init
  return server_event(std::in_place_type<Event>, values...);
#else
  return Event{values...};
#endif
}

// Most lines are ASCII: one look at the whole spares looks at the parts.
bool needs_smtputf8(const path& p, std::string_view line) noexcept {
  return has_non_ascii(line) && has_non_ascii(p);
}

// Minutes since the year 0, in UTC: to compare two times, not to tell one.
std::int64_t minutes_of(const date_time& when) noexcept {
  constexpr int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const std::int64_t year = when.year;
  const std::int64_t years_done = when.month > 2 ? year : year - 1; // whose February has been
  const std::int64_t days =
      year * 365 + years_done / 4 - years_done / 100 + years_done / 400 + days_before[when.month - 1] + when.day;
  return (days * 24 + when.hour) * 60 + when.minute - when.offset_minutes;
}

bool later(const date_time& a, const date_time& b) noexcept {
  const std::int64_t left = minutes_of(a), right = minutes_of(b);
  return left > right || (left == right && a.second > b.second);
}

// Without mail, a client that says nothing else is idle.
constexpr std::uint32_t idle_commands = detail::verbs_with(&detail::verb_rule::counts_as_idle);

// Why the policy can't keep the times that MAIL asks for; errc{} if it can.
errc out_of_time(const detail::mail_values& values, const policy& rules) noexcept {
  // Mode R asks for a time that is left, and for no less than we can do (RFC 2852 4).
  if (values.by && values.by->mode == by_mode::return_message) {
    if (values.by->seconds <= 0) return errc::parameter_value;
    if (static_cast<std::uint32_t>(values.by->seconds) < rules.deliver_by_minimum) return errc::by_time_too_short;
  }
  // RFC 4865 4
  const bool held_too_long =
      values.hold_for > rules.hold_for_maximum ||
      (values.hold_until && later(*values.hold_until, *parse_date_time(rules.hold_until_maximum)));
  return held_too_long ? errc::parameter_value : errc{};
}

bool lists(std::string_view words, std::string_view wanted) noexcept {
  for (std::string_view rest = words; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (equal_ignoring_case(word, wanted)) return true;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return false;
}

} // namespace

// What the session table has to know about this session, to judge a command with this verb.
detail::session_facts server::facts(verb which) const noexcept {
  const auto needed = detail::rule_of(which).needs;
  return {.lmtp = policy_->protocol == service::lmtp,
          .offered = !needed || offered_.contains(*needed) || offers(*needed, !tls_),
          .extended = extended_,
          .tls = tls_,
          .tls_required = policy_->tls_required,
          .authenticated = authenticated_,
          .authentication_required = policy_->authentication_required || policy_->protocol == service::submission,
          .auth_in_clear = policy_->auth_in_clear,
          .binary = binary_};
}

// A line that is no command, perhaps not whole, begins with the verb BDAT, and nothing else.
bool server::announces_chunk(std::string_view line) const noexcept {
  constexpr std::string_view verb = "BDAT", behind = " \t\r\n";
  return extended_ && offered_.contains(extension::chunking) &&
         equal_ignoring_case(line.substr(0, verb.size()), verb) &&
         (line.size() == verb.size() || behind.find(line[verb.size()]) != std::string_view::npos);
}

// Whether octets may follow this command's line before its reply (RFC 2920 3.1). A chunk comes with its command, pipelined or not (RFC 3030 2).
bool server::may_be_followed(verb which) const noexcept {
  if (policy_->accept_illegal_pipelining || which == verb::bdat) return true;
  return extended_ && offered_.contains(extension::pipelining) && !detail::rule_of(which).ends_group;
}

// Why this command can't be taken now: the first objection counts. by_table: what the session table says. more: octets follow its line.
errc server::obstacle_to(verb which, errc by_table, bool too_idle, bool more) const noexcept {
  if (more && !may_be_followed(which)) return errc::illegal_pipelining;
  if (too_idle) return errc::too_many_commands;
  if (errors_ > policy_->limit.errors) return errc::too_many_errors;
  if (by_table != errc{}) return by_table;
  return more && which == verb::starttls ? errc::octets_before_tls : errc{};
}

// Called where what obstacle_to() goes by has changed: EHLO, AUTH and binary transactions are rare.
void server::update_fast_path() noexcept {
  always_allowed_ = 0;
  detail::session_facts now = facts(verb::noop);
  for (const detail::verb_rule& rule : detail::verb_rules) {
    now.offered = !rule.needs || offered_.contains(*rule.needs);
    if (obstacle_to(rule.which, detail::guard(rule.which, now), false, true) == errc{})
      always_allowed_ |= detail::bit(rule.which);
  }
}

// RFC 5321 4.1.3: IPv6 is the one tag that is registered.
inline bool server::forbidden_literal(std::string_view domain) const noexcept {
  return domain.starts_with('[') && detail::form_of(domain) == host_form::general_literal &&
         !policy_->accept_unregistered_literals;
}

[[gnu::cold]] server_event server::refuse_literal(std::string_view domain, std::string_view line, std::string& out) {
  return refuse({errc::syntax, offset_in(line, domain) + 1, expectation::registered_tag}, line, out);
}

inline server_event server::handle_mail(const cmd::mail& mail, std::string_view line, std::string& out) {
  detail::mail_values values;
  failure why{};
  if (!mail.params.empty() && !detail::read(mail.params, extended_ ? offered_ : extensions(), values, why))
    return refuse({why.code, offset_in(line, mail.params.text()) + why.offset, why.expected, why.inside}, line, out);
  if (forbidden_literal(mail.from.domain)) return refuse_literal(mail.from.domain, line, out);
  if (too_long(mail.from, policy_->limit)) return refuse({errc::address_too_long}, line, out);
  if (!values.smtputf8 && needs_smtputf8(mail.from, line)) return refuse({errc::non_ascii_address}, line, out);
  if (values.size.value_or(0) > policy_->message_size) return refuse({errc::message_too_large}, line, out);
  if (const errc late = out_of_time(values, *policy_); late != errc{})
    return refuse({late, offset_in(line, mail.params.text())}, line, out);
  if (transactions_ >= policy_->limit.transactions) return refuse({errc::too_many_transactions}, line, out);
  smtputf8_ = values.smtputf8;
  eight_bit_ = values.smtputf8 || values.body != body_value::seven_bit;
  const bool binary = values.body == body_value::binary_mime;
  if (std::exchange(binary_, binary) != binary) update_fast_path();
  owe(decision::sender);
  return event_of<event::sender>(mail, values.size, values.body, values.smtputf8);
}

inline server_event server::handle_rcpt(const cmd::rcpt& rcpt, std::string_view line, std::string& out) {
  if (const auto why = rcpt.params.empty() ? std::nullopt : rcpt.params.check(extended_ ? offered_ : extensions()))
    return refuse({why->code, offset_in(line, rcpt.params.text()) + why->offset, why->expected, why->inside}, line,
                  out);
  if (forbidden_literal(rcpt.to.domain)) return refuse_literal(rcpt.to.domain, line, out);
  if (too_long(rcpt.to, policy_->limit)) return refuse({errc::address_too_long}, line, out);
  if (!smtputf8_ && needs_smtputf8(rcpt.to, line)) return refuse({errc::non_ascii_address}, line, out);
  if (recipients_ >= policy_->limit.recipients) return refuse({errc::too_many_recipients}, line, out);
  owe(decision::recipient);
  return event_of<event::recipient>(rcpt);
}

// more: octets follow the line.
[[gnu::always_inline]] inline server_event server::handle(std::string_view line, bool more, std::string& out) {
  const bool utf8 = extended_ && offered_.contains(extension::smtputf8);
  auto parsed = parse_command(line, utf8 ? charset::utf8 : charset::ascii);
  if (!parsed) [[unlikely]] {
    if (!detail::parse_leniently(line, utf8 ? charset::utf8 : charset::ascii, *policy_, parsed)) {
      failure why = parsed.error();
      // What follows may be a chunk that nobody can find the end of.
      if (announces_chunk(line)) why.code = errc::chunk_size;
      return refuse(why, line, out);
    }
  }
  const verb which = verb_of(*parsed);
  const bool too_idle = (idle_commands & detail::bit(which)) != 0 && ++idle_commands_ > policy_->limit.idle_commands;
  if (detail::transition_from(state_, which).refusal != errc{} || too_idle ||
      (always_allowed_ & detail::bit(which)) == 0) {
    const errc refusal = obstacle_to(which, detail::check(state_, which, facts(which)), too_idle, more);
    if (which == verb::bdat && extended_ && offered_.contains(extension::chunking) && !detail::ends_session(refusal))
      return handle_bdat(std::get<cmd::bdat>(*parsed), refusal, line, out);
    if (refusal != errc{}) return refuse({refusal}, line, out);
  }

  switch (which) {
    case verb::ehlo: return handle_hello(decision::ehlo, std::get<cmd::ehlo>(*parsed).client, line, out);
    case verb::helo: {
      const std::string_view client = std::get<cmd::helo>(*parsed).domain;
      return handle_hello(decision::helo, {client, detail::form_of(client)}, line, out);
    }
    case verb::lhlo: return handle_hello(decision::lhlo, std::get<cmd::lhlo>(*parsed).client, line, out);
    case verb::mail: return handle_mail(std::get<cmd::mail>(*parsed), line, out);
    case verb::rcpt: return handle_rcpt(std::get<cmd::rcpt>(*parsed), line, out);
    case verb::data: owe(decision::data); return event::data{};
    case verb::bdat: return handle_bdat(std::get<cmd::bdat>(*parsed), errc{}, line, out);
    case verb::burl: {
      const auto& burl = std::get<cmd::burl>(*parsed);
      last_ = burl.last;
      owe(decision::burl);
      return event::burl{burl.uri, burl.last};
    }
    case verb::starttls: owe(decision::starttls); return event::start_tls{};
    case verb::auth: return handle_auth(std::get<cmd::auth>(*parsed), line, out);
    case verb::vrfy: {
      const auto& vrfy = std::get<cmd::vrfy>(*parsed);
      return handle_verify(decision::verify, vrfy.string, vrfy.smtputf8, line, out);
    }
    case verb::expn: {
      const auto& expn = std::get<cmd::expn>(*parsed);
      return handle_verify(decision::expand, expn.string, expn.smtputf8, line, out);
    }
    case verb::help: owe(decision::help); return event::help{std::get<cmd::help>(*parsed).string};
    case verb::etrn: owe(decision::etrn); return event::queue_run{std::get<cmd::etrn>(*parsed).node};
    case verb::rset:
      end_transaction();
      say(detail::ok_line, out);
      return event::reset{};
    case verb::noop: say(detail::ok_line, out); return event::noop{};
    case verb::quit: say_closing(detail::reply_of(221, 0, 0, "Bye"), out); return event::quit{};
    // The table refuses the others.
    default: return event::need_more{};
  }
}

server_step server::next_line(std::string_view unread, std::string& out) {
  const line_framer::step found = line_.next(unread, line_limit_);
  if (found.what != line_framer::outcome::line) return no_line(found, unread, out);
  const std::string_view line =
      policy_->accept_trailing_white_space ? without_trailing_white_space(found.text) : found.text;
  return {handle(line, found.used != unread.size(), out), found.used};
}

// A chunk is read to its end even if it is refused, and never taken for commands (RFC 3030 2).
server_event server::handle_bdat(const cmd::bdat& bdat, errc refusal, std::string_view line, std::string& out) {
  if (refusal == errc{} && bdat.size > policy_->message_size - message_octets_) {
    refusal = errc::message_too_large;
    state_ = state::failed;
  }
  chunk_left_ = bdat.size;
  last_ = bdat.last;
  if (refusal != errc{}) {
    message_fault_ = refusal;
    input_ = input::refused_chunk;
    if (bdat.size == 0) return refuse_chunk(line, out);
    return event::need_more{};
  }
  state_ = state::chunks;
  input_ = input::chunk;
  return event::chunk{bdat.size, bdat.last};
}

server_event server::handle_hello(decision what, const host& client, std::string_view line, std::string& out) {
  if (forbidden_literal(client.text)) return refuse_literal(client.text, line, out);
  owe(what);
  return event::hello{client, what != decision::helo};
}

server_event server::handle_verify(decision what, std::string_view string, bool smtputf8, std::string_view line,
                                   std::string& out) {
  if (postel::has_non_ascii(string) && !smtputf8) return refuse({errc::non_ascii_address}, line, out);
  owe(what);
  utf8_reply_ = smtputf8;
  if (what == decision::verify) return event::verify{string, smtputf8};
  return event::expand{string, smtputf8};
}

server_event server::handle_auth(const cmd::auth& auth, std::string_view line, std::string& out) {
  if (!lists(policy_->mechanisms, auth.mechanism)) return refuse({errc::mechanism_unknown}, line, out);
  owe(decision::auth);
  const auto& initial = auth.initial_response;
  return event::authenticate{auth.mechanism, initial == "=" ? std::string_view() : initial};
}

server_event server::handle_response(std::string_view line, std::string& out) {
  const auto parsed = parse_auth_response(line);
  if (!parsed) return refuse(parsed.error(), line, out);
  if (parsed->cancelled) return refuse({errc::auth_cancelled}, line, out);
  state_ = state::ready;
  owe(decision::auth);
  return event::auth_response{parsed->base64};
}

void server::owe(decision what) noexcept {
  owed_ = what;
  answers_left_ = 1;
}

} // namespace postel
