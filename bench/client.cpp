// Client sessions: replies as they are read, bodies as they are written, and whole mails, by the session alone and by a delivery.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "body_measure.hpp"
#include "postel/capability.hpp"
#include "postel/client.hpp"
#include "postel/delivery.hpp"
#include "workload.hpp"

namespace postel::bench {
namespace {

const client_policy rules;
const path ann{{}, "ann", "client.example"};
const path bob{{}, "bob", "mx.example"};
const path carol{{}, "carol", "mx.example"};

// Until the replies to what was said are read.
void hear(client& session, std::string_view octets) {
  while (!octets.empty()) {
    const client_step step = session.next(octets);
    check(step.used != 0, "is not taken", octets);
    octets.remove_prefix(step.used);
  }
}

client greeted() {
  client session(rules);
  hear(session, "220 mx.example\r\n");
  return session;
}

// A session that has said EHLO.
client awaiting_ehlo() {
  client session = greeted();
  std::string out;
  check(session.send(cmd::ehlo{{"client.example"}}, out).has_value(), "EHLO is refused");
  return session;
}

client in_session(std::string_view offer) {
  client session = awaiting_ehlo();
  hear(session, offer);
  return session;
}

// A session that awaits as many replies as it may, to MAIL and RCPT.
client awaiting_group() {
  client session = in_session("250-mx.example\r\n250 PIPELINING\r\n");
  std::string out;
  check(session.send(cmd::mail{ann, {}}, out).has_value(), "MAIL is refused");
  while (session.outstanding() != client::max_outstanding)
    check(session.send(cmd::rcpt{bob, {}}, out).has_value(), "RCPT is refused");
  return session;
}

// The replies of the workload but the responses to EHLO and those that end the session, in groups as a server would send them.
struct groups {
  std::vector<std::string_view> replies;
  std::vector<std::string> octets; // of each group
  std::string all;                 // of all of them

