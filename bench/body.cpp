// The body framer and stuffer, from memory (64 MiB) and from cache (64 KiB, again and again).
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <string_view>

#include "body_measure.hpp"
#include "postel/body.hpp"
#include "postel/stuffing.hpp"

namespace postel::bench {
namespace {

// Calls take(piece) for each piece of the message; gives how many octets were used.
template <typename Take>
std::size_t frame(body_framer& framer, std::string_view octets, Take take) {
  std::size_t used = 0;
  for (;;) {
    const auto step = framer.next(octets.substr(used));
    used += step.used;
    if (step.what == body_framer::outcome::piece)
      take(step.bytes);
    else
      return used;
  }
}

void check_framer(const body_workload& body) {
  body_framer framer;
  std::string_view left = body.message;
  const std::size_t used = frame(framer, body.wire, [&](std::string_view piece) {
    check(left.starts_with(piece), "another message");
    left.remove_prefix(piece.size());
  });
  check(left.empty() && used == body.wire.size(), "does not end where it ends");
}

auto next_of(body_stuffer& stuffer) {
  return [&](std::string_view piece) { return stuffer.next(piece); };
}

void check_stuffer(const body_workload& body) {
  body_stuffer stuffer;
  const std::string_view left = check_views(body.message, body.wire, next_of(stuffer));
  check(*stuffer.finish() == left, "is ended otherwise");
}

// The part of the wire that is gone over at each iteration: in cache without its end, so that it can be gone over again.
std::string_view octets_of(const body_workload& body, bool cached) {
  const std::string_view wire = body.wire;
  return cached ? wire.substr(0, wire.size() - 3) : wire;
}

void floor_memchr(benchmark::State& state, body_kind kind, std::size_t size) {
  const std::string_view octets = octets_of(body_of(kind, size), size == cache_size);
  run(state, [&] { split_at_lf(octets); });
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}

void floor_memcpy(benchmark::State& state, body_kind kind, std::size_t size) {
  const std::string_view octets = octets_of(body_of(kind, size), size == cache_size);
  std::string copy(octets.size(), '\0');
  run(state, [&] {
    std::memcpy(copy.data(), octets.data(), octets.size());
    benchmark::ClobberMemory();
  });
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}

void framer(benchmark::State& state, body_kind kind, std::size_t size) {
  const body_workload& body = body_of(kind, size);
  check_framer(body);
  const std::string_view octets = octets_of(body, size == cache_size);
  const double floor = seconds_of([&] { split_at_lf(octets); });
  body_framer reads;
  const double taken =
      run(state, [&] { frame(reads, octets, [](std::string_view piece) { benchmark::DoNotOptimize(piece.data()); }); });
  report_floors(state, octets, taken, floor);
}

void stuffer_views(benchmark::State& state, body_kind kind, std::size_t size) {
  const body_workload& body = body_of(kind, size);
  check_stuffer(body);
  const std::string_view message = body.message;
  const double floor = seconds_of([&] { split_at_lf(message); });
  body_stuffer stuffs;
  const double taken = run(state, [&] {
    for_each_view(message, next_of(stuffs), [](std::string_view view) { benchmark::DoNotOptimize(view.data()); });
  });
  report_floors(state, message, taken, floor);
}

void stuffer_copied(benchmark::State& state, body_kind kind, std::size_t size) {
  const body_workload& body = body_of(kind, size);
  check_stuffer(body);
  const std::string_view message = body.message;
  const double floor = seconds_of([&] { split_at_lf(message); });
  std::string out;
  out.reserve(body.wire.size());
  body_stuffer stuffs;
  const double taken = run(state, [&] {
    out.clear();
    for_each_view(message, next_of(stuffs), [&](std::string_view view) { out += view; });
    benchmark::ClobberMemory();
  });
  report_floors(state, message, taken, floor);
}

const int registered = [] {
  for (const std::size_t size : {cache_size, memory_size}) {
    const std::string where = size == cache_size ? "cache/" : "memory/";
    for (const body_kind kind : {body_kind::plain76, body_kind::text, body_kind::dots76, body_kind::dotshort}) {
      const std::string name = "body/" + where + bench::name(kind) + "/";
      benchmark::RegisterBenchmark((name + "floor: memchr LF").c_str(), floor_memchr, kind, size);
      benchmark::RegisterBenchmark((name + "floor: memcpy").c_str(), floor_memcpy, kind, size);
      benchmark::RegisterBenchmark((name + "framer").c_str(), framer, kind, size);
      benchmark::RegisterBenchmark((name + "stuffer, views").c_str(), stuffer_views, kind, size);
      benchmark::RegisterBenchmark((name + "stuffer, copied").c_str(), stuffer_copied, kind, size);
    }
  }
  return 0;
}();

} // namespace
} // namespace postel::bench
