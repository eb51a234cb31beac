// The parameters of the EHLO keywords, one rule an extension that has any: what follows the keyword and its space.
#pragma once

#include "parameter.hpp"
#include "sasl.hpp"
#include "uri.hpp"

namespace postel::grammar {

// size-param = [1*20DIGIT]                                        RFC 1870 3
struct size_offer : size_value {};

// sasl-mech *( SP sasl-mech )                                     RFC 4954 3
struct auth_offer : peg::list<sasl_mech, SP> {};

// extension-token = 1*<any CHAR excluding SP, COMMA and controls> RFC 2852 4
struct deliverby_token : peg::plus<peg::ranges<'!', '+', '-', '~'>> {};
// min-by-time = [1*9DIGIT]                                        RFC 2852 4
struct min_by_time : peg::rep_min_max<1, 9, one_of<octets::digit>> {};
// deliverby-param = min-by-time *( "," extension-token )          RFC 2852 4
struct deliverby_offer : peg::seq<peg::opt<min_by_time>, peg::star<peg::one<','>, deliverby_token>> {};

// max-future-release-interval SP max-future-release-date-time, "=" to HOLDFOR's and HOLDUNTIL's   RFC 4865 3
struct futurerelease_offer : peg::seq<holdfor_value, SP, date_time> {};

// priority-profile = 1*20(ALPHA / DIGIT / "-" / "_" / ".")       RFC 6710 7
struct mt_priority_offer : peg::rep_min_max<1, 20, peg::sor<one_of<octets::let_dig>, peg::one<'-', '_', '.'>>> {};

// limit-name = 1*( ALPHA / DIGIT / "-" / "_" )                    RFC 9422 3
struct limit_name : peg::plus<peg::sor<one_of<octets::let_dig>, peg::one<'-', '_'>>> {};
// limit-value = 1*( %x21-3A / %x3C-7E )                           RFC 9422 3
struct limit_value : peg::plus<peg::ranges<'!', ':', '<', '~'>> {};
// limit-name-value = limit-name ["=" limit-value]                 RFC 9422 3
struct limit : peg::seq<limit_name, peg::opt<peg::one<'='>, limit_value>> {};
// limits-param = limit-name-value *( SP limit-name-value )        RFC 9422 3
struct limits_offer : peg::list<limit, SP> {};
// %x31-39 0*5DIGIT, the value of MAILMAX, RCPTMAX and RCPTDOMAINMAX   RFC 9422 4
struct limit_number : peg::seq<peg::range<'1', '9'>, peg::rep_opt<5, one_of<octets::digit>>> {};

// burl-param = "imap" / ("imap://" authority)                     RFC 4468 3.2
struct burl_param
    : peg::sor<peg::seq<peg::istring<'i', 'm', 'a', 'p', ':', '/', '/'>, authority>, peg::istring<'i', 'm', 'a', 'p'>> {
};
// burl-param *( SP burl-param ), what BURL announces              RFC 4468 3.2
struct burl_offer : peg::list<burl_param, SP> {};

// no-soliciting-param = [Solicitation-keywords]                   RFC 3865 2
struct no_soliciting_offer : solicit_value {};

} // namespace postel::grammar
