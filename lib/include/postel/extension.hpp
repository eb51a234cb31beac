// The service extensions: RFC 5321 2.2 and the registered EHLO keywords.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {

enum class extension : std::uint8_t {
  pipelining,            // RFC 2920
  size,                  // RFC 1870
  eight_bit_mime,        // RFC 6152
  enhanced_status_codes, // RFC 2034
  smtputf8,              // RFC 6531
  help,                  // the optional command HELP, RFC 5321 4.1.1.8
  expn,                  // the optional command EXPN, RFC 5321 4.1.1.7
  vrfy,                  // the command VRFY, listed by some, RFC 5321 3.5.2
  chunking,              // RFC 3030
  binarymime,            // RFC 3030
  dsn,                   // RFC 3461
  starttls,              // RFC 3207
  auth,                  // RFC 4954
  deliverby,             // RFC 2852
  futurerelease,         // RFC 4865
  mt_priority,           // RFC 6710
  requiretls,            // RFC 8689
  rrvs,                  // RFC 7293
  limits,                // RFC 9422
  burl,                  // RFC 4468
  no_soliciting,         // RFC 3865
  mtrk,                  // RFC 3885
  conperm,               // RFC 4141
  conneg,                // RFC 4141
  etrn,                  // RFC 1985
  atrn,                  // RFC 2645
  checkpoint,            // RFC 1845
  submitter,             // RFC 4405, historic
  send,                  // RFC 821, historic
  soml,                  // RFC 821, historic
  saml,                  // RFC 821, historic
  turn,                  // RFC 821, historic
  verb,                  // Sendmail's, not an RFC's
  onex,                  // Sendmail's, not an RFC's
  xclient,               // Postfix's, not registered
  xforward,              // Postfix's, not registered
  xverp,                 // Postfix's, not registered
  prdr,                  // Exim's, draft-hall-prdr-00, not registered
  pipeconnect,           // Exim's, not registered
  wellknown,             // Exim's, not registered
  xrcptforward,          // Dovecot's, not registered
};
inline constexpr std::size_t extension_count = 41;

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

  // What is in both.
  friend constexpr extensions operator&(extensions a, extensions b) noexcept {
    a.bits_ &= b.bits_;
    return a;
  }
  friend bool operator==(const extensions&, const extensions&) = default;

 private:
  static constexpr std::uint64_t bit(extension e) noexcept { return std::uint64_t{1} << static_cast<unsigned>(e); }
  std::uint64_t bits_ = 0;
};

} // namespace postel
