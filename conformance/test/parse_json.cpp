#include "parse/value_json.hpp"

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
      R"({"ok":true,"verb":"MAIL","from":{"source_route":"@a,@b","local_part":"\"x y\"","meaning":"x y","domain":"c"},"params":[{"keyword":"SIZE","value":"10"},{"keyword":"SMTPUTF8","value":null}],"typed":{"size":10,"smtputf8":true}})");
  EXPECT_EQ(
      of(kind::command, "MAIL FROM:<>"),
      R"({"ok":true,"verb":"MAIL","from":{"source_route":"","local_part":"","meaning":"","domain":""},"params":[],"typed":{}})");
  EXPECT_EQ(
      of(kind::command, "RCPT TO:<postmaster>"),
      R"({"ok":true,"verb":"RCPT","to":{"source_route":"","local_part":"postmaster","meaning":"postmaster","domain":""},"params":[],"typed":{}})");
  EXPECT_EQ(of(kind::command, "DATA"), R"({"ok":true,"verb":"DATA"})");
  EXPECT_EQ(of(kind::command, "RSET"), R"({"ok":true,"verb":"RSET"})");
  EXPECT_EQ(of(kind::command, "VRFY bob"), R"({"ok":true,"verb":"VRFY","string":"bob","smtputf8":false})");
  EXPECT_EQ(of(kind::command, "EXPN bob"), R"({"ok":true,"verb":"EXPN","string":"bob","smtputf8":false})");
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
            R"({"ok":true,"verb":"AUTH","mechanism":"PLAIN","initial_response":null,"decoded":null})");
  EXPECT_EQ(of(kind::command, "AUTH X ="),
            R"({"ok":true,"verb":"AUTH","mechanism":"X","initial_response":"=","decoded":""})");
  EXPECT_EQ(of(kind::command, "BDAT 12 LAST"), R"({"ok":true,"verb":"BDAT","size":12,"last":true})");
  EXPECT_EQ(of(kind::command, "BURL imap:a"), R"({"ok":true,"verb":"BURL","uri":"imap:a","last":false})");
  EXPECT_EQ(of(kind::command, "ETRN #q"), R"({"ok":true,"verb":"ETRN","node":"#q"})");
  EXPECT_EQ(of(kind::command, "ATRN a.b,c.d"), R"({"ok":true,"verb":"ATRN","domains":"a.b,c.d"})");
  EXPECT_EQ(of(kind::command, "XCLIENT NAME=a"),
            R"({"ok":true,"verb":"XCLIENT","attributes":[{"keyword":"NAME","value":"a","decoded":"a"}]})");
  EXPECT_EQ(of(kind::command, "XFORWARD ADDR=b"),
            R"({"ok":true,"verb":"XFORWARD","attributes":[{"keyword":"ADDR","value":"b","decoded":"b"}]})");
  EXPECT_EQ(of(kind::command, "send FROM:<a@b>"), R"({"ok":true,"verb":"send","argument":"FROM:<a@b>"})");
  EXPECT_EQ(of(kind::mailbox, "a@[IPv6:::1]"), R"({"ok":true,"local_part":"a","meaning":"a","domain":"[IPv6:::1]"})");
  EXPECT_EQ(of(kind::path, "<a@b>"), R"({"ok":true,"source_route":"","local_part":"a","meaning":"a","domain":"b"})");
  EXPECT_EQ(of(kind::domain, "[x:y]"), R"({"ok":true,"text":"[x:y]","form":"general_literal"})");
  EXPECT_EQ(of(kind::domain, "[IPv6:::1]"), R"({"ok":true,"text":"[IPv6:::1]","form":"ipv6_literal"})");
  EXPECT_EQ(of(kind::mailbox, "\xc3\xa9@b", charset::utf8),
            "{\"ok\":true,\"local_part\":\"\xc3\xa9\",\"meaning\":\"\xc3\xa9\",\"domain\":\"b\"}");
}

