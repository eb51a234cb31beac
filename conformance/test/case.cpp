#include "case.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "case_grammar.hpp"
#include "cases.hpp"

namespace tao::pegtl {
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::one_of<Set>> : analyze_any_traits<> {};
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::run<Set>> : analyze_any_traits<> {};
} // namespace tao::pegtl

namespace {

using namespace postel::conformance;
using postel::conformance::test::cases_of;

constexpr std::string_view header = "== rfc5321/4.1.1.2/name   MUST   server\n   What is required,\n   in two lines.\n";

// The first case of header + steps.
test_case one(const std::string& steps) {
  auto cases = cases_of(std::string(header) + steps);
  return cases.size() == 1 ? std::move(cases.front()) : test_case();
}

const say& said(const test_case& the_case, std::size_t step) {
  return std::get<say>(the_case.steps.at(step).what);
}
const expectation& expected(const test_case& the_case, std::size_t step) {
  return std::get<expectation>(the_case.steps.at(step).what);
}
std::string octets(const test_case& the_case, std::size_t step) {
  const say& what = said(the_case, step);
  EXPECT_EQ(what.text.size(), 1U);
  return std::get<std::string>(what.text.front());
}

TEST(case_file, grammar_has_no_loop_without_progress) {
  EXPECT_EQ(tao::pegtl::analyze<grammar::file>(), 0U);
}

TEST(case_file, header) {
  const test_case read = one("clause RFC 5321 §3.3\nrequires PIPELINING\nrequires AUTH PLAIN LOGIN\nS: 220\n");
  EXPECT_EQ(read.id, "rfc5321/4.1.1.2/name");
  EXPECT_EQ(read.document(), "rfc5321");
  EXPECT_EQ(read.section(), "4.1.1.2");
  EXPECT_EQ(read.short_name(), "name");
  EXPECT_EQ(read.level, level::must);
  EXPECT_EQ(read.role, role::server);
  EXPECT_EQ(read.requirement, "What is required, in two lines.");
  EXPECT_EQ(read.clauses, (std::vector<std::string>{"RFC 5321 §4.1.1.2", "RFC 5321 §3.3"}));
  EXPECT_EQ(read.requirements, (std::vector<std::string>{"PIPELINING", "AUTH PLAIN LOGIN"}));
  EXPECT_EQ(read.file, "test.case");
  EXPECT_EQ(read.line, 1U);
}

TEST(case_file, levels_and_roles) {
  const auto cases = cases_of(
      "== a/1/must MUST server\n x\nS: any\n== a/1/should SHOULD client\n x\nS: any\n"
      "== a/1/may MAY server\n x\nS: any\n== a/1/note NOTE server\n x\nS: any\n"
      "== a/1/s MAY submission\n x\nS: any\n== a/1/l MAY lmtp\n x\nS: any\n== a/1/b MAY both\n x\nS: any\n");
  ASSERT_EQ(cases.size(), 7U);
  EXPECT_EQ(cases[4].role, role::submission);
  EXPECT_EQ(cases[5].role, role::lmtp);
  EXPECT_EQ(cases[6].role, role::both);
  EXPECT_EQ(cases[0].level, level::must);
  EXPECT_EQ(cases[1].level, level::should);
  EXPECT_EQ(cases[1].role, role::client);
  EXPECT_EQ(cases[2].level, level::may);
  EXPECT_EQ(cases[3].level, level::note);
  EXPECT_EQ(cases[3].line, 10U);
  EXPECT_EQ(cases[3].clauses.front(), "a §1");
}

TEST(case_file, comments_and_blank_lines_mean_nothing) {
  const auto cases = cases_of("# first\n\n" + std::string(header) +
                              "\n# between\n\nS: 220\n  # indented\n \t\nC: NOOP\nS: 250\n\n# last");
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].steps.size(), 3U);
}

TEST(case_file, empty) {
  EXPECT_TRUE(cases_of("").empty());
  EXPECT_TRUE(cases_of("# nothing\n\n   ").empty());
}

