#include "postel/client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exact.hpp"

namespace {

using namespace postel;
using postel::test::exact;
using log = std::vector<std::string>;

const client_policy bounds;

std::string text_of(const client_event& e) {
  const auto code = [](const reply_view& r) { return std::to_string(r.code()); };
  if (const auto* g = std::get_if<event::greeted>(&e)) return "greeted " + code(g->reply);
  if (const auto* r = std::get_if<event::replied>(&e)) return std::string(name(r->command)) + " " + code(r->reply);
  if (const auto* m = std::get_if<event::message_replied>(&e)) return "message " + code(m->reply);
  if (const auto* b = std::get_if<event::broken>(&e)) return "broken " + std::string(message(b->code));
  return {};
}

// The events of octets that arrive in pieces of size; what is not used stays in unread.
log receive(client& session, std::string& unread, std::string_view text, std::size_t size) {
  log events;
  for (std::size_t at = 0; at < text.size(); at += size) {
    unread += text.substr(at, size);
    for (;;) {
      const exact input(unread);
      const client_step step = session.next(input);
      if (std::holds_alternative<event::need_more>(step.event)) {
        unread.erase(0, step.used);
        break;
      }
      events.push_back(text_of(step.event));
      unread.erase(0, step.used);
      if (std::holds_alternative<event::broken>(step.event)) return events;
    }
  }
  return events;
}

cmd::mail mail_from(std::string_view local_part, std::string_view domain, std::string_view params = {}) {
  return {{{}, local_part, domain}, parameters(params)};
}
cmd::rcpt rcpt_to(std::string_view local_part, std::string_view domain) {
  return {{{}, local_part, domain}, {}};
}
cmd::ehlo ehlo(std::string_view name) {
  return {{name}};
}

class client_test : public testing::Test {
 protected:
  log replies(std::string_view text) { return receive(session, unread, text, text.size()); }

  // What send() says; what it wrote is in out.
  errc send(const command& what) {
    out.clear();
    const auto written = session.send(what, out);
    EXPECT_EQ(out.size(), written.value_or(std::size_t{0})) << "a refused command wrote something";
    return written ? errc{} : written.error().code;
  }

  void greet(std::string_view keywords) {
    replies("220 s.example ready\r\n");
    ASSERT_EQ(send(ehlo("c.example")), errc{});
    ASSERT_EQ(out, "EHLO c.example\r\n");
    ASSERT_EQ(replies(std::string("250-s.example\r\n").append(keywords)), log{"EHLO 250"});
  }

