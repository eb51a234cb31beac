#include "case/case.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "case/grammar.hpp"
#include "cases.hpp"

namespace tao::pegtl {
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::one_of<Set>> : analyze_any_traits<> {};
template <typename Name, postel::grammar::octets Set>
struct analyze_traits<Name, postel::grammar::run<Set>> : analyze_any_traits<> {};
template <typename Name, const auto& Table, postel::conformance::argument... Takes>
struct analyze_traits<Name, postel::conformance::grammar::one_word<Table, Takes...>> : analyze_any_traits<> {};
template <typename Name, bool Ours>
struct analyze_traits<Name, postel::conformance::grammar::letter<Ours>> : analyze_any_traits<> {};
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
      "== a/1/must MUST server\n x\nS: any\n== a/1/should SHOULD client\n x\nC: any\n"
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
  const test_case read = one("C: STARTTLS\ntls?:\ntls:\n");
  ASSERT_EQ(read.steps.size(), 3U);
  EXPECT_TRUE(expected(read, 1).of == subject::tls);
  EXPECT_FALSE(expected(read, 1).judged);
  EXPECT_TRUE(expected(read, 2).of == subject::tls);
  EXPECT_TRUE(expected(read, 2).judged);
  EXPECT_EQ(expected(read, 2).place, "test.case:6");
  EXPECT_EQ(expected(read, 2).patterns.at(0).what, pattern_kind::made);
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
      one("S?: 220, parses as Greeting\nS: 501 | 5yz|x2z | any | closed | silence\n"
          "S: 250, parses as ehlo-ok-rsp, contains \"a \\\"b\\\"\", lacks \"c\", status, lines 2  \n");
  ASSERT_EQ(read.steps.size(), 3U);
  EXPECT_FALSE(expected(read, 0).judged);
  EXPECT_EQ(expected(read, 0).text, "220, parses as Greeting");
  EXPECT_EQ(expected(read, 0).place, "test.case:4");
  EXPECT_EQ(expected(read, 0).conditions.at(0).what, condition_kind::greeting);
  EXPECT_TRUE(expected(read, 1).judged);
  EXPECT_EQ(expected(read, 1).place, "test.case:5");
  using kind = pattern_kind;
  EXPECT_EQ(expected(read, 1).patterns, (std::vector<pattern>{{kind::code, "501"},
                                                              {kind::code, "5yz"},
                                                              {kind::code, "x2z"},
                                                              {kind::any, ""},
                                                              {kind::closed, ""},
                                                              {kind::silence, ""}}));
  EXPECT_EQ(expected(read, 2).text,
            "250, parses as ehlo-ok-rsp, contains \"a \\\"b\\\"\", lacks \"c\", status, lines 2");
  const auto& conditions = expected(read, 2).conditions;
  ASSERT_EQ(conditions.size(), 5U);
  EXPECT_EQ(conditions[0].what, condition_kind::ehlo_ok_rsp);
  EXPECT_EQ(conditions[1].what, condition_kind::contains);
  EXPECT_EQ(conditions[1].text, "a \"b\"");
  EXPECT_EQ(conditions[2].what, condition_kind::lacks);
  EXPECT_EQ(conditions[2].text, "c");
  EXPECT_EQ(conditions[3].what, condition_kind::status);
  EXPECT_EQ(conditions[4].what, condition_kind::lines);
  EXPECT_EQ(conditions[4].number, 2U);
}

