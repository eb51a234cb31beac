#include "postel/base64.hpp"

#include <array>
#include <cstdint>

#include "parse.hpp"
#include "postel/grammar/sasl.hpp"

namespace postel {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

// The 24 bits of a group; padding counts as zeros.
std::uint32_t bits(std::string_view group) noexcept {
  std::uint32_t sum = 0;
  for (const char c : group) sum = sum << 6 | values[static_cast<unsigned char>(c)];
  return sum;
}

} // namespace

result<std::string_view> decode_base64(std::string_view text, std::span<char> buffer) noexcept {
  if (text.empty()) return std::string_view(buffer.data(), 0);
  if (!detail::matches<grammar::base64>(text)) return detail::fault<grammar::base64>(text);
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t size = text.size() / 4 * 3 - padding;
  const std::uint32_t unused = bits(text.substr(text.size() - 4)) & ((std::uint32_t{1} << (8 * padding)) - 1);
  if (unused != 0) return failure{errc::syntax, detail::offset_of(text.size() - padding - 1), expectation::zero_bits};
  if (buffer.size() < size) return failure{errc::buffer_too_small, 0};
  std::size_t filled = 0;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::uint32_t group = bits(text.substr(at, 4));
    for (int shift = 16; shift >= 0 && filled < size; shift -= 8) buffer[filled++] = static_cast<char>(group >> shift);
  }
  return std::string_view(buffer.data(), size);
}

std::size_t append_base64(std::string& out, std::string_view octets) {
  const std::size_t before = out.size();
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::string_view group = octets.substr(at, 3);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum = sum << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= group.size() ? alphabet[sum >> (18 - 6 * i) & 0x3F] : '=';
  }
  return out.size() - before;
}

} // namespace postel
