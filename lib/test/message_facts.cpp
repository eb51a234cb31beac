// What a delivery knows of a message before it says MAIL: the same however the message is cut into slices.
#include "message_facts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace postel;
using namespace std::string_view_literals;

struct expected {
  std::string_view message;
  std::uint64_t octets;
  bool eight_bit, utf8_header, lacks_line_end;
  errc bare;
};

constexpr expected messages[] = {
    {"", 0, false, false, false, errc{}},
    {"a", 3, false, false, true, errc{}},
    {"a\r\n", 3, false, false, false, errc{}},
    {".a\r\n..\r\n", 8, false, false, false, errc{}}, // stuffed dots do not count (RFC 1870 3)
    {"a: b\r\n\r\n\xC3\xA4\r\n", 12, true, false, false, errc{}},
    {"a: \xC3\xA4\r\n\r\nb\r\n", 12, true, true, false, errc{}},
    {"\r\n\xE4\r\n", 5, true, false, false, errc{}}, // no header section
    {"a: b\n\xE4\r\n", 9, true, true, false, errc::bare_lf},
    {"a: b\n\n\xE4\r\n", 11, true, false, false, errc::bare_lf}, // an empty line, whatever ends the lines
    {"a\nb\r", 6, false, false, false, errc::bare_lf},           // the first one counts; each becomes two octets
    {"a\rb\n", 6, false, false, false, errc::bare_cr},
    {"a\r", 3, false, false, false, errc::bare_cr},
    {"a\r\r\n", 5, false, false, false, errc::bare_cr},
    {"\0\x7F\r\n"sv, 4, false, false, false, errc{}},
};

void expect_facts(const std::vector<std::string_view>& slices, const expected& wanted) {
  const detail::message_facts facts = detail::facts_of(slices);
  EXPECT_EQ(facts.octets, wanted.octets);
  EXPECT_EQ(facts.eight_bit, wanted.eight_bit);
  EXPECT_EQ(facts.utf8_header, wanted.utf8_header);
  EXPECT_EQ(facts.lacks_line_end, wanted.lacks_line_end);
  EXPECT_EQ(facts.bare, wanted.bare);
}

TEST(message_facts, are_those_of_the_whole_however_it_is_cut) {
  for (const expected& each : messages) {
    for (std::size_t cut = 0; cut <= each.message.size(); ++cut) {
      SCOPED_TRACE(testing::PrintToString(each.message) + " cut at " + std::to_string(cut));
      expect_facts({each.message.substr(0, cut), "", each.message.substr(cut)}, each);
    }
    std::vector<std::string_view> octets;
    for (std::size_t i = 0; i < each.message.size(); ++i) octets.push_back(each.message.substr(i, 1));
    expect_facts(octets, each);
  }
}

TEST(message_facts, see_beyond_what_is_looked_at_in_one_go) {
  const std::string filler(40'000, 'x');
  for (const std::string_view end : {"\r\n"sv, "\xE4\r\n"sv, "\n"sv}) {
    const std::string text = filler + std::string(end);
    const detail::message_facts facts = detail::facts_of(std::vector<std::string_view>{text});
    EXPECT_EQ(facts.eight_bit, end.size() == 3);
    EXPECT_EQ(facts.bare, end.size() == 1 ? errc::bare_lf : errc{});
  }
}

} // namespace
