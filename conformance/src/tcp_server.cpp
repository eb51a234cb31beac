#include "tcp_server.hpp"

#include <array>
#include <asio.hpp>
#include <csignal>
#include <string>
#include <string_view>

#include "application.hpp"

namespace postel::conformance {

using asio::ip::tcp;

struct tcp_server::state {
  state(const policy& offered, const options& chosen)
      : rules(offered),
        wanted(chosen),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), chosen.port)),
        port(acceptor.local_endpoint().port()) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { ending = true; }

  void accept();
  void ended() {
    if (connections-- == wanted.most_connections && !ending) accept();
  }

  // What a connection's destructor uses stands before io: connections may live until io is destroyed.
  const policy& rules;
  const options wanted;
  std::size_t connections = 0;
  bool ending = false;
  asio::io_context io;
  tcp::acceptor acceptor;
  const std::uint16_t port;
  asio::steady_timer retry{io};
  asio::signal_set signals{io};
};

// One client. Each operation's handler keeps it alive; it ends when none is under way.
class tcp_server::connection : public std::enable_shared_from_this<connection> {
 public:
  connection(state& all, tcp::socket socket)
      : all_(all), socket_(std::move(socket)), timer_(all.io), session_(all.rules), application_(all.wanted.store) {
    ++all_.connections;
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { all_.ended(); }

  void start() {
    std::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    session_.open(out_);
    write();
  }

 private:
  // While a write is under way nothing is read: a client that does not take its replies is not given more of them.
  static constexpr std::size_t most_output = std::size_t{64} * 1024;
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

  void read() {
    within(all_.wanted.idle, [this] { idle(); });
    socket_.async_read_some(asio::buffer(block_), [self = shared_from_this()](std::error_code error, std::size_t got) {
      self->timer_.cancel();
      if (self->idle_) return self->say_goodbye();
      // At the client's end everything it sent was dealt with, and every reply was written, before this read began.
      if (error) return self->cut();
      self->unread_.append(self->block_.data(), got);
      self->process();
    });
  }

  void process() {
    std::size_t used = 0;
    bool more = true;
    while (more && out_.size() < most_output) {
      const server_step step = session_.next(std::string_view(unread_).substr(used), out_);
      more = !std::holds_alternative<event::need_more>(step.event);
      if (more) application_.handle(step.event, session_, out_);
      used += step.used;
    }
    unread_.erase(0, used);
    unfinished_ = more;
    if (out_.empty())
      read();
    else
      write();
  }

  void write() {
    within(all_.wanted.idle, [this] { cut(); });
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](std::error_code error, std::size_t) {
      self->timer_.cancel();
      if (error) return self->cut();
      self->out_.clear();
      if (self->idle_ || self->session_.closed())
        self->finish();
      else if (self->unfinished_)
        self->process();
      else
        self->read();
    });
  }

  // RFC 5321 3.8: 421 before the server closes on its own account.
  void idle() {
    idle_ = true;
    std::error_code ignored;
    socket_.cancel(ignored); // the read's handler goes on
  }
  void say_goodbye() {
    const auto written =
        append(out_, reply{421, "closing: nothing was said for too long", enhanced_status_code{4, 4, 2}});
    if (!written) return cut();
    write();
  }

  // To close while octets of the client are unread would make TCP reset the connection and perhaps lose the last reply.
  void finish() {
    std::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    within(linger, [this] { cut(); });
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
  asio::steady_timer timer_;
  server session_;
  application application_;
  std::array<char, std::size_t{16} * 1024> block_{};
  std::string unread_;
  std::string out_;
  std::size_t discarded_ = 0;
  bool unfinished_ = false; // unread_ may hold whole commands
  bool idle_ = false;
};

void tcp_server::state::accept() {
  acceptor.async_accept([this](std::error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors, most likely: they come back when connections end.
      retry.expires_after(std::chrono::milliseconds(100));
      retry.async_wait([this](std::error_code aborted) {
        if (!aborted) accept();
      });
      return;
    }
    std::make_shared<connection>(*this, std::move(socket))->start();
    if (connections < wanted.most_connections) accept();
  });
}

tcp_server::tcp_server(const policy& rules, const options& wanted) : state_(std::make_unique<state>(rules, wanted)) {
  state_->accept();
}

tcp_server::~tcp_server() = default;

std::uint16_t tcp_server::port() const {
  return state_->port;
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
