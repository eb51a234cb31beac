// A reply keeps its code whatever follows (RFC 5321 4.2): with any text in any place of a dialogue, client session and delivery do what they do
// with plain text.
#include "reply_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include "client_script.hpp"
#include "postel/delivery.hpp"

namespace postel::test {
namespace {

// ---- the client session, in every cut

struct marked_script {
  std::string_view name, text;
  client_policy rules = {};
};

const std::vector<marked_script>& marked_scripts() {
  static const std::vector<marked_script> all = {
      {"mail", R"(
S 220-%
S 220 %
E greeted 220
C EHLO c.example
S 250-%
S 250-PIPELINING
S 250 SIZE 1000
E EHLO 250
Q offered=PIPELINING,SIZE size=1000
C MAIL FROM:<ann@c.example>
C RCPT TO:<a@s.example>
C RCPT TO:<b@s.example>
C DATA
S 250 %
S 550-%
S 550 %
S 250 %
S 354 %
E MAIL 250
E RCPT 550
E RCPT 250
E DATA 354
Q accepted=1 body=1
Z .\r\n
S 250 %
E message 250 of 0
C QUIT
S 221 %
E QUIT 221
)"},
      {"refusals", R"(
S 220 s
E greeted 220
C EHLO c.example
S 502 %
E EHLO 502
C HELO c.example
S 250 %
E HELO 250
C MAIL FROM:<ann@c.example>
S 451 %
E MAIL 451
C MAIL FROM:<ann@c.example>
S 250 ok
E MAIL 250
C RCPT TO:<a@s.example>
S 571 %
E RCPT 571
C RSET
S 250 %
E RSET 250
C NOOP
S 421 %
E closing 421
Q over=1
)"},
      {"turned away", "S 554 %\nE greeted 554\nC QUIT\nS 221 %\nE QUIT 221\n"},
      {"utf8 is offered", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-%
S 250 SMTPUTF8
E EHLO 250
C NOOP
S 250 %
E NOOP 250
)"},
      {"lmtp",
       R"(
S 220 s
E greeted 220
C LHLO c.example
S 250 %
E LHLO 250
C MAIL FROM:<ann@c.example>
S 250 %
E MAIL 250
C RCPT TO:<a@s.example>
S 250 %
E RCPT 250
C RCPT TO:<b@s.example>
S 250 %
E RCPT 250
C DATA
S 354 %
E DATA 354
Z .\r\n
S 250 %
S 550 %
E message 250 of 0
E message 550 of 1
)",
       {.protocol = service::lmtp}},
      {"starttls and auth", R"(
S 220 s
E greeted 220
C EHLO c.example
S 250-%
S 250 STARTTLS
E EHLO 250
C STARTTLS
S 454 %
E STARTTLS 454
C STARTTLS
S 220 %
E STARTTLS 220
T
C EHLO c.example
S 250-%
S 250 AUTH PLAIN LOGIN
E EHLO 250
C AUTH PLAIN
S 535-%
S 535 %
E AUTH 535
C AUTH LOGIN
S 334 VXNlcg==
E challenged VXNlcg==
A ann > YW5u
S 235 %
E AUTH 235
Q authenticated=1
)"},
  };
  return all;
}

TEST(reply_text, changes_nothing_for_a_client_session) {
  for (const marked_script& each : marked_scripts())
    for (const reply_text& text : reply_texts()) {
      std::string escaped; // what the script player would take for an escape or for the end of a line
      for (const char octet : text.octets) {
        char hex[5];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(octet)));
        escaped += hex;
      }
      const std::size_t marks = count_marks(each.text);
      ASSERT_NE(marks, 0U);
      for (std::size_t mark = 0; mark < marks; ++mark) {
        const std::string script = with_text(each.text, mark, escaped);
        EXPECT_EQ(client_script_player(each.rules, {}).run(script), "")
            << each.name << ", " << text.name << " at " << mark;
        EXPECT_EQ(client_script_player(each.rules, {true}).run(script), "")
            << each.name << ", octet by octet, " << text.name << " at " << mark;
      }
    }
}

// The reply is what came, and says where it is outside of the grammar.
TEST(reply_text, is_reported_and_handed_on) {
  for (const reply_text& text : reply_texts()) {
    const client_policy rules;
    client session(rules);
    const std::string wire = "220 " + text.octets + "\r\n";
    const client_step step = session.next(wire);
    const auto* greeted = std::get_if<event::greeted>(&step.event);
    ASSERT_NE(greeted, nullptr) << text.name;
    EXPECT_EQ(*greeted->reply.lines().begin(), text.octets) << text.name;
    EXPECT_EQ(greeted->reply.deviation().has_value(), text.name != "nothing") << text.name;
  }
}