TEST(case_file, branches) {
  const test_case read =
      one("S: 220 | 554\nwhen 220 | 25z\n  C: A\n  when silence\n    S: 250\n  end\n  C: B\nelse\n  S: closed\nend\nC: "
          "C\n");
  ASSERT_EQ(read.steps.size(), 3U);
  const auto& outer = std::get<branch>(read.steps[1].what);
  EXPECT_EQ(outer.patterns.size(), 2U);
  ASSERT_EQ(outer.then.size(), 3U);
  ASSERT_EQ(outer.otherwise.size(), 1U);
  const auto& inner = std::get<branch>(outer.then[1].what);
  EXPECT_EQ(inner.patterns.at(0).what, pattern_kind::silence);
  EXPECT_EQ(inner.then.size(), 1U);
  EXPECT_TRUE(inner.otherwise.empty());
  EXPECT_EQ(std::get<expectation>(inner.then[0].what).place, "test.case:8");
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
  std::string text;  // after a header and its requirement in two lines, unless it starts with another one
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
const std::string client_header = "== rfc5321/1/a MUST client\n x\n";
const std::string code =
    "a reply code (250, 25z, 5yz), a verb in capitals, any, closed, silence, text, chunk, handshake";
const std::string step_ = "a step (C: S: tls: ends: answer until, close, skip, use, when)";
const std::string case_ = "a case (== ID LEVEL ROLE) or a prelude (prelude NAME SIDE)";
const std::string step_or_case = step_ + ", " + case_;
const std::string text_ = R"(text (\\ \{ \} stand for \ { }) or the end of the line (a space there is written \s))";
const std::string repeated =
    "*COUNT}, {base64:TEXT}, or the name of a variable (client, sender, rcpt, rcpt_local, rcpt_domain, unknown, "
    "foreign, size, hello, user, password, hold_for)";
const std::string after_code = "|, a comma, xN for N times or the end of the line";
const std::string after_backslash = R"(r, n, t, 0, s, \, {, }, " or xHH after the backslash)";
const std::string condition_ =
    "a condition (contains, lacks, parses as Greeting, parses as Reply-line, parses as ehlo-ok-rsp, parses as "
    "continue-req, offers, does not offer, status, lines, parses as command, is, at most, as declared, alone, ascii, "
    "crlf only, body, within size, once)";

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
                    wrong{h + "S: 250\nrequires X\n", "4:1", step_or_case},
                    wrong{h + "C: x\n", "1:1", "a case with a judged expectation (S: or tls:)"},
                    wrong{h + "S: any\n" + h + "S?: 250\n", "4:1", "a case with a judged expectation (S: or tls:)"}));

INSTANTIATE_TEST_SUITE_P(
    texts, wrong_case_file,
    testing::Values(
        wrong{h + "C: x \nS: 250\n", "3:5", text_}, wrong{h + "C: a}\nS: 250\n", "3:5", text_},
        wrong{h + "C: a\tb\nS: 250\n", "3:5", text_}, wrong{h + "C: a\r\nS: 250\n", "3:5", text_},
        wrong{h + "C: a\xff\nS: 250\n", "3:5", text_}, wrong{h + "C: a\xc0\x80\nS: 250\n", "3:5", text_},
        wrong{h + "C: \\q\nS: 250\n", "3:5", after_backslash}, wrong{h + "C: \\x4\nS: 250\n", "3:5", after_backslash},
        wrong{h + "C: {foo}\nS: 250\n", "3:8", repeated}, wrong{h + "C: é {foo}\nS: 250\n", "3:10", repeated},
        wrong{h + "C: {x*}\nS: 250\n", "3:7", repeated}, wrong{h + "C: {*3}\nS: 250\n", "3:5", "text to repeat"},
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
        wrong{h + "S: 250 | | 251\n", "3:10", code}, wrong{h + "S: 250, parses as Greetings\n", "3:9", condition_},
        wrong{h + "S: 250, contain \"x\"\n", "3:9", condition_},
        wrong{h + "S: 250 contains \"x\"\n", "3:8", after_code},
        wrong{h + "S: 250, contains x\n", "3:18", "text in double quotes"},
        wrong{h + "S: 250, contains \"\"\n", "3:18", "text in double quotes"},
        wrong{h + "S: 250, lines 0\n", "3:15", "a number of 1 to 1000"},
        wrong{h + "S: 250, lines 1001\n", "3:15", "a number of 1 to 1000"},
        wrong{h + "S: 250 x0\n", "3:9", "a number of times of 1 to 1,000"},
        wrong{h + "S: 250 x1001\n", "3:9", "a number of times of 1 to 1,000"},
        wrong{h + "S: 250 foo\n", "3:8", after_code}, wrong{h + "S: 250 # why\n", "3:8", after_code},
        wrong{h + "S:250\n", "3:3", "a space"}, wrong{h + "S 250\n", "3:2", "a colon"},
        wrong{h + "S: 250\n  D: x\n", "4:3", step_}, wrong{h + "S: 250\nend\n", "4:1", step_or_case},
        wrong{h + "S: 250\nelse\n", "4:1", step_or_case},
        wrong{h + "when 250\nS: 250\n", "5:1", step_ + ", else or end"},
        wrong{h + "when 250\nend\nS: 250\n", "4:1", step_}, wrong{h + "when\nS: 250\nend\n", "3:5", "a space"},
        wrong{h + "S: 250\nwhen 250\n  C: x\nelse\n  C: y\nelse\n  C: z\nend\n", "8:1", step_ + " or end"},
        wrong{h + "when 250\nwhen 250\nwhen 250\nwhen 250\nwhen 250\nS: 250\nend\nend\nend\nend\nend\n", "7:1",
              "no deeper nesting than four levels of when or " + step_}));

