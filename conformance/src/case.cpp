#include "case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <postel/address.hpp>

#include "case_grammar.hpp"
#include "escape.hpp"

namespace postel::conformance {

std::string_view name(level value) noexcept {
  switch (value) {
    case level::must: return "MUST";
    case level::should: return "SHOULD";
    case level::may: return "MAY";
    case level::note: break;
  }
  return "NOTE";
}

bool matches(std::string_view pattern, unsigned code) noexcept {
  const std::array<char, 3> digits{static_cast<char>('0' + code / 100), static_cast<char>('0' + code / 10 % 10),
                                   static_cast<char>('0' + code % 10)};
  return std::equal(pattern.begin(), pattern.end(), digits.begin(), digits.end(),
                    [](char wanted, char digit) { return wanted == digit || (wanted >= 'x' && wanted <= 'z'); });
}

std::string_view test_case::document() const noexcept {
  return std::string_view(id).substr(0, id.find('/'));
}
std::string_view test_case::section() const noexcept {
  const std::size_t start = id.find('/') + 1;
  return std::string_view(id).substr(start, id.rfind('/') - start);
}
std::string_view test_case::short_name() const noexcept {
  return std::string_view(id).substr(id.rfind('/') + 1);
}

bool say::has(variable which) const noexcept {
  const auto is = [which](const auto& item) {
    const auto* named = std::get_if<variable>(&item);
    return named != nullptr && *named == which;
  };
  return std::any_of(text.begin(), text.end(), [&](const text_item& item) {
    const auto* inner = std::get_if<encoded>(&item);
    return is(item) || (inner != nullptr && std::any_of(inner->items.begin(), inner->items.end(), is));
  });
}

namespace {

bool any_says(const std::vector<step>& steps, variable which) {
  return std::any_of(steps.begin(), steps.end(), [which](const step& each) {
    if (const auto* either = std::get_if<branch>(&each.what))
      return any_says(either->then, which) || any_says(either->otherwise, which);
    const auto* said = std::get_if<say>(&each.what);
    return said != nullptr && said->has(which);
  });
}

} // namespace

bool test_case::says(variable which) const noexcept {
  return any_says(steps, which);
}

bool test_case::uses_credentials() const noexcept {
  return says(variable::user) || says(variable::password);
}

bool test_case::starts_with_greeting() const noexcept {
  return std::holds_alternative<expectation>(steps.front().what);
}

bool test_case::starts_with_hello() const noexcept {
  const auto* said = std::get_if<say>(&steps.front().what);
  if (said == nullptr || said->text.empty()) return false;
  if (const auto* which = std::get_if<variable>(&said->text.front())) return *which == variable::hello;
  const auto* text = std::get_if<std::string>(&said->text.front());
  return text != nullptr && (text->starts_with("EHLO ") || text->starts_with("LHLO "));
}

bool offers(std::string_view line, std::string_view wanted) noexcept {
  const auto word = [](std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view first = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return first;
  };
  if (!equal_ignoring_case(word(line), word(wanted))) return false;
  while (!wanted.empty()) {
    const std::string_view parameter = word(wanted);
    bool found = false;
    for (std::string_view rest = line; !rest.empty() && !found;) {
      const std::string_view each = word(rest);
      found = equal_ignoring_case(each, parameter) ||
              equal_ignoring_case(each.substr(0, std::min(each.find('='), each.size())), parameter);
    }
    if (!found) return false;
  }
  return true;
}

std::string clause_of(const test_case& the_case) {
  const std::string_view document = the_case.document();
  if (document.starts_with("rfc")) return fmt::format("RFC {} §{}", document.substr(3), the_case.section());
  return fmt::format("{} §{}", document, the_case.section());
}

namespace {

bool has_judged(const std::vector<step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const step& each) {
    if (const auto* expected = std::get_if<expectation>(&each.what)) return expected->judged;
    const auto* either = std::get_if<branch>(&each.what);
    return either != nullptr && (has_judged(either->then) || has_judged(either->otherwise));
  });
}

struct fault {
  std::size_t offset;
  std::string message;
};

// Everything the actions fill. A step's values are collected aside until its line is complete.
class case_file : public furthest_failure {
 public:
  case_file(std::string_view file, std::string_view content) : furthest_failure(content), file_(file) {}

  std::vector<test_case> cases;
  std::optional<fault> wrong; // what the grammar cannot say

  test_case& current() { return cases.back(); }

  void start_case(std::size_t line, std::size_t offset) {
    finish_case();
    cases.emplace_back();
    current().file = file_;
    current().line = line;
    offset_ = offset;
    blocks_.assign(1, &current().steps);
  }
  void finish_case() {
    if (!cases.empty() && !wrong && !has_judged(current().steps))
      wrong = fault{offset_, "expected a case with a judged expectation (S:)"};
  }