// What the octets stand for stands beside them.
TEST(parsed_json, typed_parameters) {
  EXPECT_EQ(
      of(kind::params,
         "BODY=8BITMIME RET=HDRS ENVID=a+20b AUTH=x+2By@z BY=-5;NT HOLDFOR=60 MT-PRIORITY=-3 REQUIRETLS "
         "SOLICIT=a:b MTRK=QUJD:5 CONPERM TRANSID=<a@b> SUBMITTER=a+2Bb@c PRDR X=1"),
      R"({"ok":true,"params":[{"keyword":"BODY","value":"8BITMIME"},{"keyword":"RET","value":"HDRS"},{"keyword":"ENVID","value":"a+20b"},{"keyword":"AUTH","value":"x+2By@z"},{"keyword":"BY","value":"-5;NT"},{"keyword":"HOLDFOR","value":"60"},{"keyword":"MT-PRIORITY","value":"-3"},{"keyword":"REQUIRETLS","value":null},{"keyword":"SOLICIT","value":"a:b"},{"keyword":"MTRK","value":"QUJD:5"},{"keyword":"CONPERM","value":null},{"keyword":"TRANSID","value":"<a@b>"},{"keyword":"SUBMITTER","value":"a+2Bb@c"},{"keyword":"PRDR","value":null},{"keyword":"X","value":"1"}],"typed":{"body":"8BITMIME","ret":"headers","envid":"a b","auth":"x+y@z","by":{"seconds":-5,"mode":"notify","trace":true},"hold_for":60,"mt_priority":-3,"require_tls":true,"solicit":"a:b","mtrk":{"certifier":"QUJD","timeout":5},"conperm":true,"transid":"<a@b>","submitter":"a+b@c","prdr":true}})");
  EXPECT_EQ(
      of(kind::params,
         "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c RRVS=2014-04-03T23:01:00Z;C CONNEG XRCPTFORWARD=QUJD"),
      R"({"ok":true,"params":[{"keyword":"NOTIFY","value":"SUCCESS,DELAY"},{"keyword":"ORCPT","value":"rfc822;a+2Bb@c"},{"keyword":"RRVS","value":"2014-04-03T23:01:00Z;C"},{"keyword":"CONNEG","value":null},{"keyword":"XRCPTFORWARD","value":"QUJD"}],"typed":{"notify":["success","delay"],"orcpt":{"type":"rfc822","address":"a+b@c"},"rrvs":{"since":"2014-04-03T23:01:00Z","action":"continue"},"conneg":true,"xrcptforward":"QUJD"}})");
  EXPECT_EQ(of(kind::params, "ORCPT=utf-8;\\x{20AC}@b").substr(0, 11), R"({"ok":true,)");
  EXPECT_EQ(of(kind::params, ""), R"({"ok":true,"params":[],"typed":{}})");
  EXPECT_EQ(
      of(kind::params, "SIZE=1 SIZE=2"),
      R"({"ok":false,"error":"parameter given twice","offset":7,"expected":"each parameter once","clause":"RFC 5321 4.1.1.11"})");
  EXPECT_EQ(of(kind::params, "NOTIFY=x SIZE=y").substr(0, 60),
            R"({"ok":false,"error":"invalid parameter value","offset":7,"ex)");
  EXPECT_EQ(of(kind::params, "SIZE=1  X").substr(0, 49), R"({"ok":false,"error":"syntax error","offset":7,"ex)");
}

TEST(parsed_json, encoded_texts) {
  EXPECT_EQ(of(kind::xtext, "a+20b+FF"), R"({"ok":true,"decoded":{"hex":"612062FF"}})");
  EXPECT_EQ(of(kind::xtext, ""), R"({"ok":true,"decoded":""})");
  EXPECT_EQ(of(kind::xtext, "a b"),
            R"({"ok":false,"error":"syntax error","offset":1,"expected":"the end of the text","clause":"RFC 3461 4"})");
  EXPECT_EQ(of(kind::base64, "w6k="), "{\"ok\":true,\"decoded\":\"\xc3\xa9\"}");
  EXPECT_EQ(
      of(kind::base64, "w6l="),
      R"({"ok":false,"error":"syntax error","offset":2,"expected":"padding over bits that are zero","clause":"RFC 4648 3.5"})");
  EXPECT_EQ(of(kind::auth_response, "AGEAYg=="),
            R"({"ok":true,"cancelled":false,"base64":"AGEAYg==","decoded":"\u0000a\u0000b"})");
  EXPECT_EQ(of(kind::auth_response, "*"), R"({"ok":true,"cancelled":true,"base64":"","decoded":null})");
  EXPECT_EQ(of(kind::auth_response, "?").substr(0, 12), R"({"ok":false,)");
  EXPECT_EQ(of(kind::command, "WELLKNOWN a+20b"), R"({"ok":true,"verb":"WELLKNOWN","path":"a+20b","decoded":"a b"})");
}

