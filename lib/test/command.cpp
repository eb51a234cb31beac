#include "postel/command.hpp"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <set>

#include "mutate.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

constexpr std::array<verb, verb_count> all_verbs = [] {
  std::array<verb, verb_count> all{};
  for (std::size_t i = 0; i < verb_count; ++i) all[i] = static_cast<verb>(i);
  return all;
}();
constexpr std::string_view obsolete_verbs[] = {"SEND", "SOML", "SAML", "TURN", "VERB", "ONEX"};

constexpr auto parser = [](std::string_view line, charset octets) { return parse_command(line, octets); };

// Every view that a command holds.
std::vector<std::string_view> views(const path& p) {
  return {p.source_route, p.local_part, p.domain};
}
struct views_of {
  std::vector<std::string_view> operator()(const cmd::ehlo& c) const { return {c.client.text}; }
  std::vector<std::string_view> operator()(const cmd::helo& c) const { return {c.domain}; }
  std::vector<std::string_view> operator()(const cmd::mail& c) const { return with(c.from, c.params); }
  std::vector<std::string_view> operator()(const cmd::rcpt& c) const { return with(c.to, c.params); }
  std::vector<std::string_view> operator()(const cmd::vrfy& c) const { return {c.string}; }
  std::vector<std::string_view> operator()(const cmd::expn& c) const { return {c.string}; }
  std::vector<std::string_view> operator()(const cmd::help& c) const { return {c.string}; }
  std::vector<std::string_view> operator()(const cmd::noop& c) const { return {c.string}; }
  std::vector<std::string_view> operator()(const cmd::data&) const { return {}; }
  std::vector<std::string_view> operator()(const cmd::rset&) const { return {}; }
  std::vector<std::string_view> operator()(const cmd::quit&) const { return {}; }
  std::vector<std::string_view> operator()(const cmd::lhlo& c) const { return {c.client.text}; }
  std::vector<std::string_view> operator()(const cmd::starttls&) const { return {}; }
  std::vector<std::string_view> operator()(const cmd::auth& c) const {
    return {c.mechanism, c.initial_response.value_or(std::string_view())};
  }
  std::vector<std::string_view> operator()(const cmd::bdat&) const { return {}; }
  std::vector<std::string_view> operator()(const cmd::burl& c) const { return {c.uri}; }
  std::vector<std::string_view> operator()(const cmd::etrn& c) const { return {c.node}; }
  std::vector<std::string_view> operator()(const cmd::atrn& c) const { return {c.domains}; }
  std::vector<std::string_view> operator()(const cmd::xclient& c) const { return {c.attributes.text()}; }
  std::vector<std::string_view> operator()(const cmd::xforward& c) const { return {c.attributes.text()}; }
  std::vector<std::string_view> operator()(const cmd::wellknown& c) const { return {c.path}; }
  std::vector<std::string_view> operator()(const cmd::obsolete& c) const { return {c.verb, c.argument}; }

 private:
  static std::vector<std::string_view> with(const path& p, const parameters& params) {
    std::vector<std::string_view> all = views(p);
    all.push_back(params.text());
    return all;
  }
};

struct accepted_row {
  std::string_view line;
  command value;
  verb v;
};