  groups() {
    for (const std::string_view wire : sorted_replies().others) {
      if (wire.starts_with("421")) continue;
      if (replies.size() % client::max_outstanding == 0) octets.emplace_back();
      replies.push_back(wire);
      octets.back() += wire;
      all += wire;
    }
  }
};
const groups& in_groups() {
  static const groups made;
  return made;
}

const reply_view* reply_of(const client_event& e) {
  if (const auto* replied = std::get_if<event::replied>(&e)) return &replied->reply;
  return nullptr;
}

// Reads a group, or one response to EHLO; gives how many replies there were.
template <typename Take>
std::size_t read(client session, std::string_view octets, Take take) {
  std::size_t count = 0;
  for (; !octets.empty(); ++count) {
    const client_step step = session.next(octets);
    take(step.event);
    octets.remove_prefix(step.used);
  }
  benchmark::DoNotOptimize(session);
  return count;
}

void ignore(const client_event& e) {
  benchmark::DoNotOptimize(e);
}

void report(benchmark::State& state, double taken, double floor, double parsing, std::size_t replies) {
  state.counters["x_floor"] = taken / floor;
  state.counters["x_parse"] = taken / parsing;
  state.counters["ns/reply"] = taken * 1e9 / static_cast<double>(replies);
}

void replies_in_groups(benchmark::State& state) {
  const groups& said = in_groups();
  const client session = awaiting_group();
  std::size_t count = 0;
  for (const std::string& group : said.octets)
    read(session, group, [&](const client_event& e) {
      const auto parsed = parse_reply(said.replies[count], charset::ascii, reply_codes::any);
      check(parsed && reply_of(e) != nullptr && *reply_of(e) == *parsed, "another reply", said.replies[count]);
      ++count;
    });
  check(count == said.replies.size(), "another number of replies");
  const double floor = seconds_of([&] { split_at_lf(said.all); });
  const double parsing = seconds_of([&] {
    for (const std::string_view wire : said.replies)
      benchmark::DoNotOptimize(parse_reply(wire, charset::ascii, reply_codes::any));
  });
  const double taken = run(state, [&] {
    for (const std::string& group : said.octets) read(session, group, ignore);
  });
  report(state, taken, floor, parsing, count);
}
BENCHMARK(replies_in_groups)->Name("client/replies to MAIL and RCPT");

void ehlo_responses(benchmark::State& state) {
  const std::vector<std::string_view>& said = sorted_replies().ehlo;
  const client session = awaiting_ehlo();
  std::string all;
  for (const std::string_view wire : said) {
    all += wire;
    client fresh = session;
    check(fresh.next(wire).used == wire.size(), "is not taken", wire);
    check(fresh.offered() == capabilities_of(*parse_reply(wire)).offered, "another offer", wire);
  }
  const double floor = seconds_of([&] { split_at_lf(all); });
  const double parsing = seconds_of([&] {
    for (const std::string_view wire : said) {
      const auto reply = parse_reply(wire, charset::ascii, reply_codes::any);
      benchmark::DoNotOptimize(capabilities_of(*reply));
    }
  });
  const double taken = run(state, [&] {
    for (const std::string_view wire : said) read(session, wire, ignore);
  });
  report(state, taken, floor, parsing, said.size());
}
BENCHMARK(ehlo_responses)->Name("client/responses to EHLO");

// A session that has been told to send the message, which may have octets above 127 or, if it is not declared, must be looked through.
client in_body(bool declared) {
  client session = in_session("250-mx.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
  std::string out;
  check(session.send(cmd::mail{ann, parameters(declared ? "BODY=8BITMIME" : "")}, out).has_value(), "MAIL is refused");
  check(session.send(cmd::rcpt{bob, {}}, out).has_value(), "RCPT is refused");
  check(session.send(cmd::data{}, out).has_value(), "DATA is refused");
  hear(session, "250 OK\r\n250 OK\r\n354 go on\r\n");
  check(session.in_body(), "no message is wanted");
  return session;
}

void use(std::string_view view) {
  benchmark::DoNotOptimize(view.data());
}

auto next_of(client& session) {
  return [&](std::string_view piece) { return session.stuff(piece); };
}

void body_views(benchmark::State& state, body_kind kind, std::size_t size, bool declared) {
  const body_workload& body = body_of(kind, size);
  const client prepared = in_body(declared);
  client checked = prepared;
  const std::string_view left = check_views(body.message, body.wire, next_of(checked));
  check(*checked.end_body() == left, "is ended otherwise");
  const double floor = seconds_of([&] { split_at_lf(body.message); });
  const double taken = run(state, [&] {
    client session = prepared;
    for_each_view(body.message, next_of(session), use);
  });
  report_floors(state, body.message, taken, floor);
}

void body_copied(benchmark::State& state, body_kind kind, std::size_t size) {
  const body_workload& body = body_of(kind, size);
  const client prepared = in_body(true);
  std::string out;
  out.reserve(body.wire.size());
  client checked = prepared;
  check(checked.send_body(body.message, out) && checked.end_body(out) && out == body.wire, "is written otherwise");
  const double floor = seconds_of([&] { split_at_lf(body.message); });
  const double taken = run(state, [&] {
    client session = prepared;
    out.clear();
    benchmark::DoNotOptimize(session.send_body(body.message, out));
    benchmark::ClobberMemory();
  });
  report_floors(state, body.message, taken, floor);
}

// What a server says to take a mail, turn by turn.
constexpr std::string_view turns[] = {
    "220 mx.example ESMTP\r\n",
    "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n354 Go ahead\r\n",
    "250 2.6.0 Message accepted\r\n",
    "221 2.0.0 Bye\r\n",
};

std::string dialogue(const body_workload& body) {
  return "EHLO client.example\r\n"
         "MAIL FROM:<ann@client.example> SIZE=" +
         std::to_string(body.message.size()) +
         "\r\n"
         "RCPT TO:<bob@mx.example>\r\n"
         "RCPT TO:<carol@mx.example>\r\n"
         "DATA\r\n" +
         body.wire + "QUIT\r\n";
}

// One mail by the session alone. take(view): what goes over the wire.
template <typename Take>
void mail_by_client(std::string_view message, std::string_view size, std::string& out, Take take) {
  client session(rules);
  for (std::string_view unread : turns) {
    out.clear();
    while (!unread.empty()) {
      const client_step step = session.next(unread);
      unread.remove_prefix(step.used);
      const auto* replied = std::get_if<event::replied>(&step.event);
      if (std::holds_alternative<event::greeted>(step.event)) {
        (void)session.send(cmd::ehlo{{"client.example"}}, out);
      } else if (replied != nullptr && replied->command == verb::ehlo) {
        (void)session.send(cmd::mail{ann, parameters(size)}, out);
        (void)session.send(cmd::rcpt{bob, {}}, out);
        (void)session.send(cmd::rcpt{carol, {}}, out);
        (void)session.send(cmd::data{}, out);
      } else if (session.in_body()) {
        for_each_view(message, next_of(session), take);
        take(*session.end_body());
      } else if (std::holds_alternative<event::message_replied>(step.event)) {
        (void)session.send(cmd::quit{}, out);
      }
    }
    take(std::string_view(out));
  }
}

// The same by a delivery.
template <typename Take>
bool mail_by_delivery(std::string_view message, std::string& out, Take take) {
  static const delivery_plan plan{.helo = "client.example"};
  static const envelope::recipient to[] = {{bob}, {carol}};
  static const envelope between{.from = ann, .to = to};
  const std::string_view slices[] = {message};
  delivery sends(plan, between, slices);
  std::array<std::string_view, 64> views;
  for (const std::string_view said : turns) {
    out.clear();
    const delivery::step step = sends.next(said, out);
    take(std::string_view(out));
    if (step.want != delivery::wants::message) continue;
    while (const std::size_t count = sends.message(views))
      for (std::size_t i = 0; i < count; ++i) take(views[i]);
  }
  return std::ranges::all_of(sends.outcomes(), [](const auto& each) { return each.what == outcome::delivered; });
}

void report_mail(benchmark::State& state, double taken, double floor, std::size_t octets) {
  state.counters["x_floor"] = taken / floor;
  state.counters["ns/mail"] = taken * 1e9;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets));
}

// What was said, with the replies before it: what one floor goes through.
std::string both_sides(const std::string& said) {
  std::string octets = said;
  for (const std::string_view turn : turns) octets += turn;
  return octets;
}

void client_mail(benchmark::State& state) {
  const body_workload body = make_body(body_kind::text, static_cast<std::size_t>(state.range(0)));
  const std::string size = "SIZE=" + std::to_string(body.message.size());
  std::string out;
  out.reserve(4096);
  std::string said;
  mail_by_client(body.message, size, out, [&](std::string_view view) { said += view; });
  check(said == dialogue(body), "says something else", said);
  const std::string octets = both_sides(said);
  const double floor = seconds_of([&] { split_at_lf(octets); });
  const double taken = run(state, [&] { mail_by_client(body.message, size, out, use); });
  report_mail(state, taken, floor, octets.size());
}
BENCHMARK(client_mail)->Name("client/mail with a text of")->Arg(1024)->Arg(8192)->Arg(65536)->Arg(1 << 20);

void delivery_mail(benchmark::State& state) {
  const body_workload body = make_body(body_kind::text, static_cast<std::size_t>(state.range(0)));
  std::string out;
  out.reserve(4096);
  std::string said;
  const bool delivered = mail_by_delivery(body.message, out, [&](std::string_view view) { said += view; });
  check(delivered, "is not delivered");
  check(said == dialogue(body), "says something else", said);
  const std::string octets = both_sides(said);
  const double floor = seconds_of([&] { split_at_lf(octets); });
  const double taken =
      run_allocating(state, [&] { benchmark::DoNotOptimize(mail_by_delivery(body.message, out, use)); });
  report_mail(state, taken, floor, octets.size());
}
BENCHMARK(delivery_mail)->Name("client/delivery of a text of")->Arg(1024)->Arg(8192)->Arg(65536)->Arg(1 << 20);

const int registered = [] {
  for (const std::size_t size : {cache_size, memory_size}) {
    const std::string where = size == cache_size ? "cache/" : "memory/";
    for (const body_kind kind : {body_kind::plain76, body_kind::text, body_kind::dots76, body_kind::dotshort}) {
      const std::string name = "client/" + where + bench::name(kind) + "/";
      benchmark::RegisterBenchmark((name + "views").c_str(), body_views, kind, size, true);
      benchmark::RegisterBenchmark((name + "views, looked through").c_str(), body_views, kind, size, false);
      benchmark::RegisterBenchmark((name + "send_body").c_str(), body_copied, kind, size);
    }
  }
  return 0;
}();

} // namespace
} // namespace postel::bench
