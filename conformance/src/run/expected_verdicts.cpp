#include "run/expected_verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "case/files.hpp"
#include "case/grammar.hpp"
#include "text/text_file.hpp"

namespace postel::conformance {

namespace grammar {

struct verdict_name : peg::plus<id_octet> {};
struct listed_id : peg::plus<peg::sor<id_octet, peg::one<'/', '*'>>> {};
struct reason : prose {};
struct separator : peg::plus<white> {};
struct expected_line : peg::seq<listed_id, separator, verdict_name, separator, reason, line_end> {};
struct expected_file : peg::seq<gap, peg::star<expected_line, gap>, end_of_file> {};

} // namespace grammar

template <>
inline constexpr std::string_view reader_name<grammar::verdict_name> =
    "pass, fail, warn, note, inconclusive, skipped or error";
template <>
inline constexpr std::string_view reader_name<grammar::listed_id> =
    "the id of a case, or a glob that matches some, each once";
template <>
inline constexpr std::string_view reader_name<grammar::reason> = "the reason";
template <>
inline constexpr std::string_view reader_name<grammar::separator> = "a space";

namespace {

class expectation_file : public furthest_failure {
 public:
  expectation_file(std::string_view content, const std::vector<test_case>& cases)
      : furthest_failure(content), all(cases) {}

  const std::vector<test_case>& all;
  expected_verdicts verdicts;
  std::string id;
  verdict result = verdict::error;
};

template <typename Rule>
struct expected_action : grammar::peg::nothing<Rule> {};

template <>
struct expected_action<grammar::listed_id> {
  // An id that is no case's, or stands twice, is refused where it stands.
  template <typename Input>
  static bool apply(const Input& in, expectation_file& state) {
    state.id = in.string();
    return !state.verdicts.contains(state.id) &&
           std::any_of(state.all.begin(), state.all.end(),
                       [&](const test_case& each) { return selected(each.id, {state.id}); });
  }
};
template <>
struct expected_action<grammar::verdict_name> {
  template <typename Input>
  static bool apply(const Input& in, expectation_file& state) {
    for (std::size_t i = 0; i < verdict_count; ++i) {
      state.result = static_cast<verdict>(i);
      if (name(state.result) == in.string_view()) return true;
    }
    return false;
  }
};
template <>
struct expected_action<grammar::reason> {
  template <typename Input>
  static void apply(const Input& in, expectation_file& state) {
    state.verdicts.emplace(state.id, expected_verdict{state.result, in.string()});
  }
};

} // namespace

std::variant<expected_verdicts, diagnostic> parse_expected_verdicts(std::string_view file, std::string_view content,
                                                                    const std::vector<test_case>& all) {
  namespace peg = grammar::peg;
  peg::memory_input<peg::tracking_mode::lazy, peg::eol::lf, const char*> in(content.data(),
                                                                            content.data() + content.size(), "");
  expectation_file state(content, all);
  if (peg::parse<grammar::expected_file, expected_action, noting_failures>(in, state)) return std::move(state.verdicts);
  return diagnose(file, content, state.offset(), state.message());
}

std::variant<expected_verdicts, std::string> read_expected_verdicts(const std::vector<std::string>& files,
                                                                    const std::vector<test_case>& all) {
  expected_verdicts merged;
  for (const std::string& file : files) {
    const auto content = read_text_file(file);
    if (const auto* error = std::get_if<file_error>(&content)) return error->sentence;
    auto parsed = parse_expected_verdicts(file, std::get<std::string>(content), all);
    if (const auto* wrong = std::get_if<diagnostic>(&parsed)) return wrong->text();
    auto& later = std::get<expected_verdicts>(parsed);
    later.merge(merged); // takes over what it does not have
    merged = std::move(later);
  }
  return merged;
}

std::optional<std::string> difference(const expected_verdicts& expected, const test_case& the_case,
                                      const outcome& played) {
  auto known = expected.find(the_case.id);
  if (known == expected.end())
    known = std::find_if(expected.begin(), expected.end(),
                         [&](const auto& each) { return selected(the_case.id, {each.first}); });
  const verdict wanted = known == expected.end() ? verdict::pass : known->second.result;
  if (wanted == played.result) return std::nullopt;
  std::string text = fmt::format("{}: expected {}", the_case.id, name(wanted));
  if (known != expected.end()) text += fmt::format(" ({})", known->second.reason);
  text += fmt::format(", was {}", name(played.result));
  if (!played.reason.empty()) text += fmt::format(" ({})", played.reason);
  return text;
}

} // namespace postel::conformance
