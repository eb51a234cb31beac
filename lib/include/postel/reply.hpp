// Replies, the greeting and the EHLO response: RFC 5321 4.2 and 4.1.1.1; enhanced status codes: RFC 2034, RFC 3463.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "address.hpp"

namespace [[gnu::visibility("default")]] postel {

// status-code, RFC 3463 2: class 2, 4 or 5; subject and detail 0 to 999.
struct enhanced_status_code {
  std::uint16_t status_class;
  std::uint16_t subject;
  std::uint16_t detail;

  friend bool operator==(const enhanced_status_code&, const enhanced_status_code&) = default;
};

// The texts of a reply's lines: without code, separator and CRLF. Splits while iterating.
class reply_lines {
 public:
  class iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(std::string_view rest) noexcept : rest_(rest) {}

    std::string_view operator*() const noexcept;
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      const iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.rest_.size() == b.rest_.size(); }

   private:
    std::string_view rest_;
  };

  reply_lines() = default;
  explicit reply_lines(std::string_view wire) noexcept : wire_(wire) {}
  [[nodiscard]] iterator begin() const noexcept { return iterator(wire_); }
  [[nodiscard]] iterator end() const noexcept { return iterator(); }

 private:
  std::string_view wire_;
};

// Which codes a reply may bear.
enum class reply_codes : std::uint8_t {
  defined, // Reply-code of RFC 5321 4.2: the second digit is 0 to 5
  any,     // any second digit: what a client must take all the same, by the first (RFC 5321 4.3.2)
};

// A reply as received, RFC 5321 4.2: a view of its lines. Only the parsers and readers below make one that is not empty. Its code is what
// to act on; its text is octets that anybody may have chosen: from read_reply(), all but LF. Escape them before a terminal shows them.
class reply_view {
 public:
  reply_view() = default;

  // 200 to 559, or to 599 from read_reply() and where reply_codes::any was asked for; 0 for a default-constructed view.
  [[nodiscard]] std::uint16_t code() const noexcept { return code_; }
  // The first digit: 2 done, 3 go on, 4 failed for now, 5 failed for good (RFC 5321 4.2.1).
  [[nodiscard]] unsigned severity() const noexcept { return code_ / 100U; }
  [[nodiscard]] reply_lines lines() const noexcept { return reply_lines(wire_); }
  // The octets as received, code and CRLF of each line included.
  [[nodiscard]] std::string_view wire() const noexcept { return wire_; }
  // The code that the first line's text starts with, if it has the class of the reply's code (RFC 2034 4).
  [[nodiscard]] std::optional<enhanced_status_code> status() const noexcept;
  // Where the reply first leaves the grammar (Reply-line of RFC 5321 4.2, UTF-8 where it was read for it), with an offset into wire(); nothing
  // if it does not. To report, never to act on. syntax: an octet that text can't have, or a code that is not defined; bare_cr; line_too_long:
  // beyond 512 octets (RFC 5321 4.5.3.1.5), or 12288 for 334 (RFC 4954 4). Computed by each call. The response to EHLO has a grammar of its own:
  // ehlo_response::deviation().
  [[nodiscard]] std::optional<failure> deviation() const noexcept;

  // Equal codes and equal line texts.
  friend bool operator==(const reply_view&, const reply_view&) noexcept;

 private:
  reply_view(std::uint16_t code, std::string_view wire, charset octets) noexcept
      : wire_(wire), code_(code), octets_(octets) {}
  friend struct ehlo_response;
  friend result<reply_view> read_reply(std::string_view, charset) noexcept;
  friend result<reply_view> parse_reply(std::string_view, charset, reply_codes) noexcept;
  friend result<struct greeting> parse_greeting(std::string_view, charset) noexcept;
  friend result<struct ehlo_response> parse_ehlo_response(std::string_view, charset) noexcept;

  std::string_view wire_;
  std::uint16_t code_ = 0;
  charset octets_ = charset::ascii; // what the text may have
};

// Reads exactly one reply as a client must: all of its lines, each three digits, "-" or in the last line a space or nothing, any text, CRLF.
// What the text holds does not matter (RFC 5321 4.2); of a code that is not defined the first digit counts (RFC 5321 4.3.2). Refused is what
// is no reply: syntax, bare_lf for a line that ends with LF alone, reply_code_mismatch where the lines bear different codes, with the offset
// of the line that differs. octets: what deviation() goes by. No allocation, no exception, linear time.
result<reply_view> read_reply(std::string_view lines, charset octets = charset::ascii) noexcept;

