// RFC 5321 4.1.2 and 4.1.3: domains, address literals, local parts, mailboxes and paths; RFC 6531 3.3 where Charset is internationalized.
#pragma once

#include <cstddef>
#include <type_traits>

#include "core.hpp"

namespace postel::grammar {

namespace detail {

// Where a label has more octets than a label can have: never matches, and has a name of its own so that an explanation can say so.
struct overlong_label : peg::failure {};

// The octets of a label: 63, or 252 in UTF-8, more than which no label of 63 in the DNS can come from   RFC 1035 2.3.4, RFC 5890 2.3.2.1
inline constexpr std::ptrdiff_t most_label_octets = 63, most_u_label_octets = 252;

template <typename Charset>
bool is_label_size(const char* begin, const char* end) noexcept {
  if (end - begin <= most_label_octets) return true;
  if (std::is_same_v<Charset, ascii> || end - begin > most_u_label_octets) return false;
  while (begin != end && static_cast<signed char>(*begin) >= 0) ++begin;
  return begin != end;
}

// Runs of Let-dig joined by hyphens: Let-dig [Ldh-str] without backtracking over a final hyphen; no longer than a label may be.
template <typename Charset>
struct label {
  using runs = peg::list<grammar::text_of<octets::let_dig, Charset>, peg::plus<peg::one<'-'>>>;
  using rule_t = typename runs::rule_t;
  using subs_t = typename runs::subs_t;

