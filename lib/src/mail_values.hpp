// What the server session needs to know of MAIL's parameters, read in one pass.
#pragma once

#include <cstdint>
#include <optional>

#include "postel/extension_parameters.hpp"

namespace postel::detail {

struct mail_values {
  std::optional<std::uint64_t> size;
  body_value body = body_value::seven_bit;
  bool smtputf8 = false;
  std::optional<by_value> by;
  std::uint32_t hold_for = 0;
  std::optional<date_time> hold_until;
  bool envid = false; // whether there is one
  bool mtrk = false;  // likewise
};

// Puts them into values, in which there are none yet. False if mail_parameters::check() has something against them: why says what.
bool read(const mail_parameters& params, extensions offered, mail_values& values, failure& why) noexcept;

} // namespace postel::detail
