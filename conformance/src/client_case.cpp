#include "client_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client_case_grammar.hpp"
#include "escape.hpp"

namespace postel::conformance {

std::string_view name(client_result value) noexcept {
  switch (value) {
    case client_result::delivered: return "delivered";
    case client_result::failed: return "failed";
    case client_result::temporary: return "temporary";
    case client_result::permanent: break;
  }
  return "permanent";
}

namespace {

namespace rules = grammar::client;

constexpr std::size_t largest_text = std::size_t{8} * 1024 * 1024; // that quotes may make
constexpr std::size_t most_recipients = 1000;

// What a client is given where the case does not say.
constexpr std::string_view plain_message =
    "From: <ann@client.example>\r\nTo: <bob@example.org>\r\nDate: Thu, 1 Oct 2020 12:00:00 +0000\r\n"
    "Message-ID: <1@client.example>\r\nSubject: plain\r\n\r\ntext\r\n";

bool has_judged(const std::vector<client_step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const client_step& each) {
    if (const auto* expected = std::get_if<client_expectation>(&each.what)) return expected->judged;
    if (const auto* expected = std::get_if<client_result_expected>(&each.what)) return expected->judged;
    const auto* either = std::get_if<client_branch>(&each.what);
    return either != nullptr && (has_judged(either->then) || has_judged(either->otherwise));
  });
}

struct fault {
  std::size_t offset;
  std::string message;
};

// Everything the actions fill. A step's values are collected aside until its line is complete.
class client_case_file : public furthest_failure {
 public:
  client_case_file(std::string_view file, std::string_view content) : furthest_failure(content), file_(file) {}

  std::vector<client_case> cases;
  std::optional<fault> wrong; // what the grammar cannot say

  client_case& current() { return cases.back(); }

  void start_case(std::size_t line, std::size_t offset) {
    finish_case();
    cases.emplace_back();
    current().about.role = role::client;
    current().about.file = file_;
    current().about.line = line;
    offset_ = offset;
    blocks_.assign(1, &current().steps);
  }
  void finish_case() {
    if (cases.empty() || wrong) return;
    if (current().about.role != role::client)
      wrong = fault{offset_, "expected the role client in a file of cases for clients"};
    else if (!has_judged(current().steps))
      wrong = fault{offset_, "expected a case with a judged expectation (C: or result:)"};
    if (current().fixture.recipients.empty()) current().fixture.recipients.emplace_back("bob@example.org");
    if (current().fixture.message.empty()) current().fixture.message = plain_message;
  }

  conformance::say said;
  bool raw = false;
  bool judged = false;
  std::vector<client_alternative> alternatives;
  std::vector<client_condition> conditions;
  std::vector<client_result> endings;
  bool once = false;
  std::string expected_text;
  std::string quoted;

  void append(std::string_view octets) {
    if (said.text.empty() || !std::holds_alternative<std::string>(said.text.back()))
      said.text.emplace_back(std::string());
    std::get<std::string>(said.text.back()) += octets;
  }
  void start_say(bool is_raw) {
    said = {};
    raw = is_raw;
  }
  void start_alternatives() {
    alternatives.clear();
    conditions.clear();
    endings.clear();
    once = false;
  }
  template <typename What>
  void add(What&& what) {
    blocks_.back()->push_back({std::forward<What>(what)});
  }
  void end_say() {
    if (!raw) append("\r\n");
    add(std::move(said));
  }
  void start_branch() {
    add(client_branch{alternatives, {}, {}});
    blocks_.push_back(&std::get<client_branch>(blocks_.back()->back().what).then);
  }
  void start_otherwise() {
    blocks_.pop_back();
    blocks_.push_back(&std::get<client_branch>(blocks_.back()->back().what).otherwise);
  }
  void end_branch() { blocks_.pop_back(); }

 private:
  std::string_view file_;
  std::size_t offset_ = 0;
  std::vector<std::vector<client_step>*> blocks_; // the open lists of steps, innermost last
};

