#include "postel/stuffing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "exact.hpp"
#include "postel/body.hpp"

namespace {

using namespace postel;
using postel::test::exact;
using bare = body_stuffer::bare;

struct made {
  std::string wire;
  errc fault{};
  std::size_t at = 0; // octets of the text that were done with when it was refused
  friend bool operator==(const made&, const made&) = default;
};

void PrintTo(const made& m, std::ostream* out) {
  *out << testing::PrintToString(m.wire) << ", " << message(m.fault) << " at " << m.at;
}

// What goes over the wire for text in pieces of size octets.
made stuffed(std::string_view text, bare line_ends, std::size_t size) {
  made m;
  body_stuffer stuffer(line_ends);
  while (m.at < text.size()) {
    const exact piece(text.substr(m.at, size));
    for (std::string_view rest = piece; !rest.empty();) {
      const auto step = stuffer.next(rest);
      if (!step) {
        m.fault = step.error().code;
        return m;
      }
      const bool of_piece = step->bytes.data() == rest.data();
      EXPECT_TRUE(of_piece || step->bytes.empty() || step->bytes == "\r\n");
      m.wire += step->bytes;
      m.at += step->used;
      rest.remove_prefix(step->used);
    }
  }
  const auto end = stuffer.finish();
  if (end)
    m.wire += *end;
  else
    m.fault = end.error().code;
  return m;
}

// The same from the definition, on the whole text.
made defined(std::string_view text, bare line_ends) {
  made m;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text.substr(i, 2) == "\r\n";
    const bool line_end = text[i] == '\r' || text[i] == '\n';
    if (line_end && !pair && line_ends == bare::refuse)
      return {m.wire, text[i] == '\r' ? errc::bare_cr : errc::bare_lf, i};
    if (line_start && text[i] == '.') m.wire += '.';
    line_start = line_end;
    if (line_end)
      m.wire += "\r\n";
    else
      m.wire += text[i];
    if (pair) ++i;
  }
  m.at = text.size();
  m.wire += line_start ? ".\r\n" : "\r\n.\r\n";
  return m;
}

// Whether text in pieces of that size comes out as defined; a bare CR at a piece's end is seen with the octet behind it.
testing::AssertionResult as_defined(std::string_view text, bare line_ends, std::size_t size) {
  made is = stuffed(text, line_ends, size);
  const made should = defined(text, line_ends);
  if (is.fault == errc::bare_cr && is.at == should.at + 1 && (is.at % size == 0 || is.at == text.size())) --is.at;
  if (is == should) return testing::AssertionSuccess();
  return testing::AssertionFailure() << testing::PrintToString(std::string(text)) << " in pieces of " << size << ": "
                                     << testing::PrintToString(is) << ", not " << testing::PrintToString(should);
}

TEST(stuffing, table) {
  struct row {
    std::string_view text, refused, converted;
    errc fault = {};
  };
  const row rows[] = {
      {"", ".\r\n", ".\r\n"},
      {"a", "a\r\n.\r\n", "a\r\n.\r\n"}, // the final CRLF is added
      {"a\r\n", "a\r\n.\r\n", "a\r\n.\r\n"},
      {".", "..\r\n.\r\n", "..\r\n.\r\n"},
      {".\r\n..\r\n.x\r\n", "..\r\n...\r\n..x\r\n.\r\n", "..\r\n...\r\n..x\r\n.\r\n"},
      {"a.b\r\n", "a.b\r\n.\r\n", "a.b\r\n.\r\n"},
      {"a\nb", "a", "a\r\nb\r\n.\r\n", errc::bare_lf},
      {"\n", "", "\r\n.\r\n", errc::bare_lf},
      {"a\rb", "a", "a\r\nb\r\n.\r\n", errc::bare_cr},
      {"a\r", "a", "a\r\n.\r\n", errc::bare_cr},
      {"a\r\r\n", "a", "a\r\n\r\n.\r\n", errc::bare_cr},
      // What another reader could take for the end.
      {"a\n.\n", "a", "a\r\n..\r\n.\r\n", errc::bare_lf},
      {"a\n.\r\n", "a", "a\r\n..\r\n.\r\n", errc::bare_lf},
      {"a\r.\r\n", "a", "a\r\n..\r\n.\r\n", errc::bare_cr},
      {"a\r\n.\n", "a\r\n..", "a\r\n..\r\n.\r\n", errc::bare_lf},
  };
  for (const row& r : rows) {
    for (std::size_t size = 1; size <= r.text.size() + 1; ++size) {
      SCOPED_TRACE(testing::PrintToString(std::string(r.text)) + " in pieces of " + std::to_string(size));
      const made strict = stuffed(r.text, bare::refuse, size);
      EXPECT_EQ(strict.fault, r.fault);
      EXPECT_EQ(strict.wire, r.refused);
      EXPECT_EQ(stuffed(r.text, bare::convert, size), (made{std::string(r.converted), errc{}, r.text.size()}));
    }
  }
}

