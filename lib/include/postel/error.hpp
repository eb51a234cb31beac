// What can be wrong, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {

// Why octets, or a value of ours, were refused. errc{} stands for "nothing is wrong".
enum class errc : std::uint8_t {
  syntax = 1,            // the grammar does not match                               RFC 5321 4.1
  unknown_command,       // the line starts with no verb we know                     RFC 5321 4.2.4
  not_implemented,       // a verb we know and do not offer                          RFC 5321 4.2.4
  line_too_long,         // no line end within the limit                             RFC 5321 4.5.3.1
  bare_cr,               // a CR that no LF follows                                  RFC 5321 2.3.8
  bare_lf,               // an LF that no CR precedes                                RFC 5321 2.3.8
  bad_sequence,          // the command is not allowed at this point                 RFC 5321 4.1.4
  parameter_unknown,     // a MAIL or RCPT parameter that was not offered            RFC 5321 4.1.1.11
  parameter_value,       // a known parameter with a value that its RFC forbids      RFC 5321 4.1.1.11
  parameter_repeated,    // a parameter that may stand once stands twice             RFC 5321 4.1.2
  address_too_long,      // local part, domain or path over its limit                RFC 5321 4.5.3.1.1 to .3
  non_ascii_address,     // octets above 127 in an address without SMTPUTF8          RFC 6531 3.4
  non_ascii_body,        // octets above 127 in a message without BODY=8BITMIME      RFC 6152 3
  message_too_large,     // declared by SIZE or counted                              RFC 1870 6
  too_many_recipients,   // more than the limit in one transaction                  RFC 5321 4.5.3.1.10
  no_valid_recipients,   // DATA, and no recipient was accepted                     RFC 5321 3.3
  reply_code_mismatch,   // the lines of one reply bear different codes             RFC 5321 4.2.1
  reply_too_long,        // more octets in one reply than the limit                 RFC 5321 4.5.3.1.5
  reply_unexpected,      // a reply that no command awaits                          RFC 5321 4.2
  buffer_too_small,      // the caller's buffer is shorter than what was to be decoded
  not_now,               // our own call came at the wrong moment; nothing was done
  not_offered,           // the server did not offer what our command needs         RFC 5321 2.2.1
  window_full,           // as many commands await replies as we may have outstanding  RFC 2920 3.1
  nul_octet,             // a NUL in a message, where policy takes none            RFC 5321 4.1.1.4
  text_line_too_long,    // a line of a message over its limit                      RFC 5321 4.5.3.1.6
  tls_required,          // STARTTLS must come first                                RFC 3207 4
  auth_required,         // AUTH must come first                                    RFC 4954 6
  auth_needs_tls,        // AUTH in clear, where policy takes none                  RFC 4954 4
  mechanism_unknown,     // AUTH with a mechanism that was not offered              RFC 4954 4
  auth_cancelled,        // the client has cancelled an AUTH exchange               RFC 4954 4
  chunk_size,            // BDAT whose size can't be read: where the chunk ends is unknown  RFC 3030 2
  octets_before_tls,     // octets in clear behind STARTTLS                         RFC 3207 4.2, 6
  illegal_pipelining,    // octets behind a command that must be the last of its group  RFC 2920 3.1
  early_talker,          // octets before the greeting                              RFC 5321 4.3.1
  too_many_transactions, // more than the limit in one session                   RFC 9422 4
  too_many_errors,       // more refused commands than the limit in one session    RFC 5321 7.8
  too_many_commands,     // more commands without mail than the limit               RFC 5321 7.8
  by_time_too_short,     // BY in mode R with less than the server's minimum          RFC 2852 4
  answer_code,           // an answer of ours with a code that the command does not have  RFC 5321 4.3.2
  policy_value,          // a field of our policy that no greeting or EHLO response can say  RFC 5321 4.1.1.1, 4.2
};

// One line of English for code, without a full stop. The view is static.
std::string_view message(errc code) noexcept;

// What the grammar wanted where it stopped; none where that is not known.
enum class expectation : std::uint8_t {
  none,
  end_of_text,
  space,
  line_end,
  utf8,
  colon,
  quote,
  equals_sign,
  at_sign,
  left_bracket,
  right_bracket,
  right_square_bracket,
  domain,
  sub_domain,
  address_literal,
  ipv4_literal,
  ipv6_literal,
  general_literal,
  literal_tag,
  host,
  local_part,
  atom,
  quoted_string,
  mailbox,
  path,
  reverse_path,
  forward_path,
  string,
  user_name,
  from_keyword,
  to_keyword,
  parameter_keyword,
  parameter_value,
  reply_code,
  reply_text,
  ehlo_keyword,
  ehlo_parameter,
  status_code,
  size_value,
  body_value,
  xtext,
  ret_value,
  notify_value,
  orcpt_value,
  by_value,
  date_time,
  holdfor_value,
  mt_priority_value,
  rrvs_value,
  solicit_value,
  mtrk_value,
  transid_value,
  mechanism,
  base64,
  chunk_size,
  chunk_size_value,
  end_marker,
  uri,
  attribute,
  from_clause,
  by_clause,
  trace_date,
  let_dig,
  ascii,
  command,
  ehlo,
  helo,
  mail,
  rcpt,
  data,
  rset,
  vrfy,
  expn,
  help,
  noop,
  quit,
  lhlo,
  starttls,
  auth,
  bdat,
  burl,
  etrn,
  atrn,
  xclient,
  xforward,
  obsolete,
  auth_response,
  reply,
  same_reply_code,
  greeting,
  ehlo_response,
  ehlo_line,
  received,
  return_path,
  utf8_address,
  zero_bits,
  offered_parameter,
  single_parameter,
  one_of_holds,
  no_value,
  seven_or_eight_bit,
  graphic_xtext,
  mailbox_xtext,
  short_mailbox,
  positive_time,
  day_of_month,
  leap_second,
  short_solicitation,
  short_transid,
  envid_beside_mtrk,
  real_date,
  day_of_week,
  wellknown,
  wellknown_size,
  wellknown_response,
  clause,
  label_size,
  registered_tag,
};
inline constexpr std::size_t expectation_count = static_cast<std::size_t>(expectation::registered_tag) + 1;

// The name of what was expected, in English and in the standard's own words, and the clause that defines it ("RFC 5321 4.1.2"). Both empty
// for none. The views are static.
struct expected_name {
  std::string_view name;
  std::string_view clause;
};
[[nodiscard]] expected_name describe(expectation) noexcept;
// The same of what why expected, a mark like ":" by the clause of the rule in which it was expected.
[[nodiscard]] expected_name describe(const struct failure& why) noexcept;

// The outcome of a refused parse: offset is the furthest octet, from the start of the text, that the grammar reached. No parser refuses a
// text without saying what it expected.
struct failure {
  errc code;
  std::uint32_t offset = 0;
  expectation expected = expectation::none;
  expectation inside = expectation::none; // the rule in which it was expected

  // What was expected is an explanation: two failures of one kind at one place are equal.
  friend bool operator==(const failure& a, const failure& b) noexcept {
    return a.code == b.code && a.offset == b.offset;
  }
};

// Appends why for a reader, text being what was parsed: a sentence with offset, expectation and clause, the part of text around the offset
// with what can't be printed as "?", and a caret below it. Three lines, each with LF; at most 300 octets.
void append_explanation(std::string& out, const failure& why, std::string_view text);

} // namespace postel