  conformance::say said;
  bool raw = false;
  std::vector<alternative> alternatives;
  std::vector<condition> conditions;
  std::string expected_text;
  bool judged = false;
  bool in_base64 = false;

  void append_octets(std::string_view octets) {
    if (in_base64) {
      std::get<encoded>(said.text.back()).items.emplace_back(std::string(octets));
      return;
    }
    if (said.text.empty() || !std::holds_alternative<std::string>(said.text.back()))
      said.text.emplace_back(std::string());
    std::get<std::string>(said.text.back()) += octets;
  }
  void append_variable(variable which) {
    if (in_base64)
      std::get<encoded>(said.text.back()).items.emplace_back(which);
    else
      said.text.emplace_back(which);
  }
  void start_base64() {
    said.text.emplace_back(encoded());
    in_base64 = true;
  }
  void start_say(bool is_raw) {
    said = {};
    in_base64 = false;
    raw = is_raw;
  }
  void end_say() {
    if (!raw) append_octets("\r\n");
    blocks_.back()->push_back({std::move(said)});
  }
  void start_alternatives() {
    alternatives.clear();
    conditions.clear();
  }
  void end_expect(std::size_t line) {
    blocks_.back()->push_back({expectation{judged, false, alternatives, conditions, expected_text, line}});
  }
  void end_handshake(std::size_t line) {
    blocks_.back()->push_back({expectation{judged, true, {{alternative::kind::tls, {}}}, {}, "TLS", line}});
  }
  void start_branch() {
    blocks_.back()->push_back({branch{alternatives, {}, {}}});
    blocks_.push_back(&std::get<branch>(blocks_.back()->back().what).then);
  }
  void start_otherwise() {
    blocks_.pop_back();
    blocks_.push_back(&std::get<branch>(blocks_.back()->back().what).otherwise);
  }
  void end_branch() { blocks_.pop_back(); }

 private:
  std::string_view file_;
  std::size_t offset_ = 0;
  std::vector<std::vector<step>*> blocks_; // the open lists of steps, innermost last
};

bool number_within(std::string_view digits, std::size_t most, std::size_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && value >= 1 && value <= most;
}

template <typename Rule>
struct action : grammar::peg::nothing<Rule> {};

// Whether the digits are a number in range; being an action that may refuse, it makes the rule fail in its place.
template <std::size_t Most>
struct bounded {
  template <typename Input>
  static bool apply(const Input& in, case_file&) {
    std::size_t value = 0;
    return number_within(in.string_view(), Most, value);
  }
};
template <>
struct action<grammar::count> : bounded<10'000'000> {};

template <>
struct action<grammar::header_mark> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.start_case(in.position().line, in.position().byte);
  }
};
template <>
struct action<grammar::id> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.current().id = in.string();
    state.current().clauses.assign(1, clause_of(state.current()));
  }
};

template <level Value>
struct level_is {
  static void apply0(case_file& state) { state.current().level = Value; }
};
template <>
struct action<grammar::level_must> : level_is<level::must> {};
template <>
struct action<grammar::level_should> : level_is<level::should> {};
template <>
struct action<grammar::level_may> : level_is<level::may> {};
template <>
struct action<grammar::level_note> : level_is<level::note> {};

template <role Value>
struct role_is {
  static void apply0(case_file& state) { state.current().role = Value; }
};
template <>
struct action<grammar::role_server> : role_is<role::server> {};
template <>
struct action<grammar::role_submission> : role_is<role::submission> {};
template <>
struct action<grammar::role_lmtp> : role_is<role::lmtp> {};
template <>
struct action<grammar::role_both> : role_is<role::both> {};
template <>
struct action<grammar::role_client> : role_is<role::client> {};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

template <>
struct action<grammar::requirement_line> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    std::string& requirement = state.current().requirement;
    if (!requirement.empty()) requirement += ' ';
    requirement += trimmed(in.string_view());
  }
};
template <>
struct action<grammar::clause_text> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.current().clauses.emplace_back(trimmed(in.string_view()));
  }
};
template <>
struct action<grammar::required_keyword> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.current().requirements.push_back(in.string());
  }
};

