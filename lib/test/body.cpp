#include "postel/body.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>

#include "body_scan.hpp"
#include "exact.hpp"

namespace {

using postel::body_framer;
using postel::test::exact;
using outcome = body_framer::outcome;

struct message {
  std::string bytes;
  std::string faults; // 'c' a bare CR, 'l' a bare LF, in order of report
  bool ended = false;
  std::string left;

  friend bool operator==(const message&, const message&) = default;
};

void PrintTo(const message& m, std::ostream* out) {
  *out << testing::PrintToString(m.bytes) << " faults " << m.faults << " ended " << m.ended << " left "
       << testing::PrintToString(m.left);
}

// The framer's report when text arrives in pieces of size octets. What arrives behind the end is left.
message frame(std::string_view text, std::size_t size) {
  message m;
  body_framer framer;
  for (std::size_t at = 0; at < text.size(); at += size) {
    m.left += text.substr(at, size);
    while (!m.ended) {
      const exact input(m.left);
      const body_framer::step step = framer.next(input);
      m.bytes += step.bytes;
      if (step.what == outcome::bare_cr) m.faults += 'c';
      if (step.what == outcome::bare_lf) m.faults += 'l';
      m.ended = step.what == outcome::end;
      m.left.erase(0, step.used);
      if (step.what == outcome::need_more) break;
    }
    EXPECT_TRUE(m.ended || m.left.size() <= 2) << "held back more than half an end";
  }
  return m;
}

// The same from the definition, on the whole text: lines end with CRLF, the line "." ends the message, one leading dot of a longer
// line is dropped. An unfinished last line is taken as far as it can be judged.
message reference(std::string_view text) {
  message m;
  bool strict = true;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find("\r\n", at);
    const bool whole = end != std::string_view::npos;
    std::string_view line = text.substr(at, whole ? end + 2 - at : std::string_view::npos);
    if (line == ".\r\n") {
      m.ended = true;
      at += 3;
      break;
    }
    if (line == "." || line == ".\r") break;
    at += line.size();
    if (line.front() == '.') line.remove_prefix(1);
    if (!whole && line.ends_with('\r')) {
      line.remove_suffix(1);
      --at;
    }
    for (std::size_t i = 0; strict && i < line.size(); ++i) {
      const bool cr = line[i] == '\r' && !(whole && i + 2 == line.size());
      const bool lf = line[i] == '\n' && !(whole && i + 1 == line.size());
      if (cr || lf) {
        m.faults = cr ? "c" : "l";
        strict = false;
      }
    }
    m.bytes += line;
    if (!whole) break;
  }
  m.left = text.substr(at);
  return m;
}