bool number_within(std::string_view digits, std::size_t most, std::size_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && value >= 1 && value <= most;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

template <typename Rule>
struct client_action : grammar::peg::nothing<Rule> {};

// ---- the header, as in cases for servers

template <>
struct client_action<grammar::count> {
  template <typename Input>
  static bool apply(const Input& in, client_case_file&) {
    std::size_t value = 0;
    return number_within(in.string_view(), 10'000'000, value);
  }
};
template <>
struct client_action<grammar::header_mark> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.start_case(in.position().line, in.position().byte);
  }
};
template <>
struct client_action<grammar::id> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.current().about.id = in.string();
    state.current().about.clauses.assign(1, clause_of(state.current().about));
  }
};
template <level Value>
struct level_is {
  static void apply0(client_case_file& state) { state.current().about.level = Value; }
};
template <>
struct client_action<grammar::level_must> : level_is<level::must> {};
template <>
struct client_action<grammar::level_should> : level_is<level::should> {};
template <>
struct client_action<grammar::level_may> : level_is<level::may> {};
template <>
struct client_action<grammar::level_note> : level_is<level::note> {};

struct role_is_a_server {
  static void apply0(client_case_file& state) { state.current().about.role = role::server; }
};
template <>
struct client_action<grammar::role_server> : role_is_a_server {};
template <>
struct client_action<grammar::role_submission> : role_is_a_server {};
template <>
struct client_action<grammar::role_lmtp> : role_is_a_server {};
template <>
struct client_action<grammar::role_both> : role_is_a_server {};

template <>
struct client_action<grammar::requirement_line> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    std::string& requirement = state.current().about.requirement;
    if (!requirement.empty()) requirement += ' ';
    requirement += trimmed(in.string_view());
  }
};
template <>
struct client_action<grammar::clause_text> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.current().about.clauses.emplace_back(trimmed(in.string_view()));
  }
};

// ---- quoted text

template <>
struct client_action<rules::quoted_mark> {
  static void apply0(client_case_file& state) { state.quoted.clear(); }
};
template <>
struct client_action<rules::quoted_literal> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.quoted += unescape(in.string_view()).octets;
  }
};
template <>
struct client_action<rules::quoted_repetition> {
  template <typename Input>
  static bool apply(const Input& in, client_case_file& state) {
    const std::string_view braced = in.string_view();
    const std::size_t star = braced.rfind('*');
    std::size_t times = 0;
    const std::string octets = unescape(braced.substr(1, star - 1)).octets;
    if (!number_within(braced.substr(star + 1, braced.size() - star - 2), largest_text / octets.size(), times))
      return false;
    for (; times > 0 && state.quoted.size() <= largest_text; --times) state.quoted += octets;
    return state.quoted.size() <= largest_text;
  }
};

// ---- the fixture

template <>
struct client_action<rules::message_text> {
  static bool apply0(client_case_file& state) {
    std::string& message = state.current().fixture.message;
    if (message.size() + state.quoted.size() > largest_text) return false;
    message += state.quoted;
    return true;
  }
};
template <>
struct client_action<rules::sender_text> {
  static void apply0(client_case_file& state) { state.current().fixture.sender = state.quoted; }
};
template <>
struct client_action<rules::recipient_text> {
  static void apply0(client_case_file& state) { state.current().fixture.recipients.push_back(state.quoted); }
};
template <>
struct client_action<rules::recipient_count> {
  template <typename Input>
  static bool apply(const Input& in, client_case_file& state) {
    std::size_t wanted = 0;
    if (!number_within(in.string_view(), most_recipients, wanted)) return false;
    for (std::size_t i = 1; i <= wanted; ++i)
      state.current().fixture.recipients.push_back(fmt::format("r{}@example.org", i));
    return true;
  }
};
template <>
struct client_action<rules::lmtp> {
  static void apply0(client_case_file& state) { state.current().fixture.lmtp = true; }
};
template <>
struct client_action<rules::tls_required> {
  static void apply0(client_case_file& state) { state.current().fixture.tls = true; }
};
template <>
struct client_action<rules::auth_required> {
  static void apply0(client_case_file& state) { state.current().fixture.auth = true; }
};
template <>
struct client_action<rules::user_text> {
  static void apply0(client_case_file& state) { state.current().fixture.user = state.quoted; }
};
template <>
struct client_action<rules::password_text> {
  static void apply0(client_case_file& state) { state.current().fixture.password = state.quoted; }
};
template <certificate_kind Kind>
struct certificate_is {
  static void apply0(client_case_file& state) { state.current().fixture.certificate = Kind; }
};
template <>
struct client_action<rules::other_name> : certificate_is<certificate_kind::other_name> {};
template <>
struct client_action<rules::expired> : certificate_is<certificate_kind::expired> {};
template <>
struct client_action<rules::self_signed> : certificate_is<certificate_kind::self_signed> {};
template <>
struct client_action<rules::unknown_authority> : certificate_is<certificate_kind::unknown_authority> {};

