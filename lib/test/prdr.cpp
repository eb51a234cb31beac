// PRDR, Exim's and draft-hall-prdr-00: a reply for each recipient behind the message.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "postel/client.hpp"
#include "postel/delivery.hpp"

namespace {

using namespace postel;
using about = event::message_replied::about;

const client_policy rules;
constexpr std::string_view hello = "250-s.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 PRDR\r\n";

// What a client session makes of replies to a message.
struct heard {
  about what;
  std::uint16_t code;
  std::size_t recipient;
  friend bool operator==(const heard&, const heard&) = default;
};

void PrintTo(const heard& h, std::ostream* out) {
  *out << static_cast<int>(h.what) << ' ' << h.code << " of " << h.recipient;
}

// A session in which MAIL with these parameters, three recipients, of which the second is refused, and DATA were answered.
struct session {
  explicit session(std::string_view parameters_of_mail, bool chunk = false) {
    std::string out;
    take("220 s\r\n");
    EXPECT_TRUE(client.send(cmd::ehlo{{"c.example"}}, out));
    take(hello);
    EXPECT_TRUE(client.send(cmd::mail{{{}, "a", "c.example"}, parameters(parameters_of_mail)}, out));
    for (const char* each : {"x", "y", "z"}) EXPECT_TRUE(client.send(cmd::rcpt{{{}, each, "s.example"}, {}}, out));
    take("250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n");
    if (chunk) {
      EXPECT_TRUE(client.send(cmd::bdat{5, true}, out));
      EXPECT_TRUE(client.chunk_written(5));
    } else {
      EXPECT_TRUE(client.send(cmd::data{}, out));
      take("354 go\r\n");
      EXPECT_TRUE(client.send_body("hello", out));
      EXPECT_TRUE(client.end_body(out));
    }
  }
  std::vector<heard> take(std::string_view octets) {
    std::vector<heard> all;
    unread += octets;
    for (;;) {
      const client_step step = client.next(unread);
      if (const auto* reply = std::get_if<event::message_replied>(&step.event))
        all.push_back({reply->what, reply->reply.code(), reply->recipient});
      broken = broken || std::holds_alternative<event::broken>(step.event);
      unread.erase(0, step.used);
      if (broken || std::holds_alternative<event::need_more>(step.event)) return all;
    }
  }

  postel::client client{rules};
  std::string unread;
  bool broken = false;
};

TEST(prdr, a_reply_for_each_recipient) {
  for (const bool chunk : {false, true}) {
    session s("PRDR", chunk);
    EXPECT_EQ(s.client.outstanding(), 1U);
    EXPECT_EQ(s.take("353 analysis\r\n"), (std::vector<heard>{{about::announcement, 353, 0}}));
    EXPECT_EQ(s.client.outstanding(), 3U);
    EXPECT_EQ(s.client.deadline(), timeout::data_termination);
    std::string out;
    EXPECT_EQ(s.client.send(cmd::rset{}, out).error().code, errc::not_now);
    EXPECT_EQ(s.take("250 x\r\n550-z\r\n550 z\r\n"),
              (std::vector<heard>{{about::recipient, 250, 0}, {about::recipient, 550, 1}}));
    EXPECT_EQ(s.take("250 all done\r\n"), (std::vector<heard>{{about::message, 250, 0}}));
    EXPECT_EQ(s.client.outstanding(), 0U);
    EXPECT_TRUE(s.client.send(cmd::mail{{{}, "a", "c.example"}, {}}, out)) << "another transaction";
    (void)s.take("250 one more\r\n250 too many\r\n");
    EXPECT_TRUE(s.broken);
  }
}

// The server need not make use of it (Exim does not for one recipient), and 353 announces nothing else.
TEST(prdr, only_where_it_was_asked_for) {
  session unused("PRDR");
  EXPECT_EQ(unused.take("250 done\r\n"), (std::vector<heard>{{about::message, 250, 0}}));
  EXPECT_EQ(unused.client.outstanding(), 0U);
  session without("");
  EXPECT_EQ(without.take("353 what\r\n"), (std::vector<heard>{{about::message, 353, 0}}));
  EXPECT_EQ(without.client.outstanding(), 0U);
  session twice("PRDR");
  EXPECT_EQ(twice.take("353 a\r\n353 b\r\n"),
            (std::vector<heard>{{about::announcement, 353, 0}, {about::recipient, 353, 0}}));
  EXPECT_EQ(twice.client.outstanding(), 2U);
}

TEST(prdr, is_said_only_where_it_is_offered) {
  postel::client client{rules};
  std::string out;
  (void)client.next("220 s\r\n");
  ASSERT_TRUE(client.send(cmd::ehlo{{"c.example"}}, out));
  (void)client.next("250 s.example\r\n");
  EXPECT_EQ(client.send(cmd::mail{{{}, "a", "c.example"}, parameters("PRDR")}, out).error().code, errc::not_offered);
}

// ---- delivery

const std::vector<envelope::recipient> three = {
    {{{}, "x", "s.example"}}, {{{}, "y", "s.example"}}, {{{}, "z", "s.example"}}};
const envelope to_three = {{{}, "a", "c.example"}, {}, three};
constexpr std::string_view text[] = {"Subject: x\r\n\r\ntext\r\n"};

struct transfer {
  explicit transfer(bool prdr, std::string_view offer = hello) {
    plan.prdr = prdr;
    plan.chunking = false;
    hears("220 s.example\r\n");
    hears(offer);
    hears("250 a\r\n250 x\r\n250 y\r\n250 z\r\n");
    hears("354 go\r\n");
    std::string_view views[8];
    while (client.message(views) != 0) {
    }
  }
  void hears(std::string_view octets) {
    unread += octets;
    const delivery::step step = client.next(unread, said);
    unread.erase(0, step.used);
  }
  [[nodiscard]] std::vector<outcome> outcomes() const {
    std::vector<outcome> all;
    for (const recipient_outcome& each : client.outcomes()) all.push_back(each.what);
    return all;
  }

