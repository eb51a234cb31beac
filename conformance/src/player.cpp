#include "player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <postel/base64.hpp>
#include <postel/parameter_value.hpp>
#include <postel/reply.hpp>
#include <utility>

#include "dialogue.hpp"
#include "escape.hpp"
#include "preflight.hpp"
#include "reply_deviation.hpp"

namespace postel::conformance {

std::string_view name(verdict value) noexcept {
  switch (value) {
    case verdict::pass: return "pass";
    case verdict::fail: return "fail";
    case verdict::warn: return "warn";
    case verdict::note: return "note";
    case verdict::skipped: return "skipped";
    case verdict::error: break;
  }
  return "error";
}

environment::environment(service protocol) : protocol_(protocol) {
  set(variable::hello, protocol == service::lmtp ? "LHLO" : "EHLO");
}

bool environment::suits(const test_case& the_case) const noexcept {
  switch (the_case.role) {
    case role::server: return protocol_ != service::lmtp;
    case role::submission: return protocol_ == service::submission;
    case role::lmtp: return protocol_ == service::lmtp;
    case role::both: return true;
    case role::client: break;
  }
  return false;
}

void environment::set_recipient(const std::string& address) {
  set(variable::rcpt, address);
  if (const auto parsed = parse_mailbox(address, charset::utf8)) {
    set(variable::rcpt_local, std::string(parsed->local_part));
    set(variable::rcpt_domain, std::string(parsed->domain));
  } else {
    set(variable::rcpt_local, address);
    values_[static_cast<std::size_t>(variable::rcpt_domain)].reset();
  }
}

namespace {

std::string_view why_missing(variable which) {
  switch (which) {
    case variable::client: return "no name for the client";
    case variable::sender: return "no sender";
    case variable::rcpt:
    case variable::rcpt_local: return "needs --rcpt ADDRESS";
    case variable::rcpt_domain: return "needs --rcpt LOCAL@DOMAIN";
    case variable::unknown: return "needs --unknown ADDRESS";
    case variable::foreign: return "needs --foreign ADDRESS";
    case variable::user: return "needs --user NAME";
    case variable::password: return "needs --password PASSWORD";
    case variable::hello: return "no command to begin with";
    case variable::hold_for: return "the target does not offer FUTURERELEASE";
    case variable::size: break;
  }
  return "the target announces no SIZE limit";
}

std::optional<variable> first_missing(const text_item& item, const environment& values) {
  if (const auto* which = std::get_if<variable>(&item); which != nullptr && !values.get(*which)) return *which;
  if (const auto* inner = std::get_if<encoded>(&item))
    for (const auto& each : inner->items)
      if (const auto* which = std::get_if<variable>(&each); which != nullptr && !values.get(*which)) return *which;
  return std::nullopt;
}

std::optional<variable> first_missing(const std::vector<step>& steps, const environment& values) {
  for (const step& each : steps) {
    if (const auto* said = std::get_if<say>(&each.what)) {
      for (const text_item& item : said->text)
        if (const auto which = first_missing(item, values)) return which;
    } else if (const auto* either = std::get_if<branch>(&each.what)) {
      if (const auto which = first_missing(either->then, values)) return which;
      if (const auto which = first_missing(either->otherwise, values)) return which;
    }
  }
  return std::nullopt;
}

bool offered(const std::optional<offer>& lines, std::string_view wanted) {
  return lines &&
         std::any_of(lines->begin(), lines->end(), [&](const std::string& each) { return offers(each, wanted); });
}

bool requires_keyword(const test_case& the_case, std::string_view keyword) {
  return std::any_of(the_case.requirements.begin(), the_case.requirements.end(),
                     [&](const std::string& each) { return offers(each, keyword); });
}

constexpr std::string_view tls_keyword = "TLS";
constexpr std::string_view no_credentials_in_clear = "it says the password, which is not said in clear here";

} // namespace

bool environment::played_in_tls(const test_case& the_case) const {
  if (secure_ || !offered_in_tls_) return false;
  if (always_tls_ || requires_keyword(the_case, tls_keyword)) return true;
  if (requires_keyword(the_case, "STARTTLS")) return false;
  if (the_case.uses_credentials() || played_authenticated(the_case)) return true;
  if (mail_needs_tls_ && (the_case.says(variable::sender) || the_case.says(variable::rcpt))) return true;
  return std::any_of(the_case.requirements.begin(), the_case.requirements.end(), [&](const std::string& each) {
    return !offered(offered_, each) && offered(offered_in_tls_, each);
  });
}

bool environment::authenticates_in_clear() const {
  return offered(offered_, "AUTH") && !offered(offered_, "STARTTLS") && !starttls_offered_;
}

bool environment::played_authenticated(const test_case& the_case) const {
  return protocol_ == service::submission && the_case.role != role::submission && the_case.starts_with_hello() &&
         !requires_keyword(the_case, "AUTH") && !requires_keyword(the_case, "STARTTLS") && get(variable::user) &&
         get(variable::password);
}

std::optional<std::string> environment::missing(const test_case& the_case) const {
  const bool in_tls = played_in_tls(the_case);
  if (in_tls && the_case.starts_with_greeting()) return "it is about the greeting, which comes before STARTTLS";
  if (protocol_ == service::submission && the_case.role != role::submission && !the_case.starts_with_hello() &&
      !the_case.starts_with_greeting())
    return "the target takes mail after AUTH only, and the case does not begin with EHLO";
  const std::optional<offer>& lines = in_tls ? offered_in_tls_ : offered_;
  for (const std::string& wanted : the_case.requirements) {
    if (equal_ignoring_case(wanted, tls_keyword)) {
      if (secure_ || in_tls) continue;
      return why_no_tls_.empty() ? "the target does not offer STARTTLS" : why_no_tls_;
    }
    if (!lines) return fmt::format("needs {}, and {} is not accepted", wanted, *get(variable::hello));
    if (!offered(lines, wanted)) return fmt::format("the target does not offer {}", wanted);
  }
  if (const auto which = first_missing(the_case.steps, *this)) return std::string(why_missing(*which));
  // A case about STARTTLS may say them behind the handshake that it makes itself: the player looks.
  const bool credentials = the_case.uses_credentials() || played_authenticated(the_case);
  if (credentials && !secure_ && !in_tls && !authenticates_in_clear() && !requires_keyword(the_case, "STARTTLS"))
    return why_no_tls_.empty() ? std::string(no_credentials_in_clear)
                               : fmt::format("{}; {}", no_credentials_in_clear, why_no_tls_);
  return std::nullopt;
}

namespace {

// Repetitions are handed on in pieces of about this many octets, never built whole.
constexpr std::size_t piece_size = std::size_t{16} * 1024;

class player {
 public:
  player(const test_case& the_case, transport& wire, const environment& values, const patience& waits)
      : case_(the_case), values_(values), waits_(waits), wire_(wire, waits) {}

