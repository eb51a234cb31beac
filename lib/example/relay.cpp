// An SMTP relay of both sessions of the library: it receives from many clients at once, keeps every message in a spool before it answers for
// it, and hands it to one smarthost, by SMTP or LMTP, until that takes it or time is over. README.md says what it does and what it does not.
#include <unistd.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/signal_set.hpp>
#include <asio/thread_pool.hpp>
#include <csignal>
#include <memory>
#include <set>
#include <string>

#include "asio_drain.hpp"
#include "descriptors.hpp"
#include "postel/address.hpp"
#include "postel/server.hpp"
#include "relay/options.hpp"
#include "relay/queue.hpp"
#include "relay/receive.hpp"
#include "relay/service.hpp"
#include "relay/spool.hpp"

namespace relay {
namespace {

using asio::ip::tcp;

class program {
 public:
  explicit program(const options& rules)
      : rules_(rules),
        policy_(server_policy(rules_)),
        all_{rules_, context_, disk_, spool_},
        queue_(all_),
        acceptor_(context_),
        signals_(context_, SIGTERM, SIGINT),
        grace_(context_) {}

  int run() {
    std::string why;
    if (!spool_.open(rules_.spool, why)) return say(why), 1;
    auto ids = spool_.resume(why);
    if (!ids || !listen(why)) return say(why), 1;
    for (std::string& id : *ids) queue_.add(std::move(id));
    all_.ended = [this] { finish(); };
    signals_.async_wait([this](asio::error_code error, int) {
      if (!error) stop();
    });
    asio::co_spawn(context_, accept(), asio::detached);
    context_.run();
    disk_.join();
    return 0;
  }

 private:
  bool listen(std::string& why) {
    asio::error_code error;
    tcp::resolver resolver(context_);
    const auto where = resolver.resolve(rules_.listen_address, rules_.listen_port, tcp::resolver::passive, error);
    if (!error) {
      const tcp::endpoint here = *where.begin();
      (void)acceptor_.open(here.protocol(), error);
      if (!error) (void)acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) (void)acceptor_.bind(here, error);
      if (!error) (void)acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
      why = rules_.listen_address + ":" + rules_.listen_port + ": " + error.message();
      return false;
    }
    say("listening on ", rules_.listen_address, ":", std::to_string(acceptor_.local_endpoint().port()));
    return true;
  }

  asio::awaitable<void> accept() {
    while (!all_.stopping) {
      asio::error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (all_.stopping) co_return;
      if (error) {
        // No descriptors, most likely: they come back.
        asio::steady_timer later(context_, std::chrono::milliseconds(100));
        co_await later.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      asio::co_spawn(context_, serve(std::make_shared<connection>(std::move(socket))), asio::detached);
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<connection> client) {
    if (clients_.size() >= 2 * rules_.clients) {
      // Whoever is waited for takes memory: these have what they take at once.
      asio::error_code ignored;
      (void)client->socket().non_blocking(true, ignored);
      (void)client->socket().write_some(asio::buffer(too_many()), ignored);
      co_return;
    }
    clients_.insert(client);
    client->talk_at_once();
    if (clients_.size() > rules_.clients) {
      if (co_await client->write(asio::buffer(too_many()), std::chrono::seconds(10))) co_await drain(client->socket());
    } else {
      co_await receive(all_, policy_, client);
    }
    clients_.erase(client);
    if (all_.stopping) finish();
  }

  [[nodiscard]] const std::string& too_many() {
    if (too_many_.empty())
      (void)postel::server(policy_).decline({421, "Too many connections", postel::enhanced_status_code{4, 3, 2}},
                                            too_many_);
    return too_many_;
  }

  // RFC 5321 3.8: nobody is cut off in the middle of what he is owed an answer to, within the time of grace.
  void stop() {
    all_.stopping = true;
    asio::error_code ignored;
    (void)acceptor_.close(ignored);
    queue_.stop();
    for (const auto& client : clients_) client->interrupt();
    grace_.expires_after(rules_.grace);
    grace_.async_wait([this](asio::error_code error) {
      if (!error) context_.stop();
    });
    signals_.async_wait([this](asio::error_code error, int) {
      if (!error) context_.stop(); // asked twice
    });
    finish();
  }

  void finish() {
    if (!clients_.empty() || queue_.active() != 0) return;
    grace_.cancel();
    signals_.cancel();
  }

  const options& rules_;
  relay::spool spool_;
  asio::thread_pool disk_{8};
  asio::io_context context_{1};
  postel::policy policy_;
  service all_;
  queue queue_;
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer grace_;
  std::set<std::shared_ptr<connection>> clients_;
  std::string too_many_; // the reply to those
};

// As many descriptors as all that may go on at once needs. Where there are fewer, less goes on: who runs out of them can neither take a
// message nor send one.
void fit_to_descriptors(options& rules) {
  constexpr std::size_t client = 3;   // its socket, a message, and the socket of one whom we decline
  constexpr std::size_t delivery = 3; // a message, a socket, a report
  constexpr std::size_t reserve = 32; // the spool, the listener, Asio's own, what the resolver opens
  const std::size_t wanted = rules.clients * client + rules.deliveries * delivery + reserve;
  const std::size_t there = ask_for_descriptors(wanted);
  if (there >= wanted) return;
  const std::size_t half = (std::max(there, reserve) - reserve) / 2;
  rules.clients = std::clamp<std::size_t>(half / client, 1, rules.clients);
  rules.deliveries = std::clamp<std::size_t>(half / delivery, 1, rules.deliveries);
  say(std::to_string(there), " descriptors: ", std::to_string(rules.clients), " clients and ",
      std::to_string(rules.deliveries), " deliveries at a time");
}

} // namespace
} // namespace relay

int main(int argc, char** argv) {
  std::string why;
  auto rules = relay::parse_options(argc, argv, why);
  if (!rules) return relay::say(why, "\n", relay::usage), 2;
  const auto name = postel::parse_domain(rules->host);
  if (!name || name->form != postel::host_form::domain) return relay::say("--host: no domain"), 2;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  relay::fit_to_descriptors(*rules);
  relay::program whole(*rules);
  return whole.run();
}
