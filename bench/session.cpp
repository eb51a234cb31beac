// Whole server sessions: what a client says to deliver mail, the events, the answers, and the replies that are written.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "body_workload.hpp"
#include "measure.hpp"
#include "postel/command.hpp"
#include "postel/line.hpp"
#include "postel/server.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

policy rules_of_bench() {
  policy rules;
  rules.host = "mx.example";
  return rules;
}

// What a client says to begin many transactions, without messages: the commands of the workload that a session takes at that point.
struct dialogue {
  std::string octets;
  std::vector<std::string> lines; // without CRLF; each owns its octets, for octets grows

  void say(std::string_view line) {
    octets.append(line).append("\r\n");
    lines.emplace_back(line);
  }
};

dialogue make_dialogue() {
  dialogue made;
  made.say("EHLO client.example");
  bool in_transaction = false;
  bool smtputf8 = false;
  for (const std::string_view line : commands().items) {
    const auto parsed = parse_command(line, charset::utf8);
    if (!parsed) continue;
    if (const auto* mail = std::get_if<cmd::mail>(&*parsed)) {
      if (mail->params.check(rules_of_bench().offer)) continue; // not offered
      smtputf8 = mail->params.find("SMTPUTF8").has_value();
      if (has_non_ascii(line) && !smtputf8) continue;
      if (std::exchange(in_transaction, true)) made.say("RSET");
      made.say(line);
    } else if (const auto* rcpt = std::get_if<cmd::rcpt>(&*parsed)) {
      if (in_transaction && rcpt->params.empty() && (smtputf8 || !has_non_ascii(line))) made.say(line);
    } else if (std::holds_alternative<cmd::noop>(*parsed)) {
      made.say(line);
    }
  }
  return made;
}

const dialogue& commands_only() {
  static const dialogue made = make_dialogue();
  return made;
}

// What a session gave, to be compared with what it was to give.
struct tally {
  std::size_t events = 0;
  std::size_t refused = 0;
  std::size_t body_octets = 0;
  std::size_t messages = 0;
};

// Plays octets to a session whose application accepts everything. Replies are written to out, which is emptied where a socket would be.
template <typename Take>
tally play(const policy& rules, std::string_view octets, std::string& out, Take take) {
  tally seen;
  server session(rules);
  out.clear();
  if (!session.open(out)) return seen;
  for (;;) {
    const server_step step = session.next(octets, out);
    if (step.idle()) return seen;
    ++seen.events;
    benchmark::DoNotOptimize(step.event);
    if (const auto* body = std::get_if<event::body>(&step.event)) {
      take(body->bytes);
      seen.body_octets += body->bytes.size();
    } else {
      if (std::holds_alternative<event::refused>(step.event)) ++seen.refused;
      if (std::holds_alternative<event::message_end>(step.event)) ++seen.messages;
      if (session.pending_answers() != 0 && !session.accept(out)) return seen;
      if (out.size() > 2048) out.clear();
    }
    octets.remove_prefix(step.used);
  }
}

// The least that anybody can do with these octets: find each line, parse it, and write a reply that was ready.
std::size_t least(std::string_view octets, std::string& out) {
  line_framer lines;
  std::size_t parsed = 0;
  out.clear();
  for (;;) {
    const line_framer::step step = lines.next(octets, 1000);
    if (step.what != line_framer::outcome::line) return parsed;
    const auto command = parse_command(step.text, charset::utf8);
    benchmark::DoNotOptimize(command);
    if (command) ++parsed;
    out.append("250 2.1.0 OK\r\n");
    if (out.size() > 2048) out.clear();
    octets.remove_prefix(step.used);
  }
}

