// Reads case files: what the grammar matched becomes cases, and what the grammar cannot say is checked here.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "case/case.hpp"
#include "case/grammar.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

constexpr std::size_t largest_text = std::size_t{8} * 1024 * 1024; // that quotes may make
constexpr std::size_t most_times = 10'000'000;
constexpr std::size_t most_repeats = 1'000;
constexpr std::size_t largest_write = 65'536;

// What a client is given where the case does not say.
constexpr std::string_view plain_message =
    "From: <ann@client.example>\r\nTo: <bob@example.org>\r\nDate: Thu, 1 Oct 2020 12:00:00 +0000\r\n"
    "Message-ID: <1@client.example>\r\nSubject: plain\r\n\r\ntext\r\n";

bool has_judged(const std::vector<step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const step& each) {
    if (const auto* expected = std::get_if<expectation>(&each.what)) return expected->judged;
    const auto* either = std::get_if<branch>(&each.what);
    return either != nullptr && (has_judged(either->then) || has_judged(either->otherwise));
  });
}

void number_expectations(std::vector<step>& steps, std::size_t& last) {
  for (step& each : steps) {
    if (auto* expected = std::get_if<expectation>(&each.what)) expected->number = ++last;
    if (auto* answered = std::get_if<answering>(&each.what)) answered->until.number = ++last;
    if (auto* either = std::get_if<branch>(&each.what)) {
      number_expectations(either->then, last);
      number_expectations(either->otherwise, last);
    }
  }
}

