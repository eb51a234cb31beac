// What is tried before the cases: settings that the target does not take, and targets that are something else.
#include "play/preflight.hpp"

#include <gtest/gtest.h>

#include "answering_target.hpp"
#include "cases.hpp"
#include "run/run.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
using postel::service;
using line = answering_target::line;

// A good server, but for what a test says of some of its answers: an empty one stands for the good one.
answering_target::behaviour good_but(answering_target::answers special, std::string keywords = {}) {
  answering_target::behaviour wanted;
  wanted.answer = [special = std::move(special), keywords = std::move(keywords)](const line& said) -> std::string {
    if (std::string other = special(said); !other.empty()) return other;
    if (said.text.starts_with("EHLO")) return "250-host\r\n" + keywords + "250 SIZE\r\n";
    if (said.text.starts_with("LHLO")) return "500 5.5.1 what?\r\n";
    if (said.text.starts_with("STARTTLS")) return "220 go\r\n";
    if (said.text.starts_with("AUTH")) return "235 2.7.0 welcome\r\n";
    return "250 ok\r\n";
  };
  return wanted;
}

// Gives a reply to a line that begins so.
answering_target::answers to(std::string beginning, std::string reply) {
  return [=](const line& said) { return said.text.starts_with(beginning) ? reply : ""; };
}

const std::string mail_case =
    "== a/1/mail MUST both\n x\nC: {hello} {client}\nS: 250\nC: MAIL FROM:<{sender}>\nS: 250\nC: RCPT TO:<{rcpt}>\nS: "
    "250\n";
const std::string noop_case = "== a/1/noop MUST both\n x\nC: NOOP\nS: 250\n";
const std::string auth_case =
    "== a/1/auth MUST both\n x\nrequires AUTH\nC: {hello} {client}\nS: 250\nC: AUTH X {base64:{user} {password}}\nS: "
    "235\n";

run_result run(answering_target& peer, const std::string& cases, environment values = full_environment()) {
  return run_cases(cases_of(cases), peer, std::move(values), {});
}
run_result run(answering_target::behaviour wanted, const std::string& cases, environment values = full_environment()) {
  answering_target peer(std::move(wanted));
  return run(peer, cases, std::move(values));
}

TEST(preflight, a_good_target) {
  const run_result result = run(good_but(to("x", "")), mail_case + noop_case);
  EXPECT_EQ(result.untestable, std::nullopt);
  EXPECT_EQ(result.count(verdict::pass), 2U);
  EXPECT_TRUE(result.any_verdict());
}

TEST(preflight, recipient_refused) {
  const auto no = [](const std::string& reply) { return good_but(to("RCPT", reply)); };
  EXPECT_EQ(run(no("550 5.1.1 no such mailbox\r\n"), mail_case).untestable,
            "your recipient was refused: 550 5.1.1 no such mailbox; name another with --rcpt");
  EXPECT_EQ(run(no("450-4.7.1 grey\r\n450 4.7.1 listed\r\n"), mail_case).untestable,
            "your recipient was refused for now: 450-4.7.1 grey / 450 4.7.1 listed; name another with --rcpt");
  EXPECT_TRUE(run(no("550 no\r\n"), mail_case).outcomes.empty());
  environment values = full_environment();
  values.set_recipient("Postmaster");
  EXPECT_EQ(run(no("550 no\r\n"), mail_case, values).untestable,
            "your recipient was refused: 550 no; every server has to take Postmaster (RFC 5321 4.5.1); name another "
            "with --rcpt");
  // What the cases do not say is not asked for.
  EXPECT_EQ(run(no("550 no\r\n"), noop_case).count(verdict::pass), 1U);
}

TEST(preflight, sender_refused) {
  EXPECT_EQ(run(good_but(to("MAIL", "553 5.7.1 not yours\r\n")), mail_case).untestable,
            "your sender was refused: 553 5.7.1 not yours; name another with --sender");
  EXPECT_EQ(run(good_but(to("MAIL", "530 5.7.0 who are you?\r\n")), mail_case).untestable,
            "your sender was refused: 530 5.7.0 who are you?; try --submission with --user and a password");
  environment values(service::submission);
  values.set(variable::client, "client.example");
  values.set(variable::sender, "ann@client.example");
  values.set_recipient("bob@example.org");
  EXPECT_EQ(run(good_but(to("MAIL", "530 5.7.0 who are you?\r\n")), mail_case, values).untestable,
            "your sender was refused: 530 5.7.0 who are you?; give --user and a password");
}

