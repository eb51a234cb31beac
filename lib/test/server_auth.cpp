// AUTH in a server session: RFC 4954; submission: RFC 6409.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

constexpr std::string_view done = "235 2.7.0 Authentication successful\r\n";
constexpr std::string_view required = "530 5.7.0 Authentication required\r\n";
const std::string hello = says::hello({"ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"});

policy with_auth() {
  policy rules;
  rules.offer = {extension::enhanced_status_codes, extension::auth};
  rules.mechanisms = "PLAIN LOGIN";
  rules.auth_in_clear = true;
  return rules;
}

// The application of the mechanisms: LOGIN asks for a name and a password, PLAIN for a response if there is none; "secret" is right.
std::optional<reply> mechanisms(const server_event& e) {
  if (const auto* begin = std::get_if<event::authenticate>(&e)) {
    if (!begin->initial_response) return reply{334, equal_ignoring_case(begin->mechanism, "LOGIN") ? "Username:" : ""};
    if (*begin->initial_response != "c2VjcmV0") return reply{535, "wrong", enhanced_status_code{5, 7, 8}};
  }
  if (const auto* next = std::get_if<event::auth_response>(&e)) {
    if (next->base64 == "YW5u") return reply{334, "Password:"};
    if (next->base64 != "c2VjcmV0") return reply{535, "wrong", enhanced_status_code{5, 7, 8}};
  }
  return std::nullopt;
}
constexpr std::string_view wrong = "535 5.7.8 wrong\r\n";

TEST(server_auth, in_every_cut) {
  expect_in_every_cut(
      with_auth(),
      {
          {"an initial response; a second AUTH is refused, whatever its mechanism",
           {"EHLO c\r\nAUTH PLAIN c2VjcmV0\r\nAUTH PLAIN c2VjcmV0\r\nAUTH XYZZY\r\nMAIL FROM:<>\r\n"},
           {"ehlo c", "auth PLAIN \"c2VjcmV0\"", "refused command out of sequence @0 AUTH PLAIN c2VjcmV0",
            "refused command out of sequence @0 AUTH XYZZY", "sender <||>"},
           joined({hello, done, says::sequence, says::sequence, says::sender}),
           mechanisms},
          {"an empty initial response",
           {"EHLO c\r\nAUTH PLAIN =\r\n"},
           {"ehlo c", "auth PLAIN \"\""},
           joined({hello, wrong}),
           mechanisms},
          {"an empty challenge",
           {"EHLO c\r\nauth plain\r\nc2VjcmV0\r\nNOOP\r\n"},
           {"ehlo c", "auth plain", "response c2VjcmV0", "noop "},
           joined({hello, "334 \r\n", done, says::ok}),
           mechanisms},
          {"two rounds",
           {"EHLO c\r\nAUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\nAUTH LOGIN\r\n"},
           {"ehlo c", "auth LOGIN", "response YW5u", "response c2VjcmV0",
            "refused command out of sequence @0 AUTH LOGIN"},
           joined({hello, "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", done, says::sequence}),
           mechanisms},
          {"an empty response",
           {"EHLO c\r\nAUTH PLAIN\r\n\r\nNOOP\r\n"},
           {"ehlo c", "auth PLAIN", "response ", "noop "},
           joined({hello, "334 \r\n", wrong, says::ok}),
           mechanisms},
          {"a command in the exchange is a response",
           {"EHLO c\r\nAUTH PLAIN\r\nQUIT\r\nNOOP\r\n"},
           {"ehlo c", "auth PLAIN", "response QUIT", "noop "},
           joined({hello, "334 \r\n", wrong, says::ok}),
           mechanisms},
          {"cancelled",
           {"EHLO c\r\nAUTH PLAIN\r\n*\r\nAUTH PLAIN c2VjcmV0\r\n"},
           {"ehlo c", "auth PLAIN", "refused AUTH cancelled @0 *", "auth PLAIN \"c2VjcmV0\""},
           joined({hello, "334 \r\n", "501 5.7.0 Authentication cancelled\r\n", done}),
           mechanisms},
          {"no base64: the exchange is over",
           {"EHLO c\r\nAUTH PLAIN\r\nc2Vj*\r\nNOOP\r\nAUTH PLAIN\r\n=\r\nNOOP\r\n"},
           {"ehlo c", "auth PLAIN", "refused syntax error @4 c2Vj*", "noop ", "auth PLAIN",
            "refused syntax error @0 =", "noop "},
           joined({hello, "334 \r\n", says::syntax, says::ok, "334 \r\n", says::syntax, says::ok}),
           mechanisms},
          {"no base64 behind AUTH",
           {"EHLO c\r\nAUTH PLAIN c2Vj*\r\nAUTH\r\nAUTH PLAIN AA==  \r\n"},
           {"ehlo c", "refused syntax error @15 AUTH PLAIN c2Vj*", "refused syntax error @4 AUTH",
            "auth PLAIN \"AA==\""},
           joined({hello, says::syntax, says::syntax, wrong}),
           mechanisms},
          {"a bare line end in the exchange ends it; the rest of the line is not run",
           {"EHLO c\r\nAUTH PLAIN\r\nYW5u\nQUIT\r\nNOOP\r\nAUTH PLAIN\r\nYW5u\rQUIT\r\nNOOP\r\n"},
           {"ehlo c", "auth PLAIN", "refused LF without CR @0 ", "noop ", "auth PLAIN", "refused CR without LF @0 ",
            "noop "},
           joined({hello, "334 \r\n", "500 5.5.2 LF without CR\r\n", says::ok, "334 \r\n",
                   "500 5.5.2 CR without LF\r\n", says::ok}),
           mechanisms},
          {"a mechanism that is not offered",
           {"EHLO c\r\nAUTH CRAM-MD5\r\nAUTH PLAI\r\nAUTH PLAINS AA==\r\nAUTH LOGIN c2VjcmV0\r\n"},
           {"ehlo c", "refused mechanism not offered @0 AUTH CRAM-MD5", "refused mechanism not offered @0 AUTH PLAI",
            "refused mechanism not offered @0 AUTH PLAINS AA==", "auth LOGIN \"c2VjcmV0\""},
           joined({hello, "504 5.5.4 Mechanism not offered\r\n", "504 5.5.4 Mechanism not offered\r\n",
                   "504 5.5.4 Mechanism not offered\r\n", done}),
           mechanisms},
          {"failed, and again",
           {"EHLO c\r\nAUTH PLAIN AA==\r\nAUTH PLAIN c2VjcmV0\r\n"},
           {"ehlo c", "auth PLAIN \"AA==\"", "auth PLAIN \"c2VjcmV0\""},
           joined({hello, wrong, done}),
           mechanisms},
          {"before EHLO, with HELO, and in a transaction",
           {"AUTH PLAIN AA==\r\nHELO c\r\nAUTH PLAIN AA==\r\nEHLO c\r\nMAIL FROM:<>\r\nAUTH PLAIN AA==\r\n"},
           {"refused command out of sequence @0 AUTH PLAIN AA==", "helo c",
            "refused command out of sequence @0 AUTH PLAIN AA==", "ehlo c", "sender <||>",
            "refused command out of sequence @0 AUTH PLAIN AA=="},
           joined({says::sequence, "250 localhost\r\n", says::sequence, hello, says::sender, says::sequence}),
           mechanisms},
          {"EHLO does not forget who it is",
           {"EHLO c\r\nAUTH PLAIN c2VjcmV0\r\nEHLO c\r\nRSET\r\nAUTH PLAIN c2VjcmV0\r\n"},
           {"ehlo c", "auth PLAIN \"c2VjcmV0\"", "ehlo c", "reset ",
            "refused command out of sequence @0 AUTH PLAIN c2VjcmV0"},
           joined({hello, done, hello, says::ok, says::sequence}),
           mechanisms},
          {"the parameter of MAIL",
           {"EHLO c\r\nMAIL FROM:<> AUTH=<>\r\nRSET\r\nMAIL FROM:<> AUTH=a+2Bb@c\r\nMAIL FROM:<> AUTH=a\r\n"},
           {"ehlo c", "sender <||> auth=<>", "reset ", "sender <||> auth=a+2Bb@c",
            "refused command out of sequence @0 MAIL FROM:<> AUTH=a"},
           joined({hello, says::sender, says::ok, says::sender, says::sequence})},
      });
}

