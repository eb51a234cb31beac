// The command line of the tool.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <string_view>

#include "check.hpp"
#include "check_client.hpp"
#include "exit_code.hpp"
#include "parse.hpp"
#include "send_command.hpp"
#include "serve.hpp"

namespace {

using namespace postel::conformance;

void add_check(CLI::App& tool, check_options& wanted, double& timeout, std::optional<unsigned>& quiet) {
  CLI::App* const check =
      tool.add_subcommand("check", "Try a server: play the conformance cases against it and report");
  check->add_option("TARGET", wanted.target,
                    "HOST, HOST:PORT or [ADDRESS]:PORT; the port is 25 unless given. "
                    "Without a target the built-in server is tried");
  check->add_option("--only", wanted.only, "Only cases whose id matches; may be repeated")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  check->add_flag("--list", wanted.list, "List the cases instead");
  check->add_option("--rcpt", wanted.rcpt, "A mailbox that the target accepts mail for; Postmaster unless given")
      ->type_name("ADDRESS");
  check->add_option("--unknown", wanted.unknown, "A mailbox that the target does not have")->type_name("ADDRESS");
  check->add_option("--foreign", wanted.foreign, "A mailbox that the target does not relay to")->type_name("ADDRESS");
  check->add_option("--user", wanted.user, "A user name that the target knows, for the cases of AUTH")
      ->type_name("NAME");
  check->add_option("--password", wanted.password, "Its password; sent in clear only to a target without TLS")
      ->type_name("PASSWORD");
  auto* const lmtp = check->add_flag("--lmtp", wanted.lmtp, "The target speaks LMTP");
  check->add_flag("--submission", wanted.submission, "The target is a submission server: AUTH comes before mail")
      ->excludes(lmtp);
  auto* const tls = check->add_flag("--tls", wanted.tls, "TLS before the greeting, as on port 465");
  check->add_flag("--starttls", wanted.starttls, "STARTTLS before each case")->excludes(tls);
  check->add_flag("--verify", wanted.verify, "The target's certificate has to be good; without, any is");
  check->add_option("--timeout", timeout, "How long a reply may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  check
      ->add_option("--quiet", quiet,
                   "How long nothing must come to be silence; 500 unless given, 100 for the built-in server")
      ->type_name("MILLISECONDS")
      ->check(CLI::Range(1U, 60'000U));
  check->add_flag("--transcript", wanted.transcripts, "Show what went over the wire for every case");
  check->add_option("--expect", wanted.expected, "Compare the verdicts with those of a known server")
      ->type_name("FILE");
  check->add_option("--cases", wanted.cases, "Take the cases from another folder")->type_name("DIR");
  auto* const client =
      check
          ->add_option(
              "--client", wanted.client,
              "Try a client instead: a shell command with {host} {port} {sender} {rcpt} {rcpts} {file} in it, started "
              "once a case. With --lmtp, --starttls, --auth: it was told to speak LMTP, to need STARTTLS, to "
              "authenticate as {user} with {password}; {ca} is the authority to trust")
          ->type_name("COMMAND");
  check->add_flag("--auth", wanted.auth, "With --client: the client was told to authenticate")->needs(client);
}

const std::map<std::string, parsed_kind>& kinds() {
  static const std::map<std::string, parsed_kind> names{
      {"command", parsed_kind::command},   {"reply", parsed_kind::reply},
      {"mailbox", parsed_kind::mailbox},   {"path", parsed_kind::path},
      {"domain", parsed_kind::domain},     {"ehlo", parsed_kind::ehlo},
      {"greeting", parsed_kind::greeting}, {"xtext", parsed_kind::xtext},
      {"base64", parsed_kind::base64},     {"status", parsed_kind::status},
      {"received", parsed_kind::received}, {"auth-response", parsed_kind::auth_response},
      {"params", parsed_kind::params}};
  return names;
}

void add_parse(CLI::App& tool, parse_options& wanted, std::string& kind) {
  CLI::App* const parse = tool.add_subcommand("parse", "Show what is read in a text, as a JSON object a line");
  parse
      ->add_option("KIND", kind,
                   "command, reply, greeting, ehlo, mailbox, path, domain, params, xtext, base64, status, received or "
                   "auth-response")
      ->required()
      ->type_name("")
      ->check(CLI::IsMember(kinds()).description(""));
  parse->footer(
      "TEXT...: the texts; without any, the lines of standard input. Behind -- a text may start with a hyphen.");
  // Not an option of its own: CLI11 would take [192.0.2.1] apart as a list.
  parse->allow_extras();
  parse->add_flag("--escaped", wanted.escaped, "\\r \\n \\t \\0 \\s \\\\ and \\xHH stand for octets");
  parse->add_flag("--utf8", wanted.utf8, "Accept UTF-8 as SMTPUTF8 does");
}

void add_serve(CLI::App& tool, serve_options& wanted) {
  CLI::App* const serve = tool.add_subcommand("serve", "Run the built-in server on 127.0.0.1 until it is ended");
  serve->add_option("--port", wanted.port, "0 takes any that is free")->type_name("N")->capture_default_str();
  serve->add_option("--tls-port", wanted.tls_port, "Another port, on which TLS comes before the greeting")
      ->type_name("N");
  auto* const lmtp = serve->add_flag("--lmtp", wanted.lmtp, "Speak LMTP");
  serve->add_flag("--submission", wanted.submission, "Take mail from the user \"user\", password \"secret\", only")
      ->excludes(lmtp);
  serve->add_option("--store", wanted.store, "Keep accepted messages as DIR/N.eml and DIR/N.envelope")
      ->type_name("DIR");
}

} // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is left to throw is want of memory, and the tool can but end.
int main(int argc, char** argv) {
  CLI::App tool("SMTP conformance", "postel");
  tool.set_version_flag("--version", "postel " POSTEL_VERSION);
  tool.require_subcommand(1);
  check_options checking;
  parse_options parsing;
  serve_options serving;
  double timeout = 5;
  std::optional<unsigned> quiet;
  std::string kind;
  add_check(tool, checking, timeout, quiet);
  add_parse(tool, parsing, kind);
  add_serve(tool, serving);
  send_command sending;
  add_send(tool, sending);

  char** const last = argv + argc;
  char** const mark = std::find(argv, last, std::string_view("--"));
  try {
    tool.parse(static_cast<int>(mark - argv), argv);
    parsing.texts = tool.get_subcommand("parse")->remaining();
    if (std::any_of(parsing.texts.begin(), parsing.texts.end(),
                    [](const std::string& each) { return each.size() > 1 && each.front() == '-'; }))
      throw CLI::ExtrasError("parse", parsing.texts);
    if (mark != last) parsing.texts.insert(parsing.texts.end(), mark + 1, last);
    if (!tool.got_subcommand("parse") && !parsing.texts.empty()) throw CLI::ExtrasError("postel", parsing.texts);
  } catch (const CLI::ParseError& error) {
    return tool.exit(error) == 0 ? exit_code::good : exit_code::usage;
  }
  checking.timeout = milliseconds(static_cast<milliseconds::rep>(timeout * 1000));
  if (quiet) checking.quiet = milliseconds(*quiet);
  if (tool.got_subcommand("check")) return checking.client ? check_client(checking) : check(checking);
  if (tool.got_subcommand("serve")) return serve(serving);
  if (tool.got_subcommand("send")) return run(sending);
  parsing.kind = kinds().at(kind);
  return parse(parsing, std::cin, stdout);
}
