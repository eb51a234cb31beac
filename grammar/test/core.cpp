#include "postel/grammar/core.hpp"

#include <gtest/gtest-spi.h>

#include <cstdint>
#include <optional>

#include "verify.hpp"

namespace postel::test {
namespace {

// The character classes once more, written out instead of computed.
const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::string digits = "0123456789";
const std::string printable = // %d32-126
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

std::string without(std::string from, std::string_view removed) {
  std::erase_if(from, [&](char c) { return removed.find(c) != std::string_view::npos; });
  return from;
}

std::string seven_bit() {
  std::string all;
  for (unsigned octet = 0; octet < 128; ++octet) all += one(octet);
  return all;
}

template <g::octets Set>
void verify_class(const std::string& members) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string text = one(octet);
    const bool member = members.find(text) != std::string::npos;
    EXPECT_EQ(g::is(Set, text[0]), member) << "octet " << octet;
    judge<g::one_of<Set>>(member, text);
    judge<g::run<Set>>(member, text);
    judge<g::run<Set>>(member, members + text);
    judge<g::run<Set>>(member, text + members);
  }
  bad<g::one_of<Set>>("");
  bad<g::one_of<Set>>(members.substr(0, 2));
  bad<g::run<Set>>("");
  ok<g::run<Set>>(members);
}

// Rules that break PEGTL's contract, for the verbs to notice.
struct consumes_on_failure {
  using rule_t = consumes_on_failure;
  using subs_t = peg::empty_list;

  template <typename Input>
  static bool match(Input& in) {
    in.bump_in_this_line(1);
    return false;
  }
};
struct fails_with_actions {
  using rule_t = fails_with_actions;
  using subs_t = peg::empty_list;

  template <peg::apply_mode, peg::rewind_mode, template <typename...> class Action, template <typename...> class,
            typename Input, typename... States>
  static bool match(Input& in, const States&...) {
    if (sizeof...(States) != 0) return false;
    in.bump_in_this_line(in.size());
    return true;
  }
};

TEST(verify, the_verbs_can_fail) {
  EXPECT_TRUE(run_rule<g::SP>(" ").is(true));
  EXPECT_FALSE(run_rule<g::SP>(" ").is(false));
  EXPECT_TRUE(run_rule<g::SP>("x").is(false));
  EXPECT_TRUE(run_rule<g::SP>("  ").is(false));
  EXPECT_FALSE(run_rule<fails_with_actions>("x").is(true));
  EXPECT_FALSE(run_rule<fails_with_actions>("x").is(false));
  outcome stray = run_rule<g::SP>(" ");
  stray.spans_inside = false;
  EXPECT_FALSE(stray.is(true));
  EXPECT_FALSE(run_rule<peg::seq<consumes_on_failure>>("x").is(true));
  EXPECT_NONFATAL_FAILURE(bad<g::SP>(" "), "SP on \" \"");
  EXPECT_NONFATAL_FAILURE(bad<g::SP>(" "), "accepted");
}

TEST(core, printable_is_ninety_five_octets) {
  ASSERT_EQ(printable.size(), 95U);
  EXPECT_EQ(printable.front(), '\x20');
  EXPECT_EQ(printable.back(), '\x7E');
}

TEST(core, alpha) {
  verify_class<g::octets::alpha>(letters);
}
TEST(core, digit) {
  verify_class<g::octets::digit>(digits);
}
TEST(core, hexdig) {
  verify_class<g::octets::hexdig>("0123456789ABCDEFabcdef");
}
TEST(core, let_dig) {
  verify_class<g::octets::let_dig>(letters + digits);
}
TEST(core, atext) {
  verify_class<g::octets::atext>(letters + digits + "!#$%&'*+-/=?^_`{|}~");
}
TEST(core, qtext_smtp) {
  verify_class<g::octets::qtext_smtp>(without(printable, "\"\\"));
}
TEST(core, quotable) {
  verify_class<g::octets::quotable>(printable);
}
TEST(core, dcontent) {
  verify_class<g::octets::dcontent>(without(printable, " [\\]"));
}
TEST(core, esmtp_value) {
  verify_class<g::octets::esmtp_value>(without(printable, " ="));
}
TEST(core, text) {
  verify_class<g::octets::text>("\t" + printable);
}
TEST(core, graphic) {
  verify_class<g::octets::graphic>(without(printable, " "));
}
TEST(core, greet) {
  verify_class<g::octets::greet>(without(seven_bit(), "\r\n"));
}
TEST(core, wsp) {
  verify_class<g::octets::wsp>(" \t");
}
TEST(core, xchar) {
  verify_class<g::octets::xchar>(without(printable, " +="));
}
TEST(core, base64) {
  verify_class<g::octets::base64>(letters + digits + "+/");
}
TEST(core, qchar) {
  verify_class<g::octets::qchar>(without(printable, " +=\\"));
}
TEST(core, ldh) {
  verify_class<g::octets::ldh>(letters + digits + "-");
}
TEST(core, sasl_mech) {
  verify_class<g::octets::sasl_mech>(letters + digits + "-_");
}

