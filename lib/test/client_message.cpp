// Messages: DATA, BDAT and BURL, of SMTP and of LMTP.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "client_script.hpp"

namespace {

using postel::client_policy;
using postel::service;
using postel::test::client_script;

const client_policy converting{.convert_line_ends = true};
const client_policy lmtp{.protocol = service::lmtp};

// A greeting that offers what the tests need, and a script that goes on from there.
const char* offering(std::string_view keywords, std::string_view rest, bool is_lmtp = false) {
  static std::vector<std::unique_ptr<std::string>> all;
  const std::string_view hello = is_lmtp ? "LHLO" : "EHLO";
  auto text = std::make_unique<std::string>("S 220 s\nE greeted 220\nC ");
  text->append(hello).append(" c.example\nS 250-s\nS 250-PIPELINING\n");
  text->append(keywords).append("S 250 HELP\nE ").append(hello).append(" 250\n").append(rest);
  all.push_back(std::move(text));
  return all.back()->c_str();
}

constexpr std::string_view to_body = R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
)";
const char* in_body(std::string_view rest) {
  return offering("", std::string(to_body).append(rest));
}

const std::vector<client_script>& data() {
  static const std::vector<client_script> scripts = {
      // RFC 5321 4.5.2, 4.1.1.4
      {"dots and the final CRLF", in_body(R"(
Q body=1 deadline=data_block
R not allowed at this point: RSET
R not allowed at this point: QUIT
B Subject: x\r\n\r\n. > Subject: x\r\n\r\n..
B \r\n.y\r\n..\r\n > \r\n..y\r\n...\r\n
B end > end
Q deadline=data_block body=1 outstanding=0
Z \r\n.\r\n
z not allowed at this point
b not allowed at this point @0: x
Q deadline=data_termination outstanding=1 body=0
R not allowed at this point: QUIT
R not allowed at this point: MAIL FROM:<ann@c.example>
S 250 queued
E message 250 of 0
Q outstanding=0 accepted=0 deadline=none
C MAIL FROM:<ann@c.example>
)")},
      {"no empty line is added", in_body(R"(
B text\r\n > text\r\n
Z .\r\n
)")},
      {"an empty message", in_body(R"(
Z .\r\n
)")},
      // RFC 5321 2.3.8
      {"bare line ends are refused", in_body(R"(
b LF without CR @1: x\n.\r\nMAIL
b CR without LF @1: x\ry
B x\r > x
b CR without LF @0: y
z CR without LF
B \n. > \r\n..
b LF without CR @0: \n.\r\n
B \r > 
B \n > \r\n
Z .\r\n
)")},
      {"bare line ends are converted", offering("", std::string(to_body).append(R"(
B x\n.\r\nMAIL > x\r\n..\r\nMAIL
B \r > 
B \r > \r\n
B .\n > \r\n..\r\n
B .\r > ..
Z \r\n.\r\n
)")),
       converting},
      {"octets above 127 need a declaration", in_body(R"(
b message beyond ASCII without 8BITMIME @3: caf\xc3\xa9\r\n
b message beyond ASCII without 8BITMIME @9: x\r\n.y\r\nab\xc3
B cafe > cafe
Z \r\n.\r\n
)")},
      {"declared with 8BITMIME", offering("S 250-8BITMIME\n", R"(
C MAIL FROM:<ann@c.example> BODY=8BITMIME
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
B caf\xc3\xa9\r\n > caf\xc3\xa9\r\n
Z .\r\n
S 250 ok
E message 250 of 0
# the next one is declared anew
C MAIL FROM:<ann@c.example> BODY=7BIT
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
b message beyond ASCII without 8BITMIME @0: \xc3
)")},
      {"declared with SMTPUTF8", offering("S 250-8BITMIME\nS 250-SMTPUTF8\n", R"(
C MAIL FROM:<\xc3\xa9@c.example> SMTPUTF8
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 \xc3\xa9
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
B \xc3\xa9 > \xc3\xa9
)")},
      // RFC 5321 3.3: only 354 asks for the message.
      {"DATA refused", offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 554 no
E MAIL 250
E RCPT 250
E DATA 554
Q body=0 outstanding=0
b not allowed at this point @0: x
z not allowed at this point
C DATA
S 451 still not
E DATA 451
C RSET
S 250 ok
E RSET 250
C MAIL FROM:<ann@c.example>
)")},
      {"250 to DATA asks for nothing", offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 250 ok
E MAIL 250
E RCPT 250
E DATA 250
Q body=0
b not allowed at this point @0: x
z not allowed at this point
# what the server has now is unknown: RSET or QUIT
R command out of sequence: MAIL FROM:<ann@c.example>
R command out of sequence: DATA
C RSET
S 250 ok
E RSET 250
C MAIL FROM:<ann@c.example>
)")},
      {"354 to other commands asks for nothing", offering("", R"(
C MAIL FROM:<ann@c.example>
S 354 go
E MAIL 354
Q body=0
b not allowed at this point @0: x
R command out of sequence: RCPT TO:<bob@s.example>
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
S 250 ok
S 354 go
E MAIL 250
E RCPT 354
Q body=0 accepted=0
R no valid recipients: DATA
)")},
      {"another code of 3yz asks for it", offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 399 go
E MAIL 250
E RCPT 250
E DATA 399
Q body=1
)")},
      // RFC 5321 3.3
      {"all recipients refused, and 354", offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C DATA
S 250 ok
S 550 no
S 450 no
S 354 go
E MAIL 250
E RCPT 550
E RCPT 450
E DATA 354
Q body=1 accepted=0
Z .\r\n
S 554 no recipients
E message 554 of 0
C MAIL FROM:<ann@c.example>
)")},
      {"some recipients refused", offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C DATA
S 250 ok
S 550 no
S 250 ok
S 354 go
E MAIL 250
E RCPT 550
E RCPT 250
E DATA 354
Q accepted=1
Z .\r\n
S 250 ok
E message 250 of 0
)")},
      // RFC 5321 3.8
      {"421 within a message", in_body(R"(
B half > half
S 421 closing
E closing 421
Q over=1 body=0 outstanding=0 deadline=none
b not allowed at this point @0: x
z not allowed at this point
)")},
      {"421 instead of the message's reply", in_body(R"(
Z .\r\n
S 421 closing
E closing 421
Q over=1 outstanding=0
)")},
      {"a reply within a message", in_body(R"(
B half > half
S 250 ok
E broken reply that nothing awaits
b not allowed at this point @0: x
)")},
      {"refused for good and for now", in_body(R"(
Z .\r\n
S 554 spam
E message 554 of 0
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
Z .\r\n
S 451 later
E message 451 of 0
C QUIT
S 221 bye
E QUIT 221
)")},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_data, data());

const char* chunking(std::string_view rest) {
  return offering("S 250-CHUNKING\nS 250-8BITMIME\nS 250-BINARYMIME\n", rest);
}

const std::vector<client_script>& chunks() {
  static const std::vector<client_script> scripts = {
      {"one chunk", chunking(R"(
C MAIL FROM:<ann@c.example>
R no valid recipients: BDAT 3 LAST
C RCPT TO:<bob@s.example>
S 250 ok
S 250 ok
E MAIL 250
E RCPT 250
C BDAT 10 LAST
Q left=10 deadline=data_block outstanding=1
k 11
K 0
K 4
Q left=6
k 7
R not allowed at this point: RSET
b not allowed at this point @0: x
K 6
k 1
Q left=0 deadline=data_termination
R not allowed at this point: RSET
R not allowed at this point: QUIT
R not allowed at this point: BDAT 0 LAST
S 250 ok
E message 250 of 0
Q outstanding=0
C MAIL FROM:<ann@c.example>
)")},
      // RFC 3030 4.2
      {"several chunks in a group", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 100
R not allowed at this point: BDAT 5
K 100
C BDAT 5
K 5
R command out of sequence: DATA
R command out of sequence: RCPT TO:<eve@s.example>
R command out of sequence: MAIL FROM:<ann@c.example>
C BDAT 0 LAST
Q left=0 outstanding=5
R not allowed at this point: RSET
S 250 sender
S 250 recipient
S 250 100 octets
E MAIL 250
E RCPT 250
E BDAT 250
Q deadline=data_termination
S 250 5 octets
S 250 message
E BDAT 250
E message 250 of 0
Q outstanding=0
C MAIL FROM:<ann@c.example>
)")},
      // RFC 3030 2: nothing but RSET.
      {"a refused chunk", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
S 250 ok
S 250 ok
E MAIL 250
E RCPT 250
C BDAT 3
S 552 too large
E BDAT 552
# its octets are still due
Q left=3
R not allowed at this point: RSET
K 3
R command out of sequence: BDAT 3
R command out of sequence: BDAT 3 LAST
R command out of sequence: DATA
R command out of sequence: MAIL FROM:<ann@c.example>
R command out of sequence: RCPT TO:<eve@s.example>
C RSET
S 250 ok
E RSET 250
C MAIL FROM:<ann@c.example>
)")},
      {"a refused chunk, others under way", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3
K 3
C BDAT 3
K 3
S 250 ok
S 250 ok
S 451 no room
E MAIL 250
E RCPT 250
E BDAT 451
R command out of sequence: BDAT 3 LAST
S 503 behind a refused one
E BDAT 503
R command out of sequence: MAIL FROM:<ann@c.example>
C RSET
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3 LAST
K 3
S 250 ok
S 250 ok
S 250 ok
S 250 ok
E RSET 250
E MAIL 250
E RCPT 250
E message 250 of 0
)")},
      {"a refused last chunk", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3 LAST
K 3
S 250 ok
S 250 ok
S 554 no
E MAIL 250
E RCPT 250
E message 554 of 0
R command out of sequence: MAIL FROM:<ann@c.example>
C RSET
S 250 ok
E RSET 250
C MAIL FROM:<ann@c.example>
)")},
      {"refused recipients, and a chunk under way", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3 LAST
S 250 ok
S 550 no
S 503 no recipients
E MAIL 250
E RCPT 550
E message 503 of 0
Q left=3 outstanding=0 deadline=data_block
R not allowed at this point: RSET
K 3
R command out of sequence: MAIL FROM:<ann@c.example>
C RSET
)")},
      {"a chunk that is taken before it was written", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3 LAST
K 2
S 250 ok
S 250 ok
S 250 queued
E MAIL 250
E RCPT 250
E broken reply that nothing awaits
Q left=0 over=1 deadline=none
)")},
      {"421 within a chunk", chunking(R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3 LAST
K 2
S 250 ok
S 421 closing
E MAIL 250
E closing 421
Q left=0 over=1 deadline=none outstanding=0
k 1
)")},
      // RFC 3030 3
      {"BINARYMIME needs BDAT", chunking(R"(
C MAIL FROM:<ann@c.example> BODY=BINARYMIME
C RCPT TO:<bob@s.example>
R command out of sequence: DATA
C BDAT 0 LAST
S 250 ok
S 250 ok
S 250 ok
E MAIL 250
E RCPT 250
E message 250 of 0
C MAIL FROM:<ann@c.example> BODY=8BITMIME
C RCPT TO:<bob@s.example>
C DATA
)")},
      {"not offered", offering("S 250-8BITMIME\n", R"(
C MAIL FROM:<ann@c.example> BODY=8BITMIME
C RCPT TO:<bob@s.example>
R not offered by the server: BDAT 3 LAST
R not offered by the server: BURL imap://x LAST
C RSET
R invalid parameter value: MAIL FROM:<ann@c.example> BODY=BINARYMIME
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
)")},
      // RFC 4468 3
      {"BURL", offering("S 250-CHUNKING\nS 250-BURL imap\n", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BDAT 3
K 3
C BURL imap://x
C BDAT 3
R not allowed at this point: BURL imap://y
K 3
S 250 ok
S 250 ok
S 250 ok
E MAIL 250
E RCPT 250
E BDAT 250
Q deadline=data_termination
S 250 ok
S 250 ok
E BURL 250
E BDAT 250
C BURL imap://y LAST
R not allowed at this point: RSET
S 250 ok
E message 250 of 0
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C BURL imap://y LAST
S 250 ok
S 250 ok
S 554 not found
E MAIL 250
E RCPT 250
E message 554 of 0
R command out of sequence: MAIL FROM:<ann@c.example>
C RSET
)")},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_chunks, chunks());

// RFC 2033 4.2: a reply for each recipient that was accepted.
const std::vector<client_script>& local() {
  static const std::vector<client_script> scripts = {
      {"a reply for each accepted recipient",
       offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C RCPT TO:<carl@s.example>
C DATA
S 250 ok
S 250 ok
S 550 no
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E RCPT 550
E RCPT 250
E DATA 354
B x > x
Z \r\n.\r\n
Q outstanding=2
S 250 bob
E message 250 of 0
Q outstanding=1 deadline=data_termination
R not allowed at this point: QUIT
S 452 carl is full
E message 452 of 1
Q outstanding=0 accepted=0
C MAIL FROM:<ann@c.example>
)",
                true),
       lmtp},
      {"one refused, one accepted",
       offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C DATA
S 250 ok
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E RCPT 250
E DATA 354
Z .\r\n
S 550-no
S 550 no
S 250 yes
E message 550 of 0
E message 250 of 1
C QUIT
)",
                true),
       lmtp},
      {"nobody accepted, and 354",
       offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 550 no
S 354 go
E MAIL 250
E RCPT 550
E DATA 354
Z .\r\n
Q outstanding=0 deadline=none
C MAIL FROM:<ann@c.example>
)",
                true),
       lmtp},
      {"421 for the second",
       offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C DATA
S 250 ok
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E RCPT 250
E DATA 354
Z .\r\n
S 250 ok
S 421 closing
E message 250 of 0
E closing 421
Q outstanding=0
)",
                true),
       lmtp},
      {"one reply too many",
       offering("", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C DATA
S 250 ok
S 250 ok
S 354 go
E MAIL 250
E RCPT 250
E DATA 354
Z .\r\n
S 250 ok
S 250 ok
E message 250 of 0
E broken reply that nothing awaits
)",
                true),
       lmtp},
      {"chunks",
       offering("S 250-CHUNKING\n", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C BDAT 3
K 3
C BDAT 3 LAST
K 3
S 250 ok
S 250 ok
S 250 ok
S 250 chunk
S 250 bob
E MAIL 250
E RCPT 250
E RCPT 250
E BDAT 250
E message 250 of 0
Q outstanding=1
R not allowed at this point: QUIT
S 550 eve
E message 550 of 1
C MAIL FROM:<ann@c.example>
)",
                true),
       lmtp},
      {"all refused at the last chunk",
       offering("S 250-CHUNKING\n", R"(
C MAIL FROM:<ann@c.example>
C RCPT TO:<bob@s.example>
C RCPT TO:<eve@s.example>
C BDAT 3
K 3
C BDAT 3 LAST
K 3
S 250 ok
S 250 ok
S 250 ok
S 452 chunk
S 503 bob
S 503 eve
E MAIL 250
E RCPT 250
E RCPT 250
E BDAT 452
E message 503 of 0
E message 503 of 1
R command out of sequence: MAIL FROM:<ann@c.example>
C RSET
)",
                true),
       lmtp},
  };
  return scripts;
}
POSTEL_CLIENT_SCRIPTS(client_lmtp, local());

} // namespace
