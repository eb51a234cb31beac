// Every case is proven able to fail: each expectation, in every branch, is broken alone, and the verdict turns.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cases.hpp"
#include "falsify.hpp"
#include "memory_transport.hpp"
#include "play/player.hpp"
#include "play/probe.hpp"
#include "play/server_peer.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::charset;
using postel::policy;
using postel::service;

using script = std::vector<observation>;

// A party that does what a list says, whatever it is told: one entry for each time the player looks.
class script_peer : public peer {
 public:
  script_peer(const script& what, const patience& waits) : peer(waits), script_(what) {}
  using peer::say;
  void say(std::string_view, std::string_view) override {}
  void say_separately(std::string_view, std::size_t, bool) override {}
  observation observe(const expectation&) override {
    if (at_ == script_.size()) return {};
    in_tls_ = in_tls_ || script_[at_].what == observation::kind::tls;
    return script_[at_++];
  }
  void finish() override {}
  [[nodiscard]] charset octets() const noexcept override { return charset::utf8; }
  [[nodiscard]] bool in_tls() const noexcept override { return in_tls_; }

 private:
  const script& script_;
  std::size_t at_ = 0;
  bool in_tls_ = false;
};

// A server whose observations are kept.
class recorder : public server_peer {
 public:
  using server_peer::server_peer;
  observation observe(const expectation& wanted) override {
    seen.push_back(server_peer::observe(wanted));
    return seen.back();
  }
  script seen;
};

void collect(const std::vector<step>& steps, std::map<std::size_t, const expectation*>& expectations,
             std::vector<std::vector<pattern>>& patterns) {
  for (const step& each : steps) {
    if (const auto* expected = std::get_if<expectation>(&each.what)) expectations[expected->number] = expected;
    if (const auto* either = std::get_if<branch>(&each.what)) {
      patterns.push_back(either->patterns);
      collect(either->then, expectations, patterns);
      collect(either->otherwise, expectations, patterns);
    }
  }
}

// Breaks what honest parties come to.
class prover {
 public:
  prover(const test_case& the_case, environment values) : case_(the_case), values_(std::move(values)) {
    collect(the_case.steps, expectations_, patterns_);
  }
  // In an environment in which the case can be played.
  explicit prover(const test_case& the_case)
      : prover(the_case, full_environment(the_case.role == role::lmtp ? service::lmtp : service::smtp)) {
    values_.set_offered(the_case.requirements);
    values_.set_secure(); // if the case requires TLS
  }

  // Breaks each expectation that an honest party came to.
  void break_each(const script& honest) {
    const outcome played = play_script(honest);
    expect_good(played, false);
    ASSERT_LE(played.checks.size(), honest.size());
    for (std::size_t i = 0; i < played.checks.size(); ++i)
      if (const auto found = expectations_.find(played.checks[i].number); found != expectations_.end())
        break_one(*found->second, {honest.begin(), honest.begin() + static_cast<std::ptrdiff_t>(i)}, honest[i], i);
  }

  // Goes through the case as honest parties would, by every way there is, and breaks what each comes to.
  void walk() {
    script begun;
    if (case_.role != role::client && !case_.starts_with_greeting()) {
      observation greeting;
      greeting.what = observation::kind::reply;
      greeting.code = 220;
      greeting.octets = "220 host.example\r\n";
      begun.push_back(greeting);
    }
    const std::size_t checks = begun.size();
    walk({{&case_.steps, 0}}, std::move(begun), checks);
    EXPECT_GT(paths_, 0U);
    for (const auto& [number, expected] : expectations_)
      EXPECT_TRUE(broken_.contains(number) || !expected->judged) << expected->place << ": no honest party comes here";
  }

  [[nodiscard]] bool judged_was_broken() const {
    return std::any_of(broken_.begin(), broken_.end(),
                       [&](std::size_t number) { return expectations_.at(number)->judged; });
  }
  [[nodiscard]] std::size_t faults() const { return faults_; }

 private:
  // Where a reader of the case stands: lists of steps within each other, the innermost last.
  using place = std::vector<std::pair<const std::vector<step>*, std::size_t>>;

  outcome play_script(const script& what) const {
    const patience waits;
    script_peer party(what, waits);
    return play(case_, party, values_, waits);
  }

  void expect_good(const outcome& honest, bool skipped) const {
    const verdict good = case_.level == level::note ? verdict::note : verdict::pass;
    EXPECT_EQ(name(honest.result), name(skipped ? verdict::skipped : good)) << honest.reason;
  }

