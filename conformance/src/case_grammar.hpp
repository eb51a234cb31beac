// The format of case files (conformance/README.md describes it for readers): rules only, no actions.
#pragma once

#include <postel/grammar/reply.hpp>

#include "furthest.hpp"

namespace postel::conformance::grammar {

namespace peg = postel::grammar::peg;
using postel::grammar::octets;
using postel::grammar::one_of;
using postel::grammar::run;
using postel::grammar::UTF8_non_ascii;

// ---- lines

struct spaces : peg::plus<peg::one<' '>> {};
struct space : peg::one<' '> {};
struct white : peg::one<' ', '\t'> {};
struct indent : peg::star<white> {};
struct line_feed : peg::one<'\n'> {};
struct line_end : peg::sor<line_feed, peg::eof> {};
// The end of a line of which trailing white space is no part.
struct loose_end : peg::seq<indent, line_end> {};

struct comment : peg::seq<indent, peg::one<'#'>, peg::star<peg::not_one<'\n'>>, line_end> {};
struct blank : peg::sor<peg::seq<indent, line_feed>, peg::seq<peg::plus<white>, peg::eof>> {};
// What may stand between any two lines that mean something.
struct gap : peg::star<peg::sor<blank, comment>> {};

struct prose_character : peg::sor<run<octets::text>, UTF8_non_ascii> {};
struct prose : peg::plus<prose_character> {};

// ---- the header: == ID LEVEL ROLE

struct id_octet : peg::sor<run<octets::let_dig>, peg::one<'-', '.', '_'>> {};
struct id_part : peg::plus<id_octet> {};
struct id : peg::seq<id_part, peg::one<'/'>, id_part, peg::one<'/'>, id_part> {};

struct level_must : peg::string<'M', 'U', 'S', 'T'> {};
struct level_should : peg::string<'S', 'H', 'O', 'U', 'L', 'D'> {};
struct level_may : peg::string<'M', 'A', 'Y'> {};
struct level_note : peg::string<'N', 'O', 'T', 'E'> {};
struct level : peg::seq<peg::sor<level_must, level_should, level_may, level_note>, peg::not_at<id_octet>> {};

struct role_server : TAO_PEGTL_STRING("server") {};
struct role_submission : TAO_PEGTL_STRING("submission") {};
struct role_lmtp : TAO_PEGTL_STRING("lmtp") {};
struct role_both : TAO_PEGTL_STRING("both") {};
struct role_client : TAO_PEGTL_STRING("client") {};
struct role
    : peg::seq<peg::sor<role_server, role_submission, role_lmtp, role_both, role_client>, peg::not_at<id_octet>> {};

struct header_mark : peg::string<'=', '=', ' '> {};
struct header : peg::seq<header_mark, id, spaces, level, spaces, role, loose_end> {};

// ---- what the case is about

struct requirement_line : peg::seq<peg::plus<white>, prose, line_end> {};
struct requirement : peg::plus<requirement_line> {};

struct clause_text : prose {};
struct clause : peg::seq<TAO_PEGTL_STRING("clause"), spaces, clause_text, line_end> {};

// Of an EHLO line: with parameters that have to be among its own.
struct required_keyword
    : peg::seq<postel::grammar::ehlo_keyword, peg::star<peg::seq<space, postel::grammar::ehlo_param>>> {};
struct requires_line : peg::seq<TAO_PEGTL_STRING("requires"), spaces, required_keyword, loose_end> {};

struct preamble : peg::star<gap, peg::sor<clause, requires_line>> {};

// ---- text to send

struct hexadecimal_escape : peg::seq<peg::one<'x'>, peg::rep<2, one_of<octets::hexdig>>> {};
struct escape_letter : peg::sor<peg::one<'r', 'n', 't', '0', 's', '\\', '{', '}', '"'>, hexadecimal_escape> {};
struct escape : peg::seq<peg::one<'\\'>, escape_letter> {};

// A space that ends the line would be invisible.
struct inner_space : peg::seq<peg::one<' '>, peg::not_at<peg::sor<line_feed, peg::eof>>> {};
struct plain : peg::sor<peg::ranges<'!', '[', ']', 'z', '|', '|', '~', '~'>, UTF8_non_ascii> {};

struct literal : peg::plus<peg::sor<plain, inner_space, escape>> {};

struct variable_client : TAO_PEGTL_STRING("client") {};
struct variable_sender : TAO_PEGTL_STRING("sender") {};
struct variable_rcpt : TAO_PEGTL_STRING("rcpt") {};
struct variable_rcpt_local : TAO_PEGTL_STRING("rcpt_local") {};
struct variable_rcpt_domain : TAO_PEGTL_STRING("rcpt_domain") {};
struct variable_unknown : TAO_PEGTL_STRING("unknown") {};
struct variable_foreign : TAO_PEGTL_STRING("foreign") {};
struct variable_size : TAO_PEGTL_STRING("size") {};
struct variable_hello : TAO_PEGTL_STRING("hello") {};
struct variable_user : TAO_PEGTL_STRING("user") {};
struct variable_password : TAO_PEGTL_STRING("password") {};
struct variable_hold_for : TAO_PEGTL_STRING("hold_for") {};
struct variable_name : peg::sor<variable_client, variable_sender, variable_rcpt_local, variable_rcpt_domain,
                                variable_rcpt, variable_unknown, variable_foreign, variable_size, variable_hello,
                                variable_user, variable_password, variable_hold_for> {};
struct variable : peg::seq<peg::one<'{'>, variable_name, peg::one<'}'>> {};

struct count : peg::plus<one_of<octets::digit>> {};
struct repeated_end : peg::seq<peg::one<'*'>, count, peg::one<'}'>> {};
struct repeated_text : peg::plus<peg::not_at<peg::one<'*'>, peg::plus<one_of<octets::digit>>, peg::one<'}'>>,
                                 peg::sor<plain, inner_space, escape>> {};
struct repetition : peg::seq<peg::one<'{'>, repeated_text, repeated_end> {};

struct encoded_start : TAO_PEGTL_STRING("{base64:") {};
struct encoded_end : peg::one<'}'> {};
struct encoded_item : peg::sor<literal, variable> {};
struct encoded : peg::seq<encoded_start, peg::star<encoded_item>, encoded_end> {};

struct text_item : peg::sor<literal, variable, encoded, repetition> {};
struct text : peg::plus<text_item> {};

// ---- steps

struct write_size : count {};
struct split : peg::seq<peg::one<'/'>, write_size> {};
struct line_mark : peg::one<'C'> {};
struct raw_mark : peg::string<'C', '!'> {};
struct colon : peg::one<':'> {};
struct text_end : line_end {};
struct say_line : peg::seq<line_mark, peg::opt<split>, colon, peg::opt<space, text>, text_end> {};
struct say_raw : peg::seq<raw_mark, peg::opt<split>, colon, space, text, text_end> {};
struct say : peg::sor<say_raw, say_line> {};

// A digit, or a letter for any digit. The digits are those of Reply-code                  RFC 5321 4.2
struct any_digit : peg::one<'x', 'y', 'z'> {};
struct code_pattern : peg::seq<peg::sor<peg::range<'2', '5'>, any_digit>, peg::sor<peg::range<'0', '5'>, any_digit>,
                               peg::sor<one_of<octets::digit>, any_digit>, peg::not_at<id_octet>> {};
struct any_reply : peg::seq<TAO_PEGTL_STRING("any"), peg::not_at<id_octet>> {};
struct closed : peg::seq<TAO_PEGTL_STRING("closed"), peg::not_at<id_octet>> {};
struct silence : peg::seq<TAO_PEGTL_STRING("silence"), peg::not_at<id_octet>> {};
struct alternative : peg::sor<code_pattern, any_reply, closed, silence> {};
struct or_mark : peg::one<'|'> {};
struct alternatives : peg::seq<alternative, peg::star<peg::seq<indent, or_mark, indent, alternative>>> {};

struct quoted_character : peg::sor<peg::ranges<' ', '!', '#', '[', ']', '~'>, UTF8_non_ascii, escape> {};
struct quoted_text : peg::plus<quoted_character> {};
struct quoted : peg::seq<peg::one<'"'>, quoted_text, peg::one<'"'>> {};
struct as_greeting : TAO_PEGTL_STRING("Greeting") {};
struct as_reply_line : TAO_PEGTL_STRING("Reply-line") {};
struct as_ehlo_ok_rsp : TAO_PEGTL_STRING("ehlo-ok-rsp") {};
struct as_continue_req : TAO_PEGTL_STRING("continue-req") {};
struct as_rule
    : peg::seq<peg::sor<as_greeting, as_reply_line, as_ehlo_ok_rsp, as_continue_req>, peg::not_at<id_octet>> {};
struct condition_as : peg::seq<TAO_PEGTL_STRING("as"), spaces, as_rule> {};
struct containing_word : TAO_PEGTL_STRING("containing") {};
struct without_word : TAO_PEGTL_STRING("without") {};
struct condition_containing : peg::seq<containing_word, spaces, quoted> {};
struct condition_without : peg::seq<without_word, spaces, quoted> {};
struct offering_word : TAO_PEGTL_STRING("offering") {};
struct not_offering_word : TAO_PEGTL_STRING("not-offering") {};
struct condition_offering : peg::seq<offering_word, spaces, quoted> {};
struct condition_not_offering : peg::seq<not_offering_word, spaces, quoted> {};
struct condition_status : peg::seq<TAO_PEGTL_STRING("status"), peg::not_at<id_octet>> {};
struct line_count : count {};
struct condition_lines : peg::seq<TAO_PEGTL_STRING("lines"), spaces, line_count> {};
struct condition : peg::sor<condition_as, condition_containing, condition_without, condition_offering,
                            condition_not_offering, condition_status, condition_lines> {};

struct judged_mark : peg::one<'S'> {};
struct assumed_mark : peg::string<'S', '?'> {};
struct expected_text : peg::seq<alternatives, peg::star<peg::plus<white>, condition>> {};
struct expect : peg::seq<peg::sor<assumed_mark, judged_mark>, colon, spaces, expected_text, loose_end> {};

// The handshake of TLS, now.
struct judged_handshake : TAO_PEGTL_STRING("TLS:") {};
struct assumed_handshake : TAO_PEGTL_STRING("TLS?:") {};
struct handshake : peg::seq<peg::sor<judged_handshake, assumed_handshake>, loose_end> {};

struct when_word : TAO_PEGTL_STRING("when") {};
struct when_line : peg::seq<when_word, spaces, alternatives, loose_end> {};
struct else_line : peg::seq<TAO_PEGTL_STRING("else"), loose_end> {};
struct end_line : peg::seq<TAO_PEGTL_STRING("end"), loose_end> {};

// How deep "when" may nest: enough to read, and a bound for a hostile file.
inline constexpr unsigned deepest = 4;

template <unsigned Depth>
struct branch;
struct too_deep : peg::not_at<when_word> {};

template <unsigned Depth>
struct step : peg::sor<say, expect, handshake, branch<Depth>> {};
template <>
struct step<0> : peg::seq<too_deep, peg::sor<say, expect, handshake>> {};

template <unsigned Depth>
struct steps : peg::seq<peg::plus<gap, indent, step<Depth>>, gap> {};

template <unsigned Depth>
struct branch : peg::seq<when_line, steps<Depth - 1>, peg::opt<indent, else_line, steps<Depth - 1>>, indent, end_line> {
};

struct one_case : peg::seq<header, requirement, preamble, steps<deepest>> {};
struct end_of_file : peg::eof {};
struct file : peg::seq<gap, peg::star<one_case>, end_of_file> {};

} // namespace postel::conformance::grammar

