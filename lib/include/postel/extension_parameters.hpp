// Typed access to the parameters of MAIL and RCPT.
#pragma once

#include "extension.hpp"
#include "parameter.hpp"
#include "parameter_value.hpp"

namespace [[gnu::visibility("default")]] postel {

// What each accessor gives: the value; nothing if the parameter is absent; errc::parameter_value if its value is wrong, is missing, or is
// there although the parameter has none; errc::parameter_repeated if it stands twice. Offsets are into text().
template <typename T>
using optional_parameter = result<std::optional<T>>;

// The parameters of MAIL.
class mail_parameters : public parameters {
 public:
  mail_parameters() = default;
  constexpr mail_parameters(parameters p) noexcept : parameters(p) {}

  [[nodiscard]] optional_parameter<std::uint64_t> size() const noexcept;         // RFC 1870
  [[nodiscard]] optional_parameter<body_value> body() const noexcept;            // RFC 6152, RFC 3030
  [[nodiscard]] result<bool> smtputf8() const noexcept;                          // RFC 6531
  [[nodiscard]] optional_parameter<ret_value> ret() const noexcept;              // RFC 3461
  [[nodiscard]] optional_parameter<std::string_view> envid() const noexcept;     // RFC 3461
  [[nodiscard]] optional_parameter<std::string_view> auth() const noexcept;      // RFC 4954
  [[nodiscard]] optional_parameter<by_value> by() const noexcept;                // RFC 2852
  [[nodiscard]] optional_parameter<std::uint32_t> hold_for() const noexcept;     // RFC 4865
  [[nodiscard]] optional_parameter<date_time> hold_until() const noexcept;       // RFC 4865
  [[nodiscard]] optional_parameter<std::int8_t> mt_priority() const noexcept;    // RFC 6710
  [[nodiscard]] result<bool> require_tls() const noexcept;                       // RFC 8689
  [[nodiscard]] optional_parameter<std::string_view> solicit() const noexcept;   // RFC 3865
  [[nodiscard]] optional_parameter<mtrk_value> mtrk() const noexcept;            // RFC 3885
  [[nodiscard]] result<bool> conperm() const noexcept;                           // RFC 4141
  [[nodiscard]] optional_parameter<std::string_view> transid() const noexcept;   // RFC 1845
  [[nodiscard]] optional_parameter<std::string_view> submitter() const noexcept; // RFC 4405
  [[nodiscard]] result<bool> prdr() const noexcept;                              // Exim's, draft-hall-prdr-00

  // Nothing if every parameter is offered, stands once and has a right value (each by itself: what two of them mean together is not
  // looked at, but for HOLDFOR beside HOLDUNTIL, RFC 4865 3, and MTRK without ENVID, RFC 3885 3.2). Else the first fault: errc::parameter_unknown for one that is not offered.
  [[nodiscard]] std::optional<failure> check(extensions offered) const noexcept;
};

// The parameters of RCPT.
class rcpt_parameters : public parameters {
 public:
  rcpt_parameters() = default;
  constexpr rcpt_parameters(parameters p) noexcept : parameters(p) {}

  [[nodiscard]] optional_parameter<notify_value> notify() const noexcept;           // RFC 3461
  [[nodiscard]] optional_parameter<orcpt_value> orcpt() const noexcept;             // RFC 3461, RFC 6533
  [[nodiscard]] optional_parameter<rrvs_value> rrvs() const noexcept;               // RFC 7293
  [[nodiscard]] result<bool> conneg() const noexcept;                               // RFC 4141
  [[nodiscard]] optional_parameter<std::string_view> xrcptforward() const noexcept; // Dovecot's

  // As mail_parameters::check().
  [[nodiscard]] std::optional<failure> check(extensions offered) const noexcept;
};

} // namespace postel
