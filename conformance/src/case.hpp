// A conformance case: a dialogue with a peer, and what is required of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "diagnostic.hpp"

namespace postel::conformance {

enum class level : std::uint8_t { must, should, may, note };
[[nodiscard]] std::string_view name(level) noexcept;

// Who is tried.
enum class role : std::uint8_t {
  server,     // a server of SMTP or of submission
  submission, // of submission only (RFC 6409)
  lmtp,       // of LMTP only (RFC 2033)
  both,       // any of them; the case says {hello} for EHLO or LHLO
  client,
};

// What the one who runs the cases, or the target, has to provide.
enum class variable : std::uint8_t {
  client,
  sender,
  rcpt,
  rcpt_local,
  rcpt_domain,
  unknown,
  foreign,
  size,
  hello,
  user,
  password,
  hold_for,
};
inline constexpr std::size_t variable_count = 12;

struct repetition {
  std::string octets;
  std::uint32_t times;
};
// {base64:...}
struct encoded {
  std::vector<std::variant<std::string, variable>> items;
};
using text_item = std::variant<std::string, variable, repetition, encoded>;

// C: octets for the peer.
struct say {
  std::vector<text_item> text; // the CRLF that a C: line ends with included
  std::size_t write_size = 0;  // not 0: in separate writes of so many octets

  // Whether the variable stands in the text, as it is or as base64.
  [[nodiscard]] bool has(variable which) const noexcept;
};

struct alternative {
  enum class kind : std::uint8_t { code, any, closed, silence, tls };
  kind what;
  std::string code; // of kind::code: three digits, x, y or z for any digit

  friend bool operator==(const alternative&, const alternative&) = default;
};
// Whether the three-digit code matches the pattern.
[[nodiscard]] bool matches(std::string_view pattern, unsigned code) noexcept;

struct condition {
  enum class kind : std::uint8_t {
    greeting,
    reply_line,
    ehlo_ok_rsp,
    continue_req,
    containing,
    without,
    offering,
    not_offering,
    status,
    lines
  };
  kind what;
  std::string text;      // of containing, without, offering and not_offering
  std::size_t lines = 0; // of lines
};

// S: or S?: what the peer has to do; TLS: or TLS?: that it makes a TLS handshake with us.
struct expectation {
  bool judged;    // S: the case is about this; S?: set-up
  bool handshake; // the only alternative is kind::tls
  std::vector<alternative> alternatives;
  std::vector<condition> conditions;
  std::string text; // as written
  std::size_t line; // in the file
};

struct step;
// when ... else ... end
struct branch {
  std::vector<alternative> pattern;
  std::vector<step> then;
  std::vector<step> otherwise;
};
struct step {
  std::variant<say, expectation, branch> what;
};

struct test_case {
  std::string id; // document/section/name
  conformance::level level = conformance::level::must;
  conformance::role role = conformance::role::server;
  std::string requirement;               // its lines joined by spaces
  std::vector<std::string> clauses;      // the one that the id names comes first
  std::vector<std::string> requirements; // EHLO keywords, some with parameters behind a space; or "TLS"
  std::vector<step> steps;
  std::string file;
  std::size_t line = 0;

  // The parts of the id: "rfc5321", "4.1.1.2", "no-brackets".
  [[nodiscard]] std::string_view document() const noexcept;
  [[nodiscard]] std::string_view section() const noexcept;
  [[nodiscard]] std::string_view short_name() const noexcept;

  // Whether the variable is said.
  [[nodiscard]] bool says(variable which) const noexcept;
  // Whether {user} or {password} is said.
  [[nodiscard]] bool uses_credentials() const noexcept;
  // Whether the first step is EHLO or LHLO, so that something may come before it.
  [[nodiscard]] bool starts_with_hello() const noexcept;
  // Whether the first step is to look at what the peer does by itself.
  [[nodiscard]] bool starts_with_greeting() const noexcept;
};

// Whether the line of an EHLO response has the keyword, and the parameters, of wanted ("AUTH PLAIN"): in any case. A parameter that is all
// that stands before an equals sign counts too ("LIMITS RCPTMAX").
[[nodiscard]] bool offers(std::string_view line, std::string_view wanted) noexcept;

// The clause that the id names: "RFC 5321 §4.1.1.2".
[[nodiscard]] std::string clause_of(const test_case& the_case);

// Reads a case file. file names it in errors.
[[nodiscard]] std::variant<std::vector<test_case>, diagnostic> parse_cases(std::string_view file,
                                                                           std::string_view content);

} // namespace postel::conformance