const std::vector<accepted_row>& accepted() {
  static const std::vector<accepted_row> rows = {
      {"EHLO a", cmd::ehlo{{"a", host_form::domain}}, verb::ehlo},
      {"EHLO mail.example.com", cmd::ehlo{{"mail.example.com", host_form::domain}}, verb::ehlo},
      {"EHLO [1.2.3.4]", cmd::ehlo{{"[1.2.3.4]", host_form::ipv4_literal}}, verb::ehlo},
      {"EHLO [IPv6:::1]", cmd::ehlo{{"[IPv6:::1]", host_form::ipv6_literal}}, verb::ehlo},
      {"EHLO [x:y]", cmd::ehlo{{"[x:y]", host_form::general_literal}}, verb::ehlo},
      {"HELO relay.example", cmd::helo{"relay.example"}, verb::helo},
      {"MAIL FROM:<>", cmd::mail{{"", "", ""}, {}}, verb::mail},
      {"MAIL FROM:<> SIZE=1", cmd::mail{{"", "", ""}, parameters("SIZE=1")}, verb::mail},
      {"MAIL FROM:<a@b>", cmd::mail{{"", "a", "b"}, {}}, verb::mail},
      {"MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME SMTPUTF8",
       cmd::mail{{"", "a", "b"}, parameters("SIZE=1000 BODY=8BITMIME SMTPUTF8")}, verb::mail},
      {"MAIL FROM:<\"a b>\"@[1.2.3.4]>", cmd::mail{{"", "\"a b>\"", "[1.2.3.4]"}, {}}, verb::mail},
      {"MAIL FROM:<@a,@b:c@d> X", cmd::mail{{"@a,@b", "c", "d"}, parameters("X")}, verb::mail},
      {"MAIL FROM:<postmaster@b>", cmd::mail{{"", "postmaster", "b"}, {}}, verb::mail},
      {"RCPT TO:<a@b>", cmd::rcpt{{"", "a", "b"}, {}}, verb::rcpt},
      {"RCPT TO:<Postmaster>", cmd::rcpt{{"", "Postmaster", ""}, {}}, verb::rcpt},
      {"RCPT TO:<postMASTER> NOTIFY=NEVER", cmd::rcpt{{"", "postMASTER", ""}, parameters("NOTIFY=NEVER")}, verb::rcpt},
      {"RCPT TO:<@a:b@c>", cmd::rcpt{{"@a", "b", "c"}, {}}, verb::rcpt},
      {"RCPT TO:<a@b> X=> Y=<", cmd::rcpt{{"", "a", "b"}, parameters("X=> Y=<")}, verb::rcpt},
      {"DATA", cmd::data{}, verb::data},
      {"RSET", cmd::rset{}, verb::rset},
      {"VRFY Smith", cmd::vrfy{"Smith"}, verb::vrfy},
      {"VRFY \"Joe Smith\"", cmd::vrfy{"\"Joe Smith\""}, verb::vrfy},
      {"VRFY joe.smith@example.org", cmd::vrfy{"joe.smith@example.org"}, verb::vrfy},
      {"EXPN staff", cmd::expn{"staff"}, verb::expn},
      {"EXPN \"the staff\"@[1.2.3.4]", cmd::expn{"\"the staff\"@[1.2.3.4]"}, verb::expn},
      {"EXPN \"\"", cmd::expn{"\"\""}, verb::expn},
      {"HELP", cmd::help{""}, verb::help},
      {"HELP MAIL", cmd::help{"MAIL"}, verb::help},
      {"NOOP", cmd::noop{""}, verb::noop},
      {"NOOP \"x y\"", cmd::noop{"\"x y\""}, verb::noop},
      {"QUIT", cmd::quit{}, verb::quit},
      {"LHLO foo.edu", cmd::lhlo{{"foo.edu", host_form::domain}}, verb::lhlo},
      {"LHLO [IPv6:2001:db8::1]", cmd::lhlo{{"[IPv6:2001:db8::1]", host_form::ipv6_literal}}, verb::lhlo},
      {"STARTTLS", cmd::starttls{}, verb::starttls},
      {"AUTH PLAIN", cmd::auth{"PLAIN", std::nullopt}, verb::auth},
      {"AUTH PLAIN AHRlc3QAMTIzNA==", cmd::auth{"PLAIN", "AHRlc3QAMTIzNA=="}, verb::auth},
      {"AUTH EXTERNAL =", cmd::auth{"EXTERNAL", "="}, verb::auth},
      {"AUTH SCRAM-SHA-256-PLUS AAAA", cmd::auth{"SCRAM-SHA-256-PLUS", "AAAA"}, verb::auth},
      {"BDAT 0", cmd::bdat{0, false}, verb::bdat},
      {"BDAT 0 LAST", cmd::bdat{0, true}, verb::bdat},
      {"BDAT 86 LAST", cmd::bdat{86, true}, verb::bdat},
      {"BDAT 18446744073709551615", cmd::bdat{18446744073709551615U, false}, verb::bdat},
      {"BURL imap://u@h/m;uid=1", cmd::burl{"imap://u@h/m;uid=1", false}, verb::burl},
      {"BURL imap://u@h/m;uid=1 LAST", cmd::burl{"imap://u@h/m;uid=1", true}, verb::burl},
      {"ETRN sigurd.innosoft.com", cmd::etrn{"sigurd.innosoft.com"}, verb::etrn},
      {"ETRN @innosoft.com", cmd::etrn{"@innosoft.com"}, verb::etrn},
      {"ETRN #uucp", cmd::etrn{"#uucp"}, verb::etrn},
      {"ATRN", cmd::atrn{""}, verb::atrn},
      {"ATRN example.org,example.com", cmd::atrn{"example.org,example.com"}, verb::atrn},
      {"XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.1", cmd::xclient{parameters("NAME=[UNAVAILABLE] ADDR=192.0.2.1")},
       verb::xclient},
      {"XFORWARD HELO=a+2Bb", cmd::xforward{parameters("HELO=a+2Bb")}, verb::xforward},
      {"WELLKNOWN security.txt", cmd::wellknown{"security.txt"}, verb::wellknown},
      {"SEND FROM:<a@b>", cmd::obsolete{"SEND", "FROM:<a@b>"}, verb::obsolete},
      {"SOML FROM:<a@b>", cmd::obsolete{"SOML", "FROM:<a@b>"}, verb::obsolete},
      {"SAML FROM:<a@b>", cmd::obsolete{"SAML", "FROM:<a@b>"}, verb::obsolete},
      {"TURN", cmd::obsolete{"TURN", ""}, verb::obsolete},
      {"VERB ON", cmd::obsolete{"VERB", "ON"}, verb::obsolete},
      {"ONEX", cmd::obsolete{"ONEX", ""}, verb::obsolete},
      {"onex  \tx ", cmd::obsolete{"onex", " \tx "}, verb::obsolete},
  };
  return rows;
}

