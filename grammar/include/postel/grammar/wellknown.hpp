// The reply to WELLKNOWN, which no RFC defines: Exim's.
#pragma once

#include "parameter.hpp"
#include "reply.hpp"

namespace postel::grammar {

// wellknown-size = "SIZE=" size-value, octets of the file         RFC 1870 3 (size-value); not registered
struct wellknown_size : peg::seq<peg::istring<'S', 'I', 'Z', 'E', '='>, size_value> {};

// wellknown-rsp = "250-" wellknown-size CRLF *( "250-" [ xtext ] CRLF ) "250" [ SP [ xtext ] ] CRLF   RFC 3461 4 (xtext); not registered
struct wellknown_rsp : peg::seq<peg::string<'2', '5', '0', '-'>, wellknown_size, CRLF,
                                peg::star<peg::string<'2', '5', '0', '-'>, peg::opt<xtext>, CRLF>,
                                peg::string<'2', '5', '0'>, peg::opt<SP, peg::opt<xtext>>, CRLF> {};

} // namespace postel::grammar
