// RFC 5321 4.4: the trace fields Return-Path and Received, without the CRLF that ends them; RFC 5322 3.2.2 and 3.3 for white space, comments
// and dates.
#pragma once

#include "address.hpp"

namespace postel::grammar {

// FWS = ([*WSP CRLF] 1*WSP)                                       RFC 5322 3.2.2
struct FWS : peg::sor<peg::seq<peg::star<one_of<octets::wsp>>, CRLF, run<octets::wsp>>, run<octets::wsp>> {};

// ctext = %d33-39 / %d42-91 / %d93-126                            RFC 5322 3.2.3
template <typename Charset>
struct ctext;
template <>
struct ctext<ascii> : peg::ranges<'!', '\'', '*', '[', ']', '~'> {};
template <>
struct ctext<internationalized> : peg::sor<ctext<ascii>, UTF8_non_ascii> {};

// VCHAR = %x21-7E                                                 RFC 5234 B.1
// VCHAR =/ UTF8-non-ascii                                         RFC 6532 3.2
template <typename Charset>
struct VCHAR;
template <>
struct VCHAR<ascii> : one_of<octets::graphic> {};
template <>
struct VCHAR<internationalized> : peg::sor<one_of<octets::graphic>, UTF8_non_ascii> {};

// quoted-pair = "\" (VCHAR / WSP)                                 RFC 5322 3.2.1
template <typename Charset>
struct quoted_pair : peg::seq<peg::one<'\\'>, peg::sor<VCHAR<Charset>, one_of<octets::wsp>>> {};

// comment = "(" *([FWS] ccontent) [FWS] ")", ccontent = ctext / quoted-pair / comment   RFC 5322 3.2.2
// Comments nest to a fixed depth here: a peer shall not choose how deep we recurse.
template <typename Charset, unsigned Depth>
struct nested_comment
    : peg::seq<
          peg::one<'('>,
          peg::star<peg::opt<FWS>, peg::sor<ctext<Charset>, quoted_pair<Charset>, nested_comment<Charset, Depth - 1>>>,
          peg::opt<FWS>, peg::one<')'>> {};
template <typename Charset>
struct nested_comment<Charset, 0> : peg::failure {};
template <typename Charset>
struct comment : nested_comment<Charset, 8> {};

// CFWS = (1*([FWS] comment) [FWS]) / FWS                          RFC 5322 3.2.2
template <typename Charset>
struct CFWS : peg::sor<peg::seq<peg::plus<peg::opt<FWS>, comment<Charset>>, peg::opt<FWS>>, FWS> {};

// day-name = "Mon" / "Tue" / "Wed" / "Thu" / "Fri" / "Sat" / "Sun"   RFC 5322 3.3
struct day_name : peg::sor<peg::istring<'M', 'o', 'n'>, peg::istring<'T', 'u', 'e'>, peg::istring<'W', 'e', 'd'>,
                           peg::istring<'T', 'h', 'u'>, peg::istring<'F', 'r', 'i'>, peg::istring<'S', 'a', 't'>,
                           peg::istring<'S', 'u', 'n'>> {};

// month = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" / "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"   RFC 5322 3.3
struct month : peg::sor<peg::istring<'J', 'a', 'n'>, peg::istring<'F', 'e', 'b'>, peg::istring<'M', 'a', 'r'>,
                        peg::istring<'A', 'p', 'r'>, peg::istring<'M', 'a', 'y'>, peg::istring<'J', 'u', 'n'>,
                        peg::istring<'J', 'u', 'l'>, peg::istring<'A', 'u', 'g'>, peg::istring<'S', 'e', 'p'>,
                        peg::istring<'O', 'c', 't'>, peg::istring<'N', 'o', 'v'>, peg::istring<'D', 'e', 'c'>> {};

// date = day month year: 1*2DIGIT FWS month FWS 4*DIGIT           RFC 5322 3.3
struct trace_date : peg::seq<peg::opt<FWS>, peg::rep_min_max<1, 2, one_of<octets::digit>>, FWS, month, FWS,
                             peg::rep<4, one_of<octets::digit>>, peg::star<one_of<octets::digit>>, FWS> {};

// time = time-of-day zone: 2DIGIT ":" 2DIGIT [ ":" 2DIGIT ] FWS ( "+" / "-" ) 4DIGIT   RFC 5322 3.3
struct trace_time : peg::seq<peg::rep<2, one_of<octets::digit>>, peg::one<':'>, peg::rep<2, one_of<octets::digit>>,
                             peg::opt<peg::one<':'>, peg::rep<2, one_of<octets::digit>>>, FWS, peg::one<'+', '-'>,
                             peg::rep<4, one_of<octets::digit>>> {};

// date-time = [ [FWS] day-name "," ] date time [CFWS]             RFC 5322 3.3
template <typename Charset>
struct trace_date_time
    : peg::seq<peg::opt<peg::opt<FWS>, day_name, peg::one<','>>, trace_date, trace_time, peg::opt<CFWS<Charset>>> {};

// TCP-info = address-literal / ( Domain FWS address-literal )     RFC 5321 4.4
template <typename Charset>
struct TCP_info : peg::sor<address_literal, peg::seq<domain<Charset>, FWS, address_literal>> {};

// Extended-Domain = Domain / ( Domain FWS "(" TCP-info ")" ) / ( address-literal FWS "(" TCP-info ")" )   RFC 5321 4.4
// What looks like TCP-info and has none of what may follow the whole behind it is a comment, and that CFWS.
template <typename Charset>
struct tcp_info_part : peg::seq<FWS, peg::one<'('>, TCP_info<Charset>, peg::one<')'>,
                                peg::at<peg::sor<CFWS<Charset>, peg::one<';'>, peg::eof>>> {};
template <typename Charset>
struct Extended_Domain : peg::sor<peg::seq<address_literal, tcp_info_part<Charset>>,
                                  peg::seq<domain<Charset>, peg::opt<tcp_info_part<Charset>>>> {};

// From-domain = "FROM" FWS Extended-Domain                        RFC 5321 4.4
template <typename Charset>
struct From_domain : peg::seq<peg::istring<'F', 'R', 'O', 'M'>, FWS, Extended_Domain<Charset>> {};

// By-domain = CFWS "BY" FWS Extended-Domain                       RFC 5321 4.4
template <typename Charset>
struct By_domain : peg::seq<CFWS<Charset>, peg::istring<'B', 'Y'>, FWS, Extended_Domain<Charset>> {};

// Link = "TCP" / Addtl-Link, Addtl-Link = Atom                    RFC 5321 4.4
template <typename Charset>
struct Link : atom<Charset> {};
// Via = CFWS "VIA" FWS Link                                       RFC 5321 4.4
template <typename Charset>
struct Via : peg::seq<CFWS<Charset>, peg::istring<'V', 'I', 'A'>, FWS, Link<Charset>> {};

// Protocol = "ESMTP" / "SMTP" / Attdl-Protocol, Attdl-Protocol = Atom   RFC 5321 4.4
template <typename Charset>
struct Protocol : atom<Charset> {};
// With = CFWS "WITH" FWS Protocol                                 RFC 5321 4.4
template <typename Charset>
struct With : peg::seq<CFWS<Charset>, peg::istring<'W', 'I', 'T', 'H'>, FWS, Protocol<Charset>> {};

// no-fold-literal = "[" *dtext "]", dtext = %d33-90 / %d94-126    RFC 5322 3.6.4, 3.4.1
// dtext =/ UTF8-non-ascii                                         RFC 6532 3.2
template <typename Charset>
struct no_fold_literal : peg::seq<peg::one<'['>, peg::opt<text_of<octets::dcontent, Charset>>, peg::one<']'>> {};

// msg-id = "<" id-left "@" id-right ">"; id-left = dot-atom-text; id-right = dot-atom-text / no-fold-literal   RFC 5322 3.6.4
// Its [CFWS] on both sides stand in ID.
template <typename Charset>
struct msg_id : peg::seq<peg::one<'<'>, dot_string<Charset>, peg::one<'@'>,
                         peg::sor<dot_string<Charset>, no_fold_literal<Charset>>, peg::one<'>'>> {};

// ( Atom / msg-id )                                               RFC 5321 4.4
template <typename Charset>
struct ID_value : peg::sor<atom<Charset>, msg_id<Charset>> {};
// ID = CFWS "ID" FWS ( Atom / [CFWS] msg-id [CFWS] )              RFC 5321 4.4, RFC 5322 3.6.4
// The last CFWS is taken only where it leaves one to what follows.
template <typename Charset>
struct ID : peg::seq<CFWS<Charset>, peg::istring<'I', 'D'>, FWS,
                     peg::sor<peg::seq<peg::opt<CFWS<Charset>>, peg::at<peg::one<'<'>>, ID_value<Charset>,
                                       peg::opt<CFWS<Charset>, peg::at<CFWS<Charset>>>>,
                              ID_value<Charset>>> {};

// For = CFWS "FOR" FWS ( Path / Mailbox )                         RFC 5321 4.4
template <typename Charset>
struct For_value : peg::sor<path<Charset>, mailbox<Charset>> {};
template <typename Charset>
struct For : peg::seq<CFWS<Charset>, peg::istring<'F', 'O', 'R'>, FWS, For_value<Charset>> {};

// one clause of them: CFWS Atom FWS String, String = Atom / Quoted-string   RFC 5321 4.4 (erratum 1683)
template <typename Charset>
struct additional_clause
    : peg::seq<CFWS<Charset>, atom<Charset>, FWS, peg::sor<atom<Charset>, quoted_string<Charset>>> {};

// Additional-Registered-Clauses = 1*(CFWS Atom FWS String)        RFC 5321 4.4 (erratum 1683)
template <typename Charset>
struct additional_clauses : peg::plus<additional_clause<Charset>> {};

// Opt-info = [Via] [With] [ID] [For] [Additional-Registered-Clauses]   RFC 5321 4.4
template <typename Charset>
struct Opt_info : peg::seq<peg::opt<Via<Charset>>, peg::opt<With<Charset>>, peg::opt<ID<Charset>>,
                           peg::opt<For<Charset>>, peg::opt<additional_clauses<Charset>>> {};

// Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time   RFC 5321 4.4
template <typename Charset>
struct Stamp : peg::seq<From_domain<Charset>, By_domain<Charset>, Opt_info<Charset>, peg::opt<CFWS<Charset>>,
                        peg::one<';'>, FWS, trace_date_time<Charset>> {};

// Time-stamp-line = "Received:" FWS Stamp <CRLF>                  RFC 5321 4.4
template <typename Charset>
struct Time_stamp_line : peg::seq<peg::istring<'R', 'e', 'c', 'e', 'i', 'v', 'e', 'd', ':'>, FWS, Stamp<Charset>> {};

// Return-path-line = "Return-Path:" FWS Reverse-path <CRLF>       RFC 5321 4.4
template <typename Charset>
struct Return_path_line
    : peg::seq<peg::istring<'R', 'e', 't', 'u', 'r', 'n', '-', 'P', 'a', 't', 'h', ':'>, FWS, reverse_path<Charset>> {};

} // namespace postel::grammar
