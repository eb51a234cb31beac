#include "report/terminal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "cases.hpp"
#include "script_transport.hpp"

namespace {

using namespace postel::conformance;
using test::cases_of;
using test::script_transport;
using test::unit;

// Connections on which the same replies come each time.
class script_target : public target {
 public:
  explicit script_target(std::vector<unit> script) : script_(std::move(script)) {}
  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds) override {
    return std::make_unique<script_transport>(script_);
  }

 private:
  std::vector<unit> script_;
};

struct printed {
  run_result result;
  std::string text;
};

printed report_on(std::vector<unit> script) {
  const auto cases = cases_of(
      "== rfc5321/1/a MUST server\n x\nC: EHLO {client}\nS?: 250\nC: HELP\nS: any\n== rfc5321/1/b MUST server\n x\nC: "
      "EHLO "
      "{client}\nS?: 250\nC: HELP\nS: any\n");
  script_target peer(std::move(script));
  printed made;
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const out = ::open_memstream(&text, &size);
  terminal_report page(out, {}, "here");
  sink* const told[] = {&page};
  made.result = run_cases(cases, peer, test::full_environment(), {}, told);
  std::fclose(out);
  made.text.assign(text, size);
  std::free(text);
  return made;
}

bool is_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\xC2' || c == '\xA7'; });
}

// One finding about the replies, and no verdict of a case.
TEST(report, text_outside_of_the_grammar_is_one_finding) {
  const printed page = report_on({unit::reply("220 bo\xEEte \x1B[2J\r\n"), unit::reply("250-host\r\n250 STARTTLS \r\n"),
                                  unit::reply("214 espa\xC3\xB1ol\xC2\x9B\r\n"), unit::reply("221 bye\r\n")});
  EXPECT_EQ(page.result.count(verdict::pass), 2U) << page.text;
  EXPECT_EQ(page.result.count(verdict::fail) + page.result.count(verdict::error), 0U) << page.text;
  const std::size_t at = page.text.find("\nFindings\n\nwarn  reply text  (");
  ASSERT_NE(at, std::string::npos) << page.text;
  EXPECT_EQ(page.text.find("reply text  (", at + 40), std::string::npos) << page.text;
  for (const char* wanted :
       {"\n    probe: octet 6: expected a reply's text (RFC 5321 §4.2 textstring)\n        S: 220 bo\\xEEte \\x1B[2J\n",
        "        S: 250 STARTTLS \n",
        "\n    probe: octet 8: expected a reply's text (RFC 5321 §4.2 textstring)\n"
        "        S: 214 espa\\xC3\\xB1ol\\xC2\\x9B\n"})
    EXPECT_NE(page.text.find(wanted), std::string::npos) << wanted << page.text;
  EXPECT_TRUE(is_safe(page.text)) << page.text;
}

TEST(report, nothing_to_find) {
  const printed page = report_on({unit::reply("220 host\r\n"), unit::reply("250 host\r\n"), unit::reply("214 ok\r\n")});
  EXPECT_EQ(page.text.find("Findings"), std::string::npos) << page.text;
  EXPECT_EQ(page.result.deviations.count, 0U);
}

// Different codes in one reply are none, and both are told.
TEST(report, different_codes) {
  const printed page = report_on(
      {unit::reply("220 host\r\n"), unit::reply("250 host\r\n"), unit::reply("220-espa\xF1ol\r\n521 no\r\n")});
  EXPECT_EQ(page.result.count(verdict::fail), 2U);
  EXPECT_NE(page.text.find("got malformed reply (lines with different codes, 220 and 521)"), std::string::npos)
      << page.text;
  EXPECT_TRUE(is_safe(page.text)) << page.text;
}

} // namespace