// Parses exactly one reply by the grammar, text and all: all of its lines, each with its CRLF. errc::reply_code_mismatch if the lines bear
// different codes, else errc::syntax. No allocation, no exception, linear time. utf8: UTF-8 in the text too (RFC 6531 3.7.4.2).
result<reply_view> parse_reply(std::string_view lines, charset octets = charset::ascii,
                               reply_codes codes = reply_codes::defined) noexcept;

// Parses an enhanced status code at the start of text and whatever ends it: a space or the end of text (RFC 2034 4).
result<enhanced_status_code> parse_status_code(std::string_view text) noexcept;

// Greeting, RFC 5321 4.2 (the 220 form). Views into the parsed text.
struct greeting {
  host server;
  std::string_view text; // of the first line, behind the host and a space; empty if there is none
  reply_view reply;
};
// Parses the whole greeting by the grammar. errc::reply_code_mismatch where the lines bear different codes.
result<greeting> parse_greeting(std::string_view lines, charset octets = charset::ascii) noexcept;

// One line of an EHLO response that announces an extension: ehlo-line, RFC 5321 4.1.1.1.
struct ehlo_line {
  std::string_view keyword;
  std::string_view params; // separated by single spaces if the line was parsed and not read; empty if there are none
  friend bool operator==(const ehlo_line&, const ehlo_line&) = default;
};

// ehlo-ok-rsp, RFC 5321 4.1.1.1. Views into the parsed text; nothing the server said is dropped.
struct ehlo_response {
  std::string_view domain;
  std::string_view greet; // behind the domain and a space; empty if there is none
  reply_view reply;

  // The line of that keyword, in any case, as read_ehlo_line() reads it; nothing if the server did not announce it.
  [[nodiscard]] std::optional<ehlo_line> find(std::string_view keyword) const noexcept;
  // Where the response first leaves ehlo-ok-rsp, or a line is longer than 512 octets; nothing if it does not. As reply_view::deviation().
  [[nodiscard]] std::optional<failure> deviation() const noexcept;
};
// Parses the whole response by the grammar, as who judges a server does: one line that is no ehlo-line ("AUTH=PLAIN") and the response is
// refused. A client reads it with read_ehlo_response(). errc::reply_code_mismatch where the lines bear different codes.
result<ehlo_response> parse_ehlo_response(std::string_view lines, charset octets = charset::ascii) noexcept;
// Parses the text of one line of the response, as reply_lines gives it.
result<ehlo_line> parse_ehlo_line(std::string_view text) noexcept;

// Reads a positive reply to EHLO or LHLO as servers send it: whatever is wrong with one line hides no other. domain and greet are what the
// first line has in their place.
[[nodiscard]] ehlo_response read_ehlo_response(const reply_view& reply) noexcept;
// Reads the text of one line of the response, so that no keyword is overlooked: what is no letter or digit is passed over before it; of
// what follows, letters, digits, "-", and "_" and "." between them are the keyword's. "STARTTLS=", "STARTTLS." and "SIZE:5" are STARTTLS and SIZE.
// The old form "AUTH=PLAIN" is no offer of AUTH, and a keyword as it stands. params has no spaces and controls at its ends, and may have any
// octets between. Nothing if there is no keyword.
[[nodiscard]] std::optional<ehlo_line> read_ehlo_line(std::string_view text) noexcept;

// A reply to write. text may have several lines, separated by LF; it becomes that many reply lines. status stands before each
// line's text (RFC 2034 4).
struct reply {
  std::uint16_t code = 0;
  std::string_view text;
  std::optional<enhanced_status_code> status = std::nullopt;
};

// Each appends the lines, CRLF included, and gives the number of octets. What is written is parsed before it is kept: if that fails or
// gives another value, nothing is appended. A space follows the code even where the text is empty (RFC 5321 4.2).
result<std::size_t> append(std::string& out, const reply& value, charset octets = charset::ascii);
result<std::size_t> append(std::string& out, const reply_view& value, charset octets = charset::ascii);

} // namespace postel
