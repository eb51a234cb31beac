// STARTTLS and REQUIRETLS in a server session: RFC 3207, RFC 8314, RFC 8689; what the session is called in Received: RFC 3848.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

constexpr std::string_view ready = "220 2.0.0 Ready to start TLS\r\n";
constexpr std::string_view required = "530 5.7.0 Must issue STARTTLS first\r\n";
constexpr std::string_view done = "235 2.7.0 Authentication successful\r\n";
const std::string in_clear = says::hello({"PIPELINING", "ENHANCEDSTATUSCODES", "STARTTLS"});
const std::string in_tls = says::hello({"PIPELINING", "ENHANCEDSTATUSCODES", "AUTH PLAIN", "REQUIRETLS"});

policy with_tls() {
  policy rules;
  rules.offer = {extension::pipelining, extension::enhanced_status_codes, extension::starttls, extension::auth,
                 extension::requiretls};
  return rules;
}

TEST(server_tls, in_every_cut) {
  expect_in_every_cut(
      with_tls(),
      {
          {"everything is forgotten",
           {"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d>\r\nSTARTTLS\r\n",
            "RCPT TO:<b@d>\r\nMAIL FROM:<>\r\nAUTH PLAIN AA==\r\nEHLO c\r\nRCPT TO:<b@d>\r\nAUTH PLAIN AA==\r\n"
            "STARTTLS\r\nMAIL FROM:<> REQUIRETLS\r\n"},
           {"ehlo c", "sender <||>", "recipient <|b|d>", "starttls ",
            "refused command out of sequence @0 RCPT TO:<b@d>", "refused command out of sequence @0 MAIL FROM:<>",
            "refused command out of sequence @0 AUTH PLAIN AA==", "ehlo c",
            "refused command out of sequence @0 RCPT TO:<b@d>", "auth PLAIN \"AA==\"",
            "refused command out of sequence @0 STARTTLS", "sender <||> require_tls"},
           joined({in_clear, says::sender, says::recipient, ready, says::sequence, says::sequence, says::sequence,
                   in_tls, says::sequence, done, says::sequence, says::sender})},
          {"not before EHLO, not with HELO, not with an argument",
           {"STARTTLS\r\nHELO c\r\nSTARTTLS\r\nEHLO c\r\nSTARTTLS now\r\n"},
           {"refused command out of sequence @0 STARTTLS", "helo c", "refused command out of sequence @0 STARTTLS",
            "ehlo c", "refused syntax error @8 STARTTLS now"},
           joined({says::sequence, "250 localhost\r\n", says::sequence, in_clear, says::syntax})},
          {"refused, the session goes on in clear",
           {"EHLO c\r\nSTARTTLS\r\n", "MAIL FROM:<>\r\n"},
           {"ehlo c", "starttls ", "sender <||>"},
           joined({in_clear, "454 4.7.0 not now\r\n", says::sender}),
           answering<event::start_tls>({454, "not now", enhanced_status_code{4, 7, 0}})},
          {"REQUIRETLS and AUTH only in TLS",
           {"EHLO c\r\nMAIL FROM:<> REQUIRETLS\r\nAUTH PLAIN AA==\r\n"},
           {"ehlo c", "refused parameter not offered @13 MAIL FROM:<> REQUIRETLS",
            "refused AUTH without TLS @0 AUTH PLAIN AA=="},
           joined({in_clear, says::not_offered, "538 5.7.11 Encryption required for authentication\r\n"})},
          {"a second STARTTLS before EHLO",
           {"EHLO c\r\nSTARTTLS\r\n", "STARTTLS\r\n"},
           {"ehlo c", "starttls ", "refused command out of sequence @0 STARTTLS"},
           joined({in_clear, ready, says::sequence})},
      });
}

