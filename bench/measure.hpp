// What every benchmark reports beside its time: how that compares with a floor on the same octets, and allocations.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string_view>

#include "allocations.hpp"
#include "check.hpp"

namespace postel::bench {

inline double cpu_seconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Seconds that one call takes: the median of several samples, each long enough for the clock.
template <typename Function>
double seconds_of(Function call) {
  constexpr double long_enough = 2e-3;
  std::array<double, 15> samples{};
  std::uint64_t calls = 1;
  for (double taken = 0; taken < long_enough; calls *= 2) {
    const double start = cpu_seconds();
    for (std::uint64_t i = 0; i < calls; ++i) call();
    taken = cpu_seconds() - start;
  }
  for (double& sample : samples) {
    const double start = cpu_seconds();
    for (std::uint64_t i = 0; i < calls; ++i) call();
    sample = (cpu_seconds() - start) / static_cast<double>(calls);
  }
  std::ranges::nth_element(samples, samples.begin() + samples.size() / 2);
  return samples[samples.size() / 2];
}

// Times call; gives the seconds that one call took, and counts what one allocates.
template <typename Function>
double run_allocating(benchmark::State& state, Function call) {
  call(); // whatever is reserved once is reserved now
  const std::uint64_t before = allocations();
  const double start = cpu_seconds();
  for (auto _ : state) call();
  const double taken = cpu_seconds() - start;
  const auto calls = static_cast<double>(state.iterations());
  state.counters["allocations"] = static_cast<double>(allocations() - before) / calls;
  return taken / calls;
}

// The same of what must not allocate.
template <typename Function>
double run(benchmark::State& state, Function call) {
  const double taken = run_allocating(state, call);
  check(state.counters["allocations"] == 0, "allocates");
  return taken;
}

// The floor of everything that has lines: where the LFs are.
inline void split_at_lf(std::string_view octets) {
  const char* at = octets.data();
  const char* const end = at + octets.size();
  while (at != end) {
    const void* const lf = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    benchmark::DoNotOptimize(lf);
    if (lf == nullptr) break;
    at = static_cast<const char*>(lf) + 1;
  }
}

} // namespace postel::bench
