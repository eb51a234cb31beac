#include "postel/capability.hpp"

#include <algorithm>
#include <charconv>

#include "parse.hpp"
#include "postel/grammar/capability.hpp"

namespace postel {

namespace {

namespace peg = grammar::peg;

template <typename Rule>
std::string_view if_right(std::string_view params) noexcept {
  return detail::matches<Rule>(params) ? params : std::string_view();
}

// Calls each with the words of text, which single spaces separate.
template <typename Function>
void for_each_word(std::string_view text, Function each) noexcept {
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
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
  for_each_word(if_right<grammar::limits_offer>(params), [&](std::string_view word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    const auto value =
        number<std::uint64_t>(if_right<grammar::limit_number>(word.substr(std::min(equals + 1, word.size()))));
    if (equal_ignoring_case(name, "MAILMAX")) limits.mail_max = value;
    if (equal_ignoring_case(name, "RCPTMAX")) limits.rcpt_max = value;
    if (equal_ignoring_case(name, "RCPTDOMAINMAX")) limits.rcpt_domain_max = value;
  });
  return limits;
}

std::optional<future_release> future_of(std::string_view params) noexcept {
  if (!detail::matches<grammar::futurerelease_offer>(params)) return std::nullopt;
  const std::size_t space = params.find(' ');
  const auto until = parse_date_time(params.substr(space + 1));
  if (!until) return std::nullopt;
  return future_release{*number<std::uint32_t>(params.substr(0, space)), *until};
}

void learn(capabilities& known, extension offer, std::string_view params) noexcept {
  known.offered.insert(offer);
  switch (offer) {
    case extension::size:
      if (const auto limit = parse_size_value(params); limit && *limit != 0) known.size = *limit;
      break;
    case extension::auth: known.auth_mechanisms = if_right<grammar::auth_offer>(params); break;
    case extension::deliverby:
      if (detail::matches<grammar::deliverby_offer>(params))
        known.deliver_by_min = number<std::uint32_t>(params.substr(0, params.find(',')));
      break;
    case extension::futurerelease: known.future = future_of(params); break;
    case extension::mt_priority: known.mt_priority_profile = if_right<grammar::mt_priority_offer>(params); break;
    case extension::limits: known.limits = limits_of(params); break;
    case extension::burl: known.burl = params; break;
    case extension::xclient: known.xclient = params; break;
    case extension::xforward: known.xforward = params; break;
    case extension::no_soliciting: known.solicitation_keywords = if_right<grammar::no_soliciting_offer>(params); break;
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

// A line of a reply, whatever it says.
void skip_line(detail::input& in) noexcept {
  const std::string_view rest(in.current(), in.size());
  in.bump(std::min(rest.find('\n'), rest.size() - 1) + 1);
}

} // namespace

bool capabilities::has_mechanism(std::string_view mechanism) const noexcept {
  bool found = false;
  for_each_word(auth_mechanisms, [&](std::string_view word) { found |= equal_ignoring_case(word, mechanism); });
  return found;
}

capabilities capabilities_of(const reply_view& response) noexcept {
  capabilities known;
  const std::string_view wire = response.wire();
  detail::input in(wire.data(), wire.data() + wire.size(), "");
  if (!in.empty()) skip_line(in);
  while (!in.empty()) {
    ehlo_line line;
    if (!match_offer(in, line))
      skip_line(in);
    else if (const auto offer = extension_of(line.keyword))
      learn(known, *offer, line.params);
  }
  return known;
}

} // namespace postel
