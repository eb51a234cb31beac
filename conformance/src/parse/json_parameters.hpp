// Parameters of commands as JSON, and what their RFCs do not allow in them.
#pragma once

#include <optional>
#include <postel/command.hpp>

#include "text/json_text.hpp"

namespace postel::conformance {

[[nodiscard]] json value(const parameters& params);
// Attributes of XCLIENT and XFORWARD.
[[nodiscard]] json attributes(const parameters& params);
// The registered ones that are there, by name, with their values.
[[nodiscard]] json typed_of(const mail_parameters& p);
[[nodiscard]] json typed_of(const rcpt_parameters& p);
// RFC 3339, in UTC.
[[nodiscard]] std::string date_text(const date_time& date);

// The fault that stands first in the registered parameters: of what their accessors read. Others are for no one to judge.
[[nodiscard]] std::optional<failure> parameter_fault(const mail_parameters& p);
[[nodiscard]] std::optional<failure> parameter_fault(const rcpt_parameters& p);

// Parameters by themselves, of MAIL or of RCPT: they share no registered keyword.
struct loose_parameters {
  parameters all;
};
[[nodiscard]] json value(const loose_parameters& p);
// A view of text. A fault is placed in it.
[[nodiscard]] result<loose_parameters> parse_params(std::string_view text, charset octets);

} // namespace postel::conformance