  outcome play() {
    if (!case_.starts_with_greeting()) {
      if (!assume("220", "220 as the greeting")) {
        outcome_.unanswered = last_.what != observation::kind::reply;
        return finish();
      }
      if (!begin_tls() || !authenticate()) return finish();
    }
    if (run(case_.steps)) conclude();
    return finish();
  }

 private:
  // What comes before the case.
  bool assume(std::string code, std::string text) {
    return observe({false, false, {{alternative::kind::code, std::move(code)}}, {}, std::move(text), 0});
  }
  bool hello() {
    wire_.say(fmt::format("{} {}\r\n", *values_.get(variable::hello), *values_.get(variable::client)));
    return assume("250", fmt::format("250 to {}", *values_.get(variable::hello)));
  }
  bool begin_tls() {
    if (!values_.played_in_tls(case_)) return true;
    if (!hello()) return false;
    wire_.say("STARTTLS\r\n");
    return assume("220", "220 to STARTTLS") &&
           observe({false, true, {{alternative::kind::tls, {}}}, {}, "TLS behind STARTTLS", 0});
  }
  bool authenticate() {
    if (!values_.played_authenticated(case_)) return true;
    if (!hello()) return false;
    static const say plain{
        {"AUTH PLAIN ", encoded{{std::string(1, '\0'), variable::user, std::string(1, '\0'), variable::password}},
         "\r\n"},
        0};
    return speak(plain) && assume("235", "235 to AUTH PLAIN");
  }

