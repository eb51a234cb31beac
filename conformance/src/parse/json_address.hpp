// Addresses and their parts as JSON.
#pragma once

#include <postel/address.hpp>

#include "text/json_text.hpp"

namespace postel::conformance {

[[nodiscard]] json value(const host& h);
[[nodiscard]] json value(const mailbox& m);
[[nodiscard]] json value(const path& p);

} // namespace postel::conformance
