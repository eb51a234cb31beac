// The report on a terminal: a line for each case as it is played, grouped by section, then what was found, then a summary.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "case/case.hpp"
#include "play/outcome.hpp"
#include "run/run.hpp"
#include "run/sink.hpp"

namespace postel::conformance {

class terminal_report : public sink {
 public:
  struct style {
    bool colour = false;
    bool all_transcripts = false; // not only those of findings
  };
  // target: what is tried, safe on any terminal.
  terminal_report(std::FILE* out, const style& wanted, std::string target);

  void started(const std::vector<test_case>& cases) override;
  void played(const test_case& the_case, const outcome& result) override;
  // Nothing if no case was played.
  void finished(const run_result& result) override;

 private:
  void finding(const test_case& the_case, const outcome& result);
  void finding(const deviating_replies& found);
  [[nodiscard]] std::string coloured(verdict which, std::string_view text) const;

  std::FILE* out_;
  style style_;
  std::string target_;
  const std::vector<test_case>* cases_ = nullptr;
  std::size_t name_width_ = 0;
  std::string section_; // whose heading was printed last
};

// Whether out is a terminal that wants colours (https://no-color.org).
[[nodiscard]] bool wants_colour(std::FILE* out);

// What --list prints.
void list_cases(std::FILE* out, const std::vector<test_case>& cases);

} // namespace postel::conformance