TEST(case_file, text) {
  const test_case read = one(
      "C: NOOP\nC:\nC!: NOOP\nC:  two spaces first\nC: \\r\\n\\t\\0\\\\\\{\\}\\s\\x20\\xfF\\\"\nC/1: x\nC!/65536: y\n"
      "C: é|~\nS: any\n");
  ASSERT_EQ(read.steps.size(), 9U);
  EXPECT_EQ(octets(read, 0), "NOOP\r\n");
  EXPECT_EQ(octets(read, 1), "\r\n");
  EXPECT_EQ(octets(read, 2), "NOOP");
  EXPECT_EQ(octets(read, 3), " two spaces first\r\n");
  EXPECT_EQ(octets(read, 4), std::string("\r\n\t\0\\{}  \xff\"\r\n", 13));
  EXPECT_EQ(octets(read, 5), "x\r\n");
  EXPECT_EQ(said(read, 5).write_size, 1U);
  EXPECT_EQ(octets(read, 6), "y");
  EXPECT_EQ(said(read, 6).write_size, 65'536U);
  EXPECT_EQ(octets(read, 7), "é|~\r\n");
  EXPECT_EQ(said(read, 7).write_size, 0U);
}

TEST(case_file, variables) {
  const test_case read = one(
      "C: {client}{sender}{rcpt}{rcpt_local}{rcpt_domain}{unknown}{foreign}{size}{hello}{user}{password}{hold_for}\nS: "
      "any\n");
  ASSERT_EQ(said(read, 0).text.size(), variable_count + 1);
  for (std::size_t i = 0; i < variable_count; ++i)
    EXPECT_EQ(std::get<variable>(said(read, 0).text[i]), static_cast<variable>(i));
  EXPECT_EQ(std::get<std::string>(said(read, 0).text[variable_count]), "\r\n");
}

TEST(case_file, repetition) {
  const test_case read = one("C!: a{x*2000}{\\r\\n*3}{client*2}{5*5*2}{\\x00*10000000}\nS: any\n");
  const auto& text = said(read, 0).text;
  ASSERT_EQ(text.size(), 6U);
  const std::vector<std::pair<std::string, unsigned>> wanted{
      {"x", 2000}, {"\r\n", 3}, {"client", 2}, {"5*5", 2}, {std::string(1, '\0'), 10'000'000}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(std::get<repetition>(text[i + 1]).octets, wanted[i].first);
    EXPECT_EQ(std::get<repetition>(text[i + 1]).times, wanted[i].second);
  }
}

TEST(case_file, base64) {
  const test_case read = one("C: AUTH PLAIN {base64:\\0{user}\\0x y{password}} {base64:}\nS: any\n");
  const auto& text = said(read, 0).text;
  ASSERT_EQ(text.size(), 5U);
  const auto& items = std::get<encoded>(text[1]).items;
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(std::get<std::string>(items[0]), std::string(1, '\0'));
  EXPECT_EQ(std::get<variable>(items[1]), variable::user);
  EXPECT_EQ(std::get<std::string>(items[2]), std::string("\0x y", 4));
  EXPECT_EQ(std::get<variable>(items[3]), variable::password);
  EXPECT_TRUE(std::get<encoded>(text[3]).items.empty());
  EXPECT_TRUE(read.uses_credentials());
  EXPECT_FALSE(one("C: {rcpt} {base64:{sender}}\nS: any\n").uses_credentials());
  EXPECT_TRUE(one("S?: any\nwhen 250\n  C: x\nelse\n  C: {user}\nend\nS: any\n").uses_credentials());
}

TEST(case_file, handshakes) {
  const test_case read = one("C: STARTTLS\nTLS?:\nTLS:\n");
  ASSERT_EQ(read.steps.size(), 3U);
  EXPECT_TRUE(expected(read, 1).handshake);
  EXPECT_FALSE(expected(read, 1).judged);
  EXPECT_TRUE(expected(read, 2).handshake);
  EXPECT_TRUE(expected(read, 2).judged);
  EXPECT_EQ(expected(read, 2).line, 6U);
  EXPECT_EQ(expected(read, 2).alternatives.at(0).what, alternative::kind::tls);
}

TEST(case_file, how_a_case_begins) {
  EXPECT_TRUE(one("C: EHLO {client}\nS: any\n").starts_with_hello());
  EXPECT_TRUE(one("C: {hello} {client}\nS: any\n").starts_with_hello());
  EXPECT_FALSE(one("C: HELO {client}\nS: any\n").starts_with_hello());
  EXPECT_FALSE(one("C: {client}\nS: any\n").starts_with_hello());
  EXPECT_FALSE(one("S: any\n").starts_with_hello());
  EXPECT_TRUE(one("S: any\n").starts_with_greeting());
  EXPECT_FALSE(one("C: NOOP\nS: any\n").starts_with_greeting());
}

TEST(case_file, offers_and_what_is_wanted_of_them) {
  EXPECT_TRUE(offers("SIZE 1000", "size"));
  EXPECT_TRUE(offers("AUTH PLAIN LOGIN", "AUTH login"));
  EXPECT_TRUE(offers("LIMITS MAILMAX=1 RCPTMAX=2", "LIMITS RCPTMAX"));
  EXPECT_FALSE(offers("AUTH PLAIN LOGIN", "AUTH CRAM-MD5"));
  EXPECT_FALSE(offers("AUTH PLAINER", "AUTH PLAIN"));
  EXPECT_FALSE(offers("AUTH", "AUTH PLAIN"));
  EXPECT_FALSE(offers("AUTHX PLAIN", "AUTH PLAIN"));
  EXPECT_FALSE(offers("X AUTH", "AUTH"));
  EXPECT_FALSE(offers("", "AUTH"));
}

TEST(case_file, expectations) {
  const test_case read =
      one("S?: 220 as Greeting\nS: 501 | 5yz|x2z | any | closed | silence\n"
          "S: 250 as ehlo-ok-rsp containing \"a \\\"b\\\"\" without \"c\" status lines 2  \n");
  ASSERT_EQ(read.steps.size(), 3U);
  EXPECT_FALSE(expected(read, 0).judged);
  EXPECT_EQ(expected(read, 0).text, "220 as Greeting");
  EXPECT_EQ(expected(read, 0).line, 4U);
  EXPECT_EQ(expected(read, 0).conditions.at(0).what, condition::kind::greeting);
  EXPECT_TRUE(expected(read, 1).judged);
  EXPECT_EQ(expected(read, 1).line, 5U);
  using kind = alternative::kind;
  EXPECT_EQ(expected(read, 1).alternatives, (std::vector<alternative>{{kind::code, "501"},
                                                                      {kind::code, "5yz"},
                                                                      {kind::code, "x2z"},
                                                                      {kind::any, ""},
                                                                      {kind::closed, ""},
                                                                      {kind::silence, ""}}));
  EXPECT_EQ(expected(read, 2).text, "250 as ehlo-ok-rsp containing \"a \\\"b\\\"\" without \"c\" status lines 2");
  const auto& conditions = expected(read, 2).conditions;
  ASSERT_EQ(conditions.size(), 5U);
  EXPECT_EQ(conditions[0].what, condition::kind::ehlo_ok_rsp);
  EXPECT_EQ(conditions[1].what, condition::kind::containing);
  EXPECT_EQ(conditions[1].text, "a \"b\"");
  EXPECT_EQ(conditions[2].what, condition::kind::without);
  EXPECT_EQ(conditions[2].text, "c");
  EXPECT_EQ(conditions[3].what, condition::kind::status);
  EXPECT_EQ(conditions[4].what, condition::kind::lines);
  EXPECT_EQ(conditions[4].lines, 2U);
}

TEST(case_file, branches) {
  const test_case read =
      one("S: 220 | 554\nwhen 220 | 25z\n  C: A\n  when silence\n    S: 250\n  end\n  C: B\nelse\n  S: closed\nend\nC: "
          "C\n");
  ASSERT_EQ(read.steps.size(), 3U);
  const auto& outer = std::get<branch>(read.steps[1].what);
  EXPECT_EQ(outer.pattern.size(), 2U);
  ASSERT_EQ(outer.then.size(), 3U);
  ASSERT_EQ(outer.otherwise.size(), 1U);
  const auto& inner = std::get<branch>(outer.then[1].what);
  EXPECT_EQ(inner.pattern.at(0).what, alternative::kind::silence);
  EXPECT_EQ(inner.then.size(), 1U);
  EXPECT_TRUE(inner.otherwise.empty());
  EXPECT_EQ(std::get<expectation>(inner.then[0].what).line, 8U);
}

TEST(case_file, code_patterns) {
  EXPECT_TRUE(matches("250", 250));
  EXPECT_FALSE(matches("250", 251));
  EXPECT_TRUE(matches("25z", 259));
  EXPECT_FALSE(matches("25z", 260));
  EXPECT_TRUE(matches("5yz", 500));
  EXPECT_TRUE(matches("5yz", 559));
  EXPECT_FALSE(matches("5yz", 450));
  EXPECT_TRUE(matches("xyz", 354));
}

struct wrong {
  std::string text;  // behind a header and its requirement in two lines, unless it starts with another one
  std::string where; // LINE:COLUMN
  std::string message;
};

class wrong_case_file : public testing::TestWithParam<wrong> {};

TEST_P(wrong_case_file, is_refused) {
  const auto parsed = parse_cases("f.case", GetParam().text);
  ASSERT_TRUE(std::holds_alternative<diagnostic>(parsed)) << GetParam().text;
  const auto& error = std::get<diagnostic>(parsed);
  EXPECT_EQ(error.file, "f.case");
  EXPECT_EQ(std::to_string(error.line) + ":" + std::to_string(error.column), GetParam().where) << error.text();
  EXPECT_EQ(error.message, "expected " + GetParam().message);
}

const std::string h = "== rfc5321/1/a MUST server\n x\n";
const std::string code = "a reply code (250, 25z, 5yz), any, closed, silence";
const std::string step_ = "a step (C: C!: S: S?: TLS: TLS?: when)";
const std::string case_ = "a case (== ID LEVEL ROLE)";
const std::string text_ = R"(text (\\ \{ \} stand for \ { }) or the end of the line (a space there is written \s))";
const std::string repeated =
    "*COUNT}, {base64:TEXT}, or one of {client} {sender} {rcpt} {rcpt_local} {rcpt_domain} {unknown} {foreign} {size} "
    "{hello} "
    "{user} {password} {hold_for}";
const std::string behind_code =
    "|, a condition (as, containing, without, offering, not-offering, status, lines) or the end of the line";
const std::string behind_backslash = R"(r, n, t, 0, s, \, {, }, " or xHH behind the backslash)";

