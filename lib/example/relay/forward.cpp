#include "forward.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "connection.hpp"

namespace relay {

namespace {

using wants = postel::delivery::wants;

constexpr std::chrono::seconds connect_limit(60);
constexpr std::chrono::seconds quit_limit(10); // all is settled: what RFC 5321 4.5.3.2 gives a reply protects nothing

connection::duration limit(const postel::delivery& delivery) {
  return std::max(minimum(delivery.session().deadline()), minimum(postel::timeout::data_initiation));
}

bool settled_all(const postel::delivery& delivery) {
  return std::ranges::none_of(delivery.outcomes(),
                              [](const auto& one) { return one.what == postel::outcome::pending; });
}

// Writes the message, as the delivery gives it: views of the file's map.
asio::awaitable<bool> write_message(connection& smarthost, postel::delivery& delivery) {
  std::array<std::string_view, 64> views;
  std::vector<asio::const_buffer> buffers;
  while (const std::size_t count = delivery.message(views)) {
    buffers.clear();
    for (std::size_t i = 0; i < count; ++i) buffers.push_back(asio::buffer(views[i]));
    const bool written = co_await smarthost.write(buffers, minimum(postel::timeout::data_block));
    if (!written) co_return false;
  }
  co_return true;
}

} // namespace

asio::awaitable<bool> hand_over(service& all, postel::delivery& delivery,
                                const std::function<asio::awaitable<void>()>& settled) {
  const auto smarthost = std::make_shared<connection>(asio::ip::tcp::socket(all.context));
  asio::ip::tcp::resolver resolver(all.context);
  asio::error_code error;
  const auto where = co_await resolver.async_resolve(all.rules.smarthost, all.rules.smarthost_port,
                                                     asio::redirect_error(asio::use_awaitable, error));
  bool alive = false;
  if (!error) alive = co_await smarthost->connect(where, connect_limit);
  if (!alive) {
    delivery.lost();
    co_await settled();
    co_return false;
  }

  using steady = std::chrono::steady_clock;
  std::string unread, out;
  auto since = steady::now(); // what we are waiting for now: an octet a second of a reply is no reply
  bool greeted = false, told = false;
  for (;;) {
    const postel::delivery::step step = delivery.next(unread, out);
    unread.erase(0, step.used);
    greeted = greeted || step.used != 0;
    if (step.used != 0 || !out.empty()) since = steady::now();
    if (!told && settled_all(delivery)) {
      told = true;
      co_await settled();
    }
    bool written = true;
    if (!out.empty()) written = co_await smarthost->write(asio::buffer(out), limit(delivery));
    out.clear();
    if (step.want == wants::nothing) break;
    if (written && step.want == wants::message) {
      written = co_await write_message(*smarthost, delivery);
      since = steady::now();
    }
    alive = written;
    if (alive && step.want == wants::octets)
      alive = co_await smarthost->read(unread, since + (told ? quit_limit : limit(delivery)) - steady::now());
    else if (step.want != wants::message)
      alive = false; // handshake and authentication were not planned
    if (!alive) {
      // It may have said why before it stopped reading.
      if (!written && co_await smarthost->read(unread, quit_limit)) delivery.next(unread, out);
      if (written)
        delivery.lost();
      else
        delivery.lost_while_writing();
      break;
    }
  }
  if (!told) co_await settled();
  co_return greeted && !delivery.turned_away();
}

} // namespace relay
