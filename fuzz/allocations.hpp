// Counting heap allocations, for the promise that parsers and sessions make none.
#pragma once

#include <cstdint>

namespace postel::fuzz {

// How many allocations this thread has made.
[[nodiscard]] std::uint64_t allocations() noexcept;

} // namespace postel::fuzz
