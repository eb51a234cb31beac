#include "play/transcript.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;
using lines = std::vector<std::string>;

observation reply(std::string octets) {
  return {observation::kind::reply, 250, std::move(octets), {}};
}

TEST(transcript, a_dialogue) {
  transcript log;
  log.server(reply("220 host\r\n"));
  log.client("EHLO a\r\nNO");
  log.client("OP");
  log.client("\r\n");
  log.server(reply("250-host\r\n250 SIZE\r\n"));
  log.client("QUIT");
  log.server({observation::kind::silence, 0, {}, {}});
  log.client("\x1b\n\r\n");
  log.server({observation::kind::malformed, 0, std::string("25\0\n", 4), "x"});
  log.server({observation::kind::closed, 0, {}, {}});
  log.remark("the end");
  EXPECT_EQ(log.lines(),
            (lines{"S: 220 host", "C: EHLO a", "C: NOOP", "S: 250-host", "S: 250 SIZE", "C: QUIT (no CRLF)",
                   "S: (silence)", "C: \\x1B\\n", "S: 25\\0\\n (no CRLF)", "S: (x)", "S: (closed)", "   (the end)"}));
}

TEST(transcript, separate_writes) {
  transcript log;
  log.client("NOOP\r\n");
  for (const char each : std::string("RSET\r\n")) log.client({&each, 1}, 1);
  log.client("QUIT\r\n");
  EXPECT_EQ(log.lines(), (lines{"C: NOOP", "C/1: RSET", "C: QUIT"}));
}

TEST(transcript, is_bounded) {
  transcript log;
  for (int i = 0; i < 1000; ++i) log.client(std::string(1000, 'x'));
  log.client("\r\n");
  for (int i = 0; i < 100'000; ++i) log.client("line\r\n");
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += "250-more\r\n";
  log.server(reply(flood));
  const lines& shown = log.lines();
  EXPECT_EQ(shown.front(), "C: " + std::string(transcript::longest_line, 'x') + "... (1000000 octets)");
  EXPECT_EQ(shown.size(), 2 * (transcript::longest_run + 1));
  EXPECT_EQ(shown[transcript::longest_run], "C: (99977 more lines, 599862 octets)");
  EXPECT_EQ(shown.back(), "S: (4976 more lines, 49760 octets)");
}

} // namespace
