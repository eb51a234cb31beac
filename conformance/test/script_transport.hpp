// A peer that does what a list says, whatever it is sent: one entry for each time the player looks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "play/transport.hpp"

namespace postel::conformance::test {

struct unit {
  transport::received what;
  std::string octets;     // of received::octets: a whole reply, or what stands in its place
  bool handshake = false; // it makes a handshake of TLS where the player wants one, else none

  static unit reply(std::string octets) { return {transport::received::octets, std::move(octets)}; }
  static unit silence() { return {transport::received::nothing, {}}; }
  static unit closed() { return {transport::received::closed, {}}; }
  static unit tls() { return {transport::received::nothing, {}, true}; }

  friend bool operator==(const unit&, const unit&) = default;
};

class script_transport : public transport {
 public:
  explicit script_transport(std::vector<unit> script) : script_(std::move(script)) {}

  sent send(std::string_view octets, milliseconds) override {
    writes_.emplace_back(octets);
    return sent::all;
  }
  received receive(std::string& inbox, milliseconds) override {
    if (at_ == script_.size()) return received::nothing;
    const unit& now = script_[at_++];
    inbox += now.octets;
    return now.what;
  }
  std::optional<std::string> start_tls(milliseconds) override {
    if (at_ < script_.size() && script_[at_++].handshake) return std::nullopt;
    return "not in the script";
  }

  // What the player sent, write by write.
  [[nodiscard]] const std::vector<std::string>& writes() const { return writes_; }
  // How many entries were asked for.
  [[nodiscard]] std::size_t used() const { return at_; }

 private:
  std::vector<unit> script_;
  std::size_t at_ = 0;
  std::vector<std::string> writes_;
};

} // namespace postel::conformance::test
