// A property of parsers, tried on texts that are almost right: deterministic, so that a failure repeats.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "exact.hpp"
#include "postel/address.hpp"
#include "round_trip.hpp"

namespace postel::test {

// Texts made from seeds by a few small changes each.
class mutator {
 public:
  mutator(std::vector<std::string> seeds, std::uint32_t seed) : seeds_(std::move(seeds)), random_(seed) {}

  std::string next() {
    std::string text = seed();
    for (std::size_t changes = below(4); changes != 0; --changes) change(text);
    return text;
  }

 private:
  // Not a distribution of the standard library: theirs differ from one to the next.
  std::size_t below(std::size_t bound) { return random_() % bound; }

  const std::string& seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0: text.insert(at, 1, octet()); break;
      case 1:
        if (at < text.size()) text[at] = octet();
        break;
      case 2: text.erase(at, 1 + below(3)); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), 1 + below(8))); break;
      case 4: {
        const std::string& other = seed();
        text.replace(at, std::string::npos, other, below(other.size() + 1), std::string::npos);
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 0x20);
    }
  }

  char octet() {
    using namespace std::string_view_literals;
    static constexpr std::string_view telling =
        "<>@:.,=-[]\"\\ \t\r\n\0\x7F\xC3\xBC\xE2\x82\xAC\xED\xA0\x80\xFF"
        "aZ09"sv;
    return below(8) == 0 ? static_cast<char>(static_cast<unsigned char>(below(256))) : telling[below(telling.size())];
  }

  std::vector<std::string> seeds_;
  std::mt19937 random_;
};

// For rounds texts: what parse() accepts, append() writes and parsing that gives the same value; what is plain ASCII has the same outcome in
// both charsets; a failure has a code and an offset within the text. line_end: what append() writes behind what parse() takes. utf8_suffix: what
// may stand at the end of a text of ASCII only where UTF-8 may.
template <typename Parse>
void verify_parse_append_parse(std::vector<std::string> seeds, std::size_t rounds, Parse parse,
                               std::string_view line_end = "", std::string_view utf8_suffix = "") {
  mutator texts(std::move(seeds), 5321);
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = texts.next();
    const testing::ScopedTrace trace(__FILE__, __LINE__,
                                     "round " + std::to_string(round) + ": " + testing::PrintToString(text));
    const exact block(text);
    for (const charset octets : both_charsets) {
      const auto parsed = parse(block.view(), octets);
      if (!parsed) {
        ++refused;
        EXPECT_FALSE(message(parsed.error().code).empty());
        EXPECT_LE(parsed.error().offset, text.size());
        continue;
      }
      ++accepted;
      std::string out;
      const result<std::size_t> written = append(out, *parsed, octets);
      ASSERT_TRUE(written) << "what was parsed can't be written: " << message(written.error().code);
      ASSERT_EQ(*written, out.size());
      ASSERT_TRUE(out.ends_with(line_end));
      const exact wire(std::string_view(out).substr(0, out.size() - line_end.size()));
      const auto again = parse(wire.view(), octets);
      ASSERT_TRUE(again) << testing::PrintToString(out);
      ASSERT_EQ(*again, *parsed);
    }
    const auto ascii = parse(block.view(), charset::ascii);
    const auto utf8 = parse(block.view(), charset::utf8);
    const std::size_t suffix = std::min(text.size(), utf8_suffix.size());
    const bool has_suffix = suffix != 0 && equal_ignoring_case(block.view().substr(text.size() - suffix), utf8_suffix);
    ASSERT_TRUE(ascii.has_value() == utf8.has_value() || has_non_ascii(text) || has_suffix);
    if (ascii) {
      ASSERT_TRUE(utf8) << "UTF-8 takes less than ASCII";
      ASSERT_EQ(*ascii, *utf8);
    }
  }
  // The texts must be of both kinds for the property to mean something.
  EXPECT_GT(accepted, rounds / 5);
  EXPECT_GT(refused, rounds / 5);
}

} // namespace postel::test
