// RFC 5321 4.1.1: one rule a command. The line end is not part of them: framing finds it before the grammar sees the line.
#pragma once

#include "address.hpp"
#include "parameter.hpp"

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

// String, and where internationalized [SP "SMTPUTF8"]             RFC 5321 4.1.1.6, RFC 6531 3.7.4.2
template <typename Charset>
struct verified_string : string<Charset> {};
template <>
struct verified_string<internationalized> : peg::seq<string<internationalized>, peg::opt<SP, smtputf8_parameter>> {};

// vrfy = "VRFY" SP String CRLF                                    RFC 5321 4.1.1.6
template <typename Charset>
struct vrfy : peg::seq<peg::istring<'V', 'R', 'F', 'Y'>, SP, verified_string<Charset>> {};

// expn = "EXPN" SP String CRLF                                    RFC 5321 4.1.1.7
template <typename Charset>
struct expn : peg::seq<peg::istring<'E', 'X', 'P', 'N'>, SP, verified_string<Charset>> {};

// help = "HELP" [ SP String ] CRLF                                RFC 5321 4.1.1.8
template <typename Charset>
struct help : peg::seq<peg::istring<'H', 'E', 'L', 'P'>, peg::opt<SP, string<Charset>>> {};

// noop = "NOOP" [ SP String ] CRLF                                RFC 5321 4.1.1.9
template <typename Charset>
struct noop : peg::seq<peg::istring<'N', 'O', 'O', 'P'>, peg::opt<SP, string<Charset>>> {};

// quit = "QUIT" CRLF                                              RFC 5321 4.1.1.10
struct quit : peg::istring<'Q', 'U', 'I', 'T'> {};

} // namespace postel::grammar
