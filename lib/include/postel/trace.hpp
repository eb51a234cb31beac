// The trace fields that receivers write: RFC 5321 4.4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "address.hpp"

namespace [[gnu::visibility("default")]] postel {

// Extended-Domain, RFC 5321 4.4: who a party said it is, and what TCP says of it. Views into the parsed field.
struct extended_domain {
  host name;
  std::string_view tcp_info; // between the parentheses; empty if there are none

  friend bool operator==(const extended_domain&, const extended_domain&) = default;
};

// Received, RFC 5321 4.4 Stamp. Views into the parsed field; a clause that is absent is empty.
struct received {
  extended_domain from;
  extended_domain by;
  std::string_view via;        // Link
  std::string_view with;       // Protocol: ESMTPS and so on (RFC 3848)
  std::string_view id;         // Atom or msg-id
  std::string_view for_path;   // Path or Mailbox; one, never a list (RFC 5321 4.4)
  std::string_view additional; // registered clauses, as written
  std::string_view date;       // date-time of RFC 5322, as written

  friend bool operator==(const received&, const received&) = default;
};

// Each parses a whole field, its name included and the CRLF that ends it not; folded lines inside are white space. errc::syntax else. Of the
// date every number is in its range, the month has the day, and a day of the week is the right one (RFC 5322 3.3).
result<received> parse_received(std::string_view field, charset octets = charset::ascii) noexcept;
result<path> parse_return_path(std::string_view field, charset octets = charset::ascii) noexcept;

// A party of a Received field as others write them.
struct trace_party {
  std::string_view name; // as written: a domain, a literal with its brackets, an IP address, words like "unknown"
  std::string_view info; // the comments and literals behind it, as written, brackets and all

  friend bool operator==(const trace_party&, const trace_party&) = default;
};

// What a Received field says, whoever wrote it. Views into the field; a clause that is absent is empty.
struct trace_clauses {
  trace_party from;
  trace_party by;
  std::string_view via;      // may be of several words
  std::string_view with;     // likewise: "Microsoft SMTP Server"
  std::string_view id;       // one word
  std::string_view for_path; // a path, a mailbox or a user's name; a list of them, or a phrase, is passed over
  std::string_view date;     // with its numeric or short zone and without comments, in whatever order its parts stand

  // What is no part of a clause, of the date or of a comment: some texts of the field, and how many there are in all.
  std::array<std::string_view, 4> passed_over;
  std::size_t passed_over_count = 0;

  friend bool operator==(const trace_clauses&, const trace_clauses&) = default;
};

// Reads a Received field as real ones are: the clauses in any order and each once, comments in any place, no semicolon, what is unknown passed
// over. For counting and for loops; who judges a field uses parse_received(). The field is given as there; a line may end with LF alone.
// errc::syntax for another field, for a line end that does not fold, and where there is neither clause nor date nor comment. No allocation,
// linear time.
result<trace_clauses> read_received(std::string_view field) noexcept;

// Each appends the field, CRLF included, and gives the number of octets; it is one line unless a clause that was parsed is folded itself.
// What is written is parsed before it is kept: if that does not give value back, nothing is appended.
result<std::size_t> append(std::string& out, const received& value, charset octets = charset::ascii);
result<std::size_t> append_return_path(std::string& out, const path& value, charset octets = charset::ascii);

// Appends the date-time of RFC 5322 3.3 with a numeric zone: "Sun, 22 Nov 2026 10:19:57 +0000". unix_seconds: since 1970-01-01T00:00:00Z,
// from the year 1900 (RFC 5322 3.3) to 9999; offset_minutes: of the zone, east of UTC, less than 100 hours. Gives the number of octets;
// errc::syntax, and nothing appended, beyond these.
result<std::size_t> append_date(std::string& out, std::int64_t unix_seconds, int offset_minutes = 0);

} // namespace postel
