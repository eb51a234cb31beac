// Every case against the built-in server in memory, however its input is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cases.hpp"
#include "memory_transport.hpp"
#include "player.hpp"
#include "run.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::policy;

struct setting {
  policy rules;
  environment values = full_environment();

  setting() {
    memory_transport wire(rules);
    values.set_offered(probe(wire, {}).keywords);
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

TEST(built_in_server, passes_every_case) {
  const setting here;
  memory_target peer(here.rules);
  const auto all = project_cases();
  std::vector<test_case> cases;
  std::copy_if(all.begin(), all.end(), std::back_inserter(cases),
               [](const test_case& each) { return each.role == role::server; });
  std::map<std::string, std::string> skipped;
  const run_result result =
      run_cases(cases, peer, full_environment(), {}, [&](const test_case& the_case, const outcome& played) {
        const verdict good = the_case.level == level::note ? verdict::note : verdict::pass;
        if (played.result == verdict::skipped) {
          skipped.emplace(the_case.id, played.reason);
          return;
        }
        EXPECT_EQ(name(played.result), name(good)) << the_case.id << ": " << played.reason;
      });
  EXPECT_EQ(result.untestable, std::nullopt);
  EXPECT_EQ(result.outcomes.size(), cases.size());
  EXPECT_GE(cases.size() - skipped.size(), 40U);
  for (const auto& [id, reason] : skipped)
    EXPECT_TRUE(reason.starts_with("the target does not offer ")) << id << ": " << reason;
}

TEST(built_in_server, sees_the_same_however_the_input_is_cut) {
  const setting here;
  std::size_t runs = 0;
  for (const test_case& each : project_cases()) {
    if (each.role != role::server || here.values.missing(each)) continue;
    SCOPED_TRACE(each.id);
    std::size_t longest_write = 0;
    const outcome whole = here.play_cut(each, {}, &longest_write);
    const auto same = [&](const outcome& other) {
      ++runs;
      return other.result == whole.result && other.reason == whole.reason && seen(other) == seen(whole) &&
             other.transcript == whole.transcript;
    };
    EXPECT_TRUE(same(here.play_cut(each, {cut::kind::octets}))) << "octet by octet";
    for (const std::size_t at : places(longest_write))
      EXPECT_TRUE(same(here.play_cut(each, {cut::kind::at, at}))) << "cut at " << at;
  }
  EXPECT_GT(runs, 4000U);
}

} // namespace