TEST(body, table) {
  struct row {
    std::string_view wire, bytes, faults;
    bool ended;
  };
  const row rows[] = {
      {".\r\n", "", "", true}, // an empty message
      {"a\r\n.\r\n", "a\r\n", "", true},
      {"\r\n.\r\n", "\r\n", "", true},
      {"..\r\n.\r\n", ".\r\n", "", true}, // the first line's dot is stuffed too
      {"..x\r\n...\r\n.y\r\n.\r\n", ".x\r\n..\r\ny\r\n", "", true},
      {"a.\r\n.b.\r\n.\r\n", "a.\r\nb.\r\n", "", true},
      // The ends that are none (RFC 5321 4.1.1.4, 2.3.8).
      {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "l", true},
      {"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", "l", true},
      {"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "l", true},
      {"a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", "c", true},
      {"a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", "c", true},
      {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "c", true},
      {"a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", "c", true},
      {"a\r\r\n.\r\r\nb\r\n.\r\n", "a\r\r\n\r\r\nb\r\n", "c", true},
      {std::string_view("a\r\n.\0\r\n.\r\n", 10), std::string_view("a\r\n\0\r\n", 6), "", true},
      {". \r\n.\t\r\n.\r\n", " \r\n\t\r\n", "", true},
      {"a", "a", "", false},
      {"a\r", "a", "", false},
      {"a\r\n", "a\r\n", "", false},
      {"a\r\n.", "a\r\n", "", false},
      {"a\r\n.\r", "a\r\n", "", false},
  };
  for (const row& r : rows) {
    for (std::size_t size = 1; size <= r.wire.size(); ++size) {
      SCOPED_TRACE(testing::PrintToString(std::string(r.wire)) + " in pieces of " + std::to_string(size));
      const message m = frame(r.wire, size);
      EXPECT_EQ(m.bytes, r.bytes);
      EXPECT_EQ(m.faults, r.faults);
      EXPECT_EQ(m.ended, r.ended);
    }
  }
}

// What the vectors of this processor find is what the search for every processor finds, wherever it begins.
TEST(body, both_searches_find_the_same) {
  using namespace postel::detail;
  std::mt19937 random(64);
  std::size_t stops = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (const std::size_t size = random() % 300; text.size() < size;)
      text += random() % 12 == 0 ? "\r\n." : random() % 150 == 0 ? "\r" : random() % 150 == 0 ? "\n" : "a";
    const exact block(text);
    for (const bool strict : {true, false})
      for (std::size_t at = 0; at < text.size(); at += 1 + random() % 7) {
        const found fast = scan(block.view().substr(at), strict);
        const found plain = scan_anywhere(block.view().substr(at), strict);
        ASSERT_EQ(fast.what, plain.what) << testing::PrintToString(text) << " from " << at;
        ASSERT_EQ(fast.at, plain.at) << testing::PrintToString(text) << " from " << at;
        ASSERT_EQ(fast.dots, plain.dots) << testing::PrintToString(text) << " from " << at;
        ASSERT_EQ(fast.stuffed, plain.stuffed) << testing::PrintToString(text) << " from " << at;
        stops += fast.what == stop::end ? 0U : 1U;
        // Each bit is a dot behind a CRLF, stuffed up to the first that a CR follows, and no stop lies between two of them.
        const std::string_view rest = block.view().substr(at);
        ASSERT_EQ(fast.what == stop::dot, (fast.dots & 1U) != 0);
        for (std::uint64_t left = fast.dots & (fast.dots - 1), offset = fast.at; left != 0; left &= left - 1) {
          const auto next = fast.at + static_cast<std::size_t>(std::countr_zero(left));
          const found again = scan_anywhere(rest.substr(offset + 1), strict);
          ASSERT_EQ(again.what, stop::dot);
          ASSERT_EQ(again.at + offset + 1, next) << testing::PrintToString(text) << " from " << at;
          offset = next;
        }
        ASSERT_EQ(fast.stuffed & ~fast.dots, 0U);
        for (std::uint64_t left = fast.stuffed & (fast.stuffed - 1), offset = fast.at; left != 0; left &= left - 1) {
          const auto next = fast.at + static_cast<std::size_t>(std::countr_zero(left));
          const found again = scan_anywhere(rest.substr(offset + 1), strict);
          ASSERT_EQ(again.what, stop::dot);
          ASSERT_EQ(again.at + offset + 1, next) << testing::PrintToString(text) << " from " << at;
          ASSERT_NE(rest[next + 1], '\r');
          offset = next;
        }
      }
  }
  EXPECT_GT(stops, 10000U);
}

TEST(body, short_stuffed_lines_in_every_cut) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 300) {
      constexpr std::string_view lines[] = {"..\r\n", "..x\r\n", "...\r\n", ".\rx\r\n", "..\n\r\n", "x\r\n"};
      const auto kind = random() % 100;
      text += lines[kind < 94 ? kind % 3 : kind - 94];
    }
    text += ".\r\nQUIT\r\n";
    const message expected = reference(text);
    ASSERT_TRUE(expected.ended);
    for (std::size_t size = 1; size <= text.size(); size += size < 140 ? 1 : 40) {
      message m = frame(text, size);
      if (m.ended) m.left = expected.left;
      ASSERT_EQ(m, expected) << testing::PrintToString(text) << " in pieces of " << size;
    }
  }
}

TEST(body, what_follows_the_end_is_not_touched) {
  const message m = frame("a\r\n.\r\nQUIT\r\n", 100);
  EXPECT_TRUE(m.ended);
  EXPECT_EQ(m.left, "QUIT\r\n");
}

std::string random_text(std::mt19937& random, std::string_view octets, std::size_t most) {
  std::string text;
  const std::size_t length = random() % most;
  for (std::size_t i = 0; i < length; ++i) text += octets[random() % octets.size()];
  return text;
}

TEST(body, every_cut_equals_the_definition) {
  std::mt19937 random(321);
  for (int round = 0; round < 4000; ++round) {
    // The second alphabet makes runs longer than the blocks that the search takes at once.
    const std::string text = round % 2 == 0 ? random_text(random, ".\r\na", 24)
                                            : random_text(random, "\r\n.abcdefghijklmnopqrstuvwxyzabcdefghijklm", 300);
    const message expected = reference(text);
    // In one piece the framer sees what the definition sees; in pieces it may stop at the end and see no more.
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, text.size() + 1}) {
      message m = frame(text, size);
      if (m.ended) m.left = expected.left;
      ASSERT_EQ(m, expected) << testing::PrintToString(text) << " in pieces of " << size;
    }
  }
}

TEST(body, pieces_are_views_of_the_input) {
  const exact input("one\r\n..two\r\n.\r\n");
  body_framer framer;
  const body_framer::step step = framer.next(input);
  EXPECT_EQ(step.what, outcome::piece);
  EXPECT_EQ(static_cast<const void*>(step.bytes.data()), input.view().data());
  EXPECT_EQ(step.bytes, "one\r\n"); // ends before the stuffed dot, which is in no piece
}

} // namespace
