// PEGTL's own analysis: no rule can recurse or loop without consuming. The one use of PEGTL's contrib/.
#include <tao/pegtl/contrib/analyze.hpp>

#include "postel/grammar/address.hpp"
#include "postel/grammar/capability.hpp"
#include "postel/grammar/command.hpp"
#include "postel/grammar/date_time.hpp"
#include "postel/grammar/parameter.hpp"
#include "postel/grammar/reply.hpp"
#include "postel/grammar/sasl.hpp"
#include "postel/grammar/trace.hpp"
#include "postel/grammar/uri.hpp"
#include "postel/grammar/wellknown.hpp"
#include "verify.hpp"

// Our rules that are not built from PEGTL's: all consume when they match.
namespace tao::pegtl {
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::one_of<Set>> : analyze_any_traits<> {};
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::run<Set>> : analyze_any_traits<> {};
template <typename Name, postel::grammar::octets Set, std::size_t Max>
struct analyze_traits<Name, postel::grammar::detail::run_up_to<Set, Max>> : analyze_any_traits<> {};
template <typename Name>
struct analyze_traits<Name, postel::grammar::detail::rest_of_line> : analyze_any_traits<> {};
} // namespace tao::pegtl

namespace postel::test {
namespace {

constexpr int silent = -1;

template <typename... Rules>
void expect_sound_rules() {
  const auto each = []<typename Rule>(std::type_identity<Rule>) {
    EXPECT_EQ(peg::analyze<Rule>(silent), 0U) << peg::demangle<Rule>();
  };
  (each(std::type_identity<Rules>()), ...);
}

template <template <typename> class... Rules>
void expect_sound_in_both_charsets() {
  expect_sound_rules<Rules<g::ascii>...>();
  expect_sound_rules<Rules<g::internationalized>...>();
}

// The rules that the others are built of are analysed with them.
TEST(analyze, core) {
  expect_sound_rules<g::CRLF, g::DQUOTE, g::SP, g::UTF8_non_ascii>();
}

TEST(analyze, address) {
  expect_sound_in_both_charsets<g::host, g::mailbox, g::path, g::reverse_path, g::forward_path>();
  expect_sound_rules<g::address_literal, g::postmaster_path>();
}

TEST(analyze, date_time) {
  expect_sound_rules<g::date_time>();
}

TEST(analyze, parameter) {
  expect_sound_in_both_charsets<g::esmtp_params, g::orcpt_value>();
  expect_sound_rules<g::size_value, g::body_value, g::ret_value, g::envid_value, g::notify_value, g::auth_value,
                     g::by_value, g::holdfor_value, g::holduntil_value, g::mt_priority_value, g::rrvs_value,
                     g::solicit_value, g::mtrk_value, g::transid_value, g::submitter_value, g::xrcptforward_value>();
}

TEST(analyze, sasl) {
  expect_sound_rules<g::sasl_mech, g::initial_response, g::auth_response>();
}

TEST(analyze, uri) {
  expect_sound_rules<g::absolute_URI>();
}

TEST(analyze, capability) {
  expect_sound_rules<g::size_offer, g::auth_offer, g::deliverby_offer, g::futurerelease_offer, g::mt_priority_offer,
                     g::limits_offer, g::limit_number, g::burl_offer, g::no_soliciting_offer>();
}

TEST(analyze, command) {
  expect_sound_in_both_charsets<g::helo, g::ehlo, g::lhlo, g::mail, g::rcpt, g::vrfy, g::expn, g::help, g::noop,
                                g::etrn, g::atrn, g::obsolete>();
  expect_sound_rules<g::data, g::rset, g::quit, g::starttls, g::auth, g::bdat, g::burl, g::xclient, g::xforward,
                     g::wellknown, g::wellknown_rsp>();
}

TEST(analyze, trace) {
  expect_sound_in_both_charsets<g::Time_stamp_line, g::Return_path_line>();
}

TEST(analyze, reply) {
  expect_sound_in_both_charsets<g::Reply_line, g::any_Reply_line, g::Greeting, g::ehlo_ok_rsp>();
  expect_sound_rules<g::framed_Reply_line, g::ehlo_line, g::status_code>();
}

// That the analysis can fail, and sees through our own rules: each of these never ends, or would not without them.
struct left_recursive : peg::sor<peg::seq<left_recursive, g::one_of<g::octets::digit>>, g::one_of<g::octets::digit>> {};
struct recursive_behind_nothing : peg::seq<peg::opt<g::run<g::octets::digit>>, recursive_behind_nothing> {};
struct loop_on_nothing : peg::star<peg::opt<g::run<g::octets::alpha>>> {};
struct right_recursive : peg::sor<peg::seq<g::one_of<g::octets::digit>, right_recursive>, g::run<g::octets::alpha>> {};

TEST(analyze, finds_what_does_not_end) {
  EXPECT_GT(peg::analyze<left_recursive>(silent), 0U);
  EXPECT_GT(peg::analyze<recursive_behind_nothing>(silent), 0U);
  EXPECT_GT(peg::analyze<loop_on_nothing>(silent), 0U);
  EXPECT_EQ(peg::analyze<right_recursive>(silent), 0U);
}

} // namespace
} // namespace postel::test