  // Each gives whether to go on.
  bool run(const std::vector<step>& steps) {
    return std::all_of(steps.begin(), steps.end(), [this](const step& each) {
      if (const auto* said = std::get_if<say>(&each.what)) return speak(*said);
      if (const auto* expected = std::get_if<expectation>(&each.what)) return observe(*expected);
      const auto& either = std::get<branch>(each.what);
      return run(matches(either.pattern, last_) ? either.then : either.otherwise);
    });
  }

  template <typename Sink>
  void expand(const say& what, Sink sink) {
    for (const text_item& item : what.text) {
      if (const auto* octets = std::get_if<std::string>(&item)) {
        sink(*octets, *octets);
      } else if (const auto* which = std::get_if<variable>(&item)) {
        const bool secret = *which == variable::password;
        sink(*values_.get(*which), secret ? concealed : *values_.get(*which));
      } else if (const auto* inner = std::get_if<encoded>(&item)) {
        std::string text;
        bool secret = false;
        for (const auto& each : inner->items) {
          const auto* const named = std::get_if<variable>(&each);
          text += named != nullptr ? *values_.get(*named) : std::get<std::string>(each);
          secret = secret || (named != nullptr && *named == variable::password);
        }
        std::string base64;
        append_base64(base64, text);
        sink(base64, secret ? concealed : std::string_view(base64));
      } else {
        const auto& repeated = std::get<repetition>(item);
        const std::size_t at_once = std::max<std::size_t>(1, piece_size / repeated.octets.size());
        std::string piece;
        for (std::size_t i = 0; i < std::min<std::size_t>(at_once, repeated.times); ++i) piece += repeated.octets;
        for (std::size_t left = repeated.times; left > 0 && may_go_on();) {
          const std::size_t now = std::min(at_once, left);
          const std::string_view some = std::string_view(piece).substr(0, now * repeated.octets.size());
          sink(some, some);
          left -= now;
        }
      }
    }
  }

  // Who listens is not to learn them: whatever a case says, they go in clear only where the target has it no other way.
  [[nodiscard]] bool may_say_credentials() const {
    return values_.secure() || wire_.in_tls() || (values_.authenticates_in_clear() && !wire_.starttls_offered());
  }

  bool speak(const say& what) {
    if ((what.has(variable::user) || what.has(variable::password)) && !may_say_credentials())
      return stop(verdict::skipped, std::string(no_credentials_in_clear));
    if (what.write_size == 0) {
      expand(what, [this](std::string_view octets, std::string_view shown) { wire_.say(octets, shown); });
    } else {
      // The writes run on across the items of the text.
      std::string rest;
      const bool secret = what.has(variable::password);
      expand(what, [&](std::string_view octets, std::string_view) {
        rest += octets;
        const std::size_t whole = rest.size() - rest.size() % what.write_size;
        wire_.say_separately(std::string_view(rest).substr(0, whole), what.write_size, secret);
        rest.erase(0, whole);
      });
      wire_.say_separately(rest, what.write_size, secret);
    }
    return may_go_on();
  }

  bool may_go_on() {
    if (wire_.stalled()) return stop(verdict::error, "the target takes no more input");
    if (wire_.out_of_time())
      return stop(verdict::error, fmt::format("it took longer than {} s", waits_.total().count() / 1000));
    return true;
  }

