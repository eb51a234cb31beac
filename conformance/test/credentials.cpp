// The user's name and password go over the wire in clear only where the target has it no other way: tried with every case, against targets
// that would take them anywhere.
#include <gtest/gtest.h>

#include <postel/base64.hpp>

#include "answering_target.hpp"
#include "cases.hpp"
#include "run/run.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::service;

const std::string name_of_user = "Wilhelmina";
const std::string password_of_user = "correct-horse-battery";

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

// Whether the word can be read in the octets: as it is, or in base64 that begins anywhere.
bool shows(const std::string& octets, const std::string& word) {
  if (octets.find(word) != std::string::npos) return true;
  for (std::size_t at = 0; at < octets.size(); ++at) {
    if (!is_base64(octets[at]) || (at > 0 && is_base64(octets[at - 1]))) continue;
    std::size_t end = at;
    while (end < octets.size() && is_base64(octets[end])) ++end;
    if (end - at > 4096) continue; // the long lines of cases about length
    for (std::size_t begin = at; begin < std::min(at + 4, end); ++begin) {
      const std::string whole = octets.substr(begin, (end - begin) / 4 * 4);
      std::string rest = octets.substr(begin + whole.size(), end - begin - whole.size());
      if (rest.size() == 1) rest.clear();
      if (!rest.empty()) rest.resize(4, '=');
      std::string buffer(whole.size() + 4, '\0');
      for (const std::string& text : {whole + rest, whole})
        if (const auto decoded = postel::decode_base64(text, buffer);
            decoded && decoded->find(word) != std::string_view::npos)
          return true;
    }
  }
  return false;
}

TEST(credentials, are_found_in_what_was_said) {
  EXPECT_TRUE(shows("AUTH LOGIN\r\nV2lsaGVsbWluYQ==\r\n", "Wilhelmina"));
  EXPECT_TRUE(shows("AUTH PLAIN AFdpbGhlbG1pbmEAY29ycmVjdC1ob3JzZS1iYXR0ZXJ5\r\n", name_of_user));
  EXPECT_TRUE(shows("AUTH PLAIN AFdpbGhlbG1pbmEAY29ycmVjdC1ob3JzZS1iYXR0ZXJ5\r\n", password_of_user));
  EXPECT_TRUE(shows("PASS correct-horse-battery\r\n", password_of_user));
  EXPECT_FALSE(shows("AUTH PLAIN AG5vYm9keQBub3RoaW5n\r\n", name_of_user));
}

// Where the offer of STARTTLS stands, if anywhere.
enum class offered { properly, beside_garbage, before_a_blank, behind_a_first_ehlo, never };

struct setting {
  offered how = offered::properly;
  std::string to_starttls = "220 go ahead\r\n";
  bool handshakes = true;
};

const std::string all_keywords =
    "250-AUTH PLAIN LOGIN CRAM-MD5\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n250-REQUIRETLS\r\n250-BURL imap\r\n";

std::string response_to_hello(const setting& here, const answering_target::line& said) {
  if (said.in_tls || here.how == offered::never) return "250-host\r\n" + all_keywords + "250 HELP\r\n";
  switch (here.how) {
    case offered::beside_garbage:
      return "250-host\r\n" + all_keywords + "250-\xe9t\xe9\r\n250-starttls\r\n250 HELP\r\n";
    case offered::before_a_blank: return "250-host\r\n" + all_keywords + "250-STARTTLS \r\n250 HELP\r\n";
    case offered::behind_a_first_ehlo:
      return "250-host\r\n" + all_keywords + (said.connection == 1 ? "" : "250-STARTTLS\r\n") + "250 HELP\r\n";
    default: return "250-host\r\n" + all_keywords + "250 STARTTLS\r\n";
  }
}

// Takes everything from everybody.
answering_target::behaviour lax(const setting& here) {
  answering_target::behaviour wanted;
  wanted.handshakes = here.handshakes;
  wanted.answer = [here](const answering_target::line& said) -> std::string {
    const std::string verb = [&] {
      std::string word(said.text.substr(0, said.text.find(' ')));
      for (char& c : word) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      return word;
    }();
    if (verb == "EHLO" || verb == "LHLO") return response_to_hello(here, said);
    if (verb == "STARTTLS") return said.in_tls ? "503 no\r\n" : here.to_starttls;
    if (verb == "AUTH") return said.text.size() > std::string_view("AUTH CRAM-MD5").size() ? "235 ok\r\n" : "334 \r\n";
    if (verb == "DATA") return "354 go on\r\n";
    if (verb == "QUIT") return "221 bye\r\n";
    if (said.text.size() % 4 == 0 && !said.text.empty() &&
        std::all_of(said.text.begin(), said.text.end(), [](char c) { return is_base64(c) || c == '='; }))
      return "334 \r\n";
    return "250 ok\r\n";
  };
  return wanted;
}

environment with_credentials(service protocol) {
  environment values = full_environment(protocol);
  values.set(variable::user, name_of_user);
  values.set(variable::password, password_of_user);
  return values;
}

struct said {
  std::string in_clear;
  std::string in_tls;
  run_result result;
};

