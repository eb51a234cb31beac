// The expectation file of a known server or client: a line for each case whose verdict is not "pass".
//   rfc5321/4.1.1.2/space-after-colon warn accepts the space (RFC 5321 §3.3)
//   rfc2852/* skipped no DELIVERBY (RFC 2852 §3)
// A line of a case's own counts before one with a glob.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "case/case.hpp"
#include "play/outcome.hpp"
#include "text/diagnostic.hpp"

namespace postel::conformance {

struct expected_verdict {
  verdict result;
  std::string reason;
};
// By id or glob.
using expected_verdicts = std::map<std::string, expected_verdict, std::less<>>;

// all: the cases there are, in any order; an id that is none of theirs, or a glob that matches none, is an error.
[[nodiscard]] std::variant<expected_verdicts, diagnostic> parse_expected_verdicts(std::string_view file,
                                                                                  std::string_view content,
                                                                                  const std::vector<test_case>& all);

// Those of several files: a line takes the place of one in an earlier file that has the same id or glob. Or the first error, to be shown.
[[nodiscard]] std::variant<expected_verdicts, std::string> read_expected_verdicts(const std::vector<std::string>& files,
                                                                                  const std::vector<test_case>& all);

// In words, how the verdict differs from what was expected of that case; nothing if it does not.
[[nodiscard]] std::optional<std::string> difference(const expected_verdicts& expected, const test_case& the_case,
                                                    const outcome& played);

} // namespace postel::conformance
