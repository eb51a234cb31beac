// TLS over real sockets: the built-in server and the player with each other, and each with peers that mean no good.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "cases.hpp"
#include "hostile_peer.hpp"
#include "play/player.hpp"
#include "run/run.hpp"
#include "serve/application.hpp"
#include "serve/tcp_server.hpp"
#include "wire/tcp_transport.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using clock_type = std::chrono::steady_clock;

class running {
 public:
  running() : server_(rules_, options()), thread_([this] { server_.run(); }) {}
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::uint16_t tls_port() const { return server_.tls_port(); }

 private:
  static tcp_server::options options() {
    tcp_server::options wanted;
    wanted.tls_port = 0;
    return wanted;
  }
  const postel::policy rules_ = built_in_policy();
  tcp_server server_;
  std::thread thread_;
};

// Plays the steps as one case of level MUST.
outcome play_steps(tcp_target& peer, const std::string& steps, const environment& values = full_environment()) {
  const auto cases = cases_of("== a/1/x MUST server\n x\n" + steps);
  auto wire = peer.connect(milliseconds(20'000));
  if (const auto* refused = std::get_if<target::refusal>(&wire)) {
    ADD_FAILURE() << refused->why;
    return {};
  }
  outcome result = play(cases.at(0), *std::get<std::unique_ptr<transport>>(wire), values, {});
  return result;
}

constexpr const char* session_in_tls =
    "C: EHLO {client}\nS: 250, offers \"STARTTLS\"\nC: STARTTLS\nS: 220\ntls:\n"
    "C: EHLO {client}\nS: 250, does not offer \"STARTTLS\", offers \"AUTH PLAIN\"\n"
    "C: MAIL FROM:<{sender}>\nS: 250\nC: RCPT TO:<bob@example.org>\nS: 250\nC: DATA\nS: 354\n"
    "C!/100: {a line of text\\r\\n*1000}.\\r\\n\nS: 250\n"
    "C: MAIL FROM:<{sender}>\nS: 250\nC: RCPT TO:<bob@example.org>\nS: 250\n"
    "C: BDAT 3000000 LAST\nC!: {x*3000000}\nS: 250\nC: QUIT\nS: 221\nS: closed\n";

TEST(tls, behind_starttls) {
  const running here;
  tcp_target peer("127.0.0.1", here.port());
  const outcome result = play_steps(peer, session_in_tls);
  EXPECT_EQ(result.result, verdict::pass) << result.reason;
}

TEST(tls, from_the_start) {
  const running here;
  tcp_target peer("localhost", here.tls_port(), {.from_start = true, .verify = false});
  const outcome result =
      play_steps(peer, "C: EHLO {client}\nS: 250, does not offer \"STARTTLS\"\nC: QUIT\nS: 221\nS: closed\n");
  EXPECT_EQ(result.result, verdict::pass) << result.reason;
}

TEST(tls, certificate_is_looked_at_when_asked_for) {
  const running here;
  tcp_target peer("127.0.0.1", here.tls_port(), {.from_start = true, .verify = true});
  const auto wire = peer.connect(milliseconds(20'000));
  ASSERT_TRUE(std::holds_alternative<target::refusal>(wire));
  EXPECT_TRUE(std::get<target::refusal>(wire).why.find("certificate verify failed") != std::string::npos)
      << std::get<target::refusal>(wire).why;
}

TEST(tls, what_stands_behind_starttls_is_not_carried_out) {
  const running here;
  tcp_target peer("127.0.0.1", here.port());
  const outcome result =
      play_steps(peer, "C: EHLO {client}\nS?: 250\nC!: STARTTLS\\r\\nNOOP\\r\\n\nS: 5yz\nS: closed\n");
  EXPECT_EQ(result.result, verdict::pass) << result.reason;
}

TEST(tls, server_closes_where_no_handshake_comes) {
  const running here;
  tcp_target peer("127.0.0.1", here.port());
  // It answers with an alert, which is no reply, and then closes.
  const outcome result =
      play_steps(peer, "C: EHLO {client}\nS?: 250\nC: STARTTLS\nS?: 220\nC: EHLO {client}\nC: NOOP\nS: 250\n");
  EXPECT_EQ(result.result, verdict::fail);
  EXPECT_TRUE(result.reason.starts_with("expected 250, got malformed reply") ||
              result.reason == "expected 250, got closed")
      << result.reason;
}

// ---- the player, and peers that offer TLS and do not mean it

constexpr const char* until_tls = "C: EHLO {client}\nS?: 250\nC: STARTTLS\nS?: 220\ntls:\nC: NOOP\nS: 250\n";

std::function<void(const hostile_peer::client&)> behind_220(std::function<void(const hostile_peer::client&)> rest) {
  return [rest = std::move(rest)](const hostile_peer::client& client) {
    if (client.send("220 host\r\n") && client.read_line() && client.send("250 STARTTLS\r\n") && client.read_line() &&
        client.send("220 go\r\n"))
      rest(client);
  };
}

TEST(tls_peer_that, hangs) {
  hostile_peer hostile(behind_220([](const auto& client) { client.hang(); }));
  tcp_target peer("127.0.0.1", hostile.port());
  const auto cases = cases_of(std::string("== a/1/x MUST server\n x\n") + until_tls);
  auto wire = peer.connect(milliseconds(20'000));
  const auto start = clock_type::now();
  const outcome result = play(cases.at(0), *std::get<std::unique_ptr<transport>>(wire), full_environment(),
                              {milliseconds(1000), milliseconds(100)});
  EXPECT_EQ(result.result, verdict::fail);
  EXPECT_EQ(result.reason, "expected TLS, got no TLS (no handshake in time)");
  EXPECT_LT(clock_type::now() - start, std::chrono::seconds(15));
}

TEST(tls_peer_that, closes) {
  hostile_peer hostile(behind_220([](const auto&) {}));
  tcp_target peer("127.0.0.1", hostile.port());
  const outcome result = play_steps(peer, until_tls);
  EXPECT_EQ(result.result, verdict::fail);
  EXPECT_TRUE(result.reason.starts_with("expected TLS, got no TLS (")) << result.reason;
}

TEST(tls_peer_that, speaks_in_clear) {
  hostile_peer hostile(behind_220([](const auto& client) {
    if (client.read_line()) client.send("500 what\r\n");
    client.hang();
  }));
  tcp_target peer("127.0.0.1", hostile.port());
  const outcome result =
      play_steps(peer, "C: EHLO {client}\nS?: 250\nC: STARTTLS\nS?: 220\nC: x\nS?: any\ntls:\nS: any\n");
  EXPECT_EQ(result.result, verdict::fail);
  EXPECT_TRUE(result.reason.starts_with("expected TLS, got no TLS (")) << result.reason;
}

TEST(tls_peer_that, knows_no_tls_from_the_start) {
  hostile_peer hostile([](const auto& client) {
    client.send("220 host\r\n");
    client.hang();
  });
  tcp_target peer("127.0.0.1", hostile.port(), {.from_start = true, .verify = false});
  const auto wire = peer.connect(milliseconds(20'000));
  ASSERT_TRUE(std::holds_alternative<target::refusal>(wire));
  EXPECT_TRUE(std::get<target::refusal>(wire).why.starts_with("no TLS: ")) << std::get<target::refusal>(wire).why;
}

} // namespace