// ---- steps

template <>
struct client_action<rules::line_mark> {
  static void apply0(client_case_file& state) { state.start_say(false); }
};
template <>
struct client_action<rules::raw_mark> {
  static void apply0(client_case_file& state) { state.start_say(true); }
};
template <>
struct client_action<grammar::write_size> {
  template <typename Input>
  static bool apply(const Input& in, client_case_file& state) {
    return number_within(in.string_view(), 65'536, state.said.write_size);
  }
};
template <>
struct client_action<grammar::literal> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.append(unescape(in.string_view()).octets);
  }
};
template <>
struct client_action<grammar::repetition> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    const std::string_view braced = in.string_view();
    const std::size_t star = braced.rfind('*');
    std::size_t times = 0;
    number_within(braced.substr(star + 1, braced.size() - star - 2), 10'000'000, times);
    state.said.text.emplace_back(
        repetition{unescape(braced.substr(1, star - 1)).octets, static_cast<std::uint32_t>(times)});
  }
};
template <>
struct client_action<grammar::text_end> {
  static void apply0(client_case_file& state) { state.end_say(); }
};

template <bool Judged>
struct starts_expectation {
  static void apply0(client_case_file& state) {
    state.judged = Judged;
    state.start_alternatives();
  }
};
template <>
struct client_action<rules::judged_mark> : starts_expectation<true> {};
template <>
struct client_action<rules::assumed_mark> : starts_expectation<false> {};
template <>
struct client_action<rules::until_word> : starts_expectation<false> {};
template <>
struct client_action<rules::judged_result> : starts_expectation<true> {};
template <>
struct client_action<rules::assumed_result> : starts_expectation<false> {};
template <>
struct client_action<grammar::when_word> : starts_expectation<false> {};

template <>
struct client_action<rules::verb> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.alternatives.push_back({client_alternative::kind::verb, in.string()});
  }
};
template <client_alternative::kind Kind>
struct alternative_is {
  static void apply0(client_case_file& state) { state.alternatives.push_back({Kind, {}}); }
};
template <>
struct client_action<rules::any> : alternative_is<client_alternative::kind::any> {};
template <>
struct client_action<rules::the_text> : alternative_is<client_alternative::kind::text> {};
template <>
struct client_action<rules::chunk> : alternative_is<client_alternative::kind::chunk> {};
template <>
struct client_action<rules::begins_tls> : alternative_is<client_alternative::kind::handshake> {};
template <>
struct client_action<grammar::closed> : alternative_is<client_alternative::kind::closed> {};
template <>
struct client_action<grammar::silence> : alternative_is<client_alternative::kind::silence> {};

