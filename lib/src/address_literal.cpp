// The octets of address literals: RFC 5321 4.1.3.
#include "postel/address.hpp"

#include <algorithm>

namespace postel {

namespace {

constexpr std::string_view ipv6_prefix = "[IPv6:";

unsigned hexadecimal(char c) noexcept {
  if (c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

// Four numbers that the grammar has matched.
void read_ipv4(std::string_view text, std::uint8_t* octets) noexcept {
  unsigned value = 0;
  for (const char c : text) {
    if (c == '.') {
      *octets++ = static_cast<std::uint8_t>(value);
      value = 0;
    } else {
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
  }
  *octets = static_cast<std::uint8_t>(value);
}

// Groups, the last of which may be an IPv4 address, that the grammar has matched; how many octets they are.
std::size_t read_groups(std::string_view text, std::uint8_t* octets) noexcept {
  std::size_t size = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, end);
    if (group.find('.') != std::string_view::npos) {
      read_ipv4(group, octets + size);
      size += 4;
    } else {
      unsigned value = 0;
      for (const char c : group) value = value << 4 | hexadecimal(c);
      octets[size++] = static_cast<std::uint8_t>(value >> 8);
      octets[size++] = static_cast<std::uint8_t>(value);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return size;
}

} // namespace

std::optional<ip_address> address_of(const host& literal) noexcept {
  // A host is an aggregate: what it claims to be is looked at.
  const auto parsed = parse_domain(literal.text);
  if (!parsed) return std::nullopt;
  ip_address address{};
  if (parsed->form == host_form::ipv4_literal) {
    read_ipv4(literal.text.substr(1, literal.text.size() - 2), address.octets.data());
    address.size = 4;
    return address;
  }
  if (parsed->form != host_form::ipv6_literal) return std::nullopt;
  address.size = 16;
  const std::string_view text = literal.text.substr(ipv6_prefix.size(), literal.text.size() - ipv6_prefix.size() - 1);
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    read_groups(text, address.octets.data());
    return address;
  }
  read_groups(text.substr(0, gap), address.octets.data());
  std::array<std::uint8_t, 16> tail{};
  const std::size_t size = read_groups(text.substr(gap + 2), tail.data());
  std::copy_n(tail.begin(), size, address.octets.end() - static_cast<std::ptrdiff_t>(size));
  return address;
}

} // namespace postel
