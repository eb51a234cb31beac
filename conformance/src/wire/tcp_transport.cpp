#include "wire/tcp_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "wire/asynchronous.hpp"
#include "wire/close_on_exec.hpp"

namespace postel::conformance {

namespace {

using asio::ip::tcp;
using clock = std::chrono::steady_clock;

// Pauses between separate writes, so that they are likely to travel and be read apart; no more than so many on a connection.
constexpr milliseconds pause(5);
constexpr unsigned most_pauses = 200;

// What the connections to a target share.
struct shared {
  std::string host;
  tls_use tls;
  std::vector<tcp::endpoint> endpoints;
  asio::ssl::context context{asio::ssl::context::tls_client};
};

class tcp_transport : public transport {
 public:
  static std::variant<std::unique_ptr<transport>, target::refusal> connect(shared& common, milliseconds within) {
    auto self = std::unique_ptr<tcp_transport>(new tcp_transport(common));
    const auto end = clock::now() + within;
    std::string why = "no address";
    for (const tcp::endpoint& each : common.endpoints) {
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
        close_on_exec(self->socket_);
        self->socket_.set_option(tcp::no_delay(true), ignored);
        if (common.tls.from_start)
          if (const auto failed = self->start_tls(std::chrono::ceil<milliseconds>(end - clock::now())))
            return target::refusal{fmt::format("{}{}", no_tls, *failed)};
        return std::unique_ptr<transport>(std::move(self));
      }
      why = result.message();
    }
    return target::refusal{why};
  }

  sent send(std::string_view octets, milliseconds within) override {
    if (broken_) return sent::closed;
    // A peer that answers while it reads must not be left waiting for us to take its answers.
    read_on();
    const sent result = write_all(io_, socket_, tls_, octets, within);
    broken_ = result == sent::closed;
    return result;
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

  std::optional<std::string> start_tls(milliseconds within) override {
    if (tls_) return "it is encrypted already";
    if (broken_ || closed_) return "the connection is closed";
    const auto end = clock::now() + within;
    // The read that is under way would take the other side's part of the handshake.
    std::error_code ignored;
    socket_.cancel(ignored);
    run_until(io_, clock::time_point::max(), [this] { return !reading_; });
    if (closed_) return "the connection is closed";
    if (!arrived_.empty()) return "more came in clear";

    tls_.emplace(socket_, common_.context);
    std::error_code not_an_address;
    asio::ip::make_address(common_.host, not_an_address);
    if (not_an_address) // RFC 6066 3; the macro SSL_set_tlsext_host_name has an old cast
      SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, common_.host.data());
    if (common_.tls.verify) {
      tls_->set_verify_mode(asio::ssl::verify_peer);
      SSL* const own = tls_->native_handle();
      if (not_an_address) {
        SSL_set_hostflags(own, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT); // RFC 9525 2
        SSL_set1_host(own, common_.host.c_str());
      } else {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(own), common_.host.c_str());
      }
    }
    bool done = false;
    std::error_code result;
    tls_->async_handshake(asio::ssl::stream_base::client, [&](std::error_code error) {
      result = error;
      done = true;
    });
    run_until(io_, end, [&] { return done; });
    if (done && !result) return std::nullopt;
    if (!done) {
      socket_.cancel(ignored);
      run_until(io_, clock::time_point::max(), [&] { return done; });
    }
    // What is left of the connection cannot be read by either side.
    socket_.close(ignored);
    broken_ = closed_ = true;
    return result == asio::error::operation_aborted ? "no handshake in time" : result.message();
  }

  void settle() override {
    if (pauses_ == most_pauses) return;
    ++pauses_;
    read_on();
    run_until(io_, clock::now() + pause, [] { return false; });
  }

 private:
  explicit tcp_transport(shared& common) : common_(common) {}

  // Keeps one read under way while there is room for what it brings.
  void read_on() {
    if (reading_ || closed_ || arrived_.size() >= most_arrived) return;
    reading_ = true;
    const auto arrived = [this](std::error_code error, std::size_t got) {
      reading_ = false;
      arrived_.append(block_.data(), got);
      if (error == asio::error::operation_aborted) return;
      if (error)
        closed_ = true;
      else
        read_on();
    };
    if (tls_)
      tls_->async_read_some(asio::buffer(block_), arrived);
    else
      socket_.async_read_some(asio::buffer(block_), arrived);
  }

  static constexpr std::size_t most_arrived = std::size_t{64} * 1024;

  shared& common_;
  asio::io_context io_;
  tcp::socket socket_{io_};
  std::optional<tls_stream> tls_;
  std::array<char, max_received> block_{};
  std::string arrived_;
  unsigned pauses_ = 0;
  bool reading_ = false;
  bool closed_ = false; // the peer has closed, or reset, its side
  bool broken_ = false; // nothing can be sent any more
};

} // namespace

struct tcp_target::state : shared {
  std::uint16_t port = 0;
  bool resolved = false;
};

tcp_target::tcp_target(std::string host, std::uint16_t port, tls_use tls) : state_(std::make_unique<state>()) {
  state_->host = std::move(host);
  state_->port = port;
  state_->tls = tls;
  std::error_code ignored; // without authorities every certificate is refused, where that is asked for
  state_->context.set_default_verify_paths(ignored);
}
tcp_target::~tcp_target() = default;

std::variant<std::unique_ptr<transport>, target::refusal> tcp_target::connect(milliseconds within) {
  if (!state_->resolved) {
    asio::io_context io;
    tcp::resolver resolver(io);
    bool done = false;
    std::error_code result;
    std::vector<tcp::endpoint> found;
    resolver.async_resolve(state_->host, fmt::format("{}", state_->port), tcp::resolver::numeric_service,
                           [&](std::error_code error, const tcp::resolver::results_type& results) {
                             result = error;
                             for (const auto& each : results) found.push_back(each.endpoint());
                             done = true;
                           });
    run_until(io, clock::now() + within, [&] { return done; });
    if (!done) return refusal{fmt::format("the name was not resolved within {} ms", within.count())};
    if (result) return refusal{result.message()};
    state_->endpoints = std::move(found);
    state_->resolved = true;
  }
  return tcp_transport::connect(*state_, within);
}

} // namespace postel::conformance
