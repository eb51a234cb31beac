// Numbers that stand for an input: chunk sizes and answers come from them, so that an input is nothing but octets off the wire.
#pragma once

#include <cstdint>
#include <string_view>

namespace postel::fuzz {

// FNV-1a, 64 bits.
constexpr std::uint64_t hash(std::string_view octets) noexcept {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char c : octets) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return value;
}

// The next number of a sequence (splitmix64).
constexpr std::uint64_t next_number(std::uint64_t& state) noexcept {
  std::uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
  return z ^ (z >> 31U);
}

} // namespace postel::fuzz
