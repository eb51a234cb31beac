#include "postel/delivery.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "postel/base64.hpp"
#include "postel/capability.hpp"

namespace postel {

namespace {

constexpr std::uint16_t too_many_recipients = 452;     // RFC 5321 4.5.3.1.10
constexpr std::uint16_t old_too_many_recipients = 552; // RFC 821's, likewise

// Whether a reply code is no answer to keep: what the first digit says (RFC 5321 4.3.2).
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

std::string text_of(const reply_view& reply) {
  std::string text;
  for (const std::string_view line : reply.lines()) text.append(text.empty() ? "" : "\n").append(line);
  return text;
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

bool is_of_dsn(std::string_view keyword) noexcept {
  for (const std::string_view each : {"RET", "ENVID", "NOTIFY", "ORCPT"})
    if (equal_ignoring_case(keyword, each)) return true;
  return false;
}

void add_word(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

// The parameters that were asked for, less those of DSN where it is not offered (RFC 3461 5.2.2).
void add_wanted(std::string& text, std::string_view wanted, extensions offered) {
  for (const parameter p : parameters(wanted)) {
    if (is_of_dsn(p.keyword) && !offered.contains(extension::dsn)) continue;
    add_word(text, p.keyword);
    if (p.value) text.append("=").append(*p.value);
  }
}

// CRs and LFs that are no part of a CRLF.
std::uint64_t count_bare(std::span<const std::string_view> message) noexcept {
  std::uint64_t found = 0;
  bool after_cr = false;
  for (const std::string_view slice : message)
    for (const char octet : slice) {
      if ((octet == '\n') != after_cr) ++found;
      after_cr = octet == '\r';
    }
  return found + (after_cr ? 1U : 0U);
}

// Whether an octet above 127 stands before the first empty line, whatever ends the lines.
bool is_in_header_section(std::span<const std::string_view> message) noexcept {
  bool after_cr = false, empty_line = true;
  for (const std::string_view slice : message)
    for (const char octet : slice) {
      if (static_cast<signed char>(octet) < 0) return true;
      const bool rest_of_crlf = std::exchange(after_cr, octet == '\r') && octet == '\n';
      if (rest_of_crlf) continue;
      const bool line_end = octet == '\r' || octet == '\n';
      if (line_end && empty_line) return false;
      empty_line = line_end;
    }
  return false;
}

} // namespace

delivery::delivery(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message)
    : plan_(&plan),
      envelope_(&what),
      message_(message),
      session_(plan.rules),
      outcomes_(what.to.size()),
      stages_(what.to.size(), stage::waiting) {
  inspect();
}

bool delivery::another(const envelope& what, std::span<const std::string_view> message) {
  if (phase_ != phase::between) return false;
  envelope_ = &what;
  message_ = message;
  outcomes_.assign(what.to.size(), {});
  stages_.assign(what.to.size(), stage::waiting);
  start_mail();
  inspect();
  phase_ = std::exchange(reset_due_, false) ? phase::resetting : phase::transaction;
  awaits_ = false;
  return true;
}

void delivery::quit() noexcept {
  if (phase_ == phase::between) leave();
}

void delivery::leave() noexcept {
  phase_ = phase::quitting;
  awaits_ = false;
}

// The message has all its outcomes. clean: nothing of it is left at the server.
void delivery::conclude(bool clean) noexcept {
  if (!plan_->keep_open || session_.transactions_left() == 0) return leave();
  phase_ = phase::between;
  awaits_ = false;
  reset_due_ = !clean;
}

// What the server must be asked for, and how many octets will be transmitted (RFC 1870 3).
void delivery::inspect() noexcept {
  constexpr std::size_t in_cache = std::size_t{16} * 1024;
  size_ = 0;
  eight_bit_ = bare_ = false;
  body_stuffer trial;
  char last = '\n';
  for (std::string_view slice : message_) {
    size_ += slice.size();
    if (!slice.empty()) last = slice.back();
    for (; !slice.empty(); slice.remove_prefix(std::min(slice.size(), in_cache))) {
      const std::string_view some = slice.substr(0, in_cache);
      eight_bit_ = eight_bit_ || has_non_ascii(some);
      for (std::string_view rest = some; !rest.empty() && !bare_;) {
        if (const auto taken = trial.next(rest))
          rest.remove_prefix(taken->used);
        else
          blame(taken.error().code);
      }
    }
  }
  if (!bare_ && last == '\r') blame(errc::bare_cr);
  if (bare_) size_ += count_bare(message_); // as CRLF each has one octet more
  utf8_header_ = eight_bit_ && is_in_header_section(message_);
  needs_crlf_ = last != '\n' && last != '\r';
  if (needs_crlf_) size_ += 2;
}

void delivery::blame(errc why) noexcept {
  bare_ = true;
  bare_error_ = why;
}

delivery::step delivery::next(std::string_view unread, std::string& out) {
  std::size_t used = 0;
  while (phase_ != phase::over) {
    const bool in_body = session_.in_body();
    const client_step taken = session_.next(unread.substr(used));
    // A server that refuses the message before it is complete has said so; it breaks the session all the same.
    if (in_body && std::holds_alternative<event::broken>(taken.event))
      if (const auto early = first_reply(unread.substr(used)); early && early->severity() > 3)
        settle_all(stage::accepted, *early, outcome_of(*early));
    used += taken.used;
    if (std::holds_alternative<event::need_more>(taken.event)) break;
    note(taken.event);
    if (phase_ == phase::handshake) break;
  }
  speak(out);
  return {wanted(), used};
}

delivery::wants delivery::wanted() const noexcept {
  if (phase_ == phase::over) return wants::nothing;
  if (phase_ == phase::handshake) return wants::handshake;
  if (session_.challenged()) return wants::response;
  if (phase_ == phase::authentication && session_.outstanding() == 0) return wants::authentication;
  if (phase_ == phase::between) return wants::another;
  if (session_.in_body() || session_.chunk_left() != 0) return wants::message;
  return wants::octets;
}

void delivery::note(const client_event& e) {
  if (const auto* greeted = std::get_if<event::greeted>(&e)) {
    if (greeted->reply.severity() == 2)
      phase_ = phase::hello;
    else
      turn_away(greeted->reply);
  } else if (const auto* replied = std::get_if<event::replied>(&e)) {
    note_reply(replied->command, replied->reply);
  } else if (const auto* challenged = std::get_if<event::challenged>(&e)) {
    challenge_.reset();
    std::string decoded(challenged->base64.size(), '\0');
    if (const auto octets = decode_base64(challenged->base64, decoded)) challenge_.emplace(*octets);
  } else if (const auto* done = std::get_if<event::message_replied>(&e)) {
    note_message_reply(*done);
    if (session_.outstanding() != 0) return;
    // A chunk that is refused before it was written is written to its end all the same (RFC 3030 2).
    phase_ = done->reply.severity() == 2 ? phase::transaction : phase::resetting;
    if (phase_ == phase::transaction) start_mail();
  } else if (const auto* closing = std::get_if<event::closing>(&e)) {
    for (const stage each : {stage::waiting, stage::sent, stage::accepted, stage::approved})
      settle_all(each, closing->reply, outcome::temporary);
    phase_ = phase::over;
  } else if (const auto* broken = std::get_if<event::broken>(&e)) {
    lost();
    const bool mixed = broken->code == errc::reply_code_mismatch;
    for (recipient_outcome& each : outcomes_) {
      if (each.code != 0 || each.error != errc{} || each.what == outcome::delivered) continue;
      each.error = broken->code;
      if (mixed) each.text = std::to_string(broken->first_code) + ", then " + std::to_string(broken->other_code);
    }
  }
}

void delivery::note_message_reply(const event::message_replied& done) {
  using about = event::message_replied::about;
  if (done.what == about::announcement) return;
  if (done.what == about::message) {
    for (const stage each : {stage::accepted, stage::approved}) settle_all(each, done.reply, outcome_of(done.reply));
    return;
  }
  const auto next = std::find(stages_.begin(), stages_.end(), stage::accepted);
  if (next == stages_.end()) return;
  if (plan_->rules.protocol != service::lmtp && done.reply.severity() == 2)
    *next = stage::approved; // nobody has the message yet
  else
    settle(static_cast<std::size_t>(next - stages_.begin()), outcome_of(done.reply), done.reply);
}

void delivery::note_reply(verb which, const reply_view& reply) {
  const bool done = reply.severity() == 2;
  awaits_ = false;
  switch (which) {
    case verb::ehlo:
    case verb::lhlo:
    case verb::helo:
      if (done) {
        const capabilities found = which == verb::helo ? capabilities{} : capabilities_of(reply);
        const bool old_form = plan_->rules.old_auth_form && !found.offered.contains(extension::auth);
        mechanisms_.clear();
        for (const std::string_view each : old_form ? found.old_auth_mechanisms : found.auth_mechanisms)
          add_word(mechanisms_, each);
        domain_limit_ = found.limits.rcpt_domain_max;
        return after_hello();
      }
      // A server without extensions (RFC 5321 3.2). In TLS there was an EHLO before.
      if (which == verb::ehlo && reply.severity() == 5 && !session_.tls()) {
        fallback_ = true;
        return;
      }
      return turn_away(reply);
    case verb::starttls:
      if (!done && plan_->starttls == delivery_plan::tls::required) return turn_away(reply);
      if (!done) return after_tls();
      phase_ = phase::handshake;
      return;
    case verb::auth:
      challenge_.reset();
      if (reply.severity() >= 4) return turn_away(reply);
      // A server that says yes, or goes on, to who has cancelled; or says yes before its proof.
      if (!session_.authenticated() || proof_due_) return give_up();
      phase_ = phase::transaction;
      return;
    case verb::mail:
      mail_taken_ = done;
      // Whatever else it says, the message is refused with this.
      if (!done)
        for (const stage each : {stage::sent, stage::waiting}) settle_all(each, reply, nothing_delivered(reply));
      break;
    case verb::rcpt: note_rcpt_reply(reply); break;
    case verb::data:
      if (reply.severity() != 3) settle_all(stage::accepted, reply, nothing_delivered(reply));
      break;
    case verb::rset:
      start_mail();
      phase_ = phase::transaction;
      if (!done) {
        // Where the server stands is unknown; the message is as good as before.
        settle_all(stage::waiting, reply, outcome::temporary);
        phase_ = phase::quitting;
      }
      return;
    case verb::quit: phase_ = phase::over; return;
    default: break;
  }
  // No message is on its way: the transaction is given up.
  const bool failed = data_sent_ || (mail_sent_ && count(stage::waiting) == 0);
  if (session_.outstanding() == 0 && !session_.in_body() && failed && session_.accepted() == 0)
    phase_ = phase::resetting;
  if (session_.outstanding() == 0 && which == verb::data && reply.severity() != 3) phase_ = phase::resetting;
  if (session_.outstanding() == 0 && which == verb::mail && !done) phase_ = phase::resetting;
}

void delivery::note_rcpt_reply(const reply_view& reply) {
  const auto oldest = std::find(stages_.begin(), stages_.end(), stage::sent);
  if (oldest == stages_.end()) return; // MAIL was refused, and they with it
  if (reply.severity() == 2) {
    *oldest = stage::accepted;
    return;
  }
  const bool full = reply.code() == too_many_recipients || reply.code() == old_too_many_recipients;
  if (full && session_.accepted() != 0) {
    *oldest = stage::waiting; // for the next transaction (RFC 5321 4.5.3.1.10)
    full_ = true;
  } else {
    settle(static_cast<std::size_t>(oldest - stages_.begin()), outcome_of(reply), reply);
  }
}

void delivery::after_hello() {
  using tls = delivery_plan::tls;
  if (!session_.tls() && plan_->starttls != tls::never) {
    if (session_.offered().contains(extension::starttls)) {
      phase_ = phase::starttls;
      return;
    }
    if (plan_->starttls == tls::required) {
      fail_all(stage::waiting, outcome::refused, errc::tls_required);
      phase_ = phase::quitting;
      return;
    }
  }
  after_tls();
}

// TLS is there, or there will be none.
void delivery::after_tls() {
  phase_ = phase::transaction;
  if (!plan_->authenticate) return;
  phase_ = phase::authentication;
  const bool possible = session_.tls() || plan_->rules.auth_in_clear;
  if (session_.offered().contains(extension::auth) && possible) return;
  fail_all(stage::waiting, outcome::refused, possible ? errc::not_offered : errc::auth_needs_tls);
  phase_ = phase::quitting;
}

void delivery::start_mail() {
  mail_sent_ = mail_taken_ = full_ = data_sent_ = complete_ = false;
  slice_ = offset_ = 0;
  written_ = 0;
}

// Why this server can't get the message at all.
errc delivery::obstacle() const noexcept {
  const extensions offered = session_.offered();
  if (bare_ && !plan_->rules.convert_line_ends) return bare_error_;
  if (eight_bit_ && !offered.contains(extension::eight_bit_mime)) return errc::non_ascii_body;
  if ((utf8_header_ || has_non_ascii(sender())) && !offered.contains(extension::smtputf8))
    return errc::non_ascii_address;
  if (session_.size_limit() && transmitted() > *session_.size_limit()) return errc::message_too_large;
  if (session_.transactions_left() == 0) return errc::too_many_transactions;
  return errc{};
}

bool delivery::uses_chunks() const noexcept {
  return plan_->chunking && !bare_ && session_.offered().contains(extension::chunking);
}

// A chunk ends where the message ends.
std::uint64_t delivery::transmitted() const noexcept {
  return needs_crlf_ && uses_chunks() ? size_ - 2 : size_;
}

// Whether a recipient's domain is within what the server takes in a session (RFC 9422 4.3).
bool delivery::may_name(std::string_view domain) const noexcept {
  return !domain_limit_ || domains_.size() < *domain_limit_ || is_named(domain);
}

bool delivery::is_named(std::string_view domain) const noexcept {
  return std::ranges::any_of(domains_, [&](std::string_view each) { return equal_ignoring_case(each, domain); });
}

path delivery::sender() const noexcept {
  return reachable(envelope_->from, envelope_->ascii_domain);
}

path delivery::recipient(std::size_t index) const noexcept {
  const envelope::recipient& wanted = envelope_->to[index];
  return reachable(wanted.to, wanted.ascii_domain);
}

// With the domain that this server can be told.
path delivery::reachable(path given, std::string_view ascii_domain) const noexcept {
  const bool needed = has_non_ascii(given.domain) && !session_.offered().contains(extension::smtputf8);
  if (needed && !ascii_domain.empty() && !has_non_ascii(given.local_part)) given.domain = ascii_domain;
  return given;
}

// With no more quoting than it needs (RFC 5321 4.1.2), and without a source route (Appendix C). Good until the next call.
path delivery::spelled(path given) {
  given.source_route = {};
  local_part_.clear();
  // What is no path, send() refuses.
  if (!given.local_part.starts_with('"') || !append(local_part_, given, charset::utf8)) return given;
  std::string buffer(given.local_part.size(), '\0');
  const auto meaning = unquote(given.local_part, buffer);
  local_part_.clear();
  if (meaning && append_local_part(local_part_, *meaning, charset::utf8)) given.local_part = local_part_;
  return given;
}

std::size_t delivery::count(stage wanted) const noexcept {
  return static_cast<std::size_t>(std::count(stages_.begin(), stages_.end(), wanted));
}

void delivery::speak(std::string& out) {
  switch (phase_) {
    case phase::hello:
      if (!std::exchange(awaits_, true)) {
        const bool lmtp = plan_->rules.protocol == service::lmtp;
        const auto parsed = parse_domain(plan_->helo); // which of the two it is
        const host own = parsed ? *parsed : host{plan_->helo};
        // HELO takes no literal (RFC 5321 4.1.1.1), and who has one has no name.
        const std::string_view domain = own.form == host_form::domain ? own.text : "localhost";
        const command hello = lmtp        ? command(cmd::lhlo{own})
                              : fallback_ ? command(cmd::helo{domain})
                                          : command(cmd::ehlo{own});
        if (const auto sent = session_.send(hello, out); !sent) {
          fail_all(stage::waiting, outcome::refused, sent.error().code);
          phase_ = phase::quitting;
          awaits_ = false;
          speak(out);
        }
      }
      return;
    case phase::starttls:
      if (!std::exchange(awaits_, true)) (void)session_.send(cmd::starttls{}, out);
      return;
    case phase::transaction: speak_transaction(out); return;
    case phase::resetting:
      if (session_.chunk_left() != 0) return;
      if (count(stage::waiting) == 0) {
        conclude(!mail_taken_);
        return speak(out);
      }
      if (!std::exchange(awaits_, true)) (void)session_.send(cmd::rset{}, out);
      return;
    case phase::quitting:
      awaits_ = awaits_ || session_.send(cmd::quit{}, out).has_value();
      if (awaits_) return;
      if (session_.outstanding() == 0) phase_ = phase::over; // else behind the replies that are due
      return;
    case phase::greeting:
    case phase::handshake:
    case phase::authentication:
    case phase::between:
    case phase::over: return;
  }
}

void delivery::speak_transaction(std::string& out) {
  if (session_.in_body() || session_.chunk_left() != 0) return;
  const auto go_on = [&] {
    conclude(true);
    speak(out);
  };
  if (!mail_sent_) {
    // Recipients that no server without SMTPUTF8 can be told, and those for another connection.
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      if (stages_[i] != stage::waiting) continue;
      const path to = recipient(i);
      if (has_non_ascii(to) && !session_.offered().contains(extension::smtputf8))
        outcomes_[i] = {.what = outcome::refused, .error = errc::non_ascii_address};
      else if (!may_name(to.domain))
        outcomes_[i] = {.what = outcome::temporary, .error = errc::too_many_recipients};
      else
        continue;
      stages_[i] = stage::settled;
    }
    if (count(stage::waiting) == 0) return go_on();
    if (const errc why = obstacle(); why != errc{}) {
      fail_all(stage::waiting, why == errc::too_many_transactions ? outcome::temporary : outcome::refused, why);
      return go_on();
    }
    const extensions offered = session_.offered();
    bool utf8 = utf8_header_ || has_non_ascii(sender()) || has_non_ascii(envelope_->parameters);
    for (std::size_t i = 0; i < stages_.size() && !utf8; ++i)
      utf8 = has_non_ascii(recipient(i)) || has_non_ascii(envelope_->to[i].parameters);
    parameters_.clear();
    if (offered.contains(extension::size)) {
      char digits[20];
      add_word(parameters_, "SIZE=");
      parameters_.append(digits, std::to_chars(std::begin(digits), std::end(digits), transmitted()).ptr);
    }
    if (eight_bit_) add_word(parameters_, "BODY=8BITMIME");
    if (utf8 && offered.contains(extension::smtputf8)) add_word(parameters_, "SMTPUTF8");
    if (plan_->prdr && offered.contains(extension::prdr)) add_word(parameters_, "PRDR");
    add_wanted(parameters_, envelope_->parameters, offered);
    const auto sent = session_.send(cmd::mail{spelled(sender()), parameters(parameters_)}, out);
    if (!sent) {
      fail_all(stage::waiting, outcome::refused, sent.error().code);
      return go_on();
    }
    mail_sent_ = true;
  }
  if (data_sent_) {
    // The end of a message for nobody has no reply in LMTP (RFC 2033 4.2).
    if (!complete_ || session_.outstanding() != 0) return;
    phase_ = phase::resetting;
    return speak(out);
  }
  const std::size_t most = std::max<std::size_t>(plan_->recipients, 1); // or there would be no end
  std::size_t room = most - std::min(most, count(stage::sent) + count(stage::accepted));
  for (std::size_t i = 0; i < stages_.size() && room != 0 && !full_; ++i) {
    const path to = recipient(i);
    const std::string_view domain = to.domain;
    if (stages_[i] != stage::waiting || session_.recipients_left() == 0 || !may_name(domain)) continue;
    parameters_.clear();
    add_wanted(parameters_, envelope_->to[i].parameters, session_.offered());
    const auto sent = session_.send(cmd::rcpt{spelled(to), parameters(parameters_)}, out);
    if (sent) {
      stages_[i] = stage::sent;
      if (domain_limit_ && !is_named(domain)) domains_.emplace_back(domain);
      --room;
      continue;
    }
    const errc why = sent.error().code;
    if (why == errc::not_now || why == errc::window_full) return; // behind the next reply
    stages_[i] = stage::settled;
    outcomes_[i] = {.what = outcome::refused, .error = why};
  }
  if (uses_chunks()) {
    // A chunk goes only where somebody takes it.
    if (session_.outstanding() != 0) return;
    if (session_.accepted() != 0 && session_.send(cmd::bdat{transmitted(), true}, out)) {
      data_sent_ = true;
      complete_ = session_.chunk_left() == 0;
    }
  } else if (session_.send(cmd::data{}, out)) {
    data_sent_ = true;
  }
  if (!data_sent_ && session_.outstanding() == 0) {
    // Nobody takes it.
    phase_ = phase::resetting;
    awaits_ = false;
    speak(out);
  }
}

bool delivery::tls_started() noexcept {
  if (!session_.tls_started()) return false;
  if (phase_ == phase::handshake) phase_ = phase::hello; // all over again (RFC 3207 4.2)
  return true;
}

std::size_t delivery::message(std::span<std::string_view> views) noexcept {
  std::size_t filled = 0;
  const bool chunk = session_.chunk_left() != 0;
  if (!chunk && !session_.in_body()) return 0;
  // DATA went out before anybody was known to take the message: 354 all the same gets an empty one (RFC 2920 3.1).
  const bool nobody = !chunk && count(stage::accepted) == 0;
  while (filled < views.size() && slice_ < message_.size() && !nobody) {
    const std::string_view rest = message_[slice_].substr(offset_);
    if (rest.empty()) {
      ++slice_;
      offset_ = 0;
      continue;
    }
    std::size_t used = rest.size();
    std::string_view bytes = rest;
    if (chunk) {
      session_.chunk_written(used);
    } else {
      const auto stuffed = session_.stuff(rest);
      if (!stuffed) {
        // Not as it was when it was looked at: it can't be ended either.
        fail_all(stage::accepted, outcome::refused, stuffed.error().code);
        lost(false);
        return 0;
      }
      bytes = stuffed->bytes;
      used = stuffed->used;
    }
    offset_ += used;
    written_ += used;
    if (!bytes.empty()) views[filled++] = bytes;
  }
  if (!chunk && filled < views.size() && (nobody || slice_ == message_.size()))
    if (const auto end = session_.end_body()) views[filled++] = *end;
  complete_ = !session_.in_body() && session_.chunk_left() == 0;
  if (complete_ && !nobody) written_ = size_; // with line ends that were converted, or added
  return filled;
}

result<std::size_t> delivery::authenticate(std::string_view mechanism, std::optional<std::string_view> initial,
                                           std::string& out) {
  std::string encoded;
  if (initial) {
    append_base64(encoded, *initial);
    if (encoded.empty()) encoded.push_back('='); // RFC 4954 4
  }
  return session_.send(cmd::auth{mechanism, initial ? std::optional<std::string_view>(encoded) : std::nullopt}, out);
}

void delivery::give_up() noexcept {
  fail_all(stage::waiting, outcome::refused, errc::auth_required);
  leave();
}

void delivery::lost(bool all_written) noexcept {
  // Complete, and not answered: nobody knows (RFC 5321 6.1).
  for (const stage each : {stage::accepted, stage::approved})
    fail_all(each, complete_ && all_written ? outcome::unknown : outcome::temporary, errc{});
  fail_all(stage::sent, outcome::temporary, errc{});
  fail_all(stage::waiting, outcome::temporary, errc{});
  phase_ = phase::over;
}

void delivery::settle(std::size_t recipient, outcome what, const reply_view& reply) {
  stages_[recipient] = stage::settled;
  outcomes_[recipient] = {what, reply.code(), reply.status(), text_of(reply), errc{}};
}

void delivery::settle_all(stage which, const reply_view& reply, outcome what) {
  for (std::size_t i = 0; i < stages_.size(); ++i)
    if (stages_[i] == which) settle(i, what, reply);
}

void delivery::turn_away(const reply_view& reply) {
  settle_all(stage::waiting, reply, nothing_delivered(reply));
  turned_away_ = true;
  phase_ = phase::quitting;
}

void delivery::fail_all(stage which, outcome what, errc why) noexcept {
  for (std::size_t i = 0; i < stages_.size(); ++i)
    if (stages_[i] == which) {
      stages_[i] = stage::settled;
      outcomes_[i].what = what;
      outcomes_[i].error = why;
    }
}

} // namespace postel
