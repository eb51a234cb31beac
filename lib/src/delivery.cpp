#include "postel/delivery.hpp"

#include <array>

#include "delivery_transaction.hpp"
#include "message_facts.hpp"
#include "postel/base64.hpp"
#include "postel/capability.hpp"
#include "reply_code.hpp"

namespace postel {

namespace {

using detail::delivery_fields;
using detail::delivery_phase;
using detail::milestone;
using detail::reach;
using detail::sent_so_far;
using detail::stage;

// Maps a reply to an outcome by its first digit (RFC 5321 4.3.2).
outcome outcome_of(const reply_view& reply) noexcept {
  switch (reply.severity()) {
    case 2: return outcome::delivered;
    case 5: return outcome::refused;
    default: return outcome::temporary;
  }
}

// The same where a reply can't mean that the message was taken, whatever it says.
outcome nothing_delivered(const reply_view& reply) noexcept {
  const outcome what = outcome_of(reply);
  return what == outcome::delivered ? outcome::temporary : what;
}

// The reply that octets begin with; nothing if it is not complete, or none.
std::optional<reply_view> first_reply(std::string_view octets) noexcept {
  for (std::size_t line = 0;;) {
    const std::size_t end = octets.find('\n', line);
    if (end == std::string_view::npos) return std::nullopt;
    const bool goes_on = octets.substr(line, end - line).substr(0, 4).ends_with('-');
    line = end + 1;
    if (goes_on) continue;
    const auto reply = read_reply(octets.substr(0, line));
    return reply ? std::optional(*reply) : std::nullopt;
  }
}

// The message has no way to this server: to no recipient.
void refuse(delivery_fields& d, errc why) noexcept {
  d.recipients.settle_all(stage::waiting, outcome::refused, why);
  reach(d, milestone::finished);
}

void turn_away(delivery_fields& d, const reply_view& reply) {
  d.recipients.settle_all(stage::waiting, nothing_delivered(reply), reply);
  d.turned_away = true;
  reach(d, milestone::finished);
}

// The connection is gone. Where the message was complete and not answered, no one knows (RFC 5321 6.1).
void lose(delivery_fields& d, bool all_written) noexcept {
  const bool complete = d.sent == sent_so_far::message && all_written;
  for (const stage each : {stage::accepted, stage::approved})
    d.recipients.settle_all(each, complete ? outcome::unknown : outcome::temporary, errc{});
  for (const stage each : {stage::sent, stage::waiting}) d.recipients.settle_all(each, outcome::temporary, errc{});
  reach(d, milestone::gone);
}

// TLS is on, or there will be none.
void go_on_after_tls(delivery_fields& d) noexcept {
  if (!d.plan->authenticate || d.session.authenticated()) return reach(d, milestone::ready);
  const bool possible = d.session.tls() || d.plan->rules.auth_in_clear;
  if (d.session.offered().contains(extension::auth) && possible) return reach(d, milestone::login_wanted);
  refuse(d, possible ? errc::not_offered : errc::auth_needs_tls);
}

void go_on_after_hello(delivery_fields& d) noexcept {
  using tls = delivery_plan::tls;
  const bool wanted = !d.session.tls() && d.plan->starttls != tls::never && !d.session.authenticated();
  if (wanted && d.session.offered().contains(extension::starttls)) return reach(d, milestone::tls_wanted);
  if (wanted && d.plan->starttls == tls::required) return refuse(d, errc::tls_required);
  go_on_after_tls(d);
}

void learn(delivery_fields& d, const capabilities& found) {
  const bool old_form = d.plan->rules.old_auth_form && !found.offered.contains(extension::auth);
  d.mechanisms.clear();
  for (const std::string_view each : old_form ? found.old_auth_mechanisms : found.auth_mechanisms)
    detail::add_word(d.mechanisms, each);
  d.domain_limit = found.limits.rcpt_domain_max;
}

void note_hello_reply(delivery_fields& d, verb which, const reply_view& reply) {
  if (reply.severity() == 2) {
    learn(d, which == verb::helo ? capabilities{} : capabilities_of(reply));
    go_on_after_hello(d);
  } else if (d.session.authenticated()) {
    go_on_after_hello(d); // what was offered before is still good
  } else if (which == verb::ehlo && reply.severity() == 5 && !d.session.tls()) {
    reach(d, milestone::ehlo_refused);
  } else {
    turn_away(d, reply);
  }
}

void note_auth_reply(delivery_fields& d, const reply_view& reply) {
  d.challenge.reset();
  if (reply.severity() >= 4) return turn_away(d, reply);
  // A server that says yes, or goes on, to who has cancelled; or says yes before its proof.
  if (!d.session.authenticated() || d.proof_due) return refuse(d, errc::auth_required);
  reach(d, milestone::ready);
}

void note_rcpt_reply(delivery_fields& d, const reply_view& reply) {
  const auto oldest = d.recipients.first(stage::sent);
  if (!oldest) return; // MAIL was refused, and they with it
  const bool full = reply.code() == detail::too_many_recipients || reply.code() == detail::old_too_many_recipients;
  if (reply.severity() == 2) {
    d.recipients.move(*oldest, stage::accepted);
  } else if (full && d.session.accepted() != 0) {
    d.recipients.move(*oldest, stage::waiting); // for the next transaction (RFC 5321 4.5.3.1.10)
    d.full = true;
  } else {
    d.recipients.settle(*oldest, outcome_of(reply), reply);
  }
}

// After a reply to a command of a transaction: where no message is on its way, the transaction is given up.
void give_up_transaction(delivery_fields& d, bool refused) noexcept {
  if (d.session.outstanding() != 0) return;
  const bool nothing_left =
      d.sent >= sent_so_far::data || (d.sent == sent_so_far::mail && d.recipients.count(stage::waiting) == 0);
  if (refused || (nothing_left && !d.session.in_body() && d.session.accepted() == 0)) reach(d, milestone::stopped);
}

void note_reply(delivery_fields& d, verb which, const reply_view& reply) {
  const bool done = reply.severity() == 2;
  switch (which) {
    case verb::ehlo:
    case verb::lhlo:
    case verb::helo: return note_hello_reply(d, which, reply);
    case verb::starttls:
      if (done) return reach(d, milestone::tls_granted);
      if (d.plan->starttls == delivery_plan::tls::required) return turn_away(d, reply);
      return go_on_after_tls(d);
    case verb::auth: return note_auth_reply(d, reply);
    case verb::mail:
      d.mail_taken = done;
      // Whatever its replies to RCPT will say, the message is refused with this one.
      if (!done)
        for (const stage each : {stage::sent, stage::waiting})
          d.recipients.settle_all(each, nothing_delivered(reply), reply);
      return give_up_transaction(d, !done);
    case verb::rcpt: note_rcpt_reply(d, reply); return give_up_transaction(d, false);
    case verb::data: {
      const bool refused = reply.severity() != 3;
      if (refused) d.recipients.settle_all(stage::accepted, nothing_delivered(reply), reply);
      return give_up_transaction(d, refused);
    }
    case verb::rset:
      detail::begin_transaction(d);
      if (done) return reach(d, milestone::ready);
      // Where the server stands is unknown; the message is as good as before.
      d.recipients.settle_all(stage::waiting, outcome::temporary, reply);
      return reach(d, milestone::finished);
    case verb::quit: return reach(d, milestone::gone);
    default: return give_up_transaction(d, false);
  }
}

// The outcomes that a reply to the message gives.
void settle_message(delivery_fields& d, const event::message_replied& said) {
  using about = event::message_replied::about;
  if (said.what == about::announcement) return;
  if (said.what == about::message) {
    for (const stage each : {stage::accepted, stage::approved})
      d.recipients.settle_all(each, outcome_of(said.reply), said.reply);
    return;
  }
  const auto next = d.recipients.first(stage::accepted);
  if (!next) return;
  if (d.plan->rules.protocol != service::lmtp && said.reply.severity() == 2)
    d.recipients.move(*next, stage::approved); // the message has still to be taken
  else
    d.recipients.settle(*next, outcome_of(said.reply), said.reply);
}

// What the session tells, one overload an event.
struct listener {
  delivery_fields& d;

