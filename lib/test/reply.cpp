#include "postel/reply.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ranges>

#include "mutate.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

static_assert(std::input_iterator<reply_lines::iterator>);
static_assert(std::ranges::input_range<const reply_lines>);

constexpr auto parser = [](std::string_view lines, charset octets) { return parse_reply(lines, octets); };

std::vector<std::string_view> listed(const reply_lines& lines) {
  return {lines.begin(), lines.end()};
}

using texts = std::vector<std::string_view>;

struct accepted_row {
  std::string_view wire;
  std::uint16_t code;
  texts lines;
  bool canonical = true; // append() writes the same octets
};

const std::vector<accepted_row>& accepted() {
  static const std::vector<accepted_row> rows = {
      {"250 OK\r\n", 250, {"OK"}},
      {"250 \r\n", 250, {""}},
      {"250\r\n", 250, {""}, false},
      {"250  two spaces\r\n", 250, {" two spaces"}},
      {"250 trailing \r\n", 250, {"trailing "}},
      {"250 -\r\n", 250, {"-"}},
      {"250 a\tb\r\n", 250, {"a\tb"}},
      {"200 x\r\n", 200, {"x"}},
      {"559 x\r\n", 559, {"x"}},
      {"354 Start mail input; end with <CRLF>.<CRLF>\r\n", 354, {"Start mail input; end with <CRLF>.<CRLF>"}},
      {"250-a\r\n250 b\r\n", 250, {"a", "b"}},
      {"250-\r\n250-\r\n250\r\n", 250, {"", "", ""}, false},
      {"250--\r\n250 -\r\n", 250, {"-", "-"}},
      {"550-first\r\n550-second\r\n550-551 begins with numbers\r\n550 last\r\n",
       550,
       {"first", "second", "551 begins with numbers", "last"}},
  };
  return rows;
}

TEST(parse_reply, values) {
  for (const accepted_row& row : accepted())
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.wire);
      const exact block(row.wire);
      const result<reply_view> parsed = parse_reply(block.view(), octets);
      ASSERT_TRUE(parsed) << "offset " << parsed.error().offset;
      EXPECT_EQ(parsed->code(), row.code);
      EXPECT_EQ(parsed->severity(), row.code / 100U);
      EXPECT_EQ(listed(parsed->lines()), row.lines);
      EXPECT_EQ(parsed->wire(), row.wire);
      EXPECT_TRUE(inside(parsed->wire(), block.view()));
      for (const std::string_view line : parsed->lines()) EXPECT_TRUE(inside(line, block.view()));
      if (row.canonical) expect_appended(*parsed, row.wire, octets);
    }
}

TEST(parse_reply, a_client_takes_codes_that_the_grammar_does_not_know) {
  for (const std::string_view wire : {"571 5.7.1 no\r\n"sv, "477-a\r\n477 b\r\n"sv, "299\r\n"sv}) {
    EXPECT_EQ(parse_reply(wire).error().code, errc::syntax) << wire;
    const auto parsed = parse_reply(wire, charset::ascii, reply_codes::any);
    ASSERT_TRUE(parsed) << wire;
    EXPECT_EQ(std::to_string(parsed->code()), wire.substr(0, 3));
    EXPECT_EQ(parsed->severity(), static_cast<unsigned>(wire[0] - '0'));
    EXPECT_EQ(parsed->wire(), wire);
  }
  EXPECT_EQ(parse_reply("571 5.7.1 no\r\n", charset::ascii, reply_codes::any)->status(),
            (enhanced_status_code{5, 7, 1}));
  EXPECT_EQ(parse_reply("571-a\r\n572 b\r\n", charset::ascii, reply_codes::any).error(),
            (failure{errc::reply_code_mismatch, 7}));
  for (const std::string_view wire : {"600 a\r\n"sv, "199 a\r\n"sv, "5711 a\r\n"sv})
    EXPECT_EQ(parse_reply(wire, charset::ascii, reply_codes::any).error().code, errc::syntax) << wire;
}

TEST(parse_reply, default_view_is_empty) {
  const reply_view none;
  EXPECT_EQ(none.code(), 0);
  EXPECT_EQ(none.severity(), 0U);
  EXPECT_TRUE(listed(none.lines()).empty());
  EXPECT_EQ(none.status(), std::nullopt);
  EXPECT_EQ(none, reply_view());
  EXPECT_NE(none, *parse_reply("250\r\n"));
  expect_refused(none, charset::ascii);
}

