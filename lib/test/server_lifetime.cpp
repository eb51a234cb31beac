// The ends of a server session, and its answers, in every state that it can be in.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;
using state = server::state;

policy everything(service protocol = service::smtp) {
  policy rules;
  rules.protocol = protocol;
  for (const extension e : server::supported) rules.offer.insert(e);
  rules.offer.erase(extension::pipelining);
  rules.auth_in_clear = true;
  return rules;
}

constexpr std::string_view ehlo = "EHLO c\r\n";
constexpr std::string_view mail = "MAIL FROM:<>\r\n";
constexpr std::string_view rcpt = "RCPT TO:<b@d>\r\n";

// Plays input; every decision is answered positively but the last one, which is left if owing is set.
server at(const policy& rules, const std::string& input, bool owing) {
  server session(rules);
  std::string out;
  EXPECT_TRUE(session.open(out));
  for (std::size_t used = 0;;) {
    const server_step step = session.next(std::string_view(input).substr(used), out);
    used += step.used;
    if (step.idle() || (owing && session.pending_answers() != 0 && used == input.size())) break;
    if (session.pending_answers() != 0) {
      EXPECT_TRUE(session.accept(out));
    }
  }
  EXPECT_EQ(session.pending_answers() != 0, owing) << input;
  return session;
}

struct place {
  std::string name;
  server session;
  state in;
  timeout clock;
  bool message_under_way;
};

// A session in every state, and in every decision.
std::vector<place> places(const policy& rules) {
  const std::string sender = std::string(ehlo) + std::string(mail), recipients = sender + std::string(rcpt);
  const std::string greeting = std::string(ehlo);
  std::vector<place> all;
  const auto add = [&](const std::string& name, const server& s, state in, timeout clock, bool under_way = false) {
    all.push_back({name, s, in, clock, under_way});
  };
  constexpr timeout none = timeout::none, runs = timeout::server;
  add("unopened", server(rules), state::unopened, none);
  server declined(rules);
  std::string out;
  EXPECT_TRUE(declined.decline({554, "no"}, out));
  add("declined", declined, state::declined, runs);
  add("greeted", at(rules, "", false), state::greeted, runs);
  add("ready", at(rules, greeting, false), state::ready, runs);
  add("sender", at(rules, sender, false), state::sender, runs);
  add("recipients", at(rules, recipients, false), state::recipients, runs);
  add("message", at(rules, recipients + "DATA\r\nx", false), state::message, runs, true);
  add("in a chunk", at(rules, recipients + "BDAT 10\r\nx", false), state::chunks, runs, true);
  add("between chunks", at(rules, recipients + "BDAT 0\r\n", false), state::chunks, runs, true);
  server failed = at(rules, recipients + "BDAT 1\r\nx", true);
  EXPECT_TRUE(failed.answer({452, "full"}, out));
  add("failed", failed, state::failed, runs);
  server auth = at(rules, greeting + "AUTH PLAIN\r\n", true);
  add("EHLO owed", at(rules, greeting, true), state::greeted, none);
  add("AUTH owed", auth, state::ready, none);
  EXPECT_TRUE(auth.challenge("", out));
  add("auth", auth, state::auth, runs);
  add("STARTTLS owed", at(rules, greeting + "STARTTLS\r\n", true), state::ready, none);
  add("tls", at(rules, greeting + "STARTTLS\r\n", false), state::tls, none);
  add("MAIL owed", at(rules, sender, true), state::ready, none);
  add("RCPT owed", at(rules, recipients, true), state::sender, none);
  add("DATA owed", at(rules, recipients + "DATA\r\n", true), state::recipients, none);
  add("chunk owed", at(rules, recipients + "BDAT 1\r\nx", true), state::chunks, none, true);
  add("message_end owed", at(rules, recipients + "DATA\r\n.\r\n", true), state::message, none, true);
  add("message_end owed behind BDAT", at(rules, recipients + "BDAT 1 LAST\r\nx", true), state::chunks, none, true);
  add("BURL owed", at(rules, recipients + "BURL imap:x LAST\r\n", true), state::recipients, none);
  add("VRFY owed", at(rules, greeting + "VRFY x\r\n", true), state::ready, none);
  add("EXPN owed", at(rules, greeting + "EXPN x\r\n", true), state::ready, none);
  add("HELP owed", at(rules, greeting + "HELP\r\n", true), state::ready, none);
  add("ETRN owed", at(rules, greeting + "ETRN d\r\n", true), state::ready, none);
  return all;
}

