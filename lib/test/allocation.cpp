// From octets to event nothing is allocated: neither by the parsers nor by the sessions, as long as the caller's output has room.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "postel/body.hpp"
#include "postel/capability.hpp"
#include "postel/client.hpp"
#include "postel/command.hpp"
#include "postel/reply.hpp"
#include "postel/server.hpp"

namespace {
std::size_t allocations = 0;
}

// Not inlined: g++ warns of new and free as a mismatched pair where it sees through one of them.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  std::abort();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace {

using namespace postel;

// How many allocations work makes.
template <typename Work>
std::size_t count(Work work) {
  const std::size_t before = allocations;
  work();
  return allocations - before;
}

TEST(allocation, the_counter_counts) {
  // NOLINTNEXTLINE(bugprone-unused-local-non-trivial-variable): its construction is what counts.
  EXPECT_GE(count([] { const std::string text(100, 'x'); }), 1U);
}

TEST(allocation, parsers) {
  const std::string long_name(5000, 'x'); // longer than any small-string buffer
  const std::string texts[] = {
      "EHLO [IPv6:2001:db8::1]",
      "MAIL FROM:<@a.example,@b.example:\"quoted \\\" string\"@example.org> SIZE=1 BODY=8BITMIME",
      "RCPT TO:<" + long_name + "@example.org> NOTIFY=NEVER",
      "RCPT TO:<broken",
      "NOOP " + long_name,
      "250-first line\r\n250-2.1.0 second\r\n250 third\r\n",
      "250-caf\xE9\r\n250- AUTH  PLAIN \a LOGIN\r\n250 third\r\r\n",
      "<Postmaster>",
      "user@example.org",
      long_name,
      ""};
  for (const std::string& text : texts) {
    EXPECT_EQ(count([&] {
                for (const charset octets : {charset::ascii, charset::utf8}) {
                  (void)parse_command(text, octets);
                  (void)parse_mailbox(text, octets);
                  (void)parse_path(text, octets);
                  (void)parse_domain(text, octets);
                  (void)parse_greeting(text, octets);
                  (void)parse_ehlo_response(text, octets);
                  if (const auto reply = parse_reply(text, octets)) {
                    for (const std::string_view line : reply->lines()) (void)parse_ehlo_line(line);
                    (void)reply->status();
                  }
                  if (const auto reply = read_reply(text, octets)) {
                    (void)reply->deviation();
                    (void)read_ehlo_response(*reply).deviation();
                    for (const std::string_view each : capabilities_of(*reply).auth_mechanisms) (void)each;
                  }
                }
                for (const parameter p : parameters(text)) (void)parse_size_value(p.keyword);
              }),
              0U)
        << text.substr(0, 60);
  }
}

TEST(allocation, server_session) {
  policy rules;
  std::string out;
  out.reserve(1 << 16);
  std::string input =
      "EHLO c.example\r\nMAIL FROM:<a@c.example> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<b@d.example>\r\nDATA\r\n";
  input += std::string(100000, 'x') + "\r\n..dots\r\n.\r\nNOOP\nNOOP\r\nnonsense\r\nVRFY x\r\nMAIL FROM:<broken\r\n" +
           std::string(5000, 'y') + "\r\nQUIT\r\n";
  EXPECT_EQ(count([&] {
              server session(rules);
              EXPECT_TRUE(session.open(out));
              for (std::size_t at = 0; !session.closed();) {
                const server_step step = session.next(std::string_view(input).substr(at), out);
                at += step.used;
                if (session.pending_answers() != 0) {
                  EXPECT_TRUE(session.accept(out));
                }
              }
            }),
            0U);
  EXPECT_TRUE(out.ends_with("221 2.0.0 Bye\r\n"));
}

