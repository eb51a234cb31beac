#include "wire/asynchronous.hpp"

namespace postel::conformance {

transport::sent write_all(asio::io_context& io, asio::ip::tcp::socket& socket, std::optional<tls_stream>& tls,
                          std::string_view octets, milliseconds within) {
  using clock = std::chrono::steady_clock;
  bool done = false;
  std::error_code result;
  const auto written = [&](std::error_code error, std::size_t) {
    result = error;
    done = true;
  };
  if (tls)
    asio::async_write(*tls, asio::buffer(octets.data(), octets.size()), written);
  else
    asio::async_write(socket, asio::buffer(octets.data(), octets.size()), written);
  run_until(io, clock::now() + within, [&] { return done; });
  if (done) return result ? transport::sent::closed : transport::sent::all;
  std::error_code ignored;
  socket.cancel(ignored);
  run_until(io, clock::time_point::max(), [&] { return done; });
  return result ? transport::sent::stalled : transport::sent::all;
}

} // namespace postel::conformance
