// RFC 5321 4.1.2: the parameters of MAIL and RCPT, and the values that the extensions define for theirs.
#pragma once

#include "address.hpp"
#include "date_time.hpp"

namespace postel::grammar {

// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")          RFC 5321 4.1.2
struct esmtp_keyword : peg::seq<one_of<octets::let_dig>, peg::opt<run<octets::ldh>>> {};

// esmtp-value = 1*(%d33-60 / %d62-126)                            RFC 5321 4.1.2
// esmtp-value =/ UTF8-non-ascii                                   RFC 6531 3.3
template <typename Charset>
struct esmtp_value : text_of<octets::esmtp_value, Charset> {};

// esmtp-param = esmtp-keyword ["=" esmtp-value]                   RFC 5321 4.1.2
template <typename Charset>
struct esmtp_param : peg::seq<esmtp_keyword, peg::opt<peg::one<'='>, esmtp_value<Charset>>> {};

// Mail-parameters = esmtp-param *(SP esmtp-param)                 RFC 5321 4.1.2
// Rcpt-parameters = esmtp-param *(SP esmtp-param)                 RFC 5321 4.1.2
template <typename Charset>
struct esmtp_params : peg::list<esmtp_param<Charset>, SP> {};

// size-value = 1*20DIGIT                                          RFC 1870 3
struct size_value : run_of_at_most<octets::digit, 20> {};

// "7BIT"                                                          RFC 6152 2
struct body_7bit : peg::istring<'7', 'B', 'I', 'T'> {};
// "8BITMIME"                                                      RFC 6152 2
struct body_8bitmime : peg::istring<'8', 'B', 'I', 'T', 'M', 'I', 'M', 'E'> {};
// "BINARYMIME"                                                    RFC 3030 3
struct body_binarymime : peg::istring<'B', 'I', 'N', 'A', 'R', 'Y', 'M', 'I', 'M', 'E'> {};
// body-value = "7BIT" / "8BITMIME" / "BINARYMIME"                 RFC 6152 2, RFC 3030 3
struct body_value : peg::sor<body_7bit, body_8bitmime, body_binarymime> {};

// hexchar = "+" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F"), upper case only   RFC 3461 4
struct hexchar : peg::seq<peg::one<'+'>, peg::rep<2, peg::ranges<'0', '9', 'A', 'F'>>> {};

// xtext = *( xchar / hexchar )                                    RFC 3461 4
// Empty text is none as a parameter's value, so at least one is asked for here.
struct xtext : peg::plus<peg::sor<run<octets::xchar>, hexchar>> {};

// "FULL", the first ret-value                                     RFC 3461 4.3
struct ret_full : peg::istring<'F', 'U', 'L', 'L'> {};
// "HDRS", the second ret-value                                    RFC 3461 4.3
struct ret_hdrs : peg::istring<'H', 'D', 'R', 'S'> {};
// ret-value = "FULL" / "HDRS"                                     RFC 3461 4.3
struct ret_value : peg::sor<ret_full, ret_hdrs> {};

// envid-value = xtext                                             RFC 3461 4.4
struct envid_value : xtext {};

// "NEVER", which stands alone                                     RFC 3461 4.1
struct notify_never : peg::istring<'N', 'E', 'V', 'E', 'R'> {};
// "SUCCESS"                                                       RFC 3461 4.1
struct notify_success : peg::istring<'S', 'U', 'C', 'C', 'E', 'S', 'S'> {};
// "FAILURE"                                                       RFC 3461 4.1
struct notify_failure : peg::istring<'F', 'A', 'I', 'L', 'U', 'R', 'E'> {};
// "DELAY"                                                         RFC 3461 4.1
struct notify_delay : peg::istring<'D', 'E', 'L', 'A', 'Y'> {};
// notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"           RFC 3461 4.1
struct notify_list_element : peg::sor<notify_success, notify_failure, notify_delay> {};
// notify-esmtp-value = "NEVER" / 1#notify-list-element            RFC 3461 4.1
// The comma list's white space and empty elements (RFC 822 2.7) have no place in an esmtp-value.
struct notify_value : peg::sor<notify_never, peg::list<notify_list_element, peg::one<','>>> {};

// HEXDIG8 = %x38-39 / "A" / "B" / "C" / "D" / "E" / "F"           RFC 6533 3, letters in either case (RFC 5234 2.3)
struct HEXDIG8 : peg::ranges<'8', '9', 'A', 'F', 'a', 'f'> {};
// NZHEXDIG = %x31-39 / "A" / "B" / "C" / "D" / "E" / "F"          RFC 6533 3
struct NZHEXDIG : peg::ranges<'1', '9', 'A', 'F', 'a', 'f'> {};
// NZDHEXDIG = %x31-39 / "A" / "B" / "C" / "E" / "F"               RFC 6533 3
struct NZDHEXDIG : peg::ranges<'1', '9', 'A', 'C', 'E', 'F', 'a', 'c', 'e', 'f'> {};

// HEXPOINT = ( ( "0" / "1" ) %x31-39 ) / "10" / "20" / "2B" / "3D" / "7F" / "5C" / (HEXDIG8 HEXDIG) / ( NZHEXDIG 2(HEXDIG) ) /
//            ( NZDHEXDIG 3(HEXDIG) ) / ( "D" %x30-37 2(HEXDIG) ) / ( NZHEXDIG 4(HEXDIG) ) / ( "10" 4*HEXDIG )   RFC 6533 3
// The longest forms come first; of 4*HEXDIG four make the largest code point.
struct HEXPOINT : peg::sor<peg::seq<peg::string<'1', '0'>, peg::rep<4, one_of<octets::hexdig>>>,
                           peg::seq<NZHEXDIG, peg::rep<4, one_of<octets::hexdig>>>,
                           peg::seq<peg::one<'D', 'd'>, peg::range<'0', '7'>, peg::rep<2, one_of<octets::hexdig>>>,
                           peg::seq<NZDHEXDIG, peg::rep<3, one_of<octets::hexdig>>>,
                           peg::seq<NZHEXDIG, peg::rep<2, one_of<octets::hexdig>>>,
                           peg::seq<peg::one<'0', '1'>, peg::range<'1', '9'>>, peg::string<'1', '0'>,
                           peg::string<'2', '0'>, peg::istring<'2', 'B'>, peg::istring<'3', 'D'>,
                           peg::istring<'7', 'F'>, peg::istring<'5', 'C'>, peg::seq<HEXDIG8, one_of<octets::hexdig>>> {
};

// EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"                  RFC 6533 3
struct EmbeddedUnicodeChar : peg::seq<peg::string<'\\', 'x', '{'>, HEXPOINT, peg::one<'}'>> {};

// utf-8-addr-xtext = 1*(QCHAR / EmbeddedUnicodeChar)              RFC 6533 3
// utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar), QUCHAR = QCHAR / UTF8-2 / UTF8-3 / UTF8-4, where internationalized   RFC 6533 3
template <typename Charset>
struct utf_8_enc_addr : peg::plus<peg::sor<text_of<octets::qchar, Charset>, EmbeddedUnicodeChar>> {};

// "utf-8;", the addr-type of internationalized addresses          RFC 6533 3
struct utf_8_addr_type : peg::istring<'u', 't', 'f', '-', '8', ';'> {};

// addr-type = atom                                                RFC 3461 4.2
struct addr_type : run<octets::atext> {};

// original-recipient-address = addr-type ";" xtext, which may be empty here   RFC 3461 4.2
// utf-8-type-addr = "utf-8;" utf-8-enc-addr                       RFC 6533 3
template <typename Charset>
struct orcpt_value : peg::sor<peg::seq<utf_8_addr_type, utf_8_enc_addr<Charset>>,
                              peg::seq<peg::not_at<utf_8_addr_type>, addr_type, peg::one<';'>, peg::opt<xtext>>> {};

// AUTH's value: a mailbox as xtext, or "<>"                       RFC 4954 5
// "<>" is xtext too; what the text decodes to is its user's affair.
struct auth_value : xtext {};

// by-time = ["-" / "+"] 1*9DIGIT                                  RFC 2852 4
struct by_time : peg::seq<peg::opt<peg::one<'-', '+'>>, peg::rep_min_max<1, 9, one_of<octets::digit>>> {};
// by-mode = "N" / "R"                                             RFC 2852 4
struct by_mode : peg::one<'N', 'n', 'R', 'r'> {};
// by-trace = "T"                                                  RFC 2852 4
struct by_trace : peg::one<'T', 't'> {};
// by-value = by-time ";" by-mode [by-trace]                       RFC 2852 4
struct by_value : peg::seq<by_time, peg::one<';'>, by_mode, peg::opt<by_trace>> {};

// future-release-integer = %x31-39 *8DIGIT, seconds               RFC 4865 3
struct holdfor_value : peg::seq<peg::range<'1', '9'>, peg::rep_opt<8, one_of<octets::digit>>> {};
// future-release-date-time = date-time, of RFC 3339               RFC 4865 3 (erratum 2040)
struct holduntil_value : date_time {};

// priority-value = (["-"] NZDIGIT) / "0"                          RFC 6710 4.1
struct mt_priority_value : peg::sor<peg::seq<peg::opt<peg::one<'-'>>, peg::range<'1', '9'>>, peg::one<'0'>> {};

// rrvs-action = "C" / "R"                                         RFC 7293 3.1
struct rrvs_action : peg::one<'C', 'c', 'R', 'r'> {};
// rrvs-date-time = date-time, without time-secfrac                RFC 7293 3.1
struct rrvs_date_time : peg::seq<full_date, peg::one<'T', 't'>, whole_second_time, time_offset> {};
// rrvs-value = rrvs-date-time [ ";" ( "C" / "R" ) ]               RFC 7293 3.1
struct rrvs_value : peg::seq<rrvs_date_time, peg::opt<peg::one<';'>, rrvs_action>> {};

// wordchar = "." / "-" / "_" / ":" / ALPHA / DIGIT                RFC 3865 2
struct wordchar : peg::sor<one_of<octets::let_dig>, peg::one<'.', '-', '_', ':'>> {};
// word = ALPHA 0*(wordchar)                                       RFC 3865 2
struct solicitation_word : peg::seq<one_of<octets::alpha>, peg::star<wordchar>> {};
// Solicitation-keywords = word 0*("," word)                       RFC 3865 2
struct solicit_value : peg::list<solicitation_word, peg::one<','>> {};

// mtrk-certifier = 1*base64, whose octets include no "="          RFC 3885 1, 3.1
// So base64 stands without its padding; an esmtp-value could not hold it either.
struct mtrk_certifier : run<octets::base64> {};
// mtrk-timeout = 1*9DIGIT, seconds                                RFC 3885 3
struct mtrk_timeout : peg::rep_min_max<1, 9, one_of<octets::digit>> {};
// mtrk-value = mtrk-certifier [":" mtrk-timeout]                  RFC 3885 3
struct mtrk_value : peg::seq<mtrk_certifier, peg::opt<peg::one<':'>, mtrk_timeout>> {};

// transid-atom = 1*<any (ASCII) CHAR except SPACE, CTLs, tspecials, or ".">   RFC 1845 2; tspecials: RFC 2045 5.1
struct transid_atom : peg::plus<peg::ranges<'!', '!', '#', '\'', '*', '+', '-', '-', '0', '9', 'A', 'Z', '^', '~'>> {};
// transid-token = transid-atom *("." transid-atom)                RFC 1845 2
struct transid_token : peg::list<transid_atom, peg::one<'.'>> {};
// transid-value = "<" transid-local "@" transid-domain ">", both transid-token   RFC 1845 2
struct transid_value : peg::seq<peg::one<'<'>, transid_token, peg::one<'@'>, transid_token, peg::one<'>'>> {};

// xrcptforward-value = 1*base64-char, without padding, for which a parameter's value has no octet   RFC 4954 8 (base64-char); Dovecot's
struct xrcptforward_value : run<octets::base64> {};

// submitter-value = xtext, of a mailbox                           RFC 4405 4.1
struct submitter_value : xtext {};

} // namespace postel::grammar
