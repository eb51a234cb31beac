// What all benchmarks of bodies share: the body at hand, and how its handling compares with the floors.
#pragma once

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <string_view>

#include "body_workload.hpp"
#include "measure.hpp"

namespace postel::bench {

inline constexpr std::size_t memory_size = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t cache_size = std::size_t{64} * 1024;

// The body of that kind and size; the last one is kept, for each benchmark is called several times.
inline const body_workload& body_of(body_kind kind, std::size_t size) {
  static body_workload last;
  static body_kind last_kind{};
  static std::size_t last_size = 0;
  if (last_size != size || last_kind != kind) {
    last = {};
    last = make_body(kind, size);
    last_size = size;
    last_kind = kind;
  }
  return last;
}

// Calls take(view) for each view of what goes over the wire for message, its end left out. next(piece): a step of what stuffs it. False if
// that refuses one.
template <typename Next, typename Take>
bool for_each_view(std::string_view message, Next next, Take take) {
  while (!message.empty()) {
    const auto step = next(message);
    if (!step) return false;
    take(step->bytes);
    message.remove_prefix(step->used);
  }
  return true;
}

// Whether the views are those of wire, one after the other; gives what of wire is left behind them.
template <typename Next>
std::string_view check_views(std::string_view message, std::string_view wire, Next next) {
  const bool all = for_each_view(message, next, [&](std::string_view view) {
    check(wire.starts_with(view), "is written otherwise");
    wire.remove_prefix(view.size());
  });
  check(all, "is refused");
  return wire;
}

// How many times as fast as the floors on the same octets.
inline void report_floors(benchmark::State& state, std::string_view octets, double taken, double memchr_seconds) {
  std::string copy;
  copy.resize(octets.size());
  const double memcpy_seconds = seconds_of([&] {
    std::memcpy(copy.data(), octets.data(), octets.size());
    benchmark::ClobberMemory();
  });
  state.counters["/memchr"] = memchr_seconds / taken;
  state.counters["/memcpy"] = memcpy_seconds / taken;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}

} // namespace postel::bench