// Long runs are searched in blocks: every length, and every place of the octet that ends one.
template <g::octets Set>
void verify_long_runs(char member, const std::string& others) {
  for (std::size_t size = 1; size < 70; ++size) {
    const std::string text(size, member);
    ok<g::run<Set>>(text);
    for (std::size_t at = 0; at < size; ++at)
      for (const char other : others) {
        std::string broken = text;
        broken[at] = other;
        const exact block(broken);
        peg::memory_input<peg::tracking_mode::lazy> in(block.view().data(), block.view().size(), "");
        EXPECT_EQ(peg::parse<g::run<Set>>(in), at != 0) << size << ", " << at;
        EXPECT_EQ(in.byte(), at) << size;
        // The same with octets before the run, as many as the run has octets before its end.
        peg::memory_input<peg::tracking_mode::lazy> behind(block.view().data(), block.view().size(), "");
        const std::size_t before = at / 2;
        behind.bump_in_this_line(before);
        EXPECT_EQ(peg::parse<g::run<Set>>(behind), at != before) << size << ", " << at;
        EXPECT_EQ(behind.byte(), at) << size;
      }
  }
}

TEST(core, long_runs) {
  verify_long_runs<g::octets::text>('a', "\x1F\x7F\x80\xFF\r");
  verify_long_runs<g::octets::graphic>('~', " \x7F\x80\xFF");
  verify_long_runs<g::octets::greet>('\x01', "\r\n\x80\xFF");
  verify_long_runs<g::octets::sasl_mech>('_', " @[^`{.\x80\xFF");
  verify_long_runs<g::octets::atext>('a', " @\x80\xFF");
}

TEST(core, run_of_at_most) {
  using rule = g::run_of_at_most<g::octets::digit, 20>;
  ok<g::run_of_at_most<g::octets::digit, 1>>("7");
  bad<g::run_of_at_most<g::octets::digit, 1>>("77");
  bad<rule>("");
  bad<rule>("x");
  for (std::size_t size = 1; size < 50; ++size) judge<rule>(size <= 20, std::string(size, '7'));
  bad<rule>("7x");
}

TEST(core, single_octets) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    judge<g::DQUOTE>(octet == 0x22, one(octet));
    judge<g::SP>(octet == 0x20, one(octet));
    judge<g::UTF8_tail>(octet >= 0x80 && octet <= 0xBF, one(octet));
  }
  ok<g::DQUOTE>("\"");
  ok<g::SP>(" ");
  ok<g::UTF8_tail>("\x80");
  ok<g::UTF8_tail>("\xBF");
  bad<g::DQUOTE>("");
  bad<g::DQUOTE>("\"\"");
  bad<g::SP>("");
  bad<g::SP>("  ");
  bad<g::UTF8_tail>("");
  bad<g::UTF8_tail>("\x80\x80");
}

TEST(core, crlf) {
  ok<g::CRLF>("\r\n");
  for (const char* text : {"", "\r", "\n", "\n\r", "\r\r\n", "\r\n\n", "\r\n\r\n", "\r ", " \n"}) bad<g::CRLF>(text);
}

// The length of the one well-formed sequence beyond ASCII that text is: decoded to a code point, then tested for shortest form,
// surrogates and range (RFC 3629 3). Nothing if it is none.
std::optional<std::size_t> sequence_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  if (text.empty()) return std::nullopt;
  const std::uint32_t lead = octet(0);
  const std::size_t length = (lead & 0xE0U) == 0xC0U   ? 2
                             : (lead & 0xF0U) == 0xE0U ? 3
                             : (lead & 0xF8U) == 0xF0U ? 4
                                                       : 0;
  if (length == 0 || text.size() != length) return std::nullopt;
  std::uint32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return std::nullopt;
    point = point << 6 | (octet(i) & 0x3FU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
  return length;
}

void verify_sequence(const std::string& text) {
  const auto length = sequence_length(text);
  judge<g::UTF8_2>(length == 2, text);
  judge<g::UTF8_3>(length == 3, text);
  judge<g::UTF8_4>(length == 4, text);
  judge<g::UTF8_non_ascii>(length.has_value(), text);
}

