// One local part, several spellings.
#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>

#include "postel/address.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

std::string unquoted(std::string_view local_part) {
  std::string buffer(local_part.size(), '\0');
  const auto meaning = unquote(local_part, buffer);
  EXPECT_TRUE(meaning) << local_part;
  return std::string(meaning ? *meaning : std::string_view("(none)"));
}

TEST(unquote, values) {
  EXPECT_EQ(unquoted("a.b"), "a.b");
  EXPECT_EQ(unquoted("\"a b\""), "a b");
  EXPECT_EQ(unquoted("\"\""), "");
  EXPECT_EQ(unquoted("\"a\\\"b\""), "a\"b");
  EXPECT_EQ(unquoted("\"a\\\\\""), "a\\");
  EXPECT_EQ(unquoted("\"\\a\\b\""), "ab");
  EXPECT_EQ(unquoted("\"\\ \""), " ");
  EXPECT_EQ(unquoted("\"j\xC3\xB6rg\""), "j\xC3\xB6rg");
  EXPECT_EQ(unquoted(""), "");
}

TEST(unquote, copies_only_what_is_quoted) {
  const exact plain("a.b");
  const auto meaning = unquote(plain.view(), {});
  ASSERT_TRUE(meaning);
  EXPECT_EQ(meaning->data(), plain.view().data());
}

TEST(unquote, buffers_of_every_size) {
  const exact quoted("\"a\\\"b c\"");
  const std::string_view expected = "a\"b c";
  for (std::size_t size = 0; size <= quoted.view().size(); ++size) {
    const exact block(std::string(size, '#'));
    const std::span<char> buffer(const_cast<char*>(block.view().data()), size);
    const auto meaning = unquote(quoted.view(), buffer);
    if (size < expected.size()) {
      EXPECT_EQ(meaning, (failure{errc::buffer_too_small, 0})) << size;
    } else {
      ASSERT_TRUE(meaning) << size;
      EXPECT_EQ(*meaning, expected);
      EXPECT_EQ(meaning->data(), buffer.data());
    }
  }
}

// What is no local part: something, but nothing read or written beyond it.
TEST(unquote, of_any_octets) {
  std::mt19937 random(821);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t size = random() % 8; size != 0; --size) text += "\"\\a \r\xC3"[random() % 6];
    const exact block(text);
    const exact room(std::string(text.size(), '#'));
    const auto meaning = unquote(block.view(), {const_cast<char*>(room.view().data()), text.size()});
    ASSERT_TRUE(meaning) << testing::PrintToString(text);
    EXPECT_LE(meaning->size(), text.size());
    EXPECT_TRUE(same_mailbox({block.view(), "a"}, {block.view(), "a"}));
  }
}

TEST(same_mailbox, spellings) {
  const auto same = [](mailbox a, mailbox b) {
    EXPECT_EQ(same_mailbox(a, b), same_mailbox(b, a));
    return same_mailbox(a, b);
  };
  EXPECT_TRUE(same({"a", "b"}, {"a", "b"}));
  EXPECT_TRUE(same({"a", "EXAMPLE.com"}, {"a", "example.COM"}));
  EXPECT_TRUE(same({"\"a\"", "b"}, {"a", "b"}));
  EXPECT_TRUE(same({"\"a.b\"", "c"}, {"a.b", "c"}));
  EXPECT_TRUE(same({"\"\\a\"", "b"}, {"a", "b"}));
  EXPECT_TRUE(same({"\"a\\ b\"", "c"}, {"\"a b\"", "c"}));
  EXPECT_TRUE(same({"\"\"", "b"}, {"\"\"", "b"}));
  EXPECT_TRUE(same({"a", "[IPV6:::a]"}, {"a", "[IPv6:::A]"}));
  EXPECT_FALSE(same({"a", "b"}, {"A", "b"})); // RFC 5321 2.4: the local part's case counts
  EXPECT_FALSE(same({"a", "b"}, {"a", "c"}));
  EXPECT_FALSE(same({"a", "b"}, {"ab", "b"}));
  EXPECT_FALSE(same({"\"a\"", "b"}, {"\"a \"", "b"}));
  EXPECT_FALSE(same({"a", "b"}, {"a", "b."}));
  EXPECT_FALSE(same({"\"a\\\\b\"", "c"}, {"\"ab\"", "c"}));
  EXPECT_FALSE(same({"", "b"}, {"a", "b"}));
}

