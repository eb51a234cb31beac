// Which rules an explanation of a failure names. A rule without a row here is part of one that has.
#pragma once

#include "postel/error.hpp"
#include "postel/grammar/capability.hpp"
#include "postel/grammar/command.hpp"
#include "postel/grammar/reply.hpp"
#include "postel/grammar/trace.hpp"

namespace postel::detail {

template <typename Rule>
inline constexpr expectation expectation_of = expectation::none;

// clang-format off
template <> inline constexpr auto expectation_of<grammar::peg::eof> = expectation::end_of_text;
template <> inline constexpr auto expectation_of<grammar::UTF8_tail> = expectation::utf8;
// The second octets that RFC 3629 4 narrows.
template <> inline constexpr auto expectation_of<grammar::peg::range<'\xA0', '\xBF'>> = expectation::utf8;
template <> inline constexpr auto expectation_of<grammar::peg::range<'\x80', '\x9F'>> = expectation::utf8;
template <> inline constexpr auto expectation_of<grammar::peg::range<'\x90', '\xBF'>> = expectation::utf8;
template <> inline constexpr auto expectation_of<grammar::peg::range<'\x80', '\x8F'>> = expectation::utf8;
template <> inline constexpr auto expectation_of<grammar::SP> = expectation::space;
template <> inline constexpr auto expectation_of<grammar::CRLF> = expectation::line_end;
template <> inline constexpr auto expectation_of<grammar::DQUOTE> = expectation::quote;
template <> inline constexpr auto expectation_of<grammar::peg::one<'='>> = expectation::equals_sign;
template <> inline constexpr auto expectation_of<grammar::peg::one<':'>> = expectation::colon;
template <> inline constexpr auto expectation_of<grammar::peg::one<'@'>> = expectation::at_sign;
template <> inline constexpr auto expectation_of<grammar::peg::one<'<'>> = expectation::left_bracket;
template <> inline constexpr auto expectation_of<grammar::peg::one<'>'>> = expectation::right_bracket;
template <> inline constexpr auto expectation_of<grammar::peg::one<']'>> = expectation::right_square_bracket;
template <typename C> inline constexpr auto expectation_of<grammar::domain<C>> = expectation::domain;
template <typename C> inline constexpr auto expectation_of<grammar::sub_domain<C>> = expectation::sub_domain;
template <> inline constexpr auto expectation_of<grammar::detail::overlong_label> = expectation::label_size;
template <> inline constexpr auto expectation_of<grammar::address_literal> = expectation::address_literal;
template <> inline constexpr auto expectation_of<grammar::IPv4_address_literal> = expectation::ipv4_literal;
template <> inline constexpr auto expectation_of<grammar::IPv6_addr> = expectation::ipv6_literal;
template <> inline constexpr auto expectation_of<grammar::detail::tag_end> = expectation::literal_tag;
template <> inline constexpr auto expectation_of<grammar::General_address_literal> = expectation::general_literal;
template <typename C> inline constexpr auto expectation_of<grammar::host<C>> = expectation::host;
template <typename C> inline constexpr auto expectation_of<grammar::local_part<C>> = expectation::local_part;
template <typename C> inline constexpr auto expectation_of<grammar::atom<C>> = expectation::atom;
template <typename C> inline constexpr auto expectation_of<grammar::quoted_string<C>> = expectation::quoted_string;
template <typename C> inline constexpr auto expectation_of<grammar::mailbox<C>> = expectation::mailbox;
template <typename C> inline constexpr auto expectation_of<grammar::path<C>> = expectation::path;
template <typename C> inline constexpr auto expectation_of<grammar::reverse_path<C>> = expectation::reverse_path;
template <typename C> inline constexpr auto expectation_of<grammar::forward_path<C>> = expectation::forward_path;
template <typename C> inline constexpr auto expectation_of<grammar::string<C>> = expectation::string;
template <typename C> inline constexpr auto expectation_of<grammar::user_name<C>> = expectation::user_name;
template <> inline constexpr auto expectation_of<grammar::peg::istring<'F', 'R', 'O', 'M', ':'>> = expectation::from_keyword;
template <> inline constexpr auto expectation_of<grammar::peg::istring<'T', 'O', ':'>> = expectation::to_keyword;
template <> inline constexpr auto expectation_of<grammar::esmtp_keyword> = expectation::parameter_keyword;
template <typename C> inline constexpr auto expectation_of<grammar::esmtp_value<C>> = expectation::parameter_value;
template <> inline constexpr auto expectation_of<grammar::Reply_code> = expectation::reply_code;
template <> inline constexpr auto expectation_of<grammar::any_Reply_code> = expectation::reply_code;
template <typename C> inline constexpr auto expectation_of<grammar::textstring<C>> = expectation::reply_text;
template <> inline constexpr auto expectation_of<grammar::detail::rest_of_line> = expectation::line_end;
template <> inline constexpr auto expectation_of<grammar::ehlo_keyword> = expectation::ehlo_keyword;
template <> inline constexpr auto expectation_of<grammar::ehlo_param> = expectation::ehlo_parameter;
template <> inline constexpr auto expectation_of<grammar::status_code> = expectation::status_code;
template <> inline constexpr auto expectation_of<grammar::size_value> = expectation::size_value;
template <> inline constexpr auto expectation_of<grammar::body_value> = expectation::body_value;
template <> inline constexpr auto expectation_of<grammar::xtext> = expectation::xtext;
template <> inline constexpr auto expectation_of<grammar::ret_value> = expectation::ret_value;
template <> inline constexpr auto expectation_of<grammar::notify_value> = expectation::notify_value;
template <> inline constexpr auto expectation_of<grammar::notify_list_element> = expectation::notify_value;
template <typename C> inline constexpr auto expectation_of<grammar::orcpt_value<C>> = expectation::orcpt_value;
template <> inline constexpr auto expectation_of<grammar::by_value> = expectation::by_value;
template <> inline constexpr auto expectation_of<grammar::date_time> = expectation::date_time;
template <> inline constexpr auto expectation_of<grammar::holdfor_value> = expectation::holdfor_value;
template <> inline constexpr auto expectation_of<grammar::mt_priority_value> = expectation::mt_priority_value;
template <> inline constexpr auto expectation_of<grammar::rrvs_value> = expectation::rrvs_value;
template <> inline constexpr auto expectation_of<grammar::solicit_value> = expectation::solicit_value;
template <> inline constexpr auto expectation_of<grammar::mtrk_value> = expectation::mtrk_value;
template <> inline constexpr auto expectation_of<grammar::transid_value> = expectation::transid_value;
template <> inline constexpr auto expectation_of<grammar::sasl_mech> = expectation::mechanism;
template <> inline constexpr auto expectation_of<grammar::initial_response> = expectation::base64;
template <> inline constexpr auto expectation_of<grammar::base64> = expectation::base64;
template <> inline constexpr auto expectation_of<grammar::one_of<grammar::octets::base64>> = expectation::base64;
template <> inline constexpr auto expectation_of<grammar::base64_pad> = expectation::base64;
template <> inline constexpr auto expectation_of<grammar::chunk_size> = expectation::chunk_size;
template <> inline constexpr auto expectation_of<grammar::end_marker> = expectation::end_marker;
template <> inline constexpr auto expectation_of<grammar::absolute_URI> = expectation::uri;
template <> inline constexpr auto expectation_of<grammar::proxy_attribute> = expectation::attribute;
template <typename C> inline constexpr auto expectation_of<grammar::From_domain<C>> = expectation::from_clause;
template <typename C> inline constexpr auto expectation_of<grammar::By_domain<C>> = expectation::by_clause;
template <typename C> inline constexpr auto expectation_of<grammar::trace_date_time<C>> = expectation::trace_date;
template <> inline constexpr auto expectation_of<grammar::run<grammar::octets::let_dig>> = expectation::let_dig;
template <typename C> inline constexpr auto expectation_of<grammar::ehlo<C>> = expectation::ehlo;
template <typename C> inline constexpr auto expectation_of<grammar::helo<C>> = expectation::helo;
template <typename C> inline constexpr auto expectation_of<grammar::mail<C>> = expectation::mail;
template <typename C> inline constexpr auto expectation_of<grammar::rcpt<C>> = expectation::rcpt;
template <> inline constexpr auto expectation_of<grammar::data> = expectation::data;
template <> inline constexpr auto expectation_of<grammar::rset> = expectation::rset;
template <typename C> inline constexpr auto expectation_of<grammar::vrfy<C>> = expectation::vrfy;
template <typename C> inline constexpr auto expectation_of<grammar::expn<C>> = expectation::expn;
template <typename C> inline constexpr auto expectation_of<grammar::help<C>> = expectation::help;
template <typename C> inline constexpr auto expectation_of<grammar::noop<C>> = expectation::noop;
template <> inline constexpr auto expectation_of<grammar::quit> = expectation::quit;
template <typename C> inline constexpr auto expectation_of<grammar::lhlo<C>> = expectation::lhlo;
template <> inline constexpr auto expectation_of<grammar::starttls> = expectation::starttls;
template <> inline constexpr auto expectation_of<grammar::auth> = expectation::auth;
template <> inline constexpr auto expectation_of<grammar::bdat> = expectation::bdat;
template <> inline constexpr auto expectation_of<grammar::burl> = expectation::burl;
template <typename C> inline constexpr auto expectation_of<grammar::etrn<C>> = expectation::etrn;
template <typename C> inline constexpr auto expectation_of<grammar::atrn<C>> = expectation::atrn;
template <> inline constexpr auto expectation_of<grammar::xclient> = expectation::xclient;
template <> inline constexpr auto expectation_of<grammar::xforward> = expectation::xforward;
template <typename C> inline constexpr auto expectation_of<grammar::obsolete<C>> = expectation::obsolete;
template <> inline constexpr auto expectation_of<grammar::auth_response> = expectation::auth_response;
template <typename C> inline constexpr auto expectation_of<grammar::Reply_line<C>> = expectation::reply;
template <typename C> inline constexpr auto expectation_of<grammar::any_Reply_line<C>> = expectation::reply;
template <> inline constexpr auto expectation_of<grammar::framed_Reply_line> = expectation::reply;
template <typename C> inline constexpr auto expectation_of<grammar::Greeting<C>> = expectation::greeting;
template <typename C> inline constexpr auto expectation_of<grammar::ehlo_ok_rsp<C>> = expectation::ehlo_response;
template <> inline constexpr auto expectation_of<grammar::ehlo_line> = expectation::ehlo_line;
template <typename C> inline constexpr auto expectation_of<grammar::Time_stamp_line<C>> = expectation::received;
template <typename C> inline constexpr auto expectation_of<grammar::Return_path_line<C>> = expectation::return_path;
template <typename C> inline constexpr auto expectation_of<grammar::utf_8_enc_addr<C>> = expectation::utf8_address;
template <> inline constexpr auto expectation_of<grammar::xrcptforward_value> = expectation::base64;
template <> inline constexpr auto expectation_of<grammar::wellknown> = expectation::wellknown;
template <> inline constexpr auto expectation_of<grammar::envid_value> = expectation::xtext;
// clang-format on

} // namespace postel::detail