TEST(verbs, names) {
  std::set<std::string_view> names;
  for (const verb v : all_verbs) {
    EXPECT_TRUE(names.insert(name(v)).second) << name(v);
  }
  EXPECT_EQ(names,
            (std::set<std::string_view>{"",     "EHLO", "HELO", "MAIL",    "RCPT",     "DATA",     "RSET", "VRFY",
                                        "EXPN", "HELP", "NOOP", "QUIT",    "LHLO",     "STARTTLS", "AUTH", "BDAT",
                                        "BURL", "ETRN", "ATRN", "XCLIENT", "XFORWARD", "WELLKNOWN"}));
  EXPECT_EQ(name(verb::obsolete), "");
  EXPECT_EQ(std::variant_size_v<command>, std::size(all_verbs));
}

TEST(parse_command, values) {
  std::set<verb> seen;
  for (const accepted_row& row : accepted())
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.line);
      const exact block(row.line);
      const result<command> parsed = parse_command(block.view(), octets);
      ASSERT_TRUE(parsed) << "offset " << parsed.error().offset;
      EXPECT_EQ(*parsed, row.value);
      EXPECT_EQ(verb_of(*parsed), row.v);
      EXPECT_TRUE(row.line.starts_with(name(row.v)));
      for (const std::string_view view : std::visit(views_of{}, *parsed)) EXPECT_TRUE(inside(view, block.view()));
      expect_appended(*parsed, std::string(row.line) + "\r\n", octets);
      seen.insert(row.v);
    }
  EXPECT_EQ(seen.size(), std::size(all_verbs));
}

TEST(parse_command, values_differ) {
  for (const accepted_row& a : accepted())
    for (const accepted_row& b : accepted())
      EXPECT_EQ(*parse_command(a.line) == *parse_command(b.line), &a == &b) << a.line << " and " << b.line;
}

TEST(parse_command, verbs_and_words_in_any_case) {
  const struct {
    std::string_view line;
    command value;
  } rows[] = {
      {"mAiL fRoM:<A@b> size=1", cmd::mail{{"", "A", "b"}, parameters("size=1")}},
      {"rcpt to:<POSTMASTER>", cmd::rcpt{{"", "POSTMASTER", ""}, {}}},
      {"quit", cmd::quit{}},
      {"eHlO A", cmd::ehlo{{"A", host_form::domain}}},
      {"noop X", cmd::noop{"X"}},
      {"lhlo A", cmd::lhlo{{"A", host_form::domain}}},
      {"StartTLS", cmd::starttls{}},
      {"auth plain AbC=", cmd::auth{"plain", "AbC="}},
      {"bdat 007 last", cmd::bdat{7, true}},
      {"BDAT 00000000000000000000000000000001", cmd::bdat{1, false}},
      {"burl IMAP:x lAsT", cmd::burl{"IMAP:x", true}},
      {"burl imap:last", cmd::burl{"imap:last", false}},
      {"etrn #Q", cmd::etrn{"#Q"}},
      {"atrn A.b,c.D", cmd::atrn{"A.b,c.D"}},
      {"xclient name=A", cmd::xclient{parameters("name=A")}},
      {"XForward addr=+2B", cmd::xforward{parameters("addr=+2B")}},
      {"Turn", cmd::obsolete{"Turn", ""}},
  };
  for (const auto& row : rows) {
    const exact block(row.line);
    const result<command> parsed = parse_command(block.view());
    ASSERT_TRUE(parsed) << row.line;
    EXPECT_EQ(*parsed, row.value) << row.line;
  }
}