bool number_within(std::string_view digits, std::size_t most, std::size_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && value >= 1 && value <= most;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// TEXT and N of {TEXT*N}.
struct repeated {
  explicit repeated(std::string_view braced) {
    const std::size_t star = braced.rfind('*');
    octets = unescape(braced.substr(1, star - 1)).octets;
    digits = braced.substr(star + 1, braced.size() - star - 2);
  }
  std::string octets;
  std::string_view digits;
};

std::string_view name(side value) {
  return value == side::client ? "client" : "server";
}

// Of which kinds a thing is that matches the pattern, as conditions are said of them.
unsigned kind_of(pattern_kind what, side tested) {
  switch (what) {
    case pattern_kind::code: return said_of::reply;
    case pattern_kind::verb: return said_of::line;
    case pattern_kind::any: return tested == side::client ? said_of::line : said_of::reply;
    case pattern_kind::text: return said_of::text;
    case pattern_kind::chunk: return said_of::chunk;
    case pattern_kind::delivered:
    case pattern_kind::failed:
    case pattern_kind::temporary:
    case pattern_kind::permanent: return said_of::end;
    case pattern_kind::closed:
    case pattern_kind::silence:
    case pattern_kind::handshake:
    case pattern_kind::made:
    case pattern_kind::refused: break;
  }
  return 0;
}

std::string names_of(unsigned of) {
  constexpr std::array<std::string_view, 5> names{"a reply", "a line", "a text", "a chunk", "an end"};
  std::string all;
  for (unsigned bit = 0; bit < names.size(); ++bit)
    if ((of >> bit & 1U) != 0) all.append(all.empty() ? "" : ", ").append(names[bit]);
  return all;
}

// Everything the actions fill. A line's values are collected aside until the line is complete.
class case_file : public furthest_failure {
 public:
  case_file(std::string_view file, std::string_view content, const preludes& shared)
      : furthest_failure(content), known(shared), content_(content), file_(file) {}

  struct fault {
    std::size_t offset;
    std::string message;
  };
  std::vector<test_case> cases;
  preludes known;             // those that may be used
  preludes own;               // those of the file
  std::optional<fault> wrong; // what the grammar cannot say; the first of them

  [[nodiscard]] side tested() const { return tested_; }
  test_case& current() { return cases.back(); }
  void refuse(std::size_t offset, std::string message) {
    if (!wrong) wrong = fault{offset, std::move(message)};
  }

  // ---- cases and preludes

  void start_case(std::size_t line, std::size_t offset) {
    finish_case();
    cases.emplace_back();
    current().file = file_;
    current().line = line;
    offset_ = offset;
    open_ = true;
    blocks_.assign(1, &current().steps);
  }
  void set_role(role value) {
    current().role = value;
    tested_ = side_of(value);
  }
  void finish_case() {
    if (!open_) return;
    open_ = false;
    if (!has_judged(current().steps))
      refuse(offset_, fmt::format("expected a case with a judged expectation ({})",
                                  tested_ == side::client ? "C: or ends:" : "S: or tls:"));
    std::size_t last = 0;
    number_expectations(current().steps, last);
    if (current().given.recipients.empty()) current().given.recipients.emplace_back("bob@example.org");
    if (current().given.message.empty()) current().given.message = plain_message;
  }
  void start_prelude(std::size_t offset) {
    finish_case();
    offset_ = offset;
  }
  bool name_prelude(std::string_view name) {
    name_ = name;
    return true;
  }
  bool set_prelude_side(side value) {
    tested_ = value;
    if (own.contains({tested_, name_})) refuse(offset_, fmt::format("expected another name: {} is taken", name_));
    prelude_.clear();
    blocks_.assign(1, &prelude_);
    return true;
  }
  void finish_prelude() {
    if (has_judged(prelude_))
      refuse(offset_, "expected no judged expectation in a prelude: a case shows what it is about");
    known[{tested_, name_}] = prelude_;
    own[{tested_, name_}] = std::move(prelude_);
  }
  bool use(std::string_view name) {
    const auto found = known.find({tested_, std::string(name)});
    if (found == known.end()) return false;
    for (const step& each : found->second) blocks_.back()->push_back(each);
    return true;
  }

  // ---- the words of a line

  template <typename Word>
  void check_side(const Word& each, std::size_t offset) {
    check_side(each.in, fmt::format("\"{}\"", each.text), offset);
  }
  void check_side(side in, std::string_view what, std::size_t offset) {
    if (!includes(in, tested_)) refuse(offset, fmt::format("expected no {} in a case for a {}", what, name(tested_)));
  }
  template <typename Word>
  void start_argument(const Word& each, std::size_t offset) {
    check_side(each, offset);
    quoted.clear();
    given_number = 0;
    most_ = each.most;
  }
  void take_number(std::string_view digits, std::size_t offset) {
    if (!number_within(digits, most_, given_number)) refuse(offset, fmt::format("expected a number of 1 to {}", most_));
  }
  void add_condition(const word<condition_kind>& each, std::size_t offset) {
    start_argument(each, offset);
    expected.conditions.push_back({each.what});
    places_.push_back({&each, offset});
  }
  void finish_condition() {
    expected.conditions.back().text = quoted;
    expected.conditions.back().number = given_number;
  }
  void give(given_kind what, std::size_t offset) {
    fixture& all = current().given;
    switch (what) {
      case given_kind::message:
        all.message += quoted;
        if (all.message.size() > largest_text)
          refuse(offset, fmt::format("expected a message of at most {} octets", largest_text));
        break;
      case given_kind::sender: all.sender = quoted; break;
      case given_kind::recipient: all.recipients.push_back(quoted); break;
      case given_kind::recipients:
        for (std::size_t i = 1; i <= given_number; ++i) all.recipients.push_back(fmt::format("r{}@example.org", i));
        break;
      case given_kind::lmtp: all.lmtp = true; break;
      case given_kind::tls: all.tls = true; break;
      case given_kind::auth: all.auth = true; break;
      case given_kind::user: all.user = quoted; break;
      case given_kind::password: all.password = quoted; break;
      case given_kind::certificate: break; // set by its own word
    }
  }

  bool quote_repeated(std::string_view braced) {
    const repeated what(braced);
    std::size_t count = 0;
    if (!number_within(what.digits, largest_text / what.octets.size(), count)) return false;
    for (; count > 0 && quoted.size() <= largest_text; --count) quoted += what.octets;
    return quoted.size() <= largest_text;
  }

  const word<given_kind>* given = nullptr; // the word that is read
  std::string quoted;
  std::size_t given_number = 0;

  // ---- steps

  conformance::say said;
  bool raw = false;
  bool in_base64 = false;
  conformance::expectation expected;
  std::size_t times = 1;

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
  void start_say(bool is_raw) {
    said = {};
    in_base64 = false;
    raw = is_raw;
  }
  void start_expectation(subject of, bool judged) {
    expected = {};
    expected.of = of;
    expected.judged = judged;
    times = 1;
    places_.clear();
  }
  template <typename What>
  void add(What what, std::string_view source) {
    blocks_.back()->push_back({std::move(what), std::string(source)});
  }
  void end_expectation(std::string_view source, std::size_t line) {
    unsigned kinds = 0;
    for (const pattern& each : expected.patterns) kinds |= kind_of(each.what, tested_);
    for (const auto& [condition, offset] : places_)
      if ((condition->of & kinds) == 0)
        refuse(offset,
               fmt::format("expected no \"{}\" here: it is said of {}", condition->text, names_of(condition->of)));
    expected.place = fmt::format("{}:{}", file_, line);
    for (; times > 0; --times) {
      add(expected, source);
      source = {};
    }
  }
  void start_branch(std::string_view source) {
    add(branch{expected.patterns, {}, {}}, source);
    blocks_.push_back(&std::get<branch>(blocks_.back()->back().what).then);
  }
  void start_otherwise() {
    blocks_.pop_back();
    blocks_.push_back(&std::get<branch>(blocks_.back()->back().what).otherwise);
  }
  void end_branch() { blocks_.pop_back(); }
  // The line that the step is on, without white space at its ends.
  [[nodiscard]] std::string_view line_at(std::size_t offset) const {
    return trimmed(content_.substr(offset, content_.find('\n', offset) - offset));
  }

 private:
  std::string_view content_;
  std::string_view file_;
  side tested_ = side::server;
  bool open_ = false;      // a case is being read
  std::size_t offset_ = 0; // of the header
  std::string name_;       // of the prelude
  std::vector<step> prelude_;
  std::size_t most_ = 0;                                                    // of a number
  std::vector<std::pair<const word<condition_kind>*, std::size_t>> places_; // of the line's conditions
  std::vector<std::vector<step>*> blocks_;                                  // the open lists of steps, innermost last
};

// ---- what the rules do

template <typename Rule>
struct action : grammar::peg::nothing<Rule> {};

// The text of the rule, for the function that is given. If the function returns false the rule fails in its place.
template <auto Function>
struct with_text {
  template <typename Input>
  static auto apply(const Input& in, case_file& state) {
    return std::invoke(Function, state, in.string_view());
  }
};
template <auto Function>
struct with_offset {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    std::invoke(Function, state, in.string_view(), in.position().byte);
  }
};
// The line, for the step that it makes.
template <auto Function>
struct with_line {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    std::invoke(Function, state, state.line_at(in.position().byte), in.position().line);
  }
};
template <auto Function>
struct doing {
  static void apply0(case_file& state) { std::invoke(Function, state); }
};

