#include "postel/extension_parameters.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include "mail_values.hpp"
#include "parse.hpp"

namespace postel {

namespace {

using detail::mail_values;

struct nothing_read {};

// A registered parameter. What it is called, what must have been offered, and how its value is read: a right one goes into values, else why
// says what is wrong with it. Failures are handed over by reference here: returned in registers, they would be put together in memory first,
// which costs more than all the rest of reading a short value.
template <typename Values>
struct registered {
  std::string_view keyword;
  extension needs;
  bool (*read)(const std::optional<std::string_view>& value, Values& values, failure& why) noexcept;
  std::optional<extension> also = std::nullopt; // another extension that has the parameter
};

template <typename Values>
bool no_value(const std::optional<std::string_view>& value, Values&, failure& why) noexcept {
  why = {errc::parameter_value, 0, expectation::no_value};
  return !value;
}

template <typename Values>
bool anything(const std::optional<std::string_view>&, Values&, failure&) noexcept {
  return true;
}

// An absent value where an empty one would do: ENVID's.
constexpr failure absent{errc::parameter_value, 0, expectation::xtext};

// A value that Parse takes; it is stored where Member says, if anywhere.
template <typename Values, auto Parse, auto Member = nullptr>
bool value(const std::optional<std::string_view>& text, [[maybe_unused]] Values& values, failure& why) noexcept {
  const auto parsed = Parse(text.value_or(std::string_view())); // no value takes nothing: it says what a value is
  if (!parsed)
    why = parsed.error();
  else if (!text)
    why = absent;
  else if constexpr (!std::is_same_v<decltype(Member), std::nullptr_t>)
    values.*Member = *parsed;
  return parsed.has_value() && text.has_value();
}

bool smtputf8(const std::optional<std::string_view>& text, mail_values& values, failure& why) noexcept {
  values.smtputf8 = true;
  return no_value(text, values, why);
}

bool envid(const std::optional<std::string_view>& text, mail_values& values, failure& why) noexcept {
  values.envid = true;
  return value<mail_values, parse_envid_value>(text, values, why);
}

bool mtrk(const std::optional<std::string_view>& text, mail_values& values, failure& why) noexcept {
  values.mtrk = true;
  return value<mail_values, parse_mtrk_value>(text, values, why);
}

result<orcpt_value> parse_orcpt(std::string_view text) noexcept {
  return parse_orcpt_value(text, charset::utf8);
}

using mv = mail_values;
constexpr std::array mail_rows = {
    registered<mv>{"SIZE", extension::size, value<mv, parse_size_value, &mv::size>},
    registered<mv>{"BODY", extension::eight_bit_mime, value<mv, parse_body_value, &mv::body>},
    registered<mv>{"SMTPUTF8", extension::smtputf8, smtputf8},
    registered<mv>{"RET", extension::dsn, value<mv, parse_ret_value>},
    registered<mv>{"ENVID", extension::dsn, envid, extension::mtrk},
    registered<mv>{"AUTH", extension::auth, value<mv, parse_auth_value>},
    registered<mv>{"BY", extension::deliverby, value<mv, parse_by_value, &mv::by>},
    registered<mv>{"HOLDFOR", extension::futurerelease, value<mv, parse_holdfor_value, &mv::hold_for>},
    registered<mv>{"HOLDUNTIL", extension::futurerelease, value<mv, parse_date_time, &mv::hold_until>},
    registered<mv>{"MT-PRIORITY", extension::mt_priority, value<mv, parse_mt_priority_value>},
    registered<mv>{"REQUIRETLS", extension::requiretls, no_value<mv>},
    registered<mv>{"SOLICIT", extension::no_soliciting, value<mv, parse_solicit_value>},
    registered<mv>{"MTRK", extension::mtrk, mtrk},
    registered<mv>{"CONPERM", extension::conperm, no_value<mv>},
    registered<mv>{"TRANSID", extension::checkpoint, value<mv, parse_transid_value>},
    registered<mv>{"SUBMITTER", extension::submitter, value<mv, parse_submitter_value>},
    registered<mv>{"XVERP", extension::xverp, anything<mv>},
    registered<mv>{"PRDR", extension::prdr, no_value<mv>},
};

using rv = nothing_read;
constexpr std::array rcpt_rows = {
    registered<rv>{"NOTIFY", extension::dsn, value<rv, parse_notify_value>},
    registered<rv>{"ORCPT", extension::dsn, value<rv, parse_orcpt>},
    registered<rv>{"RRVS", extension::rrvs, value<rv, parse_rrvs_value>},
    registered<rv>{"CONNEG", extension::conneg, no_value<rv>},
    registered<rv>{"XRCPTFORWARD", extension::xrcptforward, value<rv, parse_xrcptforward_value>},
};

std::uint32_t offset_in(const parameters& all, std::string_view part) noexcept {
  return detail::offset_of(static_cast<std::size_t>(part.data() - all.text().data()));
}

// A failure of a parameter's value, moved from the value to the whole text.
failure placed(const parameters& all, const parameter& p, failure why) noexcept {
  const std::uint32_t start = offset_in(all, p.value.value_or(p.keyword));
  return {why.code, p.value ? start + why.offset : start, why.expected, why.inside};
}

// The parameter of that keyword, which stands at most once.
result<std::optional<parameter>> only(const parameters& all, std::string_view keyword) noexcept {
  std::optional<parameter> found;
  for (const parameter p : all) {
    if (!equal_ignoring_case(p.keyword, keyword)) continue;
    if (found) return failure{errc::parameter_repeated, offset_in(all, p.keyword), expectation::single_parameter};
    found = p;
  }
  return found;
}

template <typename T>
struct one_value {
  std::optional<T> value;
};

// The value of the parameter of that keyword, which Parse reads.
template <auto Parse>
auto value_of(const parameters& all, std::string_view keyword) noexcept {
  using one = one_value<typename decltype(Parse(std::string_view()))::value_type>;
  using found_value = result<decltype(one::value)>;
  const auto found = only(all, keyword);
  if (!found) return found_value(found.error());
  one read;
  failure why;
  if (*found && !value<one, Parse, &one::value>((*found)->value, read, why))
    return found_value(placed(all, **found, why));
  return found_value(read.value);
}

result<bool> is_there(const parameters& all, std::string_view keyword) noexcept {
  const auto found = only(all, keyword);
  if (!found) return found.error();
  if (!*found) return false;
  if ((*found)->value) return placed(all, **found, {errc::parameter_value, 0, expectation::no_value});
  return true;
}

// Whether rest begins with a parameter of that keyword. In a loop of its own: a call of memcmp costs more than the few octets.
bool begins_with(std::string_view rest, std::string_view keyword) noexcept {
  constexpr auto folded = [](char octet) { return octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet; };
  if (rest.size() < keyword.size()) return false;
  for (std::size_t i = 0; i < keyword.size(); ++i)
    if (folded(rest[i]) != keyword[i]) return false;
  return rest.size() == keyword.size() || rest[keyword.size()] == '=' || rest[keyword.size()] == ' ';
}

template <std::size_t Count, typename Values>
bool read_all(const parameters& all, const std::array<registered<Values>, Count>& rows, extensions offered,
              Values& values, failure& why) noexcept {
  const auto refuse = [&](failure fault) {
    why = fault;
    return false;
  };
  std::uint32_t seen = 0;
  static_assert(Count <= 32);
  for (std::string_view rest = all.text(); !rest.empty();) {
    std::size_t row = 0;
    while (row < Count && !begins_with(rest, rows[row].keyword)) ++row;
    if (row == Count || (!offered.contains(rows[row].needs) && !(rows[row].also && offered.contains(*rows[row].also))))
      return refuse({errc::parameter_unknown, offset_in(all, rest), expectation::offered_parameter});
    const std::uint32_t bit = std::uint32_t{1} << row;
    if ((seen & bit) != 0)
      return refuse({errc::parameter_repeated, offset_in(all, rest), expectation::single_parameter});
    seen |= bit;
    const std::size_t length = rows[row].keyword.size();
    std::size_t end = length; // in a loop, as above
    while (end != rest.size() && rest[end] != ' ') ++end;
    parameter p{rest.substr(0, length), std::nullopt};
    if (end != length) p.value = rest.substr(length + 1, end - length - 1);
    if (!rows[row].read(p.value, values, why)) return refuse(placed(all, p, why));
    while (end != rest.size() && rest[end] == ' ') ++end; // one, unless the policy took more
    rest.remove_prefix(end);
  }
  return true;
}

} // namespace

optional_parameter<std::uint64_t> mail_parameters::size() const noexcept {
  return value_of<parse_size_value>(*this, "SIZE");
}
optional_parameter<body_value> mail_parameters::body() const noexcept {
  return value_of<parse_body_value>(*this, "BODY");
}
result<bool> mail_parameters::smtputf8() const noexcept {
  return is_there(*this, "SMTPUTF8");
}
optional_parameter<ret_value> mail_parameters::ret() const noexcept {
  return value_of<parse_ret_value>(*this, "RET");
}
optional_parameter<std::string_view> mail_parameters::envid() const noexcept {
  return value_of<parse_envid_value>(*this, "ENVID");
}
optional_parameter<std::string_view> mail_parameters::auth() const noexcept {
  return value_of<parse_auth_value>(*this, "AUTH");
}
optional_parameter<by_value> mail_parameters::by() const noexcept {
  return value_of<parse_by_value>(*this, "BY");
}
optional_parameter<std::uint32_t> mail_parameters::hold_for() const noexcept {
  return value_of<parse_holdfor_value>(*this, "HOLDFOR");
}
optional_parameter<date_time> mail_parameters::hold_until() const noexcept {
  return value_of<parse_date_time>(*this, "HOLDUNTIL");
}
optional_parameter<std::int8_t> mail_parameters::mt_priority() const noexcept {
  return value_of<parse_mt_priority_value>(*this, "MT-PRIORITY");
}
result<bool> mail_parameters::require_tls() const noexcept {
  return is_there(*this, "REQUIRETLS");
}
optional_parameter<std::string_view> mail_parameters::solicit() const noexcept {
  return value_of<parse_solicit_value>(*this, "SOLICIT");
}
optional_parameter<mtrk_value> mail_parameters::mtrk() const noexcept {
  return value_of<parse_mtrk_value>(*this, "MTRK");
}
result<bool> mail_parameters::conperm() const noexcept {
  return is_there(*this, "CONPERM");
}
optional_parameter<std::string_view> mail_parameters::transid() const noexcept {
  return value_of<parse_transid_value>(*this, "TRANSID");
}
optional_parameter<std::string_view> mail_parameters::submitter() const noexcept {
  return value_of<parse_submitter_value>(*this, "SUBMITTER");
}

result<bool> mail_parameters::prdr() const noexcept {
  return is_there(*this, "PRDR");
}

std::optional<failure> mail_parameters::check(extensions offered) const noexcept {
  detail::mail_values values;
  failure why{};
  return detail::read(*this, offered, values, why) ? std::nullopt : std::optional(why);
}

bool detail::read(const mail_parameters& params, extensions offered, mail_values& values, failure& why) noexcept {
  if (offered.contains(extension::binarymime))
    offered.insert(extension::eight_bit_mime); // BODY is of both (RFC 3030 3)
  if (!read_all(params, mail_rows, offered, values, why)) return false;
  // A value of BODY that has an extension of its own.
  if (values.body == body_value::binary_mime && !offered.contains(extension::binarymime)) {
    why = placed(params, *params.find("BODY"), {errc::parameter_value, 0, expectation::seven_or_eight_bit});
    return false;
  }
  if (values.mtrk && !values.envid) {
    why = {errc::parameter_value, offset_in(params, params.find("MTRK")->keyword), expectation::envid_beside_mtrk};
    return false;
  }
  if (values.hold_until && values.hold_for != 0) {
    why = {errc::parameter_repeated, offset_in(params, params.find("HOLDUNTIL")->keyword), expectation::one_of_holds};
    return false;
  }
  return true;
}

optional_parameter<notify_value> rcpt_parameters::notify() const noexcept {
  return value_of<parse_notify_value>(*this, "NOTIFY");
}
optional_parameter<orcpt_value> rcpt_parameters::orcpt() const noexcept {
  return value_of<parse_orcpt>(*this, "ORCPT");
}
optional_parameter<rrvs_value> rcpt_parameters::rrvs() const noexcept {
  return value_of<parse_rrvs_value>(*this, "RRVS");
}
result<bool> rcpt_parameters::conneg() const noexcept {
  return is_there(*this, "CONNEG");
}
optional_parameter<std::string_view> rcpt_parameters::xrcptforward() const noexcept {
  return value_of<parse_xrcptforward_value>(*this, "XRCPTFORWARD");
}

std::optional<failure> rcpt_parameters::check(extensions offered) const noexcept {
  nothing_read values;
  failure why{};
  return read_all(*this, rcpt_rows, offered, values, why) ? std::nullopt : std::optional(why);
}

} // namespace postel
