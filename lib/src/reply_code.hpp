// Reply codes that decide more than their first digit does.
#pragma once

#include <cstdint>

namespace postel::detail {

inline constexpr std::uint16_t service_not_available = 421;   // the server closes: RFC 5321 3.8
inline constexpr std::uint16_t too_many_recipients = 452;     // RFC 5321 4.5.3.1.10
inline constexpr std::uint16_t old_too_many_recipients = 552; // RFC 821's code for the same

} // namespace postel::detail
