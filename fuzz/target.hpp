// What libFuzzer and the replay program call; each target is one definition of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reads.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace postel::fuzz {

inline std::string_view view_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

// A replay takes its time; a fuzzer would rather try the next input.
#if defined(POSTEL_FUZZ_REPLAY)
inline constexpr effort target_effort = effort::every_split;
#else
inline constexpr effort target_effort = effort::some_cuts;
#endif

} // namespace postel::fuzz
