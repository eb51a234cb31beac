// RFC 4954 8: the texts of the AUTH exchange.
#pragma once

#include "core.hpp"

namespace postel::grammar {

// sasl-mech = 1*20( UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE )   RFC 4422 3.1, RFC 4954 8
// In either case: receivers match mechanism names so.
struct sasl_mech : run_of_at_most<octets::sasl_mech, 20> {};

// "=", what a last group of base64 is filled with                 RFC 4954 8
struct base64_pad : peg::one<'='> {};

// base64-terminal = (2base64-char "==") / (3base64-char "=")      RFC 4954 8
struct base64_terminal : peg::sor<peg::seq<peg::rep<2, one_of<octets::base64>>, base64_pad, base64_pad>,
                                  peg::seq<peg::rep<3, one_of<octets::base64>>, base64_pad>> {};

// base64 = base64-terminal / ( 1*(4base64-char) [base64-terminal] )   RFC 4954 8
struct base64
    : peg::sor<peg::seq<peg::plus<peg::rep<4, one_of<octets::base64>>>, peg::opt<base64_terminal>>, base64_terminal> {};

// initial-response = base64 / "="                                 RFC 4954 8
struct initial_response : peg::sor<base64, peg::one<'='>> {};

// cancel-response = "*"                                           RFC 4954 8
struct cancel_response : peg::one<'*'> {};

// auth-response = [base64] / "*", the line behind a 334           RFC 4954 8
struct auth_response : peg::sor<cancel_response, peg::opt<base64>> {};

} // namespace postel::grammar
