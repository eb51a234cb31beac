// What drain.hpp says, for Asio.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>

#include "drain.hpp"

// As drain(). The socket is one that nobody else reads from; the io_context is run by one thread.
inline asio::awaitable<void> drain(asio::ip::tcp::socket& socket) {
  asio::error_code error;
  (void)socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  // The timer's handler may be queued already when we are done, and the socket gone: then so is this.
  const auto draining = std::make_shared<bool>(true);
  asio::steady_timer limit(socket.get_executor(), drain_time);
  limit.async_wait([&socket, still = std::weak_ptr<bool>(draining)](asio::error_code cancelled) {
    asio::error_code ignored;
    if (!cancelled && !still.expired()) (void)socket.cancel(ignored);
  });
  std::array<char, 4096> block;
  for (std::size_t read = 0; read < drain_octets && !error;)
    read += co_await socket.async_read_some(asio::buffer(block), asio::redirect_error(asio::use_awaitable, error));
}
