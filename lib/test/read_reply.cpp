// Replies and EHLO responses as clients must take them, whatever their text is; what the grammar makes of them: reply.cpp.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "postel/capability.hpp"
#include "postel/policy.hpp"
#include "postel/reply.hpp"
#include "reply_text.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

TEST(read_reply, takes_any_text) {
  for (const reply_text& text : reply_texts())
    for (const std::string_view code : {"220"sv, "250"sv, "354"sv, "421"sv, "550"sv, "571"sv, "499"sv, "299"sv}) {
      SCOPED_TRACE(std::string(code) + " " + std::string(text.name));
      const std::string line(code);
      const exact block(line + "-" + text.octets + "\r\n" + line + "-ok\r\n" + line + " " + text.octets + "\r\n");
      const auto reply = read_reply(block.view());
      ASSERT_TRUE(reply) << reply.error().offset;
      EXPECT_EQ(std::to_string(reply->code()), code);
      EXPECT_EQ(reply->severity(), static_cast<unsigned>(code[0] - '0'));
      EXPECT_EQ(reply->wire(), block.view());
      EXPECT_TRUE(inside(reply->wire(), block.view()));
      std::vector<std::string_view> lines(reply->lines().begin(), reply->lines().end());
      EXPECT_EQ(lines, (std::vector<std::string_view>{text.octets, "ok", text.octets}));
      for (const std::string_view each : lines) EXPECT_TRUE(inside(each, block.view()));
    }
}

// Where parse_reply() takes it, the two agree.
TEST(read_reply, is_parse_reply_where_that_takes_it) {
  for (const std::string_view wire :
       {"250\r\n"sv, "250 \r\n"sv, "250-\r\n250\r\n"sv, "250 ok\r\n"sv, "550-5.1.1 a\r\n550 5.1.1 b\r\n"sv}) {
    const auto parsed = parse_reply(wire), read = read_reply(wire);
    ASSERT_TRUE(parsed && read) << wire;
    EXPECT_EQ(*parsed, *read) << wire;
    EXPECT_EQ(parsed->status(), read->status());
    EXPECT_EQ(read->deviation(), std::nullopt) << wire;
    EXPECT_EQ(parsed->deviation(), std::nullopt) << wire;
  }
  EXPECT_EQ(read_reply("571 5.7.1 no\r\n")->status(), (enhanced_status_code{5, 7, 1}));
  EXPECT_EQ(read_reply("550 5.1.1 Bo\xC3\xAEte\r\n")->status(), (enhanced_status_code{5, 1, 1}));
}

TEST(read_reply, failures) {
  const struct {
    std::string_view wire;
    errc code;
    std::uint32_t offset;
  } rows[] = {
      {"", errc::syntax, 0},
      {"\r\n", errc::syntax, 0},
      {"25 x\r\n", errc::syntax, 2},
      {"199 x\r\n", errc::syntax, 0},
      {"600 x\r\n", errc::syntax, 0},
      {"2500 x\r\n", errc::syntax, 3},
      {"250x\r\n", errc::syntax, 3},
      {"250\tx\r\n", errc::syntax, 3},
      {"250", errc::syntax, 3},
      {"250 x", errc::syntax, 5},
      {"250 x\r", errc::syntax, 6},
      {"250 x\n", errc::bare_lf, 5},
      {"250 \xFF\r\xFF\n", errc::bare_lf, 7},
      {"250-x\n250 y\r\n", errc::bare_lf, 5},
      {"250-x\r\n", errc::syntax, 7},
      {"250-x\r\n250-y\r\n", errc::syntax, 14},
      {"250-x\r\n\r\n", errc::syntax, 7},
      {"250-x\r\n25 y\r\n", errc::syntax, 9},
      {"250 x\r\n250 y\r\n", errc::syntax, 7},
      {"250 x\r\n ", errc::syntax, 7},
      {"220-\xFF\r\n521 no\r\n", errc::reply_code_mismatch, 7},
      {"250-a\r\n250-b\r\n251-c\r\n252 d\r\n", errc::reply_code_mismatch, 14},
  };
  for (const auto& row : rows)
    for (const charset octets : {charset::ascii, charset::utf8})
      EXPECT_EQ(read_reply(exact(row.wire), octets).error(), (failure{row.code, row.offset}))
          << testing::PrintToString(std::string(row.wire));
  EXPECT_EQ(read_reply("250 x").error().expected, expectation::line_end);
}

