#include "play/player.hpp"

#include "play/probe.hpp"

#include <gtest/gtest.h>

#include "cases.hpp"
#include "script_transport.hpp"

namespace {

using namespace postel::conformance;
using test::cases_of;
using test::script_transport;
using test::unit;

const unit greeting = unit::reply("220 host\r\n");
const unit ok = unit::reply("250 ok\r\n");
const unit refused = unit::reply("550 no\r\n");

struct played {
  outcome result;
  std::vector<std::string> writes;
  std::size_t used;
};

played play_steps(const std::string& level, const std::string& steps, std::vector<unit> script) {
  const auto cases = cases_of("== rfc5321/1/x " + level + " server\n What is required.\n" + steps);
  script_transport wire(std::move(script));
  if (cases.size() != 1) return {};
  environment values = test::full_environment();
  values.set_offered(offer{"AUTH PLAIN"}); // and no STARTTLS: credentials are said in clear
  outcome result = play(cases[0], wire, values, {});
  return {std::move(result), wire.writes(), wire.used()};
}

TEST(player, verdict_follows_the_level) {
  const std::string steps = "C: NOOP\nS: 250\n";
  for (const auto& [level, bad] :
       {std::pair("MUST", verdict::fail), std::pair("SHOULD", verdict::warn), std::pair("MAY", verdict::note)}) {
    EXPECT_EQ(play_steps(level, steps, {greeting, ok}).result.result, verdict::pass) << level;
    const outcome failed = play_steps(level, steps, {greeting, refused}).result;
    EXPECT_EQ(failed.result, bad) << level;
    EXPECT_EQ(failed.reason, "expected 250, got 550");
  }
}

// RFC 3207 4, RFC 4954 6, RFC 5321 4.2.1, RFC 3463 3.8: whoever refuses for these reasons has not said what it makes of the requirement.
TEST(player, a_refusal_for_another_reason_accuses_nobody) {
  struct row {
    std::string expected, reply;
    std::string_view why; // empty: the case is judged
  };
  constexpr std::string_view tls = "it asks for TLS or AUTH first", now = "it refuses for now",
                             policy = "it has a policy against it";
  const row rows[] = {
      {"250", "530 5.7.0 Must issue STARTTLS", tls},
      {"250", "530 no", tls},
      {"501", "530 5.7.1 Authentication required", tls},
      {"504", "538 5.7.11 Encryption required", tls},
      {"250", "523 5.7.10 no", tls},
      {"250", "524 no", tls},
      {"250", "524 5.2.4 no such recipient", {}}, // OpenSMTPD
      {"250", "550 5.7.11 no", tls},
      {"250", "450 4.7.1 greylisted", now},
      {"250", "451 no", now},
      {"250", "452 4.3.1 later", now},
      {"501", "451 4.3.0 later", now},
      {"250", "454-4.7.0 a\r\n454 4.7.0 b", now},
      {"250", "550 5.7.1 no relaying", policy},
      {"250", "553-5.7.1 a\r\n553 5.7.1 b", policy},
      {"501", "554 5.7.26 SPF", policy},
      // To do with the command, or with nothing at all.
      {"250", "550 5.1.1 no such user", {}},
      {"250", "550 no", {}},
      {"250", "550 4.7.1 of another class", {}},
      {"250", "501 5.5.4 no", {}},
      {"250", "501 5.7.1 no", {}},
      {"250", "502 5.5.1 no", {}},
      {"250", "535 5.7.8 no", {}},
      {"5yz", "421 4.3.2 bye", {}},
      {"501", "535 5.7.8 no", {}},
      {"5yz", "250 2.0.0 ok", {}},
      // The code is one of those expected: the condition is judged.
      {"451, status", "451 no status", {}},
      {"any, lacks \"relay\"", "550 5.7.1 no relaying", {}},
  };
  for (const row& each : rows)
    for (const auto& [level, bad] :
         {std::pair("MUST", verdict::fail), std::pair("SHOULD", verdict::warn), std::pair("MAY", verdict::note)}) {
      const outcome got =
          play_steps(level, "C: X\nS: " + each.expected + "\n", {greeting, unit::reply(each.reply + "\r\n")}).result;
      const std::string what = each.expected + ": " + each.reply;
      EXPECT_EQ(name(got.result), name(each.why.empty() ? bad : verdict::inconclusive)) << what;
      const std::string said = ", and that may have another reason: " + std::string(each.why);
      EXPECT_EQ(got.reason.ends_with(said), !each.why.empty()) << got.reason;
    }
  // Set-up that is refused is set-up; what was seen is noted as it is.
  EXPECT_EQ(play_steps("MUST", "C: X\nS?: 250\nC: Y\nS: 250\n", {greeting, unit::reply("451 no\r\n")}).result.result,
            verdict::error);
  EXPECT_EQ(play_steps("NOTE", "C: X\nS: 250\n", {greeting, unit::reply("451 no\r\n")}).result.result, verdict::note);
}

TEST(player, note_records_what_was_observed) {
  const std::string steps = "C: NOOP\nS: any | closed\nC: NOOP\nS: any | closed\n";
  EXPECT_EQ(play_steps("NOTE", steps, {greeting, ok, refused}).result.reason, "observed 250, 550");
  EXPECT_EQ(play_steps("NOTE", steps, {greeting, ok, refused}).result.result, verdict::note);
  EXPECT_EQ(play_steps("NOTE", steps, {greeting, unit::closed(), unit::closed()}).result.reason,
            "observed closed, closed");
  const outcome unforeseen = play_steps("NOTE", steps, {greeting, unit::silence(), ok}).result;
  EXPECT_EQ(unforeseen.result, verdict::note);
  EXPECT_EQ(unforeseen.reason, "observed silence (foreseen was any | closed, got silence)");
}

TEST(player, setup_that_does_not_hold_is_no_fault) {
  const outcome result = play_steps("MUST", "C: EHLO {client}\nS?: 250\nC: NOOP\nS: 250\n", {greeting, refused}).result;
  EXPECT_EQ(result.result, verdict::error);
  EXPECT_EQ(result.reason, "set-up: expected 250, got 550");
  EXPECT_FALSE(result.unanswered);
}

// What a case is not about changes no verdict, and is said all the same.
TEST(player, text_outside_of_the_grammar_changes_no_verdict) {
  const std::string steps = "C: EHLO {client}\nS?: 250\nC: NOOP\nS: 250\n";
  for (const std::string text : {"re\xC3\xA7u", "re\xE7u", "\a", "\x1B[2J", "\x7F", "a\rb", "ok\r"}) {
    const outcome result =
        play_steps("MUST", steps,
                   {unit::reply("220 host " + text + "\r\n"), unit::reply("250-host " + text + "\r\n250 SIZE\r\n"),
                    unit::reply("250 " + text + "\r\n")})
            .result;
    EXPECT_EQ(result.result, verdict::pass) << result.reason;
    ASSERT_GE(result.deviations.size(), 2U);
    EXPECT_EQ(result.deviations.front().octets, "220 host " + text + "\r\n");
    EXPECT_EQ(result.deviations.back().octets, "250 " + text + "\r\n");
  }
  EXPECT_TRUE(
      play_steps("MUST", steps, {greeting, unit::reply("250-host\r\n250 SIZE\r\n"), ok}).result.deviations.empty());
  const outcome failed =
      play_steps("MUST", steps, {greeting, unit::reply("250 host\r\n"), unit::reply("550 \xE7\r\n")}).result;
  EXPECT_EQ(failed.result, verdict::fail);
  EXPECT_EQ(failed.reason, "expected 250, got 550");
  EXPECT_EQ(failed.transcript.back(), "S: (octet 4: expected a reply's text (RFC 5321 §4.2 textstring))");
}

TEST(player, greeting_is_read_first_unless_the_case_does) {
  EXPECT_EQ(play_steps("MUST", "S: 220 | 554\n", {unit::reply("554 no\r\n")}).result.result, verdict::pass);
  const outcome unwelcome = play_steps("MUST", "C: NOOP\nS: 250\n", {unit::reply("554 no\r\n")}).result;
  EXPECT_EQ(unwelcome.result, verdict::error);
  EXPECT_EQ(unwelcome.reason, "set-up: expected 220 as the greeting, got 554");
  EXPECT_FALSE(unwelcome.unanswered);
  EXPECT_TRUE(play_steps("MUST", "C: NOOP\nS: 250\n", {unit::silence()}).result.unanswered);
  EXPECT_TRUE(play_steps("MUST", "C: NOOP\nS: 250\n", {unit::closed()}).result.unanswered);
}

TEST(player, stops_where_the_verdict_falls) {
  const played result = play_steps("MUST", "C: A\nS: 250\nC: B\nS: 250\n", {greeting, refused, ok});
  EXPECT_EQ(result.writes, (std::vector<std::string>{"A\r\n"}));
  EXPECT_EQ(result.used, 2U);
  EXPECT_EQ(result.result.transcript, (std::vector<std::string>{"S: 220 host", "C: A", "S: 550 no"}));
}

TEST(player, consecutive_texts_go_out_in_one_write) {
  const played result = play_steps("MUST", "C: A\nC!: B\nC: {client}{x*3}\nS: 250\nC: last\n", {greeting, ok});
  EXPECT_EQ(result.writes, (std::vector<std::string>{"A\r\nBclient.examplexxx\r\n", "last\r\n"}));
}

TEST(player, separate_writes) {
  const played result = play_steps("MUST", "C: A\nC/2: BCDE{x*2}\nC!/1: y\nC: F\nS: 250\n", {greeting, ok});
  EXPECT_EQ(result.writes, (std::vector<std::string>{"A\r\n", "BC", "DE", "xx", "\r\n", "y", "F\r\n"}));
}

TEST(player, variables) {
  const played result =
      play_steps("MUST", "C: {client} {sender} {rcpt} {rcpt_local} {rcpt_domain} {unknown} {foreign} {size}\nS: 250\n",
                 {greeting, ok});
  EXPECT_EQ(result.writes.at(0),
            "client.example ann@client.example bob@example.org bob example.org unknown@example.org eve@foreign.example "
            "33554432\r\n");
}

TEST(player, large_texts_go_out_in_bounded_pieces) {
  const played result = play_steps("MUST", "C: {abc*3000000}\nS: 250\n", {greeting, ok});
  std::size_t octets = 0;
  for (const std::string& each : result.writes) {
    EXPECT_LE(each.size(), 64U * 1024U);
    octets += each.size();
  }
  EXPECT_EQ(octets, 9'000'002U);
  ASSERT_EQ(result.result.transcript.size(), 3U);
  EXPECT_LT(result.result.transcript[1].size(), 300U);
  EXPECT_TRUE(result.result.transcript[1].ends_with("... (9000000 octets)"));
}

TEST(player, branches) {
  const std::string steps =
      "C: A\nS: any | closed | silence\nwhen 25z\n  C: ok\nelse\n  when silence | closed\n    C: none\n  else\n    C: "
      "no\n  end\nend\nC: B\nS: 250\n";
  EXPECT_EQ(play_steps("MUST", steps, {greeting, ok, ok}).writes, (std::vector<std::string>{"A\r\n", "ok\r\nB\r\n"}));
  EXPECT_EQ(play_steps("MUST", steps, {greeting, refused, ok}).writes,
            (std::vector<std::string>{"A\r\n", "no\r\nB\r\n"}));
  EXPECT_EQ(play_steps("MUST", steps, {greeting, unit::silence(), ok}).writes,
            (std::vector<std::string>{"A\r\n", "none\r\nB\r\n"}));
}

TEST(player, extra_reply_instead_of_silence) {
  const outcome result =
      play_steps("MUST", "C: A\nS: 250\nS: silence\n", {greeting, unit::reply("250 a\r\n250 b\r\n")}).result;
  EXPECT_EQ(result.result, verdict::fail);
  EXPECT_EQ(result.reason, "expected silence, got 250");
}

TEST(player, replies_may_hold_utf8_once_smtputf8_was_said) {
  const unit utf8 = unit::reply("250 \xc3\xa9\r\n");
  const auto verdict_of = [&](const std::string& said) {
    const outcome result = play_steps("MUST", said + "\nS: 250, parses as Reply-line\n", {greeting, utf8}).result;
    EXPECT_EQ(result.deviations.empty(), result.result == verdict::pass) << said;
    return result.result;
  };
  EXPECT_EQ(verdict_of("C: MAIL FROM:<a@b>"), verdict::fail);
  EXPECT_EQ(verdict_of("C: MAIL FROM:<a@b> smtpUTF8"), verdict::pass);
  EXPECT_EQ(verdict_of("C!/3: MAIL FROM:<a@b> SMTPUTF8\\r\\n"), verdict::pass);
}

TEST(player, base64_and_what_the_transcript_conceals) {
  const played result = play_steps(
      "MUST", "C: AUTH PLAIN {base64:\\0{user}\\0{password}}\nC: {base64:{user}} {password}\nS: 250\n", {greeting, ok});
  EXPECT_EQ(result.writes, (std::vector<std::string>{"AUTH PLAIN AHVzZXIAc2VjcmV0\r\ndXNlcg== secret\r\n"}));
  EXPECT_EQ(result.result.transcript, (std::vector<std::string>{"S: 220 host", "C: AUTH PLAIN (a password)",
                                                                "C: dXNlcg== (a password)", "S: 250 ok"}));
}

TEST(player, handshake) {
  const std::string steps = "C: STARTTLS\nS?: 220\ntls:\nC: NOOP\nS: 250\n";
  const unit ready = unit::reply("220 go\r\n");
  EXPECT_EQ(play_steps("MUST", steps, {greeting, ready, unit::tls(), ok}).result.result, verdict::pass);
  const outcome none = play_steps("MUST", steps, {greeting, ready, unit::silence(), ok}).result;
  EXPECT_EQ(none.result, verdict::fail);
  EXPECT_EQ(none.reason, "expected TLS, got no TLS (not in the script)");
  const outcome assumed = play_steps("MUST", "C: x\ntls?:\nS: 250\n", {greeting, unit::silence()}).result;
  EXPECT_EQ(assumed.result, verdict::error);
  // What came with the reply in clear would be read as if it had come in TLS.
  const outcome injected =
      play_steps("MUST", steps, {greeting, unit::reply("220 go\r\n250 evil\r\n"), unit::tls()}).result;
  EXPECT_EQ(injected.reason, "expected TLS, got no TLS (more than the reply came in clear)");
}

// ---- what comes before a case

played play_prepared(const std::string& text, const environment& values, std::vector<unit> script) {
  const auto cases = cases_of(text);
  script_transport wire(std::move(script));
  outcome result = play(cases.at(0), wire, values, {});
  return {std::move(result), wire.writes(), wire.used()};
}

TEST(preparation, of_tls) {
  environment values = test::full_environment();
  values.set_offered(offer{"STARTTLS"});
  const std::string in_tls = "== a/1/x MUST both\n x\nrequires TLS\nC: NOOP\nS: 250\n";
  EXPECT_EQ(values.missing(cases_of(in_tls).at(0)), "the target does not offer STARTTLS");
  values.set_offered_in_tls(std::nullopt, "why not");
  EXPECT_EQ(values.missing(cases_of(in_tls).at(0)), "why not");
  values.set_offered_in_tls(offer{"AUTH PLAIN", "SIZE"});
  EXPECT_EQ(values.missing(cases_of(in_tls).at(0)), std::nullopt);
  const std::vector<std::string> writes{"EHLO client.example\r\n", "STARTTLS\r\n", "NOOP\r\n"};
  EXPECT_EQ(play_prepared(in_tls, values, {greeting, ok, unit::reply("220 go\r\n"), unit::tls(), ok}).writes, writes);
  const played failed = play_prepared(in_tls, values, {greeting, ok, unit::reply("454 no\r\n")});
  EXPECT_EQ(failed.result.result, verdict::error);
  EXPECT_EQ(failed.result.reason, "set-up: expected 220 to STARTTLS, got 454");
}

TEST(preparation, where_cases_are_played) {
  environment values = test::full_environment();
  values.set_offered(offer{"STARTTLS", "SIZE", "AUTH PLAIN"});
  const auto in_tls = [&](const std::string& lines) {
    return values.played_in_tls(cases_of("== a/1/x MUST both\n x\n" + lines + "S: any\n").at(0));
  };
  EXPECT_FALSE(in_tls("requires TLS\nC: x\n"));
  values.set_offered_in_tls(offer{"SIZE", "AUTH PLAIN", "REQUIRETLS"});
  EXPECT_TRUE(in_tls("requires TLS\nC: x\n"));
  EXPECT_TRUE(in_tls("requires REQUIRETLS\nC: x\n"));
  EXPECT_TRUE(in_tls("requires AUTH\nC: {password}\n"));
  EXPECT_FALSE(in_tls("requires AUTH\nrequires SIZE\nC: x\n"));
  EXPECT_FALSE(in_tls("requires DSN\nC: x\n"));
  EXPECT_FALSE(in_tls("requires STARTTLS\nC: {password}\n"));
  values.set_always_tls();
  EXPECT_TRUE(in_tls("C: x\n"));
  EXPECT_EQ(values.missing(cases_of("== a/1/x MUST both\n x\nS: 220\n").at(0)),
            "it is about the greeting, which comes before STARTTLS");
}

TEST(preparation, of_submission) {
  environment values = test::full_environment(postel::service::submission);
  values.set_offered(offer{"AUTH PLAIN"});
  const std::string mail = "== a/1/x MUST both\n x\nC: {hello} {client}\nS: 250\n";
  const played good = play_prepared(mail, values, {greeting, ok, unit::reply("235 ok\r\n"), ok});
  EXPECT_EQ(good.result.result, verdict::pass) << good.result.reason;
  EXPECT_EQ(good.writes, (std::vector<std::string>{"EHLO client.example\r\n", "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n",
                                                   "EHLO client.example\r\n"}));
  const std::string about_auth = "== a/1/x MUST both\n x\nrequires AUTH\nC: {hello} {client}\nS: 250\n";
  EXPECT_EQ(play_prepared(about_auth, values, {greeting, ok}).writes,
            (std::vector<std::string>{"EHLO client.example\r\n"}));
  EXPECT_NE(values.missing(cases_of("== a/1/x MUST both\n x\nC: NOOP\nS: 250\n").at(0)), std::nullopt);
}

TEST(preparation, which_cases_suit_a_target) {
  const auto cases = cases_of(
      "== a/1/a MUST server\n x\nS: any\n== a/1/b MUST submission\n x\nS: any\n== a/1/c MUST lmtp\n x\nS: any\n"
      "== a/1/d MUST both\n x\nS: any\n== a/1/e MUST client\n x\nC: any\n");
  const auto suited = [&](postel::service protocol) {
    std::string names;
    for (const test_case& each : cases)
      if (environment(protocol).suits(each)) names += each.short_name();
    return names;
  };
  EXPECT_EQ(suited(postel::service::smtp), "ad");
  EXPECT_EQ(suited(postel::service::submission), "abd");
  EXPECT_EQ(suited(postel::service::lmtp), "cd");
  EXPECT_EQ(environment(postel::service::lmtp).get(variable::hello), "LHLO");
}

TEST(player, what_a_case_lacks) {
  const auto missing = [](const std::string& lines, const environment& values) {
    const auto cases = cases_of("== rfc5321/1/x MUST server\n x\n" + lines + "S: any\n");
    return values.missing(cases.at(0)).value_or("none");
  };
  environment values;
  values.set(variable::client, "client.example");
  values.set_recipient("Postmaster");
  EXPECT_EQ(missing("C: {client} {rcpt} {rcpt_local}\n", values), "none");
  EXPECT_EQ(missing("C: {rcpt_domain}\n", values), "needs --rcpt LOCAL@DOMAIN");
  EXPECT_EQ(missing("C: {unknown}\n", values), "needs --unknown ADDRESS");
  EXPECT_EQ(missing("C: {foreign}\n", values), "needs --foreign ADDRESS");
  EXPECT_EQ(missing("C: {size}\n", values), "the target announces no SIZE limit");
  EXPECT_EQ(missing("S?: any\nwhen any\n  C: {unknown}\nend\n", values), "needs --unknown ADDRESS");
  EXPECT_EQ(missing("C: {user}\n", values), "needs --user NAME");
  EXPECT_EQ(missing("C: {base64:{password}}\n", values), "needs --password PASSWORD");
  EXPECT_EQ(missing("C: {hold_for}\n", values), "the target does not offer FUTURERELEASE");
  EXPECT_EQ(missing("requires SIZE\n", values), "needs SIZE, and EHLO is not accepted");
  values.set_offered(offer{"Size", "PIPELINING"});
  EXPECT_EQ(missing("requires SIZE\nrequires pipelining\n", values), "none");
  EXPECT_EQ(missing("requires SIZE\nrequires DSN\n", values), "the target does not offer DSN");
  values.set_recipient("\"a b\"@x.example");
  EXPECT_EQ(values.get(variable::rcpt_local), "\"a b\"");
  EXPECT_EQ(values.get(variable::rcpt_domain), "x.example");
}

TEST(probe, what_a_target_tells) {
  script_transport wire(
      {greeting, unit::reply("250-host hello\r\n250-SIZE 1000\r\n250-bad_keyword\r\n250 PIPELINING\r\n"), ok});
  const probed told = probe(wire, {});
  EXPECT_EQ(told.untestable, std::nullopt);
  EXPECT_EQ(told.offered, (offer{"SIZE 1000", "bad_keyword", "PIPELINING"}));
  EXPECT_EQ(told.offered_in_tls, std::nullopt);
  ASSERT_EQ(told.deviations.size(), 1U);
  EXPECT_EQ(told.deviations[0].deviation, "octet 38: expected CRLF (RFC 5321 §2.3.8)");
  environment values;
  told.tell(values);
  EXPECT_EQ(values.get(variable::size), "1000");
}

// RFC 5321 4.2: the greeting counts, and so does all that is offered. What is wrong with them is told once each.
TEST(probe, a_target_whose_text_is_outside_of_the_grammar) {
  script_transport wire(
      {unit::reply("220 bo\xEEte\r\n"),
       unit::reply("250-bo\xEEte\r\n250-STARTTLS \r\n250-SIZE  1000\t\r\n250-AUTH=PLAIN\r\n250 AUTH PLAIN A.B \r\n"),
       unit::reply("454 \a\r\n"), ok});
  const probed told = probe(wire, {});
  EXPECT_EQ(told.untestable, std::nullopt);
  EXPECT_EQ(told.offered, (offer{"STARTTLS", "SIZE 1000", "AUTH=PLAIN", "AUTH PLAIN A.B"}));
  EXPECT_EQ(told.why_no_tls, "the target answers 454 to STARTTLS");
  std::vector<std::string> all;
  for (const observation& each : told.deviations) all.push_back(each.octets.substr(0, 3) + " " + each.deviation);
  EXPECT_EQ(all, (std::vector<std::string>{"220 octet 6: expected a reply's text (RFC 5321 §4.2 textstring)",
                                           "454 octet 4: expected a reply's text (RFC 5321 §4.2 textstring)",
                                           "250 octet 6: expected ASCII, or an internationalized address with SMTPUTF8 "
                                           "(RFC 6531 §3.3)"}));
  environment values;
  told.tell(values);
  EXPECT_EQ(values.get(variable::size), "1000");
}

TEST(probe, what_a_target_tells_in_tls) {
  const unit first = unit::reply("250-host\r\n250 STARTTLS\r\n");
  const unit second = unit::reply("250-host\r\n250-SIZE 7\r\n250 FUTURERELEASE 60 2030-01-01T00:00:00Z\r\n");
  script_transport wire({greeting, first, unit::reply("220 go\r\n"), unit::tls(), second, ok});
  const probed told = probe(wire, {});
  EXPECT_EQ(told.offered, (offer{"STARTTLS"}));
  EXPECT_EQ(told.offered_in_tls, (offer{"SIZE 7", "FUTURERELEASE 60 2030-01-01T00:00:00Z"}));
  environment values;
  told.tell(values);
  EXPECT_EQ(values.get(variable::size), "7");
  EXPECT_EQ(values.get(variable::hold_for), "60");

  environment always;
  always.set_always_tls();
  script_transport refusing({greeting, first, unit::reply("454 no\r\n"), ok});
  EXPECT_EQ(probe(refusing, {}, always).untestable, "the target answers 454 to STARTTLS");
  script_transport failing({greeting, first, unit::reply("220 go\r\n"), unit::silence(), ok});
  EXPECT_EQ(probe(failing, {}).why_no_tls, "the target makes no handshake after STARTTLS: not in the script");
  script_transport without({greeting, ok, ok});
  EXPECT_EQ(probe(without, {}, always).untestable, "it does not offer STARTTLS");
}

TEST(probe, no_size_limit) {
  for (const std::string line : {"SIZE", "SIZE 0", "SIZE x", "XSIZE 5"}) {
    script_transport wire({greeting, unit::reply("250-host\r\n250 " + line + "\r\n"), ok});
    environment values;
    probe(wire, {}).tell(values);
    EXPECT_EQ(values.get(variable::size), std::nullopt) << line;
  }
}

TEST(probe, ehlo_refused) {
  const unit unknown = unit::reply("502 no\r\n");
  script_transport wire({greeting, unknown, unknown, ok});
  const probed told = probe(wire, {});
  EXPECT_EQ(told.untestable, std::nullopt);
  EXPECT_EQ(told.offered, std::nullopt);
}

TEST(probe, untestable_targets) {
  const auto why = [](unit first) {
    script_transport wire({std::move(first)});
    return probe(wire, {}).untestable.value_or("none");
  };
  EXPECT_EQ(why(unit::closed()), "it closes the connection at once");
  EXPECT_EQ(why(unit::silence()), "no greeting within 5000 ms");
  EXPECT_EQ(why(unit::reply("554 no\r\n")), "its greeting is not 220: 554");
  EXPECT_EQ(why(unit::reply("SSH-2.0\r\n")).substr(0, 41), "its greeting is not 220: malformed reply ");
}

} // namespace
