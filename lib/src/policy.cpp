#include "postel/policy.hpp"

#include <algorithm>

namespace postel {

namespace {

// By how many octets an extension lengthens the commands that take its parameters, as its RFC says. Where it says nothing, by the longest
// parameter with its space.
struct increment {
  extension from;
  std::size_t mail, rcpt, other;
};

constexpr increment increments[] = {
    {extension::size, 26, 0, 0},           // RFC 1870 3
    {extension::eight_bit_mime, 16, 0, 0}, // RFC 3030 3: BODY=BINARYMIME; RFC 6152 has no figure
    {extension::smtputf8, 10, 0, 10},      // RFC 6531 3.1: MAIL; no figure for the parameter of VRFY and EXPN
    {extension::dsn, 116, 536,
     0}, // RFC 3885 2: ENVID 107, ORCPT 507; RFC 3461 5.4: RET 8, NOTIFY 28, each with a space
    {extension::auth, 500, 0,
     auth_line_limit - 512},          // RFC 4954 3, 4: AUTH= on MAIL; the lines of the exchange have auth_line_limit
    {extension::deliverby, 17, 0, 0}, // RFC 2852 2
    {extension::futurerelease, 34, 0, 0},   // RFC 4865 3
    {extension::mt_priority, 15, 0, 0},     // RFC 6710 3
    {extension::requiretls, 11, 0, 0},      // RFC 8689 2
    {extension::rrvs, 0, 33, 0},            // RFC 7293 3.1
    {extension::no_soliciting, 1007, 0, 0}, // RFC 3865 4.1
    {extension::mtrk, 40, 0, 0},            // RFC 3885 2
    {extension::conperm, 8, 0, 0},          // RFC 4141 4.3: no figure
    {extension::conneg, 0, 7, 0},           // RFC 4141 5.3: no figure
    {extension::checkpoint, 88, 0, 0},      // RFC 1845 2
    {extension::submitter, 511, 0, 0},      // RFC 4405 4: no figure; a value as long as AUTH's
};

} // namespace

std::size_t command_line_limit(const server_limits& limit, extensions offered) noexcept {
  std::size_t mail = 0, rcpt = 0, other = 0;
  for (const increment& each : increments) {
    if (!offered.contains(each.from)) continue;
    mail += each.mail;
    rcpt += each.rcpt;
    other = std::max(other, each.other);
  }
  return limit.command_line + std::max({mail, rcpt, other});
}

} // namespace postel