  bool observe(const expectation& expected) {
    const bool quick = std::any_of(expected.alternatives.begin(), expected.alternatives.end(),
                                   [](const alternative& each) { return each.what == alternative::kind::silence; });
    last_ = expected.handshake ? wire_.secure() : wire_.observe(quick);
    if (!may_go_on()) return false;
    const auto wrong = fault(expected, last_, wire_.octets());
    outcome_.checks.push_back({expected.line == 0 ? nullptr : &expected, last_.what, last_.text(), !wrong});
    if (!wrong) return true;
    using away = outcome::turned_away;
    if (last_.what == observation::kind::reply && last_.code == 421)
      outcome_.away = outcome_.checks.size() == 1 ? away::at_once : away::later;
    if (!expected.judged)
      return stop(verdict::error, fmt::format("set-up: expected {}, got {}", expected.text, *wrong));
    switch (case_.level) {
      case level::must: return stop(verdict::fail, fmt::format("expected {}, got {}", expected.text, *wrong));
      case level::should: return stop(verdict::warn, fmt::format("expected {}, got {}", expected.text, *wrong));
      case level::may: return stop(verdict::note, fmt::format("expected {}, got {}", expected.text, *wrong));
      case level::note: break;
    }
    conclude();
    outcome_.reason += fmt::format(" (foreseen was {}, got {})", expected.text, *wrong);
    return false;
  }

  bool stop(verdict result, std::string reason) {
    outcome_.result = result;
    outcome_.reason = std::move(reason);
    return false;
  }

  // Everything that was come to held, or it does not matter.
  void conclude() {
    if (case_.level != level::note) {
      stop(verdict::pass, {});
      return;
    }
    std::string seen;
    for (const checked& each : outcome_.checks) {
      if (each.expected == nullptr || !each.expected->judged) continue;
      if (!seen.empty()) seen += ", ";
      seen += each.seen;
    }
    stop(verdict::note, seen.empty() ? "nothing was observed" : fmt::format("observed {}", seen));
  }

  outcome finish() {
    wire_.flush();
    outcome_.transcript = wire_.log().lines();
    outcome_.starttls_offered = wire_.starttls_offered();
    outcome_.deviations = wire_.deviations();
    return std::move(outcome_);
  }

