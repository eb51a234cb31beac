// What the parts of the relay share.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"
#include "spool.hpp"

namespace relay {

class queue;

struct service {
  const options& rules;
  asio::io_context& context; // one thread runs it: nothing here needs a lock
  asio::thread_pool& disk;   // waits for the disk, so that clients need not wait for each other
  relay::spool& spool;
  relay::queue* waiting = nullptr;
  bool stopping = false;
  std::function<void()> ended = [] {}; // called when something has ended while the service stops
};

// Runs work, which gives a bool, where it may wait for the disk.
template <typename Work>
asio::awaitable<bool> on_disk(service& all, Work work) {
  return asio::co_spawn(
      all.disk, [work = std::move(work)]() mutable -> asio::awaitable<bool> { co_return work(); }, asio::use_awaitable);
}

// One line on the standard error. What comes from the network has no control characters: it was parsed.
template <typename... Text>
void say(const Text&... text) {
  std::string line;
  ((line += std::string_view(text)), ...);
  line += '\n';
  std::fputs(line.c_str(), stderr);
}

} // namespace relay