template <>
struct action<grammar::header_mark> {
  template <typename Input>
  static void apply(const Input& in, case_file& state) {
    state.start_case(in.position().line, in.position().byte);
  }
};
template <>
struct action<grammar::id> : with_text<[](case_file& state, std::string_view text) {
  state.current().id = text;
  state.current().clauses.assign(1, clause_of(state.current()));
}> {};
template <>
struct action<grammar::level_name> : with_text<[](case_file& state, std::string_view text) {
  for (const level each : {level::must, level::should, level::may, level::note}) {
    if (name(each) != text) continue;
    state.current().level = each;
    return true;
  }
  return false;
}> {};
template <>
struct action<grammar::role_name> : with_text<[](case_file& state, std::string_view text) {
  for (const role each : {role::server, role::submission, role::lmtp, role::both, role::client}) {
    if (name(each) != text) continue;
    state.set_role(each);
    return true;
  }
  return false;
}> {};
template <>
struct action<grammar::requirement_line> : with_text<[](case_file& state, std::string_view text) {
  std::string& requirement = state.current().requirement;
  if (!requirement.empty()) requirement += ' ';
  requirement += trimmed(text);
}> {};
template <>
struct action<grammar::clause_text>
    : with_text<[](case_file& state, std::string_view text) { state.current().clauses.emplace_back(trimmed(text)); }> {
};
template <>
struct action<grammar::requires_word> : with_offset<[](case_file& state, std::string_view, std::size_t offset) {
  state.check_side(side::server, "\"requires\"", offset);
}> {};
template <>
struct action<grammar::required_keyword>
    : with_text<[](case_file& state, std::string_view text) { state.current().requirements.emplace_back(text); }> {};

template <>
struct action<grammar::prelude_mark>
    : with_offset<[](case_file& state, std::string_view, std::size_t offset) { state.start_prelude(offset); }> {};
template <>
struct action<grammar::prelude_name> : with_text<&case_file::name_prelude> {};
template <>
struct action<grammar::prelude_side> : with_text<[](case_file& state, std::string_view text) {
  if (text != "server" && text != "client") return false;
  return state.set_prelude_side(text == "client" ? side::client : side::server);
}> {};
template <>
struct action<grammar::prelude_end> : doing<&case_file::finish_prelude> {};
template <>
struct action<grammar::used_name> : with_text<&case_file::use> {};

