// What the command line of the relay says.
#pragma once

#include <asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relay {

struct network {
  asio::ip::address address;
  unsigned prefix; // in bits

  [[nodiscard]] bool contains(const asio::ip::address&) const;
};

struct options {
  std::string spool;
  std::string smarthost, smarthost_port;
  bool lmtp = false; // the smarthost speaks LMTP
  std::string listen_address = "127.0.0.1", listen_port = "2525";
  std::string host = "localhost"; // our name, in both directions
  std::vector<network> allowed;   // who may relay; nobody else (RFC 5321 7.9)
  std::chrono::milliseconds retry{
      1800'000}; // RFC 5321 4.5.4.1: at least 30 minutes; doubles with each attempt up to retry_maximum
  std::chrono::milliseconds retry_maximum{14400'000};
  std::chrono::milliseconds give_up{432000'000}; // RFC 5321 4.5.4.1: at least 4-5 days
  std::chrono::milliseconds timeout{300'000};    // RFC 5321 4.5.3.2.7: for a command, or a block of a message
  std::chrono::milliseconds grace{10'000};       // for what is under way when the service stops
  unsigned hops = 100;                           // RFC 5321 6.3: a loop is no fewer than 100 Received fields
  std::uint64_t message_size = std::uint64_t{32} * 1024 * 1024;
  std::size_t clients = 100;     // connections that are received at once
  std::size_t deliveries = 10;   // connections to the smarthost at once
  std::size_t messages = 100000; // in the spool
};

// Nothing if the arguments are wrong; why says what.
std::optional<options> parse_options(int argc, char** argv, std::string& why);

extern const char* const usage;

} // namespace relay
