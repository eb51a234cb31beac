// Every case is proven able to fail: each judged expectation, in every branch, is broken alone, and the verdict turns.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cases.hpp"
#include "falsify.hpp"
#include "memory_transport.hpp"
#include "player.hpp"
#include "script_transport.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::policy;
using postel::service;

// An environment in which the case can be played.
environment environment_for(const test_case& the_case) {
  environment values = full_environment(the_case.role == role::lmtp ? service::lmtp : service::smtp);
  values.set_offered(the_case.requirements);
  values.set_secure(); // where it requires TLS
  return values;
}

outcome play_script(const test_case& the_case, const environment& values, const std::vector<unit>& script) {
  script_transport wire(script);
  return play(the_case, wire, values, {});
}

verdict verdict_of_fault(const test_case& the_case, bool judged) {
  if (!judged) return verdict::error;
  switch (the_case.level) {
    case level::must: return verdict::fail;
    case level::should: return verdict::warn;
    case level::may:
    case level::note: break;
  }
  return verdict::note;
}

using proven = std::set<const expectation*>;

// Breaks each expectation that the script comes to, unless it was broken before.
void break_each(const test_case& the_case, const environment& values, const std::vector<unit>& script, proven& done) {
  const outcome honest = play_script(the_case, values, script);
  const verdict good = the_case.level == level::note ? verdict::note : verdict::pass;
  ASSERT_EQ(honest.result, good) << honest.reason;
  ASSERT_LE(honest.checks.size(), script.size());
  for (std::size_t i = 0; i < honest.checks.size(); ++i) {
    const expectation* const expected = honest.checks[i].expected;
    if (expected == nullptr || !done.insert(expected).second) continue;
    const auto ways = falsifications(*expected, script[i]);
    EXPECT_GE(ways.size(), 2U) << "line " << expected->line << " can hardly fail";
    for (const falsification& way : ways) {
      SCOPED_TRACE("line " + std::to_string(expected->line) + ": " + way.what + " instead of " + honest.checks[i].seen);
      std::vector<unit> changed(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(i));
      changed.push_back(way.instead);
      const outcome broken = play_script(the_case, values, changed);
      EXPECT_EQ(broken.result, verdict_of_fault(the_case, expected->judged)) << broken.reason;
      EXPECT_NE(broken.reason, honest.reason); // a note records what was seen
      ASSERT_EQ(broken.checks.size(), i + 1);
      EXPECT_FALSE(broken.checks[i].held);
    }
  }
}

// The observations of a run against the built-in server, one for each time the player looked.
class recorder : public transport {
 public:
  explicit recorder(transport& wire) : wire_(wire) {}
  sent send(std::string_view octets, milliseconds within) override { return wire_.send(octets, within); }
  received receive(std::string& inbox, milliseconds within) override {
    for (;;) {
      if (const auto next = replies_.next(postel::charset::utf8)) {
        seen.push_back(unit::reply(next->octets));
        inbox += next->octets;
        return received::octets;
      }
      const received what = wire_.receive(replies_.inbox(), within);
      if (what == received::octets) continue;
      seen.push_back({what, {}});
      return what;
    }
  }
  std::optional<std::string> start_tls(milliseconds within) override {
    auto why = wire_.start_tls(within);
    seen.push_back(why ? unit::silence() : unit::tls());
    return why;
  }

  std::vector<unit> seen;

 private:
  transport& wire_;
  reply_reader replies_;
};

// ---- the paths through a case

using pattern = std::vector<alternative>;

void collect_patterns(const std::vector<step>& steps, std::vector<pattern>& patterns) {
  for (const step& each : steps) {
    if (const auto* either = std::get_if<branch>(&each.what)) {
      patterns.push_back(either->pattern);
      collect_patterns(either->then, patterns);
      collect_patterns(either->otherwise, patterns);
    }
  }
}

