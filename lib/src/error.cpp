#include "postel/error.hpp"

#include <algorithm>

#include "decimal.hpp"
#include "place.hpp"

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
    case errc::nul_octet: return "NUL in the message";
    case errc::text_line_too_long: return "line of the message too long";
    case errc::tls_required: return "STARTTLS must come first";
    case errc::auth_required: return "AUTH must come first";
    case errc::auth_needs_tls: return "AUTH without TLS";
    case errc::mechanism_unknown: return "mechanism not offered";
    case errc::auth_cancelled: return "AUTH cancelled";
    case errc::chunk_size: return "unreadable chunk size";
    case errc::octets_before_tls: return "octets in clear behind STARTTLS";
    case errc::illegal_pipelining: return "pipelining against the rules";
    case errc::early_talker: return "octets before the greeting";
    case errc::too_many_transactions: return "too many messages in one session";
    case errc::too_many_errors: return "too many errors";
    case errc::too_many_commands: return "too many commands without mail";
    case errc::by_time_too_short: return "by-time below the minimum";
    case errc::answer_code: return "reply code that the command does not have";
    case errc::policy_value: return "policy that EHLO can't say";
  }
  if (code == errc{}) return "no error";
  return "unknown error";
}

expected_name describe(expectation what) noexcept {
  using e = expectation;
  switch (what) {
    case e::none: break;
    case e::end_of_text: return {"the end of the text", "RFC 5321 4.1.1"};
    case e::space: return {"a space", "RFC 5321 4.1.1"};
    case e::line_end: return {"CRLF", "RFC 5321 2.3.8"};
    case e::utf8: return {"the rest of a character in UTF-8", "RFC 3629 4"};
    case e::quote: return {"a closing quote", "RFC 5321 4.1.2 Quoted-string"};
    case e::equals_sign: return {"\"=\"", "RFC 5321 4.1.2 esmtp-param"};
    case e::colon: return {"\":\"", "RFC 5321 4.1.2"};
    case e::at_sign: return {"\"@\"", "RFC 5321 4.1.2"};
    case e::left_bracket: return {"\"<\"", "RFC 5321 4.1.2"};
    case e::right_bracket: return {"\">\"", "RFC 5321 4.1.2"};
    case e::right_square_bracket: return {"\"]\"", "RFC 5321 4.1.3"};
    case e::domain: return {"a domain", "RFC 5321 4.1.2 Domain"};
    case e::sub_domain: return {"a label of the domain", "RFC 5321 4.1.2 sub-domain"};
    case e::address_literal: return {"an address literal", "RFC 5321 4.1.3"};
    case e::ipv4_literal: return {"an IPv4 address", "RFC 5321 4.1.3 IPv4-address-literal"};
    case e::ipv6_literal: return {"an IPv6 address", "RFC 5321 4.1.3 IPv6-addr"};
    case e::general_literal: return {"an address", "RFC 5321 4.1.3 General-address-literal"};
    case e::literal_tag: return {"an IPv4 address, or a tag and \":\"", "RFC 5321 4.1.3"};
    case e::host: return {"a domain or an address literal", "RFC 5321 4.1.2, 4.1.3"};
    case e::local_part: return {"a local part", "RFC 5321 4.1.2 Local-part"};
    case e::atom: return {"an atom", "RFC 5321 4.1.2 Atom"};
    case e::quoted_string: return {"a quoted string", "RFC 5321 4.1.2 Quoted-string"};
    case e::mailbox: return {"a mailbox", "RFC 5321 4.1.2 Mailbox"};
    case e::path: return {"a path", "RFC 5321 4.1.2 Path"};
    case e::reverse_path: return {"a path in brackets, or \"<>\"", "RFC 5321 4.1.2 Reverse-path"};
    case e::forward_path: return {"a path in brackets", "RFC 5321 4.1.2 Forward-path"};
    case e::string: return {"an atom or a quoted string", "RFC 5321 4.1.2 String"};
    case e::user_name: return {"a user name or a mailbox", "RFC 5321 3.5.1, 4.1.1.6"};
    case e::from_keyword: return {"\"FROM:\"", "RFC 5321 4.1.1.2"};
    case e::to_keyword: return {"\"TO:\"", "RFC 5321 4.1.1.3"};
    case e::parameter_keyword: return {"a parameter", "RFC 5321 4.1.2 esmtp-keyword"};
    case e::parameter_value: return {"a parameter's value", "RFC 5321 4.1.2 esmtp-value"};
    case e::reply_code: return {"a reply code", "RFC 5321 4.2 Reply-code"};
    case e::reply_text: return {"a reply's text", "RFC 5321 4.2 textstring"};
    case e::ehlo_keyword: return {"a keyword", "RFC 5321 4.1.1.1 ehlo-keyword"};
    case e::ehlo_parameter: return {"a keyword's parameter", "RFC 5321 4.1.1.1 ehlo-param"};
    case e::status_code: return {"an enhanced status code", "RFC 3463 2, RFC 2034 4"};
    case e::size_value: return {"1 to 20 digits", "RFC 1870 3 size-value"};
    case e::body_value: return {"7BIT, 8BITMIME or BINARYMIME", "RFC 6152 2, RFC 3030 3"};
    case e::xtext: return {"xtext", "RFC 3461 4"};
    case e::ret_value: return {"FULL or HDRS", "RFC 3461 4.3"};
    case e::notify_value: return {"NEVER, or some of SUCCESS, FAILURE and DELAY", "RFC 3461 4.1"};
    case e::orcpt_value: return {"an address type, \";\" and an address in xtext", "RFC 3461 4.2, RFC 6533 3"};
    case e::by_value: return {"seconds, \";\" and N or R", "RFC 2852 4 by-value"};
    case e::date_time: return {"a date-time", "RFC 3339 5.6"};
    case e::holdfor_value: return {"1 to 9 digits, the first not 0", "RFC 4865 5"};
    case e::mt_priority_value: return {"a number from -9 to 9", "RFC 6710 4.1"};
    case e::rrvs_value: return {"a date-time, with or without \";C\" or \";R\"", "RFC 7293 3.1"};
    case e::solicit_value: return {"solicitation keywords", "RFC 3865 2"};
    case e::mtrk_value: return {"a certifier in base64", "RFC 3885 3"};
    case e::transid_value: return {"a transaction id in brackets", "RFC 1845 4"};
    case e::mechanism: return {"a SASL mechanism", "RFC 4954 8 sasl-mech"};
    case e::base64: return {"base64", "RFC 4954 8 base64"};
    case e::chunk_size: return {"the chunk's size", "RFC 3030 2 chunk-size"};
    case e::chunk_size_value: return {"a size of less than 2^64 octets", "RFC 3030 2 chunk-size"};
    case e::end_marker: return {"LAST", "RFC 3030 2 end-marker"};
    case e::uri: return {"an absolute URI", "RFC 3986 4.3, RFC 4468 3"};
    case e::attribute: return {"an attribute, \"=\" and its value", "RFC 3461 4"};
    case e::from_clause: return {"the FROM clause", "RFC 5321 4.4 From-domain"};
    case e::by_clause: return {"the BY clause", "RFC 5321 4.4 By-domain"};
    case e::label_size: return {"a label of at most 63 octets", "RFC 1035 2.3.4"};
    case e::registered_tag: return {"an IPv4 address, or the tag \"IPv6:\"", "RFC 5321 4.1.3 Standardized-tag"};
    case e::trace_date: return {"a date and time", "RFC 5321 4.4, RFC 5322 3.3"};
    case e::let_dig: return {"a letter or a digit", "RFC 5321 4.1.2 Let-dig"};
    case e::ascii: return {"ASCII, or an internationalized address with SMTPUTF8", "RFC 6531 3.3"};
    case e::command: return {"a command", "RFC 5321 4.1.1"};
    case e::ehlo: return {"EHLO and a domain or an address literal", "RFC 5321 4.1.1.1"};
    case e::helo: return {"HELO and a domain", "RFC 5321 4.1.1.1"};
    case e::mail: return {"MAIL FROM: and a path", "RFC 5321 4.1.1.2"};
    case e::rcpt: return {"RCPT TO: and a path", "RFC 5321 4.1.1.3"};
    case e::data: return {"DATA alone", "RFC 5321 4.1.1.4"};
    case e::rset: return {"RSET alone", "RFC 5321 4.1.1.5"};
    case e::vrfy: return {"VRFY and a user name or a mailbox", "RFC 5321 4.1.1.6"};
    case e::expn: return {"EXPN and a list's name", "RFC 5321 4.1.1.7"};
    case e::help: return {"HELP, with a string or without", "RFC 5321 4.1.1.8"};
    case e::noop: return {"NOOP, with a string or without", "RFC 5321 4.1.1.9"};
    case e::quit: return {"QUIT alone", "RFC 5321 4.1.1.10"};
    case e::lhlo: return {"LHLO and a domain or an address literal", "RFC 2033 4.1"};
    case e::starttls: return {"STARTTLS alone", "RFC 3207 4"};
    case e::auth: return {"AUTH and a mechanism", "RFC 4954 8 auth-command"};
    case e::bdat: return {"BDAT and the chunk's size", "RFC 3030 2 bdat-cmd"};
    case e::burl: return {"BURL and an absolute URI", "RFC 4468 3 burl-cmd"};
    case e::etrn: return {"ETRN and a domain or a queue", "RFC 1985 5"};
    case e::atrn: return {"ATRN, with domains or without", "RFC 2645 5.2.1"};
    case e::xclient: return {"XCLIENT and attributes", "RFC 3461 4"};
    case e::xforward: return {"XFORWARD and attributes", "RFC 3461 4"};
    case e::obsolete: return {"a verb and text", "RFC 821 4.1.1, RFC 5321 F.6"};
    case e::auth_response: return {"base64, \"*\" or nothing", "RFC 4954 8 auth-response"};
    case e::reply: return {"a reply", "RFC 5321 4.2 Reply-line"};
    case e::same_reply_code: return {"the first line's code", "RFC 5321 4.2.1"};
    case e::greeting: return {"220 and a domain or an address literal", "RFC 5321 4.2 Greeting"};
    case e::ehlo_response: return {"250 and a domain, then keywords", "RFC 5321 4.1.1.1 ehlo-ok-rsp"};
    case e::ehlo_line: return {"a keyword and its parameters", "RFC 5321 4.1.1.1 ehlo-line"};
    case e::received: return {"a Received field", "RFC 5321 4.4 Time-stamp-line"};
    case e::return_path: return {"a Return-Path field", "RFC 5321 4.4 Return-path-line"};
    case e::utf8_address: return {"an address with \\x{...} for what xtext has not", "RFC 6533 3"};
    case e::zero_bits: return {"padding over bits that are zero", "RFC 4648 3.5"};
    case e::offered_parameter: return {"a parameter that was offered", "RFC 5321 4.1.1.11"};
    case e::single_parameter: return {"each parameter once", "RFC 5321 4.1.1.11"};
    case e::one_of_holds: return {"HOLDFOR or HOLDUNTIL, not both", "RFC 4865 3"};
    case e::no_value: return {"no value for this parameter", "RFC 5321 4.1.1.11"};
    case e::seven_or_eight_bit: return {"7BIT or 8BITMIME, as BINARYMIME was not offered", "RFC 3030 3"};
    case e::graphic_xtext: return {"graphic ASCII or white space in xtext", "RFC 3461 4.2, 4.4"};
    case e::mailbox_xtext: return {"a mailbox in xtext", "RFC 4954 5, RFC 4405 4"};
    case e::short_mailbox: return {"a mailbox of at most 500 octets", "RFC 4954 3"};
    case e::positive_time: return {"a positive time, as the mode is R", "RFC 2852 4"};
    case e::day_of_month: return {"a day that the month has", "RFC 3339 5.7"};
    case e::leap_second: return {"59 seconds at most: no leap second was here", "RFC 3339 5.7"};
    case e::short_solicitation: return {"at most 1000 octets", "RFC 3865 2"};
    case e::short_transid: return {"at most 80 octets", "RFC 1845 2"};
    case e::envid_beside_mtrk: return {"ENVID beside MTRK", "RFC 3885 3.2"};
    case e::real_date: return {"a date, time and zone that there are", "RFC 5322 3.3"};
    case e::day_of_week: return {"the day of the week of this date", "RFC 5322 3.3"};
    case e::wellknown: return {"WELLKNOWN and a name in xtext", "RFC 3461 4"};
    case e::wellknown_size: return {"SIZE= and as many octets", "RFC 1870 3"};
    case e::wellknown_response: return {"250-SIZE= and lines of xtext", "RFC 3461 4, RFC 5321 4.2"};
    case e::clause: return {"a clause, a date or a comment", "RFC 5321 4.4"};
  }
  return {};
}

