// What waits for the smarthost, and when it is tried (RFC 5321 4.5.4.1).
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "postel/delivery.hpp"
#include "service.hpp"

namespace relay {

class queue {
 public:
  explicit queue(service& all) : all_(all), timer_(all.context) { all.waiting = this; }

  // A message of the spool, to be tried at once.
  void add(std::string id);
  // No attempt is begun any more; those under way go on.
  void stop() { timer_.cancel(); }

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + active_; }
  [[nodiscard]] std::size_t active() const noexcept { return active_; }

 private:
  using clock = std::chrono::steady_clock;
  struct entry {
    std::string id;
    unsigned attempts = 0, disk_attempts = 0;
    unsigned doubtful = 0;      // attempts after which somebody may have the message (postel::outcome::unknown)
    bool last_doubtful = false; // the last one was such
    std::vector<std::size_t> done =
        {}; // recipients that the disk was not to be told of: they have the message, and never get it again
  };

  void pump();
  asio::awaitable<void> attempt(entry);
  // What came of an attempt: reports first, then the marks in the spool, so that nothing is lost in between.
  asio::awaitable<void> settle(stored&, const std::vector<std::size_t>& recipients, const postel::delivery&, entry&);
  // After the smarthost put it off; after our own machine did, which is worth an earlier try.
  // Another copy of what may have arrived is for the longest pause.
  void try_later(entry);
  void try_disk_later(entry);
  [[nodiscard]] bool is_over(const entry&) const;
  [[nodiscard]] std::chrono::milliseconds pause(unsigned attempts) const;

  service& all_;
  std::multimap<clock::time_point, entry> waiting_;
  std::size_t active_ = 0;
  asio::steady_timer timer_;
  // The smarthost could not be reached: one knock for all messages (RFC 5321 4.5.4.1).
  clock::time_point closed_until_{};
  unsigned closed_times_ = 0;
};

} // namespace relay
