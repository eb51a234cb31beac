#include "serve/tcp_server.hpp"

#include <array>
#include <asio.hpp>
#include <asio/ssl.hpp>
#include <csignal>
#include <list>
#include <string>
#include <string_view>
#include <variant>

#include "wire/certificate.hpp"
#include "wire/close_on_exec.hpp"

namespace postel::conformance {

using asio::ip::tcp;

struct tcp_server::state {
  struct listener {
    listener(asio::io_context& io, std::uint16_t port, bool with_tls)
        : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), port)), tls(with_tls), retry(io) {
      close_on_exec(acceptor);
    }
    tcp::acceptor acceptor;
    const bool tls; // before the greeting
    bool accepting = false;
    asio::steady_timer retry;
  };

  state(const policy& offered, const options& chosen) : rules(offered), wanted(chosen) {
    use_self_signed_certificate(context);
    listeners.emplace_back(io, chosen.port, false);
    if (chosen.tls_port) listeners.emplace_back(io, *chosen.tls_port, true);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { ending = true; }

  void accept_all() {
    for (listener& each : listeners)
      if (!each.accepting) accept(each);
  }
  void accept(listener& from);
  void ended() {
    if (connections-- == wanted.most_connections && !ending) accept_all();
  }

  // What a connection's destructor uses stands before io: connections may live until io is destroyed.
  const policy& rules;
  const options wanted;
  std::size_t connections = 0;
  bool ending = false;
  asio::ssl::context context{asio::ssl::context::tls_server};
  asio::io_context io;
  std::list<listener> listeners;
  asio::signal_set signals{io};
};