namespace {

// Marks that several standards use: whose mark it is, the rule around it tells.
bool is_mark(expectation what) noexcept {
  using e = expectation;
  switch (what) {
    case e::end_of_text:
    case e::space:
    case e::equals_sign:
    case e::colon:
    case e::at_sign:
    case e::left_bracket:
    case e::right_bracket:
    case e::right_square_bracket:
    case e::let_dig: return true;
    default: return false;
  }
}

} // namespace

expected_name describe(const failure& why) noexcept {
  const expected_name expected = describe(why.expected);
  if (!is_mark(why.expected) || why.inside == expectation::none) return expected;
  return {expected.name, describe(why.inside).clause};
}

namespace {

// How much of a text an explanation shows on either side of the place.
constexpr std::size_t context = 50;
constexpr std::string_view margin = "  ";
constexpr std::string_view omitted = "...";

} // namespace

void detail::append_place(std::string& out, const failure& why) {
  out.append(" at octet ").append(decimal(why.offset).view());
  if (const expected_name expected = describe(why); !expected.name.empty())
    out.append(": expected ").append(expected.name).append(" (").append(expected.clause).append(")");
}

void append_explanation(std::string& out, const failure& why, std::string_view text) {
  out += message(why.code);
  detail::append_place(out, why);
  out += '\n';

  const std::size_t place = std::min<std::size_t>(why.offset, text.size());
  const std::size_t begin = place > context ? place - context : 0;
  const std::string_view shown = text.substr(begin, place - begin + context);
  const std::string_view before = begin > 0 ? omitted : std::string_view();
  out.append(margin).append(before);
  for (const char c : shown) out += c >= ' ' && c <= '~' ? c : '?';
  if (begin + shown.size() < text.size()) out += omitted;
  out += '\n';
  out.append(margin.size() + before.size() + (place - begin), ' ').append("^\n");
}

} // namespace postel
