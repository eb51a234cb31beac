#include "run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "play/player.hpp"
#include "play/probe.hpp"
#include "preflight.hpp"

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
  return count(verdict::skipped) + count(verdict::error) < outcomes.size();
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

run_result run_cases(const std::vector<test_case>& cases, target& peer, environment values, const patience& waits,
                     const std::function<void(const test_case&, const outcome&)>& report) {
  run_result result;
  const probed told = probe_target(peer, waits, values);
  if (told.untestable) {
    result.untestable = told.untestable;
    return result;
  }
  told.tell(values);
  result.deviations.add("probe", told.deviations);
  if (auto why = refused_beforehand(cases, peer, values, waits)) {
    result.untestable = std::move(why);
    return result;
  }

  for (const test_case& each : cases) {
    outcome played = play_once(each, peer, values, waits);
    if (played.away != outcome::turned_away::no) {
      result.untestable = turned_away(peer, values, waits);
      if (result.untestable) {
        // It is not this case that the target answered.
        played.result = verdict::error;
        played.reason = *result.untestable;
      } else if (played.away == outcome::turned_away::at_once) {
        played = play_once(each, peer, values, waits);
      }
    }
    if (played.starttls_offered) values.set_starttls_offered();
    ++result.counts[static_cast<std::size_t>(played.result)];
    report(each, played);
    result.deviations.add(each.id, played.deviations);
    const bool unanswered = played.unanswered;
    result.outcomes.push_back(std::move(played));
    if (result.untestable) return result;
    // A target that has gone away would cost each further case its whole time and tell nothing.
    if (unanswered) {
      if (const probed again = probe_target(peer, waits, values); again.untestable) {
        result.untestable = fmt::format("it no longer answers: {}", *again.untestable);
        return result;
      }
    }
  }
  return result;
}

} // namespace postel::conformance
