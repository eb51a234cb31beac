// RFC 3986 4.3: the absolute URI of BURL. Which characters stand where, not what they mean.
#pragma once

#include "core.hpp"

namespace postel::grammar {

// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )             RFC 3986 3.1
struct uri_scheme
    : peg::seq<one_of<octets::alpha>, peg::star<peg::sor<one_of<octets::let_dig>, peg::one<'+', '-', '.'>>>> {};

// pct-encoded = "%" HEXDIG HEXDIG                                 RFC 3986 2.1
struct pct_encoded : peg::seq<peg::one<'%'>, peg::rep<2, one_of<octets::hexdig>>> {};

// unreserved / pct-encoded / sub-delims / ":" / "@" / "/" / "?" / "[" / "]": what a hier-part and a query hold   RFC 3986 2.2, 2.3, 3.3, 3.4
struct uri_character : peg::sor<one_of<octets::let_dig>,
                                peg::one<'-', '.', '_', '~', '!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '='>,
                                peg::one<':', '@', '/', '?', '[', ']'>, pct_encoded> {};

// absolute-URI = scheme ":" hier-part [ "?" query ]               RFC 3986 4.3
// The brackets of an IP literal are not checked to be in the authority.
struct absolute_URI : peg::seq<uri_scheme, peg::one<':'>, peg::plus<uri_character>> {};

} // namespace postel::grammar