// ---- words with an argument

template <>
struct action<grammar::quote> : doing<[](case_file& state) { state.quoted.clear(); }> {};
template <>
struct action<grammar::quoted_literal>
    : with_text<[](case_file& state, std::string_view text) { state.quoted += unescape(text).octets; }> {};
template <>
struct action<grammar::quoted_repetition> : with_text<&case_file::quote_repeated> {};
template <>
struct action<grammar::some_text>
    : with_text<[](case_file& state, std::string_view) { return !state.quoted.empty(); }> {};
template <>
struct action<grammar::number> : with_offset<&case_file::take_number> {};

template <argument Takes>
struct action<grammar::one_word<condition_words, Takes>>
    : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
      state.add_condition(*find_word(condition_words, text), offset);
    }> {};
template <>
struct action<grammar::condition> : doing<&case_file::finish_condition> {};
template <argument Takes>
struct action<grammar::one_word<given_words, Takes>>
    : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
      state.given = find_word(given_words, text);
      state.start_argument(*state.given, offset);
    }> {};
template <>
struct action<grammar::given> : with_offset<[](case_file& state, std::string_view, std::size_t offset) {
  state.give(state.given->what, offset);
}> {};
template <>
struct action<grammar::certificate_fault> : with_text<[](case_file& state, std::string_view text) {
  for (const certificate_kind each : {certificate_kind::other_name, certificate_kind::expired,
                                      certificate_kind::self_signed, certificate_kind::unknown_authority}) {
    if (name(each) != text) continue;
    state.current().given.certificate = each;
    return true;
  }
  return false;
}> {};
template <>
struct action<grammar::given_line> : with_line<[](case_file& state, std::string_view line, std::size_t) {
  state.current().given_lines.emplace_back(line);
}> {};

// ---- what we say

// Whether the digits are a number in range.
template <>
struct action<grammar::count> : with_text<[](case_file&, std::string_view text) {
  std::size_t value = 0;
  return number_within(text, most_times, value);
}> {};
template <>
struct action<grammar::our_letter> : doing<[](case_file& state) { state.start_say(false); }> {};
template <>
struct action<grammar::raw_mark> : doing<[](case_file& state) { state.start_say(true); }> {};
template <>
struct action<grammar::write_size> : with_text<[](case_file& state, std::string_view text) {
  return number_within(text, largest_write, state.said.write_size);
}> {};
template <>
struct action<grammar::literal>
    : with_text<[](case_file& state, std::string_view text) { state.append_octets(unescape(text).octets); }> {};
template <>
struct action<grammar::variable> : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  const auto* const found = find_word(variable_words, text.substr(1, text.size() - 2));
  state.check_side(side::server, text, offset);
  state.append_variable(static_cast<variable>(found - variable_words.data()));
}> {};
template <>
struct action<grammar::encoded_start> : doing<[](case_file& state) {
  state.said.text.emplace_back(encoded());
  state.in_base64 = true;
}> {};
template <>
struct action<grammar::encoded_end> : doing<[](case_file& state) { state.in_base64 = false; }> {};
template <>
struct action<grammar::repetition> : with_text<[](case_file& state, std::string_view text) {
  repeated what(text);
  std::size_t times = 0;
  number_within(what.digits, most_times, times);
  state.said.text.emplace_back(repetition{std::move(what.octets), static_cast<std::uint32_t>(times)});
}> {};
template <>
struct action<grammar::say> : with_line<[](case_file& state, std::string_view line, std::size_t) {
  if (!state.raw) state.append_octets("\r\n");
  state.add(std::move(state.said), line);
}> {};

// ---- what is expected

template <>
struct action<grammar::act_mark> : doing<[](case_file& state) { state.start_expectation(subject::act, true); }> {};
template <>
struct action<grammar::tls_mark> : doing<[](case_file& state) {
  state.start_expectation(subject::tls, true);
  state.expected.text = "TLS";
}> {};
template <>
struct action<grammar::end_mark> : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  state.start_expectation(subject::end, true);
  state.check_side(side::client, fmt::format("\"{}:\"", text), offset);
}> {};
template <>
struct action<grammar::answer_mark> : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  state.start_expectation(subject::act, false);
  state.check_side(side::client, fmt::format("\"{}\"", text), offset);
}> {};
template <>
struct action<grammar::when_word> : doing<[](case_file& state) { state.start_expectation(subject::act, false); }> {};
template <>
struct action<grammar::question_mark> : doing<[](case_file& state) { state.expected.judged = false; }> {};

