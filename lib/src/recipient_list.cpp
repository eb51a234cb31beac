#include "postel/detail/recipient_list.hpp"

#include <algorithm>
#include <string>

namespace postel::detail {

namespace {

std::string text_of(const reply_view& reply) {
  std::string text;
  for (const std::string_view line : reply.lines()) text.append(text.empty() ? "" : "\n").append(line);
  return text;
}

} // namespace

std::size_t recipient_list::count(stage wanted) const noexcept {
  return static_cast<std::size_t>(std::ranges::count(stages_, wanted));
}

std::optional<std::size_t> recipient_list::first(stage wanted) const noexcept {
  const auto found = std::ranges::find(stages_, wanted);
  if (found == stages_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - stages_.begin());
}

void recipient_list::settle(std::size_t index, outcome what, const reply_view& reply) {
  stages_[index] = stage::settled;
  outcomes_[index] = {what, reply.code(), reply.status(), text_of(reply), errc{}};
}

void recipient_list::settle(std::size_t index, outcome what, errc why) noexcept {
  stages_[index] = stage::settled;
  outcomes_[index].what = what;
  outcomes_[index].error = why;
}

void recipient_list::settle_all(stage which, outcome what, const reply_view& reply) {
  for (std::size_t i = 0; i < size(); ++i)
    if (stages_[i] == which) settle(i, what, reply);
}

void recipient_list::settle_all(stage which, outcome what, errc why) noexcept {
  for (std::size_t i = 0; i < size(); ++i)
    if (stages_[i] == which) settle(i, what, why);
}

} // namespace postel::detail