// What a line says that its role cannot say, or that is said of another thing.
INSTANTIATE_TEST_SUITE_P(
    roles, wrong_case_file,
    testing::Values(
        wrong{client_header + "C: EHLO | 250\n", "3:11", "no reply code in a case for a client"},
        wrong{client_header + "C: EHLO, status\n", "3:10", "no \"status\" in a case for a client"},
        wrong{client_header + "C: EHLO, alone, offers \"x\"\n", "3:17", "no \"offers\" in a case for a client"},
        wrong{client_header + "requires SIZE\nC: EHLO\n", "3:1", "no \"requires\" in a case for a client"},
        wrong{client_header + "S: a {sender}\nC: EHLO\n", "3:6", "no {sender} in a case for a client"},
        wrong{client_header + "C: EHLO, body \"x\"\n", "3:10", "no \"body\" here: it is said of a text, a chunk"},
        wrong{client_header + "C: closed, alone\n", "3:12", "no \"alone\" here: it is said of a line, a text, a chunk"},
        wrong{client_header + "C: EHLO, at most 0\n", "3:18", "a number of 1 to 1000000"},
        wrong{client_header + "C: EHLO, once\n", "3:10", "no \"once\" here: it is said of an end"},
        wrong{client_header + "C: ehlo\n", "3:4", code}, wrong{client_header + "C: EHLO loudly\n", "3:9", after_code},
        wrong{client_header + "ends: gone\n", "3:7", "delivered, failed, temporary, permanent"},
        wrong{client_header + "tls: gone\n", "3:6", "made, refused or the end of the line"},
        wrong{client_header + "S: 220 hello\n", "1:1", "a case with a judged expectation (C: or ends:)"},
        wrong{client_header + "given certificate good\nC: EHLO\n", "3:19",
              "other-name, expired, self-signed or unknown-authority"},
        wrong{client_header + "given recipients 1001\nC: EHLO\n", "3:18", "a number of 1 to 1000"},
        wrong{client_header + "given colour \"x\"\nC: EHLO\n", "3:7",
              "what the client is given (message, sender, recipients, recipient, lmtp, tls, auth, user, password, "
              "certificate)"},
        wrong{client_header + "given message \"{x*9000000}\"\nC: EHLO\n", "3:15", "text in double quotes"},
        wrong{h + "S: EHLO\n", "3:4", "no verb in a case for a server"},
        wrong{h + "S: text\n", "3:4", "no \"text\" in a case for a server"},
        wrong{h + "S: 250, alone\n", "3:9", "no \"alone\" in a case for a server"},
        wrong{h + "S: closed, status\n", "3:12", "no \"status\" here: it is said of a reply"},
        wrong{h + "given tls\nS: 250\n", "3:7", "no \"tls\" in a case for a server"},
        wrong{h + "tls: refused\n", "3:6", "no \"refused\" in a case for a server"},
        wrong{h + "S: 250\nends: failed\n", "4:1", "no \"ends:\" in a case for a server"},
        wrong{h + "answer until DATA\nS: 250\n", "3:1", "no \"answer until\" in a case for a server"},
        wrong{h + "close\nS: 250\n", "3:1", "no \"close\" in a case for a server"},
        wrong{h + "S: 250\nwhen made\n  C: x\nend\nwhen EHLO\n  C: x\nend\n", "7:6",
              "no verb in a case for a server"}));

