#include "check/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <postel/address.hpp>
#include <thread>

#include "case/files.hpp"
#include "check/comparison.hpp"
#include "command/exit_code.hpp"
#include "command/target_name.hpp"
#include "command/usage_error.hpp"
#include "play/probe.hpp"
#include "report/terminal.hpp"
#include "run/run.hpp"
#include "serve/application.hpp"
#include "serve/tcp_server.hpp"
#include "text/escape.hpp"
#include "wire/tcp_transport.hpp"

namespace postel::conformance {

namespace {

constexpr std::uint16_t smtp_port = 25;

// The built-in server on a port of its own, for as long as the object lives.
class served_here {
 public:
  served_here(service protocol, mail_system mail)
      : policy_(built_in_policy(protocol)),
        server_(policy_, with_tls_port(std::move(mail))),
        thread_([this] { server_.run(); }) {}
  served_here(const served_here&) = delete;
  served_here& operator=(const served_here&) = delete;
  ~served_here() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port(bool tls) const { return tls ? server_.tls_port() : server_.port(); }

 private:
  static tcp_server::options with_tls_port(mail_system mail) {
    tcp_server::options wanted;
    wanted.mail = std::move(mail);
    wanted.tls_port = 0;
    return wanted;
  }

  policy policy_;
  tcp_server server_;
  std::thread thread_;
};

// The built-in server, told to be what the command line says of the target.
mail_system as_told(const check_options& wanted) {
  mail_system mail;
  if (wanted.rcpt) mail.mailboxes = {*wanted.rcpt};
  if (wanted.unknown) mail.unknown = {*wanted.unknown};
  if (wanted.foreign) mail.foreign = {*wanted.foreign};
  if (wanted.user) mail.user = *wanted.user;
  if (wanted.password) mail.password = *wanted.password;
  return mail;
}

// Why there is no TLS before the greeting, as far as the port tells without it: a greeting in clear.
std::string advice_without_tls(const target_name& where, std::uint16_t port, const patience& waits) {
  tcp_target plain(where.host, port, {});
  auto wire = plain.connect(waits.reply);
  auto* const connected = std::get_if<std::unique_ptr<transport>>(&wire);
  if (connected == nullptr || probe(**connected, waits).untestable) return {};
  return "; it greets in clear: leave --tls out, or try --starttls";
}

// An address option, or what is wrong with it.
std::optional<std::string> wrong_address(std::string_view option, const std::optional<std::string>& address,
                                         bool postmaster) {
  if (!address || (postmaster && equal_ignoring_case(*address, "Postmaster"))) return std::nullopt;
  const auto parsed = parse_mailbox(*address, charset::utf8);
  if (parsed) return std::nullopt;
  return fmt::format("{}: {} at octet {} of {}", option, message(parsed.error().code), parsed.error().offset,
                     escape(*address));
}

} // namespace

int show_case(const check_options& wanted) {
  const std::filesystem::path folder = wanted.cases ? std::filesystem::path(*wanted.cases) : default_case_folder();
  for (const side tested : {side::server, side::client}) {
    const auto loaded = load_cases(folder, tested);
    if (const auto* message = std::get_if<std::string>(&loaded)) return usage_error(*message);
    for (const test_case& each : std::get<std::vector<test_case>>(loaded)) {
      if (each.id != *wanted.show) continue;
      fmt::print("{}", written_out(each));
      return exit_code::good;
    }
  }
  return usage_error(
      "--show: no case has this id; --list shows those for servers, --client x --list those for clients");
}

int check(const check_options& wanted) {
  auto loaded = load_cases(wanted.cases ? std::filesystem::path(*wanted.cases) : default_case_folder());
  if (const auto* message = std::get_if<std::string>(&loaded)) return usage_error(*message);
  const std::vector<test_case>& all = std::get<std::vector<test_case>>(loaded);

  environment values(wanted.lmtp ? service::lmtp : wanted.submission ? service::submission : service::smtp);
  if (wanted.tls) values.set_secure();
  if (wanted.starttls) values.set_always_tls();

  std::vector<test_case> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [&](const test_case& each) { return values.suits(each) && selected(each.id, wanted.only); });
  if (chosen.empty()) return usage_error("--only: no case has such an id; --list shows them");
  if (wanted.list) {
    list_cases(stdout, chosen);
    return exit_code::good;
  }

  for (const auto& wrong :
       {wrong_address("--sender", wanted.sender, false), wrong_address("--rcpt", wanted.rcpt, true),
        wrong_address("--unknown", wanted.unknown, false), wrong_address("--foreign", wanted.foreign, false)})
    if (wrong) return usage_error(*wrong);

  auto with_expected = comparison::with(wanted.expected, all);
  if (const auto* wrong = std::get_if<std::string>(&with_expected)) return usage_error(*wrong);
  auto& compared = std::get<comparison>(with_expected);

  values.set(variable::client, "client.example");
  values.set(variable::sender, wanted.sender.value_or("ann@client.example"));
  values.set_recipient(wanted.rcpt.value_or("Postmaster"));
  if (wanted.unknown) values.set(variable::unknown, *wanted.unknown);
  if (wanted.foreign) values.set(variable::foreign, *wanted.foreign);
  if (wanted.user) values.set(variable::user, *wanted.user);
  if (wanted.password) values.set(variable::password, *wanted.password);

  patience waits;
  waits.reply = wanted.timeout;
  waits.at_least_quiet = !wanted.quiet;
  waits.quiet = wanted.quiet.value_or(wanted.target ? waits.quiet : milliseconds(100));

  std::optional<served_here> here;
  std::optional<target_name> where;
  std::string shown;
  if (wanted.target) {
    where = parse_target(*wanted.target);
    if (!where) return usage_error(target_advice(*wanted.target));
    shown = escape(*wanted.target);
  } else {
    // What the built-in server accepts and refuses is known.
    if (!wanted.rcpt) values.set_recipient("bob@example.org");
    if (!wanted.unknown) values.set(variable::unknown, "unknown@example.org");
    if (!wanted.foreign) values.set(variable::foreign, "eve@foreign.example");
    if (!wanted.user) values.set(variable::user, std::string(built_in_user));
    if (!wanted.password) values.set(variable::password, std::string(built_in_password));
    here.emplace(values.protocol(), as_told(wanted));
    where = target_name{"127.0.0.1", here->port(wanted.tls)};
    shown = fmt::format("the built-in server at 127.0.0.1:{}, since no target is given", *where->port);
  }
  const std::uint16_t port = where->port.value_or(smtp_port);

  terminal_report page(stdout, {wants_colour(stdout), wanted.transcripts}, shown);
  sink* const told[] = {&page, &compared};
  tcp_target peer(where->host, port, {wanted.tls, wanted.verify});
  run_result result = run_cases(chosen, peer, values, waits, told);
  if (result.untestable) {
    if (result.untestable->starts_with(no_tls)) *result.untestable += advice_without_tls(*where, port, waits);
    fmt::print(stderr, "{}: could not be tried{}: {}\n", shown, result.outcomes.empty() ? "" : " to the end",
               *result.untestable);
    return exit_code::untestable;
  }
  return compared.conclude(result, shown);
}

} // namespace postel::conformance
