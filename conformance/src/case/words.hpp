// The words of the case language. The grammar reads them from these tables, the error messages list them, the checks
// ask them who may say what, and the tables of the manual are printed from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postel::conformance {

// Whose cases have a word. Of a case: who is tested.
enum class side : std::uint8_t { server = 1, client = 2, either = 3 };
[[nodiscard]] constexpr bool includes(side all, side one) noexcept {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

// What an expectation looks at.
enum class subject : std::uint8_t {
  act, // what the party does next on its connection
  tls, // the handshake
  end, // how the client says that it ended
};

// What a word has after it.
enum class argument : std::uint8_t {
  none,
  text,        // in quotes, not empty
  octets,      // in quotes
  number,      // 1 to the most of the word
  certificate, // one of certificate_words
};

// What a condition is said of.
namespace said_of {
enum : unsigned { reply = 1, line = 2, text = 4, chunk = 8, end = 16 };
}

template <typename Kind>
struct word {
  std::string_view text;
  Kind what;
  side in;
  std::string_view meaning; // for the manual
  argument takes = argument::none;
  unsigned of = 0; // of a condition: what it is said of, one or more of said_of
  std::size_t most = 0;
};

// ---- patterns

enum class pattern_kind : std::uint8_t {
  code, // these two are no words: their shape says what they are
  verb,
  any,
  text,
  chunk,
  handshake,
  closed,
  silence,
  made,
  refused,
  delivered,
  failed,
  temporary,
  permanent,
};

inline constexpr std::array<word<pattern_kind>, 6> act_words{{
    {"any", pattern_kind::any, side::either, "any reply; any line of a client"},
    {"closed", pattern_kind::closed, side::either, "the connection is closed"},
    {"silence", pattern_kind::silence, side::either, "nothing comes"},
    {"text", pattern_kind::text, side::client, "all that comes up to the line of one dot"},
    {"chunk", pattern_kind::chunk, side::client, "the octets that BDAT announced"},
    {"handshake", pattern_kind::handshake, side::client, "TLS begins"},
}};
inline constexpr std::array<word<pattern_kind>, 2> tls_words{{
    {"made", pattern_kind::made, side::either, "the handshake succeeds"},
    {"refused", pattern_kind::refused, side::client,
     "it fails after the client began it; we then close the connection"},
}};
inline constexpr std::array<word<pattern_kind>, 4> end_words{{
    {"delivered", pattern_kind::delivered, side::client, "to every recipient; of a program: exit status 0"},
    {"failed", pattern_kind::failed, side::client, "not to every recipient; of a program: another exit status"},
    {"temporary", pattern_kind::temporary, side::client, "failed, and worth trying again; of a program: as `failed`"},
    {"permanent", pattern_kind::permanent, side::client, "failed for good; of a program: as `failed`"},
}};

// ---- conditions

enum class condition_kind : std::uint8_t {
  contains,
  lacks,
  is,
  greeting,
  reply_line,
  ehlo_ok_rsp,
  continue_req,
  command,
  status,
  lines,
  offers,
  offers_not,
  alone,
  body,
  ascii,
  crlf_only,
  within_size,
  at_most,
  declared,
  once,
};

inline constexpr std::array<word<condition_kind>, 20> condition_words{{
    {"contains", condition_kind::contains, side::either, "the text stands in it, in any case", argument::text,
     said_of::reply | said_of::line | said_of::text | said_of::chunk},
    {"lacks", condition_kind::lacks, side::either, "the text does not stand in it, in any case", argument::text,
     said_of::reply | said_of::line | said_of::text | said_of::chunk},
    {"parses as Greeting", condition_kind::greeting, side::server, "RFC 5321 4.2 has it", argument::none,
     said_of::reply},
    {"parses as Reply-line", condition_kind::reply_line, side::server, "RFC 5321 4.2 has it", argument::none,
     said_of::reply},
    {"parses as ehlo-ok-rsp", condition_kind::ehlo_ok_rsp, side::server, "RFC 5321 4.1.1.1 has it", argument::none,
     said_of::reply},
    {"parses as continue-req", condition_kind::continue_req, side::server, "RFC 4954 8 has it", argument::none,
     said_of::reply},
    {"offers", condition_kind::offers, side::server,
     "a line of the EHLO response has the keyword and the parameters of the text, in the form of the keyword's RFC",
     argument::text, said_of::reply},
    {"does not offer", condition_kind::offers_not, side::server, "no line of the EHLO response has them",
     argument::text, said_of::reply},
    {"status", condition_kind::status, side::server,
     "each line starts with an enhanced status code of the reply's class", argument::none, said_of::reply},
    {"lines", condition_kind::lines, side::server, "it has so many lines", argument::number, said_of::reply, 1'000},
    {"parses as command", condition_kind::command, side::client, "the grammar has the line", argument::none,
     said_of::line},
    {"is", condition_kind::is, side::client, "this is all of it, as on the wire", argument::octets,
     said_of::line | said_of::text | said_of::chunk},
    {"at most", condition_kind::at_most, side::client, "it has no more octets, CRLF included", argument::number,
     said_of::line, 1'000'000},
    {"as declared", condition_kind::declared, side::client, "it is no DATA after MAIL said BODY=BINARYMIME",
     argument::none, said_of::line},
    {"alone", condition_kind::alone, side::client, "nothing follows it before it is answered", argument::none,
     said_of::line | said_of::text | said_of::chunk},
    {"ascii", condition_kind::ascii, side::client, "it has no octet above 127", argument::none,
     said_of::line | said_of::text | said_of::chunk},
    {"crlf only", condition_kind::crlf_only, side::client, "it has no CR or LF alone", argument::none,
     said_of::text | said_of::chunk},
    {"body", condition_kind::body, side::client,
     "this is what stands after its first empty line, as on the wire: header fields may be added", argument::octets,
     said_of::text | said_of::chunk},
    {"within size", condition_kind::within_size, side::client,
     "it is no larger than MAIL's SIZE said, if it did; dots that were added do not count", argument::none,
     said_of::text | said_of::chunk},
    {"once", condition_kind::once, side::client, "the client has not connected a second time", argument::none,
     said_of::end},
}};

// ---- what a client is given

enum class given_kind : std::uint8_t {
  message,
  sender,
  recipients,
  recipient,
  lmtp,
  tls,
  auth,
  user,
  password,
  certificate,
};

inline constexpr std::array<word<given_kind>, 10> given_words{{
    {"message", given_kind::message, side::client,
     "the message; a further one goes on with it. A short one unless given", argument::octets},
    {"sender", given_kind::sender, side::client, "`ann@client.example` unless given", argument::octets},
    {"recipients", given_kind::recipients, side::client, "so many more: `r1@example.org`, `r2@example.org` and so on",
     argument::number, 0, 1'000},
    {"recipient", given_kind::recipient, side::client, "one more; `bob@example.org` unless one is given",
     argument::octets},
    {"lmtp", given_kind::lmtp, side::client, "the client was told to speak LMTP"},
    {"tls", given_kind::tls, side::client, "the client was told to send nothing without STARTTLS"},
    {"auth", given_kind::auth, side::client, "the client was told to authenticate"},
    {"user", given_kind::user, side::client, "`ann` unless given", argument::octets},
    {"password", given_kind::password, side::client, "`secret` unless given", argument::octets},
    {"certificate", given_kind::certificate, side::client, "what is wrong with the one that the client is shown",
     argument::certificate},
}};

// ---- what has a value from outside

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

struct variable_word {
  std::string_view text;
  std::string_view meaning; // for the manual
  std::string_view missing; // what is said where it has no value
};
// In the order of the enumerators.
inline constexpr std::array<variable_word, variable_count> variable_words{{
    {"client", "`client.example`", "no name for the client"},
    {"sender", "`--sender`, or `ann@client.example`", "no sender"},
    {"rcpt", "a recipient that the target accepts: `--rcpt`, or Postmaster without a domain", "needs --rcpt ADDRESS"},
    {"rcpt_local", "its local part", "needs --rcpt ADDRESS"},
    {"rcpt_domain", "its domain", "needs --rcpt LOCAL@DOMAIN"},
    {"unknown", "a mailbox that the target does not have: `--unknown`", "needs --unknown ADDRESS"},
    {"foreign", "a mailbox that the target does not relay to: `--foreign`", "needs --foreign ADDRESS"},
    {"size", "the limit that the target announces with SIZE", "the target announces no SIZE limit"},
    {"hello", "`EHLO`, or `LHLO` with `--lmtp`", "no command to begin with"},
    {"user", "`--user`; never said in clear where STARTTLS is offered", "needs --user NAME"},
    {"password", "its password; never said in clear where STARTTLS is offered", "needs --password PASSWORD"},
    {"hold_for", "the longest time that the target announces with FUTURERELEASE",
     "the target does not offer FUTURERELEASE"},
}};
[[nodiscard]] constexpr const variable_word& word_of(variable which) noexcept {
  return variable_words[static_cast<std::size_t>(which)];
}

// ---- asking the tables

// The entry whose text this is; null if there is none.
template <typename Word, std::size_t Size>
[[nodiscard]] constexpr const Word* find_word(const std::array<Word, Size>& table, std::string_view text) noexcept {
  for (const Word& each : table)
    if (each.text == text) return &each;
  return nullptr;
}

} // namespace postel::conformance
