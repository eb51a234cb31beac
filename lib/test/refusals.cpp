// No parser refuses a text without saying where, what it expected and which clause says so: over the corpus, and over every text that is one
// small change away from a right one.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exact.hpp"
#include "postel/base64.hpp"
#include "postel/command.hpp"
#include "postel/error.hpp"
#include "postel/reply.hpp"
#include "postel/trace.hpp"
#include "postel/wellknown.hpp"
#include "postel/xtext.hpp"

namespace {

using namespace postel;
using postel::test::exact;

using outcome = std::optional<failure>;
using parser = std::function<outcome(std::string_view)>;

template <typename T>
outcome outcome_of(const result<T>& parsed) {
  if (parsed) return std::nullopt;
  return parsed.error();
}

extensions everything() {
  extensions all;
  for (std::size_t i = 0; i < extension_count; ++i) all.insert(static_cast<extension>(i));
  return all;
}

// A command with its parameters, as a server that offers everything judges both.
outcome judge_command(std::string_view line, charset octets) {
  const auto parsed = parse_command(line, octets);
  if (!parsed) return parsed.error();
  const auto moved = [&](const parameters& params, outcome why) {
    if (why) why->offset += static_cast<std::uint32_t>(params.text().data() - line.data());
    return why;
  };
  if (const auto* mail = std::get_if<cmd::mail>(&*parsed)) return moved(mail->params, mail->params.check(everything()));
  if (const auto* rcpt = std::get_if<cmd::rcpt>(&*parsed)) return moved(rcpt->params, rcpt->params.check(everything()));
  return std::nullopt;
}

template <typename T>
parser both_charsets(result<T> (*parse)(std::string_view, charset) noexcept, charset octets) {
  return [=](std::string_view text) { return outcome_of(parse(text, octets)); };
}

template <typename T>
parser one_charset(result<T> (*parse)(std::string_view) noexcept) {
  return [=](std::string_view text) { return outcome_of(parse(text)); };
}

parser decoder(result<std::string_view> (*decode)(std::string_view, std::span<char>) noexcept) {
  return [=](std::string_view text) {
    std::string buffer(text.size(), '\0');
    return outcome_of(decode(text, buffer));
  };
}

struct named_parser {
  std::string name;
  std::string corpus; // the folder of the corpus with its texts, if there is one
  parser parse;
  std::vector<std::string> seeds;
};

// clang-format off
const std::vector<std::string> hosts = {"a.example", "x-1.y", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[IPv6:1:2:3:4:5:6:7:8]",
  "[IPv6:1:2:3:4:5:6:192.0.2.1]", "[IPv6:::192.0.2.1]", "[x-tag:content]", "j\xC3\xB6rg.example"};
const std::vector<std::string> mailboxes = {"ann@example.org", "a.b+c@x", "\"a\\\" b\"@[192.0.2.1]", "j\xC3\xB6rg@\xE2\x82\xAC.example"};
const std::vector<std::string> paths = {"<>", "<Postmaster>", "<ann@example.org>", "<@a,@b.c:\"x y\"@[IPv6:::1]>"};
const std::vector<std::string> commands = {"EHLO a.example", "HELO a.example", "LHLO [192.0.2.1]",
  "MAIL FROM:<a@b> SIZE=1 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=QQ+40 AUTH=a+2Bb@c", "MAIL FROM:<> BY=120;RT HOLDFOR=5",
  "MAIL FROM:<a@b> HOLDUNTIL=2016-12-31T23:59:60Z MT-PRIORITY=-3 REQUIRETLS SOLICIT=net.example:ADV", "MAIL FROM:<a@b> MTRK=QUJD:60 ENVID=x@y",
  "MAIL FROM:<a@b> CONPERM TRANSID=<a@b> SUBMITTER=a@b XVERP BODY=BINARYMIME", "RCPT TO:<a@b> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c",
  "RCPT TO:<a@b> RRVS=2014-04-03T23:01:00Z;C CONNEG ORCPT=utf-8;\\x{20AC}@x", "DATA", "RSET", "VRFY ann@x", "EXPN \"a b\" SMTPUTF8", "HELP a",
  "NOOP", "QUIT", "STARTTLS", "AUTH PLAIN dGVzdA==", "AUTH EXTERNAL =", "BDAT 12 LAST", "BURL imap://a:b@[::1]:1/c?d%20 LAST", "ETRN @a.b",
  "ETRN #q", "ATRN a.b,c.d", "XCLIENT NAME=a+20b ADDR=[UNAVAILABLE]", "XFORWARD PROTO=SMTP", "WELLKNOWN a+20b", "RCPT TO:<a@b> XRCPTFORWARD=QUJD", "MAIL FROM:<a@b> PRDR", "TURN"};
const std::vector<std::string> replies = {"250 ok\r\n", "250-2.1.0 a\r\n250 2.1.0 b\r\n", "354\r\n"};
const std::vector<std::string> greetings = {"220 mx.example hi\r\n", "220-[192.0.2.1]\r\n220-x\r\n220 y\r\n"};
const std::vector<std::string> responses = {"250 mx.example\r\n", "250-mx.example hi\r\n250-SIZE 5\r\n250 AUTH PLAIN LOGIN\r\n"};
const std::vector<std::string> fields = {
  "Received: from a.example (b.example [192.0.2.1]) by c.example (d) via TCP with ESMTP id x for <a@b>; Sun, 22 Nov 2026 10:19:57 +0000 (UTC)",
  "Received: from [192.0.2.1] ([192.0.2.1])\r\n by b id <x@[y]> z \"q\"; 1 Jan 2026 00:00 -0130"};

std::vector<named_parser> all_parsers() {
  std::vector<named_parser> all;
  for (const charset octets : {charset::ascii, charset::utf8}) {
    const std::string in = octets == charset::ascii ? " in ASCII" : " in UTF-8";
    all.push_back({"parse_command" + in, "command", [=](std::string_view text) { return judge_command(text, octets); }, commands});
    all.push_back({"parse_domain" + in, "mailbox", both_charsets(parse_domain, octets), hosts});
    all.push_back({"parse_mailbox" + in, "mailbox", both_charsets(parse_mailbox, octets), mailboxes});
    all.push_back({"parse_path" + in, "path", both_charsets(parse_path, octets), paths});
    for (const reply_codes codes : {reply_codes::defined, reply_codes::any})
      all.push_back({"parse_reply" + in, "reply", [=](std::string_view text) { return outcome_of(parse_reply(text, octets, codes)); }, replies});
    all.push_back({"parse_greeting" + in, "reply", both_charsets(parse_greeting, octets), greetings});
    all.push_back({"parse_ehlo_response" + in, "reply", both_charsets(parse_ehlo_response, octets), responses});
    all.push_back({"parse_received" + in, "", both_charsets(parse_received, octets), fields});
    all.push_back({"parse_return_path" + in, "", both_charsets(parse_return_path, octets), {"Return-Path: <a@b>", "Return-Path:\r\n <>"}});
    all.push_back({"parse_orcpt_value" + in, "", both_charsets(parse_orcpt_value, octets), {"rfc822;a+2Bb@c", "utf-8;\\x{20AC}@x"}});
  }
  all.push_back({"read_received", "", one_charset(read_received), fields});
  all.push_back({"parse_wellknown_response", "", one_charset(parse_wellknown_response), {"250-SIZE=3\r\n250-a+20\r\n250 b\r\n"}});
  all.push_back({"parse_xrcptforward_value", "", one_charset(parse_xrcptforward_value), {"QUJD"}});
  all.push_back({"parse_auth_response", "", one_charset(parse_auth_response), {"dGVzdA==", "*", ""}});
  all.push_back({"parse_status_code", "", one_charset(parse_status_code), {"2.1.0", "5.123.999 x"}});
  all.push_back({"parse_ehlo_line", "", one_charset(parse_ehlo_line), {"SIZE 5", "8BITMIME", "X-A b c"}});
  all.push_back({"parse_size_value", "", one_charset(parse_size_value), {"1", "12345678901234567890"}});
  all.push_back({"parse_body_value", "", one_charset(parse_body_value), {"7BIT", "8BITMIME", "BINARYMIME"}});
  all.push_back({"parse_ret_value", "", one_charset(parse_ret_value), {"FULL", "HDRS"}});
  all.push_back({"parse_notify_value", "", one_charset(parse_notify_value), {"NEVER", "SUCCESS,FAILURE,DELAY"}});
  all.push_back({"parse_envid_value", "", one_charset(parse_envid_value), {"a+20b"}});
  all.push_back({"parse_auth_value", "", one_charset(parse_auth_value), {"<>", "a+2Bb@c", std::string(501, 'a') + "@b"}});
  all.push_back({"parse_submitter_value", "", one_charset(parse_submitter_value), {"a+2Bb@c"}});
  all.push_back({"parse_by_value", "", one_charset(parse_by_value), {"-5;NT", "120;R"}});
  all.push_back({"parse_date_time", "", one_charset(parse_date_time), {"2016-12-31T23:59:60Z", "2026-02-28t01:02:03.5-01:30"}});
  all.push_back({"parse_holdfor_value", "", one_charset(parse_holdfor_value), {"1", "999999999"}});
  all.push_back({"parse_mt_priority_value", "", one_charset(parse_mt_priority_value), {"0", "-9"}});
  all.push_back({"parse_rrvs_value", "", one_charset(parse_rrvs_value), {"2014-04-03T23:01:00+01:00;R"}});
  all.push_back({"parse_solicit_value", "", one_charset(parse_solicit_value), {"a:b,c", std::string(1001, 'a')}});
  all.push_back({"parse_mtrk_value", "", one_charset(parse_mtrk_value), {"QUJD:60"}});
  all.push_back({"parse_transid_value", "", one_charset(parse_transid_value), {"<a.b@c>", "<" + std::string(80, 'a') + "@b>"}});
  all.push_back({"decode_xtext", "", decoder(decode_xtext), {"a+20b"}});
  all.push_back({"decode_utf8_address", "", decoder(decode_utf8_address), {"\\x{20AC}@x", "\xE2\x82\xAC"}});
  all.push_back({"decode_base64", "", decoder(decode_base64), {"dGVzdA==", "dGVzdDI="}});
  return all;
}
// clang-format on

// Every text that is one change away from seed: cut, one octet replaced, one put in, one taken out, a word said twice.
template <typename Try>
void for_each_neighbour(const std::string& seed, Try attempt) {
  using namespace std::string_view_literals;
  constexpr std::string_view telling =
      "<>@:;.,=-+[]\"\\*()#% \t\r\n\0\x7F\xC3\xBC\x80\xFF"
      "aZ09"sv;
  for (std::size_t at = 0; at <= seed.size(); ++at) {
    attempt(seed.substr(0, at));
    attempt(seed.substr(at));
    std::string changed = seed;
    if (at < seed.size()) {
      attempt(changed.erase(at, 1));
      for (const char octet : telling) {
        changed = seed;
        changed[at] = octet;
        attempt(changed);
      }
    }
    for (const char octet : telling) {
      changed = seed;
      attempt(changed.insert(at, 1, octet));
    }
    for (const std::size_t length : std::initializer_list<std::size_t>{1, 2, 7, 12}) {
      changed = seed;
      attempt(changed.insert(at, seed, at, length));
    }
  }
  if (const std::size_t space = seed.rfind(' '); space != std::string::npos) attempt(seed + seed.substr(space));
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> texts;
  if (folder.empty()) return texts;
  const std::filesystem::path place = std::filesystem::path(POSTEL_SOURCE_FOLDER) / "corpus" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(place)) {
    std::ifstream in(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  EXPECT_FALSE(texts.empty()) << folder;
  return texts;
}

TEST(refusals, none_is_without_place_expectation_and_clause) {
  for (const named_parser& each : all_parsers()) {
    SCOPED_TRACE(each.name);
    std::size_t refused = 0, accepted = 0;
    std::set<std::string> faulty;
    const auto attempt = [&](const std::string& text) {
      const exact octets(text);
      const outcome why = each.parse(octets);
      if (!why) return void(++accepted);
      ++refused;
      const expected_name expected = describe(*why);
      if (why->offset > text.size() || expected.name.empty() || !expected.clause.starts_with("RFC "))
        faulty.insert(text);
    };
    for (const std::string& seed : each.seeds) {
      attempt(seed);
      for_each_neighbour(seed, attempt);
    }
    for (const std::string& text : files_of(each.corpus)) attempt(text);
    EXPECT_GT(refused, 20U);
    EXPECT_GT(accepted, 0U);
    EXPECT_EQ(faulty.size(), 0U) << "first: " << testing::PrintToString(*faulty.begin());
  }
}

std::string explained(const parser& parse, std::string_view text) {
  const outcome why = parse(exact(text));
  if (!why) return "accepted";
  const expected_name expected = describe(*why);
  return std::to_string(why->offset) + " " + std::string(expected.name) + " (" + std::string(expected.clause) + ")";
}

TEST(refusals, say_the_right_thing) {
  const parser domain = both_charsets(parse_domain, charset::ascii);
  const parser mailbox = both_charsets(parse_mailbox, charset::ascii);
  const parser command = [](std::string_view text) { return judge_command(text, charset::ascii); };
  const parser reply = [](std::string_view text) { return outcome_of(parse_reply(text)); };
  struct row {
    const parser& parse;
    std::string_view text, expected;
  };
  const row rows[] = {
      {domain, "[1.2.3]", "6 an IPv4 address (RFC 5321 4.1.3 IPv4-address-literal)"},
      {domain, "[IPv6:1:2]", "9 \":\" (RFC 5321 4.1.3 IPv6-addr)"},
      {domain, "[IPv6:1:2:3:4:5:6:7::]", "20 an IPv6 address (RFC 5321 4.1.3 IPv6-addr)"},
      {domain, "a-.b", "2 a letter or a digit (RFC 5321 4.1.2 sub-domain)"},
      {domain, "[x-:y]", "3 a letter or a digit (RFC 5321 4.1.3 General-address-literal)"},
      {domain, "a b", "1 the end of the text (RFC 5321 4.1.2, 4.1.3)"},
      {domain, "j\xC3\xB6rg.example", "1 ASCII, or an internationalized address with SMTPUTF8 (RFC 6531 3.3)"},
      {mailbox, "a@b c", "3 the end of the text (RFC 5321 4.1.2 Mailbox)"},
      {mailbox, "a@b_c", "3 the end of the text (RFC 5321 4.1.2 Mailbox)"},
      {mailbox, "ab", "2 \"@\" (RFC 5321 4.1.2 Mailbox)"},
      {mailbox, "j\xC3\xB6rg@x", "1 ASCII, or an internationalized address with SMTPUTF8 (RFC 6531 3.3)"},
      {mailbox, "a@b\xFF", "3 the end of the text (RFC 5321 4.1.2 Mailbox)"},
      {reply, "599 x\r\n", "1 a reply code (RFC 5321 4.2 Reply-code)"},
      {reply, "250-a\r\n251 b\r\n", "7 the first line's code (RFC 5321 4.2.1)"},
      {reply, "250 x", "5 CRLF (RFC 5321 2.3.8)"},
      {command, "XYZZY", "0 a command (RFC 5321 4.1.1)"},
      {command, "EHLO", "4 a space (RFC 5321 4.1.1.1)"},
      {command, "DATA x", "4 the end of the text (RFC 5321 4.1.1.4)"},
      {command, "STARTTLS ", "8 the end of the text (RFC 3207 4)"},
      {command, "AUTH PLAIN dGV*zdA==", "14 base64 (RFC 4954 8 base64)"},
      {command, "AUTH PLAIN dGVzdA=", "18 base64 (RFC 4954 8 base64)"},
      {command, "MAIL FROM:<a@b>SIZE=1", "15 the end of the text (RFC 5321 4.1.1.2)"},
      {command, "MAIL FROM:<a@b> HOLDUNTIL=12345", "30 a date-time (RFC 3339 5.6)"},
      {command, "MAIL FROM:<a@b> HOLDUNTIL=2026-02-29T00:00:00Z", "34 a day that the month has (RFC 3339 5.7)"},
      {command, "MAIL FROM:<a@b> HOLDUNTIL=2026-02-28T00:00:60Z",
       "43 59 seconds at most: no leap second was here (RFC 3339 5.7)"},
      {command, "MAIL FROM:<a@b> SIZE=1 SIZE=2", "23 each parameter once (RFC 5321 4.1.1.11)"},
      {command, "MAIL FROM:<a@b> SIZE", "16 1 to 20 digits (RFC 1870 3 size-value)"},
      {command, "MAIL FROM:<a@b> SMTPUTF8=1", "25 no value for this parameter (RFC 5321 4.1.1.11)"},
      {command, "MAIL FROM:<a@b> FOO=1", "16 a parameter that was offered (RFC 5321 4.1.1.11)"},
      {command, "MAIL FROM:<a@b> BY=0;R", "19 a positive time, as the mode is R (RFC 2852 4)"},
      {command, "MAIL FROM:<a@b> AUTH=x", "21 a mailbox in xtext (RFC 4954 5, RFC 4405 4)"},
      {command, "MAIL FROM:<a@b> ENVID=+0A", "22 graphic ASCII or white space in xtext (RFC 3461 4.2, 4.4)"},
      {command, "MAIL FROM:<j\xC3\xB6rg@x>", "12 ASCII, or an internationalized address with SMTPUTF8 (RFC 6531 3.3)"},
      {command, "MAIL FROM:<a@b> MTRK=QUJD", "16 ENVID beside MTRK (RFC 3885 3.2)"},
      {command, "XCLIENT NAME", "12 \"=\" (RFC 3461 4)"},
      {command, "BURL x", "6 \":\" (RFC 3986 4.3, RFC 4468 3)"},
      {decoder(decode_base64), "dGVzdB==", "5 padding over bits that are zero (RFC 4648 3.5)"},
      {decoder(decode_xtext), "a+2g", "3 xtext (RFC 3461 4)"},
  };
  for (const row& r : rows) EXPECT_EQ(explained(r.parse, r.text), r.expected) << r.text;
}

} // namespace
