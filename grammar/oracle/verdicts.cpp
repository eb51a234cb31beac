// The verdicts of our rules, by the names that smtp.abnf has for them. --rules writes the names; --planted puts wrong rules in some places.
#include <array>
#include <vector>

#include "planted.hpp"
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
#include "verdicts.hpp"

namespace postel::oracle {
namespace {

// The rule of a parameter's value sees what stands behind "=" in an esmtp-param, hence an esmtp-value.
template <typename Rule, typename Charset>
struct value : g::peg::seq<g::peg::at<g::esmtp_value<Charset>, g::peg::eof>, Rule> {};

template <typename Rule>
constexpr verdict_pair value_of(std::string_view name) {
  return {name, accepts<value<Rule, g::ascii>>, accepts<value<Rule, g::internationalized>>};
}

template <template <typename> class Rule>
constexpr verdict_pair value_of(std::string_view name) {
  return {name, accepts<value<Rule<g::ascii>, g::ascii>>,
          accepts<value<Rule<g::internationalized>, g::internationalized>>};
}

constexpr std::array rules{
    of<g::helo>("helo"),
    of<g::ehlo>("ehlo"),
    of<g::lhlo>("lhlo"),
    of<g::mail>("mail"),
    of<g::rcpt>("rcpt"),
    of<g::data>("data"),
    of<g::rset>("rset"),
    of<g::vrfy>("vrfy"),
    of<g::expn>("expn"),
    of<g::help>("help"),
    of<g::noop>("noop"),
    of<g::quit>("quit"),
    of<g::starttls>("starttls"),
    of<g::auth>("auth-command"),
    of<g::bdat>("bdat"),
    of<g::burl>("burl"),
    of<g::etrn>("etrn"),
    of<g::atrn>("atrn"),
    of<g::xclient>("xclient"),
    of<g::xforward>("xforward"),
    of<g::wellknown>("wellknown"),
    of<g::wellknown_rsp>("wellknown-rsp"),
    of<g::obsolete>("obsolete"),

    of<g::domain>("Domain"),
    of<g::address_literal>("address-literal"),
    of<g::IPv6_addr>("IPv6-addr"),
    of<g::local_part>("Local-part"),
    of<g::mailbox>("Mailbox"),
    of<g::path>("Path"),
    of<g::reverse_path>("Reverse-path"),
    of<g::string>("String"),
    of<g::esmtp_params>("Mail-parameters"),

    of<g::Reply_line>("Reply-line"),
    of<g::Greeting>("Greeting"),
    of<g::ehlo_ok_rsp>("ehlo-ok-rsp"),
    of<g::ehlo_line>("ehlo-line"),
    of<g::status_code>("status-code"),

    value_of<g::size_value>("size-value"),
    value_of<g::body_value>("body-value"),
    value_of<g::ret_value>("ret-value"),
    value_of<g::envid_value>("envid-value"),
    value_of<g::notify_value>("notify-esmtp-value"),
    value_of<g::orcpt_value>("original-recipient-address"),
    value_of<g::auth_value>("auth-value"),
    value_of<g::by_value>("by-value"),
    value_of<g::holdfor_value>("future-release-integer"),
    value_of<g::holduntil_value>("future-release-date-time"),
    value_of<g::mt_priority_value>("priority-value"),
    value_of<g::rrvs_value>("rrvs-value"),
    value_of<g::solicit_value>("Solicitation-keywords"),
    value_of<g::mtrk_value>("mtrk-value"),
    value_of<g::transid_value>("transid-value"),
    value_of<g::submitter_value>("submitter-value"),

    of<g::size_offer>("size-param"),
    of<g::auth_offer>("auth-mechanisms"),
    of<g::deliverby_offer>("deliverby-param"),
    of<g::futurerelease_offer>("futurerelease-param"),
    of<g::mt_priority_offer>("priority-profile"),
    of<g::limits_offer>("limits-param"),
    of<g::burl_offer>("burl-offer"),

    of<g::sasl_mech>("sasl-mech"),
    of<g::initial_response>("initial-response"),
    of<g::auth_response>("auth-response"),
    of<g::date_time>("rfc3339-date-time"),
    of<g::absolute_URI>("absolute-URI"),

    of<g::Return_path_line>("Return-path-line"),
    of<g::Time_stamp_line>("Time-stamp-line"),
    of<g::trace_date_time>("date-time"),
    of<g::comment>("comment"),
};

} // namespace
} // namespace postel::oracle

int main(int argc, char** argv) {
  using namespace postel::oracle;
  const std::string_view argument = argc == 2 ? argv[1] : "";
  if (argument == "--rules") {
    for (const verdict_pair& each : rules) std::cout << each.rule << '\n';
    return 0;
  }
  std::vector<verdict_pair> used;
  if (argument == "--planted") used.assign(planted::rules.begin(), planted::rules.end());
  used.insert(used.end(), rules.begin(), rules.end());
  return give_verdicts(used);
}
