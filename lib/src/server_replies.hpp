// What the server session says by itself: one reply a refusal, one a positive answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "postel/error.hpp"
#include "postel/reply.hpp"
#include "postel/server.hpp"
#include "reply_code.hpp"

namespace postel::detail {

constexpr reply reply_of(std::uint16_t code, std::uint16_t subject, std::uint16_t detail,
                         std::string_view text) noexcept {
  return {code, text, enhanced_status_code{static_cast<std::uint16_t>(code / 100), subject, detail}};
}

// The reply to a command, or to a message, that is refused for this reason. RFC 5321 4.2.3, 4.5.3.1.9; status codes of RFC 3463, RFC 5248.
constexpr reply refusal(errc why) noexcept {
  switch (why) {
    case errc::unknown_command: return reply_of(500, 5, 1, "Command not recognized");
    case errc::not_implemented: return reply_of(502, 5, 1, "Command not implemented");
    case errc::line_too_long: return reply_of(500, 5, 2, "Line too long");
    case errc::bare_cr: return reply_of(500, 5, 2, "CR without LF");
    case errc::bare_lf: return reply_of(500, 5, 2, "LF without CR");
    case errc::bad_sequence: return reply_of(503, 5, 1, "Bad sequence of commands");
    case errc::no_valid_recipients: return reply_of(554, 5, 1, "No valid recipients");
    case errc::parameter_unknown: return reply_of(555, 5, 4, "Parameter not offered");
    case errc::parameter_value: return reply_of(501, 5, 4, "Invalid parameter value");
    case errc::by_time_too_short: return reply_of(555, 5, 4, "By-time below the minimum"); // RFC 2852 4
    case errc::parameter_repeated: return reply_of(501, 5, 4, "Parameter given twice");
    case errc::address_too_long: return reply_of(501, 1, 0, "Path too long");
    case errc::non_ascii_address: return reply_of(553, 6, 7, "Address needs SMTPUTF8");
    case errc::message_too_large: return reply_of(552, 3, 4, "Message too large");
    case errc::too_many_recipients: return reply_of(452, 5, 3, "Too many recipients");
    case errc::too_many_transactions: return reply_of(452, 5, 0, "Too many messages in one session");
    case errc::non_ascii_body: return reply_of(554, 6, 3, "Octets above 127 without BODY=8BITMIME"); // RFC 6152 3
    case errc::nul_octet: return reply_of(554, 6, 0, "Null octet in the message");
    case errc::text_line_too_long: return reply_of(554, 6, 0, "Line of the message too long");
    case errc::tls_required: return reply_of(530, 7, 0, "Must issue STARTTLS first");                 // RFC 3207 4
    case errc::auth_required: return reply_of(530, 7, 0, "Authentication required");                  // RFC 4954 6
    case errc::auth_needs_tls: return reply_of(538, 7, 11, "Encryption required for authentication"); // RFC 4954 6
    case errc::mechanism_unknown: return reply_of(504, 5, 4, "Mechanism not offered");                // RFC 4954 4
    case errc::auth_cancelled:
      return reply_of(501, 7, 0, "Authentication cancelled"); // RFC 4954 4
    // These end the session.
    case errc::chunk_size: return reply_of(501, 5, 4, "Unreadable chunk size");
    case errc::octets_before_tls: return reply_of(554, 5, 1, "Octets in clear behind STARTTLS");
    case errc::illegal_pipelining: return reply_of(503, 5, 0, "Improper pipelining");
    case errc::early_talker: return reply_of(554, 5, 0, "Octets before the greeting");
    case errc::too_many_errors: return reply_of(service_not_available, 7, 0, "Too many errors");
    case errc::too_many_commands: return reply_of(service_not_available, 7, 0, "Too many commands without mail");
    default: return reply_of(501, 5, 2, "Syntax error");
  }
}

// The session ends with the refusal. Where it can't be told any more what the client takes for a command, or the client is at odds with us
// on purpose.
constexpr bool ends_session(errc why) noexcept {
  return why == errc::chunk_size || why == errc::octets_before_tls || why == errc::illegal_pipelining ||
         why == errc::too_many_errors || why == errc::too_many_commands;
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
  std::uint16_t codes[4];
  reply usual;
};

constexpr positive positive_answers(decision owed) noexcept {
  switch (owed) {
    case decision::helo:
    case decision::ehlo:
    case decision::lhlo: return {{250}, {250, ""}};
    case decision::starttls: return {{220}, reply_of(220, 0, 0, "Ready to start TLS")};
    case decision::auth: return {{235}, reply_of(235, 7, 0, "Authentication successful")};
    case decision::sender: return {{250}, reply_of(250, 1, 0, "OK")};
    case decision::recipient: return {{250, 251}, reply_of(250, 1, 5, "OK")};
    case decision::data: return {{354}, {354, "Start mail input; end with <CRLF>.<CRLF>"}};
    case decision::chunk: return {{250}, reply_of(250, 0, 0, "Chunk received")};
    case decision::burl: return {{250}, reply_of(250, 0, 0, "Fetched")};
    case decision::message_end: return {{250}, reply_of(250, 6, 0, "OK")};
    case decision::verify: return {{250, 251, 252}, reply_of(252, 5, 0, "Cannot verify, will take a message")};
    case decision::expand: return {{250, 252}, reply_of(252, 5, 0, "Cannot expand")};
    case decision::help: return {{211, 214}, reply_of(214, 0, 0, "See RFC 5321")};
    case decision::etrn: return {{250, 251, 252, 253}, reply_of(250, 0, 0, "Queue run started")}; // RFC 1985 5.1
    case decision::none: break;
  }
  return {};
}

constexpr std::size_t decisions = static_cast<std::size_t>(decision::etrn) + 1;

// A reply of our own of one short line of ASCII, with a status code of one digit or two a part, as it goes over the wire: what a session says
// most is put together by the compiler.
class reply_line {
 public:
  constexpr reply_line() = default;
  constexpr explicit reply_line(const reply& what) noexcept {
    put(what.code / 100U);
    put(what.code / 10U % 10U);
    put(what.code % 10U);
    octets_[size_++] = ' ';
    if (what.status) {
      put(what.status->status_class);
      put_part(what.status->subject);
      put_part(what.status->detail);
      octets_[size_++] = ' ';
    }
    text_ = size_;
    for (const char octet : what.text) octets_[size_++] = octet;
    octets_[size_++] = '\r';
    octets_[size_++] = '\n';
  }

