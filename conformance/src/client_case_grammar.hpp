// The format of case files for clients (conformance/README.md describes it for readers): rules only, no actions.
#pragma once

#include "case_grammar.hpp"

namespace postel::conformance::grammar::client {

// ---- quoted text, of which parts may be repeated

struct quoted_plain : peg::sor<peg::ranges<' ', '!', '#', '[', ']', 'z', '|', '|', '~', '~'>, UTF8_non_ascii, escape> {
};
struct quoted_literal : peg::plus<quoted_plain> {};
struct quoted_repeated : peg::plus<peg::not_at<peg::one<'*'>, count, peg::one<'}'>>, quoted_plain> {};
struct quoted_repetition : peg::seq<peg::one<'{'>, quoted_repeated, repeated_end> {};
struct quoted_mark : peg::one<'"'> {};
struct octets_quoted : peg::seq<quoted_mark, peg::star<peg::sor<quoted_literal, quoted_repetition>>, peg::one<'"'>> {};

// ---- what the client is given

struct message_text : octets_quoted {};
struct message : peg::seq<TAO_PEGTL_STRING("message"), spaces, message_text, loose_end> {};
struct sender_text : octets_quoted {};
struct sender : peg::seq<TAO_PEGTL_STRING("sender"), spaces, sender_text, loose_end> {};
struct recipient_text : octets_quoted {};
struct recipient : peg::seq<TAO_PEGTL_STRING("recipient"), spaces, recipient_text, loose_end> {};
struct recipient_count : peg::plus<one_of<octets::digit>> {};
struct recipients : peg::seq<TAO_PEGTL_STRING("recipients"), spaces, recipient_count, loose_end> {};
struct lmtp : peg::seq<TAO_PEGTL_STRING("lmtp"), loose_end> {};
struct tls_required : peg::seq<TAO_PEGTL_STRING("tls"), loose_end> {};
struct auth_required : peg::seq<TAO_PEGTL_STRING("auth"), loose_end> {};
struct user_text : octets_quoted {};
struct user : peg::seq<TAO_PEGTL_STRING("user"), spaces, user_text, loose_end> {};
struct password_text : octets_quoted {};
struct password : peg::seq<TAO_PEGTL_STRING("password"), spaces, password_text, loose_end> {};
struct other_name : TAO_PEGTL_STRING("other-name") {};
struct expired : TAO_PEGTL_STRING("expired") {};
struct self_signed : TAO_PEGTL_STRING("self-signed") {};
struct unknown_authority : TAO_PEGTL_STRING("unknown-authority") {};
struct certificate_fault : peg::sor<other_name, expired, self_signed, unknown_authority> {};
struct certificate : peg::seq<TAO_PEGTL_STRING("certificate"), spaces, certificate_fault, loose_end> {};
struct fixture
    : peg::sor<message, sender, recipients, recipient, lmtp, tls_required, auth_required, user, password, certificate> {
};

struct preamble : peg::star<gap, peg::sor<clause, fixture>> {};

// ---- what we say

struct line_mark : peg::one<'S'> {};
struct raw_mark : peg::string<'S', '!'> {};
struct text : peg::plus<peg::sor<literal, repetition>> {};
struct say_line : peg::seq<line_mark, peg::opt<split>, colon, peg::opt<space, text>, text_end> {};
struct say_raw : peg::seq<raw_mark, peg::opt<split>, colon, space, text, text_end> {};
struct say : peg::sor<say_raw, say_line> {};

// ---- what the client may do

struct verb : peg::seq<peg::plus<peg::range<'A', 'Z'>>, peg::not_at<id_octet>> {};
struct any : peg::seq<TAO_PEGTL_STRING("any"), peg::not_at<id_octet>> {};
struct the_text : peg::seq<TAO_PEGTL_STRING("text"), peg::not_at<id_octet>> {};
struct chunk : peg::seq<TAO_PEGTL_STRING("chunk"), peg::not_at<id_octet>> {};
struct begins_tls : peg::seq<TAO_PEGTL_STRING("handshake"), peg::not_at<id_octet>> {};
struct alternative : peg::sor<verb, any, the_text, chunk, begins_tls, closed, silence> {};
struct alternatives : peg::seq<alternative, peg::star<peg::seq<indent, or_mark, indent, alternative>>> {};

struct equals_word : TAO_PEGTL_STRING("equals") {};
struct body_word : TAO_PEGTL_STRING("body") {};
struct with_text : peg::seq<peg::sor<containing_word, without_word, equals_word, body_word>, spaces, octets_quoted> {};
struct command_word : TAO_PEGTL_STRING("as command") {};
struct alone_word : TAO_PEGTL_STRING("alone") {};
struct ascii_word : TAO_PEGTL_STRING("ascii") {};
struct crlf_only_word : TAO_PEGTL_STRING("crlf-only") {};
struct within_size_word : TAO_PEGTL_STRING("within-size") {};
struct declared_word : TAO_PEGTL_STRING("as declared") {};
struct without_text
    : peg::seq<peg::sor<command_word, declared_word, alone_word, ascii_word, crlf_only_word, within_size_word>,
               peg::not_at<id_octet>> {};
struct at_most_number : peg::plus<one_of<octets::digit>> {};
struct at_most : peg::seq<TAO_PEGTL_STRING("at-most"), spaces, at_most_number> {};
struct condition : peg::sor<with_text, without_text, at_most> {};

struct judged_mark : peg::one<'C'> {};
struct assumed_mark : peg::string<'C', '?'> {};
struct expected_text : peg::seq<alternatives, peg::star<peg::plus<white>, condition>> {};
struct expect : peg::seq<peg::sor<assumed_mark, judged_mark>, colon, spaces, expected_text, loose_end> {};

struct until_word : TAO_PEGTL_STRING("until:") {};
struct until_text : alternatives {};
struct until : peg::seq<until_word, spaces, until_text, loose_end> {};

struct hang_up : peg::seq<TAO_PEGTL_STRING("close"), loose_end> {};
struct handshake : peg::seq<TAO_PEGTL_STRING("TLS"), loose_end> {};
struct tried_handshake : peg::seq<TAO_PEGTL_STRING("try TLS"), loose_end> {};
struct skip_reason : prose {};
struct skip : peg::seq<TAO_PEGTL_STRING("skip"), spaces, skip_reason, line_end> {};

struct delivered : TAO_PEGTL_STRING("delivered") {};
struct failed : TAO_PEGTL_STRING("failed") {};
struct temporary : TAO_PEGTL_STRING("temporary") {};
struct permanent : TAO_PEGTL_STRING("permanent") {};
struct ending : peg::seq<peg::sor<delivered, failed, temporary, permanent>, peg::not_at<id_octet>> {};
struct once_word : peg::seq<TAO_PEGTL_STRING("once"), peg::not_at<id_octet>> {};
struct result_text
    : peg::seq<ending, peg::star<peg::seq<indent, or_mark, indent, ending>>, peg::opt<peg::plus<white>, once_word>> {};
struct judged_result : TAO_PEGTL_STRING("result:") {};
struct assumed_result : TAO_PEGTL_STRING("result?:") {};
struct result : peg::seq<peg::sor<assumed_result, judged_result>, spaces, result_text, loose_end> {};

struct when_line : peg::seq<when_word, spaces, alternatives, loose_end> {};

template <unsigned Depth>
struct branch;

template <unsigned Depth>
struct step : peg::sor<say, expect, until, hang_up, handshake, tried_handshake, skip, result, branch<Depth>> {};
template <>
struct step<0> : peg::seq<too_deep, peg::sor<say, expect, until, hang_up, handshake, tried_handshake, skip, result>> {};

template <unsigned Depth>
struct steps : peg::seq<peg::plus<gap, indent, step<Depth>>, gap> {};

template <unsigned Depth>
struct branch : peg::seq<when_line, steps<Depth - 1>, peg::opt<indent, else_line, steps<Depth - 1>>, indent, end_line> {
};

struct one_case : peg::seq<header, requirement, preamble, steps<deepest>> {};
struct file : peg::seq<gap, peg::star<one_case>, end_of_file> {};

} // namespace postel::conformance::grammar::client

