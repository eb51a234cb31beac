// RFC 5321 4.1.1 and the extensions: one rule a command. The line end is not part of them: framing finds it before the grammar sees the
// line.
#pragma once

#include "address.hpp"
#include "parameter.hpp"
#include "sasl.hpp"
#include "uri.hpp"

namespace postel::grammar {

// String = Atom / Quoted-string                                   RFC 5321 4.1.2
template <typename Charset>
struct string : peg::sor<atom<Charset>, quoted_string<Charset>> {};

// helo = "HELO" SP Domain CRLF                                    RFC 5321 4.1.1.1
template <typename Charset>
struct helo : peg::seq<peg::istring<'H', 'E', 'L', 'O'>, SP, domain<Charset>> {};

// ehlo = "EHLO" SP ( Domain / address-literal ) CRLF              RFC 5321 4.1.1.1
template <typename Charset>
struct ehlo : peg::seq<peg::istring<'E', 'H', 'L', 'O'>, SP, host<Charset>> {};

// mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF      RFC 5321 4.1.1.2
template <typename Charset>
struct mail : peg::seq<peg::istring<'M', 'A', 'I', 'L'>, SP, peg::istring<'F', 'R', 'O', 'M', ':'>,
                       reverse_path<Charset>, peg::opt<SP, esmtp_params<Charset>>> {};

// rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF   RFC 5321 4.1.1.3
template <typename Charset>
struct rcpt : peg::seq<peg::istring<'R', 'C', 'P', 'T'>, SP, peg::istring<'T', 'O', ':'>, forward_path<Charset>,
                       peg::opt<SP, esmtp_params<Charset>>> {};

// data = "DATA" CRLF                                              RFC 5321 4.1.1.4
struct data : peg::istring<'D', 'A', 'T', 'A'> {};

// rset = "RSET" CRLF                                              RFC 5321 4.1.1.5
struct rset : peg::istring<'R', 'S', 'E', 'T'> {};

// "SMTPUTF8", the parameter of VRFY and EXPN                      RFC 6531 3.7.4.2
struct smtputf8_parameter : peg::istring<'S', 'M', 'T', 'P', 'U', 'T', 'F', '8'> {};

// String / Local-part / Mailbox                                   RFC 5321 3.5.1, 4.1.1.6
// Local mailboxes must be taken for user names, those with their domain should be, and dots and "@" are none of String's octets.
template <typename Charset>
struct user_name : peg::seq<local_part<Charset>, peg::opt<peg::one<'@'>, host<Charset>>> {};

// user-name, and where internationalized [SP "SMTPUTF8"]          RFC 5321 4.1.1.6, RFC 6531 3.7.4.2
template <typename Charset>
struct verified_name : peg::seq<user_name<Charset>> {};
template <>
struct verified_name<internationalized> : peg::seq<user_name<internationalized>, peg::opt<SP, smtputf8_parameter>> {};

// vrfy = "VRFY" SP String CRLF                                    RFC 5321 4.1.1.6
template <typename Charset>
struct vrfy : peg::seq<peg::istring<'V', 'R', 'F', 'Y'>, SP, verified_name<Charset>> {};

// expn = "EXPN" SP String CRLF                                    RFC 5321 4.1.1.7
template <typename Charset>
struct expn : peg::seq<peg::istring<'E', 'X', 'P', 'N'>, SP, verified_name<Charset>> {};

// help = "HELP" [ SP String ] CRLF                                RFC 5321 4.1.1.8
template <typename Charset>
struct help : peg::seq<peg::istring<'H', 'E', 'L', 'P'>, peg::opt<SP, string<Charset>>> {};

// noop = "NOOP" [ SP String ] CRLF                                RFC 5321 4.1.1.9
template <typename Charset>
struct noop : peg::seq<peg::istring<'N', 'O', 'O', 'P'>, peg::opt<SP, string<Charset>>> {};

// quit = "QUIT" CRLF                                              RFC 5321 4.1.1.10
struct quit : peg::istring<'Q', 'U', 'I', 'T'> {};

// lhlo = "LHLO" SP ( Domain / address-literal ) CRLF              RFC 2033 4.1
template <typename Charset>
struct lhlo : peg::seq<peg::istring<'L', 'H', 'L', 'O'>, SP, host<Charset>> {};

// starttls = "STARTTLS" CRLF                                      RFC 3207 4
struct starttls : peg::istring<'S', 'T', 'A', 'R', 'T', 'T', 'L', 'S'> {};

// auth-command = "AUTH" SP sasl-mech [SP initial-response] CRLF   RFC 4954 8
struct auth : peg::seq<peg::istring<'A', 'U', 'T', 'H'>, SP, sasl_mech, peg::opt<SP, initial_response>> {};

// chunk-size = 1*DIGIT                                            RFC 3030 2
struct chunk_size : run<octets::digit> {};
// end-marker = "LAST"                                             RFC 3030 2, RFC 4468 3
struct end_marker : peg::istring<'L', 'A', 'S', 'T'> {};
// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF         RFC 3030 2
struct bdat : peg::seq<peg::istring<'B', 'D', 'A', 'T'>, SP, chunk_size, peg::opt<SP, end_marker>> {};

// burl-cmd = "BURL" SP absolute-URI [SP end-marker] CRLF          RFC 4468 3
struct burl : peg::seq<peg::istring<'B', 'U', 'R', 'L'>, SP, absolute_URI, peg::opt<SP, end_marker>> {};

// etrn = "ETRN" SP [option-character] node-name CRLF              RFC 1985 5
// A queue's name is free text; we take an Atom, or a domain as everywhere.
template <typename Charset>
struct etrn
    : peg::seq<
          peg::istring<'E', 'T', 'R', 'N'>, SP,
          peg::sor<peg::seq<peg::one<'#'>, dot_string<Charset>>, peg::seq<peg::opt<peg::one<'@'>>, domain<Charset>>>> {
};

// domain = sub-domain 1*("." sub-domain), two labels at least      RFC 2645 5.2.1
template <typename Charset>
struct atrn_domain : peg::seq<sub_domain<Charset>, peg::plus<peg::one<'.'>, sub_domain<Charset>>> {};
// domains = domain *( "," domain )                                RFC 2645 5.2.1
template <typename Charset>
struct atrn_domains : peg::list<atrn_domain<Charset>, peg::one<','>> {};
// atrn = "ATRN" [SP domain *("," domain)] CRLF                    RFC 2645 5.2.1
template <typename Charset>
struct atrn : peg::seq<peg::istring<'A', 'T', 'R', 'N'>, peg::opt<SP, atrn_domains<Charset>>> {};

// attribute = attribute-name "=" xtext, of XCLIENT and XFORWARD   RFC 3461 4 (xtext); not registered
struct proxy_attribute : peg::seq<esmtp_keyword, peg::one<'='>, xtext> {};
// attribute *( SP attribute )                                     RFC 3461 4 (xtext); not registered
struct proxy_attributes : peg::list<proxy_attribute, SP> {};
// "XCLIENT" 1*( SP attribute )                                    RFC 3461 4 (xtext); not registered
struct xclient : peg::seq<peg::istring<'X', 'C', 'L', 'I', 'E', 'N', 'T'>, SP, proxy_attributes> {};
// "XFORWARD" 1*( SP attribute )                                   RFC 3461 4 (xtext); not registered
struct xforward : peg::seq<peg::istring<'X', 'F', 'O', 'R', 'W', 'A', 'R', 'D'>, SP, proxy_attributes> {};

// "WELLKNOWN" SP xtext, the name of a file                        RFC 3461 4 (xtext); Exim's, not registered
struct wellknown : peg::seq<peg::istring<'W', 'E', 'L', 'L', 'K', 'N', 'O', 'W', 'N'>, SP, xtext> {};

// "SEND" / "SOML" / "SAML" / "TURN", historic, and "VERB" / "ONEX", Sendmail's: recognised, not carried out   RFC 821 4.1.1, RFC 5321 F.6
struct obsolete_verb
    : peg::sor<peg::istring<'S', 'E', 'N', 'D'>, peg::istring<'S', 'O', 'M', 'L'>, peg::istring<'S', 'A', 'M', 'L'>,
               peg::istring<'T', 'U', 'R', 'N'>, peg::istring<'V', 'E', 'R', 'B'>, peg::istring<'O', 'N', 'E', 'X'>> {};
// obsolete-verb [SP textstring], whatever the argument was        RFC 821 4.1.1, RFC 5321 F.6
template <typename Charset>
struct obsolete : peg::seq<obsolete_verb, peg::opt<SP, text_of<octets::text, Charset>>> {};

} // namespace postel::grammar