// RFC 6531 3.7.4.2: VRFY and EXPN may have the parameter SMTPUTF8, for who may use it.
TEST(parse_command, smtputf8_of_vrfy_and_expn) {
  const struct {
    std::string_view line;
    command value;
  } rows[] = {
      {"VRFY a SMTPUTF8", cmd::vrfy{"a", true}},
      {"VRFY \"a b\" SMTPUTF8", cmd::vrfy{"\"a b\"", true}},
      {"VRFY SMTPUTF8 SMTPUTF8", cmd::vrfy{"SMTPUTF8", true}},
      {"VRFY a@b SMTPUTF8", cmd::vrfy{"a@b", true}},
      {"EXPN \xC3\xBC SMTPUTF8", cmd::expn{"\xC3\xBC", true}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const exact block(row.line);
    const result<command> parsed = parse_command(block.view(), charset::utf8);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, row.value);
    expect_appended(*parsed, std::string(row.line) + "\r\n", charset::utf8);
    EXPECT_FALSE(parse_command(block.view(), charset::ascii));
    expect_refused(*parsed, charset::ascii);
  }
  const exact lower("vrfy a smtputf8");
  EXPECT_EQ(parse_command(lower.view(), charset::utf8), command(cmd::vrfy{"a", true}));
  for (const charset octets : both_charsets) {
    const exact bare("VRFY SMTPUTF8");
    EXPECT_EQ(parse_command(bare.view(), octets), command(cmd::vrfy{"SMTPUTF8", false}));
    EXPECT_FALSE(parse_command(exact("VRFY a  SMTPUTF8"), octets));
    EXPECT_FALSE(parse_command(exact("VRFY a SMTPUTF8 "), octets));
    EXPECT_FALSE(parse_command(exact("VRFY a SMTPUTF8=1"), octets));
    EXPECT_FALSE(parse_command(exact("NOOP a SMTPUTF8"), octets));
    expect_refused(command(cmd::vrfy{"a SMTPUTF8"}), octets);
    expect_refused(command(cmd::vrfy{"", true}), octets);
  }
  EXPECT_EQ(parse_command(exact("VRFY a SMTPUTF8")), (failure{errc::syntax, 6}));
  EXPECT_EQ(parse_command(exact("VRFY a SMTP"), charset::utf8), (failure{errc::syntax, 7}));
  EXPECT_EQ(parse_command(exact("VRFY a SMTPUTF8X"), charset::utf8), (failure{errc::syntax, 15}));
}

// Each octet in each place of each verb: only the letter itself, in either case, makes the verb.
TEST(parse_command, no_other_octet_makes_a_verb) {
  const std::set<std::string> verbs = [] {
    std::set<std::string> names;
    for (const verb v : all_verbs)
      if (v != verb::obsolete) names.emplace(name(v));
    names.insert(std::begin(obsolete_verbs), std::end(obsolete_verbs));
    return names;
  }();
  for (const std::string& verb : verbs)
    for (std::size_t place = 0; place < verb.size(); ++place)
      for (unsigned octet = 0; octet < 256; ++octet) {
        // Where a verb may end it does: what else may follow is no part of its name.
        const bool verb_octet = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                                (octet >= 'a' && octet <= 'z') || octet == '-';
        if (place >= 4 && !verb_octet) continue;
        std::string line = verb;
        line[place] = static_cast<char>(octet);
        std::string upper = line;
        if (octet >= 'a' && octet <= 'z') upper[place] = static_cast<char>(octet - ('a' - 'A'));
        const result<command> parsed = parse_command(exact(line));
        const bool unknown = !parsed && parsed.error().code == errc::unknown_command;
        ASSERT_EQ(unknown, !verbs.contains(upper)) << testing::PrintToString(line);
      }
}

TEST(parse_command, the_caller_chooses_the_charset) {
  const accepted_row rows[] = {
      {"EHLO b\xC3\xBC"
       "cher",
       cmd::ehlo{{"b\xC3\xBC"
                  "cher",
                  host_form::domain}},
       verb::ehlo},
      {"HELO b\xC3\xBC"
       "cher",
       cmd::helo{"b\xC3\xBC"
                 "cher"},
       verb::helo},
      {"MAIL FROM:<j\xC3\xB6rg@b> SMTPUTF8", cmd::mail{{"", "j\xC3\xB6rg", "b"}, parameters("SMTPUTF8")}, verb::mail},
      {"MAIL FROM:<a@b> X=\xC3\xBC", cmd::mail{{"", "a", "b"}, parameters("X=\xC3\xBC")}, verb::mail},
      {"RCPT TO:<a@b\xC3\xBC"
       "cher>",
       cmd::rcpt{{"", "a",
                  "b\xC3\xBC"
                  "cher"},
                 {}},
       verb::rcpt},
      {"VRFY \xC3\xBC", cmd::vrfy{"\xC3\xBC"}, verb::vrfy},
      {"EXPN \"\xC3\xBC\"", cmd::expn{"\"\xC3\xBC\""}, verb::expn},
      {"HELP \xC3\xBC", cmd::help{"\xC3\xBC"}, verb::help},
      {"NOOP \xC3\xBC", cmd::noop{"\xC3\xBC"}, verb::noop},
  };
  for (const accepted_row& row : rows) {
    SCOPED_TRACE(row.line);
    const exact block(row.line);
    const std::size_t first = row.line.find('\xC3');
    // Where the octets stand in an address, it is SMTPUTF8 that the command lacks.
    const bool address = row.line.starts_with("MAIL") || row.line.starts_with("RCPT") || row.line.starts_with("VRFY") ||
                         row.line.starts_with("EXPN");
    EXPECT_EQ(parse_command(block.view()),
              (failure{address ? errc::non_ascii_address : errc::syntax, static_cast<std::uint32_t>(first)}));
    const result<command> parsed = parse_command(block.view(), charset::utf8);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, row.value);
    expect_appended(*parsed, std::string(row.line) + "\r\n", charset::utf8);
    expect_refused(*parsed, charset::ascii);
  }
}