  delivery_plan plan;
  delivery client{plan, to_three, text};
  std::string unread, said;
};
using outcomes = std::vector<outcome>;

TEST(prdr, a_delivery_has_an_outcome_for_each_recipient) {
  transfer t(true);
  EXPECT_NE(t.said.find("MAIL FROM:<a@c.example> PRDR\r\n"), std::string::npos) << t.said;
  t.hears("353 analysis\r\n250 x\r\n550 5.7.1 y\r\n450 z\r\n");
  EXPECT_EQ(t.outcomes(), (outcomes{outcome::pending, outcome::refused, outcome::temporary})) << "nobody has it yet";
  t.hears("250 2.0.0 queued\r\n");
  EXPECT_EQ(t.outcomes(), (outcomes{outcome::delivered, outcome::refused, outcome::temporary}));
  EXPECT_EQ(t.client.outcomes()[0].text, "2.0.0 queued");
  EXPECT_EQ(t.client.outcomes()[1].code, 550);
  EXPECT_EQ(t.client.outcomes()[2].code, 450);
  EXPECT_TRUE(t.said.ends_with("QUIT\r\n")) << t.said;
}

TEST(prdr, the_last_reply_decides) {
  struct row {
    std::string_view replies;
    outcomes expected;
  };
  using enum outcome;
  for (const row& r : {row{"353 a\r\n250 x\r\n250 y\r\n250 z\r\n550 no\r\n", {refused, refused, refused}},
                       row{"353 a\r\n250 x\r\n550 y\r\n250 z\r\n450 no\r\n", {temporary, refused, temporary}},
                       row{"353 a\r\n550 x\r\n550 y\r\n450 z\r\n550 no\r\n", {refused, refused, temporary}},
                       row{"353 a\r\n250 x\r\n550 y\r\n421 bye\r\n", {temporary, refused, temporary}},
                       row{"353 a\r\n250 x\r\n353 y\r\n250 z\r\n250 done\r\n", {delivered, temporary, delivered}},
                       row{"250 done\r\n", {delivered, delivered, delivered}}}) {
    transfer t(true);
    t.hears(r.replies);
    EXPECT_EQ(t.outcomes(), r.expected) << r.replies;
  }
}

// The connection is lost amid the replies: what was refused is refused, the rest nobody knows (RFC 5321 6.1).
TEST(prdr, lost_before_the_last_reply) {
  using enum outcome;
  transfer t(true);
  t.hears("353 a\r\n250 x\r\n550 y\r\n");
  t.client.lost();
  EXPECT_EQ(t.outcomes(), (outcomes{unknown, refused, unknown}));
  transfer cut(true);
  cut.hears("353 a\r\n250 x\r\n");
  cut.client.lost_while_writing();
  EXPECT_EQ(cut.outcomes(), (outcomes{temporary, temporary, temporary}));
}

TEST(prdr, nothing_is_said_unasked) {
  for (const auto& [wanted, offer] :
       {std::pair{false, hello}, std::pair{true, std::string_view("250-s.example\r\n250 PIPELINING\r\n")}}) {
    transfer t(wanted, offer);
    EXPECT_EQ(t.said.find("PRDR"), std::string::npos) << t.said;
    t.hears("250 done\r\n");
    EXPECT_EQ(t.outcomes(), (outcomes{outcome::delivered, outcome::delivered, outcome::delivered}));
  }
}

} // namespace
