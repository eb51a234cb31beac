// The end of a connection. To close while something is unread would reset it, and a reset can take our last reply along. So we stop
// sending, and read and forget what still comes until the client stops too. Nobody can keep us: there is a limit to the octets and to the
// time. asio_drain.hpp does the same for Asio.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>

inline constexpr std::size_t drain_octets = std::size_t{1024} * 1024;
inline constexpr std::chrono::seconds drain_time{5};

// To be called when the last reply was written, and then the socket is to be closed.
inline void drain(int socket) {
  using steady = std::chrono::steady_clock;
  const auto until = steady::now() + drain_time;
  shutdown(socket, SHUT_WR);
  char block[16384];
  for (std::size_t read = 0; read < drain_octets;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
    pollfd wanted{socket, POLLIN, 0};
    if (left.count() <= 0 || poll(&wanted, 1, static_cast<int>(left.count())) != 1) return;
    const ssize_t got = recv(socket, block, sizeof block, MSG_DONTWAIT);
    if (got <= 0) return;
    read += static_cast<std::size_t>(got);
  }
}
