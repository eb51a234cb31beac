// The report on a terminal: a line for each case as it is played, grouped by section, then what was found, then a summary.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "case/case.hpp"
#include "play/outcome.hpp"
#include "run.hpp"

namespace postel::conformance {

class report {
 public:
  struct style {
    bool colour = false;
    bool all_transcripts = false; // not only those of findings
  };
  // cases: what will be played.
  report(std::FILE* out, const style& wanted, const std::vector<test_case>& cases);

  void heading(std::string_view target);
  void played(const test_case& the_case, const outcome& result);
  void finish(const run_result& result, std::chrono::milliseconds took);

 private:
  void finding(const test_case& the_case, const outcome& result);
  void finding(const deviating_replies& found);
  [[nodiscard]] std::string coloured(verdict which, std::string_view text) const;

  std::FILE* out_;
  style style_;
  const std::vector<test_case>& cases_;
  std::size_t name_width_ = 0;
  std::string section_; // whose heading was printed last
};

// Whether out is a terminal that wants colours (https://no-color.org).
[[nodiscard]] bool wants_colour(std::FILE* out);

// What --list prints.
void list_cases(std::FILE* out, const std::vector<test_case>& cases);

} // namespace postel::conformance