INSTANTIATE_TEST_SUITE_P(
    headers, wrong_case_file,
    testing::Values(wrong{"junk\n", "1:1", case_}, wrong{" \n= x\n", "2:1", case_},
                    wrong{"== rfc5321/1 MUST server\n", "1:4", "an id such as rfc5321/4.1.1.2/no-brackets"},
                    wrong{"== rfc5321/1/a/b MUST server\n", "1:15", "a space"},
                    wrong{"== rfc5321/1/a must server\n", "1:16", "MUST, SHOULD, MAY or NOTE"},
                    wrong{"== rfc5321/1/a MUSTserver\n", "1:16", "MUST, SHOULD, MAY or NOTE"},
                    wrong{"== rfc5321/1/a MUST peer\n", "1:21", "server, submission, lmtp, both or client"},
                    wrong{"== rfc5321/1/a MUST server x\n", "1:28", "the end of the line"},
                    wrong{"== rfc5321/1/a MUST server\nC: x\n", "2:1", "the requirement on an indented line"},
                    wrong{h, "3:1", "the requirement on an indented line or " + step_},
                    wrong{h + "requires x  y\nS: 250\n", "3:13", "the end of the line"},
                    wrong{h + "requires -x\nS: 250\n", "3:10", "an EHLO keyword"},
                    wrong{h + "clause\nS: 250\n", "3:7", "a space"},
                    wrong{h + "S: 250\nrequires X\n", "4:1", step_ + " or " + case_},
                    wrong{h + "C: x\n", "1:1", "a case with a judged expectation (S:)"},
                    wrong{h + "S: any\n" + h + "S?: 250\n", "4:1", "a case with a judged expectation (S:)"}));

