// The player over real sockets, against peers that mean no good.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "cases.hpp"
#include "hostile_peer.hpp"
#include "run/run.hpp"
#include "wire/tcp_transport.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using clock_type = std::chrono::steady_clock;

// Resident memory of this process, in octets.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0;
  std::size_t pages = 0;
  statm >> all >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

constexpr std::size_t bounded = std::size_t{24} * 1024 * 1024;

struct tried {
  run_result result;
  std::chrono::milliseconds took;
  std::size_t grown; // resident memory
};

constexpr const char* ehlo_and_noop = "C: EHLO {client}\nS: 250\nC: NOOP\nS: 250\n";

// How long a reply may take: short where it is waited for in vain.
constexpr milliseconds brief(1000);
constexpr milliseconds ample(20'000);
// Long enough for a busy machine, and much less than what a peer that is waited for without end takes.
constexpr milliseconds soon(15'000);

// Plays steps as a case of level MUST, three times over.
tried try_peer(std::uint16_t port, milliseconds patience_for_replies, const std::string& steps = ehlo_and_noop) {
  std::string content;
  for (const char* const name : {"a", "b", "c"})
    content += std::string("== rfc5321/1/") + name + " MUST server\n x\n" + steps;
  const auto cases = cases_of(content);
  tcp_target peer("127.0.0.1", port);
  const std::size_t before = resident();
  const auto start = clock_type::now();
  tried done;
  done.result = run_cases(cases, peer, full_environment(), {patience_for_replies, milliseconds(100)});
  done.took = std::chrono::duration_cast<milliseconds>(clock_type::now() - start);
  const std::size_t after = resident();
  done.grown = after > before ? after - before : 0;
  return done;
}

// Greets and answers EHLO, so that the run gets beyond its probe; then each connection goes on with rest.
std::function<void(const hostile_peer::client&)> behind_ehlo(std::function<void(const hostile_peer::client&)> rest) {
  return [rest = std::move(rest),
          connections = std::make_shared<std::atomic<int>>(0)](const hostile_peer::client& client) {
    if (!client.send("220 host\r\n") || !client.read_line() || !client.send("250 host\r\n") || !client.read_line())
      return;
    if ((*connections)++ == 0)
      client.send("221 bye\r\n"); // to the probe's QUIT
    else
      rest(client);
  };
}

TEST(target_that, refuses) {
  const tried done = try_peer(free_port(), ample);
  EXPECT_EQ(done.result.untestable, "Connection refused");
  EXPECT_LT(done.took, soon);
}

TEST(target_that, has_no_such_name) {
  tcp_target peer("no-such-host.invalid", 25);
  const auto wire = peer.connect(milliseconds(2000));
  EXPECT_TRUE(std::holds_alternative<target::refusal>(wire));
}

TEST(target_that, says_nothing) {
  hostile_peer peer([](const auto& client) { client.hang(); });
  const tried done = try_peer(peer.port(), brief);
  EXPECT_EQ(done.result.untestable, "no greeting within 1000 ms");
  EXPECT_GE(done.took, brief);
  EXPECT_LT(done.took, soon);
}

TEST(target_that, closes_at_once) {
  hostile_peer peer([](const auto&) {});
  EXPECT_EQ(try_peer(peer.port(), ample).result.untestable, "it closes the connection at once");
}

TEST(target_that, says_half_a_greeting) {
  hostile_peer peer([](const auto& client) {
    client.send("220-host\r\n220");
    client.hang();
  });
  const tried done = try_peer(peer.port(), brief);
  EXPECT_EQ(done.result.untestable, "its greeting is not 220: malformed reply (its end did not come in time)");
  EXPECT_LT(done.took, soon);
}

TEST(target_that, drips) {
  hostile_peer peer([](const auto& client) {
    while (client.send("2")) ::usleep(20'000);
  });
  const tried done = try_peer(peer.port(), brief);
  EXPECT_EQ(done.result.untestable, "its greeting is not 220: malformed reply (its end did not come in time)");
  EXPECT_LT(done.took, soon);
}

TEST(target_that, floods_with_a_line_without_end) {
  const std::string flood(std::size_t{1024} * 1024, '2');
  hostile_peer peer([&](const auto& client) {
    while (client.send(flood)) {
    }
  });
  const tried done = try_peer(peer.port(), ample);
  EXPECT_EQ(done.result.untestable, "its greeting is not 220: malformed reply (more than 65536 octets)");
  EXPECT_LT(done.took, soon);
  EXPECT_LT(done.grown, bounded);
}

TEST(target_that, floods_with_lines) {
  std::string flood;
  while (flood.size() < std::size_t{1024} * 1024) flood += "220-and one more line\r\n";
  hostile_peer peer([&](const auto& client) {
    while (client.send(flood)) {
    }
  });
  const tried done = try_peer(peer.port(), ample);
  EXPECT_EQ(done.result.untestable, "its greeting is not 220: malformed reply (more than 65536 octets)");
  EXPECT_LT(done.grown, bounded);
}

TEST(target_that, floods_behind_ehlo) {
  std::string flood;
  while (flood.size() < std::size_t{1024} * 1024) flood += "250 one\r\n";
  hostile_peer peer(behind_ehlo([&](const auto& client) {
    while (client.send(flood)) {
    }
  }));
  const tried done = try_peer(peer.port(), ample, "C: EHLO {client}\nS: 250\nC: NOOP\nS: 250\nS: silence\n");
  EXPECT_EQ(done.result.untestable, std::nullopt);
  ASSERT_EQ(done.result.count(verdict::fail), 3U);
  EXPECT_EQ(done.result.outcomes[0].reason, "expected silence, got 250");
  EXPECT_LT(done.took, soon);
  EXPECT_LT(done.grown, bounded);
}

TEST(target_that, hangs_behind_ehlo) {
  hostile_peer peer(behind_ehlo([](const auto& client) { client.hang(); }));
  const tried done = try_peer(peer.port(), brief);
  EXPECT_EQ(done.result.untestable, std::nullopt);
  EXPECT_EQ(done.result.count(verdict::fail), 3U);
  EXPECT_EQ(done.result.outcomes[0].reason, "expected 250, got silence");
}

TEST(target_that, sends_half_a_reply_and_closes) {
  hostile_peer peer(behind_ehlo([](const auto& client) { client.send("250-a\r\n250"); }));
  const tried done = try_peer(peer.port(), ample);
  EXPECT_EQ(done.result.count(verdict::fail), 3U);
  EXPECT_EQ(done.result.outcomes[0].reason, "expected 250, got malformed reply (closed in the middle of it)");
}

TEST(target_that, closes_behind_ehlo) {
  hostile_peer peer(behind_ehlo([](const auto&) {}));
  const tried done = try_peer(peer.port(), ample);
  EXPECT_EQ(done.result.outcomes.at(0).reason, "expected 250, got closed");
  EXPECT_EQ(try_peer(peer.port(), ample, "C: EHLO {client}\nS?: 250\nC: NOOP\nS: closed\n").result.count(verdict::pass),
            3U);
}

TEST(target_that, reads_nothing) {
  hostile_peer peer(behind_ehlo([](const auto& client) { client.hang(); }));
  const tried done =
      try_peer(peer.port(), brief, "C: EHLO {client}\nS?: 250\nC: NOOP\nC!: {x*10000000}{y*10000000}\nS: any\n");
  EXPECT_EQ(done.result.count(verdict::error), 3U);
  EXPECT_EQ(done.result.outcomes.at(0).reason, "the target takes no more input");
  EXPECT_LT(done.grown, bounded);
}

TEST(target_that, answers_before_it_has_read_all) {
  // Its replies fill the line back, and it reads on only when they were taken.
  std::string replies;
  while (replies.size() < std::size_t{48} * 1024) replies += "250 one\r\n";
  hostile_peer peer(behind_ehlo([&](const auto& client) {
    if (client.send(replies))
      while (client.read_line()) {
      }
  }));
  const tried done = try_peer(peer.port(), ample, "C: EHLO {client}\nS?: 250\nC: NOOP\nC: {x*2000000}\nS: 250\n");
  EXPECT_EQ(done.result.count(verdict::pass), 3U) << done.result.outcomes.at(0).reason;
}

TEST(target_that, goes_away) {
  auto connections = std::make_shared<std::atomic<int>>(0);
  hostile_peer peer([connections](const auto& client) {
    if ((*connections)++ > 1) return;
    if (client.send("220 host\r\n") && client.read_line()) client.send("250 host\r\n");
    client.read_line();
    client.send("250 ok\r\n");
    client.read_line();
  });
  const tried done = try_peer(peer.port(), ample);
  EXPECT_EQ(done.result.untestable, "it no longer answers: it closes the connection at once");
  ASSERT_EQ(done.result.outcomes.size(), 2U);
  EXPECT_EQ(done.result.outcomes[0].result, verdict::pass);
  EXPECT_EQ(done.result.outcomes[1].result, verdict::error);
}

} // namespace