TEST(server_lifetime, deadlines) {
  const policy rules = everything();
  std::map<state, int> seen;
  for (const place& p : places(rules)) {
    SCOPED_TRACE(p.name);
    EXPECT_EQ(p.session.current_state(), p.in);
    EXPECT_EQ(p.session.deadline(), p.clock);
    ++seen[p.in];
  }
  EXPECT_EQ(seen.size(), 11U) << "every state but closed";
  EXPECT_GE(minimum(timeout::server), std::chrono::minutes(5));
}

// However it ends, it ends once, says so once, and does nothing more.
void expect_over(server& session) {
  std::string out;
  EXPECT_TRUE(session.closed());
  EXPECT_EQ(session.deadline(), timeout::none);
  EXPECT_EQ(session.pending_answers(), 0U);
  for (const std::string_view unread : {"", "NOOP\r\n", "x\r\n.\r\n"}) {
    const server_step step = session.next(unread, out);
    ASSERT_TRUE(std::holds_alternative<event::wait>(step.event));
    EXPECT_EQ(std::get<event::wait>(step.event).until, event::wait::reason::over);
    EXPECT_EQ(step.used, 0U);
  }
  EXPECT_FALSE(session.accept(out));
  EXPECT_FALSE(session.answer({421, "x"}, out));
  EXPECT_FALSE(session.challenge("x", out));
  EXPECT_FALSE(session.open(out));
  EXPECT_FALSE(session.decline({554, "x"}, out));
  EXPECT_FALSE(session.tls_started());
  session.timed_out(out);
  session.shut_down(out);
  EXPECT_FALSE(session.peer_closed());
  EXPECT_EQ(out, "");
  EXPECT_TRUE(session.closed());
}

TEST(server_lifetime, a_timeout_or_a_shutdown_ends_it_everywhere) {
  const policy rules = everything();
  for (const bool timeout : {true, false})
    for (place p : places(rules)) {
      SCOPED_TRACE(p.name);
      std::string out;
      timeout ? p.session.timed_out(out) : p.session.shut_down(out);
      EXPECT_TRUE(out.starts_with("421 ")) << out;
      EXPECT_EQ(out.find("\r\n"), out.size() - 2);
      expect_over(p.session);
    }
}

TEST(server_lifetime, a_client_that_closes_ends_it_everywhere) {
  const policy rules = everything();
  int under_way = 0;
  for (place p : places(rules)) {
    SCOPED_TRACE(p.name);
    EXPECT_EQ(p.session.peer_closed(), p.message_under_way);
    under_way += p.message_under_way ? 1 : 0;
    expect_over(p.session);
  }
  EXPECT_EQ(under_way, 6);
}

// Answers ------------------------------------------------------------------------------------------------------------------

struct positive {
  std::set<int> codes;
  int accepted; // what accept() answers
};

// RFC 5321 4.3.2 and the extensions, a second time.
const std::map<decision, positive> positives = {
    {decision::helo, {{250}, 250}},
    {decision::ehlo, {{250}, 250}},
    {decision::lhlo, {{250}, 250}},
    {decision::starttls, {{220}, 220}}, // RFC 3207 4
    {decision::auth, {{235}, 235}},     // RFC 4954 6
    {decision::sender, {{250}, 250}},
    {decision::recipient, {{250, 251}, 250}},
    {decision::data, {{354}, 354}},
    {decision::chunk, {{250}, 250}}, // RFC 3030 2
    {decision::burl, {{250}, 250}},  // RFC 4468 3
    {decision::message_end, {{250}, 250}},
    {decision::verify, {{250, 251, 252}, 252}},
    {decision::expand, {{250, 252}, 252}},
    {decision::help, {{211, 214}, 214}},
    {decision::etrn, {{250, 251, 252, 253}, 250}}, // RFC 1985 5.3
};