INSTANTIATE_TEST_SUITE_P(
    texts, wrong_case_file,
    testing::Values(
        wrong{h + "C: x \nS: 250\n", "3:5", text_}, wrong{h + "C: a}\nS: 250\n", "3:5", text_},
        wrong{h + "C: a\tb\nS: 250\n", "3:5", text_}, wrong{h + "C: a\r\nS: 250\n", "3:5", text_},
        wrong{h + "C: a\xff\nS: 250\n", "3:5", text_}, wrong{h + "C: a\xc0\x80\nS: 250\n", "3:5", text_},
        wrong{h + "C: \\q\nS: 250\n", "3:5", behind_backslash}, wrong{h + "C: \\x4\nS: 250\n", "3:5", behind_backslash},
        wrong{h + "C: {foo}\nS: 250\n", "3:8", repeated}, wrong{h + "C: é {foo}\nS: 250\n", "3:10", repeated},
        wrong{h + "C: {x*}\nS: 250\n", "3:7", repeated},
        wrong{h + "C: {*3}\nS: 250\n", "3:5", "the name of a variable or text to repeat"},
        wrong{h + "C: {x*0}\nS: 250\n", "3:7", "a count of 1 to 10,000,000"},
        wrong{h + "C: {x*10000001}\nS: 250\n", "3:7", "a count of 1 to 10,000,000"},
        wrong{h + "C: {x*99999999999999999999999}\nS: 250\n", "3:7", "a count of 1 to 10,000,000"},
        wrong{h + "C/0: x\nS: 250\n", "3:3", "a write size of 1 to 65,536"},
        wrong{h + "C/65537: x\nS: 250\n", "3:3", "a write size of 1 to 65,536"},
        wrong{h + "C!:\nS: 250\n", "3:4", "a space"}, wrong{h + "C x\nS: 250\n", "3:2", "a colon"},
        wrong{h + "C:x\nS: 250\n", "3:3", "a space or the end of the line (a space there is written \\s)"}));