TEST(parse_command, failures) {
  const struct {
    std::string_view line;
    errc code;
    std::uint32_t offset;
  } rows[] = {
      // No verb of ours, however it goes on.
      {"", errc::unknown_command, 0},
      {"M", errc::unknown_command, 0},
      {"MAI", errc::unknown_command, 0},
      {"FOO bar", errc::unknown_command, 0},
      {"XYZZY", errc::unknown_command, 0},
      {" MAIL FROM:<>", errc::unknown_command, 0},
      {"MAILX FROM:<>", errc::unknown_command, 0},
      {"MAIL1", errc::unknown_command, 0},
      {"MAIL-", errc::unknown_command, 0},
      {"QUITS", errc::unknown_command, 0},
      {"DATA1", errc::unknown_command, 0},
      {"\0\0\0\0"sv, errc::unknown_command, 0},
      {"\r\n", errc::unknown_command, 0},
      {"GET / HTTP/1.1", errc::unknown_command, 0},
      {"START", errc::unknown_command, 0},
      {"STARTTL", errc::unknown_command, 0},
      {"STARTTLSX", errc::unknown_command, 0},
      {"STARTTLS-", errc::unknown_command, 0},
      {"STAR TTLS", errc::unknown_command, 0},
      {"AUTHPLAIN", errc::unknown_command, 0},
      {"BDAT1 LAST", errc::unknown_command, 0},
      {"BURLIMAP", errc::unknown_command, 0},
      {"LHLOx", errc::unknown_command, 0},
      {"ETRN1", errc::unknown_command, 0},
      {"ATRNS", errc::unknown_command, 0},
      {"XCLI", errc::unknown_command, 0},
      {"XCLIENTS NAME=a", errc::unknown_command, 0},
      {"XFORWAR NAME=a", errc::unknown_command, 0},
      {"SENDX", errc::unknown_command, 0},
      {"TURN-", errc::unknown_command, 0},
      {"VERBOSE", errc::unknown_command, 0},
      // A word counts as a whole: the offset is where it starts.
      {"MAIL", errc::syntax, 4},
      {"MAIL\0"sv, errc::syntax, 4},
      {"MAIL\tFROM:<>", errc::syntax, 4},
      {"MAIL ", errc::syntax, 5},
      {"MAIL FROM", errc::syntax, 5},
      {"MAIL TO:<a@b>", errc::syntax, 5},
      {"MAIL  FROM:<>", errc::syntax, 5},
      {"MAIL FROM:", errc::syntax, 10},
      {"MAIL FROM: <a@b>", errc::syntax, 10},
      {"MAIL FROM:a@b", errc::syntax, 10},
      {"MAIL FROM:< >", errc::syntax, 11},
      {"MAIL FROM:<a@b", errc::syntax, 14},
      {"MAIL FROM:<a@b>\r\n", errc::syntax, 15},
      {"MAIL FROM:<a@b>SIZE=1", errc::syntax, 15},
      {"MAIL FROM:<a@b> ", errc::syntax, 16},
      {"MAIL FROM:<a@b>  SIZE=1", errc::syntax, 16},
      {"MAIL FROM:<a@b> =", errc::syntax, 16},
      {"MAIL FROM:<a@b> SIZE=", errc::syntax, 21},
      {"MAIL FROM:<a@b> SIZE=1 ", errc::syntax, 23},
      {"MAIL FROM:<a@b> A=1=2", errc::syntax, 19},
      {"MAIL FROM:<Postmaster>", errc::syntax, 21},
      {"MAIL FROM:<> x\0"sv, errc::syntax, 14},
      {"RCPT TO:<>", errc::syntax, 9},
      {"RCPT TO:<a>", errc::syntax, 10},
      {"RCPT TO:<a@b> X=\x01", errc::syntax, 16},
      {"RCPT FROM:<a@b>", errc::syntax, 5},
      {"DATA ", errc::syntax, 4},
      {"DATA x", errc::syntax, 4},
      {"DATA\r\n", errc::syntax, 4},
      {"RSET x", errc::syntax, 4},
      {"QUIT\n", errc::syntax, 4},
      {"HELO", errc::syntax, 4},
      {"HELO ", errc::syntax, 5},
      {"HELO [1.2.3.4]", errc::syntax, 5},
      {"EHLO", errc::syntax, 4},
      {"EHLO ", errc::syntax, 5},
      {"EHLO a b", errc::syntax, 6},
      {"EHLO a.", errc::syntax, 7},
      {"EHLO [1.2.3.256]", errc::syntax, 14},
      {"VRFY", errc::syntax, 4},
      {"VRFY ", errc::syntax, 5},
      {"VRFY a,b", errc::syntax, 6},
      {"EXPN", errc::syntax, 4},
      {"VRFY <a@b>", errc::syntax, 5},
      {"EXPN a.", errc::syntax, 7},
      {"EXPN a@", errc::syntax, 7},
      {"HELP ", errc::syntax, 5},
      {"HELP a b", errc::syntax, 6},
      {"NOOP ", errc::syntax, 5},
      {"NOOP a b", errc::syntax, 6},
      {"NOOP \"a", errc::syntax, 7},
      {"LHLO", errc::syntax, 4},
      {"LHLO [::1]", errc::syntax, 6},
      {"STARTTLS ", errc::syntax, 8},
      {"STARTTLS x", errc::syntax, 8},
      {"STARTTLS\r\n", errc::syntax, 8},
      {"AUTH", errc::syntax, 4},
      {"AUTH ", errc::syntax, 5},
      {"AUTH PLAIN ", errc::syntax, 11},
      {"AUTH PLAIN ==", errc::syntax, 12},
      {"AUTH PLAIN AAA=BBB", errc::syntax, 15},
      {"AUTH PLAIN =AAA", errc::syntax, 12},
      {"AUTH PLAIN !!!!", errc::syntax, 11},
      {"AUTH PLAIN *", errc::syntax, 11},
      {"AUTH PLAIN AAAA x", errc::syntax, 15},
      {"AUTH ABCDEFGHIJKLMNOPQRSTU", errc::syntax, 25},
      {"BDAT", errc::syntax, 4},
      {"BDAT ", errc::syntax, 5},
      {"BDAT LAST", errc::syntax, 5},
      {"BDAT -1", errc::syntax, 5},
      {"BDAT 1 ", errc::syntax, 7},
      {"BDAT 1 LAS", errc::syntax, 7},
      {"BDAT 1 LAST ", errc::syntax, 11},
      {"BDAT 18446744073709551616", errc::syntax, 5},
      {"BDAT 99999999999999999999999 LAST", errc::syntax, 5},
      {"BURL", errc::syntax, 4},
      {"BURL imap", errc::syntax, 9},
      {"BURL imap:a b", errc::syntax, 12},
      {"ETRN", errc::syntax, 4},
      {"ETRN #", errc::syntax, 6},
      {"ETRN @", errc::syntax, 6},
      {"ETRN a b", errc::syntax, 6},
      {"ATRN ", errc::syntax, 5},
      {"ATRN a", errc::syntax, 6},
      {"ATRN a.b,", errc::syntax, 9},
      {"ATRN a.b, c.d", errc::syntax, 9},
      {"XCLIENT", errc::syntax, 7},
      {"XCLIENT ", errc::syntax, 8},
      {"XCLIENT NAME", errc::syntax, 12},
      {"XCLIENT NAME=", errc::syntax, 13},
      {"XCLIENT NAME=a=b", errc::syntax, 14},
      {"XCLIENT NAME=+2b", errc::syntax, 15},
      {"XFORWARD", errc::syntax, 8},
      {"XFORWARD NAME=a ", errc::syntax, 16},
      {"WELLKNOWN", errc::syntax, 9},
      {"WELLKNOWN ", errc::syntax, 10},
      {"WELLKNOWN a b", errc::syntax, 11},
      {"WELLKNOWN +2", errc::syntax, 12},
      {"WELLKNOWNS a", errc::unknown_command, 0},
      {"SEND ", errc::syntax, 5},
      {"TURN\tx", errc::syntax, 4},
      {"VERB \x01", errc::syntax, 5},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets)
      EXPECT_EQ(parse_command(exact(row.line), octets), (failure{row.code, row.offset}))
          << testing::PrintToString(std::string(row.line));
}