std::vector<server> decisions(const policy& smtp, const policy& lmtp) {
  std::vector<server> all;
  for (const place& p : places(smtp))
    if (p.session.pending_answers() != 0) all.push_back(p.session);
  all.push_back(at(smtp, "HELO c\r\n", true));
  all.push_back(at(lmtp, "LHLO c\r\n", true));
  return all;
}

TEST(server_lifetime, only_the_codes_of_a_command_answer_it) {
  const policy smtp = everything(), lmtp = everything(service::lmtp);
  std::set<decision> seen;
  for (const server& asked : decisions(smtp, lmtp)) {
    SCOPED_TRACE(static_cast<int>(asked.pending()));
    const positive& allowed = positives.at(asked.pending());
    seen.insert(asked.pending());
    for (std::uint16_t code = 0; code < 1000; ++code) {
      server session = asked;
      std::string out = "before";
      const bool taken = session.answer({code, "text"}, out).has_value();
      ASSERT_EQ(taken, allowed.codes.contains(code) || (code >= 400 && code < 560 && code % 100 < 60)) << code;
      if (taken) {
        ASSERT_TRUE(out.starts_with("before" + std::to_string(code))) << out;
        ASSERT_EQ(session.closed(), code == 421);
      } else {
        ASSERT_EQ(out, "before") << code;
        ASSERT_EQ(session.pending(), asked.pending());
        ASSERT_EQ(session.current_state(), asked.current_state());
      }
    }
    server session = asked;
    std::string out;
    ASSERT_TRUE(session.accept(out));
    EXPECT_EQ(out.substr(0, 3), std::to_string(allowed.accepted));
    // Challenges are AUTH's alone.
    session = asked;
    EXPECT_EQ(session.challenge("x", out).has_value(), asked.pending() == decision::auth);
  }
  EXPECT_EQ(seen.size(), positives.size());
}

TEST(server_lifetime, an_answer_that_can_not_be_written_does_nothing) {
  const policy smtp = everything(), lmtp = everything(service::lmtp);
  for (const server& asked : decisions(smtp, lmtp)) {
    SCOPED_TRACE(static_cast<int>(asked.pending()));
    const auto good = static_cast<std::uint16_t>(*positives.at(asked.pending()).codes.begin());
    for (const std::uint16_t code : {good, std::uint16_t{550}})
      for (const std::string_view text :
           {std::string_view("a\r\nb"), std::string_view("a\rb"), std::string_view("\r"), std::string_view("\0", 1),
            std::string_view("\x7f"), std::string_view("caf\xc3\xa9"), std::string_view("\x1b[2J")}) {
        // ehlo-greet holds all of ASCII but CR and LF (RFC 5321 4.1.1.1).
        const bool greet = code == 250 && (asked.pending() == decision::ehlo || asked.pending() == decision::lhlo);
        if (greet && text.find('\r') == std::string_view::npos && !has_non_ascii(text)) continue;
        server session = asked;
        std::string out = "before";
        ASSERT_FALSE(session.answer({code, text}, out)) << testing::PrintToString(text);
        ASSERT_EQ(out, "before");
        ASSERT_EQ(session.pending(), asked.pending());
        ASSERT_TRUE(session.accept(out));
      }
    for (const enhanced_status_code status : {enhanced_status_code{2, 0, 0}, enhanced_status_code{4, 0, 0},
                                              enhanced_status_code{5, 1000, 0}, enhanced_status_code{5, 0, 1000}}) {
      if (asked.pending() == decision::helo || asked.pending() == decision::ehlo || asked.pending() == decision::lhlo)
        continue; // these replies have none (RFC 2034 4)
      server session = asked;
      std::string out;
      EXPECT_FALSE(session.answer({550, "class or number differs", status}, out));
      EXPECT_EQ(out, "");
    }
  }
}

