// Every command in every state, against the sequence rules of RFC 5321 4.1.4 written out a second time.
#include "server_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "drive.hpp"

namespace {

using namespace postel;
using postel::test::play;
using state = server::state;

// How a session gets there, every decision positive.
const std::map<state, std::string> way = {
    {state::greeted, ""},
    {state::ready, "EHLO c.example\r\n"},
    {state::sender, "EHLO c.example\r\nMAIL FROM:<a@c.example>\r\n"},
    {state::recipients, "EHLO c.example\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<b@d.example>\r\n"},
};

struct row {
  std::string line;
  // Reply code and next state in greeted, ready, sender, recipients.
  std::map<state, std::pair<int, state>> outcome;
};

const row rows[] = {
    {"EHLO d.example",
     {{state::greeted, {250, state::ready}},
      {state::ready, {250, state::ready}},
      {state::sender, {250, state::ready}},
      {state::recipients, {250, state::ready}}}},
    {"HELO d.example",
     {{state::greeted, {250, state::ready}},
      {state::ready, {250, state::ready}},
      {state::sender, {250, state::ready}},
      {state::recipients, {250, state::ready}}}},
    {"MAIL FROM:<x@c.example>",
     {{state::greeted, {503, state::greeted}},
      {state::ready, {250, state::sender}},
      {state::sender, {503, state::sender}},
      {state::recipients, {503, state::recipients}}}},
    {"RCPT TO:<y@d.example>",
     {{state::greeted, {503, state::greeted}},
      {state::ready, {503, state::ready}},
      {state::sender, {250, state::recipients}},
      {state::recipients, {250, state::recipients}}}},
    {"DATA",
     {{state::greeted, {503, state::greeted}},
      {state::ready, {503, state::ready}},
      {state::sender, {554, state::sender}},
      {state::recipients, {354, state::message}}}},
    {"RSET",
     {{state::greeted, {250, state::greeted}},
      {state::ready, {250, state::ready}},
      {state::sender, {250, state::ready}},
      {state::recipients, {250, state::ready}}}},
    {"VRFY x",
     {{state::greeted, {252, state::greeted}},
      {state::ready, {252, state::ready}},
      {state::sender, {252, state::sender}},
      {state::recipients, {252, state::recipients}}}},
    {"EXPN x",
     {{state::greeted, {502, state::greeted}},
      {state::ready, {502, state::ready}},
      {state::sender, {502, state::sender}},
      {state::recipients, {502, state::recipients}}}},
    {"HELP",
     {{state::greeted, {214, state::greeted}},
      {state::ready, {214, state::ready}},
      {state::sender, {214, state::sender}},
      {state::recipients, {214, state::recipients}}}},
    {"NOOP",
     {{state::greeted, {250, state::greeted}},
      {state::ready, {250, state::ready}},
      {state::sender, {250, state::sender}},
      {state::recipients, {250, state::recipients}}}},
    {"QUIT",
     {{state::greeted, {221, state::closed}},
      {state::ready, {221, state::closed}},
      {state::sender, {221, state::closed}},
      {state::recipients, {221, state::closed}}}},
    {"XYZZY",
     {{state::greeted, {500, state::greeted}},
      {state::ready, {500, state::ready}},
      {state::sender, {500, state::sender}},
      {state::recipients, {500, state::recipients}}}},
    {"MAIL FROM:<x@>",
     {{state::greeted, {501, state::greeted}},
      {state::ready, {501, state::ready}},
      {state::sender, {501, state::sender}},
      {state::recipients, {501, state::recipients}}}},
    {"EHLO",
     {{state::greeted, {501, state::greeted}},
      {state::ready, {501, state::ready}},
      {state::sender, {501, state::sender}},
      {state::recipients, {501, state::recipients}}}},
};

int last_code(const std::string& output) {
  const std::size_t end = output.size() - 2;
  const std::size_t start = output.rfind('\n', end) + 1;
  return std::stoi(output.substr(start, 3));
}

TEST(server_table, every_command_in_every_state) {
  const policy rules;
  for (const row& r : rows) {
    ASSERT_EQ(r.outcome.size(), way.size());
    for (const auto& [from, expected] : r.outcome) {
      SCOPED_TRACE(r.line + " in state " + std::to_string(static_cast<int>(from)));
      const auto before = play(rules, {way.at(from)});
      ASSERT_EQ(before.state, from);
      const auto after = play(rules, {way.at(from), r.line + "\r\n"});
      EXPECT_EQ(last_code(after.output), expected.first);
      EXPECT_EQ(after.state, expected.second);
      EXPECT_EQ(after.left, 0U);
    }
  }
}

TEST(server_table, a_refused_command_leaves_the_state) {
  const policy rules;
  for (const row& r : rows) {
    if (r.line == "XYZZY" || r.line == "RSET" || r.line == "NOOP" || r.line == "QUIT" || r.line == "EXPN x")
      continue; // no decision
    for (const auto& [from, path_to] : way) {
      SCOPED_TRACE(r.line + " in state " + std::to_string(static_cast<int>(from)));
      int decisions = 0;
      const int before = static_cast<int>(std::count(path_to.begin(), path_to.end(), '\n'));
      const auto log = play(rules, {path_to, r.line + "\r\n"}, [&](const server_event&) -> std::optional<reply> {
        if (decisions++ < before) return std::nullopt;
        return reply{450, "not now"};
      });
      EXPECT_EQ(log.state, from);
    }
  }
}

TEST(server_table, the_end_of_a_message_leads_to_ready_whatever_the_answer) {
  const policy rules;
  const std::string wire = way.at(state::recipients) + "DATA\r\nhi\r\n.\r\n";
  for (const int code : {250, 451, 554}) {
    const auto log = play(rules, {wire}, [&](const server_event& e) -> std::optional<reply> {
      if (!std::holds_alternative<event::message_end>(e)) return std::nullopt;
      return reply{static_cast<std::uint16_t>(code), "so be it"};
    });
    EXPECT_EQ(log.state, state::ready);
    EXPECT_EQ(last_code(log.output), code);
    // The recipients are gone with it.
    const auto again =
        play(rules, {wire, "RCPT TO:<y@d.example>\r\n"}, [&](const server_event& e) -> std::optional<reply> {
          if (!std::holds_alternative<event::message_end>(e)) return std::nullopt;
          return reply{static_cast<std::uint16_t>(code), "so be it"};
        });
    EXPECT_EQ(last_code(again.output), 503);
  }
}

TEST(server_table, answer_421_closes) {
  const policy rules;
  const auto log =
      play(rules, {"EHLO c.example\r\nNOOP\r\n"}, [](const server_event&) { return reply{421, "shutting down"}; });
  EXPECT_EQ(log.state, state::closed);
  EXPECT_EQ(log.output, "220 localhost ESMTP\r\n421 shutting down\r\n");
}

} // namespace