TEST(parsed_json, status) {
  EXPECT_EQ(of(kind::status, "5.1.10 no"), R"({"ok":true,"status":"5.1.10","class":5,"subject":1,"detail":10})");
  EXPECT_EQ(
      of(kind::status, "5.1"),
      R"({"ok":false,"error":"syntax error","offset":3,"expected":"an enhanced status code","clause":"RFC 3463 2, RFC 2034 4"})");
}

// What the grammar refuses a client reads all the same.
TEST(parsed_json, what_a_client_reads) {
  const auto read = [](kind which, std::string_view text) { return nlohmann::json::parse(of(which, text))["read"]; };
  const nlohmann::json ehlo =
      read(kind::ehlo, "250-mx.example\r\n250-AUTH=PLAIN LOGIN\r\n250-SIZE 5 \r\n250 STARTTLS=\r\n");
  EXPECT_EQ(ehlo["domain"], "mx.example");
  EXPECT_EQ(ehlo["capabilities"], (nlohmann::json{{"SIZE", {{"limit", 5}}}, {"STARTTLS", true}}));
  EXPECT_EQ(ehlo["lines"][0], (nlohmann::json{{"keyword", "AUTH=PLAIN"}, {"params", "LOGIN"}}));
  EXPECT_EQ(read(kind::reply, "250 re\xC3\xA7u\r\n")["code"], 250);
  EXPECT_EQ(read(kind::greeting, "220 caf\xC3\xA9\r\n")["code"], 220);
  EXPECT_EQ(read(kind::greeting, "554 no\r\n")["code"], 554);
  EXPECT_EQ(read(kind::ehlo, "502 no\r\n"), nullptr);
  for (const kind each : {kind::reply, kind::greeting, kind::ehlo}) {
    const auto mixed = nlohmann::json::parse(of(each, "250-mx.example\r\n251 b\r\n"));
    EXPECT_EQ(mixed["read"], nullptr);
    EXPECT_EQ(mixed["error"], each == kind::greeting ? "syntax error" : "reply lines with different codes");
  }
  EXPECT_EQ(nlohmann::json::parse(of(kind::greeting, "220-mx.example\r\n521 b\r\n"))["error"],
            "reply lines with different codes");
}

TEST(parsed_json, greeting_and_ehlo) {
  EXPECT_EQ(
      of(kind::greeting, "220-mx.example hello you\r\n220 x\r\n"),
      R"({"ok":true,"server":{"text":"mx.example","form":"domain"},"text":"hello you","lines":["mx.example hello you","x"]})");
  EXPECT_EQ(
      of(kind::ehlo,
         "250-mx.example hi\r\n250-SIZE 5\r\n250-AUTH PLAIN LOGIN\r\n250-LIMITS RCPTMAX=9\r\n250-X-A b c\r\n"
         "250-DELIVERBY 240\r\n250-NO-SOLICITING a,b\r\n250 STARTTLS\r\n"),
      R"({"ok":true,"domain":"mx.example","greet":"hi","capabilities":{"SIZE":{"limit":5},"STARTTLS":true,"AUTH":{"mechanisms":["PLAIN","LOGIN"]},"DELIVERBY":{"minimum":240},"LIMITS":{"mail_max":null,"rcpt_max":9,"rcpt_domain_max":null},"NO-SOLICITING":{"keywords":["a","b"]}},"lines":[{"keyword":"SIZE","params":"5"},{"keyword":"AUTH","params":"PLAIN LOGIN"},{"keyword":"LIMITS","params":"RCPTMAX=9"},{"keyword":"X-A","params":"b c"},{"keyword":"DELIVERBY","params":"240"},{"keyword":"NO-SOLICITING","params":"a,b"},{"keyword":"STARTTLS","params":""}]})");
  EXPECT_EQ(of(kind::ehlo, "250 mx.example\r\n"),
            R"({"ok":true,"domain":"mx.example","greet":"","capabilities":{},"lines":[]})");
  EXPECT_EQ(of(kind::ehlo, "250-mx.example\r\n250 \r\n").substr(0, 52),
            R"({"ok":false,"error":"syntax error","offset":20,"expe)");
}

