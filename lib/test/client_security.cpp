// STARTTLS and AUTH: RFC 3207, RFC 4954.
#include <gtest/gtest.h>

#include "client_script.hpp"

namespace {

using postel::client_policy;
using postel::test::client_script;

const client_policy clear{.auth_in_clear = true};
const client_policy old_form{.auth_in_clear = true, .old_auth_form = true};

const std::vector<client_script>& tls() {
  static const std::vector<client_script> scripts = {
      // RFC 3207 4.2: everything is forgotten, and EHLO comes again.
      {"accepted", R"(
S 220 s
E greeted 220
t
C EHLO c.example
S 250-s
S 250-PIPELINING
S 250-SIZE 10
S 250-LIMITS MAILMAX=2 RCPTMAX=2
S 250 STARTTLS
E EHLO 250
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C STARTTLS
R not allowed at this point: RSET
t
S 250 ok
S 250 ok
S 220 go
E MAIL 250
E RCPT 250
E STARTTLS 220
Q tls=0 deadline=none
R not allowed at this point: EHLO c.example
T
t
Q tls=1 offered= size=none recipients=any transactions=any accepted=0
R command out of sequence: MAIL FROM:<ann@c.example>
R not offered by the server: STARTTLS
C EHLO c.example
S 250-s
S 250 STARTTLS
E EHLO 250
Q offered=STARTTLS
R command out of sequence: STARTTLS
C MAIL FROM:<ann@c.example>
)"},
      {"offered in white space", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250-SIZE  5\x09
S 250 \x09STARTTLS \r
E EHLO 250
Q offered=SIZE,STARTTLS size=5
C STARTTLS
)"},
      {"refused", R"(
S 220 s
E greeted 220
R not offered by the server: STARTTLS
C EHLO c.example
S 250-s
S 250 STARTTLS
E EHLO 250
C STARTTLS
S 454 not now
E STARTTLS 454
Q tls=0 offered=STARTTLS
t
C STARTTLS
S 501 no
E STARTTLS 501
C MAIL FROM:<ann@c.example>
)"},
      {"not offered", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 XSTARTTLS
E EHLO 250
R not offered by the server: STARTTLS
)"},
      // RFC 3207 4.2, CVE-2011-0411 from the other side: nothing in clear counts as said in TLS.
      {"octets in clear behind the reply", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 STARTTLS
E EHLO 250
C STARTTLS
S 220 go
E STARTTLS 220
s 2
E broken octets in clear behind STARTTLS
t
Q over=1
S 50-evil
E broken octets in clear behind STARTTLS
R not allowed at this point: QUIT
)"},
      {"421 instead of a reply", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 STARTTLS
E EHLO 250
C STARTTLS
S 421 closing
E closing 421
t
)"},
      // RFC 8314 3
      {"before SMTP", R"(
T
Q tls=1 deadline=greeting
S 220 s
E greeted 220
t
C EHLO c.example
S 250-s
S 250-STARTTLS
S 250 AUTH PLAIN
E EHLO 250
R command out of sequence: STARTTLS
C AUTH PLAIN
)"},
      {"too late for TLS before SMTP", R"(
s 2
t
S 20 s
E greeted 220
Q tls=0
)"},
      // RFC 8689 4.2.1
      {"REQUIRETLS needs it", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250-STARTTLS
S 250 REQUIRETLS
E EHLO 250
R STARTTLS must come first: MAIL FROM:<ann@c.example> REQUIRETLS
C STARTTLS
S 220 go
E STARTTLS 220
T
C EHLO c.example
S 250-s
S 250 REQUIRETLS
E EHLO 250
C MAIL FROM:<ann@c.example> REQUIRETLS
)"},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_starttls, tls());

// In one read the reply is not even reported; in two it is, and what is behind it breaks the session.
TEST(client_tls, octets_in_clear_in_the_same_read) {
  const postel::client_policy rules;
  constexpr std::string_view wire = "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n";
  for (std::size_t first = 1; first <= wire.size(); ++first) {
    postel::client session(rules);
    std::string out;
    ASSERT_EQ(session.next("220 s\r\n").used, 7U);
    ASSERT_TRUE(session.send(postel::cmd::ehlo{{"c.example"}}, out));
    ASSERT_EQ(session.next("250-s\r\n250 STARTTLS\r\n").used, 21U);
    ASSERT_TRUE(session.send(postel::cmd::starttls{}, out));
    const auto step = session.next(wire.substr(0, first));
    EXPECT_EQ(std::holds_alternative<postel::event::replied>(step.event), first == 8) << first;
    EXPECT_EQ(session.closed(), first > 8) << first;
    const auto last = session.next(wire.substr(step.used));
    const auto* broken = std::get_if<postel::event::broken>(&last.event);
    ASSERT_NE(broken, nullptr) << first;
    EXPECT_EQ(broken->code, postel::errc::octets_before_tls);
    EXPECT_EQ(last.used, 0U);
    EXPECT_FALSE(session.tls_started());
  }
}

const std::vector<client_script>& auth() {
  static const std::string too_long =
      "S 220 s\nE greeted 220\nC EHLO c.example\nS 250-s\nS 250 AUTH PLAIN\nE EHLO 250\n"
      "R line too long: AUTH PLAIN " +
      std::string(500, 'A') +
      "\n"
      "C AUTH PLAIN " +
      std::string(496, 'A') +
      "\n"
      "S 535 no\nE AUTH 535\n"
      "C AUTH PLAIN\nS 334 \nE challenged \n"
      "a line too long: " +
      std::string(9214, 'x') + "\n";
  static const std::vector<client_script> scripts = {
      {"with an equals sign", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250-AUTH=PLAIN LOGIN
S 250 PIPELINING
E EHLO 250
Q offered=PIPELINING
R not offered by the server: AUTH PLAIN
)",
       clear},
      {"with an equals sign, and a policy that reads it", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250-AUTH=PLAIN LOGIN
S 250 PIPELINING
E EHLO 250
Q offered=PIPELINING,AUTH
C AUTH PLAIN
)",
       old_form},
      {"initial response", R"(
S 220 s
E greeted 220
R not offered by the server: AUTH PLAIN AGFubgBwdw==
C EHLO c.example
S 250-s
S 250-AUTH PLAIN LOGIN
S 250 PIPELINING
E EHLO 250
C AUTH PLAIN AGFubgBwdw==
Q deadline=mail
R not allowed at this point: MAIL FROM:<ann@c.example>
S 235 2.7.0 welcome
E AUTH 235
Q authenticated=1
R command out of sequence: AUTH PLAIN AGFubgBwdw==
C MAIL FROM:<ann@c.example>
)",
       clear},
      {"challenges", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 AUTH LOGIN
E EHLO 250
a not allowed at this point: ann
x not allowed at this point
C AUTH LOGIN
a not allowed at this point: ann
S 334 VXNlcm5hbWU6
E challenged VXNlcm5hbWU6
Q challenged=1 outstanding=0 deadline=none
R not allowed at this point: NOOP
R not allowed at this point: QUIT
A ann > YW5u
Q challenged=0 outstanding=1 deadline=mail
a not allowed at this point: ann
S 334 
E challenged 
A  > 
S 334
E challenged 
A \0\xff > AP8=
S 535 5.7.8 wrong
E AUTH 535
Q authenticated=0
C AUTH LOGIN
S 334 x
E challenged x
A y > eQ==
S 235 yes
E AUTH 235
Q authenticated=1
)",
       clear},
      // RFC 4954 4
      {"cancelled", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 AUTH CRAM-MD5
E EHLO 250
C AUTH CRAM-MD5
S 334 not*base64
E challenged not*base64
X
x not allowed at this point
Q outstanding=1
S 501 5.7.0 cancelled
E AUTH 501
Q authenticated=0 challenged=0
C AUTH CRAM-MD5
S 334 x
E challenged x
X
# A yes to who has said no, or another question, is none; the next exchange is as good as the first.
S 235 2.7.0 welcome
E AUTH 235
Q authenticated=0 challenged=0 outstanding=0
C AUTH CRAM-MD5
S 334 x
E challenged x
X
S 334 and now?
E AUTH 334
Q authenticated=0 challenged=0 outstanding=0
x not allowed at this point
C AUTH CRAM-MD5
S 334 x
E challenged x
A y > eQ==
S 235 2.7.0 welcome
E AUTH 235
Q authenticated=1
)",
       clear},
      {"not in clear", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250-STARTTLS
S 250 AUTH PLAIN
E EHLO 250
R AUTH without TLS: AUTH PLAIN AGFubgBwdw==
R AUTH without TLS: AUTH PLAIN
C MAIL FROM:<>
S 250 ok
E MAIL 250
R AUTH without TLS: AUTH PLAIN
C RSET
S 250 ok
E RSET 250
C STARTTLS
S 454 no
E STARTTLS 454
R AUTH without TLS: AUTH PLAIN
C STARTTLS
S 220 go
E STARTTLS 220
T
R not offered by the server: AUTH PLAIN
C EHLO c.example
S 250-s
S 250 AUTH PLAIN
E EHLO 250
C AUTH PLAIN AGFubgBwdw==
)"},
      {"not in a transaction", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 AUTH PLAIN
E EHLO 250
C MAIL FROM:<ann@c.example>
S 250 ok
E MAIL 250
R command out of sequence: AUTH PLAIN
C RSET
S 250 ok
E RSET 250
C AUTH PLAIN
)",
       clear},
      {"a reply that no challenge asks for", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 AUTH PLAIN
E EHLO 250
C AUTH PLAIN
S 334 x
E challenged x
S 235 yes
E broken reply that nothing awaits
a not allowed at this point: x
x not allowed at this point
Q authenticated=0 challenged=0
)",
       clear},
      {"421 behind a challenge", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 AUTH PLAIN
E EHLO 250
C AUTH PLAIN
S 334 x
E challenged x
S 421 too slow
E closing 421
a not allowed at this point: x
)",
       clear},
      // RFC 4954 4, 4: the command has the length of any command, a response its own.
      {"limits of length", too_long, clear},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_auth, auth());

} // namespace
