// The command line, over all options of the commands: a value is what it was given as, and belongs to its option.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/check_command.hpp"
#include "command/option_values.hpp"
#include "send/send_command.hpp"
#include "serve/serve_command.hpp"

namespace {

using namespace postel::conformance;
using words = std::vector<std::string>;

struct command_line {
  command_line() : tool("x", "postel") {
    add_check(tool, checking);
    add_serve(tool, serving);
    add_send(tool, sending);
  }
  // What is wrong; empty if nothing is.
  std::string read(const words& given) {
    try {
      words prepared = separate_empty_values(tool, given);
      std::reverse(prepared.begin(), prepared.end());
      tool.parse(std::move(prepared));
      return {};
    } catch (const CLI::ParseError& error) {
      return error.get_name() + ": " + error.what();
    }
  }

  CLI::App tool;
  check_command checking;
  serve_options serving;
  send_command sending;
};

// What a command wants beside the option under test.
words rest_of(const std::string& command, const std::string& option) {
  if (command != "send") return {};
  words rest{"mx.example", "message.eml"};
  for (const char* const needed : {"--from", "--to"})
    if (option != needed) rest.insert(rest.end(), {needed, "ann@client.example"});
  return rest;
}

struct valued {
  std::string command;
  std::string option; // "--user"
};

std::vector<valued> valued_options() {
  command_line line;
  std::vector<valued> all;
  for (const CLI::App* const command : line.tool.get_subcommands([](CLI::App*) { return true; }))
    for (const CLI::Option* const each : command->get_options())
      if (each->get_items_expected_max() > 0 && !each->get_positional())
        all.push_back({command->get_name(), "--" + each->get_lnames().front()});
  return all;
}

std::vector<valued> flags() {
  command_line line;
  std::vector<valued> all;
  for (const CLI::App* const command : line.tool.get_subcommands([](CLI::App*) { return true; }))
    for (const CLI::Option* const each : command->get_options())
      if (each->get_items_expected_max() == 0 && each->get_lnames().front() != "help")
        all.push_back({command->get_name(), "--" + each->get_lnames().front()});
  return all;
}

// The value that an option's variable has; for texts.
using reader = std::function<std::optional<std::string>(const command_line&)>;
std::optional<std::string> only_one(const std::vector<std::string>& values) {
  return values.size() == 1 ? std::optional(values.front()) : std::nullopt;
}
const std::map<std::string, reader>& texts() {
  using line = const command_line&;
  static const std::map<std::string, reader> all{
      {"check --only", [](line l) { return only_one(l.checking.wanted.only); }},
      {"check --show", [](line l) { return l.checking.wanted.show; }},
      {"check --sender", [](line l) { return l.checking.wanted.sender; }},
      {"check --rcpt", [](line l) { return l.checking.wanted.rcpt; }},
      {"check --unknown", [](line l) { return l.checking.wanted.unknown; }},
      {"check --foreign", [](line l) { return l.checking.wanted.foreign; }},
      {"check --user", [](line l) { return l.checking.wanted.user; }},
      {"check --password", [](line l) { return l.checking.password.text; }},
      {"check --password-file", [](line l) { return l.checking.password.file; }},
      {"check --password-env", [](line l) { return l.checking.password.variable; }},
      {"check --expect", [](line l) { return only_one(l.checking.wanted.expected); }},
      {"check --cases", [](line l) { return l.checking.wanted.cases; }},
      {"check --client", [](line l) { return l.checking.wanted.client; }},
      {"serve --rcpt", [](line l) { return only_one(l.serving.rcpt); }},
      {"serve --domain", [](line l) { return only_one(l.serving.domains); }},
      {"serve --store", [](line l) { return l.serving.store; }},
      {"send --host", [](line l) { return l.sending.host; }},
      {"send --from", [](line l) { return l.sending.from; }},
      {"send --to", [](line l) { return only_one(l.sending.to); }},
      {"send --orcpt", [](line l) { return only_one(l.sending.original); }},
      {"send --ca", [](line l) { return l.sending.wanted.authorities; }},
      {"send --user", [](line l) { return l.sending.user; }},
      {"send --password", [](line l) { return l.sending.password.text; }},
      {"send --password-file", [](line l) { return l.sending.password.file; }},
      {"send --password-env", [](line l) { return l.sending.password.variable; }},
      {"send --mechanism", [](line l) { return l.sending.wanted.mechanism; }},
      {"send --envid", [](line l) { return l.sending.envid; }},
      {"send --notify", [](line l) { return l.sending.notify; }}};
  return all;
}

// Options that take some values only, and so no empty one.
bool is_choice(const valued& option) {
  const std::string name = option.command + " " + option.option;
  return name == "send --tls" || name == "send --ret" || name == "send --helo";
}

bool is_number(const valued& option) {
  const auto wrong = [&](const std::string& value) {
    words given{option.command, option.option, value};
    for (const std::string& each : rest_of(option.command, option.option)) given.push_back(each);
    command_line line;
    return !line.read(given).empty();
  };
  return wrong("x") && !wrong("7");
}

std::string read(command_line& line, const valued& option, const words& value) {
  words given{option.command};
  given.insert(given.end(), value.begin(), value.end());
  for (const std::string& each : rest_of(option.command, option.option)) given.push_back(each);
  return line.read(given);
}

TEST(command_line, each_option_is_a_text_a_number_or_a_choice) {
  const auto all = valued_options();
  EXPECT_GE(all.size(), 20U);
  for (const valued& each : all)
    EXPECT_EQ(texts().contains(each.command + " " + each.option) + is_number(each) + is_choice(each), 1)
        << each.command << " " << each.option << ": tell this test which";
  EXPECT_GE(std::count_if(all.begin(), all.end(), is_number), 6);
}

TEST(command_line, texts_stay_what_they_are) {
  for (const valued& each : valued_options()) {
    const auto known = texts().find(each.command + " " + each.option);
    if (known == texts().end()) continue;
    for (const std::string value :
         {"", "x", "[::1]", "[a,b]", "{}", "a b", "'", "\"a\"", "0x10", "true", "--x", "--user="}) {
      for (const words& given : {words{each.option, value}, words{each.option + "=" + value}}) {
        command_line line;
        EXPECT_EQ(read(line, each, given), "") << known->first << " with " << value;
        EXPECT_EQ(known->second(line), value) << known->first << " with " << value;
        EXPECT_EQ(line.checking.wanted.target, std::nullopt) << known->first;
      }
    }
  }
}

// An empty variable in a script must not let an option eat what stands behind it.
TEST(command_line, an_empty_value_leaves_what_follows) {
  for (const valued& each : valued_options()) {
    if (each.command != "check" || !texts().contains("check " + each.option)) continue;
    command_line line;
    EXPECT_EQ(line.read({"check", each.option + "=", "mx.example"}), "") << each.option;
    EXPECT_EQ(line.checking.wanted.target, "mx.example") << each.option;
    command_line before;
    EXPECT_EQ(before.read({"check", "mx.example", each.option + "="}), "") << each.option;
    EXPECT_EQ(before.checking.wanted.target, "mx.example") << each.option;
  }
  for (const valued& each : valued_options()) {
    if (texts().contains(each.command + " " + each.option)) continue;
    command_line line;
    EXPECT_NE(read(line, each, {each.option + "=", "7"}), "") << each.command << " " << each.option;
  }
}

TEST(command_line, positional_arguments_stay_what_they_are) {
  for (const std::string value : {"", "[::1]", "[::1]:25", "::1", "[a,b]", "{}", "a="}) {
    command_line check;
    EXPECT_EQ(check.read({"check", value}), "");
    EXPECT_EQ(check.checking.wanted.target, value);
    command_line send;
    EXPECT_EQ(send.read({"send", "--from", "a@b", value, "message", "--to", "c@d", "another"}), "");
    EXPECT_EQ(send.sending.arguments, (words{value, "message", "another"}));
  }
}

TEST(command_line, numbers_are_decimal) {
  for (const valued& each : valued_options()) {
    if (!is_number(each)) continue;
    const std::string name = each.command + " " + each.option;
    for (const std::string value : {"", "020", "00", "0x14", "0b11", "1e1", "+7", "-7", " 7", "7 ", "7x", "1'000",
                                    "1_000", "inf", "nan", "99999999999"}) {
      command_line line;
      EXPECT_NE(read(line, each, {each.option, value}), "") << name << " " << value;
      command_line joined;
      EXPECT_NE(read(joined, each, {each.option + "=" + value}), "") << name << "=" << value;
    }
  }
  command_line line;
  EXPECT_EQ(line.read({"check", "--timeout", "0.5", "--quiet=20"}), "");
  EXPECT_EQ(line.checking.timeout, 0.5);
  EXPECT_EQ(line.checking.quiet, 20U);
  command_line serve;
  EXPECT_EQ(serve.read({"serve", "--port", "65535", "--tls-port=0"}), "");
  EXPECT_EQ(serve.serving.port, 65535U);
  EXPECT_EQ(serve.serving.tls_port, 0U);
  command_line wrong;
  EXPECT_EQ(wrong.read({"serve", "--port", "020"}),
            "ValidationError: --port: expected a decimal number from 0 to 65535, not \"020\"");
}

TEST(command_line, flags_have_no_value) {
  const auto all = flags();
  EXPECT_GE(all.size(), 15U);
  for (const valued& each : all) {
    command_line line;
    EXPECT_EQ(read(line, each, {each.option + "="}), "ArgumentMismatch: " + each.option + " takes no value")
        << each.command;
  }
}

} // namespace
