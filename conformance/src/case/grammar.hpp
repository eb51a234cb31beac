// The format of case files (conformance/README.md describes it for readers): rules only, no actions.
#pragma once

#include <array>
#include <postel/grammar/reply.hpp>
#include <string_view>

#include "case/furthest.hpp"
#include "case/words.hpp"

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
struct id_octet : peg::sor<run<octets::let_dig>, peg::one<'-', '.', '_'>> {};
struct id_part : peg::plus<id_octet> {};

constexpr bool continues_a_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

// A whole word of the table, of those that have one of Takes after them; without Takes, of all.
template <const auto& Table, argument... Takes>
struct one_word {
  using rule_t = one_word;
  using subs_t = peg::empty_list;

  template <typename Input>
  [[nodiscard]] static bool match(Input& in) {
    for (const auto& each : Table) {
      const std::size_t size = each.text.size();
      if (sizeof...(Takes) != 0 && !((each.takes == Takes) || ...)) continue;
      if (in.size(size + 1) < size || std::string_view(in.current(), size) != each.text) continue;
      if (in.size(size + 1) > size && continues_a_word(in.peek_char(size))) continue;
      in.bump_in_this_line(size);
      return true;
    }
    return false;
  }
};

// ---- the header: == ID LEVEL ROLE

struct id : peg::seq<id_part, peg::one<'/'>, id_part, peg::one<'/'>, id_part> {};

struct level_name : id_part {}; // its action knows the levels
struct role_name : id_part {};  // its action knows the roles
struct header_mark : peg::string<'=', '=', ' '> {};
struct header : peg::seq<header_mark, id, spaces, level_name, spaces, role_name, loose_end> {};

// ---- quoted text, of which parts may be repeated

struct hexadecimal_escape : peg::seq<peg::one<'x'>, peg::rep<2, one_of<octets::hexdig>>> {};
struct escape_letter : peg::sor<peg::one<'r', 'n', 't', '0', 's', '\\', '{', '}', '"'>, hexadecimal_escape> {};
struct escape : peg::seq<peg::one<'\\'>, escape_letter> {};

struct count : peg::plus<one_of<octets::digit>> {};
struct times : peg::seq<peg::one<'*'>, count, peg::one<'}'>> {};
struct times_ahead : peg::seq<peg::one<'*'>, peg::plus<one_of<octets::digit>>, peg::one<'}'>> {};

struct quoted_plain : peg::sor<peg::ranges<' ', '!', '#', '[', ']', 'z', '|', '|', '~', '~'>, UTF8_non_ascii, escape> {
};
struct quoted_literal : peg::plus<quoted_plain> {};
struct quoted_repeated : peg::plus<peg::not_at<times_ahead>, quoted_plain> {};
struct quoted_repetition : peg::seq<peg::one<'{'>, quoted_repeated, times> {};
struct quote : peg::one<'"'> {};
struct octets_text : peg::seq<quote, peg::star<peg::sor<quoted_literal, quoted_repetition>>, peg::one<'"'>> {};
struct some_text : peg::seq<octets_text> {}; // its action wants some
struct number : peg::plus<one_of<octets::digit>> {};

// A word of the table with what it has after it.
template <const auto& Table>
struct with_argument
    : peg::sor<peg::seq<one_word<Table, argument::text>, spaces, some_text>,
               peg::seq<one_word<Table, argument::octets>, spaces, octets_text>,
               peg::seq<one_word<Table, argument::number>, spaces, number>, one_word<Table, argument::none>> {};

// ---- what the case is about, and what the client is given

struct requirement_line : peg::seq<peg::plus<white>, prose, line_end> {};
struct requirement : peg::plus<requirement_line> {};

struct clause_text : prose {};
struct clause : peg::seq<TAO_PEGTL_STRING("clause"), spaces, clause_text, line_end> {};

// Of an EHLO line: with parameters that have to be among its own.
struct required_keyword
    : peg::seq<postel::grammar::ehlo_keyword, peg::star<peg::seq<space, postel::grammar::ehlo_param>>> {};
struct requires_word : TAO_PEGTL_STRING("requires") {};
struct requires_line : peg::seq<requires_word, spaces, required_keyword, loose_end> {};

struct certificate_fault : id_part {}; // its action knows them
struct certificate : peg::seq<one_word<given_words, argument::certificate>, spaces, certificate_fault> {};
struct given : peg::sor<with_argument<given_words>, certificate> {};
struct comma : peg::one<','> {};
struct given_word : TAO_PEGTL_STRING("given") {};
struct given_list : peg::seq<given, peg::star<peg::seq<indent, comma, spaces, given>>> {};
struct given_line : peg::seq<given_word, spaces, given_list, loose_end> {};

