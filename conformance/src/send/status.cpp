#include "send/status.hpp"

#include <algorithm>
#include <array>

namespace postel::conformance {

namespace {

using tls_fact = send_facts::tls_fact;
using auth_fact = send_facts::auth_fact;

// The replies that ask for TLS or for authentication, whatever they answer: RFC 4954 6, RFC 3207 4, RFC 5248 2.4.
bool asks_for_permission(const recipient_outcome& became) noexcept {
  constexpr std::array<std::uint16_t, 4> always{530, 534, 535, 538};
  // Of X.7.10, X.7.11 and X.7.13. OpenSMTPD answers "524 5.2.4" for a recipient that it does not know.
  constexpr std::array<std::uint16_t, 3> of_security{523, 524, 525};
  constexpr std::array<std::uint16_t, 5> details{8, 9, 10, 11,
                                                 13}; // of X.7: credentials, mechanism, encryption, account
  if (std::ranges::find(always, became.code) != always.end()) return true;
  if (!became.status) return std::ranges::find(of_security, became.code) != of_security.end();
  return became.status->subject == 7 && (std::ranges::find(details, became.status->detail) != details.end() ||
                                         std::ranges::find(of_security, became.code) != of_security.end());
}

ending ending_of_error(errc why, const send_facts& on) noexcept {
  // Without TLS there was no way to authenticate; with it there may be one.
  const ending no_permission = on.tls == tls_fact::postponed ? ending::temporary : ending::not_permitted;
  switch (why) {
    case errc::tls_required:
    case errc::auth_needs_tls:
    case errc::auth_required: return no_permission;
    // AUTH; what else is not offered is found after it.
    case errc::not_offered: return on.auth == auth_fact::not_begun ? no_permission : ending::not_sendable;
    default: return ending::not_sendable;
  }
}

} // namespace

ending ending_of(const recipient_outcome& became, const send_facts& on) noexcept {
  const bool distrusted = on.tls == tls_fact::distrusted || on.auth == auth_fact::unproved;
  switch (became.what) {
    case outcome::delivered: return ending::delivered;
    case outcome::unknown: return ending::unknown;
    case outcome::pending:
    case outcome::temporary:
      if (!on.known_host) return ending::unknown_host;
      // We went, and not by chance: it won't be better the next time.
      return distrusted && became.code == 0 ? ending::not_permitted : ending::temporary;
    case outcome::refused: break;
  }
  if (became.code == 0) return ending_of_error(became.error, on);
  // There was no mail after it: this is the reply to AUTH, or to STARTTLS.
  const bool held_up = on.auth == auth_fact::failed || (on.tls == tls_fact::declined && on.tls_required);
  return held_up || asks_for_permission(became) ? ending::not_permitted : ending::refused;
}

int status_of(std::span<const ending> all) noexcept {
  const auto any = [&](ending what) { return std::ranges::find(all, what) != all.end(); };
  if (any(ending::unknown_host)) return send_status::unknown_host;
  if (any(ending::unknown)) return send_status::unknown;
  if (any(ending::temporary)) return send_status::temporary;
  if (any(ending::not_permitted)) return any(ending::delivered) ? send_status::refused : send_status::not_permitted;
  if (any(ending::refused)) return send_status::refused;
  return any(ending::not_sendable) ? send_status::not_sendable : send_status::delivered;
}

} // namespace postel::conformance
