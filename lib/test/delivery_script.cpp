// Deliveries to servers that are a few replies: what is said to them word for word, and what becomes of the message where they do what no
// server should.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postel/delivery.hpp"

namespace {

using namespace postel;

struct talk {
  talk(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message)
      : client(plan, what, message) {}

  // What the delivery wants behind these replies; what it says is appended to said.
  delivery::wants hears(std::string_view replies) {
    unread += replies;
    const delivery::step step = client.next(unread, said);
    unread.erase(0, step.used);
    return step.want;
  }
  [[nodiscard]] bool every_outcome_is(outcome wanted) const {
    return std::ranges::all_of(client.outcomes(), [&](const auto& each) { return each.what == wanted; });
  }

  delivery client;
  std::string unread, said;
};

constexpr std::string_view greeting = "220 s.example\r\n";

const std::vector<envelope::recipient> two = {{{{}, "bob", "d.example"}}, {{{}, "eve", "d.example"}}};
const envelope to_two = {{{}, "ann", "c.example"}, {}, two};

const std::vector<envelope::recipient> one = {{{{}, "bob", "d.example"}}};
const envelope to_one = {{{}, "ann", "c.example"}, {}, one};

constexpr std::string_view text[] = {"Subject: x\r\n\r\ntext\r\n"};

// Only 354 asks for the message: what was not sent is not delivered (RFC 5321 3.3).
TEST(delivery_script, a_positive_reply_to_data_delivers_nothing) {
  for (const service protocol : {service::smtp, service::lmtp}) {
    delivery_plan plan;
    plan.rules.protocol = protocol;
    talk t(plan, to_two, text);
    t.hears(greeting);
    t.hears("250 s.example\r\n");
    for (int i = 0; i < 3; ++i) t.hears("250 ok\r\n");
    ASSERT_TRUE(t.said.ends_with("DATA\r\n")) << t.said;
    t.hears("250 ok\r\n");
    EXPECT_TRUE(t.said.ends_with("DATA\r\nQUIT\r\n")) << t.said;
    EXPECT_TRUE(t.every_outcome_is(outcome::temporary));
    EXPECT_EQ(t.client.outcomes()[0].code, 250);
  }
}

// RFC 5321 has no such reply, but there are servers that have had enough; the session is at its end, the refusal is one.
TEST(delivery_script, a_refusal_amid_the_message_is_its_reply) {
  struct row {
    std::string_view reply;
    outcome what;
    std::uint16_t code;
  };
  for (const row& r :
       {row{"552-too\r\n552 much\r\n", outcome::refused, 552}, row{"452 full\r\n", outcome::temporary, 452},
        row{"250 enough\r\n", outcome::temporary, 0}, row{"552 no LF\n", outcome::temporary, 0},
        row{"552-no\r\n550 one\r\n", outcome::temporary, 0}, row{"421 bye\r\n", outcome::temporary, 421}}) {
    for (const bool at_once : {false, true}) {
      SCOPED_TRACE(r.reply);
      const delivery_plan plan;
      talk t(plan, to_two, text);
      t.hears(greeting);
      t.hears("250 s.example\r\n");
      for (int i = 0; i < 3; ++i) t.hears("250 ok\r\n");
      if (!at_once) {
        ASSERT_EQ(t.hears("354 go on\r\n"), delivery::wants::message);
      }
      EXPECT_EQ(t.hears((at_once ? "354 go on\r\n" : "") + std::string(r.reply)), delivery::wants::nothing);
      EXPECT_TRUE(t.every_outcome_is(r.what));
      EXPECT_EQ(t.client.outcomes()[1].code, r.code);
    }
  }
}

// What the server has now is unknown. That is no reason to return the message to its sender.
TEST(delivery_script, a_refused_rset_refuses_nobody) {
  const delivery_plan plan;
  talk t(plan, to_two, text);
  t.hears(greeting);
  t.hears("250 s.example\r\n");
  t.hears("250 ok\r\n");
  t.hears("250 ok\r\n");
  t.hears("452 one is enough\r\n");
  ASSERT_TRUE(t.said.ends_with("DATA\r\n")) << t.said;
  t.hears("554 not this\r\n");
  ASSERT_TRUE(t.said.ends_with("RSET\r\n")) << t.said;
  t.hears("500 what?\r\n");
  EXPECT_TRUE(t.said.ends_with("RSET\r\nQUIT\r\n")) << t.said;
  EXPECT_EQ(t.client.outcomes()[0].what, outcome::refused);
  EXPECT_EQ(t.client.outcomes()[1].what, outcome::temporary);
  EXPECT_EQ(t.client.outcomes()[1].code, 500);
}

// A chunk needs no final CRLF, DATA does (RFC 3030 2, RFC 5321 4.1.1.4): each has its own size (RFC 1870 3).
TEST(delivery_script, the_size_is_what_is_transmitted) {
  struct row {
    std::string_view text;
    bool chunking;
    unsigned size;
  };
  for (const row& r : std::initializer_list<row>{{"abc", true, 3},
                                                 {"abc", false, 5},
                                                 {"abc\r\n", true, 5},
                                                 {"abc\r\n", false, 5},
                                                 {"", true, 0},
                                                 {"", false, 0},
                                                 {"a\nb", true, 6},
                                                 {"..\r\n", false, 4}}) {
    for (const unsigned limit : {r.size, r.size + 1, r.size - 1}) {
      if (limit == 0 || limit > 100) continue; // 0 is no limit
      SCOPED_TRACE(std::string(r.text) + " within " + std::to_string(limit));
      delivery_plan plan;
      plan.rules.convert_line_ends = true;
      const std::string_view message[] = {r.text};
      talk t(plan, to_one, message);
      t.hears(greeting);
      t.hears("250-s.example\r\n" + std::string(r.chunking ? "250-CHUNKING\r\n" : "") + "250 SIZE " +
              std::to_string(limit) + "\r\n");
      if (limit < r.size) {
        EXPECT_TRUE(t.said.ends_with("\r\nQUIT\r\n")) << t.said;
        EXPECT_EQ(t.client.outcomes()[0].error, errc::message_too_large);
        continue;
      }
      EXPECT_TRUE(t.said.ends_with("MAIL FROM:<ann@c.example> SIZE=" + std::to_string(r.size) + "\r\n")) << t.said;
    }
  }
}

// RFC 6533 3: an original recipient may be all that is beyond ASCII.
TEST(delivery_script, parameters_beyond_ascii_ask_for_smtputf8) {
  const std::vector<envelope::recipient> to = {{{{}, "bob", "d.example"}, "ORCPT=utf-8;j\xc3\xb6rg@d.example"}};
  const envelope what = {{{}, "ann", "c.example"}, {}, to};
  const delivery_plan plan;
  talk t(plan, what, text);
  t.hears(greeting);
  t.hears("250-s.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n");
  EXPECT_TRUE(t.said.ends_with("MAIL FROM:<ann@c.example> SMTPUTF8\r\n")) << t.said;
  t.hears("250 ok\r\n");
  EXPECT_TRUE(t.said.ends_with("RCPT TO:<bob@d.example> ORCPT=utf-8;j\xc3\xb6rg@d.example\r\n")) << t.said;
}

// RFC 5321 4.1.2 and Appendix C.
TEST(delivery_script, paths_have_no_source_route_and_no_quotes_without_need) {
  struct row {
    std::string_view given, sent;
  };
  for (const row& r : {row{"\"bob\"", "bob"}, row{"\"b\\ob\"", "bob"}, row{"\"b ob\"", "\"b ob\""},
                       row{"\"b\\ ob\"", "\"b ob\""}, row{"\"\"", "\"\""}, row{"\"a..b\"", "\"a..b\""},
                       row{"\"a\\\"b\"", "\"a\\\"b\""}, row{"bob", "bob"}, row{"\"bob", ""}, row{"\"bob\" x\"", ""}}) {
    const std::vector<envelope::recipient> to = {{{"@r.example", r.given, "d.example"}}};
    const envelope what = {{"@r.example", r.given, "c.example"}, {}, to};
    const delivery_plan plan;
    talk t(plan, what, text);
    t.hears(greeting);
    t.hears("250 s.example\r\n");
    if (r.sent.empty()) {
      EXPECT_TRUE(t.said.ends_with("\r\nQUIT\r\n")) << t.said;
      EXPECT_TRUE(t.every_outcome_is(outcome::refused));
      continue;
    }
    EXPECT_TRUE(t.said.ends_with("MAIL FROM:<" + std::string(r.sent) + "@c.example>\r\n")) << t.said;
    t.hears("250 ok\r\n");
    EXPECT_TRUE(t.said.ends_with("RCPT TO:<" + std::string(r.sent) + "@d.example>\r\n")) << t.said;
  }
}

// RFC 4954 4: to "*" a server must say no. One that says yes, or goes on, has authenticated nobody.
TEST(delivery_script, no_mail_behind_a_cancelled_exchange) {
  struct row {
    std::string_view reply;
    outcome what;
    std::uint16_t code;
    errc error;
  };
  for (const row& r : {row{"501 5.7.0 cancelled\r\n", outcome::refused, 501, errc{}},
                       row{"454 4.7.0 later\r\n", outcome::temporary, 454, errc{}},
                       row{"235 2.7.0 welcome\r\n", outcome::refused, 0, errc::auth_required},
                       row{"334 eA==\r\n", outcome::refused, 0, errc::auth_required}}) {
    SCOPED_TRACE(r.reply);
    delivery_plan plan;
    plan.authenticate = plan.rules.auth_in_clear = true;
    talk t(plan, to_two, text);
    t.hears(greeting);
    ASSERT_EQ(t.hears("250-s.example\r\n250-PIPELINING\r\n250 AUTH CRAM-MD5\r\n"), delivery::wants::authentication);
    ASSERT_TRUE(t.client.authenticate("CRAM-MD5", std::nullopt, t.said));
    ASSERT_EQ(t.hears("334 not*base64\r\n"), delivery::wants::response);
    ASSERT_TRUE(t.client.cancel(t.said));
    EXPECT_EQ(t.hears(r.reply), delivery::wants::octets);
    EXPECT_TRUE(t.said.ends_with("\r\nAUTH CRAM-MD5\r\n*\r\nQUIT\r\n")) << t.said;
    EXPECT_TRUE(t.every_outcome_is(r.what));
    EXPECT_EQ(t.client.outcomes()[1].code, r.code);
    EXPECT_EQ(t.client.outcomes()[1].error, r.error);
    EXPECT_FALSE(t.client.session().authenticated());
    EXPECT_EQ(t.hears("221 bye\r\n"), delivery::wants::nothing);
  }
}

// RFC 5802 5: who can't prove that it knows the password is told nothing but QUIT.
TEST(delivery_script, no_mail_before_the_proof) {
  for (const bool due : {true, false}) {
    delivery_plan plan;
    plan.authenticate = plan.rules.auth_in_clear = true;
    talk t(plan, to_two, text);
    t.hears(greeting);
    t.hears("250-s.example\r\n250-PIPELINING\r\n250 AUTH SCRAM-SHA-256\r\n");
    t.client.expect_proof(true);
    ASSERT_TRUE(t.client.authenticate("SCRAM-SHA-256", "n,,n=ann,r=x", t.said));
    ASSERT_EQ(t.hears("334 eA==\r\n"), delivery::wants::response);
    ASSERT_TRUE(t.client.respond("c=biws,r=x,p=y", t.said));
    t.client.expect_proof(due);
    t.said.clear();
    t.hears("235 2.7.0 welcome\r\n");
    EXPECT_EQ(t.said.substr(0, 6), due ? "QUIT\r\n" : "MAIL F");
    EXPECT_TRUE(t.every_outcome_is(due ? outcome::refused : outcome::pending));
    if (due) {
      EXPECT_EQ(t.client.outcomes()[0].error, errc::auth_required);
    }
  }
}

// ---- several messages

constexpr std::string_view second_text[] = {"Subject: y\r\n\r\nother\r\n"};
const std::vector<envelope::recipient> other = {{{{}, "kim", "e.example"}}};
const envelope to_other = {{{}, "joe", "c.example"}, {}, other};

// Writes what there is of the message.
std::string written(delivery& d) {
  std::string all;
  std::array<std::string_view, 8> views;
  while (const std::size_t count = d.message(views))
    for (const std::string_view each : std::span(views).first(count)) all += each;
  return all;
}

// A message to one recipient, until its outcome; pipelining is not offered. Each reply is what the server says to a command.
struct replies {
  std::string_view mail = "250 ok\r\n", rcpt = "250 ok\r\n", data = "354 go\r\n", end = "250 2.6.0 taken\r\n";
};
delivery::wants go_through(talk& t, const replies& said) {
  delivery::wants want = t.hears(said.mail);
  if (!said.mail.starts_with('2')) return want;
  want = t.hears(said.rcpt);
  if (!said.rcpt.starts_with('2')) return want;
  want = t.hears(said.data);
  if (!said.data.starts_with('3')) return want;
  EXPECT_EQ(want, delivery::wants::message);
  (void)written(t.client);
  return t.hears(said.end);
}

TEST(delivery_script, another_message_follows_with_rset_where_the_first_left_a_transaction) {
  struct row {
    replies first;
    outcome what;
    std::string_view between;
  };
  for (const row& r : {row{{}, outcome::delivered, ""}, row{{.mail = "550 no\r\n"}, outcome::refused, ""},
                       row{{.mail = "450 later\r\n"}, outcome::temporary, ""},
                       row{{.rcpt = "550 no\r\n"}, outcome::refused, "RSET\r\n"},
                       row{{.data = "554 no\r\n"}, outcome::refused, "RSET\r\n"},
                       row{{.end = "554 no\r\n"}, outcome::refused, "RSET\r\n"}}) {
    delivery_plan plan;
    plan.keep_open = true;
    talk t(plan, to_one, text);
    t.hears(greeting);
    t.hears("250 s.example\r\n");
    EXPECT_FALSE(t.client.another(to_other, second_text)) << "amid a message";
    t.client.quit();
    ASSERT_EQ(go_through(t, r.first), delivery::wants::another) << t.said;
    EXPECT_TRUE(t.every_outcome_is(r.what));
    t.said.clear();
    EXPECT_EQ(t.hears(""), delivery::wants::another);
    EXPECT_EQ(t.said, "");

    ASSERT_TRUE(t.client.another(to_other, second_text));
    EXPECT_FALSE(t.client.another(to_other, second_text));
    EXPECT_TRUE(t.every_outcome_is(outcome::pending));
    EXPECT_EQ(t.client.outcomes().size(), 1U);
    EXPECT_EQ(t.hears(""), delivery::wants::octets);
    EXPECT_EQ(t.said, r.between.empty() ? "MAIL FROM:<joe@c.example>\r\n" : r.between);
    if (!r.between.empty()) t.hears("250 flushed\r\n");
    EXPECT_TRUE(t.said.ends_with("MAIL FROM:<joe@c.example>\r\n")) << t.said;
    t.hears("250 ok\r\n");
    EXPECT_TRUE(t.said.ends_with("RCPT TO:<kim@e.example>\r\n")) << t.said;
    t.hears("250 ok\r\n");
    ASSERT_EQ(t.hears("354 go\r\n"), delivery::wants::message);
    EXPECT_EQ(written(t.client), std::string(second_text[0]) + ".\r\n");
    EXPECT_EQ(t.client.written(), second_text[0].size());
    ASSERT_EQ(t.hears("250 taken\r\n"), delivery::wants::another);
    EXPECT_TRUE(t.every_outcome_is(outcome::delivered));

    t.client.quit();
    EXPECT_EQ(t.hears(""), delivery::wants::octets);
    EXPECT_TRUE(t.said.ends_with("QUIT\r\n"));
    EXPECT_FALSE(t.client.another(to_one, text));
    EXPECT_EQ(t.hears("221 bye\r\n"), delivery::wants::nothing);
    EXPECT_TRUE(t.every_outcome_is(outcome::delivered));
  }
}

// RFC 9422 4.1: as many messages as the server takes, then QUIT without a question. RSET uses up none.
TEST(delivery_script, no_more_messages_than_the_server_takes) {
  delivery_plan plan;
  plan.keep_open = true;
  talk t(plan, to_one, text);
  t.hears(greeting);
  t.hears("250-s.example\r\n250 LIMITS MAILMAX=2\r\n");
  ASSERT_EQ(go_through(t, {.rcpt = "550 no\r\n"}), delivery::wants::another);
  ASSERT_TRUE(t.client.another(to_other, second_text));
  t.hears("");
  t.hears("250 flushed\r\n");
  EXPECT_EQ(go_through(t, {}), delivery::wants::octets);
  EXPECT_TRUE(t.said.ends_with("QUIT\r\n")) << t.said;
  EXPECT_TRUE(t.every_outcome_is(outcome::delivered));
  EXPECT_FALSE(t.client.another(to_one, text));
}

// RFC 9422 4.3: of a session, so the domains of the first message count, whoever still has its envelope.
TEST(delivery_script, no_more_domains_than_the_server_takes_of_all_messages) {
  delivery_plan plan;
  plan.keep_open = true;
  auto domain = std::make_unique<std::string>("a-domain-that-is-long-enough.example");
  std::vector<envelope::recipient> to = {{{{}, "bob", *domain}}};
  const envelope first = {{{}, "ann", "c.example"}, {}, to};
  talk t(plan, first, text);
  t.hears(greeting);
  t.hears("250-s.example\r\n250 LIMITS RCPTDOMAINMAX=1\r\n");
  ASSERT_EQ(go_through(t, {}), delivery::wants::another);
  domain.reset();

  ASSERT_TRUE(t.client.another(to_other, second_text));
  ASSERT_EQ(t.hears(""), delivery::wants::another);
  EXPECT_TRUE(t.every_outcome_is(outcome::temporary));
  EXPECT_EQ(t.client.outcomes()[0].error, errc::too_many_recipients);
  const std::vector<envelope::recipient> same = {{{{}, "eve", "a-domain-that-is-long-ENOUGH.example"}}};
  const envelope third = {{{}, "ann", "c.example"}, {}, same};
  ASSERT_TRUE(t.client.another(third, second_text));
  t.hears("");
  ASSERT_EQ(go_through(t, {}), delivery::wants::another);
  EXPECT_TRUE(t.every_outcome_is(outcome::delivered));
}

// What a message needs is found out anew, and what stops one stops no other.
TEST(delivery_script, messages_have_nothing_of_each_other) {
  delivery_plan plan;
  plan.keep_open = true;
  constexpr std::string_view eight_bit[] = {"Subject: x\r\n\r\n\xe9\r\n"}, bare[] = {"a\nb\r\n"};
  constexpr std::string_view utf8[] = {"Subject: \xc3\xa9\r\n\r\nx\r\n"};
  talk t(plan, to_one, eight_bit);
  t.hears(greeting);
  t.hears("250-s.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 1000\r\n");
  EXPECT_TRUE(t.said.ends_with("SIZE=17 BODY=8BITMIME\r\n")) << t.said;
  ASSERT_EQ(go_through(t, {}), delivery::wants::another);
  ASSERT_TRUE(t.client.another(to_one, utf8));
  t.hears("");
  EXPECT_TRUE(t.said.ends_with("SIZE=18 BODY=8BITMIME SMTPUTF8\r\n")) << t.said;
  ASSERT_EQ(go_through(t, {}), delivery::wants::another);
  ASSERT_TRUE(t.client.another(to_one, bare));
  ASSERT_EQ(t.hears(""), delivery::wants::another);
  EXPECT_EQ(t.client.outcomes()[0].error, errc::bare_lf);
  const std::string large(2000, 'x');
  const std::string_view too_large[] = {large};
  ASSERT_TRUE(t.client.another(to_one, too_large));
  ASSERT_EQ(t.hears(""), delivery::wants::another);
  EXPECT_EQ(t.client.outcomes()[0].error, errc::message_too_large);
  ASSERT_TRUE(t.client.another(to_other, second_text));
  t.hears("");
  EXPECT_TRUE(t.said.ends_with("MAIL FROM:<joe@c.example> SIZE=21\r\n")) << t.said;
}

TEST(delivery_script, a_server_that_goes_between_messages_has_those_it_took) {
  for (const std::string_view said : {"421 bye\r\n", "what\r\n", ""}) {
    for (const bool asked : {false, true}) {
      delivery_plan plan;
      plan.keep_open = true;
      talk t(plan, to_one, text);
      t.hears(greeting);
      t.hears("250 s.example\r\n");
      ASSERT_EQ(go_through(t, {}), delivery::wants::another);
      if (asked) {
        ASSERT_TRUE(t.client.another(to_other, second_text));
        t.hears("");
      }
      if (said.empty()) t.client.lost();
      EXPECT_EQ(t.hears(said), delivery::wants::nothing);
      EXPECT_TRUE(t.every_outcome_is(asked ? outcome::temporary : outcome::delivered)) << said;
      EXPECT_FALSE(t.client.another(to_one, text));
    }
  }
}

// Whether the connection is for one message, or nobody was let in: it is not asked for another.
TEST(delivery_script, another_message_is_asked_for_only_where_it_can_follow) {
  for (const bool keep_open : {false, true}) {
    delivery_plan plan;
    plan.keep_open = keep_open;
    talk t(plan, to_one, text);
    if (keep_open) {
      EXPECT_EQ(t.hears("554 no\r\n"), delivery::wants::octets);
    } else {
      t.hears(greeting);
      t.hears("250 s.example\r\n");
      EXPECT_EQ(go_through(t, {}), delivery::wants::octets);
    }
    EXPECT_TRUE(t.said.ends_with("QUIT\r\n")) << t.said;
    EXPECT_FALSE(t.client.another(to_other, second_text));
  }
}

// RFC 2033 4.2: to the end of a message for nobody LMTP says nothing, and the delivery goes on.
TEST(delivery_script, a_message_for_nobody_has_no_reply_in_lmtp) {
  for (const bool keep_open : {false, true}) {
    delivery_plan plan;
    plan.keep_open = keep_open;
    plan.rules.protocol = service::lmtp;
    talk t(plan, to_one, text);
    t.hears(greeting);
    t.hears("250-s.example\r\n250 PIPELINING\r\n");
    ASSERT_TRUE(t.said.ends_with("DATA\r\n")) << t.said;
    ASSERT_EQ(t.hears("250 ok\r\n550 no\r\n354 go on\r\n"), delivery::wants::message);
    EXPECT_EQ(written(t.client), ".\r\n");
    EXPECT_EQ(t.hears(""), keep_open ? delivery::wants::another : delivery::wants::octets);
    EXPECT_EQ(t.said.ends_with("QUIT\r\n"), !keep_open) << t.said;
    EXPECT_TRUE(t.every_outcome_is(outcome::refused));
  }
}

// RFC 6531 3.7.1: who knows ASCII only is told A-labels, if the local part is ASCII; who knows more, what was given.
TEST(delivery_script, a_labels_stand_in_where_smtputf8_is_not_offered) {
  const std::vector<envelope::recipient> to = {{{{},
                                                 "bob",
                                                 "b\xc3\xbc"
                                                 "cher.example"},
                                                {},
                                                "xn--bcher-kva.example"},
                                               {{{},
                                                 "j\xc3\xb6rg",
                                                 "b\xc3\xbc"
                                                 "cher.example"},
                                                {},
                                                "xn--bcher-kva.example"},
                                               {{{},
                                                 "eve",
                                                 "b\xc3\xbc"
                                                 "cher.example"}}};
  const envelope what = {{{}, "ann", "\xc3\xa9.example"}, {}, to, "xn--9ca.example"};
  for (const bool offered : {false, true}) {
    const delivery_plan plan;
    talk t(plan, what, text);
    t.hears(greeting);
    t.hears(offered ? "250-s.example\r\n250 SMTPUTF8\r\n" : "250 s.example\r\n");
    EXPECT_TRUE(t.said.ends_with(offered ? "MAIL FROM:<ann@\xc3\xa9.example> SMTPUTF8\r\n"
                                         : "MAIL FROM:<ann@xn--9ca.example>\r\n"))
        << t.said;
    t.hears("250 ok\r\n");
    EXPECT_TRUE(t.said.ends_with(offered ? "RCPT TO:<bob@b\xc3\xbc"
                                           "cher.example>\r\n"
                                         : "RCPT TO:<bob@xn--bcher-kva.example>\r\n"))
        << t.said;
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
      EXPECT_EQ(t.client.outcomes()[i].what, offered ? outcome::pending : outcome::refused);
      EXPECT_EQ(t.client.outcomes()[i].error, offered ? errc{} : errc::non_ascii_address);
    }
  }
}