// Everything that a session carries out: AUTH with challenges, chunks taken and refused, LMTP's many answers, parameters of all extensions.
TEST(allocation, server_session_with_all_extensions) {
  for (const service protocol : {service::smtp, service::submission, service::lmtp}) {
    policy rules;
    rules.protocol = protocol;
    for (const extension e : server::supported) rules.offer.insert(e);
    rules.auth_in_clear = true;
    rules.limit.text_line = 100000;
    rules.accept_nul = false;
    rules.bare_cr = rules.bare_lf = bare_line_end::normalise;
    rules.message_size = 200000;
    std::string out;
    out.reserve(1 << 16);
    std::string input = "HELO c.example\r\n";
    input += protocol == service::lmtp ? "LHLO c.example\r\n" : "EHLO c.example\r\n";
    input += "AUTH PLAIN\r\nAHRlc3QAMTIzNA==\r\nAUTH PLAIN =\r\n";
    input +=
        "MAIL FROM:<a@c.example> SIZE=100 BODY=BINARYMIME RET=HDRS ENVID=QQ+2B314159 AUTH=<> BY=120;R HOLDFOR=60 "
        "MT-PRIORITY=3 SOLICIT=net.example:ADV MTRK=dGVzdA:604800 SMTPUTF8\r\n"
        "RCPT TO:<b@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@d.example RRVS=2014-04-03T23:01:00Z;C\r\n"
        "RCPT TO:<e@d.example>\r\nBDAT 5\r\nhelloBDAT 100000 LAST\r\n" +
        std::string(100000, 'x') +
        "BDAT 6\r\nQUIT\r\nMAIL FROM:<>\r\nRCPT TO:<b@d.example>\r\nBURL imap://u@h/m LAST\r\n" +
        "MAIL FROM:<>\r\nRCPT TO:<b@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\na\nb\rc\r\n..d\r\n.\r\n" +
        "ETRN d.example\r\nEXPN x\r\nHELP\r\nQUIT\r\n";
    std::size_t messages = 0, challenges = 0;
    EXPECT_EQ(count([&] {
                server session(rules);
                EXPECT_TRUE(session.open(out));
                for (std::size_t at = 0; !session.closed();) {
                  const server_step step = session.next(std::string_view(input).substr(at), out);
                  at += step.used;
                  if (std::holds_alternative<event::message_end>(step.event)) ++messages;
                  const auto* auth = std::get_if<event::authenticate>(&step.event);
                  if (auth != nullptr && !auth->initial_response && session.challenge("name?", out)) ++challenges;
                  while (session.pending_answers() != 0) {
                    EXPECT_TRUE(session.accept(out));
                  }
                }
              }),
              0U);
    EXPECT_EQ(messages, 2U);
    EXPECT_EQ(challenges, 1U);
    EXPECT_TRUE(out.ends_with("221 2.0.0 Bye\r\n")) << out;
  }
}

TEST(allocation, server_session_in_tls) {
  policy rules;
  rules.offer = {extension::starttls, extension::enhanced_status_codes};
  std::string out;
  out.reserve(1 << 12);
  EXPECT_EQ(count([&] {
              server session(rules);
              EXPECT_TRUE(session.open(out));
              for (const std::string_view line : {"EHLO c\r\n", "STARTTLS\r\n"}) {
                (void)session.next(line, out);
                EXPECT_TRUE(session.accept(out));
              }
              EXPECT_TRUE(session.tls_started());
              for (const std::string_view line : {"EHLO c\r\n", "MAIL FROM:<>\r\n"}) {
                (void)session.next(line, out);
                EXPECT_TRUE(session.accept(out));
              }
              (void)session.with_protocol();
              session.timed_out(out);
            }),
            0U);
  EXPECT_TRUE(out.ends_with("421 4.4.2 Timeout, closing\r\n")) << out;
}

TEST(allocation, client_session) {
  const client_policy bounds;
  std::string out;
  out.reserve(1 << 16);
  std::size_t events = 0;
  EXPECT_EQ(count([&] {
              client session(bounds);
              const auto receive = [&](std::string_view text) {
                while (!text.empty()) {
                  const client_step step = session.next(text);
                  text.remove_prefix(step.used);
                  ++events;
                }
              };
              receive("220 s.example\r\n");
              (void)session.send(cmd::ehlo{{"c.example"}}, out);
              receive("250-s.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n");
              (void)session.send(cmd::mail{{{}, "ann", "c.example"}, parameters("SIZE=10")}, out);
              (void)session.send(cmd::rcpt{{{}, "bob", "s.example"}, {}}, out);
              (void)session.send(cmd::data{}, out);
              receive("250 ok\r\n250 ok\r\n354 go\r\n");
              (void)session.send_body("text\r\n.dot\r\n", out);
              (void)session.end_body(out);
              receive("250 queued\r\n");
            }),
            0U);
  EXPECT_EQ(events, 6U);
}

} // namespace