  const test_case& case_;
  const environment& values_;
  const patience& waits_;
  dialogue wire_;
  observation last_;
  outcome outcome_;
};

} // namespace

outcome play(const test_case& the_case, transport& wire, const environment& values, const patience& waits) {
  return player(the_case, wire, values, waits).play();
}

namespace {

// Nothing if the reply is no 250. What its lines have that ehlo-line has not is noted, and hides nothing.
std::optional<offer> offer_of(observation response, std::vector<observation>& deviations) {
  if (response.what != observation::kind::reply || response.code != 250) return std::nullopt;
  offer lines;
  if (const auto reply = read_reply(response.octets)) {
    for (auto line = std::next(reply->lines().begin()); line != reply->lines().end(); ++line)
      if (auto words = offered_line(*line)) lines.push_back(*std::move(words));
    response.deviation = deviation_of_offer(*reply);
    if (!response.deviation.empty()) deviations.push_back(std::move(response));
  }
  return lines;
}

void probe_tls(dialogue& talk, std::string_view hello, probed& result) {
  talk.say("STARTTLS\r\n");
  const observation ready = talk.observe(false);
  if (ready.what != observation::kind::reply || ready.code != 220) {
    result.why_no_tls = fmt::format("the target answers {} to STARTTLS", ready.text());
    return;
  }
  const observation secured = talk.secure();
  if (secured.what != observation::kind::tls) {
    result.why_no_tls = fmt::format("the target makes no handshake behind STARTTLS: {}", secured.why);
    return;
  }
  talk.say(hello);
  result.offered_in_tls = offer_of(talk.observe(false), result.deviations);
  if (!result.offered_in_tls) result.why_no_tls = "the target does not accept EHLO behind STARTTLS";
}

std::string wrong_greeting(const observation& greeting) {
  if (greeting.what == observation::kind::reply && greeting.code == 421)
    return fmt::format("the target limits connections: {}",
                       escape(greeting.octets.substr(0, greeting.octets.find('\r'))));
  const std::string_view other = other_protocol(greeting.octets);
  return fmt::format("its greeting is not 220: {}{}{}", greeting.text(), other.empty() ? "" : "; it speaks ", other);
}

// A server of SMTP refuses LHLO, one of LMTP refuses EHLO (RFC 2033 4.1).
void probe_other_hello(dialogue& talk, const environment& values, probed& result) {
  const bool lmtp = values.protocol() == service::lmtp;
  talk.say(fmt::format("{} client.example\r\n", lmtp ? "EHLO" : "LHLO"));
  if (std::vector<observation> ignored; !offer_of(talk.observe(false), ignored)) return;
  result.untestable = lmtp ? "it speaks SMTP, not LMTP: it refuses LHLO and takes EHLO; leave --lmtp out"
                           : "it speaks LMTP, not SMTP: it refuses EHLO and takes LHLO; try --lmtp";
}

} // namespace

probed probe(transport& wire, const patience& waits, const environment& values) {
  probed result;
  dialogue talk(wire, waits);
  const observation greeting = talk.observe(false);
  if (greeting.what != observation::kind::reply || greeting.code != 220) {
    switch (greeting.what) {
      case observation::kind::closed: result.untestable = "it closes the connection at once"; break;
      case observation::kind::silence:
        result.untestable = fmt::format("no greeting within {} ms", waits.reply.count());
        result.silent = true;
        break;
      default: result.untestable = wrong_greeting(greeting);
    }
    result.transcript = talk.log().lines();
    return result;
  }
  const std::string hello = *values.get(variable::hello) + " client.example\r\n";
  talk.say(hello);
  const observation greeted = talk.observe(false);
  result.offered = offer_of(greeted, result.deviations);
  if (greeted.what == observation::kind::reply && greeted.code / 100 == 5) probe_other_hello(talk, values, result);
  if (offered(result.offered, "STARTTLS")) probe_tls(talk, hello, result);
  if (values.always_tls() && !result.offered_in_tls && !result.untestable)
    result.untestable = result.why_no_tls.empty() ? "it does not offer STARTTLS" : result.why_no_tls;
  result.starttls_offered = talk.starttls_offered();
  talk.say("QUIT\r\n");
  talk.observe(false);
  result.transcript = talk.log().lines();
  // What a response to EHLO has against its own grammar tells more.
  const std::vector<observation> offers = std::exchange(result.deviations, {});
  std::copy_if(talk.deviations().begin(), talk.deviations().end(), std::back_inserter(result.deviations),
               [&](const observation& each) {
                 return std::none_of(offers.begin(), offers.end(),
                                     [&](const observation& one) { return one.octets == each.octets; });
               });
  result.deviations.insert(result.deviations.end(), offers.begin(), offers.end());
  return result;
}

void probed::tell(environment& values) const {
  values.set_offered(offered);
  if (starttls_offered) values.set_starttls_offered();
  values.set_offered_in_tls(offered_in_tls, why_no_tls);
  for (const auto& lines : {offered, offered_in_tls}) {
    for (const std::string& each : lines.value_or(offer())) {
      const auto line = read_ehlo_line(each);
      if (!line) continue;
      if (const auto limit = parse_size_value(line->params);
          limit && *limit > 0 && equal_ignoring_case(line->keyword, "SIZE"))
        values.set(variable::size, std::string(line->params));
      if (equal_ignoring_case(line->keyword, "FUTURERELEASE"))
        values.set(variable::hold_for, std::string(line->params.substr(0, line->params.find(' '))));
    }
  }
}

} // namespace postel::conformance
