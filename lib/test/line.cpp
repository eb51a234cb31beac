#include "postel/line.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "exact.hpp"

namespace {

using postel::line_framer;
using postel::test::exact;
using outcome = line_framer::outcome;

constexpr std::size_t limit = 8;

// What the framer reports when text arrives in pieces of size octets.
std::vector<std::string> frame(std::string_view text, std::size_t size, std::size_t longest = limit) {
  std::vector<std::string> log;
  line_framer framer;
  std::string unread;
  for (std::size_t at = 0; at < text.size(); at += size) {
    unread += text.substr(at, size);
    for (;;) {
      const exact input(unread);
      const line_framer::step step = framer.next(input, longest);
      EXPECT_LE(step.used, unread.size());
      switch (step.what) {
        case outcome::line: log.push_back("line " + std::string(step.text)); break;
        case outcome::bare_cr: log.emplace_back("bare_cr"); break;
        case outcome::bare_lf: log.emplace_back("bare_lf"); break;
        case outcome::too_long: log.emplace_back("too_long"); break;
        case outcome::need_more: break;
      }
      unread.erase(0, step.used);
      if (step.what == outcome::need_more && step.used == 0) break;
    }
    EXPECT_LE(unread.size(), longest) << "the framer holds back more than a line";
  }
  log.push_back("left " + unread);
  return log;
}

using log = std::vector<std::string>;

struct row {
  std::string_view input;
  log expected;
};

const row rows[] = {
    {"NOOP\r\n", {"line NOOP", "left "}},
    {"\r\n", {"line ", "left "}},
    {"a\r\nb\r\n", {"line a", "line b", "left "}},
    {"NOOP", {"left NOOP"}},
    {"NOOP\r", {"left NOOP\r"}},
    // Only CRLF ends a line; what follows a bare one up to the next CRLF is discarded with it.
    {"a\nb\r\nc\r\n", {"bare_lf", "line c", "left "}},
    {"a\rb\r\nc\r\n", {"bare_cr", "line c", "left "}},
    {"a\r\r\nc\r\n", {"bare_cr", "line c", "left "}},
    {"\n\r\nc\r\n", {"bare_lf", "line c", "left "}},
    {"a\nb\nc\rd\r\ne\r\n", {"bare_lf", "line e", "left "}},
    // The limit counts the CRLF.
    {"123456\r\nc\r\n", {"line 123456", "line c", "left "}},
    {"1234567\r\nc\r\n", {"too_long", "line c", "left "}},
    {"12345678\r\nc\r\n", {"too_long", "line c", "left "}},
    {"1234567890123\nRSET\r\nc\r\n", {"too_long", "line c", "left "}},
    {"1234567\rRSET\r\nc\r\n", {"too_long", "line c", "left "}},
    {std::string_view("\0\xff\r\n", 4), {std::string("line \0\xff", 7), "left "}},
};

TEST(line, table) {
  for (const row& r : rows) {
    for (std::size_t size = 1; size <= r.input.size(); ++size) {
      SCOPED_TRACE(testing::PrintToString(std::string(r.input)) + " in pieces of " + std::to_string(size));
      EXPECT_EQ(frame(r.input, size), r.expected);
    }
  }
}

TEST(line, every_cut_reports_the_same) {
  std::mt19937 random(5321);
  constexpr std::string_view octets = "ab\r\n";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t length = random() % 24;
    for (std::size_t i = 0; i < length; ++i) text += octets[random() % octets.size()];
    const log whole = frame(text, text.size() + 1);
    for (std::size_t size = 1; size < text.size(); ++size)
      ASSERT_EQ(frame(text, size), whole) << testing::PrintToString(text) << " in pieces of " << size;
  }
}

TEST(line, the_limit_may_become_shorter) {
  line_framer framer;
  const std::string text(40, 'x');
  EXPECT_EQ(framer.next(exact(text), 100).what, outcome::need_more);
  const line_framer::step step = framer.next(exact(text), 10);
  EXPECT_EQ(step.what, outcome::too_long);
  EXPECT_EQ(step.used, 10U);
}

TEST(line, an_endless_line_costs_linear_time_and_constant_space) {
  // A mebibyte octet by octet would take minutes if each call searched anew from the front.
  line_framer framer;
  const std::string text(1 << 20, 'x');
  const line_framer::step first = framer.next(std::string_view(text).substr(0, 512), 512);
  EXPECT_EQ(first.what, outcome::too_long);
  EXPECT_EQ(first.used, 512U);
  for (std::size_t at = 512; at < text.size(); ++at)
    ASSERT_EQ(framer.next(std::string_view(text).substr(at, 1), 512).used, 1U);
}

} // namespace
