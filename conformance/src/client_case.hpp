// A conformance case for a client: the tool is the server, and what is required is said of the client's lines, its text and what it reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "case.hpp"
#include "certificate_kind.hpp"

namespace postel::conformance {

// What a client may do next.
struct client_alternative {
  enum class kind : std::uint8_t {
    verb,      // a line that begins with it
    any,       // any line
    text,      // after 354: everything up to CRLF.CRLF
    chunk,     // the octets that the last BDAT announced
    handshake, // the first octets of TLS
    closed,
    silence,
  };
  kind what = kind::any;
  std::string verb = {}; // in capitals

  friend bool operator==(const client_alternative&, const client_alternative&) = default;
};

struct client_condition {
  enum class kind : std::uint8_t {
    containing,  // in any case
    without,     // likewise
    equals,      // exactly
    command,     // a line: the grammar has it
    alone,       // nothing comes behind it before it is answered
    body,        // a text or chunk: what stands behind the first empty line, octet for octet
    ascii,       // no octet above 127
    crlf_only,   // no CR or LF alone
    within_size, // a text or chunk is not larger than MAIL's SIZE said, if it did (dots that were added not counted)
    at_most,     // a line has no more than so many octets, CRLF among them
    declared,    // no DATA where MAIL said BODY=BINARYMIME
  };
  kind what;
  std::string text = {};
  std::size_t number = 0;
};

// C: or C?:
struct client_expectation {
  bool judged = false;
  std::vector<client_alternative> alternatives;
  std::vector<client_condition> conditions;
  std::string text;     // as written
  std::size_t line = 0; // in the file
};

// until: everything is answered positively that comes before one of these.
struct client_until {
  client_expectation what; // not judged, without conditions
};

// How a client may end.
enum class client_result : std::uint8_t {
  delivered, // to every recipient; a program: exit status 0
  failed,    // not to every one; a program: another exit status
  temporary, // failed, and worth trying again; of a program that is not known: failed
  permanent, // failed for good; likewise
};
[[nodiscard]] std::string_view name(client_result) noexcept;

// result: or result?:
struct client_result_expected {
  bool judged = false;
  std::vector<client_result> alternatives;
  bool once = false; // and it has not connected a second time
  std::string text;
  std::size_t line = 0;
};

struct client_hang_up {}; // close
struct client_handshake { // TLS, try TLS
  bool may_fail = false;
};
struct client_skip { // skip WHY
  std::string why;
};

struct client_step;
struct client_branch {
  std::vector<client_alternative> pattern;
  std::vector<client_step> then;
  std::vector<client_step> otherwise;
};
struct client_step {
  std::variant<say, client_expectation, client_until, client_branch, client_result_expected, client_hang_up,
               client_handshake, client_skip>
      what;
};

// What the client is given.
struct client_fixture {
  std::string sender = "ann@client.example";
  std::vector<std::string> recipients; // never empty once parsed
  std::string message;                 // as written; a short one where the case says nothing
  bool lmtp = false;
  bool tls = false;  // nothing is to be sent without it
  bool auth = false; // it is to say who it is
  std::string user = "ann";
  std::string password = "secret";
  certificate_kind certificate = certificate_kind::good; // ours
};

struct client_case {
  test_case about; // without steps
  client_fixture fixture;
  std::vector<client_step> steps;
};

[[nodiscard]] std::variant<std::vector<client_case>, diagnostic> parse_client_cases(std::string_view file,
                                                                                    std::string_view content);

} // namespace postel::conformance
