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
