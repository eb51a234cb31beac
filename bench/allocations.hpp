// Counting heap allocations: what is timed here is to make none.
#pragma once

#include <cstdint>

namespace postel::bench {

[[nodiscard]] std::uint64_t allocations() noexcept;

} // namespace postel::bench