TEST(append_command, refuses_what_is_none) {
  const command values[] = {
      cmd::ehlo{},
      cmd::ehlo{{"a", host_form::ipv4_literal}},
      cmd::ehlo{{"[1.2.3.4]", host_form::domain}},
      cmd::helo{},
      cmd::helo{"[1.2.3.4]"},
      cmd::helo{" a"},
      cmd::mail{{"", "Postmaster", ""}, {}},
      cmd::mail{{"", "a", ""}, {}},
      cmd::mail{{"", "", "b"}, {}},
      cmd::mail{{"@a", "", ""}, {}},
      cmd::mail{{"", "x", "y> BODY=8BITMIME"}, {}},
      cmd::mail{{"", "x", "y> X="}, {}},
      cmd::mail{{"", "@a:b", "c"}, {}},
      cmd::mail{{"", "a", "b"}, parameters(" ")},
      cmd::mail{{"", "a", "b"}, parameters(" SIZE=1")},
      cmd::mail{{"", "a", "b"}, parameters("SIZE=1 ")},
      cmd::mail{{"", "a", "b"}, parameters("SIZE=")},
      cmd::mail{{"", "a", "b"}, parameters("=")},
      cmd::rcpt{},
      cmd::rcpt{{"", "a", ""}, {}},
      cmd::rcpt{{"@a", "Postmaster", ""}, {}},
      cmd::rcpt{{"", "a", "b"}, parameters("X  Y")},
      cmd::vrfy{},
      cmd::vrfy{"a b"},
      cmd::vrfy{" a"},
      cmd::expn{},
      cmd::vrfy{"<a@b>"},
      cmd::expn{"a@"},
      cmd::expn{"@a:b@c"},
      cmd::help{" "},
      cmd::help{"a b"},
      cmd::noop{" "},
      cmd::noop{"\""},
      cmd::lhlo{},
      cmd::lhlo{{"a", host_form::ipv4_literal}},
      cmd::auth{},
      cmd::auth{"", "="},
      cmd::auth{"PLAIN", ""},
      cmd::auth{"PLAIN", "*"},
      cmd::auth{"PLAIN", "AAA"},
      cmd::auth{"PLAIN", "AAA=BBB"},
      cmd::auth{"PLAIN", " AAAA"},
      cmd::auth{"PLAIN =", std::nullopt},
      cmd::auth{"A B", std::nullopt},
      cmd::auth{"ABCDEFGHIJKLMNOPQRSTU", std::nullopt},
      cmd::burl{},
      cmd::burl{"", true},
      cmd::burl{"imap:a LAST", false},
      cmd::burl{"imap:a LAST", true},
      cmd::burl{"imap:a b", false},
      cmd::burl{"imap", false},
      cmd::etrn{},
      cmd::etrn{"#"},
      cmd::etrn{"a b"},
      cmd::atrn{" "},
      cmd::atrn{"a"},
      cmd::atrn{"a.b,"},
      cmd::atrn{"a.b, c.d"},
      cmd::xclient{},
      cmd::xclient{parameters("NAME")},
      cmd::xclient{parameters("NAME=")},
      cmd::xclient{parameters(" NAME=a")},
      cmd::xclient{parameters("NAME=a=b")},
      cmd::wellknown{},
      cmd::wellknown{"a b"},
      cmd::wellknown{"a=b"},
      cmd::wellknown{"a\r\nQUIT"},
      cmd::xforward{},
      cmd::xforward{parameters("NAME=a+2b")},
      cmd::obsolete{},
      cmd::obsolete{"", "SEND"},
      cmd::obsolete{"MAIL", "FROM:<a@b>"},
      cmd::obsolete{"NOOP", ""},
      cmd::obsolete{"SENDX", ""},
      cmd::obsolete{"SEND x", ""},
      cmd::obsolete{"SEN", "D"},
      cmd::obsolete{"STARTTLS", ""},
  };
  for (const command& value : values)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(name(verb_of(value)));
      for (const std::string_view view : std::visit(views_of{}, value)) SCOPED_TRACE(view);
      expect_refused(value, octets);
    }
}