TEST(stuffing, every_short_text_in_every_cut_equals_the_definition) {
  constexpr std::string_view octets = "\r\n.x\xe9";
  std::size_t texts = 0, refused = 0;
  for (std::size_t length = 0; length <= 6; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= octets.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string text;
      for (std::size_t i = 0, left = number; i < length; ++i, left /= octets.size())
        text += octets[left % octets.size()];
      ++texts;
      refused += defined(text, bare::refuse).fault == errc{} ? 0U : 1U;
      for (std::size_t size = 1; size <= std::max<std::size_t>(length, 1); ++size) {
        ASSERT_TRUE(as_defined(text, bare::refuse, size));
        ASSERT_TRUE(as_defined(text, bare::convert, size));
      }
    }
  }
  EXPECT_EQ(texts, 19531U);
  EXPECT_GT(refused, 10000U);
}

// Many dots in one block of what the search takes at once, and lines longer than it.
TEST(stuffing, longer_texts_equal_the_definition) {
  std::mt19937 random(2822);
  constexpr std::string_view parts[] = {".\r\n", ".x\r\n", "..\r\n", "\r\n", "a", "abcdefghijklmnopqrstuvwxyz",
                                        "\r",    "\n"};
  std::size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const std::size_t kinds = round % 4 == 0 ? 8 : 6;
    while (text.size() < 250) text += parts[random() % 3 == 0 ? random() % kinds : random() % 3];
    refused += defined(text, bare::refuse).fault == errc{} ? 0U : 1U;
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{2}, 3 + random() % 60, 64 + random() % 70, text.size() + 1}) {
      ASSERT_TRUE(as_defined(text, bare::refuse, size));
      ASSERT_TRUE(as_defined(text, bare::convert, size));
    }
    // A framer reads it back.
    const made wire = stuffed(text, bare::convert, 100);
    body_framer framer(body_framer::report::once);
    std::string back;
    for (std::size_t at = 0;;) {
      const auto step = framer.next(std::string_view(wire.wire).substr(at));
      at += step.used;
      back += step.bytes;
      if (step.what == body_framer::outcome::piece) continue;
      ASSERT_EQ(step.what, body_framer::outcome::end);
      ASSERT_EQ(at, wire.wire.size());
      break;
    }
    if (defined(text, bare::refuse).fault == errc{}) {
      ASSERT_EQ(back, text.ends_with("\r\n") ? text : text + "\r\n");
    }
  }
  EXPECT_GT(refused, 300U);
  EXPECT_LT(refused, 1000U);
}

TEST(stuffing, views_overlap_in_the_dots_that_are_doubled) {
  const exact piece("one\r\n.two\r\n.three\r\n");
  body_stuffer stuffer;
  const char* at = piece.view().data();
  for (const std::string_view expected : {"one\r\n.", ".two\r\n.", ".three\r\n"}) {
    const auto step = stuffer.next(piece.view().substr(static_cast<std::size_t>(at - piece.view().data())));
    ASSERT_TRUE(step);
    EXPECT_EQ(step->bytes, expected);
    EXPECT_EQ(static_cast<const void*>(step->bytes.data()), at);
    at += step->used;
  }
  EXPECT_EQ(at, piece.view().data() + piece.view().size());
  EXPECT_EQ(*stuffer.finish(), ".\r\n");
}

// What was seen of a piece that does not go on says nothing of the one in its place.
TEST(stuffing, another_piece_may_come_in_place_of_the_rest) {
  body_stuffer stuffer;
  const std::string_view first = "a\r\n.b\r\n.c\r\n";
  ASSERT_EQ(stuffer.next(first)->bytes, "a\r\n.");
  stuffer.drop_piece();
  EXPECT_EQ(stuffer.next(".\r\n\r\n\r\n\r\n")->bytes, ".\r\n\r\n\r\n\r\n");
}

TEST(stuffing, ready_for_another_message_behind_the_end) {
  body_stuffer stuffer;
  ASSERT_EQ(stuffer.next("x")->bytes, "x");
  EXPECT_EQ(*stuffer.finish(), "\r\n.\r\n");
  EXPECT_EQ(stuffer.next(".")->bytes, ".");
  EXPECT_EQ(stuffer.next(".")->bytes, ".");
  EXPECT_EQ(*stuffer.finish(), "\r\n.\r\n");
}

} // namespace
