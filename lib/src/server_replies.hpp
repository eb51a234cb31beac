// What the server session says by itself: one reply a refusal, one a positive answer.
#pragma once

#include <string_view>

#include "postel/error.hpp"
#include "postel/reply.hpp"
#include "postel/server.hpp"

namespace postel::detail {

// The reply to a command, or to a message, that is refused for this reason. RFC 5321 4.2.3, 4.5.3.1.9; status codes of RFC 3463, RFC 5248.
constexpr reply refusal(errc why) noexcept {
  constexpr auto make = [](std::uint16_t code, std::uint16_t subject, std::uint16_t detail, std::string_view text) {
    return reply{code, text, enhanced_status_code{static_cast<std::uint16_t>(code / 100), subject, detail}};
  };
  switch (why) {
    case errc::unknown_command: return make(500, 5, 1, "Command not recognized");
    case errc::not_implemented: return make(502, 5, 1, "Command not implemented");
    case errc::line_too_long: return make(500, 5, 2, "Line too long");
    case errc::bare_cr: return make(500, 5, 2, "CR without LF");
    case errc::bare_lf: return make(500, 5, 2, "LF without CR");
    case errc::bad_sequence: return make(503, 5, 1, "Bad sequence of commands");
    case errc::no_valid_recipients: return make(554, 5, 1, "No valid recipients");
    case errc::parameter_unknown: return make(555, 5, 4, "Parameter not offered");
    case errc::parameter_value: return make(501, 5, 4, "Invalid parameter value");
    case errc::parameter_repeated: return make(501, 5, 4, "Parameter given twice");
    case errc::address_too_long: return make(501, 1, 0, "Path too long");
    case errc::non_ascii_address: return make(553, 6, 7, "Address needs SMTPUTF8");
    case errc::message_too_large: return make(552, 3, 4, "Message too large");
    case errc::too_many_recipients: return make(452, 5, 3, "Too many recipients");
    default: return make(501, 5, 2, "Syntax error");
  }
}

// The reply to a whole message that is refused; a bare CR or LF is no line's fault here but the message's.
constexpr reply message_refusal(errc why) noexcept {
  reply r = refusal(why);
  if (why == errc::bare_cr || why == errc::bare_lf) {
    r.code = 554;
    r.status = enhanced_status_code{5, 6, 0};
  }
  return r;
}

// The positive answers to a decision (RFC 5321 4.3.2): the codes it may have, 0 where there are fewer, and the one that accept() gives.
struct positive {
  std::uint16_t codes[3];
  reply usual;
};

constexpr positive positive_answers(decision owed) noexcept {
  switch (owed) {
    case decision::helo:
    case decision::ehlo: return {{250}, {250, ""}};
    case decision::sender: return {{250}, {250, "OK", enhanced_status_code{2, 1, 0}}};
    case decision::recipient: return {{250, 251}, {250, "OK", enhanced_status_code{2, 1, 5}}};
    case decision::data: return {{354}, {354, "Start mail input; end with <CRLF>.<CRLF>"}};
    case decision::message_end: return {{250}, {250, "OK", enhanced_status_code{2, 6, 0}}};
    case decision::verify:
      return {{250, 251, 252}, {252, "Cannot verify, will take a message", enhanced_status_code{2, 5, 0}}};
    case decision::expand: return {{250, 252}, {252, "Cannot expand", enhanced_status_code{2, 5, 0}}};
    case decision::help: return {{211, 214}, {214, "See RFC 5321", enhanced_status_code{2, 0, 0}}};
    case decision::none: break;
  }
  return {};
}

} // namespace postel::detail
