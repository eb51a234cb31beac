#include "run/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "play/player.hpp"
#include "play/preflight.hpp"
#include "play/probe.hpp"

namespace postel::conformance {

namespace {

outcome play_once(const test_case& the_case, target& peer, const environment& values, const patience& waits) {
  outcome result;
  if (auto missing = values.missing(the_case)) {
    result.result = verdict::skipped;
    result.reason = *std::move(missing);
    return result;
  }
  auto wire = peer.connect(waits.reply);
  if (const auto* refused = std::get_if<target::refusal>(&wire)) {
    result.reason = fmt::format("no connection: {}", refused->why);
    result.unanswered = true;
    return result;
  }
  return play(the_case, *std::get<std::unique_ptr<transport>>(wire), values, waits);
}

probed probe_target(target& peer, const patience& waits, const environment& values) {
  auto wire = peer.connect(waits.reply);
  if (const auto* refused = std::get_if<target::refusal>(&wire)) {
    probed result;
    result.untestable = refused->why;
    return result;
  }
  probed result = probe(*std::get<std::unique_ptr<transport>>(wire), waits, values);
  if (result.silent) *result.untestable += advice_on_silence(peer, values, waits);
  return result;
}

} // namespace

bool run_result::any_verdict() const {
  return count(verdict::skipped) + count(verdict::inconclusive) + count(verdict::error) < outcomes.size();
}

void deviating_replies::add(std::string_view where, const std::vector<observation>& replies) {
  constexpr std::size_t most = 8;
  for (const observation& each : replies) {
    ++count;
    const bool known = std::any_of(examples.begin(), examples.end(),
                                   [&](const example& one) { return one.reply.octets == each.octets; });
    if (!known && examples.size() < most) examples.push_back({std::string(where), each});
  }
}

namespace {

// The result as it grows, and who is told of it.
class running {
 public:
  running(const std::vector<test_case>& cases, sinks told) : told_(told) {
    for (sink* const each : told_) each->started(cases);
  }

  void add(const test_case& the_case, outcome played) {
    ++result.counts[static_cast<std::size_t>(played.result)];
    for (sink* const each : told_) each->played(the_case, played);
    result.deviations.add(the_case.id, played.deviations);
    result.outcomes.push_back(std::move(played));
  }
  run_result end() {
    result.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
    for (sink* const each : told_) each->finished(result);
    return std::move(result);
  }
  run_result end_early(std::string why) {
    result.untestable = std::move(why);
    return end();
  }

  run_result result;

 private:
  sinks told_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace

run_result run_cases(const std::vector<test_case>& cases, target& peer, environment values, const patience& waits,
                     sinks told) {
  running run(cases, told);
  const probed first = probe_target(peer, waits, values);
  if (first.untestable) return run.end_early(*first.untestable);
  first.tell(values);
  run.result.deviations.add("probe", first.deviations);
  // Who answers late must not pass for one who says nothing.
  patience measured = waits;
  if (waits.at_least_quiet) measured.quiet = std::max(waits.quiet, std::min(4 * first.latency, waits.reply));
  if (auto why = refused_beforehand(cases, peer, values, waits)) return run.end_early(*std::move(why));

  for (const test_case& each : cases) {
    outcome played = play_once(each, peer, values, measured);
    std::optional<std::string> away;
    if (played.away != outcome::turned_away::no) {
      away = turned_away(peer, values, waits);
      if (away) {
        // It is not this case that the target answered.
        played.result = verdict::error;
        played.reason = *away;
      } else if (played.away == outcome::turned_away::at_once) {
        played = play_once(each, peer, values, measured);
      }
    }
    if (played.starttls_offered) values.set_starttls_offered();
    const bool unanswered = played.unanswered;
    run.add(each, std::move(played));
    if (away) return run.end_early(*std::move(away));
    // A target that has gone away would cost each further case its whole time and tell nothing.
    if (!unanswered) continue;
    if (const probed again = probe_target(peer, waits, values); again.untestable)
      return run.end_early(fmt::format("it no longer answers: {}", *again.untestable));
  }
  return run.end();
}

run_result run_cases(const std::vector<test_case>& cases, tested_client& client, const patience& waits, sinks told) {
  running run(cases, told);
  for (const test_case& each : cases) {
    outcome played;
    if (auto missing = client.missing(each)) {
      played.result = verdict::skipped;
      played.reason = *std::move(missing);
    } else {
      played = play(each, client, waits);
    }
    run.add(each, std::move(played));
  }
  return run.end();
}

} // namespace postel::conformance