void collect_judged(const std::vector<step>& steps, proven& judged) {
  for (const step& each : steps) {
    if (const auto* expected = std::get_if<expectation>(&each.what); expected != nullptr && expected->judged)
      judged.insert(expected);
    if (const auto* either = std::get_if<branch>(&each.what)) {
      collect_judged(either->then, judged);
      collect_judged(either->otherwise, judged);
    }
  }
}

// Where a reader of the case stands: lists of steps within each other, the innermost last.
using place = std::vector<std::pair<const std::vector<step>*, std::size_t>>;

class walker {
 public:
  explicit walker(const test_case& the_case) : case_(the_case) { collect_patterns(the_case.steps, patterns_); }

  // Scripts of honest peers that together go through every branch that one can go through.
  std::vector<std::vector<unit>> scripts() {
    std::vector<unit> begun;
    if (!std::holds_alternative<expectation>(case_.steps.front().what))
      begun.push_back(unit::reply("220 host.example\r\n"));
    walk({{&case_.steps, 0}}, begun);
    return std::move(scripts_);
  }

 private:
  void walk(place where, std::vector<unit> script) {
    while (!where.empty()) {
      auto& [steps, at] = where.back();
      if (at == steps->size()) {
        where.pop_back();
        continue;
      }
      const step& now = (*steps)[at++];
      if (const auto* either = std::get_if<branch>(&now.what)) {
        where.emplace_back(matches(either->pattern, observe(script.back())) ? &either->then : &either->otherwise, 0U);
      } else if (const auto* expected = std::get_if<expectation>(&now.what)) {
        const auto choices = satisfactions(*expected, patterns_);
        ASSERT_FALSE(choices.empty()) << "line " << expected->line << " cannot hold";
        ASSERT_LT(scripts_.size(), 500U) << "too many paths";
        for (std::size_t i = 1; i < choices.size() && !patterns_.empty(); ++i) {
          std::vector<unit> other = script;
          other.push_back(choices[i]);
          walk(where, std::move(other));
        }
        script.push_back(choices.front());
      }
    }
    scripts_.push_back(std::move(script));
  }

  const test_case& case_;
  std::vector<pattern> patterns_;
  std::vector<std::vector<unit>> scripts_;
};

// ---- the proofs

TEST(every_case, can_fail_against_the_built_in_server) {
  const auto cases = project_cases();
  ASSERT_GE(cases.size(), 300U);
  std::set<std::string> played;
  std::set<std::string> judged;
  for (const service protocol : services) {
    const policy rules = built_in_policy(protocol);
    memory_transport first(rules);
    environment values = full_environment(protocol);
    probe(first, {}, values).tell(values);
    for (const test_case& each : cases) {
      if (!values.suits(each) || values.missing(each)) continue;
      SCOPED_TRACE(each.id);
      played.insert(each.id);
      memory_transport wire(rules);
      recorder record(wire);
      const outcome honest = play(each, record, values, {});
      const verdict good = each.level == level::note ? verdict::note : verdict::pass;
      EXPECT_EQ(name(honest.result), name(good)) << honest.reason;
      if (honest.result != good) continue;
      proven done;
      break_each(each, values, record.seen, done);
      if (std::any_of(done.begin(), done.end(), [](const expectation* one) { return one->judged; }))
        judged.insert(each.id);
    }
  }
  EXPECT_GE(played.size(), 300U);
  EXPECT_EQ(played, judged) << "cases of which no judged expectation was come to";
}

TEST(every_case, can_fail_in_every_branch) {
  for (const test_case& each : project_cases()) {
    SCOPED_TRACE(each.id);
    proven done;
    for (const auto& script : walker(each).scripts()) break_each(each, environment_for(each), script, done);
    proven judged;
    collect_judged(each.steps, judged);
    EXPECT_FALSE(judged.empty());
    for (const expectation* expected : judged)
      EXPECT_TRUE(done.contains(expected)) << each.file << ":" << expected->line << ": no honest peer comes here";
  }
}

} // namespace