template <>
struct action<grammar::line_mark> {
  static void apply0(case_file& state) { state.start_say(false); }
};
template <>
struct action<grammar::raw_mark> {
  static void apply0(case_file& state) { state.start_say(true); }
};
template <>
struct action<grammar::write_size> {
  template <typename Input>
  static bool apply(const Input& in, case_file& state) {
    return number_within(in.string_view(), 65'536, state.said.write_size);
  }
};
template <>
struct action<grammar::literal> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.append_octets(unescape(in.string_view()).octets);
  }
};
template <>
struct action<grammar::variable> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    static constexpr std::array<std::string_view, variable_count> names{
        "{client}",  "{sender}", "{rcpt}",  "{rcpt_local}", "{rcpt_domain}", "{unknown}",
        "{foreign}", "{size}",   "{hello}", "{user}",       "{password}",    "{hold_for}"};
    const auto found = std::find(names.begin(), names.end(), in.string_view());
    state.append_variable(static_cast<variable>(found - names.begin()));
  }
};
template <>
struct action<grammar::encoded_start> {
  static void apply0(case_file& state) { state.start_base64(); }
};
template <>
struct action<grammar::encoded_end> {
  static void apply0(case_file& state) { state.in_base64 = false; }
};
template <>
struct action<grammar::repetition> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    const std::string_view braced = in.string_view();
    const std::size_t star = braced.rfind('*');
    std::size_t times = 0;
    number_within(braced.substr(star + 1, braced.size() - star - 2), 10'000'000, times);
    state.said.text.emplace_back(
        repetition{unescape(braced.substr(1, star - 1)).octets, static_cast<std::uint32_t>(times)});
  }
};
template <>
struct action<grammar::text_end> {
  static void apply0(case_file& state) { state.end_say(); }
};

template <>
struct action<grammar::assumed_mark> {
  static void apply0(case_file& state) {
    state.judged = false;
    state.start_alternatives();
  }
};
template <>
struct action<grammar::judged_mark> {
  static void apply0(case_file& state) {
    state.judged = true;
    state.start_alternatives();
  }
};
template <>
struct action<grammar::code_pattern> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.alternatives.push_back({alternative::kind::code, in.string()});
  }
};
template <alternative::kind Kind>
struct alternative_is {
  static void apply0(case_file& state) { state.alternatives.push_back({Kind, {}}); }
};
template <>
struct action<grammar::any_reply> : alternative_is<alternative::kind::any> {};
template <>
struct action<grammar::closed> : alternative_is<alternative::kind::closed> {};
template <>
struct action<grammar::silence> : alternative_is<alternative::kind::silence> {};

template <condition::kind Kind>
struct condition_is {
  static void apply0(case_file& state) { state.conditions.push_back({Kind, {}}); }
};
template <>
struct action<grammar::as_greeting> : condition_is<condition::kind::greeting> {};
template <>
struct action<grammar::as_reply_line> : condition_is<condition::kind::reply_line> {};
template <>
struct action<grammar::as_ehlo_ok_rsp> : condition_is<condition::kind::ehlo_ok_rsp> {};
template <>
struct action<grammar::as_continue_req> : condition_is<condition::kind::continue_req> {};
template <>
struct action<grammar::containing_word> : condition_is<condition::kind::containing> {};
template <>
struct action<grammar::without_word> : condition_is<condition::kind::without> {};
template <>
struct action<grammar::offering_word> : condition_is<condition::kind::offering> {};
template <>
struct action<grammar::not_offering_word> : condition_is<condition::kind::not_offering> {};
template <>
struct action<grammar::condition_status> : condition_is<condition::kind::status> {};
template <>
struct action<grammar::quoted_text> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.conditions.back().text = unescape(in.string_view()).octets;
  }
};
template <>
struct action<grammar::line_count> {
  template <typename Input>
  static bool apply(const Input& in, case_file& state) {
    condition lines{condition::kind::lines, {}};
    if (!number_within(in.string_view(), 1'000, lines.lines)) return false;
    state.conditions.push_back(std::move(lines));
    return true;
  }
};
template <>
struct action<grammar::expected_text> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.expected_text = trimmed(in.string_view());
  }
};
template <>
struct action<grammar::expect> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.end_expect(in.position().line);
  }
};

template <>
struct action<grammar::judged_handshake> {
  static void apply0(case_file& state) { state.judged = true; }
};
template <>
struct action<grammar::assumed_handshake> {
  static void apply0(case_file& state) { state.judged = false; }
};
template <>
struct action<grammar::handshake> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.end_handshake(in.position().line);
  }
};

template <>
struct action<grammar::when_word> {
  static void apply0(case_file& state) { state.start_alternatives(); }
};
template <>
struct action<grammar::when_line> {
  static void apply0(case_file& state) { state.start_branch(); }
};
template <>
struct action<grammar::else_line> {
  static void apply0(case_file& state) { state.start_otherwise(); }
};
template <>
struct action<grammar::end_line> {
  static void apply0(case_file& state) { state.end_branch(); }
};

} // namespace

std::variant<std::vector<test_case>, diagnostic> parse_cases(std::string_view file, std::string_view content) {
  namespace peg = grammar::peg;
  peg::memory_input<peg::tracking_mode::eager, peg::eol::lf, const char*> in(content.data(),
                                                                             content.data() + content.size(), "");
  case_file state(file, content);
  const bool matched = peg::parse<grammar::file, action, noting_failures>(in, state);
  if (matched) state.finish_case();
  // A case without a judged expectation is told before what the grammar found behind it.
  if (state.wrong) return diagnose(file, content, state.wrong->offset, state.wrong->message);
  if (!matched) return diagnose(file, content, state.offset(), state.message());
  return std::move(state.cases);
}

} // namespace postel::conformance