TEST(parse_reply, equality_is_that_of_code_and_texts) {
  EXPECT_EQ(*parse_reply("250\r\n"), *parse_reply("250 \r\n"));
  EXPECT_NE(*parse_reply("250 a\r\n"), *parse_reply("251 a\r\n"));
  EXPECT_NE(*parse_reply("250 a\r\n"), *parse_reply("250 A\r\n"));
  EXPECT_NE(*parse_reply("250 a\r\n"), *parse_reply("250-a\r\n250 a\r\n"));
  EXPECT_NE(*parse_reply("250-a\r\n250 a\r\n"), *parse_reply("250 a\r\n"));
  EXPECT_NE(*parse_reply("250-\r\n250\r\n"), *parse_reply("250\r\n"));
}

TEST(parse_reply, line_iterator_increments) {
  const exact block("250-a\r\n250-b\r\n250 c\r\n");
  const result<reply_view> parsed = parse_reply(block.view());
  ASSERT_TRUE(parsed);
  const reply_lines lines = parsed->lines();
  auto at = lines.begin();
  EXPECT_EQ(*at++, "a");
  EXPECT_EQ(*at, "b");
  EXPECT_EQ(*++at, "c");
  EXPECT_NE(at, lines.end());
  EXPECT_EQ(++at, lines.end());
}

TEST(parse_reply, the_caller_chooses_the_charset) {
  const exact block(
      "250-gr\xC3\xBC"
      "ezi\r\n250 \xE2\x82\xAC\r\n");
  EXPECT_EQ(parse_reply(block.view()), (failure{errc::syntax, 6}));
  const result<reply_view> parsed = parse_reply(block.view(), charset::utf8);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(listed(parsed->lines()), (texts{"gr\xC3\xBC"
                                            "ezi",
                                            "\xE2\x82\xAC"}));
  expect_appended(*parsed, block.view(), charset::utf8);
  expect_refused(*parsed, charset::ascii);
}

TEST(parse_reply, failures) {
  const struct {
    std::string_view wire;
    errc code;
    std::uint32_t offset;
  } rows[] = {
      {"", errc::syntax, 0},
      {"\r\n", errc::syntax, 0},
      {"2", errc::syntax, 1},
      {"25 x\r\n", errc::syntax, 2},
      {"199 x\r\n", errc::syntax, 0},
      {"600 x\r\n", errc::syntax, 0},
      {"260 x\r\n", errc::syntax, 1},
      {"25a x\r\n", errc::syntax, 2},
      {" 250 x\r\n", errc::syntax, 0},
      {"250", errc::syntax, 3},
      {"250x\r\n", errc::syntax, 3},
      {"2500 x\r\n", errc::syntax, 3},
      {"250\n", errc::syntax, 3},
      {"250 OK", errc::syntax, 6},
      {"250 OK\n", errc::syntax, 6},
      {"250 OK\r", errc::syntax, 6},
      {"250 OK\r\r\n", errc::syntax, 6},
      {"250 a\nb\r\n", errc::syntax, 5},
      {"250 \x07\r\n", errc::syntax, 4},
      {"250 \0\r\n"sv, errc::syntax, 4},
      {"250 a\x80\r\n", errc::syntax, 5},
      {"250-a\r\n", errc::syntax, 7},
      {"250-a\n250 b\r\n", errc::syntax, 5},
      {"250-a\r\n250 b\n", errc::syntax, 12},
      {"250-a\r\n\r\n", errc::syntax, 7},
      {"250-a\r\nb\r\n", errc::syntax, 7},
      {"250 a\r\n250 b\r\n", errc::syntax, 7},
      {"250 a\r\n ", errc::syntax, 7},
      // The first line whose code is not that of the first.
      {"250-a\r\n251 b\r\n", errc::reply_code_mismatch, 7},
      {"250-a\r\n250-b\r\n550 c\r\n", errc::reply_code_mismatch, 14},
      {"250-a\r\n550-b\r\n250 c\r\n", errc::reply_code_mismatch, 7},
      {"250-\r\n251\r\n", errc::reply_code_mismatch, 6},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets)
      EXPECT_EQ(parse_reply(exact(row.wire), octets), (failure{row.code, row.offset}))
          << testing::PrintToString(std::string(row.wire));
}

