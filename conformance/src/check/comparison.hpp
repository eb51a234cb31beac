// The verdicts of a run beside those that were expected of a known server or client, and what the run comes to.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "run/expected_verdicts.hpp"
#include "run/run.hpp"
#include "run/sink.hpp"

namespace postel::conformance {

class comparison : public sink {
 public:
  // With what these files expect; without any, nothing is compared. Or the first error in them, to be shown.
  //   all: the cases there are.
  [[nodiscard]] static std::variant<comparison, std::string> with(std::vector<std::string> files,
                                                                  const std::vector<test_case>& all);

  void played(const test_case& the_case, const outcome& result) override;
  // Prints what differs. Returns the exit status of the run.
  //   shown: what was tried.
  [[nodiscard]] int conclude(const run_result& result, std::string_view shown) const;

 private:
  comparison(std::vector<std::string> files, expected_verdicts expected);

  std::vector<std::string> files_;
  expected_verdicts expected_;
  std::vector<std::string> differences_;
};

} // namespace postel::conformance
