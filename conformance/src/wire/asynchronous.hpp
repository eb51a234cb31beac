// What both kinds of connections do with asynchronous operations: wait for one at a time.
#pragma once

#include <asio.hpp>
#include <asio/ssl.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "play/transport.hpp"

namespace postel::conformance {

using tls_stream = asio::ssl::stream<asio::ip::tcp::socket&>;

// Runs io until done() or the time is over.
template <typename Condition>
void run_until(asio::io_context& io, std::chrono::steady_clock::time_point end, Condition done) {
  while (!done()) {
    if (io.stopped()) io.restart();
    if (io.run_one_until(end) == 0) return;
  }
}

// Writes all octets, to tls if there is one. What is not written within the time is given up.
[[nodiscard]] transport::sent write_all(asio::io_context& io, asio::ip::tcp::socket& socket,
                                        std::optional<tls_stream>& tls, std::string_view octets, milliseconds within);

} // namespace postel::conformance
