#include "check/check_command.hpp"

#include <algorithm>

#include "check/check_client.hpp"
#include "command/option_values.hpp"
#include "command/usage_error.hpp"

namespace postel::conformance {

void add_check(CLI::App& tool, check_command& command) {
  check_options& wanted = command.wanted;
  CLI::App* const check =
      tool.add_subcommand("check", "Try a server: play the conformance cases against it and report");
  add_text(*check, "TARGET", wanted.target,
           "HOST, HOST:PORT or [ADDRESS]:PORT; the port is 25 unless given. "
           "Without a target the built-in server is tried");
  add_texts(*check, "--only", wanted.only, "Only cases whose id matches; may be repeated")->type_name("GLOB");
  check->add_flag("--list", wanted.list, "List the cases instead");
  add_text(*check, "--show", wanted.show, "Print a case instead, its preludes written out")->type_name("ID");
  add_text(*check, "--sender", wanted.sender,
           "A mailbox that the target takes mail from; one at client.example unless given")
      ->type_name("ADDRESS");
  add_text(*check, "--rcpt", wanted.rcpt, "A mailbox that the target accepts mail for; Postmaster unless given")
      ->type_name("ADDRESS");
  add_text(*check, "--unknown", wanted.unknown, "A mailbox that the target does not have")->type_name("ADDRESS");
  add_text(*check, "--foreign", wanted.foreign, "A mailbox that the target does not relay to")->type_name("ADDRESS");
  add_text(
      *check, "--user", wanted.user,
      "A user name that the target knows, for the cases of AUTH; said in clear only to a target without TLS, as is "
      "its password")
      ->type_name("NAME");
  add_password_options(*check, command.password);
  auto* const lmtp = check->add_flag("--lmtp", wanted.lmtp, "The target speaks LMTP");
  check->add_flag("--submission", wanted.submission, "The target is a submission server: AUTH comes before mail")
      ->excludes(lmtp);
  auto* const tls = check->add_flag("--tls", wanted.tls, "TLS before the greeting, as on port 465");
  check->add_flag("--starttls", wanted.starttls, "STARTTLS before each case")->excludes(tls);
  check->add_flag("--verify", wanted.verify, "The target's certificate has to be good; without, any is");
  add_number(*check, "--timeout", command.timeout, 0.01, 3600.0, "How long a reply may take")
      ->type_name("SECONDS")
      ->default_str("5");
  add_number(
      *check, "--quiet", command.quiet, 1U, 60'000U,
      "How long nothing must come to be silence; unless given 500 (100 for the built-in server), and at least four "
      "times what the target takes to answer QUIT")
      ->type_name("MILLISECONDS");
  check->add_flag("--transcript", wanted.transcripts, "Show what went over the wire for every case");
  add_texts(*check, "--expect", wanted.expected,
            "Compare the verdicts with those of a known server or client; may be repeated, and a later file's lines "
            "take the place of an earlier one's")
      ->type_name("FILE");
  add_text(*check, "--cases", wanted.cases, "Take the cases from another folder")->type_name("DIR");
  auto* const client =
      add_text(*check, "--client", wanted.client,
               "Try a client instead: a shell command with {host} {port} {sender} {rcpt} {rcpts} {file} in it, started "
               "once a case. With --lmtp, --starttls, --auth: it was told to speak LMTP, to need STARTTLS, to "
               "authenticate as {user} with {password}; {ca} is the authority to trust")
          ->type_name("COMMAND");
  check->add_flag("--auth", wanted.auth, "With --client: the client was told to authenticate")->needs(client);
}

namespace {

// Says of which option the value is empty, where that means nothing; null if there is none.
const char* without_value(const check_options& wanted) {
  const auto empty = [](const std::optional<std::string>& text) { return text && text->empty(); };
  const auto any_empty = [](const std::vector<std::string>& texts) { return std::ranges::count(texts, "") != 0; };
  return any_empty(wanted.only)       ? "--only: no id of a case"
         : any_empty(wanted.expected) ? "--expect: no name of a file"
         : empty(wanted.show)         ? "--show: no id of a case"
         : empty(wanted.cases)        ? "--cases: no name of a folder"
         : empty(wanted.client)       ? "--client: no command"
         : empty(wanted.sender)       ? "--sender: no address"
         : empty(wanted.rcpt)         ? "--rcpt: no address"
         : empty(wanted.unknown)      ? "--unknown: no address"
         : empty(wanted.foreign)      ? "--foreign: no address"
                                      : nullptr;
}

} // namespace

int run(check_command& command) {
  check_options& wanted = command.wanted;
  if (const char* const wrong = without_value(wanted)) return usage_error(wrong);
  wanted.timeout = milliseconds(static_cast<milliseconds::rep>(command.timeout * 1000));
  if (command.quiet) wanted.quiet = milliseconds(*command.quiet);
  if (wanted.show) return show_case(wanted);
  if (wanted.client) return check_client(wanted);
  // The built-in server's is known.
  if (!wanted.list && (command.password.given() || (wanted.user && wanted.target))) {
    auto password = password_of(command.password, wanted.user.value_or(""));
    if (const auto* refused = std::get_if<password_refusal>(&password)) return usage_error(refused->why);
    wanted.password = std::get<std::string>(std::move(password));
  }
  return check(wanted);
}

} // namespace postel::conformance
