#include "report/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "play/transcript.hpp"

namespace postel::conformance {

namespace {

constexpr std::size_t page_width = 120;
constexpr std::size_t verdict_width = std::string_view("inconclusive").size();

// The first so many characters of UTF-8 text; three dots say that there are more.
std::string shortened(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  std::size_t keep = 0; // octets that leave room for the dots
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) continue;
    if (characters + 3 <= most) keep = at;
    if (++characters > most) return std::string(text.substr(0, keep)) + "...";
  }
  return std::string(text);
}

// Breaks text between words into lines of at most page_width with their indent.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > 0 && column + 1 + end > page_width - indent) {
      result += '\n';
      column = 0;
    }
    if (column == 0) {
      result.append(indent, ' ');
    } else {
      result += ' ';
      ++column;
    }
    result += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool is_finding(verdict which) {
  return which == verdict::fail || which == verdict::warn || which == verdict::error;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& each : parts) text += (text.empty() ? "" : ", ") + each;
  return text;
}

} // namespace

terminal_report::terminal_report(std::FILE* out, const style& wanted, std::string target)
    : out_(out), style_(wanted), target_(std::move(target)) {}

std::string terminal_report::coloured(verdict which, std::string_view text) const {
  // green, red, yellow, cyan, blue, dim, magenta
  static constexpr std::array<std::string_view, verdict_count> codes{"32", "1;31", "33", "36", "34", "2", "35"};
  if (!style_.colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(which)], text);
}

void terminal_report::started(const std::vector<test_case>& cases) {
  cases_ = &cases;
  for (const test_case& each : cases) name_width_ = std::max(name_width_, each.short_name().size());
  name_width_ = std::min<std::size_t>(name_width_, 34);
  fmt::print(out_, "postel: {} case{} against {}\n", cases.size(), cases.size() == 1 ? "" : "s", target_);
  std::fflush(out_);
}

void terminal_report::played(const test_case& the_case, const outcome& result) {
  if (const std::string& section = the_case.clauses.front(); section != section_) {
    fmt::print(out_, "\n{}\n", section);
    section_ = section;
  }
  const std::string_view text = result.reason.empty() ? std::string_view(the_case.requirement) : result.reason;
  const std::size_t left = 2 + verdict_width + 2 + name_width_ + 2;
  fmt::print(out_, "  {}  {:<{}}  {}\n",
             coloured(result.result, fmt::format("{:<{}}", name(result.result), verdict_width)), the_case.short_name(),
             name_width_, shortened(text, page_width - left));
  if (style_.all_transcripts && !is_finding(result.result))
    for (const std::string& each : result.transcript) fmt::print(out_, "            {}\n", each);
  std::fflush(out_);
}

void terminal_report::finding(const test_case& the_case, const outcome& result) {
  fmt::print(out_, "\n{}  {}  ({})\n", coloured(result.result, name(result.result)), the_case.id, name(the_case.level));
  fmt::print(out_, "{}\n", wrapped(the_case.requirement, 4));
  fmt::print(out_, "    {}\n", joined(the_case.clauses));
  fmt::print(out_, "{}\n", wrapped(result.reason, 4));
  for (const std::string& each : result.transcript) fmt::print(out_, "        {}\n", each);
}

void terminal_report::finding(const deviating_replies& found) {
  fmt::print(out_, "\n{}  reply text  ({})\n", coloured(verdict::warn, name(verdict::warn)), found.count);
  fmt::print(out_, "{}\n",
             wrapped("Replies, or lines of EHLO, are outside of the grammar. Clients have to take them all the same: "
                     "the code counts, "
                     "and what the text is changes no verdict.",
                     4));
  fmt::print(out_, "    RFC 5321 §4.2, RFC 5321 §4.1.1.1\n");
  for (const deviating_replies::example& each : found.examples) {
    fmt::print(out_, "    {}: {}\n", each.where, each.reply.deviation);
    transcript shown;
    observation reply = each.reply;
    reply.deviation.clear();
    shown.server(reply);
    for (const std::string& line : shown.lines()) fmt::print(out_, "        {}\n", line);
  }
}

void terminal_report::finished(const run_result& result) {
  if (result.outcomes.empty()) return;
  const bool any = std::any_of(result.outcomes.begin(), result.outcomes.end(),
                               [](const outcome& each) { return is_finding(each.result); });
  if (any || result.deviations.count != 0) fmt::print(out_, "\nFindings\n");
  for (std::size_t i = 0; i < result.outcomes.size(); ++i)
    if (is_finding(result.outcomes[i].result)) finding((*cases_)[i], result.outcomes[i]);
  if (result.deviations.count != 0) finding(result.deviations);

  const auto counted = [&](verdict which, std::string_view one, std::string_view many) {
    const std::size_t count = result.count(which);
    const std::string text = fmt::format("{} {}", count, count == 1 ? one : many);
    return count == 0 ? text : coloured(which, text);
  };
  fmt::print(out_, "\n{} of {} cases in {:.1f} s: {}, {}, {}, {}, {}, {}, {}\n", result.outcomes.size(), cases_->size(),
             static_cast<double>(result.took.count()) / 1000.0, counted(verdict::pass, "passed", "passed"),
             counted(verdict::fail, "failed", "failed"), counted(verdict::warn, "warning", "warnings"),
             counted(verdict::note, "note", "notes"), counted(verdict::inconclusive, "inconclusive", "inconclusive"),
             counted(verdict::skipped, "skipped", "skipped"),
             counted(verdict::error, "could not be tried", "could not be tried"));
  std::fflush(out_);
}

bool wants_colour(std::FILE* out) {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && (refused == nullptr || *refused == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

void list_cases(std::FILE* out, const std::vector<test_case>& cases) {
  std::size_t width = 0;
  for (const test_case& each : cases) width = std::max(width, each.id.size());
  for (const test_case& each : cases)
    fmt::print(out, "{:<{}}  {:<6}  {}\n", each.id, width, name(each.level), each.requirement);
}

} // namespace postel::conformance