TEST(server_tls, who_authenticated_in_clear_is_forgotten) {
  policy rules = with_tls();
  rules.auth_in_clear = true;
  const std::string hello = says::hello({"PIPELINING", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH PLAIN"});
  expect_in_every_cut(rules, {"AUTH, STARTTLS, AUTH",
                              {"EHLO c\r\nAUTH PLAIN AA==\r\nSTARTTLS\r\n", "EHLO c\r\nAUTH PLAIN AA==\r\n"},
                              {"ehlo c", "auth PLAIN \"AA==\"", "starttls ", "ehlo c", "auth PLAIN \"AA==\""},
                              joined({hello, done, ready, in_tls, done})});
}

// CVE-2011-0411: what was sent in clear must not be taken for something said in TLS.
TEST(server_tls, octets_behind_starttls_in_the_same_read_end_the_session) {
  const policy rules = with_tls();
  for (const std::string_view behind : {"EHLO c\r\n", "R", "\r", "\x16\x03\x01"}) {
    const session_log played = play(rules, {"EHLO c\r\nSTARTTLS\r\n" + std::string(behind)});
    EXPECT_EQ(played.events, (log{"ehlo c", "refused octets in clear behind STARTTLS @0 STARTTLS"}));
    EXPECT_EQ(played.output,
              joined({"220 localhost ESMTP\r\n", in_clear, "554 5.5.1 Octets in clear behind STARTTLS\r\n"}));
    EXPECT_EQ(played.state, server::state::closed);
    EXPECT_EQ(played.left, behind.size());
  }
}

TEST(server_tls, octets_before_the_handshake_end_the_session) {
  const policy rules = with_tls();
  server session(rules);
  std::string out;
  ASSERT_TRUE(session.open(out));
  (void)session.next("EHLO c\r\n", out);
  ASSERT_TRUE(session.accept(out));
  ASSERT_FALSE(session.tls_started()) << "STARTTLS was not accepted";
  (void)session.next("STARTTLS\r\n", out);
  ASSERT_FALSE(session.tls_started()) << "STARTTLS was not answered";
  ASSERT_TRUE(session.accept(out));
  server other = session;

  // None: the handshake is waited for, by its caller's own clock.
  out.clear();
  const server_step step = session.next("", out);
  ASSERT_TRUE(std::holds_alternative<event::wait>(step.event));
  EXPECT_EQ(std::get<event::wait>(step.event).until, event::wait::reason::handshake);
  EXPECT_EQ(session.deadline(), timeout::none);
  EXPECT_TRUE(session.tls_started());
  EXPECT_TRUE(session.tls());
  EXPECT_FALSE(session.tls_started()) << "once";
  EXPECT_EQ(session.deadline(), timeout::server);

  const server_step late = other.next("EHLO c\r\n", out);
  ASSERT_TRUE(std::holds_alternative<event::refused>(late.event));
  EXPECT_EQ(std::get<event::refused>(late.event).code, errc::octets_before_tls);
  EXPECT_EQ(late.used, 8U);
  EXPECT_TRUE(other.closed());
  EXPECT_FALSE(other.tls_started());
  EXPECT_EQ(out, "") << "220 was the last reply in clear";
}

TEST(server_tls, required) {
  policy rules = with_tls();
  rules.tls_required = true;
  expect_in_every_cut(
      rules, {
                 {"530 to all but a few",
                  {"NOOP\r\nEHLO c\r\nMAIL FROM:<>\r\nRSET\r\nVRFY x\r\nSTARTTLS\r\n", "EHLO c\r\nMAIL FROM:<>\r\n"},
                  {"noop ", "ehlo c", "refused STARTTLS must come first @0 MAIL FROM:<>",
                   "refused STARTTLS must come first @0 RSET", "refused STARTTLS must come first @0 VRFY x",
                   "starttls ", "ehlo c", "sender <||>"},
                  joined({says::ok, in_clear, required, required, required, ready, in_tls, says::sender})},
                 {"AUTH and what is not offered too",
                  {"EHLO c\r\nAUTH PLAIN AA==\r\nHELP\r\nETRN d\r\n"},
                  {"ehlo c", "refused STARTTLS must come first @0 AUTH PLAIN AA==",
                   "refused STARTTLS must come first @0 HELP", "refused STARTTLS must come first @0 ETRN d"},
                  joined({in_clear, required, required, required})},
                 {"HELO too, but QUIT is taken",
                  {"HELO c\r\nQUIT\r\n"},
                  {"refused STARTTLS must come first @0 HELO c", "quit "},
                  joined({required, says::bye})},
             });
}

// RFC 8314 3: TLS from the first octet.
TEST(server_tls, before_the_greeting) {
  const policy rules = with_tls();
  server session(rules);
  std::string out;
  EXPECT_TRUE(session.tls_started());
  EXPECT_EQ(session.current_state(), server::state::unopened);
  ASSERT_TRUE(session.open(out));
  (void)session.next("EHLO c\r\n", out);
  out.clear();
  ASSERT_TRUE(session.accept(out));
  EXPECT_EQ(out, in_tls);
}

TEST(server_tls, with_protocol) {
  for (const service protocol : {service::smtp, service::submission, service::lmtp})
    for (const bool tls : {false, true})
      for (const bool auth : {false, true})
        for (const bool utf8 : {false, true}) {
          policy rules = with_tls();
          rules.offer.insert(extension::smtputf8);
          rules.protocol = protocol;
          rules.auth_in_clear = true;
          server session(rules);
          std::string out;
          if (tls) {
            ASSERT_TRUE(session.tls_started());
          }
          ASSERT_TRUE(session.open(out));
          EXPECT_EQ(session.with_protocol(), "SMTP");
          const auto send = [&](std::string_view line) {
            (void)session.next(line, out);
            (void)session.accept(out);
          };
          send(protocol == service::lmtp ? "LHLO c\r\n" : "EHLO c\r\n");
          // RFC 6409 takes no mail without.
          if (auth || protocol == service::submission) send("AUTH PLAIN AA==\r\n");
          send(utf8 ? "MAIL FROM:<> SMTPUTF8\r\n" : "MAIL FROM:<>\r\n");
          ASSERT_EQ(session.current_state(), server::state::sender);
          // RFC 3848, RFC 6531 4.3
          std::string expected = utf8 ? "UTF8" : protocol == service::lmtp ? "" : "E";
          expected += protocol == service::lmtp ? "LMTP" : "SMTP";
          if (tls) expected += "S";
          if (auth || protocol == service::submission) expected += "A";
          EXPECT_EQ(session.with_protocol(), expected);
          send("RSET\r\n");
          if (utf8) {
            EXPECT_EQ(session.with_protocol().find("UTF8"), std::string_view::npos) << "the next may be without";
          }
          if (protocol == service::lmtp) continue;
          send("HELO c\r\n");
          EXPECT_EQ(session.with_protocol(), "SMTP");
        }
}

} // namespace