template <client_condition::kind Kind>
struct condition_is {
  static void apply0(client_case_file& state) { state.conditions.push_back({Kind}); }
};
template <>
struct client_action<grammar::containing_word> : condition_is<client_condition::kind::containing> {};
template <>
struct client_action<grammar::without_word> : condition_is<client_condition::kind::without> {};
template <>
struct client_action<rules::equals_word> : condition_is<client_condition::kind::equals> {};
template <>
struct client_action<rules::body_word> : condition_is<client_condition::kind::body> {};
template <>
struct client_action<rules::command_word> : condition_is<client_condition::kind::command> {};
template <>
struct client_action<rules::alone_word> : condition_is<client_condition::kind::alone> {};
template <>
struct client_action<rules::ascii_word> : condition_is<client_condition::kind::ascii> {};
template <>
struct client_action<rules::crlf_only_word> : condition_is<client_condition::kind::crlf_only> {};
template <>
struct client_action<rules::within_size_word> : condition_is<client_condition::kind::within_size> {};
template <>
struct client_action<rules::declared_word> : condition_is<client_condition::kind::declared> {};
template <>
struct client_action<rules::at_most_number> {
  template <typename Input>
  static bool apply(const Input& in, client_case_file& state) {
    state.conditions.push_back({client_condition::kind::at_most});
    return number_within(in.string_view(), 1'000'000, state.conditions.back().number);
  }
};
template <>
struct client_action<rules::with_text> {
  static void apply0(client_case_file& state) { state.conditions.back().text = state.quoted; }
};

struct keeps_text {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.expected_text = trimmed(in.string_view());
  }
};
template <>
struct client_action<rules::expected_text> : keeps_text {};
template <>
struct client_action<rules::until_text> : keeps_text {};
template <>
struct client_action<rules::result_text> : keeps_text {};

template <>
struct client_action<rules::expect> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.add(client_expectation{state.judged, state.alternatives, state.conditions, state.expected_text,
                                 in.position().line});
  }
};
template <>
struct client_action<rules::until> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.add(client_until{{false, state.alternatives, {}, state.expected_text, in.position().line}});
  }
};
template <client_result Value>
struct ending_is {
  static void apply0(client_case_file& state) { state.endings.push_back(Value); }
};
template <>
struct client_action<rules::delivered> : ending_is<client_result::delivered> {};
template <>
struct client_action<rules::failed> : ending_is<client_result::failed> {};
template <>
struct client_action<rules::temporary> : ending_is<client_result::temporary> {};
template <>
struct client_action<rules::permanent> : ending_is<client_result::permanent> {};
template <>
struct client_action<rules::once_word> {
  static void apply0(client_case_file& state) { state.once = true; }
};
template <>
struct client_action<rules::result> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.add(client_result_expected{state.judged, state.endings, state.once, state.expected_text, in.position().line});
  }
};
template <>
struct client_action<rules::hang_up> {
  static void apply0(client_case_file& state) { state.add(client_hang_up{}); }
};
template <>
struct client_action<rules::handshake> {
  static void apply0(client_case_file& state) { state.add(client_handshake{false}); }
};
template <>
struct client_action<rules::tried_handshake> {
  static void apply0(client_case_file& state) { state.add(client_handshake{true}); }
};
template <>
struct client_action<rules::skip_reason> {
  template <typename Input>
  static void apply(const Input& in, client_case_file& state) {
    state.add(client_skip{std::string(trimmed(in.string_view()))});
  }
};

template <>
struct client_action<rules::when_line> {
  static void apply0(client_case_file& state) { state.start_branch(); }
};
template <>
struct client_action<grammar::else_line> {
  static void apply0(client_case_file& state) { state.start_otherwise(); }
};
template <>
struct client_action<grammar::end_line> {
  static void apply0(client_case_file& state) { state.end_branch(); }
};

} // namespace

std::variant<std::vector<client_case>, diagnostic> parse_client_cases(std::string_view file, std::string_view content) {
  namespace peg = grammar::peg;
  peg::memory_input<peg::tracking_mode::eager, peg::eol::lf, const char*> in(content.data(),
                                                                             content.data() + content.size(), "");
  client_case_file state(file, content);
  const bool matched = peg::parse<rules::file, client_action, noting_failures>(in, state);
  if (matched) state.finish_case();
  if (state.wrong) return diagnose(file, content, state.wrong->offset, state.wrong->message);
  if (!matched) return diagnose(file, content, state.offset(), state.message());
  return std::move(state.cases);
}

} // namespace postel::conformance