  client session{bounds};
  std::string unread, out;
};

TEST_F(client_test, delivers_one_message_in_lockstep) {
  EXPECT_EQ(send(ehlo("c.example")), errc::not_now) << "before the greeting";
  greet("250 X-OTHER\r\n");
  EXPECT_EQ(session.offered(), extensions());
  EXPECT_EQ(send(mail_from("ann", "c.example")), errc{});
  EXPECT_EQ(out, "MAIL FROM:<ann@c.example>\r\n");
  EXPECT_EQ(send(rcpt_to("bob", "s.example")), errc::not_now) << "without PIPELINING";
  EXPECT_EQ(replies("250 ok\r\n"), log{"MAIL 250"});
  EXPECT_EQ(send(rcpt_to("bob", "s.example")), errc{});
  EXPECT_EQ(replies("250 ok\r\n"), log{"RCPT 250"});
  EXPECT_EQ(session.send_body("x", out).error().code, errc::not_now);
  EXPECT_EQ(send(cmd::data{}), errc{});
  EXPECT_FALSE(session.in_body());
  EXPECT_EQ(replies("354 go\r\n"), log{"DATA 354"});
  EXPECT_TRUE(session.in_body());
  EXPECT_EQ(send(cmd::rset{}), errc::not_now) << "inside a message";
  out.clear();
  EXPECT_TRUE(session.send_body("Subject: x\r\n\r\n.", out));
  EXPECT_TRUE(session.send_body("\r\n.y", out));
  EXPECT_TRUE(session.end_body(out));
  EXPECT_EQ(out, "Subject: x\r\n\r\n..\r\n..y\r\n.\r\n");
  EXPECT_EQ(session.outstanding(), 1U);
  EXPECT_EQ(send(cmd::quit{}), errc::not_now);
  EXPECT_EQ(replies("250 queued\r\n"), log{"message 250"});
  EXPECT_EQ(session.outstanding(), 0U);
  EXPECT_EQ(send(cmd::quit{}), errc{});
  EXPECT_EQ(replies("221 bye\r\n"), log{"QUIT 221"});
  EXPECT_EQ(send(cmd::noop{}), errc::not_now) << "after QUIT";
}

TEST_F(client_test, a_group_is_sent_at_once_and_its_replies_are_matched_in_order) {
  greet("250 PIPELINING\r\n");
  EXPECT_EQ(send(cmd::rset{}), errc{});
  EXPECT_EQ(send(mail_from("a", "c")), errc{});
  EXPECT_EQ(send(rcpt_to("b", "d")), errc{});
  EXPECT_EQ(send(rcpt_to("c", "d")), errc{});
  EXPECT_EQ(send(cmd::data{}), errc{});
  EXPECT_EQ(send(rcpt_to("e", "d")), errc::not_now) << "DATA is the last of its group (RFC 2920 3.1)";
  EXPECT_EQ(session.outstanding(), 5U);
  EXPECT_EQ(replies("250 a\r\n250 b\r\n550 c\r\n250-d\r\n250 d\r\n354 e\r\n"),
            (log{"RSET 250", "MAIL 250", "RCPT 550", "RCPT 250", "DATA 354"}));
  EXPECT_TRUE(session.in_body());
}

TEST_F(client_test, commands_that_end_a_group) {
  greet("250 PIPELINING\r\n");
  const std::vector<command> last = {ehlo("c"),      cmd::helo{"c"}, cmd::data{}, cmd::vrfy{"x"},
                                     cmd::expn{"x"}, cmd::help{},    cmd::noop{}, cmd::quit{}};
  for (const command& c : last) {
    client fresh(bounds);
    std::string in, written;
    receive(fresh, in, "220 s\r\n", 7);
    ASSERT_TRUE(fresh.send(ehlo("c"), written));
    receive(fresh, in, "250-s\r\n250 PIPELINING\r\n", 50);
    if (verb_of(c) == verb::data) {
      ASSERT_TRUE(fresh.send(mail_from("a", "c"), written));
      ASSERT_TRUE(fresh.send(rcpt_to("b", "d"), written));
    }
    ASSERT_TRUE(fresh.send(c, written)) << name(verb_of(c));
    EXPECT_EQ(fresh.send(cmd::rset{}, written).error().code, errc::not_now) << name(verb_of(c));
  }
}

TEST_F(client_test, the_number_of_outstanding_commands_is_bounded) {
  greet("250 PIPELINING\r\n");
  for (std::size_t i = 0; i < client::max_outstanding; ++i) ASSERT_EQ(send(cmd::rset{}), errc{});
  EXPECT_EQ(send(cmd::rset{}), errc::window_full);
  EXPECT_EQ(replies("250 ok\r\n"), log{"RSET 250"});
  EXPECT_EQ(send(cmd::rset{}), errc{});
}

// RFC 5321 4.5.3.2: the least that a client waits. Which of them runs, the scripts of client_commands.cpp and client_message.cpp say.
TEST(client_timeout, none_is_shorter_than_the_rfc_has_it) {
  using std::chrono::minutes;
  EXPECT_GE(minimum(timeout::greeting), minutes(5));
  EXPECT_GE(minimum(timeout::mail), minutes(5));
  EXPECT_GE(minimum(timeout::rcpt), minutes(5));
  EXPECT_GE(minimum(timeout::data_initiation), minutes(2));
  EXPECT_GE(minimum(timeout::data_block), minutes(3));
  EXPECT_GE(minimum(timeout::data_termination), minutes(10));
  EXPECT_EQ(minimum(timeout::none), minutes(0));
}

TEST_F(client_test, learns_what_is_offered) {
  greet("250-size 1000\r\n250-8BitMime\r\n250-X-OWN with params\r\n250-_odd!\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(session.offered(), (extensions{extension::size, extension::eight_bit_mime, extension::smtputf8}));
  EXPECT_EQ(session.size_limit(), 1000U);
  ASSERT_EQ(send(ehlo("c")), errc{});
  EXPECT_EQ(replies("250-s\r\n250 SIZE 0\r\n"), log{"EHLO 250"});
  EXPECT_EQ(session.size_limit(), std::nullopt) << "0 is no limit (RFC 1870 4)";
  ASSERT_EQ(send(cmd::helo{"c"}), errc{});
  EXPECT_EQ(replies("250 s\r\n"), log{"HELO 250"});
  EXPECT_EQ(session.offered(), extensions());
}

TEST_F(client_test, the_first_line_of_the_response_is_no_keyword) {
  replies("220 s\r\n");
  send(ehlo("c"));
  EXPECT_EQ(replies("250 PIPELINING\r\n"), log{"EHLO 250"});
  EXPECT_EQ(session.offered(), extensions());
}

TEST_F(client_test, needs_an_offer_for_parameters_and_utf8) {
  greet("250 X-OTHER\r\n");
  EXPECT_EQ(send(mail_from("a", "c", "SIZE=1")), errc::not_offered);
  EXPECT_EQ(send(mail_from("a", "c", "BODY=8BITMIME")), errc::not_offered);
  EXPECT_EQ(send(mail_from("a", "c", "SMTPUTF8")), errc::not_offered);
  EXPECT_EQ(send(mail_from("a", "c", "FOO")), errc::not_offered);
  EXPECT_EQ(send(mail_from("\xc3\xa9", "c")), errc::non_ascii_address);
  client rich(bounds);
  std::string in, written;
  receive(rich, in, "220 s\r\n", 7);
  ASSERT_TRUE(rich.send(ehlo("c"), written));
  receive(rich, in, "250-s\r\n250-SIZE\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", 99);
  written.clear();
  EXPECT_TRUE(rich.send(mail_from("\xc3\xa9", "c", "SIZE=1 BODY=8BITMIME SMTPUTF8"), written));
  EXPECT_EQ(written, "MAIL FROM:<\xc3\xa9@c> SIZE=1 BODY=8BITMIME SMTPUTF8\r\n");
}

TEST_F(client_test, an_address_in_utf8_needs_smtputf8_on_mail) {
  greet("250-PIPELINING\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(send(mail_from("\xc3\xa9", "c")), errc::non_ascii_address);
  EXPECT_EQ(send(mail_from("a", "c")), errc{});
  EXPECT_EQ(send(rcpt_to("\xc3\xa9", "c")), errc::non_ascii_address);
  EXPECT_EQ(send(cmd::rset{}), errc{});
  EXPECT_EQ(send(mail_from("a", "c", "SMTPUTF8")), errc{});
  EXPECT_EQ(send(rcpt_to("\xc3\xa9", "c")), errc{});
}

// Each registered parameter: as written where its extension is offered, else refused; a wrong value, and a second one, always.
TEST_F(client_test, every_parameter_needs_its_offer_and_a_right_value) {
  struct row {
    std::string_view keywords; // of EHLO lines, as they are sent
    std::string_view good;
    std::string_view bad; // a wrong value
    bool recipient = false;
  };
  const row rows[] = {
      {"SIZE", "SIZE=10", "SIZE=ten"},
      {"8BITMIME", "BODY=8BITMIME", "BODY=9BIT"},
      {"8BITMIME", "BODY=7BIT", "BODY"},
      {"SMTPUTF8", "SMTPUTF8", "SMTPUTF8=1"},
      {"DSN", "RET=HDRS", "RET=SOME"},
      {"DSN", "ENVID=a+2Bb", "ENVID=a+b"},
      {"AUTH", "AUTH=<>", "AUTH=+"},
      {"DELIVERBY", "BY=120;R", "BY=0;R"},
      {"FUTURERELEASE 86400 2030-01-01T00:00:00Z", "HOLDFOR=60", "HOLDFOR=0"},
      {"FUTURERELEASE 86400 2030-01-01T00:00:00Z", "HOLDUNTIL=2027-01-01T00:00:00Z", "HOLDUNTIL=2027-02-30T00:00:00Z"},
      {"MT-PRIORITY", "MT-PRIORITY=-3", "MT-PRIORITY=10"},
      {"NO-SOLICITING", "SOLICIT=org.example:ADV:ADLT", "SOLICIT=+"},
      {"MTRK", "ENVID=a MTRK=dGVzdA:604800", "ENVID=a MTRK=?"},
      {"MTRK", "MTRK=dGVzdA ENVID=a", "MTRK=dGVzdA"},
      {"PRDR", "PRDR", "PRDR=1"},
      {"CONPERM", "CONPERM", "CONPERM=1"},
      {"CHECKPOINT", "TRANSID=<12@c.example>", "TRANSID=12"},
      {"SUBMITTER", "SUBMITTER=ann@c.example", "SUBMITTER=<>"},
      {"DSN", "NOTIFY=SUCCESS,DELAY", "NOTIFY=NEVER,DELAY", true},
      {"DSN", "ORCPT=rfc822;bob@s.example", "ORCPT=bob", true},
      {"RRVS", "RRVS=2026-01-01T00:00:00Z;C", "RRVS=yesterday", true},
      {"CONNEG", "CONNEG", "CONNEG=1", true},
      {"XRCPTFORWARD", "XRCPTFORWARD=bmFtZT1h", "XRCPTFORWARD=*", true},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.good);
    for (const bool offered : {true, false}) {
      client fresh(bounds);
      std::string in, written;
      receive(fresh, in, "220 s\r\n", 7);
      ASSERT_TRUE(fresh.send(ehlo("c"), written));
      const std::string lines = std::string("250-s\r\n250 ").append(offered ? r.keywords : "HELP").append("\r\n");
      ASSERT_EQ(receive(fresh, in, lines, lines.size()), log{"EHLO 250"});
      if (r.recipient) {
        ASSERT_TRUE(fresh.send(mail_from("a", "c"), written));
        ASSERT_EQ(receive(fresh, in, "250 ok\r\n", 8), log{"MAIL 250"});
      }
      const auto with = [&](std::string_view params) {
        return r.recipient ? command(cmd::rcpt{{{}, "a", "c"}, parameters(params)})
                           : command(mail_from("a", "c", params));
      };
      written.clear();
      const std::string twice = std::string(r.good).append(" ").append(r.good);
      EXPECT_EQ(fresh.send(with(r.bad), written).error().code, offered ? errc::parameter_value : errc::not_offered);
      EXPECT_EQ(fresh.send(with(twice), written).error().code, offered ? errc::parameter_repeated : errc::not_offered);
      EXPECT_EQ(fresh.send(with("X-UNKNOWN=1"), written).error().code, errc::not_offered);
      EXPECT_EQ(written, "");
      EXPECT_EQ(fresh.outstanding(), 0U);
      const auto sent = fresh.send(with(r.good), written);
      EXPECT_EQ(sent ? errc{} : sent.error().code, offered ? errc{} : errc::not_offered);
      const std::string line = std::string(r.recipient ? "RCPT TO" : "MAIL FROM").append(":<a@c> ").append(r.good);
      EXPECT_EQ(written, offered ? line + "\r\n" : "");
    }
  }
}

TEST_F(client_test, injection_through_any_field_is_refused) {
  greet("250 PIPELINING\r\n");
  for (const std::string_view evil : {"a\r\nRSET", "a\nRSET", "a\r", "a b", "a>", "<a", "a@b@c"}) {
    EXPECT_EQ(send(ehlo(evil)), errc::syntax) << evil;
    EXPECT_EQ(send(cmd::helo{evil}), errc::syntax) << evil;
    EXPECT_EQ(send(mail_from(evil, "c")), errc::syntax) << evil;
    EXPECT_EQ(send(mail_from("a", evil)), errc::syntax) << evil;
  }
  EXPECT_EQ(session.outstanding(), 0U);
  EXPECT_EQ(send(mail_from("a", "c")), errc{});
  for (const std::string_view evil : {"a\r\nRSET", "a\nRSET", "a\r", "a b", "a>", "<a", "a@b@c"})
    EXPECT_EQ(send(rcpt_to(evil, "c")), errc::syntax) << evil;
  EXPECT_EQ(session.outstanding(), 1U);
}

TEST_F(client_test, eight_bit_text_needs_body_8bitmime) {
  for (const bool declared : {false, true}) {
    client fresh(bounds);
    std::string in, written;
    receive(fresh, in, "220 s\r\n", 7);
    ASSERT_TRUE(fresh.send(ehlo("c"), written));
    receive(fresh, in, "250-s\r\n250-PIPELINING\r\n250 8BITMIME\r\n", 99);
    ASSERT_TRUE(fresh.send(mail_from("a", "c", declared ? "BODY=8BITMIME" : ""), written));
    ASSERT_TRUE(fresh.send(rcpt_to("b", "d"), written));
    ASSERT_TRUE(fresh.send(cmd::data{}, written));
    receive(fresh, in, "250 ok\r\n250 ok\r\n354 go\r\n", 99);
    written.clear();
    const auto sent = fresh.send_body("caf\xc3\xa9\r\n", written);
    EXPECT_EQ(sent ? errc{} : sent.error().code, declared ? errc{} : errc::non_ascii_body);
    EXPECT_EQ(written, declared ? "caf\xc3\xa9\r\n" : "");
  }
}

TEST_F(client_test, a_bare_line_end_in_the_message_is_refused) {
  greet("250 PIPELINING\r\n");
  send(mail_from("a", "c"));
  send(rcpt_to("b", "d"));
  send(cmd::data{});
  replies("250 ok\r\n250 ok\r\n354 go\r\n");
  out.clear();
  EXPECT_EQ(session.send_body("x\n.\r\nMAIL", out).error(), (failure{errc::bare_lf, 1}));
  EXPECT_EQ(out, "");
}

TEST_F(client_test, turned_away) {
  EXPECT_EQ(replies("554-no\r\n554 mail here\r\n"), log{"greeted 554"});
  EXPECT_EQ(send(ehlo("c")), errc::not_now);
  EXPECT_EQ(send(cmd::quit{}), errc{});
  EXPECT_EQ(replies("221 bye\r\n"), log{"QUIT 221"});
}

TEST(client, unusable_replies_break_the_session_in_every_cut) {
  const std::string endless(bounds.limit.reply, 'x');
  std::string many;
  for (int i = 0; i < 4000; ++i) many += "220-abcdefghijklm\r\n";
  const std::pair<std::string, std::string> rows[] = {
      {"220 s\n", "broken LF without CR"},
      {"\r\n", "broken syntax error"},
      {"\n", "broken LF without CR"},
      {"22 s\r\n", "broken syntax error"},
      {"999 s\r\n", "broken syntax error"},
      {"160 s\r\n", "broken syntax error"},
      {"220s\r\n", "broken syntax error"},
      {"220-a\r\n221 b\r\n", "broken reply lines with different codes"},
      {"220-a\r\n\r\n", "broken syntax error"},
      {"HTTP/1.1 200 OK\r\n", "broken syntax error"},
      {"220 " + endless + "\r\n", "broken reply too long"},
      {"220 " + endless, "broken reply too long"},
      {many, "broken reply too long"},
  };
  for (const auto& [input, expected] : rows) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{100}, input.size()}) {
      if (size == 1 && input.size() > 10000) continue;
      client session(bounds);
      std::string unread;
      EXPECT_EQ(receive(session, unread, input, size), log{expected})
          << testing::PrintToString(input.substr(0, 40)) << " in pieces of " << size;
      EXPECT_LE(unread.size(), bounds.limit.reply + size);
      // It stays so.
      EXPECT_EQ(text_of(session.next("220 s\r\n").event), expected);
      std::string out;
      EXPECT_EQ(session.send(cmd::quit{}, out).error().code, errc::not_now);
      EXPECT_EQ(out, "");
    }
  }
}

