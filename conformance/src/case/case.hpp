// A conformance case: a dialogue with a party, and what is required of it. One form serves both roles: lines of the
// tested party are expectations, lines of ours are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "case/certificate_kind.hpp"
#include "case/words.hpp"
#include "text/diagnostic.hpp"

namespace postel::conformance {

enum class level : std::uint8_t { must, should, may, note };
[[nodiscard]] std::string_view name(level) noexcept;

// Who is tested.
enum class role : std::uint8_t {
  server,     // a server of SMTP or of submission
  submission, // of submission only (RFC 6409)
  lmtp,       // of LMTP only (RFC 2033)
  both,       // any of these servers; the case says {hello} for EHLO or LHLO
  client,
};
[[nodiscard]] std::string_view name(role) noexcept;
[[nodiscard]] constexpr side side_of(role value) noexcept {
  return value == role::client ? side::client : side::server;
}

struct repetition {
  std::string octets;
  std::uint32_t times;
};
// {base64:...}
struct encoded {
  std::vector<std::variant<std::string, variable>> items;
};
using text_item = std::variant<std::string, variable, repetition, encoded>;

// A line of ours: octets for the tested party.
struct say {
  std::vector<text_item> text; // with the CRLF that ends the line, unless the line is raw
  std::size_t write_size = 0;  // not 0: in separate writes of so many octets

  // Whether the variable stands in the text, as it is or as base64.
  [[nodiscard]] bool has(variable which) const noexcept;
};

// One thing that the tested party may do.
struct pattern {
  using kind = pattern_kind;
  kind what;
  std::string word = {}; // of kind::code: three digits, x, y or z for any digit; of kind::verb: the verb in capitals

  friend bool operator==(const pattern&, const pattern&) = default;
};
// Whether the three-digit code matches the pattern ("25z").
[[nodiscard]] bool matches(std::string_view pattern, unsigned code) noexcept;

struct condition {
  using kind = condition_kind;
  kind what;
  std::string text = {};  // of those with text
  std::size_t number = 0; // of those with a number
};

// What the tested party has to do.
struct expectation {
  subject of = subject::act;
  bool judged = false; // S:, C: the case is about this; S?:, C?: it is set-up
  std::vector<pattern> patterns;
  std::vector<condition> conditions; // all of them hold
  std::string text;                  // as written
  std::string place;                 // "FILE:LINE"
  std::size_t number = 0;            // counts the expectations of a case from 1, preludes included; 0: of no case

  [[nodiscard]] bool allows(pattern_kind what) const noexcept;
  [[nodiscard]] bool has(condition_kind what) const noexcept;
};

// answer until: everything that comes before one of these gets a positive answer.
struct answering {
  expectation until; // not judged, without conditions
};
struct hang_up {}; // close
struct skip {
  std::string why;
};

struct step;
// when ... else ... end
struct branch {
  std::vector<pattern> patterns;
  std::vector<step> then;
  std::vector<step> otherwise;
};
struct step {
  std::variant<say, expectation, answering, branch, hang_up, skip> what;
  std::string source; // the line as written; empty for a repetition of the step before it
};

// What a client is given.
struct fixture {
  std::string sender = "ann@client.example";
  std::vector<std::string> recipients = {}; // of a case that was read: never empty
  std::string message = {};                 // octet for octet; of a case that was read: never empty
  bool lmtp = false;
  bool tls = false;  // it sends nothing without TLS
  bool auth = false; // it says who it is
  std::string user = "ann";
  std::string password = "secret";
  certificate_kind certificate = certificate_kind::good; // ours
};

struct test_case {
  std::string id; // document/section/name
  conformance::level level = conformance::level::must;
  conformance::role role = conformance::role::server;
  std::string requirement;               // its lines joined by spaces
  std::vector<std::string> clauses;      // the one that the id names comes first
  std::vector<std::string> requirements; // EHLO keywords, some with parameters after a space; or "TLS"
  fixture given;                         // of a case for a client
  std::vector<std::string> given_lines;  // as written
  std::vector<step> steps;               // those of preludes included
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
  // Whether the first step is to look at what the server does by itself.
  [[nodiscard]] bool starts_with_greeting() const noexcept;
};

// Whether the line of an EHLO response has the keyword and the parameters of wanted ("AUTH PLAIN"), in any case.
// A parameter that is all that stands before an equals sign counts too ("LIMITS RCPTMAX").
[[nodiscard]] bool offers(std::string_view line, std::string_view wanted) noexcept;

// The clause that the id names: "RFC 5321 §4.1.1.2".
[[nodiscard]] std::string clause_of(const test_case& the_case);

// Steps with a name, for the cases of one side.
using preludes = std::map<std::pair<side, std::string>, std::vector<step>, std::less<>>;

// Reads a case file.
//   file: names it in errors.
//   shared: preludes that the cases may use beside those of the file itself.
[[nodiscard]] std::variant<std::vector<test_case>, diagnostic> parse_cases(std::string_view file,
                                                                           std::string_view content,
                                                                           const preludes& shared = {});
// Reads a file that has preludes and no case.
[[nodiscard]] std::variant<preludes, diagnostic> parse_preludes(std::string_view file, std::string_view content);

// The case as a file would have it, with its preludes written out: reading that gives an equal case.
[[nodiscard]] std::string written_out(const test_case& the_case);

} // namespace postel::conformance
