// The service extensions that sessions negotiate: RFC 5321 2.2 and the registered keywords.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace postel {

enum class extension : std::uint8_t {
  pipelining,            // RFC 2920
  size,                  // RFC 1870
  eight_bit_mime,        // RFC 6152
  enhanced_status_codes, // RFC 2034
  smtputf8,              // RFC 6531
  help,                  // the optional command HELP, RFC 5321 4.1.1.8
  expn,                  // the optional command EXPN, RFC 5321 4.1.1.7
};

// Every extension, in the order in which an EHLO response lists them.
inline constexpr extension all_extensions[] = {extension::pipelining,
                                               extension::size,
                                               extension::eight_bit_mime,
                                               extension::enhanced_status_codes,
                                               extension::smtputf8,
                                               extension::help,
                                               extension::expn};

// The EHLO keyword, "PIPELINING" and so on. The view is static.
[[nodiscard]] std::string_view keyword(extension) noexcept;
// The extension of an EHLO keyword, in any case; nothing for one that is not in the list above.
[[nodiscard]] std::optional<extension> extension_of(std::string_view keyword) noexcept;

// A set of extensions.
class extensions {
 public:
  constexpr extensions() = default;
  constexpr extensions(std::initializer_list<extension> members) noexcept {
    for (const extension e : members) insert(e);
  }
  constexpr void insert(extension e) noexcept { bits_ |= bit(e); }
  constexpr void erase(extension e) noexcept { bits_ &= ~bit(e); }
  [[nodiscard]] constexpr bool contains(extension e) const noexcept { return (bits_ & bit(e)) != 0; }

  friend bool operator==(const extensions&, const extensions&) = default;

 private:
  static constexpr std::uint32_t bit(extension e) noexcept { return std::uint32_t{1} << static_cast<unsigned>(e); }
  std::uint32_t bits_ = 0;
};

} // namespace postel