namespace postel::conformance {

template <>
inline constexpr std::string_view reader_name<grammar::client::octets_quoted> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::message_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::sender_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::recipient_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::user_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::password_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::client::certificate_fault> =
    "other-name, expired, self-signed or unknown-authority";
template <>
inline constexpr std::string_view reader_name<grammar::client::at_most_number> = "a number of octets of 1 to 1,000,000";
template <>
inline constexpr std::string_view reader_name<grammar::client::recipient_count> =
    "a number of recipients of 1 to 1,000";
template <>
inline constexpr std::string_view reader_name<grammar::client::alternative> =
    "a verb in capitals, any, text, chunk, handshake, closed, silence";
template <>
inline constexpr std::string_view reader_name<grammar::client::condition> =
    "a condition (containing, without, equals, body, as command, as declared, alone, ascii, crlf-only, within-size, "
    "at-most)";
template <>
inline constexpr std::string_view reader_name<grammar::client::ending> = "delivered, failed, temporary or permanent";
template <>
inline constexpr std::string_view reader_name<grammar::client::once_word> = "once";
template <>
inline constexpr std::string_view reader_name<grammar::client::skip_reason> = "the reason";
template <unsigned Depth>
inline constexpr std::string_view reader_name<grammar::client::step<Depth>> =
    "a step (S: S!: C: C?: until: close TLS try skip result: result?: when)";

} // namespace postel::conformance