// RFC 4954 4: a line of 12288 octets, whatever other limits say; and no more than that without end.
TEST(reply_text, a_challenge_may_be_as_long_as_rfc_4954_has_it) {
  for (const std::size_t limit : {std::size_t{40}, std::size_t{512}, client_limits().reply}) {
    client_policy rules{.auth_in_clear = true};
    rules.limit.reply = limit;
    for (const std::size_t octets : {std::size_t{418}, std::size_t{570}, std::size_t{9000}, auth_line_limit - 6}) {
      client session(rules);
      std::string out;
      ASSERT_TRUE(std::holds_alternative<event::greeted>(session.next("220 s\r\n").event));
      ASSERT_TRUE(session.send(cmd::ehlo{{"c.example"}}, out));
      ASSERT_TRUE(std::holds_alternative<event::replied>(session.next("250-s\r\n250 AUTH GSSAPI\r\n").event));
      ASSERT_TRUE(session.send(cmd::auth{"GSSAPI"}, out));
      const std::string challenge(octets, 'A');
      const std::string wire = "334 " + challenge + "\r\n";
      for (std::size_t arrived = 0; arrived < wire.size(); arrived += 1000)
        ASSERT_TRUE(
            std::holds_alternative<event::need_more>(session.next(std::string_view(wire).substr(0, arrived)).event));
      const client_step step = session.next(wire);
      const auto* challenged = std::get_if<event::challenged>(&step.event);
      ASSERT_NE(challenged, nullptr) << octets << " within " << limit;
      EXPECT_EQ(challenged->base64, challenge);
      EXPECT_EQ(challenged->reply.deviation(), std::nullopt) << octets;
      ASSERT_TRUE(session.respond("x", out));
      // The reply to the response is one to AUTH as well.
      EXPECT_TRUE(std::holds_alternative<event::challenged>(session.next(wire).event));
    }
    client session(rules);
    std::string out;
    (void)session.next("220 s\r\n");
    ASSERT_TRUE(session.send(cmd::ehlo{{"c.example"}}, out));
    (void)session.next("250-s\r\n250 AUTH GSSAPI\r\n");
    ASSERT_TRUE(session.send(cmd::auth{"GSSAPI"}, out));
    const std::string endless = "334 " + std::string(std::max(limit, auth_line_limit), 'A');
    const client_step step = session.next(endless);
    const auto* broken = std::get_if<event::broken>(&step.event);
    ASSERT_NE(broken, nullptr);
    EXPECT_EQ(broken->code, errc::reply_too_long);
  }
}

// ---- deliveries

const std::vector<envelope::recipient> to = {{{{}, "bob", "d.example"}}, {{{}, "eve", "d.example"}}};
const envelope what = {{{}, "ann", "c.example"}, {}, to};
constexpr std::string_view message[] = {"Subject: x\r\n\r\ntext\r\n"};

struct ended {
  std::string said;
  std::vector<recipient_outcome> outcomes;
  bool turned_away = false, over = false;
};

// One reply, or all that come together, each time that the delivery waits; replies are separated by an empty line.
ended deliver(const delivery_plan& plan, std::string_view replies) {
  delivery client(plan, what, message);
  ended result;
  std::string unread, out;
  for (;;) {
    const delivery::step step = client.next(unread, out);
    unread.erase(0, step.used);
    result.said += std::exchange(out, {});
    switch (step.want) {
      case delivery::wants::octets: {
        const std::size_t end = replies.find("\n\n");
        if (end == std::string_view::npos) {
          client.lost();
          continue;
        }
        for (const char c : replies.substr(0, end + 1)) unread.append(c == '\n' ? "\r" : "").append(1, c);
        replies.remove_prefix(end + 2);
        continue;
      }
      case delivery::wants::message: {
        std::array<std::string_view, 8> views;
        while (const std::size_t count = client.message(views))
          for (std::size_t i = 0; i < count; ++i) result.said += views[i];
        continue;
      }
      case delivery::wants::handshake:
        unread.clear();
        EXPECT_TRUE(client.tls_started());
        continue;
      case delivery::wants::authentication: EXPECT_TRUE(client.authenticate("PLAIN", "x", out)); continue;
      case delivery::wants::response: EXPECT_TRUE(client.cancel(out)); continue;
      case delivery::wants::another:
      case delivery::wants::nothing: break;
    }
    result.outcomes.assign(client.outcomes().begin(), client.outcomes().end());
    result.turned_away = client.turned_away();
    result.over = client.session().closed();
    return result;
  }
}

struct marked_dialogue {
  std::string_view name, replies;
  outcome becomes; // the second recipient
  delivery_plan plan = {};
};

const delivery_plan& lmtp() {
  static const delivery_plan plan = [] {
    delivery_plan made;
    made.rules.protocol = service::lmtp;
    return made;
  }();
  return plan;
}
const delivery_plan& authenticated() {
  static const delivery_plan plan = [] {
    delivery_plan made;
    made.authenticate = true;
    made.rules.auth_in_clear = true;
    return made;
  }();
  return plan;
}

