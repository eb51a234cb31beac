// Whether a client gets on. Patience with one that is silent, or slow, has an end: if every octet gave it time anew, one octet a second would
// keep a connection for ever. So what counts is a whole command, or a block of a message.
#pragma once

#include <cstddef>
#include <variant>

#include "postel/server.hpp"

class progress {
 public:
  // An event that is no idle one, as the session gave it.
  void on(const postel::server_event& what) { made_ = made_ || !std::holds_alternative<postel::event::body>(what); }
  // So many octets were taken from the client, whatever they were.
  void took(std::size_t octets) { octets_ += octets; }

  // Whether there was any since this was asked the last time that it was so.
  [[nodiscard]] bool made() {
    if (!made_ && octets_ < block) return false;
    *this = {};
    return true;
  }

 private:
  // At 5 minutes of patience the slowest client has 55 octets a second.
  static constexpr std::size_t block = std::size_t{16} * 1024;

  std::size_t octets_ = 0;
  bool made_ = false;
};