TEST(deviation, names_the_place) {
  const struct {
    std::string wire;
    errc code;
    std::uint32_t offset;
    expectation expected;
  } rows[] = {
      {"250 caf\xC3\xA9\r\n", errc::syntax, 7, expectation::reply_text},
      {"250 \a\r\n", errc::syntax, 4, expectation::reply_text},
      {std::string("250 a\0b\r\n", 9), errc::syntax, 5, expectation::reply_text},
      {"250-ok\r\n250 a\x7F\r\n", errc::syntax, 13, expectation::reply_text},
      {"250 a\rb\r\n", errc::bare_cr, 5, expectation::line_end},
      {"250 a\r\r\n", errc::bare_cr, 5, expectation::line_end},
      {"250\r\r\n", errc::bare_cr, 3, expectation::line_end},
      {"571 no\r\n", errc::syntax, 1, expectation::reply_code},
      {"250 " + std::string(507, 'x') + "\r\n", errc::line_too_long, 512, expectation::none},
      {"250-ok\r\n250 " + std::string(507, 'x') + "\r\n", errc::line_too_long, 520, expectation::none},
      {"250 \a" + std::string(507, 'x') + "\r\n", errc::syntax, 4, expectation::reply_text},
      {"250-" + std::string(507, 'x') + "\r\n250 \a\r\n", errc::line_too_long, 512, expectation::none},
      {"334 " + std::string(auth_line_limit - 5, 'A') + "\r\n", errc::line_too_long,
       static_cast<std::uint32_t>(auth_line_limit), expectation::none},
  };
  for (const auto& row : rows) {
    const exact block(row.wire);
    const auto reply = read_reply(block.view());
    ASSERT_TRUE(reply) << row.wire;
    const auto found = reply->deviation();
    ASSERT_TRUE(found) << row.wire;
    EXPECT_EQ(*found, (failure{row.code, row.offset})) << row.wire;
    EXPECT_EQ(found->expected, row.expected) << row.wire;
  }
}

TEST(deviation, none) {
  EXPECT_EQ(reply_view().deviation(), std::nullopt);
  for (const std::string& wire :
       {std::string("250\r\n"), std::string("250-\r\n250 \r\n"), "250 " + std::string(506, 'x') + "\r\n",
        "334 " + std::string(auth_line_limit - 6, 'A') + "\r\n"})
    EXPECT_EQ(read_reply(wire)->deviation(), std::nullopt) << wire.substr(0, 20);
}

// RFC 6531 3.7.4.2
TEST(deviation, goes_by_the_charset_that_was_asked_for) {
  EXPECT_EQ(read_reply("250 caf\xC3\xA9\r\n", charset::utf8)->deviation(), std::nullopt);
  EXPECT_EQ(read_reply("250 caf\xC3\xA9\r\n")->deviation(), (failure{errc::syntax, 7}));
  for (const std::string_view text : {"caf\xC3"sv, "caf\xE9"sv, "\xED\xA0\x80"sv, "\xC3\xDC"sv, "caf\xC3\xA9\a"sv})
    EXPECT_TRUE(read_reply("250 " + std::string(text) + "\r\n", charset::utf8)->deviation()) << text;
}

// ---- EHLO

struct read_row {
  std::string text, keyword, params;
};

const std::vector<read_row>& ehlo_lines() {
  static const std::vector<read_row> rows = {
      {"STARTTLS", "STARTTLS", ""},
      {"STARTTLS ", "STARTTLS", ""},
      {"STARTTLS\t", "STARTTLS", ""},
      {"STARTTLS \t \t", "STARTTLS", ""},
      {" STARTTLS", "STARTTLS", ""},
      {"\t STARTTLS", "STARTTLS", ""},
      {"STARTTLS\r", "STARTTLS", ""}, // CR CR LF
      {std::string("STARTTLS\0", 9), "STARTTLS", ""},
      {"\x01STARTTLS\x7F", "STARTTLS", ""},
      {"\xEF\xBB\xBFSTARTTLS", "STARTTLS", ""},
      {"STARTTLS\xC2\xA0", "STARTTLS", "\xC2\xA0"},
      {"SIZE  5", "SIZE", "5"},
      {"SIZE\t5", "SIZE", "5"},
      {"SIZE 5 ", "SIZE", "5"},
      {"AUTH  PLAIN \t LOGIN ", "AUTH", "PLAIN \t LOGIN"},
      {"AUTH=PLAIN LOGIN", "AUTH=PLAIN", "LOGIN"},
      {"X-A_B.C d", "X-A_B.C", "d"},
      // One octet in the place of the space, or after the keyword.
      {"STARTTLS=", "STARTTLS", ""},
      {"starttls= ", "starttls", ""},
      {"STARTTLS:", "STARTTLS", ""},
      {"STARTTLS;", "STARTTLS", ""},
      {"STARTTLS,", "STARTTLS", ""},
      {"STARTTLS.", "STARTTLS", ""},
      {"\"STARTTLS\"", "STARTTLS", ""},
      {"<STARTTLS>", "STARTTLS", ""},
      {"-STARTTLS", "STARTTLS", ""},
      {"*STARTTLS", "STARTTLS", ""},
      {"STARTTLS=yes", "STARTTLS", "yes"},
      {"SIZE=5", "SIZE", "5"},
      {"SIZE: 5", "SIZE", "5"},
      {"AUTH: PLAIN", "AUTH", "PLAIN"},
      {"AUTH=", "AUTH=", ""},
      {"XAUTH=PLAIN", "XAUTH", "PLAIN"},
  };
  return rows;
}