TEST(status_code, values) {
  const struct {
    std::string_view text;
    enhanced_status_code code;
  } rows[] = {
      {"2.0.0", {2, 0, 0}},         {"4.7.1 try later", {4, 7, 1}},   {"5.1.1 ", {5, 1, 1}},
      {"5.999.999", {5, 999, 999}}, {"2.10.100 2.1.5", {2, 10, 100}}, {"4.0.20  x", {4, 0, 20}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_status_code(exact(row.text));
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.code) << row.text;
    EXPECT_EQ(parsed->status_class, row.code.status_class);
    EXPECT_EQ(parsed->subject, row.code.subject);
    EXPECT_EQ(parsed->detail, row.code.detail);
  }
}

TEST(status_code, failures) {
  const struct {
    std::string_view text;
    std::uint32_t offset;
  } rows[] = {
      {"", 0},         {"3.0.0", 0},  {" 2.0.0", 0}, {"OK", 0},      {"2", 1},       {"22.0.0", 1},
      {"2.", 2},       {"2.x.0", 2},  {"2.0", 3},    {"2.01.0", 3},  {"2.0.", 4},    {"2.0.x", 4},
      {"2.1000.0", 5}, {"2.0.0x", 5}, {"2.0.01", 5}, {"2.0.0.0", 5}, {"2.0.0\t", 5}, {"2.0.1000", 7},
  };
  for (const auto& row : rows)
    EXPECT_EQ(parse_status_code(exact(row.text)), (failure{errc::syntax, row.offset})) << row.text;
}

TEST(status_code, of_a_reply) {
  const struct {
    std::string_view wire;
    std::optional<enhanced_status_code> status;
  } rows[] = {
      {"250 2.1.0 Sender ok\r\n", enhanced_status_code{2, 1, 0}},
      {"250 2.1.0\r\n", enhanced_status_code{2, 1, 0}},
      {"550 5.7.1 no\r\n", enhanced_status_code{5, 7, 1}},
      {"451 4.3.0 later\r\n", enhanced_status_code{4, 3, 0}},
      {"250-2.0.0 first\r\n250 2.9.9 second\r\n", enhanced_status_code{2, 0, 0}},
      // Its class must be that of the code.
      {"250 5.1.1 ok\r\n", std::nullopt},
      {"550 4.1.1 no\r\n", std::nullopt},
      {"354 2.0.0 go\r\n", std::nullopt},
      {"250-first\r\n250 2.0.0 second\r\n", std::nullopt},
      {"250 2.1.0x\r\n", std::nullopt},
      {"250  2.1.0\r\n", std::nullopt},
      {"250 OK\r\n", std::nullopt},
      {"250\r\n", std::nullopt},
  };
  for (const auto& row : rows) {
    const exact block(row.wire);
    const auto parsed = parse_reply(block.view());
    ASSERT_TRUE(parsed) << row.wire;
    EXPECT_EQ(parsed->status(), row.status) << row.wire;
  }
}

TEST(parse_greeting, values) {
  const struct {
    std::string_view wire;
    host server;
    std::string_view text;
    texts lines;
  } rows[] = {
      {"220 a\r\n", {"a", host_form::domain}, "", {"a"}},
      {"220 foo.com Simple Mail Transfer Service Ready\r\n",
       {"foo.com", host_form::domain},
       "Simple Mail Transfer Service Ready",
       {"foo.com Simple Mail Transfer Service Ready"}},
      {"220 [1.2.3.4] ready\r\n", {"[1.2.3.4]", host_form::ipv4_literal}, "ready", {"[1.2.3.4] ready"}},
      {"220-[IPv6:::1]\r\n220\r\n", {"[IPv6:::1]", host_form::ipv6_literal}, "", {"[IPv6:::1]", ""}},
      {"220-a  b\r\n220-c\r\n220 d\r\n", {"a", host_form::domain}, " b", {"a  b", "c", "d"}},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.wire);
      const exact block(row.wire);
      const auto parsed = parse_greeting(block.view(), octets);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->server, row.server);
      EXPECT_EQ(parsed->text, row.text);
      EXPECT_EQ(parsed->reply.code(), 220);
      EXPECT_EQ(listed(parsed->reply.lines()), row.lines);
      EXPECT_EQ(parsed->reply.wire(), row.wire);
      for (const std::string_view view : {parsed->server.text, parsed->text}) EXPECT_TRUE(inside(view, block.view()));
    }
}

