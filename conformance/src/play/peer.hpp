// The tested party, on one connection, as the player sees it. Everything happens within its time and is written down.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "play/observation.hpp"
#include "play/outcome.hpp"
#include "play/transcript.hpp"

namespace postel::conformance {

class peer {
 public:
  // The time of the case begins.
  explicit peer(const patience& waits) : waits_(waits), end_(clock::now() + waits.total()) {}
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  virtual ~peer() = default;

  // Adds to what goes out before the next observation, in one write; a large write goes out in pieces.
  //   shown: what the transcript has instead, to keep a secret.
  virtual void say(std::string_view octets, std::string_view shown) = 0;
  void say(std::string_view octets) { say(octets, octets); }
  // Sends the octets in writes of so many each, apart from what was said before and from what follows.
  //   secret: the transcript does not have them.
  virtual void say_separately(std::string_view octets, std::size_t write_size, bool secret) = 0;
  // What the party does next, of the subject that is wanted.
  virtual observation observe(const expectation& wanted) = 0;
  // Closes the connection.
  virtual void hang_up() {}
  // The case is over: sends what was said, and lets go of the party.
  virtual void finish() = 0;

  // The party takes no more input, and the case can't go on.
  [[nodiscard]] virtual bool stalled() const noexcept { return false; }
  // A handshake was made here.
  [[nodiscard]] virtual bool in_tls() const noexcept { return false; }
  // A line of a reply that came in clear has the keyword STARTTLS.
  [[nodiscard]] virtual bool starttls_offered() const noexcept { return false; }
  // What replies may hold.
  [[nodiscard]] virtual charset octets() const noexcept { return charset::ascii; }
  // The replies so far whose text is outside of the grammar, and no more than a handful of them.
  [[nodiscard]] const std::vector<observation>& deviations() const noexcept { return deviations_; }

  [[nodiscard]] bool out_of_time() const { return left() <= milliseconds(0); }
  [[nodiscard]] transcript& log() noexcept { return log_; }

 protected:
  using clock = std::chrono::steady_clock;
  [[nodiscard]] static milliseconds until(clock::time_point end) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - clock::now()));
  }
  // Of the time of the case.
  [[nodiscard]] milliseconds left() const { return until(end_); }
  [[nodiscard]] clock::time_point end_of_time() const { return end_; }
  [[nodiscard]] const patience& waits() const { return waits_; }
  void note_deviation(const observation& seen) {
    if (!seen.deviation.empty() && deviations_.size() < most_deviations) deviations_.push_back(seen);
  }

 private:
  static constexpr std::size_t most_deviations = 8;

  const patience& waits_;
  std::vector<observation> deviations_;
  clock::time_point end_;
  transcript log_;
};

// What stands in a transcript for a password, plain or as base64.
inline constexpr std::string_view concealed = "(a password)";

} // namespace postel::conformance
