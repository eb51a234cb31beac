// RFC 5321 4.1.2: the parameters of MAIL and RCPT, and the values that extensions define.
#pragma once

#include "core.hpp"

namespace postel::grammar {

// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")          RFC 5321 4.1.2
struct esmtp_keyword : peg::plus<run<octets::let_dig>, peg::star<peg::one<'-'>>> {};

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
struct size_value : peg::rep_min_max<1, 20, one_of<octets::digit>> {};

// body-value = "7BIT" / "8BITMIME"                                RFC 6152 2
struct body_value : peg::sor<peg::istring<'7', 'B', 'I', 'T'>, peg::istring<'8', 'B', 'I', 'T', 'M', 'I', 'M', 'E'>> {};

} // namespace postel::grammar