void commands_of_sessions(benchmark::State& state) {
  const policy rules = rules_of_bench();
  const dialogue& said = commands_only();
  std::string out;
  out.reserve(4096);
  const tally seen = play(rules, said.octets, out, [](std::string_view) {});
  for (const std::string& line : said.lines)
    check(parse_command(line, charset::utf8).has_value(), "is no command", line);
  check(seen.refused == 0, "refuses what is good");
  check(seen.events == said.lines.size() && seen.body_octets == 0, "not one event a line");

  const double parsing = seconds_of([&] {
    for (const std::string& line : said.lines) benchmark::DoNotOptimize(parse_command(line, charset::utf8));
  });
  check(least(said.octets, out) == said.lines.size(), "not every line is a command");
  const double least_taken = seconds_of([&] { benchmark::DoNotOptimize(least(said.octets, out)); });
  const double floor = seconds_of([&] { split_at_lf(said.octets); });
  const double taken =
      run(state, [&] { benchmark::DoNotOptimize(play(rules, said.octets, out, [](std::string_view) {})); });
  state.counters["x_floor"] = taken / floor;
  state.counters["x_parse"] = taken / parsing;
  state.counters["x_least"] = taken / least_taken;
  state.counters["ns/event"] = taken * 1e9 / static_cast<double>(said.lines.size());
}
BENCHMARK(commands_of_sessions)->Name("session/commands, answers and replies");

// The same lines, parsed only.
void parse_the_same(benchmark::State& state) {
  const dialogue& said = commands_only();
  const double floor = seconds_of([&] { split_at_lf(said.octets); });
  const double taken = run(state, [&] {
    for (const std::string& line : said.lines) benchmark::DoNotOptimize(parse_command(line, charset::utf8));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/line"] = taken * 1e9 / static_cast<double>(said.lines.size());
}
BENCHMARK(parse_the_same)->Name("session/parse_command on the same lines");

// Lines that the session answers by itself with a short reply: what an event costs with the least around it.
void noops(benchmark::State& state) {
  const policy rules = rules_of_bench();
  constexpr std::size_t count = 1000;
  std::string octets;
  for (std::size_t i = 0; i < count; ++i) octets += "NOOP\r\n";
  std::string out;
  out.reserve(4096);
  const tally seen = play(rules, octets, out, [](std::string_view) {});
  check(seen.events == count && seen.refused == 0, "not one event a line");
  const double taken = run(state, [&] { benchmark::DoNotOptimize(play(rules, octets, out, [](std::string_view) {})); });
  state.counters["ns/event"] = taken * 1e9 / static_cast<double>(count);
}
BENCHMARK(noops)->Name("session/NOOP");

// One mail a session: EHLO, MAIL, two RCPT, DATA, a text of that many octets, QUIT.
void mail(benchmark::State& state) {
  const policy rules = rules_of_bench();
  const body_workload body = make_body(body_kind::text, static_cast<std::size_t>(state.range(0)));
  const std::string envelope =
      "EHLO client.example\r\n"
      "MAIL FROM:<ann@client.example> SIZE=4096 BODY=8BITMIME\r\n"
      "RCPT TO:<bob@mx.example>\r\n"
      "RCPT TO:<carol@mx.example>\r\n"
      "DATA\r\n";
  const std::string octets = envelope + body.wire + "QUIT\r\n";
  std::string out;
  out.reserve(4096);
  std::string_view left = body.message;
  const tally seen = play(rules, octets, out, [&](std::string_view piece) {
    check(left.starts_with(piece), "another message");
    left.remove_prefix(piece.size());
  });
  check(left.empty() && seen.messages == 1 && seen.refused == 0, "the message is not delivered");
  check(out.ends_with("221 2.0.0 Bye\r\n"), "another last reply", out);
  const double floor = seconds_of([&] { split_at_lf(octets); });
  const double taken = run(state, [&] {
    benchmark::DoNotOptimize(
        play(rules, octets, out, [](std::string_view piece) { benchmark::DoNotOptimize(piece.data()); }));
  });
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/mail"] = taken * 1e9;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}
BENCHMARK(mail)->Name("session/mail with a text of")->Arg(1024)->Arg(8192)->Arg(65536)->Arg(1 << 20);

} // namespace
} // namespace postel::bench
