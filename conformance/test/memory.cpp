// Every case against the built-in server in memory, however its input is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "cases.hpp"
#include "memory_transport.hpp"
#include "play/player.hpp"
#include "play/probe.hpp"
#include "run/run.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::policy;
using postel::service;

struct setting {
  policy rules;
  environment values;

  explicit setting(service protocol) : rules(built_in_policy(protocol)), values(full_environment(protocol)) {
    memory_transport wire(rules);
    probe(wire, {}, values).tell(values);
  }

  [[nodiscard]] outcome play_cut(const test_case& the_case, cut how, std::size_t* longest_write = nullptr) const {
    memory_transport wire(rules, how);
    outcome result = play(the_case, wire, values, {});
    if (longest_write != nullptr) *longest_write = wire.longest_write();
    return result;
  }
};

std::vector<std::string> seen(const outcome& result) {
  std::vector<std::string> all;
  for (const checked& each : result.checks) all.push_back(each.seen);
  return all;
}

// Every place to cut a write of so many octets; of a very long one its ends and places spread between them.
std::set<std::size_t> places(std::size_t longest_write) {
  std::set<std::size_t> all;
  const std::size_t near = 600;
  for (std::size_t at = 1; at < longest_write; ++at) {
    if (at > near && at + near < longest_write && at % 997 != 0) continue;
    all.insert(at);
  }
  return all;
}

// What the built-in server does not offer: VRFY as a keyword, CRAM-MD5, AUTH in clear.
const std::set<std::string> not_offered{"rfc5321/4.2.4/listed-vrfy-works", "rfc4954/4/initial-response-out-of-turn",
                                        "rfc3207/4.2/authentication-forgotten"};

TEST(built_in_server, passes_every_case) {
  const auto all = project_cases();
  std::set<std::string> played;
  for (const service protocol : services) {
    const setting here(protocol);
    memory_target peer(here.rules);
    std::vector<test_case> cases;
    std::copy_if(all.begin(), all.end(), std::back_inserter(cases),
                 [&](const test_case& each) { return here.values.suits(each); });
    const run_result result = run_cases(cases, peer, full_environment(protocol), {});
    EXPECT_EQ(result.untestable, std::nullopt);
    ASSERT_EQ(result.outcomes.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const outcome& one = result.outcomes[i];
      if (one.result == verdict::skipped) {
        EXPECT_TRUE(one.reason.starts_with("the target does not offer ") ||
                    one.reason.starts_with("the target takes mail after AUTH only"))
            << cases[i].id << ": " << one.reason;
        continue;
      }
      played.insert(cases[i].id);
      const verdict good = cases[i].level == level::note ? verdict::note : verdict::pass;
      EXPECT_EQ(name(one.result), name(good)) << cases[i].id << ": " << one.reason;
    }
  }
  for (const test_case& each : all)
    EXPECT_TRUE(each.role == role::client || not_offered.contains(each.id) || played.contains(each.id))
        << each.id << " is played to none of the built-in servers";
}

// A TLS record layer of its own, so to say: the whole suite behind STARTTLS.
TEST(built_in_server, passes_every_case_in_tls) {
  const policy rules = built_in_policy();
  memory_target peer(rules);
  environment values = full_environment();
  values.set_always_tls();
  std::vector<test_case> cases = project_cases();
  std::erase_if(cases, [&](const test_case& each) { return !values.suits(each); });
  const run_result result = run_cases(cases, peer, values, {});
  EXPECT_EQ(result.untestable, std::nullopt);
  ASSERT_EQ(result.outcomes.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const outcome& one = result.outcomes[i];
    const verdict good = cases[i].level == level::note ? verdict::note : verdict::pass;
    EXPECT_TRUE(one.result == verdict::skipped || one.result == good)
        << cases[i].id << ": " << name(one.result) << ", " << one.reason;
  }
  EXPECT_GE(result.count(verdict::pass), 250U);
}

// A server of ours whose replies have text that no grammar has: all verdicts are the same, but for the cases that are about text.
class other_text : public transport {
 public:
  other_text(std::unique_ptr<transport> inner, std::string text) : inner_(std::move(inner)), text_(std::move(text)) {}

  sent send(std::string_view octets, milliseconds within) override { return inner_->send(octets, within); }
  received receive(std::string& inbox, milliseconds within) override {
    const received how = inner_->receive(held_, within);
    for (std::size_t end = held_.find('\n'); end != std::string::npos; end = held_.find('\n')) {
      std::string line = held_.substr(0, end + 1);
      held_.erase(0, end + 1);
      const bool continued = line.size() > 3 && line[3] == '-';
      // Parameters of offers and challenges are no text.
      const bool first = !std::exchange(within_reply_, continued);
      if (!line.starts_with("334") && (first || !line.starts_with("250"))) line.insert(line.size() - 2, text_);
      inbox += line;
    }
    return how;
  }
  std::optional<std::string> start_tls(milliseconds within) override { return inner_->start_tls(within); }

 private:
  std::unique_ptr<transport> inner_;
  std::string text_, held_;
  bool within_reply_ = false;
};

class target_with_other_text : public target {
 public:
  target_with_other_text(const policy& rules, std::string text) : inner_(rules), text_(std::move(text)) {}
  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) override {
    auto made = inner_.connect(within);
    if (auto* wire = std::get_if<std::unique_ptr<transport>>(&made))
      return std::make_unique<other_text>(std::move(*wire), text_);
    return made;
  }

 private:
  memory_target inner_;
  std::string text_;
};