// What is the target's own fault is for the cases to say.
TEST(preflight, faults_of_the_target_are_left_to_the_cases) {
  for (const std::string reply : {"500 what?\r\n", "502 no\r\n", "503 no\r\n", "250-a\r\n550 b\r\n", "no reply\r\n"}) {
    const run_result result = run(good_but(to("RCPT", reply)), mail_case);
    EXPECT_EQ(result.untestable, std::nullopt) << reply;
    EXPECT_EQ(result.count(verdict::fail), 1U) << reply;
  }
}

TEST(preflight, password_refused) {
  const std::string offered = "250-AUTH PLAIN X\r\n";
  EXPECT_EQ(run(good_but(to("AUTH PLAIN", "535 5.7.8 no\r\n"), offered), auth_case).untestable,
            "your user name or password was refused: 535 5.7.8 no");
  EXPECT_EQ(run(good_but(to("AUTH PLAIN", "454 4.7.0 later\r\n"), offered), auth_case).untestable,
            "your user name or password was refused for now: 454 4.7.0 later");
  EXPECT_EQ(run(good_but(to("x", ""), offered), auth_case).count(verdict::pass), 1U);
  // Not asked for where no case says it.
  EXPECT_EQ(run(good_but(to("AUTH PLAIN", "535 no\r\n"), offered), mail_case).untestable, std::nullopt);
  // LOGIN, where there is no PLAIN.
  const auto login = [](const line& said) -> std::string {
    if (said.text.starts_with("AUTH LOGIN") || said.text == "dXNlcg==") return "334 \r\n";
    return said.text == "c2VjcmV0" ? "535 5.7.8 no\r\n" : "";
  };
  EXPECT_EQ(run(good_but(login, "250-AUTH LOGIN\r\n"), auth_case).untestable,
            "your user name or password was refused: 535 5.7.8 no");
}

// RFC 3207 4: such a server is good, and its cases are played where it takes mail.
TEST(preflight, mail_in_tls_only) {
  const auto demanding = [](const line& said) -> std::string {
    if (said.in_tls) return "";
    const bool taken = said.text.starts_with("EHLO") || said.text.starts_with("STARTTLS") || said.text == "NOOP" ||
                       said.text == "QUIT";
    return taken ? "" : "530 5.7.0 Must issue a STARTTLS command first\r\n";
  };
  // Also those that name nobody, and those before EHLO.
  const std::string others =
      "== a/1/r MUST both\n x\nC: EHLO {client}\nS?: 250\nC: RSET\nS: 250\n== a/1/s MUST both\n x\nC: RSET\nS: 250\n";
  const run_result good = run(good_but(demanding, "250-STARTTLS\r\n"), mail_case + noop_case + others);
  EXPECT_EQ(good.untestable, std::nullopt);
  EXPECT_EQ(good.count(verdict::pass), 4U);
  const auto both = [=](const line& said) -> std::string {
    return said.text.starts_with("RCPT") ? "550 5.1.1 no\r\n" : demanding(said);
  };
  EXPECT_EQ(run(good_but(both, "250-STARTTLS\r\n"), mail_case).untestable,
            "your recipient was refused: 550 5.1.1 no; name another with --rcpt");
}

TEST(preflight, the_other_of_smtp_and_lmtp) {
  EXPECT_EQ(run(good_but(to("x", "")), mail_case, full_environment(service::lmtp)).untestable,
            "it speaks SMTP, not LMTP: it refuses LHLO and takes EHLO; leave --lmtp out");
  const auto lmtp = [](const line& said) -> std::string {
    if (said.text.starts_with("EHLO")) return "500 5.5.1 what?\r\n";
    return said.text.starts_with("LHLO") ? "250 host\r\n" : "";
  };
  EXPECT_EQ(run(good_but(lmtp), mail_case).untestable,
            "it speaks LMTP, not SMTP: it refuses EHLO and takes LHLO; try --lmtp");
  EXPECT_EQ(run(good_but(lmtp), mail_case, full_environment(service::lmtp)).untestable, std::nullopt);
  // One that knows HELO only is none of both.
  EXPECT_EQ(run(good_but(to("EHLO", "502 no\r\n")), noop_case).untestable, std::nullopt);
}

