// What postel send's exit status says of what happened.
#pragma once

#include <cstdint>
#include <postel/delivery.hpp>
#include <span>

namespace postel::conformance {

// Of sysexits.h.
namespace send_status {
inline constexpr int delivered = 0;
inline constexpr int usage = 64; // EX_USAGE
inline constexpr int not_sendable =
    65; // EX_DATAERR: the message or an address can't be sent to this server; it was told nothing of it
inline constexpr int no_input = 66;      // EX_NOINPUT: the file can't be read
inline constexpr int unknown_host = 68;  // EX_NOHOST
inline constexpr int refused = 69;       // EX_UNAVAILABLE: 5yz
inline constexpr int unknown = 74;       // EX_IOERR: lost behind the message; it may have been delivered
inline constexpr int temporary = 75;     // EX_TEMPFAIL: 4yz, no connection, lost before the message was complete
inline constexpr int not_permitted = 77; // EX_NOPERM: no TLS, no good certificate, no authentication; nobody got it
} // namespace send_status

// What became of a connection, beside the recipients' outcomes.
struct send_facts {
  enum class tls_fact : std::uint8_t {
    clear,      // it was not asked for, or not offered
    declined,   // STARTTLS was answered with 5yz
    postponed,  // with 4yz: there may be TLS the next time (RFC 3207 4)
    distrusted, // the certificate is not good
    on,
  };
  enum class auth_fact : std::uint8_t {
    unwanted,
    not_begun, // no mechanism could be used, or it did not come so far
    failed,    // the server refused, or we cancelled
    unproved,  // the server said yes, and has not proved who it is
    done,
  };
  bool known_host = true;
  bool tls_required = false;
  tls_fact tls = tls_fact::clear;
  auth_fact auth = auth_fact::unwanted;
};

// What a recipient's outcome means for who asked.
enum class ending : std::uint8_t {
  delivered,
  not_sendable,
  refused,
  not_permitted, // by want of TLS or of authentication: its reply, or the connection, says so; TLS was not only postponed
  temporary,
  unknown,
  unknown_host,
};

[[nodiscard]] ending ending_of(const recipient_outcome& became, const send_facts& on) noexcept;

// The exit status, of all recipients of all messages. With several endings the first that holds: unknown_host, unknown, temporary,
// not_permitted, refused, not_sendable. Where somebody got the message it was no want of permission that kept it from others: then
// not_permitted counts as refused.
[[nodiscard]] int status_of(std::span<const ending> all) noexcept;

} // namespace postel::conformance
