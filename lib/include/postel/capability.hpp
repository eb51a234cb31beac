// What an EHLO response offers, keyword by keyword, with the parameters read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "extension.hpp"
#include "parameter_value.hpp"
#include "reply.hpp"

namespace [[gnu::visibility("default")]] postel {

// LIMITS, RFC 9422: the three registered limits; nothing where one is not announced.
struct announced_limits {
  std::optional<std::uint64_t> mail_max;        // transactions in a session
  std::optional<std::uint64_t> rcpt_max;        // RCPT commands in a transaction
  std::optional<std::uint64_t> rcpt_domain_max; // different domains in a session (RFC 9422 4.3)

  friend bool operator==(const announced_limits&, const announced_limits&) = default;
};

// FUTURERELEASE, RFC 4865 3.
struct future_release {
  std::uint32_t max_interval; // seconds
  date_time max_date_time;

  friend bool operator==(const future_release&, const future_release&) = default;
};

// Everything registered that a response offers. Views are into the response. A parameter that its RFC does not allow counts as absent;
// the keyword itself still counts.
struct capabilities {
  extensions offered;
  std::optional<std::uint64_t> size; // SIZE's limit in octets; nothing if there is none (RFC 1870 4: 0 is none)
  std::string_view auth_mechanisms;  // AUTH's, separated by single spaces
  std::optional<std::uint32_t> deliver_by_min; // DELIVERBY's, in seconds
  std::optional<future_release> future;        // FUTURERELEASE's
  std::string_view mt_priority_profile;        // MT-PRIORITY's
  announced_limits limits;                     // LIMITS'
  std::string_view burl;                       // BURL's, as written
  std::string_view xclient;                    // XCLIENT's attributes, separated by single spaces (Postfix's)
  std::string_view xforward;                   // XFORWARD's, likewise
  std::string_view solicitation_keywords;      // NO-SOLICITING's, separated by commas

  // Whether the mechanism is among those of AUTH, in any case.
  [[nodiscard]] bool has_mechanism(std::string_view mechanism) const noexcept;
};

// What the lines of an EHLO or LHLO response offer; the first line, the server's name, is passed over. Keywords that are not registered
// stay readable through ehlo_response::find() and reply_view::lines().
[[nodiscard]] capabilities capabilities_of(const reply_view& response) noexcept;

} // namespace postel
