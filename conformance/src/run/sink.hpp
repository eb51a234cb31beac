// Who is told of a run while it goes on.
#pragma once

#include <span>
#include <vector>

#include "case/case.hpp"
#include "play/outcome.hpp"

namespace postel::conformance {

struct run_result;

// A report, or whoever else wants to know. A run tells started() once, played() of each case as it is done, finished() once.
class sink {
 public:
  sink() = default;
  sink(const sink&) = default;
  sink(sink&&) = default;
  sink& operator=(const sink&) = default;
  sink& operator=(sink&&) = default;
  virtual ~sink() = default;

  // cases: what will be played, in order. They live until finished() has returned.
  virtual void started(const std::vector<test_case>& cases) { (void)cases; }
  virtual void played(const test_case& the_case, const outcome& result) = 0;
  // All is played, or what result.untestable says has ended the run early.
  virtual void finished(const run_result& result) { (void)result; }
};

// Those who are told, in this order.
using sinks = std::span<sink* const>;

} // namespace postel::conformance