TEST(client, a_reply_that_nothing_awaits_breaks_the_session) {
  client session(bounds);
  std::string unread;
  EXPECT_EQ(receive(session, unread, "220 s\r\n250 ok\r\n", 99),
            (log{"greeted 220", "broken reply that nothing awaits"}));
}

TEST(client, replies_in_every_cut) {
  const std::string text = "250-s.example\r\n250-PIPELINING\r\n250 SIZE 100\r\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    client session(bounds);
    std::string unread, out;
    EXPECT_EQ(receive(session, unread, "220-multi\r\n220\r\n", size), log{"greeted 220"});
    ASSERT_TRUE(session.send(ehlo("c"), out));
    EXPECT_EQ(receive(session, unread, text, size), log{"EHLO 250"});
    EXPECT_EQ(session.size_limit(), 100U);
  }
}

// A message that was sent to its end and has no reply may have been taken (RFC 5321 6.1); nothing else is in doubt.
TEST_F(client_test, a_lost_connection_leaves_a_complete_message_in_doubt) {
  for (const bool chunks : {false, true}) {
    SCOPED_TRACE(chunks);
    session = client(bounds);
    unread.clear();
    greet("250 CHUNKING\r\n");
    const auto lost = [this] {
      client copy = session;
      const bool in_doubt = copy.peer_closed();
      EXPECT_TRUE(copy.closed());
      EXPECT_EQ(copy.outstanding(), 0U);
      EXPECT_EQ(copy.chunk_left(), 0U);
      EXPECT_FALSE(copy.in_body());
      std::string none;
      EXPECT_EQ(copy.send(cmd::quit{}, none).error().code, errc::not_now);
      EXPECT_TRUE(std::holds_alternative<event::need_more>(copy.next("250 late\r\n").event));
      EXPECT_FALSE(copy.timed_out()) << "closed already";
      return in_doubt;
    };
    EXPECT_FALSE(lost());
    EXPECT_EQ(send(mail_from("ann", "c.example")), errc{});
    EXPECT_FALSE(lost());
    replies("250 ok\r\n");
    EXPECT_EQ(send(rcpt_to("bob", "s.example")), errc{});
    replies("250 ok\r\n");
    if (chunks) {
      EXPECT_EQ(send(cmd::bdat{4, false}), errc{});
      EXPECT_TRUE(session.chunk_written(4));
      EXPECT_FALSE(lost()) << "not the last chunk";
      replies("250 ok\r\n");
      EXPECT_EQ(send(cmd::bdat{4, true}), errc{});
      EXPECT_FALSE(lost()) << "not written";
      EXPECT_TRUE(session.chunk_written(4));
    } else {
      EXPECT_EQ(send(cmd::data{}), errc{});
      EXPECT_FALSE(lost());
      replies("354 go\r\n");
      EXPECT_TRUE(session.send_body("x\r\n", out));
      EXPECT_FALSE(lost()) << "not ended";
      EXPECT_TRUE(session.end_body(out));
    }
    EXPECT_TRUE(lost());
    client late = session;
    EXPECT_TRUE(late.timed_out());
    replies("250 queued\r\n");
    EXPECT_FALSE(lost());
  }
}

TEST_F(client_test, take_steps_hands_over_all_events_and_drops_what_is_used) {
  log events;
  const auto take = [&](std::string_view text) {
    unread += text;
    events.clear();
    take_steps(session, unread, [&](const client_event& e) {
      events.push_back(text_of(e));
      if (!std::holds_alternative<event::greeted>(e)) return;
      EXPECT_TRUE(session.send(ehlo("c.example"), out));
    });
    return events;
  };
  EXPECT_EQ(take("220 s.exa"), log{});
  EXPECT_EQ(unread, "220 s.exa");
  EXPECT_EQ(take("mple\r\n250 s.example\r\n25"), (log{"greeted 220", "EHLO 250"}));
  EXPECT_EQ(unread, "25");
  EXPECT_EQ(take("0 what for\r\n"), log{"broken reply that nothing awaits"});
  EXPECT_TRUE(session.closed());
}

} // namespace
