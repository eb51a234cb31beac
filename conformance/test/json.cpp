#include "json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

using namespace postel::conformance;
using postel::charset;
using kind = parsed_kind;

std::string of(kind what, std::string_view text, charset octets = charset::ascii) {
  return parse_to_json(what, text, octets).line;
}

TEST(parsed_json, commands) {
  EXPECT_EQ(of(kind::command, "ehlo [192.0.2.1]"),
            R"({"ok":true,"verb":"EHLO","client":{"text":"[192.0.2.1]","form":"ipv4_literal"}})");
  EXPECT_EQ(of(kind::command, "HELO a.example"), R"({"ok":true,"verb":"HELO","domain":"a.example"})");
  EXPECT_EQ(
      of(kind::command, "MAIL FROM:<@a,@b:\"x y\"@c> SIZE=10 SMTPUTF8"),
      R"({"ok":true,"verb":"MAIL","from":{"source_route":"@a,@b","local_part":"\"x y\"","domain":"c"},"params":[{"keyword":"SIZE","value":"10"},{"keyword":"SMTPUTF8","value":null}]})");
  EXPECT_EQ(of(kind::command, "MAIL FROM:<>"),
            R"({"ok":true,"verb":"MAIL","from":{"source_route":"","local_part":"","domain":""},"params":[]})");
  EXPECT_EQ(of(kind::command, "RCPT TO:<postmaster>"),
            R"({"ok":true,"verb":"RCPT","to":{"source_route":"","local_part":"postmaster","domain":""},"params":[]})");
  EXPECT_EQ(of(kind::command, "DATA"), R"({"ok":true,"verb":"DATA"})");
  EXPECT_EQ(of(kind::command, "RSET"), R"({"ok":true,"verb":"RSET"})");
  EXPECT_EQ(of(kind::command, "VRFY bob"), R"({"ok":true,"verb":"VRFY","string":"bob"})");
  EXPECT_EQ(of(kind::command, "EXPN bob"), R"({"ok":true,"verb":"EXPN","string":"bob"})");
  EXPECT_EQ(of(kind::command, "HELP"), R"({"ok":true,"verb":"HELP","string":""})");
  EXPECT_EQ(of(kind::command, "NOOP x"), R"({"ok":true,"verb":"NOOP","string":"x"})");
  EXPECT_EQ(of(kind::command, "QUIT"), R"({"ok":true,"verb":"QUIT"})");
}

