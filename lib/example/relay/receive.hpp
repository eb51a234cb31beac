// The server's side: a client's connection, from greeting to close.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>

#include "connection.hpp"
#include "postel/policy.hpp"
#include "service.hpp"

namespace relay {

// What the relay offers its clients; the views point into options.
postel::policy server_policy(const options&);

asio::awaitable<void> receive(service&, const postel::policy&, std::shared_ptr<connection>);

} // namespace relay