TEST(parsed_json, received) {
  EXPECT_EQ(
      of(kind::received,
         "Received: from a.example ([192.0.2.1]) by b.example with ESMTP id x for <c@d>; Sun, 22 Nov 2026 10:19:57 "
         "+0000"),
      R"({"ok":true,"from":{"name":{"text":"a.example","form":"domain"},"tcp_info":"[192.0.2.1]"},"by":{"name":{"text":"b.example","form":"domain"},"tcp_info":""},"via":"","with":"ESMTP","id":"x","for":"<c@d>","additional":"","date":"Sun, 22 Nov 2026 10:19:57 +0000"})");
  // What the standard does not have is read all the same, and said.
  const auto real = nlohmann::json::parse(
      of(kind::received, "Received: by b.example over TLS with SMTP id a.1; Sun, 22 Nov 2026 10:19:57 +0000"));
  EXPECT_EQ(real["ok"], false);
  EXPECT_EQ(real["clause"], "RFC 5321 4.4 From-domain");
  EXPECT_EQ(real["read"]["by"]["name"], "b.example");
  EXPECT_EQ(real["read"]["id"], "a.1");
  EXPECT_EQ(real["read"]["passed_over"], nlohmann::json::array({"over TLS"}));
  EXPECT_EQ(nlohmann::json::parse(of(kind::received, "X: y"))["read"], nullptr);
}

// A line of output is one line for every reader.
TEST(parsed_json, line_separators_are_escaped) {
  EXPECT_EQ(of(kind::reply, "250 a\xC2\x85\xE2\x80\xA8z\r\n", charset::utf8),
            R"({"ok":true,"code":250,"status":null,"lines":["a\u0085\u2028z"]})");
  EXPECT_EQ(nlohmann::json::parse(of(kind::reply, "250 a\xC2\x85\xE2\x80\xA8z\r\n", charset::utf8))["lines"][0],
            "a\xC2\x85\xE2\x80\xA8z");
}

TEST(parsed_json, failures) {
  EXPECT_EQ(
      of(kind::mailbox, "a@"),
      R"({"ok":false,"error":"syntax error","offset":2,"expected":"a domain or an address literal","clause":"RFC 5321 4.1.2, 4.1.3"})");
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
      {"MAIL FROM:<a@b> SIZE=abc",
       R"({"ok":false,"error":"invalid parameter value","offset":21,"expected":"1 to 20 digits","clause":"RFC 1870 3 size-value"})"},
      {"MAIL FROM:<a@b> X=1 SIZE=1 Y size=2",
       R"({"ok":false,"error":"parameter given twice","offset":29,"expected":"each parameter once","clause":"RFC 5321 4.1.1.11"})"},
      {"MAIL FROM:<a@b> ENVID=+00 SIZE=x",
       R"({"ok":false,"error":"invalid parameter value","offset":22,"expected":"graphic ASCII or white space in xtext","clause":"RFC 3461 4.2, 4.4"})"},
      {"MAIL FROM:<a@b> SUBMITTER=x@",
       R"({"ok":false,"error":"invalid parameter value","offset":26,"expected":"a mailbox in xtext","clause":"RFC 4954 5, RFC 4405 4"})"},
      {"MAIL FROM:<> SMTPUTF8=1",
       R"({"ok":false,"error":"invalid parameter value","offset":22,"expected":"no value for this parameter","clause":"RFC 5321 4.1.1.11"})"},
      {"RCPT TO:<a@b> NOTIFY=NEVER,SUCCESS",
       R"({"ok":false,"error":"invalid parameter value","offset":26,"expected":"NEVER, or some of SUCCESS, FAILURE and DELAY","clause":"RFC 3461 4.1"})"},
      {"RCPT TO:<a@b> RRVS",
       R"({"ok":false,"error":"invalid parameter value","offset":14,"expected":"a date-time, with or without \";C\" or \";R\"","clause":"RFC 7293 3.1"})"}};
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
                                                {kind::domain, "[x:y]"},
                                                {kind::ehlo, "250-a b\r\n250 AUTH X\r\n"},
                                                {kind::greeting, "220 a b\r\n"},
                                                {kind::xtext, "a+20b"},
                                                {kind::base64, "QUJD"},
                                                {kind::status, "2.1.5 x"},
                                                {kind::received, "Received: from a by b; 1 Jan 2026 00:00 +0000"},
                                                {kind::auth_response, "QUJD"},
                                                {kind::params, "ENVID=a ORCPT=b;c SIZE=1"}};
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

} // namespace