struct preamble : peg::star<gap, peg::sor<clause, requires_line, given_line>> {};

// ---- text to send

// A space that ends the line would be invisible.
struct inner_space : peg::seq<peg::one<' '>, peg::not_at<line_end>> {};
struct plain : peg::sor<peg::ranges<'!', '[', ']', 'z', '|', '|', '~', '~'>, UTF8_non_ascii> {};
struct literal : peg::plus<peg::sor<plain, inner_space, escape>> {};

struct variable_name : one_word<variable_words> {};
struct variable : peg::seq<peg::one<'{'>, variable_name, peg::one<'}'>> {};

struct repeated_text : peg::plus<peg::not_at<times_ahead>, peg::sor<plain, inner_space, escape>> {};
struct repeated_end : peg::seq<times> {};
struct repetition : peg::seq<peg::one<'{'>, repeated_text, repeated_end> {};

struct encoded_start : TAO_PEGTL_STRING("{base64:") {};
struct encoded_end : peg::one<'}'> {};
struct encoded_item : peg::sor<literal, variable> {};
struct encoded : peg::seq<encoded_start, peg::star<encoded_item>, encoded_end> {};

struct text_item : peg::sor<literal, variable, encoded, repetition> {};
struct text : peg::plus<text_item> {};

// ---- steps: a line begins with who acts

// C or S: the letter of the tested party, or ours. The header has said which is which.
template <bool Ours>
struct letter {
  using rule_t = letter;
  using subs_t = peg::empty_list;

  template <peg::apply_mode, peg::rewind_mode, template <typename...> class, template <typename...> class,
            typename Input, typename State>
  [[nodiscard]] static bool match(Input& in, State& state) {
    const bool ours_is_client = state.tested() == side::server;
    if (in.empty() || in.peek_char() != (ours_is_client == Ours ? 'C' : 'S')) return false;
    in.bump_in_this_line(1);
    return true;
  }
};

struct colon : peg::one<':'> {};
struct write_size : count {};
struct split : peg::seq<peg::one<'/'>, write_size> {};
struct text_end : line_end {};
struct our_letter : letter<true> {};
struct raw_mark : peg::seq<letter<true>, peg::one<'!'>> {};
struct say_line : peg::seq<our_letter, peg::opt<split>, colon, peg::opt<space, text>, text_end> {};
struct say_raw : peg::seq<raw_mark, peg::opt<split>, colon, space, text, text_end> {};
struct say : peg::sor<say_raw, say_line> {};

// A digit, or a letter for any digit. The digits are those of Reply-code                  RFC 5321 4.2
struct any_digit : peg::one<'x', 'y', 'z'> {};
struct code : peg::seq<peg::sor<peg::range<'2', '5'>, any_digit>, peg::sor<peg::range<'0', '5'>, any_digit>,
                       peg::sor<one_of<octets::digit>, any_digit>, peg::not_at<id_octet>> {};
struct verb : peg::seq<peg::plus<peg::range<'A', 'Z'>>, peg::not_at<id_octet>> {};
struct act : peg::sor<code, verb, one_word<act_words>> {};
struct tls_result : peg::seq<one_word<tls_words>> {};
struct ending : peg::seq<one_word<end_words>> {};
struct event : peg::sor<act, tls_result> {}; // what "when" looks at
struct or_mark : peg::one<'|'> {};
template <typename Pattern>
struct one_of_patterns : peg::seq<Pattern, peg::star<peg::seq<indent, or_mark, indent, Pattern>>> {};

struct condition : with_argument<condition_words> {};
struct conditions : peg::star<peg::seq<indent, comma, spaces, condition>> {};

struct question_mark : peg::one<'?'> {}; // set-up
struct repeat_count : count {};
struct repeat_mark : peg::one<'x'> {};
struct repeat : peg::seq<peg::plus<white>, repeat_mark, repeat_count> {};

struct act_mark : letter<false> {};
struct expected_act : peg::seq<one_of_patterns<act>, conditions> {};
struct expect_act
    : peg::seq<act_mark, peg::opt<question_mark>, colon, spaces, expected_act, peg::opt<repeat>, loose_end> {};

struct tls_mark : TAO_PEGTL_STRING("tls") {};
struct expected_tls : one_of_patterns<tls_result> {};
struct expect_tls : peg::seq<tls_mark, peg::opt<question_mark>, colon, peg::opt<spaces, expected_tls>, loose_end> {};

