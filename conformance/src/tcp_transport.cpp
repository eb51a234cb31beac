#include "tcp_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <vector>

namespace postel::conformance {

namespace {

using asio::ip::tcp;
using clock = std::chrono::steady_clock;

// Runs io until done or the time is over.
template <typename Condition>
void run_until(asio::io_context& io, clock::time_point end, Condition done) {
  while (!done()) {
    if (io.stopped()) io.restart();
    if (io.run_one_until(end) == 0) return;
  }
}

// Pauses between separate writes, so that they are likely to travel and be read apart; no more than so many on a connection.
constexpr milliseconds pause(5);
constexpr unsigned most_pauses = 200;

class tcp_transport : public transport {
 public:
  static std::variant<std::unique_ptr<transport>, target::refusal> connect(const std::vector<tcp::endpoint>& endpoints,
                                                                           milliseconds within) {
    auto self = std::unique_ptr<tcp_transport>(new tcp_transport);
    const auto end = clock::now() + within;
    std::string why = "no address";
    for (const tcp::endpoint& each : endpoints) {
      bool done = false;
      std::error_code result;
      self->socket_ = tcp::socket(self->io_);
      self->socket_.async_connect(each, [&](std::error_code error) {
        result = error;
        done = true;
      });
      run_until(self->io_, end, [&] { return done; });
      if (!done) {
        // The handler refers to this frame: it has to run before the frame is left.
        std::error_code ignored;
        self->socket_.close(ignored);
        run_until(self->io_, clock::time_point::max(), [&] { return done; });
        return target::refusal{fmt::format("no connection within {} ms", within.count())};
      }
      if (!result) {
        std::error_code ignored;
        self->socket_.set_option(tcp::no_delay(true), ignored);
        return std::unique_ptr<transport>(std::move(self));
      }
      why = result.message();
    }
    return target::refusal{why};
  }

  sent send(std::string_view octets, milliseconds within) override {
    if (broken_) return sent::closed;
    bool done = false;
    std::error_code result;
    asio::async_write(socket_, asio::buffer(octets.data(), octets.size()), [&](std::error_code error, std::size_t) {
      result = error;
      done = true;
    });
    // A peer that answers while it reads must not be left waiting for us to take its answers.
    read_on();
    run_until(io_, clock::now() + within, [&] { return done; });
    if (!done) {
      std::error_code ignored;
      socket_.cancel(ignored);
      run_until(io_, clock::time_point::max(), [&] { return done; });
      return result ? sent::stalled : sent::all;
    }
    if (!result) return sent::all;
    broken_ = true;
    return sent::closed;
  }

  received receive(std::string& inbox, milliseconds within) override {
    const auto end = clock::now() + within;
    read_on();
    run_until(io_, end, [this] { return !arrived_.empty() || closed_; });
    if (!arrived_.empty()) {
      const std::size_t some = std::min(arrived_.size(), max_received);
      inbox.append(arrived_, 0, some);
      arrived_.erase(0, some);
      return received::octets;
    }
    return closed_ ? received::closed : received::nothing;
  }

  void settle() override {
    if (pauses_ == most_pauses) return;
    ++pauses_;
    read_on();
    run_until(io_, clock::now() + pause, [] { return false; });
  }

 private:
  tcp_transport() = default;

  // Keeps one read under way while there is room for what it brings.
  void read_on() {
    if (reading_ || closed_ || arrived_.size() >= most_arrived) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(block_), [this](std::error_code error, std::size_t got) {
      reading_ = false;
      arrived_.append(block_.data(), got);
      if (error == asio::error::operation_aborted) return;
      if (error)
        closed_ = true;
      else
        read_on();
    });
  }

  static constexpr std::size_t most_arrived = std::size_t{64} * 1024;

  asio::io_context io_;
  tcp::socket socket_{io_};
  std::array<char, max_received> block_{};
  std::string arrived_;
  unsigned pauses_ = 0;
  bool reading_ = false;
  bool closed_ = false; // the peer has closed, or reset, its side
  bool broken_ = false; // nothing can be sent any more
};

} // namespace

struct tcp_target::addresses {
  std::vector<tcp::endpoint> endpoints;
};

tcp_target::tcp_target(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
tcp_target::~tcp_target() = default;

std::variant<std::unique_ptr<transport>, target::refusal> tcp_target::connect(milliseconds within) {
  if (!addresses_) {
    asio::io_context io;
    tcp::resolver resolver(io);
    bool done = false;
    std::error_code result;
    auto found = std::make_unique<addresses>();
    resolver.async_resolve(host_, fmt::format("{}", port_), tcp::resolver::numeric_service,
                           [&](std::error_code error, const tcp::resolver::results_type& results) {
                             result = error;
                             for (const auto& each : results) found->endpoints.push_back(each.endpoint());
                             done = true;
                           });
    run_until(io, clock::now() + within, [&] { return done; });
    if (!done) return refusal{fmt::format("the name was not resolved within {} ms", within.count())};
    if (result) return refusal{result.message()};
    addresses_ = std::move(found);
  }
  return tcp_transport::connect(addresses_->endpoints, within);
}

} // namespace postel::conformance
