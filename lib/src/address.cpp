#include "postel/address.hpp"

#include <cstring>

#include "append.hpp"
#include "capture.hpp"
#include "postel/grammar/address.hpp"
#include "write.hpp"

namespace postel {

namespace {

// Reverse-path and Forward-path in one: which of them a command takes is in the command's rule.
template <typename Charset>
struct any_path : grammar::peg::sor<grammar::null_path, grammar::forward_path<Charset>> {};

} // namespace

template <typename Charset>
inline constexpr auto detail::expectation_of<any_path<Charset>> = expectation::path;

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

} // namespace

bool has_non_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::uint64_t any = 0, word = 0;
  const auto look = [&](std::size_t at) {
    std::memcpy(&word, text.data() + at, sizeof word);
    any |= word;
  };
  if (text.size() < sizeof word) {
    for (const char c : text) any |= static_cast<unsigned char>(c);
    return (any & high_bits) != 0;
  }
  for (std::size_t at = 0; at < text.size() - sizeof word; at += sizeof word) look(at);
  look(text.size() - sizeof word);
  return (any & high_bits) != 0;
}

bool has_non_ascii(const path& value) noexcept {
  return has_non_ascii(value.source_route) || has_non_ascii(value.local_part) || has_non_ascii(value.domain);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a == b) return true;
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

result<host> parse_domain(std::string_view text, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<host> {
    if (!detail::matches<grammar::host<Charset>>(text))
      return detail::fault_or_smtputf8<grammar::host<Charset>, grammar::host<grammar::internationalized>>(text);
    return host{text, detail::form_of(text)};
  });
}

result<mailbox> parse_mailbox(std::string_view text, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<mailbox> {
    detail::captures captured;
    if (!detail::matches_often<grammar::mailbox<Charset>, detail::capture>(text, captured))
      return detail::fault_or_smtputf8<grammar::mailbox<Charset>, grammar::mailbox<grammar::internationalized>>(text);
    return mailbox{captured.address.local_part, captured.address.domain};
  });
}

result<path> parse_path(std::string_view text, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<path> {
    detail::captures captured;
    if (!detail::matches_often<any_path<Charset>, detail::capture>(text, captured))
      return detail::fault_or_smtputf8<any_path<Charset>, any_path<grammar::internationalized>>(text);
    return captured.address;
  });
}

result<std::size_t> append(std::string& out, const host& value, charset octets) {
  return detail::append_checked(
      out, value, [&] { out += value.text; }, [&](std::string_view text) { return parse_domain(text, octets); });
}

result<std::size_t> append(std::string& out, const mailbox& value, charset octets) {
  return detail::append_checked(
      out, value, [&] { detail::write(out, value); },
      [&](std::string_view text) { return parse_mailbox(text, octets); });
}

result<std::size_t> append(std::string& out, const path& value, charset octets) {
  return detail::append_checked(
      out, value, [&] { detail::write(out, value); }, [&](std::string_view text) { return parse_path(text, octets); });
}

} // namespace postel