const std::string hello_prelude = "prelude hello server\n  C: {hello} {client}\n  S?: 250\nend\n";

INSTANTIATE_TEST_SUITE_P(
    preludes, wrong_case_file,
    testing::Values(wrong{h + "use hello\nS: 250\n", "3:5", "the name of a prelude"},
                    wrong{hello_prelude + client_header + "use hello\nC: EHLO\n", "7:5", "the name of a prelude"},
                    wrong{h + "use hello\nS: 250\n" + hello_prelude, "3:5", "the name of a prelude"},
                    wrong{hello_prelude + hello_prelude + h + "S: 250\n", "5:1", "another name: hello is taken"},
                    wrong{"prelude x server\n  S: 250\nend\n", "1:1",
                          "no judged expectation in a prelude: a case shows what it is about"},
                    wrong{"prelude x submission\n  S?: 250\nend\n", "1:11", "server or client"},
                    wrong{"prelude x server\n  C: x\n" + h + "S: 250\n", "3:1", step_ + " or end"},
                    wrong{hello_prelude + h + "use hello\n", "5:1", "a case with a judged expectation (S: or tls:)"}));

TEST(case_file, preludes_are_steps_of_the_case) {
  const std::string other = "prelude sender server\n  use hello\n  C: MAIL FROM:<{sender}>\n  S?: 250\nend\n";
  const auto cases = cases_of(hello_prelude + other + h + "use sender\nC: RCPT TO:<>\nS: 5yz\n");
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_TRUE(cases[0].starts_with_hello());
  EXPECT_EQ(written_out(cases[0]),
            "== rfc5321/1/a   MUST   server\n   x\nC: {hello} {client}\nS?: 250\nC: MAIL FROM:<{sender}>\nS?: 250\n"
            "C: RCPT TO:<>\nS: 5yz\n");
  EXPECT_EQ(expected(cases[0], 1).place, "test.case:3");
  EXPECT_EQ(expected(cases[0], 1).number, 1U);
  EXPECT_EQ(expected(cases[0], 5).number, 3U);

  const auto shared = parse_preludes("p", "# first\n" + hello_prelude + other);
  ASSERT_TRUE(std::holds_alternative<preludes>(shared));
  const auto parsed = parse_cases("f", h + "use sender\nS: 250\n", std::get<preludes>(shared));
  ASSERT_TRUE(std::holds_alternative<std::vector<test_case>>(parsed));
  EXPECT_EQ(std::get<std::vector<test_case>>(parsed)[0].steps.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<diagnostic>(parse_preludes("p", hello_prelude + h + "S: 250\n")));
}

TEST(case_file, an_expectation_may_hold_several_times) {
  const test_case read = one("C!: {NOOP\\r\\n*3}\nS: 250 | 251, lacks \"x\" x3\nS: silence\n");
  ASSERT_EQ(read.steps.size(), 5U);
  for (const std::size_t step : {1U, 2U, 3U}) {
    EXPECT_EQ(expected(read, step).text, "250 | 251, lacks \"x\"");
    EXPECT_EQ(expected(read, step).number, step);
  }
  EXPECT_TRUE(written_out(read).ends_with("\nS: 250 | 251, lacks \"x\" x3\nS: silence\n")) << written_out(read);
}

