// The client's side: one message over one connection to the smarthost.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "postel/delivery.hpp"
#include "service.hpp"

namespace relay {

// Calls settled once, as soon as no outcome is pending. False if the smarthost could not be reached, did not greet,
// or turned us away.
asio::awaitable<bool> hand_over(service&, postel::delivery&, const std::function<asio::awaitable<void>()>& settled);

} // namespace relay