TEST(read_ehlo_line, no_keyword_is_overlooked) {
  for (const read_row& row : ehlo_lines()) {
    const exact block(row.text);
    const auto line = read_ehlo_line(block.view());
    ASSERT_TRUE(line) << row.text;
    EXPECT_EQ(*line, (ehlo_line{row.keyword, row.params})) << row.text;
    EXPECT_TRUE(inside(line->keyword, block.view()));
    EXPECT_TRUE(inside(line->params, block.view()));
  }
  for (const std::string_view none : {""sv, " "sv, "\t \r"sv, "\xFF\xFE"sv, "=*.-"sv})
    EXPECT_EQ(read_ehlo_line(none), std::nullopt) << none;
}

TEST(read_ehlo_response, finds_what_is_there) {
  const reply_view none;
  EXPECT_EQ(read_ehlo_response(none).domain, "");
  EXPECT_EQ(read_ehlo_response(none).find("SIZE"), std::nullopt);
  EXPECT_EQ(read_ehlo_response(none).deviation(), std::nullopt);
  for (const read_row& row : ehlo_lines())
    for (const bool last : {false, true}) {
      const exact block("250-mx.example gr\xC3\xBC\xC3\x9F dich\r\n250-HELP\r\n250" + std::string(last ? " " : "-") +
                        row.text + "\r\n" + (last ? "" : "250 \xFF\r\n"));
      const auto reply = read_reply(block.view());
      ASSERT_TRUE(reply) << row.text;
      const ehlo_response response = read_ehlo_response(*reply);
      EXPECT_EQ(response.domain, "mx.example");
      EXPECT_EQ(response.greet, "gr\xC3\xBC\xC3\x9F dich");
      EXPECT_EQ(response.reply, *reply);
      EXPECT_EQ(response.find(row.keyword), (ehlo_line{row.keyword, row.params})) << row.text;
      EXPECT_EQ(response.find("help"), (ehlo_line{"HELP", ""}));
      EXPECT_EQ(response.find("mx.example"), std::nullopt);
    }
}

TEST(read_ehlo_response, reports_what_is_outside_of_the_grammar) {
  const auto deviation = [](std::string_view wire) { return read_ehlo_response(*read_reply(wire)).deviation(); };
  for (const std::string_view good : {"250 mx.example\r\n"sv, "250-mx.example hi\r\n250-SIZE 5\r\n250 X-A b c\r\n"sv,
                                      "250-mx.example hi \x03 there\r\n250 SIZE\r\n"sv}) // ehlo-greet has controls
    EXPECT_EQ(deviation(good), std::nullopt) << good;
  EXPECT_EQ(deviation("250-mx\r\n250 STARTTLS \r\n"), (failure{errc::syntax, 21}));
  EXPECT_EQ(deviation("250-mx\r\n250 SIZE  5\r\n"), (failure{errc::syntax, 17}));
  EXPECT_EQ(deviation("250-mx\r\n250-AUTH=PLAIN\r\n250 X\r\n"), (failure{errc::syntax, 16}));
  EXPECT_EQ(deviation("250-mx gr\xC3\xBC\xC3\x9F\r\n250 X\r\n"), (failure{errc::syntax, 9}));
  EXPECT_EQ(deviation("250-mx\r\n250 X" + std::string(506, ' ') + "\r\n")->offset, 14U);
  EXPECT_EQ(deviation("250-mx\r\n250 X " + std::string(506, 'y') + "\r\n"), (failure{errc::line_too_long, 520}));
}

} // namespace
} // namespace postel::test