TEST(case_file, a_case_for_a_client) {
  const auto cases = cases_of(
      "== rfc5321/3.3/x   SHOULD   client\n   Text\n   goes on.\nclause RFC 5321 §2.1\n"
      "given message \"a\\x00{bc*3}\"\ngiven message \"d\", sender \"\", recipients 2, lmtp, tls\n"
      "given auth, user \"eve\", password \"{x*3}\", certificate self-signed\n"
      "S: 220 hello\nC: LHLO | closed, contains \"x{y*2}\", alone\nS!/2: 25\\r\\n\nanswer until DATA | QUIT\n"
      "tls?: made | refused\nwhen refused\n  skip no TLS here\nelse\n  close\nend\nends?: failed | delivered, once\n");
  ASSERT_EQ(cases.size(), 1U);
  const test_case& read = cases.front();
  EXPECT_EQ(read.requirement, "Text goes on.");
  EXPECT_EQ(read.clauses, (std::vector<std::string>{"RFC 5321 §3.3", "RFC 5321 §2.1"}));
  EXPECT_EQ(read.given.message, std::string("a\0bcbcbcd", 9));
  EXPECT_EQ(read.given.sender, "");
  EXPECT_EQ(read.given.recipients, (std::vector<std::string>{"r1@example.org", "r2@example.org"}));
  EXPECT_TRUE(read.given.lmtp && read.given.tls && read.given.auth);
  EXPECT_EQ(read.given.user, "eve");
  EXPECT_EQ(read.given.password, "xxx");
  EXPECT_EQ(read.given.certificate, certificate_kind::self_signed);
  ASSERT_EQ(read.steps.size(), 7U);
  EXPECT_EQ(octets(read, 0), "220 hello\r\n");
  EXPECT_EQ(expected(read, 1).patterns, (std::vector<pattern>{{pattern_kind::verb, "LHLO"}, {pattern_kind::closed}}));
  ASSERT_EQ(expected(read, 1).conditions.size(), 2U);
  EXPECT_EQ(expected(read, 1).conditions[0].text, "xyy");
  EXPECT_EQ(said(read, 2).write_size, 2U);
  EXPECT_EQ(std::get<answering>(read.steps[3].what).until.text, "DATA | QUIT");
  EXPECT_EQ(expected(read, 4).of, subject::tls);
  EXPECT_EQ(expected(read, 4).text, "TLS made | refused");
  const auto& either = std::get<branch>(read.steps[5].what);
  EXPECT_EQ(std::get<skip>(either.then.at(0).what).why, "no TLS here");
  EXPECT_TRUE(std::holds_alternative<hang_up>(either.otherwise.at(0).what));
  EXPECT_EQ(expected(read, 6).of, subject::end);
  EXPECT_FALSE(expected(read, 6).judged);
  EXPECT_TRUE(expected(read, 6).has(condition_kind::once));
  EXPECT_EQ(expected(read, 6).patterns, (std::vector<pattern>{{pattern_kind::failed}, {pattern_kind::delivered}}));
}

TEST(case_file, what_a_client_is_given_unless_the_case_says) {
  const auto cases = cases_of(client_header + "C: EHLO\n");
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].given.recipients, std::vector<std::string>{"bob@example.org"});
  EXPECT_TRUE(cases[0].given.message.ends_with("\r\n\r\ntext\r\n"));
}

TEST(every_case, written_out_is_the_same_case) {
  for (const side tested : {side::server, side::client}) {
    for (const test_case& each : test::project_cases(tested)) {
      const std::string text = written_out(each);
      EXPECT_EQ(text.find("\nuse "), std::string::npos) << text;
      const auto again = cases_of(text);
      ASSERT_EQ(again.size(), 1U) << text;
      EXPECT_EQ(written_out(again[0]), text);
      EXPECT_EQ(again[0].steps.size(), each.steps.size()) << text;
      EXPECT_EQ(again[0].given.message, each.given.message) << text;
    }
  }
}

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
  const std::string good = hello_prelude + h +
                           "requires SIZE\nuse hello\nC/2: a{x*3}{client}\\x41\nS: 250 | 5yz, parses as Greeting "
                           "x2\nwhen 250\n  S: any\nend\n"
                           "== rfc5321/1/b MAY client\n y\ngiven tls, recipients 2\nS: 250\nanswer until DATA\ntls?: "
                           "made\nends: failed, once\n";
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
  EXPECT_GT(refused, good.size() * 90);
}

} // namespace