// An answer may take its time: nothing is read before, and what was read with the command comes after.
TEST(server_lifetime, an_answer_may_come_late) {
  const policy smtp = everything(), lmtp = everything(service::lmtp);
  for (server session : decisions(smtp, lmtp)) {
    SCOPED_TRACE(static_cast<int>(session.pending()));
    std::string out;
    for (int i = 0; i < 3; ++i) {
      const server_step step = session.next("NOOP\r\n", out);
      ASSERT_TRUE(std::holds_alternative<event::wait>(step.event));
      EXPECT_EQ(std::get<event::wait>(step.event).until, event::wait::reason::answer);
      EXPECT_EQ(step.used, 0U);
    }
    EXPECT_EQ(out, "");
    EXPECT_EQ(session.deadline(), timeout::none);
    const bool text = session.pending() == decision::data;
    const bool tls = session.pending() == decision::starttls;
    ASSERT_TRUE(session.accept(out));
    if (tls) continue;
    const server_step step = session.next("NOOP\r\n", out);
    EXPECT_EQ(std::holds_alternative<event::noop>(step.event), !text);
    EXPECT_EQ(std::holds_alternative<event::body>(step.event), text);
  }
}

TEST(server_lifetime, a_copy_goes_on_by_itself) {
  const policy rules = everything();
  server one = at(rules, std::string(ehlo) + std::string(mail) + std::string(rcpt), false);
  server two = one;
  std::string out;
  EXPECT_TRUE(std::holds_alternative<event::data>(one.next("DATA\r\n", out).event));
  EXPECT_TRUE(std::holds_alternative<event::reset>(two.next("RSET\r\n", out).event));
  EXPECT_EQ(one.pending(), decision::data);
  EXPECT_EQ(two.current_state(), state::ready);
}

// take_steps() is the loop over next(): the same events, the same replies, and what is done with is dropped.
TEST(server_lifetime, take_steps_goes_as_far_as_next_goes) {
  policy rules = everything();
  rules.limit.output = 64;
  server session(rules);
  std::string out, unread;
  EXPECT_TRUE(session.open(out));
  std::vector<std::size_t> events;
  bool decides = true;
  const auto play = [&](std::string_view octets) {
    unread += octets;
    return take_steps(session, unread, out, [&](const server_event& what) {
      events.push_back(what.index());
      if (decides && session.pending_answers() != 0) {
        EXPECT_TRUE(session.accept(out));
      }
    });
  };
  using reason = event::wait::reason;
  out.clear();
  EXPECT_EQ(play("HELO c\r\nNOOP\r\nNO"), std::nullopt) << "needs more";
  EXPECT_EQ(unread, "NO");
  EXPECT_EQ(out, "250 localhost\r\n250 2.0.0 OK\r\n");
  EXPECT_EQ(play("OP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"), reason::output) << "out is full";
  EXPECT_EQ(out.size(), 15U + 4 * 14U);
  EXPECT_EQ(unread, "NOOP\r\nNOOP\r\n") << "is kept";
  out.clear();
  EXPECT_EQ(play(""), std::nullopt);
  EXPECT_EQ(unread, "");
  decides = false;
  EXPECT_EQ(play("MAIL FROM:<>\r\nRCPT TO:<b@d>\r\n"), reason::answer);
  EXPECT_EQ(unread, "RCPT TO:<b@d>\r\n") << "nothing behind a decision is touched";
  EXPECT_EQ(play(""), reason::answer);
  EXPECT_TRUE(session.accept(out));
  EXPECT_EQ(play(""), reason::answer);
  EXPECT_EQ(session.pending(), decision::recipient);
  EXPECT_TRUE(session.accept(out));
  EXPECT_EQ(play("QUIT\r\nNOOP\r\n"), reason::over);
  EXPECT_EQ(unread, "NOOP\r\n");
  const auto index = [](const server_event& e) { return e.index(); };
  std::vector<std::size_t> expected{index(event::hello{})};
  expected.insert(expected.end(), 6, index(event::noop{}));
  expected.insert(expected.end(), {index(event::sender{}), index(event::recipient{}), index(event::quit{})});
  EXPECT_EQ(events, expected);
}

} // namespace