namespace postel::conformance {

template <>
inline constexpr std::string_view reader_name<grammar::line_end> = "the end of the line";
template <>
inline constexpr std::string_view reader_name<grammar::header_mark> = "a case (== ID LEVEL ROLE)";
template <>
inline constexpr std::string_view reader_name<grammar::id> = "an id such as rfc5321/4.1.1.2/no-brackets";
template <>
inline constexpr std::string_view reader_name<grammar::level> = "MUST, SHOULD, MAY or NOTE";
template <>
inline constexpr std::string_view reader_name<grammar::role> = "server, submission, lmtp, both or client";
template <>
inline constexpr std::string_view reader_name<grammar::requirement_line> = "the requirement on an indented line";
template <>
inline constexpr std::string_view reader_name<grammar::clause_text> = "a clause such as RFC 5321 §3.3";
template <>
inline constexpr std::string_view reader_name<grammar::required_keyword> = "an EHLO keyword";
template <>
inline constexpr std::string_view reader_name<grammar::space> = "a space";
template <>
inline constexpr std::string_view reader_name<grammar::spaces> = "a space";
template <>
inline constexpr std::string_view reader_name<grammar::escape_letter> =
    "r, n, t, 0, s, \\, {, }, \" or xHH behind the backslash";
template <>
inline constexpr std::string_view reader_name<grammar::text_item> = "text (\\\\ \\{ \\} stand for \\ { })";
template <>
inline constexpr std::string_view reader_name<grammar::variable_name> = "the name of a variable";
template <>
inline constexpr std::string_view reader_name<grammar::repeated_text> = "text to repeat";
template <>
inline constexpr std::string_view reader_name<grammar::repeated_end> =
    "*COUNT}, {base64:TEXT}, or one of {client} {sender} {rcpt} {rcpt_local} {rcpt_domain} {unknown} {foreign} {size} "
    "{hello} "
    "{user} {password} {hold_for}";
template <>
inline constexpr std::string_view reader_name<grammar::count> = "a count of 1 to 10,000,000";
template <>
inline constexpr std::string_view reader_name<grammar::write_size> = "a write size of 1 to 65,536";
template <>
inline constexpr std::string_view reader_name<grammar::colon> = "a colon";
template <>
inline constexpr std::string_view reader_name<grammar::text_end> = "the end of the line (a space there is written \\s)";
template <>
inline constexpr std::string_view reader_name<grammar::alternative> =
    "a reply code (250, 25z, 5yz), any, closed, silence";
template <>
inline constexpr std::string_view reader_name<grammar::or_mark> = "|";
template <>
inline constexpr std::string_view reader_name<grammar::condition> =
    "a condition (as, containing, without, offering, not-offering, status, lines)";
template <>
inline constexpr std::string_view reader_name<grammar::as_rule> = "Greeting, ehlo-ok-rsp or continue-req";
template <>
inline constexpr std::string_view reader_name<grammar::quoted> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::line_count> = "a number of lines of 1 to 1,000";
template <>
inline constexpr std::string_view reader_name<grammar::too_deep> = "no deeper nesting than four levels of when";
template <unsigned Depth>
inline constexpr std::string_view reader_name<grammar::step<Depth>> = "a step (C: C!: S: S?: TLS: TLS?: when)";
template <>
inline constexpr std::string_view reader_name<grammar::else_line> = "else";
template <>
inline constexpr std::string_view reader_name<grammar::end_line> = "end";

} // namespace postel::conformance