INSTANTIATE_TEST_SUITE_P(
    steps, wrong_case_file,
    testing::Values(
        wrong{h + "S: 25\n", "3:4", code}, wrong{h + "S: 2500\n", "3:4", code}, wrong{h + "S: 650\n", "3:4", code},
        wrong{h + "S: 260\n", "3:4", code}, wrong{h + "S: anyone\n", "3:4", code}, wrong{h + "S: 250 |\n", "3:9", code},
        wrong{h + "S: 250 | | 251\n", "3:10", code},
        wrong{h + "S: 250 as Greetings\n", "3:11", "Greeting, ehlo-ok-rsp or continue-req"},
        wrong{h + "S: 250 containing x\n", "3:19", "text in double quotes"},
        wrong{h + "S: 250 containing \"\"\n", "3:19", "text in double quotes"},
        wrong{h + "S: 250 lines 0\n", "3:14", "a number of lines of 1 to 1,000"},
        wrong{h + "S: 250 lines 1001\n", "3:14", "a number of lines of 1 to 1,000"},
        wrong{h + "S: 250 foo\n", "3:8", behind_code}, wrong{h + "S: 250 # why\n", "3:8", behind_code},
        wrong{h + "S:250\n", "3:3", "a space"}, wrong{h + "S 250\n", "3:2", "a colon"},
        wrong{h + "S: 250\n  D: x\n", "4:3", step_}, wrong{h + "S: 250\nend\n", "4:1", step_ + " or " + case_},
        wrong{h + "S: 250\nelse\n", "4:1", step_ + " or " + case_},
        wrong{h + "when 250\nS: 250\n", "5:1", "a step (C: C!: S: S?: TLS: TLS?: when), else or end"},
        wrong{h + "when 250\nend\nS: 250\n", "4:1", step_}, wrong{h + "when\nS: 250\nend\n", "3:5", "a space"},
        wrong{h + "S: 250\nwhen 250\n  C: x\nelse\n  C: y\nelse\n  C: z\nend\n", "8:1", step_ + " or end"},
        wrong{h + "when 250\nwhen 250\nwhen 250\nwhen 250\nwhen 250\nS: 250\nend\nend\nend\nend\nend\n", "7:1",
              "no deeper nesting than four levels of when or " + step_}));

TEST(diagnostic_text, has_a_caret_below_the_column) {
  const auto parsed = parse_cases("cases/x.case", h + "C: \\r é {foo}\nS: any\n");
  EXPECT_EQ(std::get<diagnostic>(parsed).text(), "cases/x.case:3:13: expected " + repeated +
                                                     "\n"
                                                     "    3 | C: \\r \\xC3\\xA9 {foo}\n"
                                                     "      |                    ^\n");
}

TEST(diagnostic_text, shortens_a_long_line) {
  const auto parsed = parse_cases("f", h + "C: " + std::string(500, 'x') + "}" + std::string(500, 'y') + "\nS: any\n");
  const std::string text = std::get<diagnostic>(parsed).text();
  EXPECT_TRUE(text.starts_with("f:3:504: expected "));
  EXPECT_LT(text.size(), 600U);
  EXPECT_NE(text.find("\n    3 | ..." + std::string(100, 'x') + "}" + std::string(59, 'y') + "...\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n      | " + std::string(103, ' ') + "^\n"), std::string::npos) << text;
}

// Whatever the octets, there is an answer.
TEST(case_file, every_octet_everywhere) {
  const std::string good =
      h + "requires SIZE\nC/2: a{x*3}{client}\\x41\nS: 250 | 5yz as Greeting\nwhen 250\n  S: any\nend\n";
  ASSERT_TRUE(std::holds_alternative<std::vector<test_case>>(parse_cases("f", good)));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      std::string changed = good;
      changed[at] = static_cast<char>(static_cast<unsigned char>(octet));
      const auto parsed = parse_cases("f", changed);
      const auto* error = std::get_if<diagnostic>(&parsed);
      if (error == nullptr) continue;
      ++refused;
      ASSERT_GE(error->line, 1U);
      ASSERT_GE(error->column, 1U);
      ASSERT_TRUE(error->message.starts_with("expected ")) << error->message;
      ASSERT_GT(error->message.size(), std::string("expected ").size()) << changed;
      ASSERT_FALSE(error->text().empty());
    }
    const auto cut = parse_cases("f", good.substr(0, at));
    if (const auto* error = std::get_if<diagnostic>(&cut)) {
      ASSERT_GT(error->message.size(), std::string("expected ").size());
    }
  }
  EXPECT_GT(refused, good.size() * 100);
}

} // namespace