// One client. Each operation's handler keeps it alive; it ends when none is under way.
class tcp_server::connection : public std::enable_shared_from_this<connection> {
 public:
  connection(state& all, tcp::socket socket)
      : all_(all),
        socket_(std::move(socket)),
        timer_(all.io),
        session_(all.rules),
        application_(all.wanted.mail, all.wanted.store) {
    ++all_.connections;
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { all_.ended(); }

  void start(bool with_tls) {
    std::error_code ignored;
    close_on_exec(socket_);
    socket_.set_option(tcp::no_delay(true), ignored);
    if (with_tls) return handshake();
    if (!session_.open(out_)) return cut();
    write();
  }

 private:
  // What a client may still send after the end before the connection is cut.
  static constexpr std::size_t most_discarded = std::size_t{1024} * 1024;
  static constexpr std::chrono::seconds linger{5};

  template <typename Expired>
  void within(std::chrono::milliseconds time, Expired expired) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this(), expired](std::error_code error) {
      if (!error) expired();
    });
  }
  void cut() {
    std::error_code ignored;
    socket_.close(ignored);
  }

  // What the session was told of the client in clear does not count any more (RFC 3207 4.2); nor do octets that came behind STARTTLS.
  void handshake() {
    unread_.clear();
    tls_.emplace(socket_, all_.context);
    within(all_.wanted.idle, [this] { cut(); });
    tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](std::error_code error) {
      self->timer_.cancel();
      const bool first = self->session_.current_state() == server::state::unopened;
      if (error || !self->session_.tls_started()) return self->cut();
      if (!first) return self->read();
      if (!self->session_.open(self->out_)) return self->cut();
      self->write();
    });
  }

  template <typename Handler>
  void read_some(Handler handler) {
    if (tls_)
      tls_->async_read_some(asio::buffer(block_), std::move(handler));
    else
      socket_.async_read_some(asio::buffer(block_), std::move(handler));
  }

  // The client has the idle time for a whole command line, or for a block of a message: octets alone give it no more, or one octet a
  // minute would keep a connection for ever.
  void read() {
    if (!waiting_since_) waiting_since_ = std::chrono::steady_clock::now();
    const auto left = *waiting_since_ + all_.wanted.idle - std::chrono::steady_clock::now();
    within(std::chrono::ceil<std::chrono::milliseconds>(left), [this] { idle(); });
    read_some([self = shared_from_this()](std::error_code error, std::size_t got) {
      self->timer_.cancel();
      if (self->idle_) return self->say_goodbye();
      // At the client's end everything it sent was dealt with, and every reply was written, before this read began.
      if (error) return self->cut();
      self->unread_.append(self->block_.data(), got);
      self->process();
    });
  }

  void process() {
    const std::size_t before = unread_.size();
    bool got_on = false;
    const auto waits = take_steps(session_, unread_, out_, [&](const server_event& what) {
      got_on = got_on || !std::holds_alternative<event::body>(what);
      application_.handle(what, session_, out_);
    });
    unfinished_ = waits == event::wait::reason::output;
    taken_ += before - unread_.size();
    if (got_on || !out_.empty() || taken_ >= tcp_server::block) {
      taken_ = 0;
      waiting_since_.reset();
    }
    if (out_.empty())
      read();
    else
      write();
  }

  // While it is under way nothing is read: a client that does not take its replies is not given more of them.
  void write() {
    within(all_.wanted.idle, [this] { cut(); });
    auto written = [self = shared_from_this()](std::error_code error, std::size_t) {
      self->timer_.cancel();
      if (error) return self->cut();
      self->out_.clear();
      if (self->idle_ || self->session_.closed())
        self->finish();
      else if (self->session_.current_state() == server::state::tls)
        self->handshake();
      else if (self->unfinished_)
        self->process();
      else
        self->read();
    };
    if (tls_)
      asio::async_write(*tls_, asio::buffer(out_), std::move(written));
    else
      asio::async_write(socket_, asio::buffer(out_), std::move(written));
  }

  // RFC 5321 3.8: 421 before the server closes on its own account.
  void idle() {
    idle_ = true;
    std::error_code ignored;
    socket_.cancel(ignored); // the read's handler goes on
  }
  void say_goodbye() {
    session_.timed_out(out_);
    write();
  }

  // To close while octets of the client are unread would make TCP reset the connection and perhaps lose the last reply.
  void finish() {
    within(linger, [this] { cut(); });
    if (!tls_) return end_sending();
    // Sends our close_notify; the client's is not waited for: whatever comes next ends this.
    tls_->async_shutdown([self = shared_from_this()](std::error_code) { self->end_sending(); });
  }
  void end_sending() {
    std::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    discard();
  }
  void discard() {
    socket_.async_read_some(asio::buffer(block_), [self = shared_from_this()](std::error_code error, std::size_t got) {
      self->discarded_ += got;
      if (!error && self->discarded_ < most_discarded) return self->discard();
      self->timer_.cancel();
      self->cut();
    });
  }

  state& all_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  asio::steady_timer timer_;
  server session_;
  application application_;
  std::array<char, std::size_t{16} * 1024> block_{};
  std::string unread_;
  std::string out_;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_; // for a command, or a block of a message
  std::size_t taken_ = 0;                                              // octets of the session since then
  std::size_t discarded_ = 0;
  bool unfinished_ = false; // unread_ may hold whole commands
  bool idle_ = false;
};

void tcp_server::state::accept(listener& from) {
  from.accepting = true;
  from.acceptor.async_accept([this, &from](std::error_code error, tcp::socket socket) {
    from.accepting = false;
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors, most likely: they come back when connections end.
      from.accepting = true;
      from.retry.expires_after(std::chrono::milliseconds(100));
      from.retry.async_wait([this, &from](std::error_code aborted) {
        if (!aborted) accept(from);
      });
      return;
    }
    std::make_shared<connection>(*this, std::move(socket))->start(from.tls);
    if (connections < wanted.most_connections) accept(from);
  });
}

tcp_server::tcp_server(const policy& rules, const options& wanted) : state_(std::make_unique<state>(rules, wanted)) {
  state_->accept_all();
}

tcp_server::~tcp_server() = default;

std::uint16_t tcp_server::port() const {
  return state_->listeners.front().acceptor.local_endpoint().port();
}
std::uint16_t tcp_server::tls_port() const {
  return state_->listeners.size() == 1 ? std::uint16_t{0} : state_->listeners.back().acceptor.local_endpoint().port();
}
void tcp_server::run() {
  state_->io.run();
}
void tcp_server::stop() {
  state_->io.stop();
}

void tcp_server::stop_on_signals() {
  state_->signals.add(SIGTERM);
  state_->signals.add(SIGINT);
  state_->signals.async_wait([this](std::error_code error, int) {
    if (!error) stop();
  });
}

} // namespace postel::conformance
