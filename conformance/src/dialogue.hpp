// One connection as the player uses it: octets collected into writes, replies cut out of what arrives, everything within its time and
// written down.
#pragma once

#include <chrono>
#include <optional>
#include <postel/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "observation.hpp"
#include "player.hpp"
#include "transcript.hpp"
#include "transport.hpp"

namespace postel::conformance {

class dialogue {
 public:
  dialogue(transport& wire, const patience& waits);

  // Adds to the write under way; a large one goes out in pieces. shown: what the transcript has instead, where that is to keep a secret.
  void say(std::string_view octets) { say(octets, octets); }
  void say(std::string_view octets, std::string_view shown);
  // Sends the octets in writes of so many each, apart from what was said before and from what follows. secret: the transcript does not
  // have them.
  void say_separately(std::string_view octets, std::size_t write_size, bool secret = false);
  // Sends what was said and not sent yet.
  void flush();

  // Makes the TLS handshake.
  observation secure();

  // What the peer does next. quick: nothing within the quiet time is silence already, because silence is expected.
  observation observe(bool quick);

  // A handshake was made here.
  [[nodiscard]] bool in_tls() const noexcept { return in_tls_; }
  // A line of a reply that came in clear has the keyword STARTTLS, however well the rest of the reply can be read.
  [[nodiscard]] bool starttls_offered() const noexcept { return starttls_offered_; }
  // The peer takes no more input.
  [[nodiscard]] bool stalled() const noexcept { return stalled_; }
  [[nodiscard]] bool out_of_time() const { return left() <= milliseconds(0); }
  // What replies may hold: UTF-8 once SMTPUTF8 was used (RFC 6531 3.7.4.2).
  [[nodiscard]] charset octets() const noexcept { return octets_; }
  [[nodiscard]] transcript& log() noexcept { return log_; }
  // The replies so far whose text is outside of the grammar, and no more than a handful of them.
  [[nodiscard]] const std::vector<observation>& deviations() const noexcept { return deviations_; }

 private:
  using clock = std::chrono::steady_clock;
  [[nodiscard]] milliseconds left() const;
  void send(std::string_view octets, std::string_view shown, std::size_t separately);
  observation receive(bool quick);

  transport& wire_;
  const patience& waits_;
  clock::time_point end_;
  std::string unsent_;
  std::optional<std::string> unsent_shown_; // where it is another text than unsent_
  std::string last_said_;                   // the end of what was said, to find a keyword that lies across two pieces
  reply_reader replies_;
  transcript log_;
  std::vector<observation> deviations_;
  charset octets_ = charset::ascii;
  bool stalled_ = false;
  bool in_tls_ = false;
  bool starttls_offered_ = false;
};

// What stands in a transcript for a password, plain or as base64.
inline constexpr std::string_view concealed = "(a password)";

} // namespace postel::conformance