TEST(parse_greeting, failures) {
  const struct {
    std::string_view wire;
    std::uint32_t offset;
  } rows[] = {
      {"", 0},
      {"250 a\r\n", 0},
      {"554 no\r\n", 0},
      {"220\r\n", 0},
      {"220 \r\n", 4},
      {"220  a\r\n", 4},
      {"220 a", 5},
      {"220 a\n", 5},
      {"220 a \r\n", 6},
      {"220-a\r\n", 7},
      {"220-a\r\n220 \r\n", 11},
      {"220 a\r\n220 b\r\n", 7},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      const auto parsed = parse_greeting(exact(row.wire), octets);
      ASSERT_FALSE(parsed) << row.wire;
      EXPECT_EQ(parsed.error(), (failure{errc::syntax, row.offset})) << row.wire;
    }
  // Codes that differ are said to, up to the first other fault.
  EXPECT_EQ(parse_greeting(exact("220-a\r\n521 b\r\n")).error(),
            (failure{errc::reply_code_mismatch, 7, expectation::same_reply_code}));
  EXPECT_EQ(parse_greeting(exact("220-a \r\n521 b\r\n")).error(), (failure{errc::syntax, 6}));
  EXPECT_FALSE(
      parse_greeting(exact("220 b\xC3\xBC"
                           "cher\r\n")));
  EXPECT_TRUE(parse_greeting(exact("220 b\xC3\xBC"
                                   "cher\r\n"),
                             charset::utf8));
}

TEST(parse_ehlo_line, values_and_failures) {
  const struct {
    std::string_view text;
    ehlo_line value;
  } rows[] = {
      {"HELP", {"HELP", ""}},
      {"SIZE 1000", {"SIZE", "1000"}},
      {"AUTH PLAIN LOGIN", {"AUTH", "PLAIN LOGIN"}},
      {"x-A a=b", {"x-A", "a=b"}},
  };
  for (const auto& row : rows) {
    const exact block(row.text);
    const auto parsed = parse_ehlo_line(block.view());
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(*parsed, row.value) << row.text;
    EXPECT_TRUE(inside(parsed->keyword, block.view()) && inside(parsed->params, block.view()));
  }
  const struct {
    std::string_view text;
    std::uint32_t offset;
  } refused[] = {{"", 0},        {" SIZE", 0},   {"-X", 0},      {"AUTH=LOGIN", 4}, {"SIZE ", 5},
                 {"SIZE  1", 5}, {"SIZE 1 ", 7}, {"SIZE\t1", 4}, {"X \xC3\xBC", 2}};
  for (const auto& row : refused)
    EXPECT_EQ(parse_ehlo_line(exact(row.text)), (failure{errc::syntax, row.offset})) << row.text;
}

TEST(parse_ehlo_response, values) {
  const exact block(
      "250-foo.com greets bar.com\r\n250-8BITMIME\r\n250-Size 1000\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 2\r\n250 "
      "HELP\r\n");
  const auto parsed = parse_ehlo_response(block.view());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->domain, "foo.com");
  EXPECT_EQ(parsed->greet, "greets bar.com");
  EXPECT_EQ(parsed->reply.code(), 250);
  EXPECT_EQ(parsed->reply.wire(), block.view());
  EXPECT_EQ(listed(parsed->reply.lines()),
            (texts{"foo.com greets bar.com", "8BITMIME", "Size 1000", "AUTH PLAIN LOGIN", "SIZE 2", "HELP"}));
  for (const char* keyword : {"SIZE", "size", "sIZE"})
    EXPECT_EQ(parsed->find(keyword), (ehlo_line{"Size", "1000"})) << keyword;
  EXPECT_EQ(parsed->find("8bitmime"), (ehlo_line{"8BITMIME", ""}));
  EXPECT_EQ(parsed->find("AUTH"), (ehlo_line{"AUTH", "PLAIN LOGIN"}));
  EXPECT_EQ(parsed->find("HELP"), (ehlo_line{"HELP", ""}));
  // The first line announces nothing, and a parameter is no keyword.
  for (const char* keyword : {"foo.com", "greets", "PLAIN", "", "SIZ", "SIZES", "DSN", "AUTH PLAIN"})
    EXPECT_EQ(parsed->find(keyword), std::nullopt) << keyword;
  for (const std::string_view view :
       {parsed->domain, parsed->greet, parsed->find("AUTH")->keyword, parsed->find("AUTH")->params})
    EXPECT_TRUE(inside(view, block.view()));
}

