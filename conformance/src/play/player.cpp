#include "play/player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/base64.hpp>
#include <utility>

#include "play/another_reason.hpp"
#include "play/auth_challenges.hpp"
#include "play/client_peer.hpp"
#include "play/server_peer.hpp"

namespace postel::conformance {

namespace {

// Repetitions are handed on in pieces of about this many octets, never built whole.
constexpr std::size_t piece_size = std::size_t{16} * 1024;
constexpr unsigned most_answered = 5000; // lines of one "answer until"

class player {
 public:
  player(const test_case& the_case, peer& party, const environment& values, const patience& waits)
      : case_(the_case), values_(values), waits_(waits), party_(party) {}

  outcome play() {
    if (greet() && run(case_.steps)) conclude();
    party_.finish();
    outcome_.transcript = party_.log().lines();
    outcome_.starttls_offered = party_.starttls_offered();
    outcome_.deviations = party_.deviations();
    return std::move(outcome_);
  }

 private:
  // What comes before a case for servers that does not look at the greeting itself.
  bool greet() {
    if (case_.role == role::client || case_.starts_with_greeting()) return true;
    if (!assume("220", "220 as the greeting")) {
      outcome_.unanswered = last_.what != observation::kind::reply;
      return false;
    }
    return begin_tls() && authenticate();
  }
  bool assume(pattern what, subject of, std::string text) {
    expectation expected;
    expected.of = of;
    expected.patterns = {std::move(what)};
    expected.text = std::move(text);
    return observe(expected);
  }
  bool assume(std::string code, std::string text) {
    return assume({pattern_kind::code, std::move(code)}, subject::act, std::move(text));
  }
  bool hello() {
    party_.say(fmt::format("{} {}\r\n", *values_.get(variable::hello), *values_.get(variable::client)));
    return assume("250", fmt::format("250 to {}", *values_.get(variable::hello)));
  }
  bool begin_tls() {
    if (!values_.played_in_tls(case_)) return true;
    if (!hello()) return false;
    party_.say("STARTTLS\r\n");
    return assume("220", "220 to STARTTLS") && assume({pattern_kind::made}, subject::tls, "TLS after STARTTLS");
  }
  bool authenticate() {
    if (!values_.played_authenticated(case_)) return true;
    if (!hello()) return false;
    static const say plain{
        {"AUTH PLAIN ", encoded{{std::string(1, '\0'), variable::user, std::string(1, '\0'), variable::password}},
         "\r\n"},
        0};
    return act(plain) && assume("235", "235 to AUTH PLAIN");
  }

  // Each of these returns whether to go on.
  bool run(const std::vector<step>& steps) {
    return std::all_of(steps.begin(), steps.end(), [this](const step& each) {
      return std::visit([&](const auto& what) { return act(what); }, each.what);
    });
  }
  bool act(const expectation& expected) { return observe(expected); }
  bool act(const branch& either) { return run(matches(either.patterns, last_) ? either.then : either.otherwise); }
  bool act(const skip& what) { return stop(verdict::skipped, what.why); }
  bool act(const hang_up&) {
    party_.hang_up();
    return true;
  }

