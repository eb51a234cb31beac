// Deliveries to servers that are a few replies: what is said to them word for word, and what becomes of the message where they do what no
// server should.
#include <gtest/gtest.h>

#include <algorithm>
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

} // namespace