said play_all(const setting& here, service protocol, bool always_tls = false) {
  environment values = with_credentials(protocol);
  if (always_tls) values.set_always_tls();
  std::vector<test_case> cases = project_cases();
  std::erase_if(cases, [&](const test_case& each) { return !values.suits(each); });
  answering_target peer(lax(here));
  run_result result = run_cases(cases, peer, values, {});
  return {peer.in_clear(), peer.in_tls(), std::move(result)};
}

TEST(credentials, are_not_said_in_clear_where_starttls_is_offered) {
  const std::vector<setting> settings{{offered::properly},
                                      {offered::beside_garbage},
                                      {offered::before_a_blank},
                                      {offered::properly, "454 not now\r\n"},
                                      {offered::properly, "502 what?\r\n"},
                                      {offered::properly, "220 go ahead\r\n220 and more\r\n"},
                                      {offered::beside_garbage, "454 not now\r\n"},
                                      {offered::before_a_blank, "454 not now\r\n"},
                                      {offered::properly, "220 go ahead\r\n", false}};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    for (const service protocol : services) {
      for (const bool always : {false, true}) {
        SCOPED_TRACE(std::to_string(i) + (always ? ", always in TLS" : ""));
        const said all = play_all(settings[i], protocol, always);
        EXPECT_FALSE(shows(all.in_clear, name_of_user));
        EXPECT_FALSE(shows(all.in_clear, password_of_user));
        if (always) continue;
        EXPECT_GT(all.result.outcomes.size(), 200U) << all.result.untestable.value_or("");
        // Where the response can be read, some of the cases do try AUTH in clear.
        if (settings[i].how == offered::properly) {
          EXPECT_NE(all.in_clear.find("\r\nAUTH "), std::string::npos);
        }
      }
    }
  }
}

TEST(credentials, are_said_in_tls_and_where_there_is_none) {
  for (const service protocol : services) {
    const said encrypted = play_all({offered::properly}, protocol);
    EXPECT_TRUE(shows(encrypted.in_tls, name_of_user));
    EXPECT_TRUE(shows(encrypted.in_tls, password_of_user));
    const said clear = play_all({offered::never}, protocol);
    EXPECT_TRUE(shows(clear.in_clear, name_of_user));
    EXPECT_TRUE(shows(clear.in_clear, password_of_user));
  }
}

// A target that shows its STARTTLS late, or to some: from then on it has it.
TEST(credentials, are_not_said_once_starttls_was_seen) {
  const setting here{offered::behind_a_first_ehlo};
  const auto cases = cases_of(
      "== a/1/x MUST both\n x\nrequires AUTH PLAIN\nC: {hello} {client}\nS?: 250\n"
      "C: AUTH PLAIN {base64:\\0{user}\\0{password}}\nS: 235\n"
      "== a/1/y MUST both\n x\nrequires AUTH PLAIN\nC: AUTH PLAIN {base64:\\0{user}\\0{password}}\nS: 235\n");
  answering_target peer(lax(here));
  const run_result result = run_cases(cases, peer, with_credentials(service::smtp), {});
  ASSERT_EQ(result.outcomes.size(), 2U) << result.untestable.value_or("");
  for (const outcome& each : result.outcomes) {
    EXPECT_EQ(each.result, verdict::skipped);
    EXPECT_EQ(each.reason, "it says the password, which is not said in clear here");
  }
  EXPECT_FALSE(shows(peer.in_clear(), name_of_user));
}

// Whatever its author wrote: before the handshake, beside STARTTLS, octet by octet, in a branch.
TEST(credentials, of_a_case_that_tries_to_say_them_in_clear) {
  for (const std::string steps :
       {"C: {user}\nS: any\n", "C: x{password}\nS: any\n", "C: {base64:{password}}\nS: any\n",
        "C/1: {password}\nS: any\n", "C: STARTTLS\nC: {password}\nS: 220\ntls?:\n",
        "C: STARTTLS\nS: 220\nC: {user}\ntls?:\n", "C: NOOP\nS: any\nwhen any\n  C: {password}\n  S: any\nend\n"}) {
    const auto cases = cases_of("== a/1/x MUST both\n x\nrequires STARTTLS\n" + steps);
    answering_target peer(lax({offered::properly}));
    const run_result result = run_cases(cases, peer, with_credentials(service::smtp), {});
    EXPECT_EQ(result.count(verdict::skipped), 1U) << steps;
    EXPECT_FALSE(shows(peer.in_clear(), name_of_user)) << steps;
    EXPECT_FALSE(shows(peer.in_clear(), password_of_user)) << steps;
  }
}

TEST(credentials, are_in_no_transcript) {
  const auto cases =
      cases_of("== a/1/x MUST both\n x\nC: {password}\nC/1: x{password}\nC/7: {base64:{user}{password}}\nS: any\n");
  environment values = with_credentials(service::smtp);
  values.set_secure();
  answering_target peer(lax({}));
  const run_result result = run_cases(cases, peer, values, {});
  ASSERT_EQ(result.outcomes.size(), 1U);
  std::string all;
  for (const std::string& each : result.outcomes[0].transcript)
    all += each.starts_with("C") ? each.substr(each.find(':') + 2) : each;
  EXPECT_FALSE(shows(all, password_of_user)) << all;
  EXPECT_NE(all.find("(a password)"), std::string::npos);
}

} // namespace