TEST(server_auth, in_clear_only_where_the_policy_says_so) {
  policy rules = with_auth();
  rules.auth_in_clear = false;
  const std::string plain_hello = says::hello({"ENHANCEDSTATUSCODES"});
  expect_in_every_cut(
      rules, {"in clear",
              {"EHLO c\r\nAUTH PLAIN AA==\r\nMAIL FROM:<> AUTH=<>\r\n"},
              {"ehlo c",
               "refused AUTH without TLS @0 AUTH PLAIN AA==", "refused parameter not offered @13 MAIL FROM:<> AUTH=<>"},
              joined({plain_hello, "538 5.7.11 Encryption required for authentication\r\n", says::not_offered})});
  rules.auth_in_clear = true;
  rules.mechanisms = "";
  EXPECT_EQ(play(rules, {"EHLO c\r\nAUTH PLAIN\r\n"}).output,
            joined({"220 localhost ESMTP\r\n", plain_hello, says::not_implemented}));
}

TEST(server_auth, the_longest_line_has_12288_octets) {
  const policy rules = with_auth();
  const std::string_view too_long = "500 5.5.6 Line too long\r\n";
  const std::string begin = "EHLO c\r\nAUTH PLAIN\r\n";
  for (const std::size_t size : {std::size_t{12284}, std::size_t{12287}, std::size_t{12288}, std::size_t{20000}}) {
    SCOPED_TRACE(size);
    const std::string line(size, 'A');
    const std::string wire = begin + line + "\r\nNOOP\r\n";
    const session_log whole = play(rules, {wire}, mechanisms);
    const log taken = {"ehlo c", "auth PLAIN", "response " + line, "noop "};
    const log refused = {"ehlo c", "auth PLAIN", "refused line too long @0 ", "noop "};
    EXPECT_EQ(whole.events, size + 2 <= 12288 ? taken : refused);
    EXPECT_EQ(whole.output,
              joined({"220 localhost ESMTP\r\n", hello, "334 \r\n", size + 2 <= 12288 ? wrong : too_long, says::ok}));
    EXPECT_EQ(play(rules, octet_by_octet(wire), mechanisms), whole);
    for (const std::size_t place : {12285U, 12286U, 12287U, 12288U, 12289U, 12290U})
      EXPECT_EQ(play(rules, cut_at(wire, begin.size() + place), mechanisms), whole) << place;
  }
  // So has AUTH with its initial response.
  const std::string longest = "AUTH PLAIN " + std::string(12272, 'A');
  EXPECT_EQ(play(rules, {"EHLO c\r\n" + longest + "\r\n"}, mechanisms).events.back().substr(0, 16),
            "auth PLAIN \"AAAA");
}