TEST(parse_ehlo_response, of_one_line) {
  const exact block("250 SIZE\r\n");
  const auto parsed = parse_ehlo_response(block.view());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->domain, "SIZE");
  EXPECT_EQ(parsed->greet, "");
  EXPECT_EQ(parsed->find("SIZE"), std::nullopt) << "that is the server's name";
}

TEST(parse_ehlo_response, greet_may_hold_control_octets) {
  const exact block("250-a \x01\x7F\t\r\n250 X\r\n");
  const auto parsed = parse_ehlo_response(block.view());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->greet, "\x01\x7F\t");
  EXPECT_EQ(parsed->find("X"), (ehlo_line{"X", ""}));
}

TEST(parse_ehlo_response, failures) {
  const struct {
    std::string_view wire;
    std::uint32_t offset;
  } rows[] = {
      {"", 0},
      {"220 a\r\n", 0},
      {"250\r\n", 0},
      {"250 \r\n", 4},
      {"250 [1.2.3.4]\r\n", 4},
      {"250 a\n", 5},
      {"250 a \r\n", 6},
      {"250-a\r\n", 7},
      {"250-a\r\n250-\r\n250 X\r\n", 11},
      {"250-a\r\n250 \r\n", 11},
      {"250-a\r\n250 SIZE \r\n", 16},
      {"250-a\r\n250 AUTH=X\r\n", 15},
      {"250-a\r\n250-X\r\n", 14},
      {"250-a\r\n250 X\n", 12},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      const auto parsed = parse_ehlo_response(exact(row.wire), octets);
      ASSERT_FALSE(parsed) << row.wire;
      EXPECT_EQ(parsed.error(), (failure{errc::syntax, row.offset})) << row.wire;
    }
  EXPECT_EQ(parse_ehlo_response(exact("250-a\r\n251 X\r\n")).error(),
            (failure{errc::reply_code_mismatch, 7, expectation::same_reply_code}));
  EXPECT_EQ(parse_ehlo_response(exact("250-a\r\n250-X=\r\n251 X\r\n")).error(), (failure{errc::syntax, 12}));
  EXPECT_FALSE(
      parse_ehlo_response(exact("250 b\xC3\xBC"
                                "cher\r\n")));
  EXPECT_TRUE(parse_ehlo_response(exact("250 b\xC3\xBC"
                                        "cher\r\n"),
                                  charset::utf8));
}

TEST(append_reply, spelling) {
  const struct {
    reply value;
    std::string_view wire;
  } rows[] = {
      {{250, "OK"}, "250 OK\r\n"},
      {{250, ""}, "250 \r\n"},
      {{354, "go on"}, "354 go on\r\n"},
      {{250, "a\nb\nc"}, "250-a\r\n250-b\r\n250 c\r\n"},
      {{250, "\n"}, "250-\r\n250 \r\n"},
      {{250, "ok", enhanced_status_code{2, 1, 5}}, "250 2.1.5 ok\r\n"},
      {{250, "", enhanced_status_code{2, 0, 0}}, "250 2.0.0\r\n"},
      {{550, "no\nreally", enhanced_status_code{5, 999, 10}}, "550-5.999.10 no\r\n550 5.999.10 really\r\n"},
      {{200, " x "}, "200  x \r\n"},
      {{559, "\t"}, "559 \t\r\n"},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.wire);
      expect_appended(row.value, row.wire, octets);
      const exact block(row.wire);
      const auto parsed = parse_reply(block.view(), octets);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->code(), row.value.code);
      EXPECT_TRUE(!row.value.status || parsed->status() == row.value.status);
    }
  expect_appended(reply{250, "\xC3\xBC"}, "250 \xC3\xBC\r\n", charset::utf8);
  expect_refused(reply{250, "\xC3\xBC"}, charset::ascii);
}

