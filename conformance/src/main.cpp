// The command line of the tool.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <string_view>

#include "check/check_command.hpp"
#include "command/exit_code.hpp"
#include "command/option_values.hpp"
#include "parse/parse.hpp"
#include "send/send_command.hpp"
#include "serve/serve_command.hpp"

namespace {

using namespace postel::conformance;

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
      "TEXT...: the texts; without any, the lines of standard input. After -- a text may start with a hyphen.");
  // Not an option of its own: CLI11 would take [192.0.2.1] apart as a list.
  parse->allow_extras();
  parse->add_flag("--escaped", wanted.escaped, "\\r \\n \\t \\0 \\s \\\\ and \\xHH stand for octets");
  parse->add_flag("--utf8", wanted.utf8, "Accept UTF-8 as SMTPUTF8 does");
}

} // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is left to throw is want of memory, and the tool can but end.
int main(int argc, char** argv) {
  CLI::App tool("SMTP conformance", "postel");
  tool.set_version_flag("--version", "postel " POSTEL_VERSION);
  tool.require_subcommand(1);
  check_command checking;
  parse_options parsing;
  serve_options serving;
  std::string kind;
  add_check(tool, checking);
  add_parse(tool, parsing, kind);
  add_serve(tool, serving);
  send_command sending;
  add_send(tool, sending);

  char** const last = argv + argc;
  char** const mark = std::find(argv, last, std::string_view("--"));
  try {
    std::vector<std::string> words = separate_empty_values(tool, {argv + std::min(argc, 1), mark});
    if (!words.empty() && !words[0].starts_with('-') &&
        tool.get_subcommands([&](const CLI::App* each) { return each->get_name() == words[0]; }).empty())
      throw CLI::ParseError(words[0] + ": no command of postel", CLI::ExitCodes::ExtrasError);
    std::reverse(words.begin(), words.end()); // as CLI11 takes them
    tool.parse(std::move(words));
    parsing.texts = tool.get_subcommand("parse")->remaining();
    if (std::any_of(parsing.texts.begin(), parsing.texts.end(),
                    [](const std::string& each) { return each.size() > 1 && each.front() == '-'; }))
      throw CLI::ExtrasError("parse", parsing.texts);
    if (mark != last) parsing.texts.insert(parsing.texts.end(), mark + 1, last);
    if (!tool.got_subcommand("parse") && !parsing.texts.empty()) throw CLI::ExtrasError("postel", parsing.texts);
  } catch (const CLI::ParseError& error) {
    return tool.exit(error) == 0 ? exit_code::good : exit_code::usage;
  }
  if (tool.got_subcommand("check")) return run(checking);
  if (tool.got_subcommand("serve")) return serve(serving);
  if (tool.got_subcommand("send")) return run(sending);
  parsing.kind = kinds().at(kind);
  return parse(parsing, std::cin, stdout);
}
