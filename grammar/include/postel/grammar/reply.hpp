// RFC 5321 4.2: replies, the greeting and the EHLO response; RFC 2034 and 3463: enhanced status codes.
#pragma once

#include <cstring>

#include "address.hpp"

namespace postel::grammar {

// Reply-code = %x32-35 %x30-35 %x30-39                            RFC 5321 4.2
struct Reply_code : peg::seq<peg::range<'2', '5'>, peg::range<'0', '5'>, one_of<octets::digit>> {};

// textstring = 1*(%d09 / %d32-126)                                RFC 5321 4.2
// textstring =/ UTF8-non-ascii                                    RFC 6531 3.7.4.2
template <typename Charset>
struct textstring : text_of<octets::text, Charset> {};

// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF   RFC 5321 4.2
// A final line of code and SP alone is accepted too: a client must process both          RFC 5321 4.2.1
// What follows a code is told apart behind it, so that no code is read twice.
template <typename Charset>
struct behind_continued_code : peg::seq<peg::one<'-'>, peg::opt<textstring<Charset>>, CRLF> {};
template <typename Charset>
struct behind_final_code : peg::seq<peg::opt<SP, peg::opt<textstring<Charset>>>, CRLF> {};
template <typename Charset>
struct reply_continuation : peg::seq<Reply_code, behind_continued_code<Charset>> {};
template <typename Charset>
struct reply_final : peg::seq<Reply_code, behind_final_code<Charset>> {};
template <typename Charset>
struct Reply_line
    : peg::seq<Reply_code, peg::star<behind_continued_code<Charset>, Reply_code>, behind_final_code<Charset>> {};

// any-Reply-code = %x32-35 2DIGIT, which a client must take by its first digit if it does not know it   RFC 5321 4.3.2
struct any_Reply_code : peg::seq<peg::range<'2', '5'>, peg::rep<2, one_of<octets::digit>>> {};
// any-Reply-line = *( any-Reply-code "-" [ textstring ] CRLF ) any-Reply-code [ SP textstring ] CRLF   RFC 5321 4.2, 4.3.2
template <typename Charset>
struct any_Reply_line
    : peg::seq<any_Reply_code, peg::star<behind_continued_code<Charset>, any_Reply_code>, behind_final_code<Charset>> {
};

namespace detail {

// *(%d0-9 / %d11-255) CRLF: all up to the first LF, which must have its CR.
struct rest_of_line {
  using rule_t = rest_of_line;
  using subs_t = peg::empty_list;

  template <typename Input>
  static bool match(Input& in) {
    const char* const begin = in.current();
    const auto* const lf = static_cast<const char*>(in.empty() ? nullptr : std::memchr(begin, '\n', in.size()));
    if (lf == nullptr || lf == begin || lf[-1] != '\r') return false;
    in.bump_in_this_line(static_cast<std::size_t>(lf - begin) + 1);
    return true;
  }
};

} // namespace detail

// framed-Reply-line = *( any-Reply-code "-" *(%d0-9 / %d11-255) CRLF )
//                     any-Reply-code ( SP *(%d0-9 / %d11-255) CRLF / 1*%d13 %d10 )   RFC 5321 4.2, 2.3.8
// A client acts on the code alone, and any text must be acceptable to it: here all octets but LF are text, a CR without LF too.
struct framed_Reply_line
    : peg::seq<any_Reply_code, peg::star<peg::one<'-'>, detail::rest_of_line, any_Reply_code>,
               peg::sor<peg::seq<SP, detail::rest_of_line>, peg::seq<peg::plus<peg::one<'\r'>>, peg::one<'\n'>>>> {};

// Greeting = ( "220 " (Domain / address-literal) [ SP textstring ] CRLF ) /
//            ( "220-" (Domain / address-literal) [ SP textstring ] CRLF
//              *( "220-" [ textstring ] CRLF ) "220" [ SP textstring ] CRLF )               RFC 5321 4.2
template <typename Charset>
struct greeting_text : peg::seq<host<Charset>, peg::opt<SP, textstring<Charset>>> {};
template <typename Charset>
struct Greeting : peg::sor<peg::seq<peg::string<'2', '2', '0', ' '>, greeting_text<Charset>, CRLF>,
                           peg::seq<peg::string<'2', '2', '0', '-'>, greeting_text<Charset>, CRLF,
                                    peg::star<peg::string<'2', '2', '0', '-'>, peg::opt<textstring<Charset>>, CRLF>,
                                    peg::string<'2', '2', '0'>, peg::opt<SP, textstring<Charset>>, CRLF>> {};

// ehlo-greet = 1*(%d0-9 / %d11-12 / %d14-127)                     RFC 5321 4.1.1.1
struct ehlo_greet : run<octets::greet> {};

// ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")           RFC 5321 4.1.1.1
struct ehlo_keyword : peg::seq<one_of<octets::let_dig>, peg::opt<run<octets::ldh>>> {};

// ehlo-param = 1*(%d33-126)                                       RFC 5321 4.1.1.1
struct ehlo_param : run<octets::graphic> {};

// ehlo-param *( SP ehlo-param ), what may stand behind an ehlo-keyword and its space   RFC 5321 4.1.1.1
struct ehlo_params : peg::list<ehlo_param, SP> {};
// ehlo-line = ehlo-keyword *( SP ehlo-param )                     RFC 5321 4.1.1.1
struct ehlo_line : peg::seq<ehlo_keyword, peg::opt<SP, ehlo_params>> {};

// ehlo-ok-rsp = ( "250" SP Domain [ SP ehlo-greet ] CRLF ) /
//               ( "250-" Domain [ SP ehlo-greet ] CRLF *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF )   RFC 5321 4.1.1.1
template <typename Charset>
struct ehlo_domain : peg::seq<domain<Charset>, peg::opt<SP, ehlo_greet>> {};
template <typename Charset>
struct ehlo_ok_rsp : peg::sor<peg::seq<peg::string<'2', '5', '0', ' '>, ehlo_domain<Charset>, CRLF>,
                              peg::seq<peg::string<'2', '5', '0', '-'>, ehlo_domain<Charset>, CRLF,
                                       peg::star<peg::string<'2', '5', '0', '-'>, ehlo_line, CRLF>,
                                       peg::string<'2', '5', '0', ' '>, ehlo_line, CRLF>> {};

// class = "2" / "4" / "5"                                         RFC 3463 2, RFC 2034 4
struct status_class : peg::one<'2', '4', '5'> {};

// subject = 1*3digit, detail = 1*3digit, without leading zeros    RFC 3463 2, RFC 2034 4
struct status_number : peg::sor<peg::seq<peg::range<'1', '9'>, peg::rep_opt<2, one_of<octets::digit>>>, peg::one<'0'>> {
};
struct status_subject : status_number {};
struct status_detail : status_number {};

// status-code = class "." subject "." detail                      RFC 3463 2, RFC 2034 4
struct status_code : peg::seq<status_class, peg::one<'.'>, status_subject, peg::one<'.'>, status_detail> {};

} // namespace postel::grammar