// A server of ours that answers late.
class late : public transport {
 public:
  late(std::unique_ptr<transport> inner, milliseconds delay) : inner_(std::move(inner)), delay_(delay) {}

  sent send(std::string_view octets, milliseconds within) override {
    ready_ = clock::now() + delay_;
    return inner_->send(octets, within);
  }
  received receive(std::string& inbox, milliseconds within) override {
    const bool in_time = ready_ <= clock::now() + within;
    std::this_thread::sleep_until(in_time ? ready_ : clock::now() + within);
    return in_time ? inner_->receive(inbox, within) : received::nothing;
  }
  std::optional<std::string> start_tls(milliseconds within) override { return inner_->start_tls(within); }

 private:
  using clock = std::chrono::steady_clock;
  std::unique_ptr<transport> inner_;
  milliseconds delay_;
  clock::time_point ready_ = clock::now();
};

class late_target : public target {
 public:
  late_target(const policy& rules, milliseconds delay) : inner_(rules), delay_(delay) {}
  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds within) override {
    auto made = inner_.connect(within);
    if (auto* wire = std::get_if<std::unique_ptr<transport>>(&made))
      return std::make_unique<late>(std::move(*wire), delay_);
    return made;
  }

 private:
  memory_target inner_;
  milliseconds delay_;
};

// An answer that comes after the quiet time is no silence, unless the user says how long that is.
TEST(run_cases, who_answers_late_is_not_silent) {
  const auto cases = cases_of("== rfc5321/1/x MUST both\n x\nC: NOOP\nS: silence\n");
  const policy rules = built_in_policy();
  for (const bool measured : {false, true}) {
    late_target peer(rules, milliseconds(200));
    const patience waits{.reply = milliseconds(5000), .quiet = milliseconds(20), .at_least_quiet = measured};
    const run_result result = run_cases(cases, peer, full_environment(), waits);
    ASSERT_EQ(result.outcomes.size(), 1U) << result.untestable.value_or("");
    EXPECT_EQ(name(result.outcomes[0].result), name(measured ? verdict::fail : verdict::pass))
        << result.outcomes[0].reason;
  }
}

TEST(built_in_server, has_the_same_verdicts_whatever_its_text) {
  const std::set<std::string> about_text{"rfc5321/4.2/greeting-grammar", "rfc5321/4.2/reply-to-a-strange-command",
                                         "rfc5321/4.1.1.1/ehlo-response-grammar", "rfc6531/3.7.4.2/replies-in-ascii"};
  std::vector<test_case> cases = project_cases();
  const environment values = full_environment();
  std::erase_if(cases, [&](const test_case& each) { return !values.suits(each); });
  const policy rules = built_in_policy();
  const auto run = [&](target& peer) { return run_cases(cases, peer, values, {}); };
  memory_target plain(rules);
  const run_result expected = run(plain);
  EXPECT_EQ(expected.deviations.count, 0U);
  for (const std::string text : {" espa\xC3\xB1ol", " espa\xF1ol", " \x07\x1B[2J\x7F", " a\rb\r"}) {
    target_with_other_text peer(rules, text);
    const run_result result = run(peer);
    EXPECT_EQ(result.untestable, std::nullopt);
    ASSERT_EQ(result.outcomes.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (about_text.contains(cases[i].id)) continue;
      EXPECT_EQ(name(result.outcomes[i].result), name(expected.outcomes[i].result))
          << cases[i].id << ": " << result.outcomes[i].reason;
    }
    EXPECT_GT(result.deviations.count, 500U);
    EXPECT_FALSE(result.deviations.examples.empty());
    EXPECT_LE(result.deviations.examples.size(), 8U);
  }
}

// The cases in which octets stand behind STARTTLS: whether they are there already when it is answered depends on the cut, and so does
// whether they are refused in clear or dropped (RFC 3207 4.2). The verdict does not.
bool sends_behind_starttls(const test_case& the_case) {
  return the_case.document() == "rfc3207" && the_case.short_name().starts_with("injected-");
}

TEST(built_in_server, sees_the_same_however_the_input_is_cut) {
  std::size_t runs = 0;
  for (const service protocol : services) {
    const setting here(protocol);
    for (const test_case& each : project_cases()) {
      if (!here.values.suits(each) || here.values.missing(each)) continue;
      if (protocol == service::submission && each.role != role::submission) continue;
      if (protocol == service::lmtp && each.role != role::lmtp) continue;
      SCOPED_TRACE(each.id);
      std::size_t longest_write = 0;
      const outcome whole = here.play_cut(each, {}, &longest_write);
      const auto same = [&](const outcome& other) {
        ++runs;
        if (other.result != whole.result || other.reason != whole.reason) return false;
        return sends_behind_starttls(each) || (seen(other) == seen(whole) && other.transcript == whole.transcript);
      };
      EXPECT_TRUE(same(here.play_cut(each, {cut::kind::octets}))) << "octet by octet";
      for (const std::size_t at : places(longest_write))
        EXPECT_TRUE(same(here.play_cut(each, {cut::kind::at, at}))) << "cut at " << at;
    }
  }
  EXPECT_GT(runs, 4000U);
}

} // namespace
