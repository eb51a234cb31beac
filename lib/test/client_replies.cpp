// What a client makes of replies: codes by their first digit, any text, and whatever is none, or too much, ends the session for good.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client_script.hpp"

namespace {

using postel::client_policy;
using postel::test::client_script;

const client_policy tiny = [] {
  client_policy rules;
  rules.limit.reply = 40;
  return rules;
}();

const std::vector<client_script>& codes() {
  static const std::vector<client_script> scripts = {
      // RFC 5321 4.2, 4.3.2
      {"unknown codes count by their first digit", R"(
S 220 s
E greeted 220
C EHLO c.example
S 259-s
S 259 PIPELINING
E EHLO 259
C MAIL FROM:<ann@c.example>
C RCPT TO:<a@s.example>
C RCPT TO:<b@s.example>
C RCPT TO:<c@s.example>
C RCPT TO:<d@s.example>
C DATA
S 299 ok
S 259 ok
S 477 busy
S 577 no
S 571 5.7.1 no
S 388 go
E MAIL 299
E RCPT 259
E RCPT 477
E RCPT 577
E RCPT 571
E DATA 388
Q accepted=1 body=1
Z .\r\n
S 290 ok
E message 290 of 0
C MAIL FROM:<ann@c.example>
S 499 busy
E MAIL 499
R command out of sequence: RCPT TO:<a@s.example>
)"},
      // RFC 5321 4.2.1
      {"no text, and empty lines of text", R"(
S 220
E greeted 220
C EHLO c.example
S 250-
S 250-PIPELINING
S 250-
S 250 
E EHLO 250
Q offered=PIPELINING
C NOOP
S 250
E NOOP 250
)"},
      {"600", "S 600 x\nE broken syntax error"},
      {"199", "S 199 x\nE broken syntax error"},
      {"000", "S 000 x\nE broken syntax error"},
      {"600 to a command", R"(
S 220 s
E greeted 220
C EHLO c.example
S 600 no
E broken syntax error
Q over=1 outstanding=0 deadline=none
R not allowed at this point: QUIT
S 250 s
E broken syntax error
)"},
      {"different codes in one reply", "S 220-hi\nS 521 no\nE broken reply lines with different codes: 220, 521"},
      {"different codes in a later line",
       "S 220-hi\nS 250-x\nS 220 y\nE broken reply lines with different codes: 220, 250"},
      {"421 in the middle", "S 220-hi\nS 421 no\nE broken reply lines with different codes: 220, 421"},
      {"an LF without CR", "s 220 s\\n\nE broken LF without CR"},
      {"an LF without CR in a later line", "S 220-s\ns 220 s\\n\nE broken LF without CR"},
      {"nothing but an LF", "s \\n\nE broken LF without CR"},
      {"an empty line", "S \nE broken syntax error"},
      {"an empty line in a reply", "S 220-s\nS \nE broken syntax error"},
      {"a different code behind any text",
       "S 220-caf\\xc3\nS 521 n\\0\nE broken reply lines with different codes: 220, 521"},
      {"an LF without CR behind any text", "s 220 caf\\xc3\\xa9\\n\nE broken LF without CR"},
      {"two digits", "S 22 s\nE broken syntax error"},
      {"no digits", "S -20 s\nE broken syntax error"},
      {"four digits", "S 2200 s\nE broken syntax error"},
      {"no space", "S 220s\nE broken syntax error"},
      {"a tab for a space", "S 220\\ts\nE broken syntax error"},
      {"an octet above 127 for a space", "S 220\\xa0s\nE broken syntax error"},
      {"a space before", "S  220 s\nE broken syntax error"},
      {"another protocol", "S HTTP/1.1 400 Bad Request\nE broken syntax error"},
      {"TLS", "s \\x16\\x03\\x03\\x00\\x02\\x02\\x0a\nE broken LF without CR"},
      // What a server may say at all: as many lines as it likes, of any length, but not without end.
      {"the longest reply", "S 220-01234567\nS 220-01234567\nS 220 012345\nE greeted 220", tiny},
      {"the longest reply in one line", "S 220 0123456789012345678901234567890123\nE greeted 220", tiny},
      {"a reply too long", "S 220-01234567\nS 220-01234567\nS 220 0123456\nE broken reply too long", tiny},
      {"a reply too long in one line", "S 220 01234567890123456789012345678901234\nE broken reply too long", tiny},
      {"a reply without end", "S 220-01234567\nS 220-01234567\nS 220-012345\nE broken reply too long", tiny},
      {"a reply without line end", "S 220-01234567\nS 220-01234567\ns 220-0123456789\nE broken reply too long", tiny},
      {"a line without end",
       "s 220 012345678901234567890123456789012\nQ over=0\ns 3\nQ over=0\ns 45\nE broken reply too long", tiny},
      {"a reply that nothing asked for", R"(
S 220 s
S 250 ok
E greeted 220
E broken reply that nothing awaits
R not allowed at this point: QUIT
S 220 s
E broken reply that nothing awaits
)"},
      {"a reply before its command", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-s
S 250 PIPELINING
S 250 ok
E EHLO 250
E broken reply that nothing awaits
R not allowed at this point: MAIL FROM:<ann@c.example>
)"},
      {"two greetings", "S 220 s\nS 220 s\nE greeted 220\nE broken reply that nothing awaits"},
      {"nothing is heard behind QUIT", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250 s
E EHLO 250
C QUIT
S 221 bye
S 250 more
s and no line end
E QUIT 221
Q over=1
)"},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_replies, codes());

// Endless input of any kind ends the session before it fills the memory: what is unread stays below the limits.
TEST(client_bounds, endless_ones_are_cut_off) {
  const client_policy rules;
  const std::vector<std::string> endless = {"220-line\r\n",       "220-\r\n", "x", "220-", "2", "220\r", "\r", " ",
                                            std::string(1, '\0'), "220 \xff"};
  for (const std::string& again : endless) {
    postel::client session(rules);
    std::string unread;
    bool broken = false;
    std::size_t rounds = 0;
    while (!broken && rounds < 1'000'000) {
      unread += again;
      const auto step = session.next(unread);
      broken = std::holds_alternative<postel::event::broken>(step.event);
      ASSERT_EQ(step.used, 0U) << again;
      ++rounds;
    }
    EXPECT_TRUE(broken) << again;
    EXPECT_LE(unread.size(), rules.limit.reply + again.size());
  }
}

} // namespace