TEST(append_reply, refuses_what_is_none) {
  for (const charset octets : both_charsets) {
    for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0, 1, 25, 99, 100, 199, 260, 299, 360, 560,
                                                                         600, 999, 1250, 2500, 65535}) {
      SCOPED_TRACE(code);
      expect_refused(reply{code, "x"}, octets);
      expect_refused(reply{code, ""}, octets);
    }
    for (const std::string_view text :
         {"\r"sv, "a\r"sv, "a\r\nb"sv, "\r\n"sv, "a\0b"sv, "\x07"sv, "\x7F"sv, "\xFF"sv, "a\n\x01"sv})
      expect_refused(reply{250, text}, octets);
    // A status whose class is not the code's, or that is none.
    for (const enhanced_status_code status :
         {enhanced_status_code{5, 0, 0}, enhanced_status_code{4, 0, 0}, enhanced_status_code{3, 0, 0},
          enhanced_status_code{0, 0, 0}, enhanced_status_code{2, 1000, 0}, enhanced_status_code{2, 0, 1000},
          enhanced_status_code{22, 0, 0}, enhanced_status_code{2, 65535, 65535}})
      expect_refused(reply{250, "ok", status}, octets);
    expect_refused(reply{354, "go", enhanced_status_code{2, 0, 0}}, octets);
  }
}

// reply to write: compared by what it becomes.
TEST(append_reply, injections) {
  for (const std::string_view octets :
       {"\r"sv, "\n"sv, "\r\n"sv, "\0"sv, " "sv, ">"sv, "="sv, ":"sv, "\r\n250 x"sv, "\n250 x"sv, "\r\n221 bye"sv})
    for (std::size_t at = 0; at <= 2; ++at)
      for (const bool with_status : {false, true}) {
        std::string text = "ab";
        text.insert(at, octets);
        SCOPED_TRACE(testing::PrintToString(text));
        const exact block(text);
        reply value{250, block.view()};
        if (with_status) value.status = enhanced_status_code{2, 0, 0};
        if (octets.find_first_of("\r\0"sv) != std::string_view::npos) {
          for (const charset chosen : both_charsets) expect_refused(value, chosen);
          continue;
        }
        std::string out;
        ASSERT_TRUE(append(out, value));
        const auto parsed = parse_reply(out);
        ASSERT_TRUE(parsed) << "it is one reply";
        EXPECT_EQ(parsed->code(), 250);
        std::string joined;
        for (std::string_view line : parsed->lines()) {
          if (with_status) {
            ASSERT_TRUE(line.starts_with("2.0.0"));
            line.remove_prefix(std::min("2.0.0 "sv.size(), line.size()));
          }
          joined.append(line).append("\n");
        }
        joined.pop_back();
        EXPECT_EQ(joined, text);
      }
}

TEST(append_reply, appends_to_what_is_there) {
  std::string out;
  ASSERT_TRUE(append(out, reply{220, "a"}));
  ASSERT_FALSE(append(out, reply{220, "\r"}));
  ASSERT_TRUE(append(out, *parse_reply("250-x\r\n250 y\r\n")));
  EXPECT_EQ(out, "220 a\r\n250-x\r\n250 y\r\n");
}

// Linear time: anything else does not end on a reply as long as this.
TEST(parse_reply, large) {
  std::string wire;
  for (std::size_t i = 0; i < 1U << 17; ++i) wire += "250-abc\r\n";
  EXPECT_EQ(parse_reply(wire), (failure{errc::syntax, static_cast<std::uint32_t>(wire.size())}));
  const std::string whole = wire + "250 abc\r\n";
  const result<reply_view> parsed = parse_reply(whole);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::ranges::distance(parsed->lines()), (1 << 17) + 1);
  EXPECT_EQ(parse_reply(wire + "251 abc\r\n"),
            (failure{errc::reply_code_mismatch, static_cast<std::uint32_t>(wire.size())}));
}

TEST(parse_reply, mutated) {
  std::vector<std::string> seeds = {
      "250-gr\xC3\xBC"
      "ezi\r\n250 \xE2\x82\xAC\r\n",
      "250 2.1.0 ok\r\n"};
  for (const accepted_row& row : accepted()) seeds.emplace_back(row.wire);
  verify_parse_append_parse(std::move(seeds), 8000, parser);
}

} // namespace
} // namespace postel::test
