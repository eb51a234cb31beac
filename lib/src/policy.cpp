#include "postel/policy.hpp"

#include <algorithm>

namespace postel {

namespace {

// By how many octets an extension lengthens the commands that take its parameters.
struct increment {
  extension from;
  std::size_t mail, rcpt, other;
};

constexpr increment increments[] = {
    {extension::size, 26, 0, 0},            // RFC 1870 3
    {extension::eight_bit_mime, 17, 0, 0},  // RFC 6152 2; BINARYMIME's, RFC 3030 3, is the same parameter
    {extension::smtputf8, 10, 0, 10},       // RFC 6531 3.1: MAIL, VRFY and EXPN
    {extension::dsn, 128, 528, 0},          // RFC 3461 4: ENVID and RET, ORCPT and NOTIFY with their longest values
    {extension::auth, 500, 0, 12288 - 512}, // RFC 4954 3, 4: AUTH= on MAIL; the lines of the exchange have 12288
    {extension::deliverby, 17, 0, 0},       // RFC 2852 3
    {extension::futurerelease, 34, 0, 0},   // RFC 4865 3
    {extension::mt_priority, 15, 0, 0},     // RFC 6710 3
    {extension::requiretls, 12, 0, 0},      // RFC 8689 2
    {extension::rrvs, 0, 34, 0},            // RFC 7293 3
    {extension::no_soliciting, 1007, 0, 0}, // RFC 3865 2: the keyword list has up to 1000
    {extension::mtrk, 40, 0, 0},            // RFC 3885 3
    {extension::conperm, 8, 0, 0},          // RFC 4141 2
    {extension::conneg, 0, 7, 0},           // RFC 4141 3
    {extension::checkpoint, 89, 0, 0},      // RFC 1845 4
    {extension::submitter, 266, 0, 0},      // RFC 4405 4.1
};

} // namespace

std::size_t command_line_limit(const limits& limit, extensions offered) noexcept {
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