TEST(append_command, injections) {
  const auto verify = [](std::string_view field, std::string_view text, const std::vector<std::string_view>& legal,
                         auto make) {
    verify_injections(
        field, text, legal, [&](std::string_view spoiled) { return command(make(spoiled)); }, parser, "\r\n");
  };
  using view = std::string_view;
  const path address = {"", "a", "b"};
  verify("EHLO domain", "a.b", {}, [](view t) { return cmd::ehlo{{t, host_form::domain}}; });
  verify("EHLO literal", "[1.2.3.4]", {}, [](view t) { return cmd::ehlo{{t, host_form::ipv4_literal}}; });
  verify("HELO domain", "a.b", {}, [](view t) { return cmd::helo{t}; });
  verify("MAIL source route", "@a,@b", {}, [](view t) { return cmd::mail{{t, "c", "d"}, {}}; });
  verify("MAIL local part", "ab", {"="}, [](view t) { return cmd::mail{{"", t, "c"}, {}}; });
  verify("MAIL quoted local part", "\"ab\"", {" ", ">", "=", ":"}, [](view t) { return cmd::mail{{"", t, "c"}, {}}; });
  verify("MAIL domain", "c.d", {}, [](view t) { return cmd::mail{{"", "a", t}, {}}; });
  verify("MAIL domain before a parameter", "c.d", {},
         [](view t) { return cmd::mail{{"", "a", t}, parameters("X=1")}; });
  verify("MAIL parameter", "SIZE=10", {" ", ">", ":"}, [&](view t) { return cmd::mail{address, parameters(t)}; });
  verify("MAIL keyword", "XY", {" ", "="}, [&](view t) { return cmd::mail{address, parameters(t)}; });
  verify("RCPT source route", "@a", {}, [](view t) { return cmd::rcpt{{t, "c", "d"}, {}}; });
  verify("RCPT local part", "ab", {"="}, [](view t) { return cmd::rcpt{{"", t, "c"}, {}}; });
  verify("RCPT postmaster", "Postmaster", {}, [](view t) { return cmd::rcpt{{"", t, ""}, {}}; });
  verify("RCPT domain", "c.d", {}, [](view t) { return cmd::rcpt{{"", "a", t}, {}}; });
  verify("RCPT parameter", "NOTIFY=NEVER", {" ", ">", ":"}, [&](view t) { return cmd::rcpt{address, parameters(t)}; });
  verify("VRFY string", "ab", {"="}, [](view t) { return cmd::vrfy{t}; });
  verify("VRFY quoted string", "\"ab\"", {" ", ">", "=", ":"}, [](view t) { return cmd::vrfy{t}; });
  verify("VRFY mailbox", "a@b", {"="}, [](view t) { return cmd::vrfy{t}; });
  verify("EXPN string", "ab", {"="}, [](view t) { return cmd::expn{t}; });
  verify("HELP string", "ab", {"="}, [](view t) { return cmd::help{t}; });
  verify("HELP, empty", "", {"="}, [](view t) { return cmd::help{t}; });
  verify("NOOP string", "ab", {"="}, [](view t) { return cmd::noop{t}; });
  verify("NOOP, empty", "", {"="}, [](view t) { return cmd::noop{t}; });
  verify("LHLO domain", "a.b", {}, [](view t) { return cmd::lhlo{{t, host_form::domain}}; });
  verify("AUTH mechanism", "PLAIN", {}, [](view t) { return cmd::auth{t, std::nullopt}; });
  verify("AUTH mechanism before a response", "PLAIN", {}, [](view t) { return cmd::auth{t, "AAAA"}; });
  verify("AUTH response", "AAA", {"="}, [](view t) { return cmd::auth{"PLAIN", t}; });
  verify("AUTH response, empty", "", {"="}, [](view t) { return cmd::auth{"PLAIN", t}; });
  verify("BURL", "imap:a", {"=", ":"}, [](view t) { return cmd::burl{t, false}; });
  verify("last BURL", "imap:a", {"=", ":"}, [](view t) { return cmd::burl{t, true}; });
  verify("ETRN", "a.b", {}, [](view t) { return cmd::etrn{t}; });
  verify("ETRN queue", "#ab", {"="}, [](view t) { return cmd::etrn{t}; });
  verify("ATRN", "a.b,c.d", {}, [](view t) { return cmd::atrn{t}; });
  verify("XCLIENT", "NAME=a", {">", ":"}, [](view t) { return cmd::xclient{parameters(t)}; });
  verify("XFORWARD", "NAME=a", {">", ":"}, [](view t) { return cmd::xforward{parameters(t)}; });
  verify("historic verb", "SEND", {}, [](view t) { return cmd::obsolete{t, "x"}; });
  verify("historic argument", "FROM", {" ", "=", ":", ">"}, [](view t) { return cmd::obsolete{"SEND", t}; });
}