TEST(server_auth, challenges) {
  const policy rules = with_auth();
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  out.clear();
  EXPECT_FALSE(session.challenge("x", out)) << "nothing is owed";
  (void)session.next("EHLO c\r\n", out);
  EXPECT_FALSE(session.challenge("x", out)) << "EHLO is no exchange";
  ASSERT_TRUE(session.accept(out));
  (void)session.next("AUTH PLAIN\r\n", out);
  out.clear();
  // 334, a space and CRLF leave room for 12282 octets, 3070 groups of three.
  EXPECT_FALSE(session.challenge(std::string(9211, 'x'), out));
  EXPECT_EQ(out, "");
  EXPECT_EQ(session.pending(), decision::auth);
  EXPECT_TRUE(session.challenge(std::string(9210, 'x'), out));
  EXPECT_EQ(out.size(), 12286U);
  EXPECT_FALSE(session.challenge("x", out)) << "once";
  EXPECT_FALSE(session.accept(out));
  EXPECT_EQ(session.current_state(), server::state::auth);
  EXPECT_EQ(session.deadline(), timeout::server);
  out.clear();
  const std::string binary = {'\0', '\xff', '\r', '\n'};
  (void)session.next("\r\n", out);
  EXPECT_TRUE(session.challenge(binary, out));
  EXPECT_EQ(out, "334 AP8NCg==\r\n");
  EXPECT_FALSE(session.authenticated());
}

TEST(server_auth, submission_wants_it) {
  policy rules = with_auth();
  rules.protocol = service::submission;
  rules.offer.insert(extension::etrn);
  rules.offer.insert(extension::chunking);
  rules.offer.insert(extension::help);
  const std::string offer = says::hello({"ENHANCEDSTATUSCODES", "HELP", "CHUNKING", "AUTH PLAIN LOGIN", "ETRN"});
  expect_in_every_cut(
      rules,
      {
          {"530 to what needs it, and to what is out of sequence too",
           {"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nDATA\r\nVRFY x\r\nETRN d\r\nHELP\r\n"},
           {"ehlo c", "refused AUTH must come first @0 MAIL FROM:<>", "refused AUTH must come first @0 RCPT TO:<b@d>",
            "refused AUTH must come first @0 DATA", "refused AUTH must come first @0 VRFY x",
            "refused AUTH must come first @0 ETRN d", "refused AUTH must come first @0 HELP"},
           joined({offer, required, required, required, required, required, required})},
          {"502 to what the server does not do",
           {"EHLO c\r\nEXPN x\r\nSTARTTLS\r\n"},
           {"ehlo c", "refused command not implemented @0 EXPN x", "refused command not implemented @0 STARTTLS"},
           joined({offer, says::not_implemented, says::not_implemented})},
          {"a chunk is read to its end all the same",
           {"EHLO c\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"},
           {"ehlo c", "refused AUTH must come first @0 ", "noop "},
           joined({offer, required, says::ok})},
          {"what does not",
           {"NOOP\r\nHELO c\r\nRSET\r\nMAIL FROM:<>\r\nQUIT\r\n"},
           {"noop ", "helo c", "reset ", "refused AUTH must come first @0 MAIL FROM:<>", "quit "},
           joined({says::ok, "250 localhost\r\n", says::ok, required, says::bye})},
          {"then all is well",
           {"EHLO c\r\nAUTH PLAIN AA==\r\nMAIL FROM:<>\r\n"},
           {"ehlo c", "auth PLAIN \"AA==\"", "sender <||>"},
           joined({offer, done, says::sender})},
      });
  rules.protocol = service::smtp;
  EXPECT_EQ(play(rules, {"EHLO c\r\nMAIL FROM:<>\r\n"}).events.back(), "sender <||>");
  rules.authentication_required = true;
  EXPECT_EQ(play(rules, {"EHLO c\r\nMAIL FROM:<>\r\n"}).events.back(), "refused AUTH must come first @0 MAIL FROM:<>");
}

} // namespace