// RFC 3207: mail does not go in clear because of a blank.
TEST(delivery_script, starttls_is_seen_in_any_white_space) {
  for (const std::string_view line :
       {"STARTTLS ", "STARTTLS\t", " STARTTLS", "STARTTLS\r", "STARTTLS  ", "starttls ", "STARTTLS \x01"}) {
    for (const auto wanted : {delivery_plan::tls::if_offered, delivery_plan::tls::required}) {
      delivery_plan plan;
      plan.starttls = wanted;
      talk t(plan, to_one, text);
      t.hears(greeting);
      EXPECT_EQ(t.hears("250-s.example\r\n250 " + std::string(line) + "\r\n"), delivery::wants::octets);
      EXPECT_TRUE(t.said.ends_with("STARTTLS\r\n")) << t.said;
      EXPECT_EQ(t.hears("220 go\r\n"), delivery::wants::handshake);
    }
  }
}

TEST(delivery_script, mechanisms_are_those_that_are_none_left_out) {
  struct row {
    std::string_view line;
    bool old_form;
    std::string_view mechanisms;
  };
  for (const row& r :
       {row{"AUTH PLAIN LOGIN", false, "PLAIN LOGIN"}, row{"AUTH  PLAIN\tLOGIN ", false, "PLAIN LOGIN"},
        row{"AUTH PLAIN ABCDEFGHIJKLMNOPQRSTUVWX A.B LOGIN", false, "PLAIN LOGIN"},
        row{"AUTH=PLAIN LOGIN", true, "PLAIN LOGIN"}, row{"AUTH GSSAPI\r\n250-AUTH=PLAIN", true, "GSSAPI"},
        row{"AUTH=PLAIN\r\n250-AUTH GSSAPI", false, "GSSAPI"}}) {
    delivery_plan plan;
    plan.authenticate = plan.rules.auth_in_clear = true;
    plan.rules.old_auth_form = r.old_form;
    talk t(plan, to_one, text);
    t.hears(greeting);
    EXPECT_EQ(t.hears("250-s.example\r\n250-" + std::string(r.line) + "\r\n250 HELP\r\n"),
              delivery::wants::authentication)
        << r.line;
    EXPECT_EQ(t.client.mechanisms(), r.mechanisms) << r.line;
  }
  delivery_plan plan;
  plan.authenticate = plan.rules.auth_in_clear = true;
  talk t(plan, to_one, text);
  t.hears(greeting);
  t.hears("250-s.example\r\n250 AUTH=PLAIN LOGIN\r\n");
  EXPECT_TRUE(t.said.ends_with("QUIT\r\n")) << t.said;
  EXPECT_EQ(t.client.outcomes()[0].error, errc::not_offered);
}

