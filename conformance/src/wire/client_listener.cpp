#include "wire/client_listener.hpp"

#include <array>
#include <map>
#include <optional>

#include "wire/asynchronous.hpp"
#include "wire/certificate.hpp"
#include "wire/close_on_exec.hpp"

namespace postel::conformance {

namespace {

using asio::ip::tcp;
using clock = std::chrono::steady_clock;

// How often it is looked whether a client is still there to connect.
constexpr milliseconds look(20);
// Between separate writes, so that they are likely to travel and be read apart; no more than so many on a connection.
constexpr milliseconds pause(2);
constexpr unsigned most_pauses = 200;

class accepted_wire : public client_wire {
 public:
  accepted_wire(asio::io_context& io, asio::ssl::context& context, tcp::socket socket)
      : io_(io), context_(context), socket_(std::move(socket)) {
    std::error_code ignored;
    close_on_exec(socket_);
    socket_.set_option(tcp::no_delay(true), ignored);
  }
  ~accepted_wire() override { // NOLINT(bugprone-exception-escape): no handler of ours throws
    std::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    socket_.close(ignored);
    run_until(io_, clock::now() + milliseconds(1000), [this] { return !reading_; }); // its handler refers to us
  }

  sent send(std::string_view octets, milliseconds within) override {
    if (broken_) return sent::closed;
    const sent result = write_all(io_, socket_, tls_, octets, within);
    broken_ = result == sent::closed;
    return result;
  }

  received receive(std::string& inbox, milliseconds within) override {
    if (closed_) return received::closed;
    read();
    run_until(io_, clock::now() + within, [this] { return !reading_; });
    if (reading_) {
      std::error_code ignored;
      socket_.cancel(ignored);
      run_until(io_, clock::time_point::max(), [this] { return !reading_; });
    }
    if (!arrived_.empty()) {
      inbox += arrived_;
      arrived_.clear();
      return received::octets;
    }
    return closed_ ? received::closed : received::nothing;
  }

  std::optional<std::string> accept_tls(std::string_view begun, milliseconds within) override {
    if (tls_) return "it is encrypted already";
    if (closed_ || broken_) return "the connection is closed";
    tls_.emplace(socket_, context_);
    bool done = false;
    std::error_code result;
    tls_->async_handshake(asio::ssl::stream_base::server, asio::buffer(begun.data(), begun.size()),
                          [&](std::error_code error, std::size_t) {
                            result = error;
                            done = true;
                          });
    run_until(io_, clock::now() + within, [&] { return done; });
    if (done && !result) return std::nullopt;
    std::error_code ignored;
    if (!done) {
      socket_.cancel(ignored);
      run_until(io_, clock::time_point::max(), [&] { return done; });
    }
    socket_.close(ignored);
    closed_ = broken_ = true;
    return result == asio::error::operation_aborted ? "no handshake in time" : result.message();
  }

  void settle() override {
    if (pauses_ == most_pauses) return;
    ++pauses_;
    run_until(io_, clock::now() + pause, [] { return false; });
  }

 private:
  // One read; none is under way outside receive(), since a TLS stream cannot be read from where it was interrupted between two.
  void read() {
    reading_ = true;
    const auto arrived = [this](std::error_code error, std::size_t got) {
      reading_ = false;
      arrived_.append(block_.data(), got);
      if (error && error != asio::error::operation_aborted) closed_ = true;
    };
    if (tls_)
      tls_->async_read_some(asio::buffer(block_), arrived);
    else
      socket_.async_read_some(asio::buffer(block_), arrived);
  }

  asio::io_context& io_;
  asio::ssl::context& context_;
  tcp::socket socket_;
  std::optional<tls_stream> tls_;
  std::array<char, max_received> block_{};
  std::string arrived_;
  unsigned pauses_ = 0;
  bool reading_ = false;
  bool closed_ = false; // the client has closed its side
  bool broken_ = false; // nothing can be sent any more
};

} // namespace

struct client_listener::state {
  state() : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) { close_on_exec(acceptor); }

  asio::ssl::context& context(certificate_kind shown) {
    const auto [at, fresh] = contexts.try_emplace(shown, asio::ssl::context::tls_server);
    if (fresh) vouching.certify(at->second, shown);
    return at->second;
  }

  const authority vouching;
  std::map<certificate_kind, asio::ssl::context> contexts;
  asio::io_context io;
  tcp::acceptor acceptor;
};

client_listener::client_listener() : state_(std::make_unique<state>()) {}
client_listener::~client_listener() = default;

std::uint16_t client_listener::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::string client_listener::authority_pem() const {
  return state_->vouching.pem();
}

std::unique_ptr<client_wire> client_listener::accept(certificate_kind shown, milliseconds within,
                                                     const std::function<bool()>& given_up) {
  asio::io_context& io = state_->io;
  bool done = false;
  std::error_code result;
  tcp::socket socket(io);
  state_->acceptor.async_accept(socket, [&](std::error_code error) {
    result = error;
    done = true;
  });
  const auto end = clock::now() + within;
  bool gone = false;
  while (!done && !gone && clock::now() < end) {
    gone = given_up(); // a connection that it made before it went is still accepted below
    run_until(io, std::min(end, clock::now() + look), [&] { return done; });
  }
  if (!done) {
    std::error_code ignored;
    state_->acceptor.cancel(ignored);
    run_until(io, clock::time_point::max(), [&] { return done; });
  }
  if (result) return nullptr;
  return std::make_unique<accepted_wire>(io, state_->context(shown), std::move(socket));
}

bool client_listener::drop_waiting() {
  std::error_code error;
  state_->acceptor.non_blocking(true, error);
  bool any = false;
  while (!error) {
    tcp::socket socket(state_->io);
    state_->acceptor.accept(socket, error);
    any = any || !error;
  }
  return any;
}

} // namespace postel::conformance