struct end_mark : TAO_PEGTL_STRING("ends") {};
struct expected_end : peg::seq<one_of_patterns<ending>, conditions> {};
struct expect_end : peg::seq<end_mark, peg::opt<question_mark>, colon, spaces, expected_end, loose_end> {};

struct answer_mark : TAO_PEGTL_STRING("answer until") {};
struct answered_until : one_of_patterns<act> {};
struct answer : peg::seq<answer_mark, spaces, answered_until, loose_end> {};

struct close_word : TAO_PEGTL_STRING("close") {};
struct close : peg::seq<close_word, loose_end> {};
struct skip_word : TAO_PEGTL_STRING("skip") {};
struct skip_reason : prose {};
struct skip : peg::seq<skip_word, spaces, skip_reason, line_end> {};

struct use_word : TAO_PEGTL_STRING("use") {};
struct used_name : id_part {}; // its action knows the preludes
struct use : peg::seq<use_word, spaces, used_name, loose_end> {};

struct when_word : TAO_PEGTL_STRING("when") {};
struct when_line : peg::seq<when_word, spaces, one_of_patterns<event>, loose_end> {};
struct else_line : peg::seq<TAO_PEGTL_STRING("else"), loose_end> {};
struct end_line : peg::seq<TAO_PEGTL_STRING("end"), loose_end> {};

// How deep "when" may nest: enough to read, and a bound for a hostile file.
inline constexpr unsigned deepest = 4;

struct simple_step : peg::sor<say, expect_act, expect_tls, expect_end, answer, close, skip, use> {};
template <unsigned Depth>
struct branch;
struct too_deep : peg::not_at<when_word> {};
template <unsigned Depth>
struct step : peg::sor<simple_step, branch<Depth>> {};
template <>
struct step<0> : peg::seq<too_deep, simple_step> {};
template <unsigned Depth>
struct steps : peg::seq<peg::plus<gap, indent, step<Depth>>, gap> {};
template <unsigned Depth>
struct branch : peg::seq<when_line, steps<Depth - 1>, peg::opt<indent, else_line, steps<Depth - 1>>, indent, end_line> {
};

struct one_case : peg::seq<header, requirement, preamble, steps<deepest>> {};

struct prelude_mark : TAO_PEGTL_STRING("prelude ") {};
struct prelude_name : id_part {};
struct prelude_side : id_part {}; // its action knows the sides
struct prelude_header : peg::seq<prelude_mark, indent, prelude_name, spaces, prelude_side, loose_end> {};
struct prelude_end : peg::seq<TAO_PEGTL_STRING("end"), loose_end> {};
struct prelude : peg::seq<prelude_header, steps<deepest>, prelude_end, gap> {};

struct end_of_file : peg::eof {};
struct file : peg::seq<gap, peg::star<peg::sor<one_case, prelude>>, end_of_file> {};
struct prelude_file : peg::seq<gap, peg::star<prelude>, end_of_file> {};

} // namespace postel::conformance::grammar

namespace postel::conformance {

// "BEFORE A, B, C AFTER" of a table's words.
template <const std::string_view& Before, const auto& Table, const std::string_view& After>
class listing {
  static constexpr std::size_t size = [] {
    std::size_t octets = Before.size() + After.size() + 2 * (Table.size() - 1);
    for (const auto& each : Table) octets += each.text.size();
    return octets;
  }();
  static constexpr std::array<char, size> octets = [] {
    std::array<char, size> all{};
    std::size_t at = 0;
    const auto add = [&](std::string_view text) {
      for (const char each : text) all[at++] = each;
    };
    add(Before);
    for (const auto& each : Table) {
      if (&each != Table.data()) add(", ");
      add(each.text);
    }
    add(After);
    return all;
  }();