template <>
struct action<grammar::code> : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  state.check_side(side::server, "reply code", offset);
  state.expected.patterns.push_back({pattern_kind::code, std::string(text)});
}> {};
template <>
struct action<grammar::verb> : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  state.check_side(side::client, "verb", offset);
  state.expected.patterns.push_back({pattern_kind::verb, std::string(text)});
}> {};
template <const auto& Table>
struct pattern_of : with_offset<[](case_file& state, std::string_view text, std::size_t offset) {
  const word<pattern_kind>& found = *find_word(Table, text);
  state.check_side(found, offset);
  state.expected.patterns.push_back({found.what});
}> {};
template <>
struct action<grammar::one_word<act_words>> : pattern_of<act_words> {};
template <>
struct action<grammar::one_word<tls_words>> : pattern_of<tls_words> {};
template <>
struct action<grammar::one_word<end_words>> : pattern_of<end_words> {};

struct keeps_text : with_text<[](case_file& state, std::string_view text) {
  state.expected.text += (state.expected.text.empty() ? "" : " ") + std::string(trimmed(text));
}> {};
template <>
struct action<grammar::expected_act> : keeps_text {};
template <>
struct action<grammar::expected_tls> : keeps_text {};
template <>
struct action<grammar::expected_end> : keeps_text {};
template <>
struct action<grammar::answered_until> : keeps_text {};
template <>
struct action<grammar::repeat_count> : with_text<[](case_file& state, std::string_view text) {
  return number_within(text, most_repeats, state.times);
}> {};
template <>
struct action<grammar::expect_act> : with_line<&case_file::end_expectation> {};
template <>
struct action<grammar::expect_tls> : with_line<[](case_file& state, std::string_view line, std::size_t number) {
  if (state.expected.patterns.empty()) state.expected.patterns.push_back({pattern_kind::made});
  state.end_expectation(line, number);
}> {};
template <>
struct action<grammar::expect_end> : with_line<&case_file::end_expectation> {};
template <>
struct action<grammar::answer> : with_line<[](case_file& state, std::string_view line, std::size_t) {
  state.add(answering{state.expected}, line);
}> {};

template <>
struct action<grammar::close_word> : with_offset<[](case_file& state, std::string_view, std::size_t offset) {
  state.check_side(side::client, "\"close\"", offset);
}> {};
template <>
struct action<grammar::close>
    : with_line<[](case_file& state, std::string_view line, std::size_t) { state.add(hang_up{}, line); }> {};
template <>
struct action<grammar::skip> : with_line<[](case_file& state, std::string_view line, std::size_t) {
  state.add(skip{std::string(trimmed(line.substr(line.find(' '))))}, line);
}> {};
template <>
struct action<grammar::when_line>
    : with_line<[](case_file& state, std::string_view line, std::size_t) { state.start_branch(line); }> {};
template <>
struct action<grammar::else_line> : doing<&case_file::start_otherwise> {};
template <>
struct action<grammar::end_line> : doing<&case_file::end_branch> {};

template <typename File>
std::optional<diagnostic> read(case_file& state, std::string_view file, std::string_view content) {
  namespace peg = grammar::peg;
  peg::memory_input<peg::tracking_mode::eager, peg::eol::lf, const char*> in(content.data(),
                                                                             content.data() + content.size(), "");
  const bool matched = peg::parse<File, action, noting_failures>(in, state);
  if (matched) state.finish_case();
  // What a line says against its role comes before what the grammar found after it.
  if (state.wrong) return diagnose(file, content, state.wrong->offset, state.wrong->message);
  if (!matched) return diagnose(file, content, state.offset(), state.message());
  return std::nullopt;
}

} // namespace

std::variant<std::vector<test_case>, diagnostic> parse_cases(std::string_view file, std::string_view content,
                                                             const preludes& shared) {
  case_file state(file, content, shared);
  if (auto wrong = read<grammar::file>(state, file, content)) return *std::move(wrong);
  return std::move(state.cases);
}

std::variant<preludes, diagnostic> parse_preludes(std::string_view file, std::string_view content) {
  case_file state(file, content, {});
  if (auto wrong = read<grammar::prelude_file>(state, file, content)) return *std::move(wrong);
  return std::move(state.own);
}

} // namespace postel::conformance