TEST(utf8, every_sequence_of_two_octets) {
  std::size_t well_formed = 0;
  for (unsigned lead = 0; lead < 256; ++lead)
    for (unsigned tail = 0; tail < 256; ++tail) {
      const std::string text = one(lead) + one(tail);
      verify_sequence(text);
      well_formed += sequence_length(text).has_value() ? 1U : 0U;
    }
  EXPECT_EQ(well_formed, 0x800U - 0x80U); // U+0080 to U+07FF
}

TEST(utf8, three_octets_at_every_boundary) {
  for (unsigned lead = 0xC0; lead < 256; ++lead)
    for (unsigned second = 0; second < 256; ++second)
      for (const unsigned third : {0x00U, 0x7FU, 0x80U, 0xBFU, 0xC0U, 0xFFU})
        verify_sequence(one(lead) + one(second) + one(third));
}

TEST(utf8, four_octets_at_every_boundary) {
  for (unsigned lead = 0xEF; lead <= 0xFF; ++lead)
    for (unsigned second = 0x70; second <= 0xD0; ++second)
      for (const unsigned third : {0x7FU, 0x80U, 0xBFU, 0xC0U})
        for (const unsigned fourth : {0x7FU, 0x80U, 0xBFU, 0xC0U})
          verify_sequence(one(lead) + one(second) + one(third) + one(fourth));
}

TEST(utf8, named_boundaries) {
  ok<g::UTF8_2>("\xC2\x80");             // U+0080
  ok<g::UTF8_2>("\xDF\xBF");             // U+07FF
  ok<g::UTF8_3>("\xE0\xA0\x80");         // U+0800
  ok<g::UTF8_3>("\xED\x9F\xBF");         // U+D7FF
  ok<g::UTF8_3>("\xEE\x80\x80");         // U+E000
  ok<g::UTF8_3>("\xEF\xBF\xBF");         // U+FFFF
  ok<g::UTF8_4>("\xF0\x90\x80\x80");     // U+10000
  ok<g::UTF8_4>("\xF4\x8F\xBF\xBF");     // U+10FFFF
  bad<g::UTF8_2>("\xC0\x80");            // overlong U+0000
  bad<g::UTF8_2>("\xC1\xBF");            // overlong U+007F
  bad<g::UTF8_3>("\xE0\x9F\xBF");        // overlong U+07FF
  bad<g::UTF8_4>("\xF0\x8F\xBF\xBF");    // overlong U+FFFF
  bad<g::UTF8_3>("\xED\xA0\x80");        // U+D800, the first surrogate
  bad<g::UTF8_3>("\xED\xBF\xBF");        // U+DFFF, the last one
  bad<g::UTF8_4>("\xF4\x90\x80\x80");    // U+110000
  bad<g::UTF8_4>("\xF5\x80\x80\x80");    // a lead octet that there is not
  ok<g::UTF8_non_ascii>("\xE2\x82\xAC"); // U+20AC
  bad<g::UTF8_non_ascii>("");            // nothing
  bad<g::UTF8_non_ascii>("a");           // ASCII
  bad<g::UTF8_non_ascii>(
      "\xE2\x82\xAC"
      "a"); // more than one character
}

TEST(utf8, truncated) {
  for (const std::string_view whole : {"\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x93\xA7"}) {
    ok<g::UTF8_non_ascii>(whole);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      bad<g::UTF8_non_ascii>(whole.substr(0, length));
      bad<g::UTF8_non_ascii>(std::string(whole.substr(0, length)) + "a");
    }
    for (std::size_t start = 1; start < whole.size(); ++start) bad<g::UTF8_non_ascii>(whole.substr(start));
  }
}

TEST(utf8, text_of_either_charset) {
  using ascii_text = g::text_of<g::octets::atext, g::ascii>;
  using utf8_text = g::text_of<g::octets::atext, g::internationalized>;
  for (const char* text : {"a", "a1!", "zzzz"}) {
    ok<ascii_text>(text);
    ok<utf8_text>(text);
  }
  for (const char* text : {"\xC3\xBC", "a\xC3\xBC",
                           "\xC3\xBC"
                           "a",
                           "a\xE2\x82\xAC\xF0\x9F\x93\xA7z"}) {
    bad<ascii_text>(text);
    ok<utf8_text>(text);
  }
  for (const char* text : {"", " ", "a b", "a\xC3", "\xC3", "\xBC", "a\xC3\xBC ", "\xED\xA0\x80"}) {
    bad<ascii_text>(text);
    bad<utf8_text>(text);
  }
}

} // namespace
} // namespace postel::test
