#include "postel/error.hpp"

namespace postel {

std::string_view message(errc code) noexcept {
  switch (code) {
    case errc::syntax: return "syntax error";
    case errc::unknown_command: return "unknown command";
    case errc::not_implemented: return "command not implemented";
    case errc::line_too_long: return "line too long";
    case errc::bare_cr: return "CR without LF";
    case errc::bare_lf: return "LF without CR";
    case errc::bad_sequence: return "command out of sequence";
    case errc::parameter_unknown: return "parameter not offered";
    case errc::parameter_value: return "invalid parameter value";
    case errc::parameter_repeated: return "parameter given twice";
    case errc::address_too_long: return "address too long";
    case errc::non_ascii_address: return "address beyond ASCII without SMTPUTF8";
    case errc::non_ascii_body: return "message beyond ASCII without 8BITMIME";
    case errc::message_too_large: return "message too large";
    case errc::too_many_recipients: return "too many recipients";
    case errc::no_valid_recipients: return "no valid recipients";
    case errc::reply_code_mismatch: return "reply lines with different codes";
    case errc::reply_too_long: return "reply too long";
    case errc::reply_unexpected: return "reply that nothing awaits";
    case errc::buffer_too_small: return "buffer too small";
    case errc::not_now: return "not allowed at this point";
    case errc::not_offered: return "not offered by the server";
    case errc::window_full: return "too many commands outstanding";
  }
  return "unknown error";
}

} // namespace postel
