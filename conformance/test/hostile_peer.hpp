// A peer on the loopback interface that does what a test tells it, with plain sockets.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace postel::conformance::test {

class hostile_peer {
 public:
  // One accepted connection; gone when the peer ends.
  class client {
   public:
    client(int socket, const std::atomic<bool>& ending) : socket_(socket), ending_(ending) {}

    // False when the other side has gone or the peer ends.
    bool send(std::string_view octets) const {
      while (!octets.empty()) {
        if (!ready(POLLOUT)) return false;
        const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    // Reads one line and throws it away.
    bool read_line() const {
      char octet = 0;
      while (octet != '\n')
        if (!ready(POLLIN) || ::recv(socket_, &octet, 1, 0) != 1) return false;
      return true;
    }
    void hang() const {
      while (!ending_) ::usleep(1000);
    }

   private:
    [[nodiscard]] bool ready(short events) const {
      while (!ending_) {
        pollfd wanted{socket_, events, 0};
        if (::poll(&wanted, 1, 10) > 0) return true;
      }
      return false;
    }

    int socket_;
    const std::atomic<bool>& ending_;
  };

  // Each connection is handled by behave in a thread of its own, and closed when it returns.
  explicit hostile_peer(std::function<void(const client&)> behave) : behave_(std::move(behave)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  hostile_peer(const hostile_peer&) = delete;
  hostile_peer& operator=(const hostile_peer&) = delete;
  ~hostile_peer() {
    ending_ = true;
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void run() {
    while (!ending_) {
      pollfd wanted{listener_, POLLIN, 0};
      if (::poll(&wanted, 1, 10) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      clients_.emplace_back([this, socket] {
        behave_(client(socket, ending_));
        ::close(socket);
      });
    }
    for (std::thread& each : clients_) each.join();
  }

  std::function<void(const client&)> behave_;
  std::atomic<bool> ending_ = false;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<std::thread> clients_; // of thread_
  std::thread thread_;
};

// A port at which nobody listens.
inline std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(socket, generic, size), 0);
  EXPECT_EQ(::getsockname(socket, generic, &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

} // namespace postel::conformance::test
