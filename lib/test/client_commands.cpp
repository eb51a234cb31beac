// The client session from the greeting to RCPT: what may be said when, in lockstep and in groups.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "client_script.hpp"

namespace {

using postel::test::client_script;
using postel::test::client_script_player;
using postel::test::cuts;

constexpr std::string_view hello = R"(
S 220 s.example ready
E greeted 220
C EHLO c.example
)";
constexpr std::string_view pipelining = R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 PIPELINING
E EHLO 250
)";

std::string with(std::string_view start, std::string_view rest) {
  return std::string(start).append(rest);
}

// What is kept is a view: the texts that are put together live as long as the program.
std::string_view kept(std::string text) {
  static std::vector<std::unique_ptr<std::string>> all;
  all.push_back(std::make_unique<std::string>(std::move(text)));
  return *all.back();
}

const std::vector<client_script>& greeting() {
  static const std::vector<client_script> scripts = {
      // RFC 5321 4.3.1: nothing before it.
      {"waits for the greeting", R"(
Q deadline=greeting outstanding=0 over=0
R not allowed at this point: EHLO c.example
R not allowed at this point: QUIT
s 220 s.example
R not allowed at this point: EHLO c.example
S  ready
E greeted 220
Q deadline=none
C EHLO c.example
Q deadline=mail outstanding=1
)"},
      {"of several lines", R"(
S 220-s.example ESMTP
S 220-
S 220-220 is not the code of this line
S 220
E greeted 220
Q over=0
C EHLO c.example
)"},
      // RFC 5321 3.1: after 554 there is QUIT, and after QUIT nothing.
      {"554", R"(
S 554-s.example
S 554 no mail here
E greeted 554
Q deadline=none over=0
R not allowed at this point: EHLO c.example
R not allowed at this point: NOOP
t
C QUIT
Q deadline=mail
R not allowed at this point: QUIT
S 221 bye
E QUIT 221
Q over=1 deadline=none
R not allowed at this point: QUIT
)"},
      // RFC 7504 3
      {"521", R"(
S 521 s.example does not accept mail
E greeted 521
R not allowed at this point: EHLO c.example
C QUIT
S 250 whatever
E QUIT 250
Q over=1
)"},
      {"450", R"(
S 450 later
E greeted 450
R not allowed at this point: EHLO c.example
C QUIT
)"},
      // RFC 5321 3.8
      {"421", R"(
S 421 s.example closing
E closing 421
Q over=1 deadline=none outstanding=0
R not allowed at this point: QUIT
)"},
      {"421 behind 554", R"(
S 554 no
E greeted 554
C QUIT
S 421 bye
E closing 421
Q over=1
)"},
      {"other codes of success", R"(
S 299 hi
E greeted 299
C EHLO c.example
)"},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_greeting, greeting());

const std::vector<client_script>& greetings_of_ours() {
  static const std::vector<client_script> scripts = {
      // RFC 5321 3.2: what knows no EHLO is greeted with HELO, and nothing is offered.
      {"EHLO refused, then HELO", kept(with(hello, R"(
S 502-unknown
S 502 command
E EHLO 502
R command out of sequence: MAIL FROM:<ann@c.example>
C HELO c.example
S 250 s.example
E HELO 250
Q offered=
R not offered by the server: MAIL FROM:<ann@c.example> SIZE=10
R not offered by the server: MAIL FROM:<ann@c.example> BODY=8BITMIME
R not offered by the server: STARTTLS
R not offered by the server: AUTH PLAIN
C MAIL FROM:<ann@c.example>
R not allowed at this point: RCPT TO:<bob@s.example>
)"))},
      {"a later EHLO that is refused changes nothing", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C EHLO c.example
S 250 ok
S 504 no
E MAIL 250
E EHLO 504
Q offered=PIPELINING
C RCPT TO:<bob@s.example>
)"))},
      // RFC 5321 4.1.4: as RSET.
      {"a later EHLO ends the transaction", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C EHLO c.example
R not allowed at this point: MAIL FROM:<ann@c.example>
S 250 ok
S 250 ok
S 250-s
S 250 SIZE 7
E MAIL 250
E RCPT 250
E EHLO 250
Q offered=SIZE size=7 accepted=0
R command out of sequence: RCPT TO:<bob@s.example>
C MAIL FROM:<ann@c.example>
)"))},
      {"HELO forgets what EHLO learnt", kept(with(hello, R"(
S 250-s
S 250-SIZE 1000
S 250 LIMITS RCPTMAX=2 MAILMAX=1
E EHLO 250
Q size=1000 recipients=2 transactions=1
C HELO c.example
S 250 s
E HELO 250
Q size=none offered= recipients=any transactions=any
)"))},
      {"keywords in any case, unknown ones and odd lines", kept(with(hello, R"(
S 250-s.example at your service
S 250-size 10
S 250-8bitMime
S 250-X-OWN with params
S 250-_odd!
S 250-
S 250-LIMITS RCPTMAX=1 RCPTMAX=x
S 250 pipelining
E EHLO 250
Q offered=PIPELINING,SIZE,8BITMIME,LIMITS size=10
)"))},
      {"the first line is no keyword", kept(with(hello, R"(
S 250 PIPELINING
E EHLO 250
Q offered=
)"))},
      {"SIZE that means no limit", kept(with(hello, R"(
S 250-s
S 250 SIZE 0
E EHLO 250
Q offered=SIZE size=none
C MAIL FROM:<ann@c.example> SIZE=18446744073709551615
)"))},
      // RFC 6531 3.7.1: what the server knows does not show before its answer.
      {"the name of the client is ASCII", kept(with(hello, R"(
S 250-s
S 250 SMTPUTF8
E EHLO 250
R syntax error: EHLO \xc3\xa9.example
C VRFY \xc3\xa9 SMTPUTF8
)"))},
      {"greetings of LMTP",
       R"(
S 220 s LMTP
E greeted 220
R command out of sequence: EHLO c.example
R command out of sequence: HELO c.example
R command out of sequence: MAIL FROM:<ann@c.example>
C LHLO c.example
S 250-s
S 250 PIPELINING
E LHLO 250
Q offered=PIPELINING
C MAIL FROM:<ann@c.example>
)",
       {.protocol = postel::service::lmtp}},
      {"LHLO is LMTP's", R"(
S 220 s
E greeted 220
R command out of sequence: LHLO c.example
C EHLO c.example
)"},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_hello, greetings_of_ours());

const std::vector<client_script>& transactions() {
  static const std::vector<client_script> scripts = {
      {"lockstep without PIPELINING", kept(with(hello, R"(
R not allowed at this point: MAIL FROM:<ann@c.example>
S 250 s
E EHLO 250
C MAIL FROM:<ann@c.example>
Q deadline=mail
R not allowed at this point: RCPT TO:<bob@s.example>
R not allowed at this point: QUIT
s 25
R not allowed at this point: RCPT TO:<bob@s.example>
S 0 ok
E MAIL 250
C RCPT TO:<bob@s.example>
Q deadline=rcpt
R not allowed at this point: RCPT TO:<bob@s.example>
S 250 ok
E RCPT 250
C DATA
Q deadline=data_initiation
)"))},
      {"order", kept(with(hello, R"(
S 250 s
E EHLO 250
R command out of sequence: RCPT TO:<bob@s.example>
R command out of sequence: DATA
C MAIL FROM:<>
S 250 ok
E MAIL 250
R command out of sequence: MAIL FROM:<ann@c.example>
R no valid recipients: DATA
C RCPT TO:<bob@s.example>
S 550 no
E RCPT 550
R no valid recipients: DATA
C RCPT TO:<Postmaster>
S 251 forwarded
E RCPT 251
Q accepted=1
C RSET
S 250 ok
E RSET 250
Q accepted=0
R command out of sequence: RCPT TO:<bob@s.example>
R command out of sequence: DATA
C VRFY bob
S 252 perhaps
E VRFY 252
C EXPN list
S 502 no
E EXPN 502
C HELP
S 214 no help
E HELP 214
C NOOP
S 250 ok
E NOOP 250
R not offered by the server: SEND FROM:<ann@c.example>
R not offered by the server: ETRN example.org
R not offered by the server: BURL imap://x LAST
C QUIT
Q deadline=mail
S 500 I do not know QUIT
E QUIT 500
Q over=1
R not allowed at this point: NOOP
)"))},
      // RFC 2920 3.1
      {"a group, its replies matched in order", kept(with(pipelining, R"(
C RSET
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C DATA
Q outstanding=5 deadline=mail
R not allowed at this point: RCPT TO:<x@s.example>
R not allowed at this point: RSET
S 250 reset
E RSET 250
Q outstanding=4 deadline=mail
S 250 sender
E MAIL 250
Q outstanding=3 deadline=rcpt
R not allowed at this point: RCPT TO:<x@s.example>
S 550-not
S 550 this one
S 250 that one
E RCPT 550
E RCPT 250
Q outstanding=1 deadline=data_initiation accepted=1
S 354 go on
E DATA 354
Q outstanding=0 body=1 deadline=data_block
)"))},
      {"each of these ends a group", kept(with(pipelining, R"(
C VRFY bob
R not allowed at this point: RSET
S 252 x
E VRFY 252
C EXPN list
R not allowed at this point: RSET
S 252 x
E EXPN 252
C HELP
R not allowed at this point: RSET
S 214 x
E HELP 214
C NOOP
R not allowed at this point: RSET
S 250 x
E NOOP 250
C EHLO c.example
R not allowed at this point: RSET
S 250-s
S 250 PIPELINING
E EHLO 250
C HELO c.example
R not allowed at this point: RSET
)"))},
      // RFC 2920 3.1: all replies of a group are looked at, whatever the last of them is.
      {"MAIL refused, RCPT refused, 354", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 550 no
S 503 what
S 354 go
E MAIL 550
E RCPT 503
E DATA 354
Q body=1 accepted=0
Z .\r\n
Q outstanding=1 deadline=data_termination
R not allowed at this point: MAIL FROM:<ann@c.example>
S 554 no valid recipients
E message 554 of 0
Q outstanding=0
C MAIL FROM:<ann@c.example>
)"))},
      {"behind a refused MAIL nothing of its transaction is sent", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
S 451 later
E MAIL 451
R command out of sequence: RCPT TO:<eve@s.example>
R command out of sequence: DATA
C MAIL FROM:<carl@c.example>
C RCPT TO:<eve@s.example>
S 503 no sender
S 250 sender
E RCPT 503
E MAIL 250
Q accepted=0
S 250 ok
E RCPT 250
Q accepted=1
C DATA
)"))},
      {"behind refused recipients no DATA is sent", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
S 250 ok
S 550 no
E MAIL 250
E RCPT 550
S 550 no
E RCPT 550
R no valid recipients: DATA
C RSET
)"))},
      // Behind RSET a new transaction counts anew, whichever reply comes when.
      {"two transactions in a group", kept(with(hello, R"(
S 250-s
S 250-PIPELINING
S 250 LIMITS RCPTMAX=2 MAILMAX=3
E EHLO 250
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RSET
C MAIL FROM:<ann@c.example>
C RCPT TO:<eve@s.example>
Q recipients=1 transactions=1
S 250 sender
S 250 recipient
S 250 reset
E MAIL 250
E RCPT 250
E RSET 250
Q recipients=1 accepted=0
C RCPT TO:<carl@s.example>
Q recipients=0
R too many recipients: RCPT TO:<dora@s.example>
C DATA
S 250 sender
S 250 recipient
S 550 no
S 354 go
E MAIL 250
E RCPT 250
E RCPT 550
E DATA 354
Q accepted=1 body=1
)"))},
      {"recipients of an earlier transaction are not counted", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RSET
C MAIL FROM:<ann@c.example>
S 250 a
S 250 b
S 250 c
E MAIL 250
E RCPT 250
E RSET 250
Q accepted=0
S 250 d
E MAIL 250
R no valid recipients: DATA
)"))},
      // RFC 9422 4.2, 4.3
      {"LIMITS", kept(with(hello, R"(
S 250-s
S 250 LIMITS MAILMAX=2 RCPTMAX=1
E EHLO 250
Q transactions=2 recipients=1
C MAIL FROM:<ann@c.example>
Q transactions=1
S 550 no
E MAIL 550
Q transactions=2
C MAIL FROM:<ann@c.example>
S 250 ok
E MAIL 250
C RCPT TO:<bob@s.example>
S 450 busy
E RCPT 450
R too many recipients: RCPT TO:<eve@s.example>
C RSET
S 250 ok
E RSET 250
Q transactions=1 recipients=1
C MAIL FROM:<ann@c.example>
S 250 ok
E MAIL 250
Q transactions=0
C RCPT TO:<eve@s.example>
S 250 ok
E RCPT 250
C RSET
S 250 ok
E RSET 250
R too many messages in one session: MAIL FROM:<ann@c.example>
C NOOP
)"))},
      {"LIMITS holds for commands under way", kept(with(hello, R"(
S 250-s
S 250-PIPELINING
S 250 LIMITS MAILMAX=1
E EHLO 250
C MAIL FROM:<ann@c.example>
C RSET
R too many messages in one session: MAIL FROM:<bob@c.example>
)"))},
      // RFC 1870 6.1
      {"SIZE", kept(with(hello, R"(
S 250-s
S 250 SIZE 1000
E EHLO 250
R message too large: MAIL FROM:<ann@c.example> SIZE=1001
R message too large: MAIL FROM:<ann@c.example> SIZE=99999999999999999999
C MAIL FROM:<ann@c.example> SIZE=1000
)"))},
      // RFC 5321 3.8: 421 answers whatever is outstanding, and what is not.
      {"421 to EHLO", kept(with(hello, R"(
S 421 no
E closing 421
Q over=1 outstanding=0
R not allowed at this point: QUIT
S 250 more
Q over=1
)"))},
      {"421 in a group", kept(with(pipelining, R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 421-shutting
S 421 down
E MAIL 250
E closing 421
Q over=1 outstanding=0 deadline=none body=0
R not allowed at this point: RSET
)"))},
      {"421 that nothing asked for", kept(with(pipelining, R"(
S 421 idle
E closing 421
Q over=1
)"))},
      {"421 to QUIT", kept(with(pipelining, R"(
C QUIT
S 421 too late
E closing 421
Q over=1
)"))},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_commands, transactions());

// That a script can fail: each is wrong in one point, and the player says so.
TEST(client_script, can_fail) {
  const cuts whole;
  for (const std::string_view wrong : {
           "",
           "S 220 s\nE greeted 221",
           "S 220 s\nE greeted 220\nE greeted 220",
           "S 220 s\nC EHLO c.example",
           "S 220 s",
           "C EHLO c.example",
           "S 220 s\nE greeted 220\nR not allowed at this point: EHLO c.example",
           "R command out of sequence: EHLO c.example",
           "S 220 s\nE greeted 220\nC EHLO c.example\nQ outstanding=0",
           "Q deadline=none",
           "Q nonsense=1",
           "C not a command",
           "T\nK 1",
           "k 0",
           "t",
           "s 220 s\\n\nE greeted 220",
           "Z .\\r\\n",
           "y",
       })
    EXPECT_NE(client_script_player({}, whole).run(wrong), "") << wrong;
}

} // namespace
