#include "check_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "case_files.hpp"
#include "client_player.hpp"
#include "comparison.hpp"
#include "escape.hpp"
#include "exit_code.hpp"
#include "program_client.hpp"
#include "report.hpp"

namespace postel::conformance {

namespace {

int usage_error(std::string_view message) {
  fmt::print(stderr, "{}{}", message, message.ends_with('\n') ? "" : "\n");
  return exit_code::usage;
}

// What has to work before anything can be said of a client: one message, by the simplest dialogue there is.
constexpr std::string_view probe_in_clear = R"(== probe/probe/probe MUST client
   A message is delivered.
S: 220 server.example ESMTP
C?: EHLO | HELO | LHLO
when HELO
  S: 250 server.example
else
  S: 250-server.example
  S: 250 PIPELINING
end
)";

// For a client that was told to authenticate. It may refuse to show its password in clear, and CRAM-MD5 does not.
constexpr std::string_view probe_with_auth = R"(== probe/probe/probe MUST client
   A message is delivered.
S: 220 server.example ESMTP
C?: EHLO
S: 250-server.example
S: 250 AUTH CRAM-MD5 PLAIN LOGIN
)";

// With the handshake before it.
constexpr std::string_view probe_in_tls = R"(== probe/probe/probe MUST client
   A message is delivered.
S: 220 server.example ESMTP
C?: EHLO
S: 250-server.example
S: 250 STARTTLS
C?: STARTTLS
S: 220 go ahead
C?: handshake
TLS
C?: EHLO
S: 250-server.example
)";

// How each of them ends.
constexpr std::string_view probe_end = R"(until: DATA
S: 354 go on
C?: text
S: 250 taken
result: delivered
)";

std::string probe_for(const check_options& wanted) {
  std::string text(wanted.starttls ? probe_in_tls : wanted.auth ? probe_with_auth : probe_in_clear);
  if (wanted.starttls) text += wanted.auth ? "S: 250 AUTH CRAM-MD5 PLAIN LOGIN\n" : "S: 250 PIPELINING\n";
  return text.append(probe_end);
}

client_outcome try_once(program_client& client, const patience& waits, const check_options& wanted) {
  const auto parsed = parse_client_cases("probe", probe_for(wanted));
  return play(std::get<std::vector<client_case>>(parsed).front(), client, waits);
}

int play_all(const check_options& wanted, const std::vector<client_case>& chosen, const std::vector<test_case>& abouts,
             comparison& compared) {
  patience waits;
  waits.reply = wanted.timeout;
  waits.start = std::max(waits.start, waits.reply);
  waits.quiet = wanted.quiet.value_or(milliseconds(200));
  program_client client(*wanted.client);
  const std::string shown = escape(*wanted.client);

  if (const client_outcome probed = try_once(client, waits, wanted); probed.played.result != verdict::pass) {
    fmt::print(stderr, "{}: could not be tried: it does not deliver a message: {}\n", shown, probed.played.reason);
    for (const std::string& each : probed.played.transcript) fmt::print(stderr, "    {}\n", each);
    return exit_code::untestable;
  }

  report page(stdout, {wants_colour(stdout), wanted.transcripts}, abouts);
  page.heading(shown);
  run_result result;
  const auto start = std::chrono::steady_clock::now();
  for (const client_case& each : chosen) {
    outcome played;
    if (auto missing = client.missing(each)) {
      played.result = verdict::skipped;
      played.reason = *std::move(missing);
    } else {
      played = play(each, client, waits).played;
    }
    ++result.counts[static_cast<std::size_t>(played.result)];
    page.played(each.about, played);
    compared.add(each.about, played);
    result.outcomes.push_back(std::move(played));
  }
  page.finish(result, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start));
  return compared.conclude(result, shown);
}

} // namespace

int check_client(const check_options& wanted) {
  auto loaded = load_client_cases(wanted.cases ? std::filesystem::path(*wanted.cases) : default_case_folder());
  if (const auto* message = std::get_if<std::string>(&loaded)) return usage_error(*message);
  std::vector<test_case> all;
  std::vector<client_case> chosen;
  std::vector<test_case> abouts;
  for (client_case& each : std::get<std::vector<client_case>>(loaded)) {
    all.push_back(each.about);
    const client_fixture& given = each.fixture;
    if (given.lmtp != wanted.lmtp || given.tls != wanted.starttls || given.auth != wanted.auth) continue;
    if (!selected(each.about.id, wanted.only)) continue;
    abouts.push_back(each.about);
    chosen.push_back(std::move(each));
  }
  if (chosen.empty()) return usage_error("no case for such a client has such an id; --list shows them");
  if (wanted.list) {
    list_cases(stdout, abouts);
    return exit_code::good;
  }
  auto with_expected = comparison::with(wanted.expected, all);
  if (const auto* wrong = std::get_if<std::string>(&with_expected)) return usage_error(*wrong);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return play_all(wanted, chosen, abouts, std::get<comparison>(with_expected));
  } catch (const std::system_error& error) {
    fmt::print(stderr, "the client could not be tried: {}\n", error.what());
    return exit_code::untestable;
  }
}

} // namespace postel::conformance