  [[nodiscard]] verdict verdict_of_fault(bool judged) const {
    if (!judged) return verdict::error;
    if (case_.level == level::must) return verdict::fail;
    return case_.level == level::should ? verdict::warn : verdict::note;
  }

  // so_far: of an honest party; checks: how many expectations it has come to.
  void break_one(const expectation& expected, const script& so_far, const observation& honest, std::size_t checks) {
    if (!done_.insert({expected.number, static_cast<int>(honest.what), honest.verb}).second) return;
    broken_.insert(expected.number);
    const auto ways = falsifications(expected, honest, side_of(case_.role));
    EXPECT_GE(ways.size(), 2U) << expected.place << " can hardly fail";
    for (const falsification& way : ways) {
      SCOPED_TRACE(expected.place + ": " + way.what + " instead of " + honest.text());
      script changed = so_far;
      changed.push_back(way.instead);
      const outcome played = play_script(changed);
      EXPECT_EQ(name(played.result), name(verdict_of_fault(expected.judged))) << played.reason;
      EXPECT_NE(played.reason.find("got " + way.instead.text()), std::string::npos) << played.reason;
      ASSERT_EQ(played.checks.size(), checks + 1) << played.reason;
      EXPECT_FALSE(played.checks.back().held);
      ++faults_;
    }
  }

  void walk(place where, script so_far, std::size_t checks) {
    bool skipped = false;
    while (!where.empty() && !skipped) {
      auto& [steps, at] = where.back();
      if (at == steps->size()) {
        where.pop_back();
        continue;
      }
      const step& now = (*steps)[at++];
      skipped = std::holds_alternative<skip>(now.what);
      if (const auto* either = std::get_if<branch>(&now.what)) {
        where.emplace_back(matches(either->patterns, so_far.back()) ? &either->then : &either->otherwise, 0U);
      } else if (const auto* expected = std::get_if<expectation>(&now.what)) {
        return walk_on(where, so_far, *expected, checks);
      } else if (const auto* answered = std::get_if<answering>(&now.what)) {
        observation passed;
        passed.what = observation::kind::line;
        passed.octets = passed.verb = "MAIL";
        so_far.push_back(passed);
        return walk_on(where, so_far, answered->until, checks);
      }
    }
    ASSERT_LT(++paths_, 2000U) << "too many paths";
    const outcome honest = play_script(so_far);
    expect_good(honest, skipped);
    EXPECT_EQ(honest.checks.size(), checks);
  }

  void walk_on(const place& where, const script& so_far, const expectation& expected, std::size_t checks) {
    const auto choices = satisfactions(expected, patterns_, side_of(case_.role));
    ASSERT_FALSE(choices.empty()) << expected.place << " cannot hold";
    for (const observation& each : choices) {
      if (expectations_.contains(expected.number)) break_one(expected, so_far, each, checks);
      if (patterns_.empty() && &each != &choices.front()) continue;
      script next = so_far;
      next.push_back(each);
      walk(where, std::move(next), checks + 1);
    }
  }

  const test_case& case_;
  environment values_;
  std::map<std::size_t, const expectation*> expectations_; // by number
  std::vector<std::vector<pattern>> patterns_;             // of the branches
  std::set<std::tuple<std::size_t, int, std::string>> done_;
  std::set<std::size_t> broken_;
  std::size_t paths_ = 0;
  std::size_t faults_ = 0;
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
      const patience waits;
      recorder party(wire, waits);
      const outcome honest = play(each, party, values, waits);
      const verdict good = each.level == level::note ? verdict::note : verdict::pass;
      EXPECT_EQ(name(honest.result), name(good)) << honest.reason;
      if (honest.result != good) continue;
      prover proof(each, values);
      proof.break_each(party.seen);
      if (proof.judged_was_broken()) judged.insert(each.id);
    }
  }
  EXPECT_GE(played.size(), 300U);
  EXPECT_EQ(played, judged) << "cases of which no judged expectation was come to";
}

TEST(every_case, can_fail_in_every_branch) {
  for (const auto& [tested, least] : {std::pair(side::server, 3000U), std::pair(side::client, 1000U)}) {
    std::size_t faults = 0;
    for (const test_case& each : project_cases(tested)) {
      SCOPED_TRACE(each.id);
      prover proof(each);
      proof.walk();
      EXPECT_GE(proof.faults(), 2U);
      faults += proof.faults();
    }
    EXPECT_GE(faults, least);
  }
}

} // namespace
