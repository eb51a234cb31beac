#pragma once

#include <span>
#include <string_view>

#include "postel/detail/message_facts.hpp"

namespace postel::detail {

// Looks through a message, given as one text in any number of slices. Knows no server, and keeps nothing.
message_facts facts_of(std::span<const std::string_view> message) noexcept;

} // namespace postel::detail
