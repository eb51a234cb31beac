#include "player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/parameter_value.hpp>
#include <postel/reply.hpp>

#include "dialogue.hpp"

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
    case variable::size: break;
  }
  return "the target announces no SIZE limit";
}

std::optional<variable> first_missing(const std::vector<step>& steps, const environment& values) {
  for (const step& each : steps) {
    if (const auto* said = std::get_if<say>(&each.what)) {
      for (const text_item& item : said->text)
        if (const auto* which = std::get_if<variable>(&item); which != nullptr && !values.get(*which)) return *which;
    } else if (const auto* either = std::get_if<branch>(&each.what)) {
      if (const auto which = first_missing(either->then, values)) return which;
      if (const auto which = first_missing(either->otherwise, values)) return which;
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> environment::missing(const test_case& the_case) const {
  for (const std::string& keyword : the_case.requirements) {
    if (!offered_) return fmt::format("needs {}, and EHLO is not accepted", keyword);
    if (std::none_of(offered_->begin(), offered_->end(),
                     [&](const std::string& each) { return equal_ignoring_case(each, keyword); }))
      return fmt::format("the target does not offer {}", keyword);
  }
  if (const auto which = first_missing(the_case.steps, *this)) return std::string(why_missing(*which));
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
    if (!std::holds_alternative<expectation>(case_.steps.front().what)) {
      static const expectation greeting{false, {{alternative::kind::code, "220"}}, {}, "220 as the greeting", 0};
      if (!observe(greeting)) {
        outcome_.unanswered = last_.what != observation::kind::reply;
        return finish();
      }
    }
    if (run(case_.steps)) conclude();
    return finish();
  }

 private:
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
        sink(*octets);
      } else if (const auto* which = std::get_if<variable>(&item)) {
        sink(*values_.get(*which));
      } else {
        const auto& repeated = std::get<repetition>(item);
        const std::size_t at_once = std::max<std::size_t>(1, piece_size / repeated.octets.size());
        std::string piece;
        for (std::size_t i = 0; i < std::min<std::size_t>(at_once, repeated.times); ++i) piece += repeated.octets;
        for (std::size_t left = repeated.times; left > 0 && may_go_on();) {
          const std::size_t now = std::min(at_once, left);
          sink(std::string_view(piece).substr(0, now * repeated.octets.size()));
          left -= now;
        }
      }
    }
  }

  bool speak(const say& what) {
    if (what.write_size == 0) {
      expand(what, [this](std::string_view octets) { wire_.say(octets); });
    } else {
      // The writes run on across the items of the text.
      std::string rest;
      expand(what, [&](std::string_view octets) {
        rest += octets;
        const std::size_t whole = rest.size() - rest.size() % what.write_size;
        wire_.say_separately(std::string_view(rest).substr(0, whole), what.write_size);
        rest.erase(0, whole);
      });
      wire_.say_separately(rest, what.write_size);
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
    last_ = wire_.observe(quick);
    if (!may_go_on()) return false;
    const auto wrong = fault(expected, last_, wire_.octets());
    outcome_.checks.push_back({&expected, last_.what, last_.text(), !wrong});
    if (!wrong) return true;
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
      if (!each.expected->judged) continue;
      if (!seen.empty()) seen += ", ";
      seen += each.seen;
    }
    stop(verdict::note, seen.empty() ? "nothing was observed" : fmt::format("observed {}", seen));
  }

  outcome finish() {
    wire_.flush();
    outcome_.transcript = wire_.log().lines();
    for (checked& each : outcome_.checks)
      if (each.expected->line == 0) each.expected = nullptr;
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

probed probe(transport& wire, const patience& waits) {
  probed result;
  dialogue talk(wire, waits);
  const observation greeting = talk.observe(false);
  if (greeting.what != observation::kind::reply || greeting.code != 220) {
    switch (greeting.what) {
      case observation::kind::closed: result.untestable = "it closes the connection at once"; break;
      case observation::kind::silence:
        result.untestable = fmt::format("no greeting within {} ms", waits.reply.count());
        break;
      default: result.untestable = fmt::format("its greeting is not 220: {}", greeting.text());
    }
    result.transcript = talk.log().lines();
    return result;
  }
  talk.say("EHLO client.example\r\n");
  const observation response = talk.observe(false);
  if (response.what == observation::kind::reply && response.code == 250) {
    result.keywords.emplace();
    if (const auto reply = parse_reply(response.octets)) {
      // Line by line: one line that is wrong does not hide what the others say.
      for (auto line = std::next(reply->lines().begin()); line != reply->lines().end(); ++line) {
        const auto offered = parse_ehlo_line(*line);
        if (!offered) continue;
        result.keywords->emplace_back(offered->keyword);
        if (const auto limit = parse_size_value(offered->params);
            limit && *limit > 0 && equal_ignoring_case(offered->keyword, "SIZE"))
          result.size = offered->params;
      }
    }
  }
  talk.say("QUIT\r\n");
  talk.observe(false);
  result.transcript = talk.log().lines();
  return result;
}

} // namespace postel::conformance