  template <peg::apply_mode A, peg::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input, typename... States>
  static bool match(Input& in, States&&... states) {
    const char* const begin = in.current();
    if (!Control<runs>::template match<A, M, Action, Control>(in, states...)) return false;
    if (is_label_size<Charset>(begin, in.current())) return true;
    return Control<overlong_label>::template match<A, M, Action, Control>(in, states...);
  }
};

} // namespace detail

// sub-domain = Let-dig [Ldh-str], of at most 63 octets            RFC 5321 4.1.2, RFC 1035 2.3.4
// Ldh-str    = *( ALPHA / DIGIT / "-" ) Let-dig                   RFC 5321 4.1.2
// sub-domain =/ U-label                                           RFC 6531 3.3
// The sequence gives back what an overlong label took.
template <typename Charset>
struct sub_domain : peg::seq<detail::label<Charset>, peg::success> {};

// Domain = sub-domain *("." sub-domain)                           RFC 5321 4.1.2
template <typename Charset>
struct domain : peg::list<sub_domain<Charset>, peg::one<'.'>> {};

// Snum = 1*3DIGIT, a decimal integer value in the range 0 through 255   RFC 5321 4.1.3
struct Snum : peg::sor<peg::seq<peg::string<'2', '5'>, peg::range<'0', '5'>>,
                       peg::seq<peg::one<'2'>, peg::range<'0', '4'>, one_of<octets::digit>>,
                       peg::seq<peg::one<'0', '1'>, one_of<octets::digit>, one_of<octets::digit>>,
                       peg::seq<one_of<octets::digit>, peg::opt<one_of<octets::digit>>>> {};

// IPv4-address-literal = Snum 3("." Snum)                         RFC 5321 4.1.3
struct IPv4_address_literal : peg::seq<Snum, peg::rep<3, peg::one<'.'>, Snum>> {};

// IPv6-hex = 1*4HEXDIG                                            RFC 5321 4.1.3
struct IPv6_hex : peg::rep_min_max<1, 4, one_of<octets::hexdig>> {};

namespace detail {

// Exactly N groups, joined by colons: what stands before "::".
template <unsigned N>
struct head : peg::seq<IPv6_hex, peg::rep<N - 1, peg::one<':'>, IPv6_hex>> {};
template <>
struct head<0> : peg::success {};

// At most N groups, joined by colons: what stands behind "::".
template <unsigned N>
struct tail : peg::opt<IPv6_hex, peg::rep_max<N - 1, peg::one<':'>, IPv6_hex>> {};
template <>
struct tail<0> : peg::success {};

// At most N groups, each followed by its colon: what stands between "::" and an IPv4 address.
template <unsigned N>
struct v4_tail : peg::rep_max<N, IPv6_hex, peg::one<':'>> {};
template <>
struct v4_tail<0> : peg::success {};

template <unsigned Head>
struct comp : peg::seq<head<Head>, peg::two<':'>, tail<6 - Head>> {};

template <unsigned Head>
struct v4_comp : peg::seq<head<Head>, peg::two<':'>, v4_tail<4 - Head>, IPv4_address_literal> {};

} // namespace detail

// IPv6-full = IPv6-hex 7(":" IPv6-hex)                            RFC 5321 4.1.3
struct IPv6_full : detail::head<8> {};

// IPv6-comp = [IPv6-hex *5(":" IPv6-hex)] "::" [IPv6-hex *5(":" IPv6-hex)]   RFC 5321 4.1.3
//   no more than 6 groups in addition to the "::" may be present
struct IPv6_comp : peg::sor<detail::comp<0>, detail::comp<1>, detail::comp<2>, detail::comp<3>, detail::comp<4>,
                            detail::comp<5>, detail::comp<6>> {};

// IPv6v4-full = IPv6-hex 5(":" IPv6-hex) ":" IPv4-address-literal   RFC 5321 4.1.3
struct IPv6v4_full : peg::seq<peg::rep<6, IPv6_hex, peg::one<':'>>, IPv4_address_literal> {};

// IPv6v4-comp = [IPv6-hex *3(":" IPv6-hex)] "::" [IPv6-hex *3(":" IPv6-hex) ":"] IPv4-address-literal   RFC 5321 4.1.3
//   no more than 4 groups in addition to the "::" and IPv4-address-literal may be present
struct IPv6v4_comp
    : peg::sor<detail::v4_comp<0>, detail::v4_comp<1>, detail::v4_comp<2>, detail::v4_comp<3>, detail::v4_comp<4>> {};

// IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp   RFC 5321 4.1.3
// The forms with an IPv4 tail come first: each of the others matches a prefix of them.
struct IPv6_addr : peg::sor<IPv6v4_full, IPv6v4_comp, IPv6_full, IPv6_comp> {};

// "IPv6:", the tag that General-address-literal must not take for its own   RFC 5321 4.1.3
struct IPv6_tag : peg::istring<'I', 'P', 'v', '6', ':'> {};

// IPv6-address-literal = "IPv6:" IPv6-addr                        RFC 5321 4.1.3
struct IPv6_address_literal : peg::seq<IPv6_tag, IPv6_addr> {};

// Standardized-tag = Ldh-str                                      RFC 5321 4.1.3
struct Standardized_tag
    : peg::seq<peg::star<peg::one<'-'>>, peg::list<run<octets::let_dig>, peg::plus<peg::one<'-'>>>> {};

namespace detail {

// The ":" that a tag ends with: its own rule, because what lacks it may have been meant for an IPv4 address.
struct tag_end : peg::one<':'> {};

} // namespace detail

// General-address-literal = Standardized-tag ":" 1*dcontent       RFC 5321 4.1.3
struct General_address_literal
    : peg::seq<peg::not_at<IPv6_tag>, Standardized_tag, detail::tag_end, run<octets::dcontent>> {};

// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"   RFC 5321 4.1.3
struct address_literal
    : detail::apart<
          peg::seq<peg::one<'['>, peg::sor<IPv4_address_literal, IPv6_address_literal, General_address_literal>,
                   peg::one<']'>>,
          '['> {};

// Atom = 1*atext                                                  RFC 5321 4.1.2
template <typename Charset>
struct atom : text_of<octets::atext, Charset> {};

// Dot-string = Atom *("." Atom)                                   RFC 5321 4.1.2
template <typename Charset>
struct dot_string : peg::list<atom<Charset>, peg::one<'.'>> {};

// quoted-pairSMTP = %d92 %d32-126                                 RFC 5321 4.1.2
struct quoted_pairSMTP : peg::seq<peg::one<'\\'>, one_of<octets::quotable>> {};

// QcontentSMTP = qtextSMTP / quoted-pairSMTP                      RFC 5321 4.1.2
template <typename Charset>
struct QcontentSMTP : peg::sor<text_of<octets::qtext_smtp, Charset>, quoted_pairSMTP> {};

// Quoted-string = DQUOTE *QcontentSMTP DQUOTE                     RFC 5321 4.1.2
template <typename Charset>
struct quoted_string : detail::apart<peg::seq<DQUOTE, peg::star<QcontentSMTP<Charset>>, DQUOTE>, '"'> {};

// Local-part = Dot-string / Quoted-string                         RFC 5321 4.1.2
template <typename Charset>
struct local_part : peg::sor<dot_string<Charset>, quoted_string<Charset>> {};

// ( Domain / address-literal ), what stands behind the "@" of a mailbox and behind EHLO   RFC 5321 4.1.1.1, 4.1.2
template <typename Charset>
struct host : peg::sor<domain<Charset>, address_literal> {};

// Mailbox = Local-part "@" ( Domain / address-literal )           RFC 5321 4.1.2
template <typename Charset>
struct mailbox : peg::seq<local_part<Charset>, peg::one<'@'>, host<Charset>> {};

// At-domain = "@" Domain                                          RFC 5321 4.1.2
template <typename Charset>
struct At_domain : peg::seq<peg::one<'@'>, domain<Charset>> {};

// A-d-l = At-domain *( "," At-domain )                            RFC 5321 4.1.2
template <typename Charset>
struct A_d_l : detail::apart<peg::list<At_domain<Charset>, peg::one<','>>, '@'> {};

// Path = "<" [ A-d-l ":" ] Mailbox ">"                            RFC 5321 4.1.2
template <typename Charset>
struct path : peg::seq<peg::one<'<'>, peg::opt<A_d_l<Charset>, peg::one<':'>>, mailbox<Charset>, peg::one<'>'>> {};

// "<>", the null reverse-path                                     RFC 5321 4.1.2, 4.5.5
struct null_path : peg::string<'<', '>'> {};

// Reverse-path = Path / "<>"                                      RFC 5321 4.1.2
template <typename Charset>
struct reverse_path : peg::sor<null_path, path<Charset>> {};

// "Postmaster", in any case                                       RFC 5321 4.1.1.3, 4.5.1
struct Postmaster : peg::istring<'P', 'o', 's', 't', 'm', 'a', 's', 't', 'e', 'r'> {};

// "<Postmaster>", the one forward-path without a domain           RFC 5321 4.1.1.3
struct postmaster_path : peg::seq<peg::one<'<'>, Postmaster, peg::one<'>'>> {};

// "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path       RFC 5321 4.1.1.3
// Forward-path = Path                                             RFC 5321 4.1.2
// The first form is a Path as it stands.
template <typename Charset>
struct forward_path : peg::sor<path<Charset>, postmaster_path> {};

} // namespace postel::grammar
