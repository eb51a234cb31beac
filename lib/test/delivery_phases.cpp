// The table of a delivery's phases.
#include "delivery_phases.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace {

using namespace postel::detail;

TEST(delivery_phases, has_one_row_for_a_step) {
  std::set<std::pair<delivery_phase, milestone>> seen;
  for (const phase_step& step : phase_steps) {
    EXPECT_TRUE(seen.emplace(step.from, step.reached).second);
    EXPECT_EQ(next_phase(step.from, step.reached), step.to);
  }
}

// Every phase is reached from the greeting, and leads to the end without the loss of the connection.
TEST(delivery_phases, lead_from_the_greeting_to_the_end) {
  std::set<delivery_phase> reached = {delivery_phase::greeting};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const phase_step& step : phase_steps)
      if (reached.contains(step.from)) reached.insert(step.to);
  }
  for (auto each = delivery_phase::greeting; each != delivery_phase::over;
       each = static_cast<delivery_phase>(static_cast<int>(each) + 1)) {
    EXPECT_TRUE(reached.contains(each)) << static_cast<int>(each);
    EXPECT_EQ(next_phase(each, milestone::gone), delivery_phase::over);
  }
}

TEST(delivery_phases, what_comes_too_late_changes_nothing) {
  for (const auto late : {milestone::finished, milestone::stopped, milestone::ready}) {
    EXPECT_EQ(next_phase(delivery_phase::quitting, late), delivery_phase::quitting);
    EXPECT_EQ(next_phase(delivery_phase::over, late), delivery_phase::over);
  }
}

} // namespace
