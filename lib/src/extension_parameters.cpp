#include "postel/extension_parameters.hpp"

#include <array>

#include "parse.hpp"

namespace postel {

namespace {

// A registered parameter. What it is called, what must have been offered, and whether a value is right for it.
struct registered {
  std::string_view keyword;
  extension needs;
  std::optional<failure> (*fault)(std::optional<std::string_view> value) noexcept;
};

std::optional<failure> has_value(std::optional<std::string_view> value) noexcept {
  if (value) return failure{errc::parameter_value, 0};
  return std::nullopt;
}

std::optional<failure> anything(std::optional<std::string_view>) noexcept {
  return std::nullopt;
}

template <auto Parse>
std::optional<failure> fault_of(std::optional<std::string_view> value) noexcept {
  if (!value) return failure{errc::parameter_value, 0};
  const auto parsed = Parse(*value);
  if (parsed) return std::nullopt;
  return parsed.error();
}

result<orcpt_value> parse_orcpt(std::string_view text) noexcept {
  return parse_orcpt_value(text, charset::utf8);
}

constexpr std::array mail_rows = {
    registered{"SIZE", extension::size, fault_of<parse_size_value>},
    registered{"BODY", extension::eight_bit_mime, fault_of<parse_body_value>},
    registered{"SMTPUTF8", extension::smtputf8, has_value},
    registered{"RET", extension::dsn, fault_of<parse_ret_value>},
    registered{"ENVID", extension::dsn, fault_of<parse_envid_value>},
    registered{"AUTH", extension::auth, fault_of<parse_auth_value>},
    registered{"BY", extension::deliverby, fault_of<parse_by_value>},
    registered{"HOLDFOR", extension::futurerelease, fault_of<parse_holdfor_value>},
    registered{"HOLDUNTIL", extension::futurerelease, fault_of<parse_date_time>},
    registered{"MT-PRIORITY", extension::mt_priority, fault_of<parse_mt_priority_value>},
    registered{"REQUIRETLS", extension::requiretls, has_value},
    registered{"SOLICIT", extension::no_soliciting, fault_of<parse_solicit_value>},
    registered{"MTRK", extension::mtrk, fault_of<parse_mtrk_value>},
    registered{"CONPERM", extension::conperm, has_value},
    registered{"TRANSID", extension::checkpoint, fault_of<parse_transid_value>},
    registered{"SUBMITTER", extension::submitter, fault_of<parse_submitter_value>},
    registered{"XVERP", extension::xverp, anything},
};

constexpr std::array rcpt_rows = {
    registered{"NOTIFY", extension::dsn, fault_of<parse_notify_value>},
    registered{"ORCPT", extension::dsn, fault_of<parse_orcpt>},
    registered{"RRVS", extension::rrvs, fault_of<parse_rrvs_value>},
    registered{"CONNEG", extension::conneg, has_value},
};

std::uint32_t offset_in(const parameters& all, std::string_view part) noexcept {
  return detail::offset_of(static_cast<std::size_t>(part.data() - all.text().data()));
}

// A failure of a parameter's value, moved from the value to the whole text.
failure placed(const parameters& all, const parameter& p, failure why) noexcept {
  const std::uint32_t start = offset_in(all, p.value.value_or(p.keyword));
  return {why.code, p.value ? start + why.offset : start};
}

// The parameter of that keyword, which stands at most once.
result<std::optional<parameter>> only(const parameters& all, std::string_view keyword) noexcept {
  std::optional<parameter> found;
  for (const parameter p : all) {
    if (!equal_ignoring_case(p.keyword, keyword)) continue;
    if (found) return failure{errc::parameter_repeated, offset_in(all, p.keyword)};
    found = p;
  }
  return found;
}

template <typename T>
optional_parameter<T> value_of(const parameters& all, std::string_view keyword,
                               result<T> (*parse)(std::string_view) noexcept) noexcept {
  const auto found = only(all, keyword);
  if (!found) return found.error();
  if (!*found) return std::optional<T>();
  const parameter& p = **found;
  if (!p.value) return placed(all, p, {errc::parameter_value, 0});
  const auto value = parse(*p.value);
  if (!value) return placed(all, p, value.error());
  return std::optional<T>(*value);
}

result<bool> is_there(const parameters& all, std::string_view keyword) noexcept {
  const auto found = only(all, keyword);
  if (!found) return found.error();
  if (!*found) return false;
  if ((*found)->value) return placed(all, **found, {errc::parameter_value, 0});
  return true;
}

template <std::size_t Count>
std::optional<failure> check_all(const parameters& all, const std::array<registered, Count>& rows,
                                 extensions offered) noexcept {
  std::uint32_t seen = 0;
  static_assert(Count <= 32);
  for (const parameter p : all) {
    std::size_t row = 0;
    while (row < Count && !equal_ignoring_case(rows[row].keyword, p.keyword)) ++row;
    const std::uint32_t at = offset_in(all, p.keyword);
    if (row == Count || !offered.contains(rows[row].needs)) return failure{errc::parameter_unknown, at};
    const std::uint32_t bit = std::uint32_t{1} << row;
    if ((seen & bit) != 0) return failure{errc::parameter_repeated, at};
    seen |= bit;
    if (const auto why = rows[row].fault(p.value)) return placed(all, p, *why);
  }
  return std::nullopt;
}

} // namespace

optional_parameter<std::uint64_t> mail_parameters::size() const noexcept {
  return value_of(*this, "SIZE", parse_size_value);
}
optional_parameter<body_value> mail_parameters::body() const noexcept {
  return value_of(*this, "BODY", parse_body_value);
}
result<bool> mail_parameters::smtputf8() const noexcept {
  return is_there(*this, "SMTPUTF8");
}
optional_parameter<ret_value> mail_parameters::ret() const noexcept {
  return value_of(*this, "RET", parse_ret_value);
}
optional_parameter<std::string_view> mail_parameters::envid() const noexcept {
  return value_of(*this, "ENVID", parse_envid_value);
}
optional_parameter<std::string_view> mail_parameters::auth() const noexcept {
  return value_of(*this, "AUTH", parse_auth_value);
}
optional_parameter<by_value> mail_parameters::by() const noexcept {
  return value_of(*this, "BY", parse_by_value);
}
optional_parameter<std::uint32_t> mail_parameters::hold_for() const noexcept {
  return value_of(*this, "HOLDFOR", parse_holdfor_value);
}
optional_parameter<date_time> mail_parameters::hold_until() const noexcept {
  return value_of(*this, "HOLDUNTIL", parse_date_time);
}
optional_parameter<std::int8_t> mail_parameters::mt_priority() const noexcept {
  return value_of(*this, "MT-PRIORITY", parse_mt_priority_value);
}
result<bool> mail_parameters::require_tls() const noexcept {
  return is_there(*this, "REQUIRETLS");
}
optional_parameter<std::string_view> mail_parameters::solicit() const noexcept {
  return value_of(*this, "SOLICIT", parse_solicit_value);
}
optional_parameter<mtrk_value> mail_parameters::mtrk() const noexcept {
  return value_of(*this, "MTRK", parse_mtrk_value);
}
result<bool> mail_parameters::conperm() const noexcept {
  return is_there(*this, "CONPERM");
}
optional_parameter<std::string_view> mail_parameters::transid() const noexcept {
  return value_of(*this, "TRANSID", parse_transid_value);
}
optional_parameter<std::string_view> mail_parameters::submitter() const noexcept {
  return value_of(*this, "SUBMITTER", parse_submitter_value);
}

std::optional<failure> mail_parameters::check(extensions offered) const noexcept {
  if (const auto why = check_all(*this, mail_rows, offered)) return why;
  // A value of BODY that has an extension of its own.
  if (const auto p = find("BODY");
      p && *parse_body_value(*p->value) == body_value::binary_mime && !offered.contains(extension::binarymime))
    return placed(*this, *p, {errc::parameter_value, 0});
  if (const auto until = find("HOLDUNTIL"); until && find("HOLDFOR"))
    return failure{errc::parameter_repeated, offset_in(*this, until->keyword)};
  return std::nullopt;
}

optional_parameter<notify_value> rcpt_parameters::notify() const noexcept {
  return value_of(*this, "NOTIFY", parse_notify_value);
}
optional_parameter<orcpt_value> rcpt_parameters::orcpt() const noexcept {
  return value_of(*this, "ORCPT", parse_orcpt);
}
optional_parameter<rrvs_value> rcpt_parameters::rrvs() const noexcept {
  return value_of(*this, "RRVS", parse_rrvs_value);
}
result<bool> rcpt_parameters::conneg() const noexcept {
  return is_there(*this, "CONNEG");
}

std::optional<failure> rcpt_parameters::check(extensions offered) const noexcept {
  return check_all(*this, rcpt_rows, offered);
}

} // namespace postel
