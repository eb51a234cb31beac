// parse_path and parse_mailbox over a workload of paths.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"
#include "postel/address.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

void floor_lf(benchmark::State& state) {
  const double taken = run(state, [&] { split_at_lf(addresses().octets); });
  state.counters["ns/path"] = taken * 1e9 / static_cast<double>(addresses().items.size());
}
BENCHMARK(floor_lf)->Name("path/floor: memchr LF");

void parse(benchmark::State& state) {
  for (const std::string_view text : addresses().items) {
    const auto parsed = parse_path(text, charset::utf8);
    check(parsed.has_value(), "refused", text);
    std::string written;
    check(append(written, *parsed, charset::utf8) && written == text, "another path when written", text);
  }
  const double floor = seconds_of([] { split_at_lf(addresses().octets); });
  const double taken = run(state, [] {
    for (const std::string_view text : addresses().items) benchmark::DoNotOptimize(parse_path(text, charset::utf8));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/path"] = taken * 1e9 / static_cast<double>(addresses().items.size());
  state.counters["accepted"] = static_cast<double>(addresses().items.size());
}
BENCHMARK(parse)->Name("path/parse");

// The same without brackets, where they hold a mailbox and nothing else.
void parse_mailboxes(benchmark::State& state) {
  std::vector<std::string_view> mailboxes;
  for (const std::string_view text : addresses().items)
    if (!text.starts_with("<@") && text.find('@') != std::string_view::npos)
      mailboxes.push_back(text.substr(1, text.size() - 2));
  check(!mailboxes.empty(), "no mailbox");
  for (const std::string_view text : mailboxes) {
    const auto parsed = parse_mailbox(text, charset::utf8);
    check(parsed && parsed->local_part.size() + 1 + parsed->domain.size() == text.size(), "refused, or shortened",
          text);
  }
  const double floor = seconds_of([] { split_at_lf(addresses().octets); }) * static_cast<double>(mailboxes.size()) /
                       static_cast<double>(addresses().items.size());
  const double taken = run(state, [&] {
    for (const std::string_view text : mailboxes) benchmark::DoNotOptimize(parse_mailbox(text, charset::utf8));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/mailbox"] = taken * 1e9 / static_cast<double>(mailboxes.size());
  state.counters["accepted"] = static_cast<double>(mailboxes.size());
}
BENCHMARK(parse_mailboxes)->Name("path/parse mailbox");

} // namespace
} // namespace postel::bench
