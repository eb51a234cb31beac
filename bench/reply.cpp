// Replies as a client reads them: the reply, its enhanced status code, and of an EHLO response what it offers.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"
#include "postel/capability.hpp"
#include "postel/extension.hpp"
#include "postel/reply.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

// Counts that depend on everything which was read.
struct found {
  std::size_t status_codes = 0;
  std::size_t offers = 0;
  friend bool operator==(const found&, const found&) = default;
};

std::vector<extension> every_extension() {
  std::vector<extension> all;
  for (std::size_t i = 0; i < extension_count; ++i) all.push_back(static_cast<extension>(i));
  return all;
}

// The same by plain search, for comparison.
found search() {
  found plain;
  for (const std::string_view wire : sorted_replies().others) {
    unsigned parts[3];
    const std::string text(wire.substr(4));
    if (std::sscanf(text.c_str(), "%1u.%3u.%3u", &parts[0], &parts[1], &parts[2]) == 3) ++plain.status_codes;
  }
  for (const std::string_view wire : sorted_replies().ehlo)
    for (const extension e : every_extension()) {
      const std::string line = std::string("250-").append(keyword(e));
      const std::string last = std::string("250 ").append(keyword(e));
      for (const std::string& wanted : {line + "\r", line + " ", last + "\r", last + " "})
        if (wire.find(wanted) != std::string_view::npos) {
          ++plain.offers;
          break;
        }
    }
  return plain;
}

void floor_lf(benchmark::State& state) {
  const double taken = run(state, [&] { split_at_lf(replies().octets); });
  state.counters["ns/reply"] = taken * 1e9 / static_cast<double>(replies().items.size());
}
BENCHMARK(floor_lf)->Name("reply/floor: memchr LF");

void check_replies() {
  found parsed;
  std::size_t lines = 0;
  for (const std::string_view wire : replies().items) {
    const auto reply = parse_reply(wire);
    check(reply && std::to_string(reply->code()) == wire.substr(0, 3), "refused, or another code", wire);
    for (const std::string_view text : reply->lines()) lines += text.size() <= wire.size() ? 1U : 0U;
  }
  check(lines == static_cast<std::size_t>(std::ranges::count(replies().octets, '\n')), "another number of lines");
  for (const std::string_view wire : sorted_replies().others)
    if (parse_reply(wire)->status()) ++parsed.status_codes;
  for (const std::string_view wire : sorted_replies().ehlo) {
    const auto response = parse_ehlo_response(wire);
    check(response.has_value(), "no EHLO response", wire);
    const extensions offered = capabilities_of(response->reply).offered;
    for (const extension e : every_extension()) parsed.offers += offered.contains(e) ? 1U : 0U;
  }
  check(parsed == search(), "other status codes or offers than by plain search");
}

void parse(benchmark::State& state) {
  check_replies();
  const double floor = seconds_of([] { split_at_lf(replies().octets); });
  const double taken = run(state, [] {
    for (const std::string_view wire : replies().items) benchmark::DoNotOptimize(parse_reply(wire));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/reply"] = taken * 1e9 / static_cast<double>(replies().items.size());
  state.counters["accepted"] = static_cast<double>(replies().items.size());
}
BENCHMARK(parse)->Name("reply/parse");

void parse_typed(benchmark::State& state) {
  check_replies();
  const double floor = seconds_of([] { split_at_lf(replies().octets); });
  const double taken = run(state, [] {
    for (const std::string_view wire : sorted_replies().others) {
      const auto reply = parse_reply(wire);
      benchmark::DoNotOptimize(reply);
      benchmark::DoNotOptimize(reply->status());
    }
    for (const std::string_view wire : sorted_replies().ehlo) {
      const auto response = parse_ehlo_response(wire);
      benchmark::DoNotOptimize(response);
      benchmark::DoNotOptimize(capabilities_of(response->reply));
    }
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/reply"] = taken * 1e9 / static_cast<double>(replies().items.size());
  state.counters["accepted"] = static_cast<double>(replies().items.size());
  state.counters["ehlo"] = static_cast<double>(sorted_replies().ehlo.size());
}
BENCHMARK(parse_typed)->Name("reply/parse, status code and offers");

} // namespace
} // namespace postel::bench