TEST(parsed_json, other_values) {
  EXPECT_EQ(of(kind::reply, "250-2.1.5 a\r\n250 \r\n"),
            R"({"ok":true,"code":250,"status":"2.1.5","lines":["2.1.5 a",""]})");
  EXPECT_EQ(of(kind::reply, "354 x\r\n"), R"({"ok":true,"code":354,"status":null,"lines":["x"]})");
  EXPECT_EQ(of(kind::command, "LHLO a"), R"({"ok":true,"verb":"LHLO","client":{"text":"a","form":"domain"}})");
  EXPECT_EQ(of(kind::command, "starttls"), R"({"ok":true,"verb":"STARTTLS"})");
  EXPECT_EQ(of(kind::command, "AUTH PLAIN"),
            R"({"ok":true,"verb":"AUTH","mechanism":"PLAIN","initial_response":null})");
  EXPECT_EQ(of(kind::command, "AUTH X ="), R"({"ok":true,"verb":"AUTH","mechanism":"X","initial_response":"="})");
  EXPECT_EQ(of(kind::command, "BDAT 12 LAST"), R"({"ok":true,"verb":"BDAT","size":12,"last":true})");
  EXPECT_EQ(of(kind::command, "BURL imap:a"), R"({"ok":true,"verb":"BURL","uri":"imap:a","last":false})");
  EXPECT_EQ(of(kind::command, "ETRN #q"), R"({"ok":true,"verb":"ETRN","node":"#q"})");
  EXPECT_EQ(of(kind::command, "ATRN a.b,c.d"), R"({"ok":true,"verb":"ATRN","domains":"a.b,c.d"})");
  EXPECT_EQ(of(kind::command, "XCLIENT NAME=a"),
            R"({"ok":true,"verb":"XCLIENT","attributes":[{"keyword":"NAME","value":"a"}]})");
  EXPECT_EQ(of(kind::command, "XFORWARD ADDR=b"),
            R"({"ok":true,"verb":"XFORWARD","attributes":[{"keyword":"ADDR","value":"b"}]})");
  EXPECT_EQ(of(kind::command, "send FROM:<a@b>"), R"({"ok":true,"verb":"send","argument":"FROM:<a@b>"})");
  EXPECT_EQ(of(kind::mailbox, "a@[IPv6:::1]"), R"({"ok":true,"local_part":"a","domain":"[IPv6:::1]"})");
  EXPECT_EQ(of(kind::path, "<a@b>"), R"({"ok":true,"source_route":"","local_part":"a","domain":"b"})");
  EXPECT_EQ(of(kind::domain, "[x:y]"), R"({"ok":true,"text":"[x:y]","form":"general_literal"})");
  EXPECT_EQ(of(kind::domain, "[IPv6:::1]"), R"({"ok":true,"text":"[IPv6:::1]","form":"ipv6_literal"})");
  EXPECT_EQ(of(kind::mailbox, "\xc3\xa9@b", charset::utf8),
            "{\"ok\":true,\"local_part\":\"\xc3\xa9\",\"domain\":\"b\"}");
}

TEST(parsed_json, failures) {
  EXPECT_EQ(of(kind::mailbox, "a@"), R"({"ok":false,"error":"syntax error","offset":2})");
  EXPECT_FALSE(parse_to_json(kind::mailbox, "a@", charset::ascii).ok);
  EXPECT_EQ(nlohmann::json::parse(of(kind::command, "XYZZY"))["ok"], false);
  EXPECT_EQ(nlohmann::json::parse(of(kind::mailbox, "\xc3\xa9@b"))["offset"], 0);
}

TEST(parsed_json, octets_above_127) {
  const auto explained = [](std::string_view text, charset octets) {
    return parse_to_json(kind::mailbox, text, octets).explanation;
  };
  EXPECT_NE(explained("j\xc3\xb6@b", charset::ascii).find("--utf8\n"), std::string::npos);
  EXPECT_EQ(explained("j\xc3@b", charset::utf8).find("--utf8"), std::string::npos);
  EXPECT_EQ(explained("j@@\xc3\xb6", charset::ascii).find("--utf8"), std::string::npos) << "the fault is another one";
}

// What the grammar takes and the parameter's RFC does not; the first fault counts, wherever its accessor comes.
TEST(parsed_json, parameters) {
  const std::pair<const char*, const char*> rows[] = {
      {"MAIL FROM:<a@b> SIZE=abc", R"({"ok":false,"error":"invalid parameter value","offset":21})"},
      {"MAIL FROM:<a@b> X=1 SIZE=1 Y size=2", R"({"ok":false,"error":"parameter given twice","offset":29})"},
      {"MAIL FROM:<a@b> ENVID=+00 SIZE=x", R"({"ok":false,"error":"invalid parameter value","offset":22})"},
      {"MAIL FROM:<a@b> SUBMITTER=x@", R"({"ok":false,"error":"invalid parameter value","offset":26})"},
      {"MAIL FROM:<> SMTPUTF8=1", R"({"ok":false,"error":"invalid parameter value","offset":22})"},
      {"RCPT TO:<a@b> NOTIFY=NEVER,SUCCESS", R"({"ok":false,"error":"invalid parameter value","offset":26})"},
      {"RCPT TO:<a@b> RRVS", R"({"ok":false,"error":"invalid parameter value","offset":14})"}};
  for (const auto& [text, expected] : rows) EXPECT_EQ(of(kind::command, text), expected) << text;
  for (const char* text : {"MAIL FROM:<a@b> NOTIFY=x NOTIFY=y", "RCPT TO:<a@b> SIZE=abc", "MAIL FROM:<a@b> X=1 X=2"})
    EXPECT_TRUE(parse_to_json(kind::command, text, charset::ascii).ok) << text;
  EXPECT_EQ(parse_to_json(kind::command, "MAIL FROM:<a@b> SIZE=abc", charset::ascii).explanation,
            "invalid parameter value at octet 21: expected 1 to 20 digits (RFC 1870 3 size-value)\n"
            "  MAIL FROM:<a@b> SIZE=abc\n"
            "                       ^\n");
  EXPECT_NE(
      parse_to_json(kind::command, "RCPT TO:<a@b> NOTIFY=NEVER,SUCCESS", charset::ascii)
          .explanation.find("at octet 26: expected NEVER, or some of SUCCESS, FAILURE and DELAY (RFC 3461 4.1)\n"),
      std::string::npos);
}

// Whatever octets stand where, the line is JSON in UTF-8.
TEST(parsed_json, every_octet) {
  const std::pair<kind, std::string> texts[] = {{kind::command, "MAIL FROM:<a@b> X=y"},
                                                {kind::command, "VRFY \"a\""},
                                                {kind::reply, "250 2.0.0 ok\r\n"},
                                                {kind::mailbox, "\"a\"@b"},
                                                {kind::path, "<@a:b@c>"},
                                                {kind::domain, "[x:y]"}};
  std::size_t parsed = 0;
  for (const auto& [what, text] : texts) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (unsigned octet = 0; octet < 256; ++octet) {
        for (const charset octets : {charset::ascii, charset::utf8}) {
          std::string changed = text;
          changed[at] = static_cast<char>(static_cast<unsigned char>(octet));
          const parsed_json line = parse_to_json(what, changed, octets);
          ASSERT_TRUE(nlohmann::json::accept(line.line)) << line.line;
          ASSERT_EQ(nlohmann::json::parse(line.line)["ok"], line.ok);
          parsed += line.ok ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(parsed, 1000U);
}

TEST(envelope_json, fields) {
  EXPECT_EQ(
      envelope_json({"client.example", "a@b", {{"SIZE", "5"}, {"SMTPUTF8", ""}}, {"c@d", "postmaster"}}),
      R"({"helo":"client.example","from":"a@b","params":[{"keyword":"SIZE","value":"5"},{"keyword":"SMTPUTF8","value":null}],"to":["c@d","postmaster"]})");
  EXPECT_EQ(envelope_json({"a", "", {}, {"\xc3"}}), R"({"helo":"a","from":"","params":[],"to":[{"hex":"C3"}]})");
}

} // namespace