TEST(append_command, appends_to_what_is_there) {
  std::string out;
  ASSERT_TRUE(append(out, cmd::mail{{"", "a", "b"}, parameters("SIZE=1")}));
  ASSERT_TRUE(append(out, cmd::rcpt{{"", "Postmaster", ""}, {}}));
  ASSERT_FALSE(append(out, cmd::rcpt{}));
  ASSERT_TRUE(append(out, cmd::data{}));
  EXPECT_EQ(out, "MAIL FROM:<a@b> SIZE=1\r\nRCPT TO:<Postmaster>\r\nDATA\r\n");
}

TEST(parse_command, mutated) {
  std::vector<std::string> seeds = {
      "MAIL FROM:<j\xC3\xB6rg@b\xC3\xBC"
      "cher.example> SMTPUTF8",
      "RCPT TO:<\xE6\xB5\x8B@b> X=\xC3\xBC", "VRFY a SMTPUTF8"};
  for (const accepted_row& row : accepted()) seeds.emplace_back(row.line);
  verify_parse_append_parse(std::move(seeds), 16000, parser, "\r\n", " SMTPUTF8");
}

TEST(parse_auth_response, values_and_failures) {
  const struct {
    std::string_view line;
    auth_response value;
  } rows[] = {{"", {false, ""}},
              {"*", {true, ""}},
              {"AA==", {false, "AA=="}},
              {"AAA=", {false, "AAA="}},
              {"AHRlc3QAMTIzNA==", {false, "AHRlc3QAMTIzNA=="}}};
  for (const auto& row : rows) {
    const exact block(row.line);
    const auto parsed = parse_auth_response(block.view());
    ASSERT_TRUE(parsed) << row.line;
    EXPECT_EQ(*parsed, row.value) << row.line;
    EXPECT_TRUE(inside(parsed->base64, block.view()));
  }
  const struct {
    std::string_view line;
    std::uint32_t offset;
  } refused[] = {{"=", 0},       {"**", 1},   {"* ", 1},   {"A", 1},     {"AAA", 3},          {"AAAA=", 4},
                 {"AAA=BBB", 4}, {"=AAA", 0}, {"!!!!", 0}, {"AA= =", 3}, {"AAAA\r\nQUIT", 4}, {" ", 0}};
  for (const auto& row : refused)
    EXPECT_EQ(parse_auth_response(exact(row.line)), (failure{errc::syntax, row.offset})) << row.line;
  EXPECT_TRUE(parse_auth_response(exact(std::string(12288, 'A')))); // RFC 4954 4: the longest line that must be taken
  EXPECT_FALSE(parse_auth_response(exact(std::string(12289, 'A'))));
}

} // namespace
} // namespace postel::test