// What submission servers offer may change with AUTH: 8BITMIME or a larger SIZE for those who are known, as Dovecot's.
TEST(delivery_script, what_is_missing_before_auth_is_asked_for_after_it) {
  struct wish {
    std::string_view text, parameters, recipient_parameters, offer;
    bool prdr = false;
  };
  const wish wishes[] = {
      {"Subject: x\r\n\r\n\xE4\r\n", "", "", "8BITMIME"},
      {"Subject: x\r\n\r\ntext\r\n", "RET=HDRS", "", "DSN"},
      {"Subject: x\r\n\r\ntext\r\n", "", "NOTIFY=NEVER", "DSN"},
      {"Subject: x\r\n\r\ntext\r\n", "MT-PRIORITY=3", "", "MT-PRIORITY"},
      {"Subject: x\r\n\r\ntext\r\n", "", "", "PRDR", true},
      {"Subject: a message that is longer\r\n\r\n", "", "", "SIZE 1000"},
  };
  for (const wish& w : wishes) {
    for (const bool offered_before : {false, true}) {
      SCOPED_TRACE(std::string(w.offer) + (offered_before ? " before" : " after"));
      delivery_plan plan;
      plan.authenticate = plan.rules.auth_in_clear = true;
      plan.prdr = w.prdr;
      const std::string_view message[] = {w.text};
      const std::vector<envelope::recipient> to = {{{{}, "bob", "d.example"}, w.recipient_parameters}};
      const envelope what = {{{}, "ann", "c.example"}, w.parameters, to};
      talk t(plan, what, message);
      const std::string with = "250-s.example\r\n250-AUTH PLAIN\r\n250 " + std::string(w.offer) + "\r\n";
      t.hears(greeting);
      ASSERT_EQ(t.hears(offered_before ? with : "250-s.example\r\n250-SIZE 30\r\n250 AUTH PLAIN\r\n"),
                delivery::wants::authentication);
      ASSERT_TRUE(t.client.authenticate("PLAIN", "\0u\0p", t.said));
      t.said.clear();
      t.hears("235 ok\r\n");
      if (!offered_before) {
        EXPECT_EQ(t.said, "EHLO localhost\r\n");
        t.said.clear();
        t.hears(with);
      }
      EXPECT_TRUE(t.said.starts_with("MAIL FROM:<ann@c.example>")) << t.said;
    }
  }
}

TEST(delivery_script, ehlo_after_auth_is_said_once_whatever_its_reply) {
  for (const std::string_view reply : {"250 s.example\r\n", "503 you said that\r\n", "451 not now\r\n"}) {
    SCOPED_TRACE(reply);
    delivery_plan plan;
    plan.authenticate = plan.rules.auth_in_clear = plan.keep_open = true;
    const std::string_view message[] = {"Subject: x\r\n\r\n\xE4\r\n"};
    talk t(plan, to_one, message);
    t.hears(greeting);
    t.hears("250-s.example\r\n250 AUTH PLAIN\r\n");
    ASSERT_TRUE(t.client.authenticate("PLAIN", "\0u\0p", t.said));
    t.hears("235 ok\r\n");
    t.said.clear();
    ASSERT_EQ(t.hears(reply), delivery::wants::another);
    EXPECT_EQ(t.said, "");
    EXPECT_EQ(t.client.outcomes()[0].error, errc::non_ascii_body);
    ASSERT_TRUE(t.client.another(to_one, text));
    t.hears("");
    EXPECT_TRUE(t.said.starts_with("MAIL FROM:")) << t.said;
  }
}

} // namespace
