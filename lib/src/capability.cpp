#include "postel/capability.hpp"

#include <algorithm>
#include <charconv>

#include "parse.hpp"
#include "postel/grammar/capability.hpp"
#include "postel/grammar/reply.hpp"
#include "words.hpp"

namespace postel {

namespace {

namespace peg = grammar::peg;

template <typename Rule>
std::string_view if_right(std::string_view params) noexcept {
  return detail::matches<Rule>(params) ? params : std::string_view();
}

template <typename Number>
std::optional<Number> number(std::string_view digits) noexcept {
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

announced_limits limits_of(std::string_view params) noexcept {
  announced_limits limits;
  for (std::string_view rest = params; !rest.empty();) {
    const std::string_view word = if_right<grammar::limit>(detail::take_word(rest));
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    const auto value =
        number<std::uint64_t>(if_right<grammar::limit_number>(word.substr(std::min(equals + 1, word.size()))));
    if (!value) continue;
    if (equal_ignoring_case(name, "MAILMAX")) limits.mail_max = value;
    if (equal_ignoring_case(name, "RCPTMAX")) limits.rcpt_max = value;
    if (equal_ignoring_case(name, "RCPTDOMAINMAX")) limits.rcpt_domain_max = value;
  }
  return limits;
}

std::optional<future_release> future_of(std::string_view params) noexcept {
  const std::string_view interval = if_right<grammar::holdfor_value>(detail::take_word(params));
  const auto until = parse_date_time(detail::take_word(params));
  if (interval.empty() || !until || !params.empty()) return std::nullopt;
  return future_release{*number<std::uint32_t>(interval), *until};
}

// The minimum stands first in the list of DELIVERBY; what is behind it is for extensions (RFC 2852 4).
std::optional<std::uint32_t> deliver_by_min_of(std::string_view params) noexcept {
  return number<std::uint32_t>(if_right<grammar::min_by_time>(detail::trimmed(params.substr(0, params.find(',')))));
}

void learn(capabilities& known, extension offer, std::string_view params) noexcept {
  known.offered.insert(offer);
  switch (offer) {
    case extension::size:
      if (const auto limit = parse_size_value(params); limit && *limit != 0) known.size = *limit;
      break;
    case extension::auth: known.auth_mechanisms = {announced_list::kind::mechanisms, params}; break;
    case extension::deliverby: known.deliver_by_min = deliver_by_min_of(params); break;
    case extension::futurerelease: known.future = future_of(params); break;
    case extension::mt_priority: known.mt_priority_profile = if_right<grammar::mt_priority_offer>(params); break;
    case extension::limits: known.limits = limits_of(params); break;
    case extension::burl: known.burl = {announced_list::kind::words, params}; break;
    case extension::xclient: known.xclient = {announced_list::kind::words, params}; break;
    case extension::xforward: known.xforward = {announced_list::kind::words, params}; break;
    case extension::no_soliciting:
      known.solicitation_keywords = {announced_list::kind::solicitation_keywords, params};
      break;
    default: break;
  }
}

// A line of a reply that is an ehlo-line. Its code and separator are the reply's affair: parse_reply has seen them.
struct offer : peg::seq<peg::bytes<4>, grammar::ehlo_line, grammar::CRLF> {};

template <typename Rule>
struct offer_action : peg::nothing<Rule> {};

template <>
struct offer_action<grammar::ehlo_keyword> {
  template <typename Input>
  static void apply(const Input& in, ehlo_line& line) noexcept {
    line.keyword = detail::view(in);
  }
};
template <>
struct offer_action<grammar::ehlo_params> {
  template <typename Input>
  static void apply(const Input& in, ehlo_line& line) noexcept {
    line.params = detail::view(in);
  }
};

[[gnu::flatten]] bool match_offer(detail::input& in, ehlo_line& line) noexcept {
  return peg::parse<offer, offer_action>(in, line);
}

// The text of a line of a reply, CRLF included, whose code and separator are the reply's affair. Takes the line off in.
std::string_view take_text(detail::input& in) noexcept {
  const std::string_view rest(in.current(), in.size());
  const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
  in.bump(line.size());
  return line.substr(std::min<std::size_t>(4, line.size()));
}

// "AUTH=" and its list.
[[gnu::cold]] void learn_old_auth(capabilities& known, std::string_view text) noexcept {
  text = detail::trimmed(text);
  if (detail::is_old_auth(text))
    known.old_auth_mechanisms = {announced_list::kind::mechanisms, text.substr(detail::old_auth.size())};
}

bool is_item(announced_list::kind kind, std::string_view text) noexcept {
  switch (kind) {
    case announced_list::kind::words: return detail::matches<grammar::ehlo_param>(text);
    case announced_list::kind::mechanisms: return detail::matches<grammar::sasl_mech>(text);
    case announced_list::kind::solicitation_keywords: break;
  }
  return detail::matches<grammar::solicitation_word>(text);
}

std::string_view take_item(announced_list::kind kind, std::string_view& rest) noexcept {
  if (kind != announced_list::kind::solicitation_keywords) return detail::take_word(rest);
  const std::size_t comma = std::min(rest.find(','), rest.size());
  const std::string_view item = detail::trimmed(rest.substr(0, comma));
  rest.remove_prefix(std::min(comma + 1, rest.size()));
  return item;
}

} // namespace

announced_list::iterator& announced_list::iterator::operator++() noexcept {
  item_ = {};
  while (item_.empty() && !rest_.empty())
    if (const std::string_view next = take_item(items_, rest_); is_item(items_, next)) item_ = next;
  return *this;
}

bool capabilities::has_mechanism(std::string_view mechanism) const noexcept {
  for (const std::string_view each : auth_mechanisms)
    if (equal_ignoring_case(each, mechanism)) return true;
  return false;
}

capabilities capabilities_of(const reply_view& response) noexcept {
  capabilities known;
  const std::string_view wire = response.wire();
  detail::input in(wire.data(), wire.data() + wire.size(), "");
  if (!in.empty()) take_text(in);
  while (!in.empty()) {
    ehlo_line line;
    std::string_view no_ehlo_line; // of which as much counts as can be read
    if (!match_offer(in, line)) [[unlikely]] {
      no_ehlo_line = take_text(in);
      line = read_ehlo_line(no_ehlo_line).value_or(ehlo_line());
    }
    if (const auto offer = extension_of(line.keyword))
      learn(known, *offer, line.params);
    else if (!no_ehlo_line.empty())
      learn_old_auth(known, no_ehlo_line);
  }
  return known;
}

} // namespace postel
