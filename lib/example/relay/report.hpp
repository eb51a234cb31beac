// Delivery status notifications: RFC 3464 in a multipart/report (RFC 6522), as RFC 3461 asks for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postel/delivery.hpp"
#include "spool.hpp"

namespace relay {

enum class action { failed, delivered, relayed }; // RFC 3464 2.3.3

struct report_line {
  const stored::recipient* recipient;
  const postel::recipient_outcome* outcome; // outlives the report
  action what;
  bool expired = false; // given up, after temporary failures
};

// Whether the sender is to hear of it: never of a message without a sender (RFC 5321 6.1), else as NOTIFY says (RFC 3461 4.1).
bool wants_report(const stored& message, const stored::recipient& recipient, action what);

struct report_route {
  std::string_view host, smarthost; // ours, and who passes the report on
  bool
      eight_bit; // it takes octets above 127 (RFC 6152); if not, or if that is unknown, the report has none in its body
};

// Writes the report on these recipients of the message as a message to its sender. Nothing if the disk refuses. To be committed.
std::optional<draft> write_report(spool&, const stored& message, const std::vector<report_line>& lines,
                                  const report_route&);

} // namespace relay