  void operator()(const event::need_more&) const {}
  void operator()(const event::greeted& e) const {
    if (e.reply.severity() == 2)
      reach(d, milestone::welcomed);
    else
      turn_away(d, e.reply);
  }
  void operator()(const event::replied& e) const { note_reply(d, e.command, e.reply); }
  void operator()(const event::challenged& e) const {
    d.challenge.reset();
    std::string decoded(e.base64.size(), '\0');
    if (const auto octets = decode_base64(e.base64, decoded)) d.challenge.emplace(*octets);
  }
  void operator()(const event::message_replied& e) const {
    settle_message(d, e);
    if (d.session.outstanding() != 0) return;
    // A chunk that is refused before it was written is written to its end all the same (RFC 3030 2).
    if (e.reply.severity() == 2)
      detail::begin_transaction(d);
    else
      reach(d, milestone::stopped);
  }
  void operator()(const event::closing& e) const {
    for (const stage each : {stage::waiting, stage::sent, stage::accepted, stage::approved})
      d.recipients.settle_all(each, outcome::temporary, e.reply);
    reach(d, milestone::gone);
  }
  void operator()(const event::broken& e) const {
    lose(d, true);
    const bool mixed = e.code == errc::reply_code_mismatch;
    for (recipient_outcome& each : d.recipients.outcomes()) {
      if (each.code != 0 || each.error != errc{} || each.what == outcome::delivered) continue;
      each.error = e.code;
      if (mixed) each.text = std::to_string(e.first_code) + ", then " + std::to_string(e.other_code);
    }
  }
};

// Returns true if our name is not one that can be said, which leads to another phase.
bool say_hello(delivery_fields& d, std::string& out) {
  if (d.session.outstanding() != 0) return false;
  const auto parsed = parse_domain(d.plan->helo); // a domain or an address literal
  const host own = parsed ? *parsed : host{d.plan->helo};
  // HELO takes a domain only (RFC 5321 4.1.1.1): a host known by an address literal says localhost.
  const std::string_view domain = own.form == host_form::domain ? own.text : "localhost";
  const command hello = d.plan->rules.protocol == service::lmtp ? command(cmd::lhlo{own})
                        : d.phase == delivery_phase::helo       ? command(cmd::helo{domain})
                                                                : command(cmd::ehlo{own});
  const auto sent = d.session.send(hello, out);
  if (!sent) refuse(d, sent.error().code);
  return !sent;
}

bool say_rset(delivery_fields& d, std::string& out) {
  if (d.session.chunk_left() != 0) return false;
  if (d.recipients.count(stage::waiting) == 0) {
    detail::conclude(d);
    return true;
  }
  if (d.session.outstanding() == 0) (void)d.session.send(cmd::rset{}, out);
  return false;
}

void say_quit(delivery_fields& d, std::string& out) {
  if (d.session.send(cmd::quit{}, out))
    reach(d, milestone::quit_sent);
  else if (d.session.outstanding() == 0)
    reach(d, milestone::gone);
}

// Appends what the phase has to say. Returns true if that led to another phase, which may have something to say too.
bool say(delivery_fields& d, std::string& out) {
  switch (d.phase) {
    case delivery_phase::ehlo:
    case delivery_phase::helo: return say_hello(d, out);
    case delivery_phase::starttls:
      if (d.session.outstanding() == 0) (void)d.session.send(cmd::starttls{}, out);
      return false;
    case delivery_phase::transaction: return detail::say_transaction(d, out);
    case delivery_phase::resetting: return say_rset(d, out);
    case delivery_phase::leaving: say_quit(d, out); return false;
    case delivery_phase::greeting:
    case delivery_phase::handshake:
    case delivery_phase::authentication:
    case delivery_phase::between:
    case delivery_phase::quitting:
    case delivery_phase::over: return false;
  }
  return false;
}

delivery::wants wanted(const delivery_fields& d) noexcept {
  using wants = delivery::wants;
  if (d.phase == delivery_phase::over) return wants::nothing;
  if (d.phase == delivery_phase::handshake) return wants::handshake;
  if (d.session.challenged()) return wants::response;
  if (d.phase == delivery_phase::authentication && d.session.outstanding() == 0) return wants::authentication;
  if (d.phase == delivery_phase::between) return wants::another;
  if (d.session.in_body() || d.session.chunk_left() != 0) return wants::message;
  return wants::octets;
}

} // namespace

delivery::delivery(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message)
    : f_{.plan = &plan,
         .what = &what,
         .session = client(plan.rules),
         .message = detail::message_cursor(message),
         .facts = detail::facts_of(message),
         .recipients = detail::recipient_list(what.to.size())} {}

result<void> delivery::another(const envelope& what, std::span<const std::string_view> message) {
  if (f_.phase != delivery_phase::between) return failure{errc::not_now};
  f_.what = &what;
  f_.message = detail::message_cursor(message);
  f_.facts = detail::facts_of(message);
  f_.recipients = detail::recipient_list(what.to.size());
  const bool transaction_is_open = f_.mail_taken;
  detail::begin_transaction(f_);
  reach(f_, transaction_is_open ? milestone::stopped : milestone::ready);
  return {};
}

void delivery::quit() noexcept {
  if (f_.phase == delivery_phase::between) reach(f_, milestone::finished);
}

delivery::step delivery::next(std::string_view unread, std::string& out) {
  std::size_t used = 0;
  while (f_.phase != delivery_phase::over) {
    const bool in_body = f_.session.in_body();
    const client_step taken = f_.session.next(unread.substr(used));
    // A server that refuses the message before it is complete has said so; it breaks the session all the same.
    if (in_body && std::holds_alternative<event::broken>(taken.event))
      if (const auto early = first_reply(unread.substr(used)); early && early->severity() > 3)
        f_.recipients.settle_all(stage::accepted, outcome_of(*early), *early);
    used += taken.used;
    if (std::holds_alternative<event::need_more>(taken.event)) break;
    std::visit(listener{f_}, taken.event);
    if (f_.phase == delivery_phase::handshake) break;
  }
  while (say(f_, out)) {
  }
  return {wanted(f_), used};
}

result<void> delivery::tls_started() noexcept {
  if (const auto started = f_.session.tls_started(); !started) return started;
  reach(f_, milestone::tls_started);
  return {};
}

std::size_t delivery::message(std::span<std::string_view> views) noexcept {
  std::size_t filled = 0;
  const bool chunk = f_.session.chunk_left() != 0;
  if (!chunk && !f_.session.in_body()) return 0;
  // DATA went out before any recipient was accepted: 354 all the same gets an empty message (RFC 2920 3.1).
  const bool for_no_one = !chunk && f_.recipients.count(stage::accepted) == 0;
  while (filled < views.size() && !for_no_one) {
    const std::string_view rest = f_.message.rest();
    if (rest.empty()) break;
    body_stuffer::step taken{rest, rest.size()};
    if (chunk) {
      (void)f_.session.chunk_written(rest.size()); // BDAT announced all that is left
    } else {
      const auto stuffed = f_.session.stuff(rest);
      if (!stuffed) {
        // The message has changed since it was looked at, and can't be ended either.
        f_.recipients.settle_all(stage::accepted, outcome::refused, stuffed.error().code);
        lose(f_, false);
        return 0;
      }
      taken = *stuffed;
    }
    f_.message.advance(taken.used);
    if (!taken.bytes.empty()) views[filled++] = taken.bytes;
  }
  if (!chunk && filled < views.size() && (for_no_one || f_.message.rest().empty()))
    if (const auto end = f_.session.end_body()) views[filled++] = *end;
  const bool complete = !f_.session.in_body() && f_.session.chunk_left() == 0;
  if (complete) f_.sent = sent_so_far::message;
  if (complete && !for_no_one) f_.message.finish(f_.facts.octets);
  return filled;
}

result<std::size_t> delivery::authenticate(std::string_view mechanism, std::optional<std::string_view> initial,
                                           std::string& out) {
  std::string encoded;
  if (initial) {
    append_base64(encoded, *initial);
    if (encoded.empty()) encoded.push_back('='); // RFC 4954 4
  }
  return f_.session.send(cmd::auth{mechanism, initial ? std::optional<std::string_view>(encoded) : std::nullopt}, out);
}

void delivery::give_up() noexcept {
  refuse(f_, errc::auth_required);
}

void delivery::lost() noexcept {
  lose(f_, true);
}

void delivery::lost_while_writing() noexcept {
  lose(f_, false);
}

} // namespace postel
