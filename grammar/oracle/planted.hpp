// Rules with a fault each, of the kind that slips into a grammar: the oracle must name them.
#pragma once

#include <array>

#include "postel/grammar/address.hpp"
#include "postel/grammar/reply.hpp"
#include "postel/grammar/sasl.hpp"
#include "verdicts.hpp"

namespace postel::oracle::planted {

// A seventh group beside "::".
struct IPv6_addr : g::peg::sor<g::peg::seq<g::peg::two<':'>, g::detail::tail<7>, g::peg::eof>, g::IPv6_addr> {};

// A dot at the end.
template <typename Charset>
struct local_part : g::peg::seq<g::local_part<Charset>, g::peg::opt<g::peg::one<'.'>>> {};

// A leading zero.
struct status_code
    : g::peg::seq<g::status_class,
                  g::peg::rep<2, g::peg::one<'.'>, g::peg::rep_min_max<1, 3, g::one_of<g::octets::digit>>>> {};

// A shorter alternative in front of a longer one.
struct initial_response
    : g::peg::sor<g::peg::plus<g::peg::rep<4, g::one_of<g::octets::base64>>>, g::base64, g::peg::one<'='>> {};

// A line end that is none.
template <typename Charset>
struct reply : g::peg::seq<g::Reply_code, g::peg::opt<g::SP, g::textstring<Charset>>, g::peg::opt<g::peg::one<'\r'>>,
                           g::peg::one<'\n'>> {};
template <typename Charset>
struct Reply_line : g::peg::sor<g::Reply_line<Charset>, reply<Charset>> {};

constexpr std::array rules{
    of<planted::IPv6_addr>("IPv6-addr"),     of<planted::local_part>("Local-part"),
    of<planted::status_code>("status-code"), of<planted::initial_response>("initial-response"),
    of<planted::Reply_line>("Reply-line"),
};

} // namespace postel::oracle::planted
