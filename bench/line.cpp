// The line framer: lines that are there at once, and lines that arrive octet by octet.
#include <benchmark/benchmark.h>

#include <string_view>

#include "measure.hpp"
#include "postel/command.hpp"
#include "postel/line.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

constexpr std::size_t limit = 1024;

// Calls take(line) for each line of octets.
template <typename Take>
void frame_whole(std::string_view octets, Take take) {
  line_framer framer;
  for (;;) {
    const auto step = framer.next(octets, limit);
    if (step.what != line_framer::outcome::line) break;
    take(step.text);
    octets.remove_prefix(step.used);
  }
}

// The same with one octet more at each call.
template <typename Take>
void frame_octets(std::string_view octets, Take take) {
  line_framer framer;
  std::size_t begin = 0;
  for (std::size_t end = 1; end <= octets.size(); ++end) {
    const auto step = framer.next(octets.substr(begin, end - begin), limit);
    if (step.what == line_framer::outcome::line) take(step.text);
    begin += step.used;
  }
}

template <typename Frame>
void check_lines(Frame frame) {
  std::size_t count = 0;
  frame(commands().octets, [&](std::string_view line) {
    check(count < commands().items.size() && line == commands().items[count], "another line", line);
    ++count;
  });
  check(count == commands().items.size(), "another number of lines");
}

void keep(std::string_view line) {
  benchmark::DoNotOptimize(line.data());
}

// One octet after the other, without a vector.
void scan(std::string_view octets) {
  for (const char c : octets) benchmark::DoNotOptimize(c == '\n');
}

void whole(benchmark::State& state) {
  check_lines([](std::string_view octets, auto take) { frame_whole(octets, take); });
  const double floor = seconds_of([] { split_at_lf(commands().octets); });
  const double taken = run(state, [] { frame_whole(commands().octets, keep); });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/line"] = taken * 1e9 / static_cast<double>(commands().items.size());
}
BENCHMARK(whole)->Name("line/frame: all octets at once");

void floor_scan(benchmark::State& state) {
  const double taken = run(state, [] { scan(commands().octets); });
  state.counters["ns/octet"] = taken * 1e9 / static_cast<double>(commands().octets.size());
}
BENCHMARK(floor_scan)->Name("line/floor: scan octet by octet");

void octets(benchmark::State& state) {
  check_lines([](std::string_view all, auto take) { frame_octets(all, take); });
  const double floor = seconds_of([] { scan(commands().octets); });
  const double taken = run(state, [] { frame_octets(commands().octets, keep); });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/octet"] = taken * 1e9 / static_cast<double>(commands().octets.size());
}
BENCHMARK(octets)->Name("line/frame: octet by octet");

// A function that is given one octet at a time and can't be inlined, with what it has to remember in memory: what a call costs that does
// next to nothing.
struct place {
  std::size_t searched = 0;
};
[[gnu::noinline]] bool ends_line(place& at, char octet) {
  ++at.searched;
  benchmark::ClobberMemory();
  return octet == '\n';
}

void floor_calls(benchmark::State& state) {
  place at;
  const double taken = run(state, [&] {
    for (const char c : commands().octets) benchmark::DoNotOptimize(ends_line(at, c));
  });
  state.counters["ns/octet"] = taken * 1e9 / static_cast<double>(commands().octets.size());
}
BENCHMARK(floor_calls)->Name("line/floor: a call an octet");

// What an octet costs a server whose client sends no two at once, parse_command included.
void parsed_octets(benchmark::State& state) {
  const double floor = seconds_of([] { scan(commands().octets); });
  const double taken = run(state, [] {
    frame_octets(commands().octets,
                 [](std::string_view line) { benchmark::DoNotOptimize(parse_command(line, charset::utf8)); });
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/octet"] = taken * 1e9 / static_cast<double>(commands().octets.size());
}
BENCHMARK(parsed_octets)->Name("line/frame and parse_command: octet by octet");

// One line, as long as may be, octet by octet: the cost of an octet must not grow with the line.
void long_line(benchmark::State& state) {
  const std::string line = std::string(static_cast<std::size_t>(state.range(0)) - 2, 'x') + "\r\n";
  const auto frame = [&](auto take) {
    line_framer framer;
    for (std::size_t end = 1; end <= line.size(); ++end) {
      const auto step = framer.next(std::string_view(line).substr(0, end), line.size());
      if (step.what == line_framer::outcome::line) take(step.text);
    }
  };
  std::size_t count = 0;
  frame([&](std::string_view text) { count += text.size() + 2 == line.size() ? 1U : 0U; });
  check(count == 1, "not one line");
  const double floor = seconds_of([&] { scan(line); });
  const double taken = run(state, [&] { frame(keep); });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/octet"] = taken * 1e9 / static_cast<double>(line.size());
}
BENCHMARK(long_line)->Name("line/frame: octet by octet, one line of")->Arg(64)->Arg(512)->Arg(4096)->Arg(65536);

} // namespace
} // namespace postel::bench