  void append_to(std::string& out, bool with_status) const {
    // All of the array, for a number of octets that the compiler knows is copied without a call; then what is too much goes.
    const std::size_t before = out.size();
    if (with_status || text_ == code_size) {
      out.append(octets_.data(), octets_.size()).resize(before + size_);
    } else {
      out.append(octets_.data(), code_size).append(&octets_[text_], static_cast<std::size_t>(size_ - text_));
    }
  }

 private:
  static constexpr std::size_t code_size = 4; // with its space

  constexpr void put(unsigned digit) noexcept { octets_[size_++] = static_cast<char>('0' + digit); }
  constexpr void put_part(unsigned part) noexcept {
    octets_[size_++] = '.';
    if (part > 9) put(part / 10);
    put(part % 10);
  }

  std::array<char, 96> octets_{};
  std::uint8_t size_ = 0;
  std::uint8_t text_ = 0; // where it begins
};

inline constexpr reply_line ok_line{reply_of(250, 0, 0, "OK")};

// What accept() says to each decision but the hellos.
inline constexpr std::array<reply_line, decisions> usual_lines = [] {
  std::array<reply_line, decisions> lines;
  for (std::size_t i = 0; i < decisions; ++i) lines[i] = reply_line(positive_answers(static_cast<decision>(i)).usual);
  return lines;
}();

} // namespace postel::detail
