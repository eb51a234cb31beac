// From octets to event nothing is allocated: neither by the parsers nor by the sessions, as long as the caller's output has room.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "postel/body.hpp"
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
              session.open(out);
              for (std::size_t at = 0; !session.closed();) {
                const server_step step = session.next(std::string_view(input).substr(at), out);
                at += step.used;
                if (session.answer_owed()) session.accept(out);
              }
            }),
            0U);
  EXPECT_TRUE(out.ends_with("221 2.0.0 Bye\r\n"));
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
