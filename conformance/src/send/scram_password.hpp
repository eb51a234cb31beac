// A password as SCRAM salts it (RFC 5802 3), where the server says how much there is to compute.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace postel::conformance {

// RFC 7677 4, for SCRAM-SHA-1 too: fewer make a password that leaks cheap to guess.
inline constexpr std::uint64_t least_scram_iterations = 4096;
// More than anybody advises, for any hash; about two seconds.
inline constexpr std::uint64_t most_scram_iterations = 2'000'000;

struct scram_refusal {
  std::string why;
};

// SaltedPassword, as octets. hash: "SHA1" or "SHA256". password: prepared (RFC 4013). Refused outside of the bounds above, and when the time is
// over before it is computed.
std::variant<std::string, scram_refusal> scram_password(const char* hash, std::string_view password,
                                                        std::string_view salt, std::uint64_t iterations,
                                                        std::chrono::steady_clock::time_point until);

} // namespace postel::conformance