TEST(preflight, connections_limited) {
  const std::string busy = "421 4.7.0 too many connections\r\n";
  const auto from = [&](unsigned first, unsigned last) {
    answering_target::behaviour wanted = good_but(to("x", ""));
    wanted.greeting = [=](unsigned which) { return which >= first && which <= last ? busy : "220 host\r\n"; };
    return wanted;
  };
  const std::string why = "the target limits connections: 421 4.7.0 too many connections";
  EXPECT_EQ(run(from(1, 99), noop_case).untestable, why);
  EXPECT_EQ(run(from(2, 99), mail_case).untestable, why);
  // The probe, the preflight, a case; then no more.
  const run_result cut = run(from(4, 99), mail_case + noop_case + "== a/1/z MUST both\n x\nS: 220\n");
  EXPECT_EQ(cut.untestable, why);
  EXPECT_EQ(cut.count(verdict::pass), 1U);
  EXPECT_EQ(cut.count(verdict::fail), 0U);
  // Once is no limit: the case is played again.
  const run_result once = run(from(3, 3), mail_case + "== a/1/z MUST both\n x\nS: 220\n");
  EXPECT_EQ(once.untestable, std::nullopt);
  EXPECT_EQ(once.count(verdict::pass), 2U);
  EXPECT_EQ(run(from(2, 2), "== a/1/z MUST both\n x\nS: 220\n").count(verdict::pass), 1U);
}

TEST(preflight, transactions_limited) {
  const std::string busy = "421 4.7.0 too much mail\r\n";
  const auto after = [&](unsigned most) {
    return good_but(
        [=](const line& said) { return said.connection > most && said.text.starts_with("MAIL") ? busy : ""; });
  };
  const run_result cut = run(after(3), mail_case + "== a/1/z MUST both\n x\nC: MAIL FROM:<{sender}>\nS: 250\n");
  EXPECT_EQ(cut.untestable, "the target limits connections: 421 4.7.0 too much mail");
  EXPECT_EQ(cut.count(verdict::fail), 0U);
  // A 421 that is about the case, and not about everybody, is the case's.
  const run_result own =
      run(good_but(to("NOOP", "421 4.3.2 no\r\n")), noop_case + "== a/1/z MUST both\n x\nC: RSET\nS: 250\n");
  EXPECT_EQ(own.untestable, std::nullopt);
  EXPECT_EQ(own.count(verdict::fail), 1U);
  EXPECT_EQ(own.count(verdict::pass), 1U);
}

TEST(preflight, other_protocols) {
  const auto greeting = [](const std::string& octets) {
    answering_target::behaviour wanted = good_but(to("x", ""));
    wanted.greeting = [=](unsigned) { return octets; };
    return run(std::move(wanted), noop_case).untestable.value_or("none");
  };
  EXPECT_TRUE(greeting("SSH-2.0-x\r\n").ends_with("; it speaks SSH"));
  EXPECT_TRUE(greeting("* OK IMAP4rev1\r\n").ends_with("; it speaks IMAP"));
  EXPECT_TRUE(greeting("+OK ready\r\n").ends_with("; it speaks POP3"));
  EXPECT_TRUE(greeting("HTTP/1.1 400 Bad Request\r\n").ends_with("; it speaks HTTP"));
}

TEST(preflight, silent_targets) {
  const auto silent = [](bool handshakes, const std::string& reply) {
    answering_target::behaviour wanted = good_but(to("", reply));
    wanted.greeting = [](unsigned) { return ""; };
    wanted.handshakes = handshakes;
    return run(std::move(wanted), noop_case).untestable.value_or("none");
  };
  EXPECT_EQ(silent(true, "x"), "no greeting within 5000 ms; try --tls: it makes a handshake at once");
  EXPECT_EQ(silent(false, "HTTP/1.0 400 Bad Request\r\n"), "no greeting within 5000 ms; it speaks HTTP");
  EXPECT_EQ(silent(false, "x"), "no greeting within 5000 ms");
}

TEST(run, nothing_is_known_where_no_case_came_to_a_verdict) {
  const std::string lost =
      "== a/1/x MUST both\n x\nrequires XYZZY\nS: 220\n== a/1/y MUST both\n x\nC: A\nS?: 500\nS: 2yz\n";
  const run_result nothing = run(good_but(to("x", "")), lost);
  EXPECT_EQ(nothing.count(verdict::skipped), 1U);
  EXPECT_EQ(nothing.count(verdict::error), 1U);
  EXPECT_FALSE(nothing.any_verdict());
  EXPECT_TRUE(run(good_but(to("x", "")), lost + "== a/1/z NOTE both\n x\nS: any\n").any_verdict());
}

} // namespace
