// A client under test: we are the server. Lines, texts and chunks are cut out of what it sends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "play/peer.hpp"
#include "play/tested_client.hpp"

namespace postel::conformance {

class client_peer : public peer {
 public:
  // client: was started, and has made the connection.
  client_peer(tested_client& client, std::unique_ptr<client_wire> wire, const patience& waits)
      : peer(waits), client_(client), wire_(std::move(wire)) {}

  using peer::say;
  void say(std::string_view octets, std::string_view shown) override;
  void say_separately(std::string_view octets, std::size_t write_size, bool secret) override;
  observation observe(const expectation& wanted) override;
  void hang_up() override;
  void finish() override;

 private:
  void flush();
  void send(std::string_view octets);
  void close();
  void answer(std::string_view line);
  observation observe_act(const expectation& wanted);
  observation observe_line(milliseconds within);
  observation observe_text(milliseconds within);
  observation observe_chunk(milliseconds within);
  observation make_tls();
  observation end();
  void finish_dialogue();
  void note(const client_conclusion& how);
  transport::received receive(milliseconds within);
  std::string take(std::size_t octets);
  bool skip_octets(std::uint64_t wanted);
  void remember(observation& seen);

  tested_client& client_;
  std::unique_ptr<client_wire> wire_; // nothing once it is closed
  std::string unsent_;
  std::string inbox_;
  std::optional<std::uint64_t> declared_; // by the last MAIL
  bool binary_ = false;                   // as the last MAIL said
  std::uint64_t chunk_ = 0;               // by the last BDAT
  std::string unanswered_;                // the verb of a line that we have said nothing to
  bool stalled_ = false;                  // it takes no more input
  bool ended_ = false;                    // it was asked how
};

} // namespace postel::conformance