  bool act(const say& what) {
    if ((what.has(variable::user) || what.has(variable::password)) && !may_say_credentials())
      return stop(verdict::skipped, std::string(no_credentials_in_clear));
    if (what.write_size == 0) {
      expand(what, [this](std::string_view octets, std::string_view shown) { party_.say(octets, shown); });
    } else {
      // The writes run on across the items of the text.
      std::string rest;
      const bool secret = what.has(variable::password);
      expand(what, [&](std::string_view octets, std::string_view) {
        rest += octets;
        const std::size_t whole = rest.size() - rest.size() % what.write_size;
        party_.say_separately(std::string_view(rest).substr(0, whole), what.write_size, secret);
        rest.erase(0, whole);
      });
      party_.say_separately(rest, what.write_size, secret);
    }
    return may_go_on();
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

  // Whatever a case says, they go in clear only to a target that has AUTH there and no STARTTLS.
  [[nodiscard]] bool may_say_credentials() const {
    return values_.secure() || party_.in_tls() || (values_.authenticates_in_clear() && !party_.starttls_offered());
  }

  bool may_go_on() {
    if (party_.stalled()) return stop(verdict::error, "the target takes no more input");
    if (party_.out_of_time())
      return stop(verdict::error, fmt::format("it took longer than {} s", waits_.total().count() / 1000));
    return true;
  }

  void note(const expectation& expected, bool held) {
    outcome_.checks.push_back({expected.number, expected.judged, last_.what, last_.code, last_.text(), held});
  }

  bool observe(const expectation& expected) {
    last_ = party_.observe(expected);
    if (!may_go_on()) return false;
    const auto wrong = fault(expected, last_, party_.octets());
    note(expected, !wrong);
    return !wrong || violated(expected, *wrong);
  }

  bool act(const answering& what) {
    for (unsigned i = 0; i < most_answered; ++i) {
      last_ = party_.observe(what.until);
      if (!may_go_on()) return false;
      const bool there = matches(what.until.patterns, last_);
      if (there || !is_passed(last_)) {
        note(what.until, there);
        return there || violated(what.until, last_.text());
      }
      if (last_.verb != "AUTH")
        party_.say("250 OK\r\n");
      else if (!answer_auth(last_.octets))
        return false;
    }
    return stop(verdict::error, "set-up: the client does not come to an end");
  }
  [[nodiscard]] static bool is_passed(const observation& seen) {
    constexpr std::array<std::string_view, 5> passed{"MAIL", "RCPT", "AUTH", "RSET", "NOOP"};
    return seen.what == observation::kind::line && std::find(passed.begin(), passed.end(), seen.verb) != passed.end();
  }
  // Lets the exchange succeed.
  bool answer_auth(const std::string& command) {
    const auto challenges = auth_challenges(command);
    if (!challenges) {
      party_.say("504 not offered\r\n");
      return true;
    }
    expectation response;
    response.patterns = {{pattern_kind::any}};
    for (const std::string& each : *challenges) {
      party_.say("334 " + each + "\r\n");
      const observation seen = party_.observe(response);
      if (!may_go_on()) return false;
      if (seen.what != observation::kind::line)
        return stop(verdict::error, fmt::format("set-up: expected a response, got {}", seen.text()));
    }
    party_.say("235 authenticated\r\n");
    return true;
  }

  bool violated(const expectation& expected, std::string_view got) {
    using away = outcome::turned_away;
    if (last_.what == observation::kind::reply && last_.code == 421)
      outcome_.away = outcome_.checks.size() == 1 ? away::at_once : away::later;
    if (!expected.judged) return stop(verdict::error, fmt::format("set-up: expected {}, got {}", expected.text, got));
    std::string reason = fmt::format("expected {}, got {}", expected.text, got);
    // A reply that is one of those expected is judged, by its conditions.
    const std::string_view another = matches(expected.patterns, last_) ? std::string_view() : another_reason(last_);
    if (!another.empty() && case_.level != level::note)
      return stop(verdict::inconclusive, fmt::format("{}, and that may have another reason: {}", reason, another));
    switch (case_.level) {
      case level::must: return stop(verdict::fail, std::move(reason));
      case level::should: return stop(verdict::warn, std::move(reason));
      case level::may: return stop(verdict::note, std::move(reason));
      case level::note: break;
    }
    conclude();
    outcome_.reason += fmt::format(" (foreseen was {}, got {})", expected.text, got);
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
    for (const checked& each : outcome_.checks)
      if (each.judged) seen += (seen.empty() ? "" : ", ") + each.seen;
    stop(verdict::note, seen.empty() ? "nothing was observed" : fmt::format("observed {}", seen));
  }

  const test_case& case_;
  const environment& values_;
  const patience& waits_;
  peer& party_;
  observation last_;
  outcome outcome_;
};

} // namespace

outcome play(const test_case& the_case, peer& party, const environment& values, const patience& waits) {
  return player(the_case, party, values, waits).play();
}

outcome play(const test_case& the_case, transport& wire, const environment& values, const patience& waits) {
  server_peer party(wire, waits);
  return play(the_case, party, values, waits);
}

outcome play(const test_case& the_case, tested_client& client, const patience& waits) {
  auto started = client.start(the_case, waits.start);
  if (const auto* refused = std::get_if<target::refusal>(&started)) {
    outcome result;
    result.reason = refused->why;
    result.unanswered = true;
    return result;
  }
  client_peer party(client, std::get<std::unique_ptr<client_wire>>(std::move(started)), waits);
  return play(the_case, party, environment(), waits);
}

} // namespace postel::conformance
