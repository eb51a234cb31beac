#include "lenient.hpp"

#include <optional>

#include "capture.hpp"
#include "postel/grammar/command.hpp"

namespace postel::detail {

namespace {

// What a line was found to need.
struct lenient_captures : captures {
  bool loose_name = false;
  bool text = false;
  bool space_before_path = false;
  bool several_spaces = false;
  bool empty_envid = false;
};

// Where the grammar has one space.
struct spaces : peg::plus<grammar::SP> {};
struct spaces_before_path : peg::plus<grammar::SP> {};

// A client's name that is no Domain: letters, digits, "-" and "_" in any order, joined by dots, and perhaps a dot behind them.
struct loose_label : peg::rep_min_max<1, 63, peg::sor<grammar::one_of<grammar::octets::ldh>, peg::one<'_'>>> {};
struct loose_name : peg::list<loose_label, peg::one<'.'>> {};
struct end_of_name : peg::at<peg::sor<grammar::SP, peg::eof>> {};
// Whatever can be printed.
struct words : grammar::run<grammar::octets::text> {};

template <typename Charset>
struct client : peg::seq<spaces,
                         peg::sor<peg::seq<grammar::host<Charset>, end_of_name>,
                                  peg::seq<loose_name, peg::opt<peg::one<'.'>>, end_of_name>>,
                         peg::opt<grammar::SP, words>> {};
template <typename Charset>
struct any_helo : peg::seq<peg::sor<peg::istring<'E', 'H', 'L', 'O'>, peg::istring<'H', 'E', 'L', 'O'>,
                                    peg::istring<'L', 'H', 'L', 'O'>>,
                           client<Charset>> {};

struct empty_envid : peg::seq<peg::istring<'E', 'N', 'V', 'I', 'D', '='>, end_of_name> {};
template <typename Charset>
struct params : peg::list<peg::sor<empty_envid, grammar::esmtp_param<Charset>>, spaces> {};
template <typename Charset>
struct mail
    : peg::seq<peg::istring<'M', 'A', 'I', 'L'>, spaces, peg::istring<'F', 'R', 'O', 'M', ':'>,
               peg::opt<spaces_before_path>, grammar::reverse_path<Charset>, peg::opt<spaces, params<Charset>>> {};
template <typename Charset>
struct rcpt
    : peg::seq<peg::istring<'R', 'C', 'P', 'T'>, spaces, peg::istring<'T', 'O', ':'>, peg::opt<spaces_before_path>,
               grammar::forward_path<Charset>, peg::opt<spaces, params<Charset>>> {};

template <typename Rule>
struct note : capture<Rule> {};
template <>
struct note<spaces> {
  template <typename Input>
  static void apply(const Input& in, lenient_captures& found) noexcept {
    if (in.size() > 1) found.several_spaces = true;
  }
};
template <>
struct note<spaces_before_path> {
  static void apply0(lenient_captures& found) noexcept { found.space_before_path = true; }
};
template <>
struct note<loose_name> {
  template <typename Input>
  static void apply(const Input& in, lenient_captures& found) noexcept {
    found.address.domain = view(in); // without the dot behind it
    found.loose_name = true;
  }
};
template <>
struct note<words> {
  static void apply0(lenient_captures& found) noexcept { found.text = true; }
};
template <>
struct note<empty_envid> {
  static void apply0(lenient_captures& found) noexcept { found.empty_envid = true; }
};
template <typename Charset>
struct note<params<Charset>> {
  template <typename Input>
  static void apply(const Input& in, lenient_captures& found) noexcept {
    found.params = view(in);
  }
};

bool allows(const policy& rules, const lenient_captures& found) noexcept {
  return (rules.accept_loose_client_names || !found.loose_name) &&
         (rules.accept_text_after_client_name || !found.text) &&
         (rules.accept_space_before_path || !found.space_before_path) &&
         (rules.accept_several_spaces || !found.several_spaces) && (rules.accept_empty_envid || !found.empty_envid);
}

template <typename Charset>
std::optional<command> read(std::string_view line, const policy& rules) noexcept {
  lenient_captures found;
  if (matches<any_helo<Charset>, note>(line, found)) {
    if (!allows(rules, found)) return std::nullopt;
    const host client{found.address.domain, form_of(found.address.domain)};
    if (equal_ignoring_case(line.substr(0, 4), "EHLO")) return cmd::ehlo{client};
    if (equal_ignoring_case(line.substr(0, 4), "LHLO")) return cmd::lhlo{client};
    if (client.form != host_form::domain && !rules.accept_helo_literal) return std::nullopt;
    return cmd::helo{client.text};
  }
  found = {};
  if (matches<mail<Charset>, note>(line, found) && allows(rules, found))
    return cmd::mail{found.address, mail_parameters(parameters(found.params))};
  found = {};
  if (matches<rcpt<Charset>, note>(line, found) && allows(rules, found))
    return cmd::rcpt{found.address, rcpt_parameters(parameters(found.params))};
  return std::nullopt;
}

} // namespace

bool parse_leniently(std::string_view line, charset octets, const policy& rules, result<command>& parsed) noexcept {
  const auto read_as = with_charset(octets, [&]<typename Charset>() { return read<Charset>(line, rules); });
  if (read_as) parsed = *read_as;
  return read_as.has_value();
}

} // namespace postel::detail
