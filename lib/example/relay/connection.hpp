// A socket with a time limit on each read and write.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace relay {

class connection : public std::enable_shared_from_this<connection> {
 public:
  using duration = std::chrono::steady_clock::duration;

  explicit connection(asio::ip::tcp::socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {}

  [[nodiscard]] asio::ip::tcp::socket& socket() noexcept { return socket_; }
  // Why the last operation failed: it took longer than it may.
  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

  asio::awaitable<bool> connect(const asio::ip::tcp::resolver::results_type& where, duration limit) {
    asio::error_code error;
    arm(limit);
    co_await asio::async_connect(socket_, where, asio::redirect_error(asio::use_awaitable, error));
    timer_.cancel();
    if (!error) talk_at_once();
    co_return !error;
  }
  // What is written together is sent together: nothing is gained by waiting for more (Nagle), and much time lost.
  void talk_at_once() {
    asio::error_code ignored;
    (void)socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  // Appends at most a block to unread. False if the other side has ended, or nothing came in time, or interrupt() was called.
  asio::awaitable<bool> read(std::string& unread, duration limit) {
    constexpr std::size_t block = std::size_t{16} * 1024;
    const std::size_t size = unread.size();
    unread.resize(size + block);
    asio::error_code error;
    arm(limit);
    reading_ = true;
    const std::size_t octets = co_await socket_.async_read_some(asio::buffer(unread.data() + size, block),
                                                                asio::redirect_error(asio::use_awaitable, error));
    reading_ = false;
    timer_.cancel();
    unread.resize(size + octets);
    co_return !error && octets != 0;
  }
  template <typename Buffers>
  asio::awaitable<bool> write(Buffers octets, duration limit) {
    asio::error_code error;
    arm(limit);
    co_await asio::async_write(socket_, octets, asio::redirect_error(asio::use_awaitable, error));
    timer_.cancel();
    co_return !error;
  }
  // Ends a read that is under way, and nothing else.
  void interrupt() {
    if (reading_) socket_.cancel();
  }

 private:
  void arm(duration limit) {
    timed_out_ = false;
    timer_.expires_after(limit);
    timer_.async_wait([weak = weak_from_this()](asio::error_code error) {
      const auto self = weak.lock();
      // It may have been set anew since this was queued.
      if (error || !self || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
      self->timed_out_ = true;
      asio::error_code ignored;
      self->socket_.cancel(ignored);
    });
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  bool reading_ = false, timed_out_ = false;
};

} // namespace relay
