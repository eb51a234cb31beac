// The recipients of a delivery: how far each of them has come, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../outcome.hpp"

namespace [[gnu::visibility("default")]] postel {
namespace detail {

enum class stage : std::uint8_t {
  waiting,  // for a RCPT
  sent,     // the RCPT awaits its reply
  accepted, // by the server
  approved, // PRDR's reply for it was positive, and the one to the whole message is still due
  settled,  // has its outcome
};

// The functions that are not inline are marked, so that no shared library exports them: delivery alone calls them.
class recipient_list {
 public:
  explicit recipient_list(std::size_t count) : stages_(count, stage::waiting), outcomes_(count) {}

  [[nodiscard]] std::size_t size() const noexcept { return stages_.size(); }
  [[nodiscard]] stage at(std::size_t index) const noexcept { return stages_[index]; }
  [[nodiscard, gnu::visibility("hidden")]] std::size_t count(stage) const noexcept;
  // The first one at that stage. The server answers in order, so it is the one that the next reply is about.
  [[nodiscard, gnu::visibility("hidden")]] std::optional<std::size_t> first(stage) const noexcept;

  void move(std::size_t index, stage to) noexcept { stages_[index] = to; }
  // They have their outcome: by a reply, or by an error of ours.
  [[gnu::visibility("hidden")]] void settle(std::size_t index, outcome, const reply_view&);
  [[gnu::visibility("hidden")]] void settle(std::size_t index, outcome, errc) noexcept;
  [[gnu::visibility("hidden")]] void settle_all(stage, outcome, const reply_view&);
  [[gnu::visibility("hidden")]] void settle_all(stage, outcome, errc) noexcept;

  [[nodiscard]] std::span<recipient_outcome> outcomes() noexcept { return outcomes_; }
  [[nodiscard]] std::span<const recipient_outcome> outcomes() const noexcept { return outcomes_; }

 private:
  std::vector<stage> stages_;
  std::vector<recipient_outcome> outcomes_;
};

} // namespace detail
} // namespace postel
