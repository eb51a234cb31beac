#include "player.hpp"

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
  outcome result = play(cases[0], wire, test::full_environment(), {});
  // The case ends here, and so do pointers into it.
  for (checked& each : result.checks) each.expected = nullptr;
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
  EXPECT_EQ(play_steps("MUST", "C: MAIL FROM:<a@b>\nS: 250\n", {greeting, utf8}).result.result, verdict::fail);
  EXPECT_EQ(play_steps("MUST", "C: MAIL FROM:<a@b> smtpUTF8\nS: 250\n", {greeting, utf8}).result.result, verdict::pass);
  EXPECT_EQ(play_steps("MUST", "C!/3: MAIL FROM:<a@b> SMTPUTF8\\r\\n\nS: 250\n", {greeting, utf8}).result.result,
            verdict::pass);
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
  EXPECT_EQ(missing("requires SIZE\n", values), "needs SIZE, and EHLO is not accepted");
  values.set_offered(std::vector<std::string>{"Size", "PIPELINING"});
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
  EXPECT_EQ(told.keywords, (std::vector<std::string>{"SIZE", "PIPELINING"}));
  EXPECT_EQ(told.size, "1000");
}

TEST(probe, no_size_limit) {
  for (const std::string line : {"SIZE", "SIZE 0", "SIZE x", "XSIZE 5"}) {
    script_transport wire({greeting, unit::reply("250-host\r\n250 " + line + "\r\n"), ok});
    EXPECT_EQ(probe(wire, {}).size, std::nullopt) << line;
  }
}

TEST(probe, ehlo_refused) {
  script_transport wire({greeting, unit::reply("502 no\r\n"), ok});
  const probed told = probe(wire, {});
  EXPECT_EQ(told.untestable, std::nullopt);
  EXPECT_EQ(told.keywords, std::nullopt);
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
