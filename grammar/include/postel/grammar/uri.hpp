// RFC 3986 4.3: the absolute URI of BURL.
#pragma once

#include "address.hpp"

namespace postel::grammar {

// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )             RFC 3986 3.1
struct uri_scheme
    : peg::seq<one_of<octets::alpha>, peg::star<peg::sor<one_of<octets::let_dig>, peg::one<'+', '-', '.'>>>> {};

// pct-encoded = "%" HEXDIG HEXDIG                                 RFC 3986 2.1
struct pct_encoded : peg::seq<peg::one<'%'>, peg::rep<2, one_of<octets::hexdig>>> {};

// unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"              RFC 3986 2.3
struct unreserved : peg::sor<one_of<octets::let_dig>, peg::one<'-', '.', '_', '~'>> {};

// sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="   RFC 3986 2.2
struct sub_delims : peg::one<'!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '='> {};

// reg-name = *( unreserved / pct-encoded / sub-delims ); an IPv4address is one too   RFC 3986 3.2.2
struct reg_name : peg::star<peg::sor<unreserved, pct_encoded, sub_delims>> {};

// userinfo = *( unreserved / pct-encoded / sub-delims / ":" )     RFC 3986 3.2.1
struct userinfo : peg::star<peg::sor<unreserved, pct_encoded, sub_delims, peg::one<':'>>> {};

// dec-octet = DIGIT / %x31-39 DIGIT / "1" 2DIGIT / "2" %x30-34 DIGIT / "25" %x30-35   RFC 3986 3.2.2
// Longest first; unlike Snum it has no leading zeros.
struct dec_octet : peg::sor<peg::seq<peg::string<'2', '5'>, peg::range<'0', '5'>>,
                            peg::seq<peg::one<'2'>, peg::range<'0', '4'>, one_of<octets::digit>>,
                            peg::seq<peg::one<'1'>, one_of<octets::digit>, one_of<octets::digit>>,
                            peg::seq<peg::range<'1', '9'>, one_of<octets::digit>>, one_of<octets::digit>> {};

// IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet   RFC 3986 3.2.2
struct IPv4address : peg::seq<dec_octet, peg::rep<3, peg::one<'.'>, dec_octet>> {};

namespace detail {

template <unsigned Head>
struct uri_comp : peg::seq<head<Head>, peg::two<':'>, tail<7 - Head>> {};

template <unsigned Head>
struct uri_v4_comp : peg::seq<head<Head>, peg::two<':'>, v4_tail<5 - Head>, IPv4address> {};

} // namespace detail

// IPv6address = 6( h16 ":" ) ls32 / [ *n( h16 ":" ) h16 ] "::" and so many groups that there are at most seven; ls32 is two groups or an
// IPv4address                                                     RFC 3986 3.2.2
// RFC 5321's IPv6-comp is narrower by one group. The forms with an IPv4 tail come first, as there.
struct IPv6address : peg::sor<peg::seq<peg::rep<6, IPv6_hex, peg::one<':'>>, IPv4address>, detail::uri_v4_comp<0>,
                              detail::uri_v4_comp<1>, detail::uri_v4_comp<2>, detail::uri_v4_comp<3>,
                              detail::uri_v4_comp<4>, detail::uri_v4_comp<5>, detail::head<8>, detail::uri_comp<0>,
                              detail::uri_comp<1>, detail::uri_comp<2>, detail::uri_comp<3>, detail::uri_comp<4>,
                              detail::uri_comp<5>, detail::uri_comp<6>, detail::uri_comp<7>> {};

// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )   RFC 3986 3.2.2
struct IPvFuture : peg::seq<peg::one<'v', 'V'>, run<octets::hexdig>, peg::one<'.'>,
                            peg::plus<peg::sor<unreserved, sub_delims, peg::one<':'>>>> {};

// IP-literal = "[" ( IPv6address / IPvFuture ) "]"                RFC 3986 3.2.2
struct IP_literal : peg::seq<peg::one<'['>, peg::sor<IPv6address, IPvFuture>, peg::one<']'>> {};

// authority = [ userinfo "@" ] host [ ":" port ], host = IP-literal / IPv4address / reg-name, port = *DIGIT   RFC 3986 3.2
struct authority : peg::seq<peg::opt<userinfo, peg::one<'@'>>, peg::sor<IP_literal, reg_name>,
                            peg::opt<peg::one<':'>, peg::star<one_of<octets::digit>>>> {};

// pchar = unreserved / pct-encoded / sub-delims / ":" / "@"       RFC 3986 3.3
struct pchar : peg::sor<unreserved, pct_encoded, sub_delims, peg::one<':', '@'>> {};

// path-abempty = *( "/" segment ), segment = *pchar               RFC 3986 3.3
struct path_abempty : peg::star<peg::one<'/'>, peg::star<pchar>> {};

// hier-part = "//" authority path-abempty / path-absolute / path-rootless / path-empty   RFC 3986 3
//   path-absolute = "/" [ segment-nz *( "/" segment ) ]; path-rootless = segment-nz *( "/" segment )
struct hier_part : peg::sor<peg::seq<peg::two<'/'>, authority, path_abempty>,
                            peg::seq<peg::one<'/'>, peg::opt<peg::plus<pchar>, path_abempty>>,
                            peg::opt<peg::plus<pchar>, path_abempty>> {};

// query = *( pchar / "/" / "?" )                                  RFC 3986 3.4
struct query : peg::star<peg::sor<pchar, peg::one<'/', '?'>>> {};

// absolute-URI = scheme ":" hier-part [ "?" query ]               RFC 3986 4.3
struct absolute_URI : peg::seq<uri_scheme, peg::one<':'>, hier_part, peg::opt<peg::one<'?'>, query>> {};

} // namespace postel::grammar