const std::vector<marked_dialogue>& dialogues() {
  using enum outcome;
  static const std::vector<marked_dialogue> all = {
      {"delivered", "220-%\n220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250-%\n250 %\n\n221 %\n\n",
       delivered},
      {"delivered in a group", "220 %\n\n250-%\n250 PIPELINING\n\n250 %\n250 %\n250 %\n354 %\n\n250 %\n\n221 %\n\n",
       delivered},
      {"delivered in a chunk", "220 %\n\n250-%\n250 CHUNKING\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n221 %\n\n",
       delivered},
      {"delivered by HELO", "220 %\n\n500 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250 %\n\n221 %\n\n",
       delivered},
      {"delivered with TLS",
       "220 %\n\n250-%\n250 STARTTLS\n\n220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250 %\n\n221 %\n\n",
       delivered},
      {"delivered although STARTTLS failed",
       "220 %\n\n250-%\n250 STARTTLS\n\n454 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250 %\n\n221 %\n\n", delivered},
      {"authenticated",
       "220 %\n\n250-%\n250 AUTH PLAIN\n\n235 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250 %\n\n221 %\n\n", delivered,
       authenticated()},
      {"wrong password", "220 %\n\n250-%\n250 AUTH PLAIN\n\n535 %\n\n221 %\n\n", refused, authenticated()},
      {"a strange challenge", "220 %\n\n250-%\n250 AUTH PLAIN\n\n334 %\n\n501 %\n\n221 %\n\n", refused,
       authenticated()},
      {"turned away", "554 %\n\n221 %\n\n", refused},
      {"closed at once", "421 %\n\n", temporary},
      {"EHLO is put off", "220 %\n\n451 %\n\n221 %\n\n", temporary},
      {"MAIL is refused", "220 %\n\n250 %\n\n550-%\n550 %\n\n250 %\n\n221 %\n\n", refused},
      {"MAIL is put off", "220 %\n\n250 %\n\n450 %\n\n250 %\n\n221 %\n\n", temporary},
      {"a recipient is refused", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n550-%\n550 %\n\n354 %\n\n250 %\n\n221 %\n\n",
       refused},
      {"both recipients are put off", "220 %\n\n250 %\n\n250 %\n\n450 %\n\n450 %\n\n250 %\n\n221 %\n\n", temporary},
      {"DATA is refused", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n554 %\n\n250 %\n\n221 %\n\n", refused},
      {"the message is refused", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n550 %\n\n250 %\n\n221 %\n\n",
       refused},
      {"the message is put off", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n452 %\n\n250 %\n\n221 %\n\n",
       temporary},
      {"closed behind the message", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n421 %\n\n", temporary},
      {"the message is refused amid it", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n552 %\n\n", refused},
      {"LMTP", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n250 %\n550 %\n\n221 %\n\n", refused, lmtp()},
      {"LMTP, later", "220 %\n\n250 %\n\n250 %\n\n250 %\n\n250 %\n\n354 %\n\n550 %\n\n250 %\n\n221 %\n\n", delivered,
       lmtp()},
  };
  return all;
}

TEST(reply_text, changes_nothing_for_a_delivery) {
  for (const marked_dialogue& each : dialogues()) {
    const ended plain = deliver(each.plan, with_text(each.replies, std::string::npos, ""));
    ASSERT_EQ(plain.outcomes[1].what, each.becomes) << each.name << ": " << plain.said;
    ASSERT_TRUE(plain.over) << each.name << ": " << plain.said;
    for (const reply_text& text : reply_texts())
      for (std::size_t mark = 0; mark < count_marks(each.replies); ++mark) {
        SCOPED_TRACE(std::string(each.name) + ", " + std::string(text.name) + " at " + std::to_string(mark));
        const ended other = deliver(each.plan, with_text(each.replies, mark, text.octets));
        EXPECT_EQ(other.said, plain.said);
        EXPECT_EQ(other.turned_away, plain.turned_away);
        EXPECT_TRUE(other.over);
        for (std::size_t i = 0; i < to.size(); ++i) {
          EXPECT_EQ(other.outcomes[i].what, plain.outcomes[i].what);
          EXPECT_EQ(other.outcomes[i].code, plain.outcomes[i].code);
          EXPECT_EQ(other.outcomes[i].error, plain.outcomes[i].error);
        }
      }
  }
}

TEST(reply_text, is_kept_with_the_outcome) {
  for (const reply_text& text : reply_texts()) {
    const ended all = deliver({}, "220 s\n\n250 s\n\n250 ok\n\n250 ok\n\n550-" + text.octets + "\n550 " + text.octets +
                                      "\n\n354 go on\n\n250 " + text.octets + "\n\n221 bye\n\n");
    EXPECT_EQ(all.outcomes[0].text, text.octets) << text.name;
    EXPECT_EQ(all.outcomes[1].text, text.octets.empty() ? "" : text.octets + "\n" + text.octets) << text.name;
  }
}

// Different codes in one reply are no reply: the report has both.
TEST(reply_text, different_codes_are_both_told) {
  const ended all =
      deliver({}, "220 s\n\n250 s\n\n250 ok\n\n250 ok\n\n250 ok\n\n354 go on\n\n250-taken\n451 or not\n\n");
  for (const recipient_outcome& each : all.outcomes) {
    EXPECT_EQ(each.what, outcome::unknown);
    EXPECT_EQ(each.error, errc::reply_code_mismatch);
    EXPECT_EQ(each.text, "250, then 451");
    EXPECT_EQ(each.code, 0);
  }
}

} // namespace
} // namespace postel::test
