#include "check/check_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "case/files.hpp"
#include "check/comparison.hpp"
#include "command/exit_code.hpp"
#include "command/usage_error.hpp"
#include "play/player.hpp"
#include "report/terminal.hpp"
#include "text/escape.hpp"
#include "wire/program_client.hpp"

namespace postel::conformance {

namespace {

// What has to work before anything can be said of a client: one message, by the simplest dialogue there is.
constexpr std::string_view probe_header =
    "== probe/probe/probe MUST client\n"
    "   A message is delivered.\n"
    "S: 220 server.example ESMTP\n";
constexpr std::string_view probe_in_clear =
    "C?: EHLO | HELO | LHLO\n"
    "when HELO\n"
    "  S: 250 server.example\n"
    "else\n"
    "  S: 250-server.example\n"
    "  S: 250 PIPELINING\n"
    "end\n";
constexpr std::string_view probe_tls =
    "C?: EHLO\n"
    "S: 250-server.example\n"
    "S: 250 STARTTLS\n"
    "C?: STARTTLS\n"
    "S: 220 go ahead\n"
    "tls?:\n";
constexpr std::string_view probe_in_tls =
    "C?: EHLO\n"
    "S: 250-server.example\n"
    "S: 250 PIPELINING\n";
// It may refuse to show its password in clear, and CRAM-MD5 does not.
constexpr std::string_view probe_with_auth =
    "C?: EHLO\n"
    "S: 250-server.example\n"
    "S: 250 AUTH CRAM-MD5 PLAIN LOGIN\n";
constexpr std::string_view probe_end =
    "answer until DATA\n"
    "S: 354 go on\n"
    "C?: text\n"
    "S: 250 taken\n"
    "ends: delivered\n";

outcome try_once(program_client& client, const patience& waits, const check_options& wanted) {
  std::string text(probe_header);
  if (wanted.starttls) text += probe_tls;
  text.append(wanted.auth ? probe_with_auth : wanted.starttls ? probe_in_tls : probe_in_clear).append(probe_end);
  const auto parsed = parse_cases("probe", text);
  return play(std::get<std::vector<test_case>>(parsed).front(), client, waits);
}

int play_all(const check_options& wanted, const std::vector<test_case>& chosen, comparison& compared) {
  patience waits;
  waits.reply = wanted.timeout;
  waits.start = std::max(waits.start, waits.reply);
  waits.quiet = wanted.quiet.value_or(milliseconds(200));
  program_client client(*wanted.client);
  const std::string shown = escape(*wanted.client);

  if (const outcome probed = try_once(client, waits, wanted); probed.result != verdict::pass) {
    fmt::print(stderr, "{}: could not be tried: it does not deliver a message: {}\n", shown, probed.reason);
    for (const std::string& each : probed.transcript) fmt::print(stderr, "    {}\n", each);
    return exit_code::untestable;
  }

  terminal_report page(stdout, {wants_colour(stdout), wanted.transcripts}, shown);
  sink* const told[] = {&page, &compared};
  const run_result result = run_cases(chosen, client, waits, told);
  return compared.conclude(result, shown);
}

} // namespace

int check_client(const check_options& wanted) {
  auto loaded = load_cases(wanted.cases ? std::filesystem::path(*wanted.cases) : default_case_folder(), side::client);
  if (const auto* message = std::get_if<std::string>(&loaded)) return usage_error(*message);
  const std::vector<test_case>& all = std::get<std::vector<test_case>>(loaded);
  std::vector<test_case> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const test_case& each) {
    const fixture& given = each.given;
    return given.lmtp == wanted.lmtp && given.tls == wanted.starttls && given.auth == wanted.auth &&
           selected(each.id, wanted.only);
  });
  if (chosen.empty()) return usage_error("no case for such a client has such an id; --list shows them");
  if (wanted.list) {
    list_cases(stdout, chosen);
    return exit_code::good;
  }
  auto with_expected = comparison::with(wanted.expected, all);
  if (const auto* wrong = std::get_if<std::string>(&with_expected)) return usage_error(*wrong);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return play_all(wanted, chosen, std::get<comparison>(with_expected));
  } catch (const std::system_error& error) {
    fmt::print(stderr, "the client could not be tried: {}\n", error.what());
    return exit_code::untestable;
  }
}

} // namespace postel::conformance