 public:
  static constexpr std::string_view text{octets.data(), octets.size()};
};

namespace reader_words {
inline constexpr std::string_view nothing;
inline constexpr std::string_view acts = "a reply code (250, 25z, 5yz), a verb in capitals, ";
inline constexpr std::string_view condition = "a condition (";
inline constexpr std::string_view given = "what the client is given (";
inline constexpr std::string_view variables = "*COUNT}, {base64:TEXT}, or the name of a variable (";
inline constexpr std::string_view bracket = ")";
} // namespace reader_words

template <>
inline constexpr std::string_view reader_name<grammar::line_end> = "the end of the line";
template <>
inline constexpr std::string_view reader_name<grammar::header_mark> = "a case (== ID LEVEL ROLE)";
template <>
inline constexpr std::string_view reader_name<grammar::id> = "an id such as rfc5321/4.1.1.2/no-brackets";
template <>
inline constexpr std::string_view reader_name<grammar::level_name> = "MUST, SHOULD, MAY or NOTE";
template <>
inline constexpr std::string_view reader_name<grammar::role_name> = "server, submission, lmtp, both or client";
template <>
inline constexpr std::string_view reader_name<grammar::prelude_mark> = "a prelude (prelude NAME SIDE)";
template <>
inline constexpr std::string_view reader_name<grammar::prelude_name> = "another name of a prelude";
template <>
inline constexpr std::string_view reader_name<grammar::prelude_side> = "server or client";
template <>
inline constexpr std::string_view reader_name<grammar::used_name> = "the name of a prelude";
template <>
inline constexpr std::string_view reader_name<grammar::requirement_line> = "the requirement on an indented line";
template <>
inline constexpr std::string_view reader_name<grammar::clause_text> = "a clause such as RFC 5321 §3.3";
template <>
inline constexpr std::string_view reader_name<grammar::required_keyword> = "an EHLO keyword";
template <>
inline constexpr std::string_view reader_name<grammar::given> =
    listing<reader_words::given, given_words, reader_words::bracket>::text;
template <>
inline constexpr std::string_view reader_name<grammar::certificate_fault> =
    "other-name, expired, self-signed or unknown-authority";
template <>
inline constexpr std::string_view reader_name<grammar::space> = "a space";
template <>
inline constexpr std::string_view reader_name<grammar::spaces> = "a space";
template <>
inline constexpr std::string_view reader_name<grammar::escape_letter> =
    "r, n, t, 0, s, \\, {, }, \" or xHH after the backslash";
template <>
inline constexpr std::string_view reader_name<grammar::text_item> = "text (\\\\ \\{ \\} stand for \\ { })";
template <>
inline constexpr std::string_view reader_name<grammar::repeated_text> = "text to repeat";
template <>
inline constexpr std::string_view reader_name<grammar::repeated_end> =
    listing<reader_words::variables, variable_words, reader_words::bracket>::text;
template <>
inline constexpr std::string_view reader_name<grammar::count> = "a count of 1 to 10,000,000";
template <>
inline constexpr std::string_view reader_name<grammar::repeat_count> = "a number of times of 1 to 1,000";
template <>
inline constexpr std::string_view reader_name<grammar::write_size> = "a write size of 1 to 65,536";
template <>
inline constexpr std::string_view reader_name<grammar::number> = "a number";
template <>
inline constexpr std::string_view reader_name<grammar::colon> = "a colon";
template <>
inline constexpr std::string_view reader_name<grammar::text_end> = "the end of the line (a space there is written \\s)";
template <>
inline constexpr std::string_view reader_name<grammar::act> =
    listing<reader_words::acts, act_words, reader_words::nothing>::text;
template <>
inline constexpr std::string_view reader_name<grammar::tls_result> =
    listing<reader_words::nothing, tls_words, reader_words::nothing>::text;
template <>
inline constexpr std::string_view reader_name<grammar::ending> =
    listing<reader_words::nothing, end_words, reader_words::nothing>::text;
template <>
inline constexpr std::string_view reader_name<grammar::or_mark> = "|";
template <>
inline constexpr std::string_view reader_name<grammar::repeat_mark> = "xN for N times";
template <>
inline constexpr std::string_view reader_name<grammar::comma> = "a comma";
template <>
inline constexpr std::string_view reader_name<grammar::condition> =
    listing<reader_words::condition, condition_words, reader_words::bracket>::text;
template <>
inline constexpr std::string_view reader_name<grammar::octets_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::some_text> = "text in double quotes";
template <>
inline constexpr std::string_view reader_name<grammar::skip_reason> = "the reason";
template <>
inline constexpr std::string_view reader_name<grammar::too_deep> = "no deeper nesting than four levels of when";
template <unsigned Depth>
inline constexpr std::string_view reader_name<grammar::step<Depth>> =
    "a step (C: S: tls: ends: answer until, close, skip, use, when)";
template <>
inline constexpr std::string_view reader_name<grammar::else_line> = "else";
template <>
inline constexpr std::string_view reader_name<grammar::end_line> = "end";
template <>
inline constexpr std::string_view reader_name<grammar::prelude_end> = "end";

} // namespace postel::conformance
