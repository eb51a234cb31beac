// Deliveries to servers that are a few replies: what is said to them word for word, and what becomes of the message where they do what no
// server should.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
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

} // namespace