std::string spelled(std::string_view meaning, charset octets = charset::ascii) {
  std::string out = "kept ";
  const auto size = append_local_part(out, meaning, octets);
  EXPECT_TRUE(size) << testing::PrintToString(std::string(meaning));
  EXPECT_TRUE(out.starts_with("kept "));
  if (size) {
    EXPECT_EQ(*size, out.size() - 5);
  }
  return out.substr(5);
}

TEST(append_local_part, quotes_as_little_as_it_can) {
  EXPECT_EQ(spelled("a"), "a");
  EXPECT_EQ(spelled("a.b+c"), "a.b+c");
  EXPECT_EQ(spelled(""), "\"\"");
  EXPECT_EQ(spelled("a b"), "\"a b\"");
  EXPECT_EQ(spelled(".a"), "\".a\"");
  EXPECT_EQ(spelled("a."), "\"a.\"");
  EXPECT_EQ(spelled("a..b"), "\"a..b\"");
  EXPECT_EQ(spelled("a@b"), "\"a@b\"");
  EXPECT_EQ(spelled("a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(spelled("a\\b"), "\"a\\\\b\"");
  EXPECT_EQ(spelled("\"a\""), "\"\\\"a\\\"\"");
  EXPECT_EQ(spelled("j\xC3\xB6rg", charset::utf8), "j\xC3\xB6rg");
  EXPECT_EQ(spelled("j\xC3\xB6 rg", charset::utf8), "\"j\xC3\xB6 rg\"");
}

TEST(append_local_part, refuses_what_has_no_spelling) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    if (octet >= 32 && octet <= 126) continue;
    for (const char* around : {"", "a", "a b"})
      for (const charset octets : both_charsets) {
        std::string out = "kept ";
        const std::string text = around + std::string(1, static_cast<char>(octet)) + around;
        const auto size = append_local_part(out, text, octets);
        ASSERT_FALSE(size) << octet;
        EXPECT_EQ(size.error().code, errc::syntax);
        EXPECT_EQ(out, "kept ");
      }
  }
  std::string out;
  EXPECT_FALSE(append_local_part(out, "j\xC3\xB6rg"));
  EXPECT_FALSE(append_local_part(out, "a\r\nRCPT TO:<eve@example.net>"));
  EXPECT_EQ(out, "");
}

// For every printable text: unquote(append_local_part(x)) == x, what is written is a local part, no shorter spelling means the same, and the
// fully quoted one is the same mailbox.
TEST(append_local_part, round_trip) {
  std::mt19937 random(5322);
  const auto verify = [](const std::string& text) {
    SCOPED_TRACE(testing::PrintToString(text));
    const std::string local_part = spelled(text);
    EXPECT_EQ(unquoted(local_part), text);
    const std::string address = local_part + "@b";
    const auto parsed = parse_mailbox(address);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->local_part, local_part);
    std::string quoted = "\"";
    for (const char c : text) quoted.append("\\").append(1, c);
    quoted += '"';
    EXPECT_TRUE(parse_mailbox(quoted + "@b"));
    EXPECT_TRUE(same_mailbox({local_part, "b"}, {quoted, "B"}));
    EXPECT_FALSE(same_mailbox({local_part, "b"}, {spelled(text + "x"), "b"}));
    // Quotes only where the bare text is no local part, backslashes only before what needs them.
    if (parse_mailbox(text + "@b") && !text.starts_with('"')) {
      EXPECT_EQ(local_part, text);
    }
    std::size_t needed = 0;
    for (const char c : text) needed += c == '"' || c == '\\' ? 1U : 0U;
    EXPECT_LE(local_part.size(), text.size() + 2 + needed);
  };
  for (unsigned a = 32; a < 127; ++a) {
    verify(std::string(1, static_cast<char>(a)));
    for (unsigned b = 32; b < 127; ++b) verify({static_cast<char>(a), static_cast<char>(b)});
  }
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t size = random() % 30; size != 0; --size) text += static_cast<char>(32 + random() % 95);
    verify(text);
  }
}

} // namespace
} // namespace postel::test
