// parse_command over a workload of typical command lines.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "measure.hpp"
#include "postel/command.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

bool has_known_verb(std::string_view line) {
  const std::string_view word = line.substr(0, line.find(' '));
  for (std::size_t i = 0; i < std::variant_size_v<command>; ++i)
    if (equal_ignoring_case(word, name(static_cast<verb>(i)))) return true;
  return false;
}

// A part of the workload, its octets together so that the floor sees no others.
struct part {
  std::string octets;
  std::vector<std::string_view> lines;

  template <typename Belongs>
  explicit part(Belongs belongs) {
    octets.reserve(commands().octets.size());
    for (const std::string_view line : commands().items) {
      if (!belongs(line)) continue;
      const std::size_t begin = octets.size();
      octets.append(line).append("\r\n");
      lines.push_back(std::string_view(octets).substr(begin, line.size()));
    }
  }
};

// Exactly the lines with a verb of ours are accepted, and the verb is that of the line.
std::size_t check_accepted(const part& p) {
  std::size_t accepted = 0;
  for (const std::string_view line : p.lines) {
    const auto parsed = parse_command(line, charset::utf8);
    check(parsed.has_value() == has_known_verb(line), "accepted, or refused", line);
    if (!parsed) {
      check(parsed.error().code == errc::unknown_command, "another failure than unknown_command", line);
      continue;
    }
    ++accepted;
    check(equal_ignoring_case(line.substr(0, line.find(' ')), name(verb_of(*parsed))), "another verb", line);
    std::string written;
    check(append(written, *parsed, charset::utf8) && equal_ignoring_case(written.substr(0, written.size() - 2), line),
          "another command when written", line);
  }
  return accepted;
}

void parse(benchmark::State& state, const part& p) {
  const std::size_t accepted = check_accepted(p);
  const double floor = seconds_of([&] { split_at_lf(p.octets); });
  const double taken = run(state, [&] {
    for (const std::string_view line : p.lines) benchmark::DoNotOptimize(parse_command(line, charset::utf8));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/line"] = taken * 1e9 / static_cast<double>(p.lines.size());
  state.counters["lines"] = static_cast<double>(p.lines.size());
  state.counters["accepted"] = static_cast<double>(accepted);
}

const part& all() {
  static const part p([](std::string_view) { return true; });
  return p;
}

void floor_lf(benchmark::State& state) {
  const double taken = run(state, [&] { split_at_lf(all().octets); });
  state.counters["ns/line"] = taken * 1e9 / static_cast<double>(all().lines.size());
}
BENCHMARK(floor_lf)->Name("command/floor: memchr LF");

void parse_all(benchmark::State& state) {
  parse(state, all());
}
BENCHMARK(parse_all)->Name("command/parse: every line");

template <verb Which>
void parse_verb(benchmark::State& state) {
  static const part p([](std::string_view line) { return equal_ignoring_case(line.substr(0, 4), name(Which)); });
  check(!p.lines.empty(), "no such line", name(Which));
  parse(state, p);
}
BENCHMARK(parse_verb<verb::ehlo>)->Name("command/parse: EHLO");
BENCHMARK(parse_verb<verb::mail>)->Name("command/parse: MAIL");
BENCHMARK(parse_verb<verb::rcpt>)->Name("command/parse: RCPT");

} // namespace
} // namespace postel::bench
