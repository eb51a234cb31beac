// What holds for each pair of a parser and its append().
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exact.hpp"
#include "postel/address.hpp"

namespace postel::test {

inline constexpr charset both_charsets[] = {charset::ascii, charset::utf8};

// Whether part is a view of octets of whole, or empty.
inline bool inside(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> up_to;
  return part.empty() ||
         (up_to(whole.data(), part.data()) && up_to(part.data() + part.size(), whole.data() + whole.size()));
}

// append() writes wire behind what is there, and says how much.
template <typename Value>
void expect_appended(const Value& value, std::string_view wire, charset octets) {
  std::string out = "kept ";
  const result<std::size_t> written = append(out, value, octets);
  ASSERT_TRUE(written) << message(written.error().code) << " at " << written.error().offset;
  EXPECT_EQ(*written, wire.size());
  EXPECT_EQ(out, "kept " + std::string(wire));
}

// append() writes nothing.
template <typename Value>
void expect_refused(const Value& value, charset octets) {
  std::string out = "kept ";
  const result<std::size_t> written = append(out, value, octets);
  EXPECT_FALSE(written) << testing::PrintToString(out);
  EXPECT_EQ(out, "kept ");
}

// Puts each of these octets at each place of text and makes a value with that field. append() may take those in legal, and then parsing
// what it wrote gives the value back; every other leaves the output as it was. line_end: what append() writes behind what parse() takes.
template <typename Make, typename Parse>
void verify_injections(std::string_view field, std::string_view text, const std::vector<std::string_view>& legal,
                       Make make, Parse parse, std::string_view line_end = "") {
  using namespace std::string_view_literals;
  for (const std::string_view octets : {"\r"sv, "\n"sv, "\r\n"sv, "\0"sv, " "sv, ">"sv, "="sv, ":"sv}) {
    bool accepted = false;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      std::string spoiled(text);
      spoiled.insert(at, octets);
      const exact block(spoiled);
      const auto value = make(block.view());
      for (const charset chosen : both_charsets) {
        const testing::ScopedTrace trace(__FILE__, __LINE__,
                                         std::string(field) + ": " + testing::PrintToString(spoiled));
        std::string out = "kept ";
        if (!append(out, value, chosen)) {
          EXPECT_EQ(out, "kept ");
          continue;
        }
        accepted = true;
        ASSERT_TRUE(out.starts_with("kept ") && out.ends_with(line_end));
        const exact wire(std::string_view(out).substr(5, out.size() - 5 - line_end.size()));
        const auto again = parse(wire.view(), chosen);
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, value);
      }
    }
    EXPECT_EQ(accepted, std::ranges::find(legal, octets) != legal.end())
        << field << ": " << testing::PrintToString(std::string(text)) << " with "
        << testing::PrintToString(std::string(octets));
  }
  std::vector<std::string_view> smuggled = {"\r\nRCPT TO:<eve@example.net>"sv, "\r\n.\r\nQUIT"sv, "\0> X"sv,
                                            "\r\n250 fine"sv};
  if (std::ranges::find(legal, ">"sv) == legal.end()) smuggled.push_back("> SIZE=1"sv);
  for (const std::string_view behind : smuggled)
    for (const charset chosen : both_charsets) {
      const exact block(std::string(text) + std::string(behind));
      const testing::ScopedTrace trace(__FILE__, __LINE__,
                                       std::string(field) + ": " + testing::PrintToString(std::string(block.view())));
      expect_refused(make(block.view()), chosen);
    }
}

} // namespace postel::test
