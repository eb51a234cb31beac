// Our client against our server: what one sends the other delivers, whatever the reads look like.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "drive.hpp"
#include "postel/client.hpp"
#include "postel/server.hpp"

namespace {

using namespace postel;
using postel::test::exact;

struct delivery {
  bool accepted = false;
  std::string message;
  std::vector<std::string> recipients;
};

// Octets under way in one direction: at most size of them arrive at a time.
class wire {
 public:
  explicit wire(std::size_t size) : size_(size) {}
  std::string out;    // the sender appends here
  std::string unread; // the receiver reads here

  bool move() {
    const std::size_t some = std::min(size_, out.size());
    unread.append(out, 0, some);
    out.erase(0, some);
    return some != 0;
  }

 private:
  std::size_t size_;
};

// Sends text from one session to the other in reads of at most size octets; refuse_first: the first recipient is refused.
delivery deliver(std::string_view text, const policy& rules, std::size_t size, bool refuse_first = false) {
  const client_policy bounds;
  client sender(bounds);
  server receiver(rules);
  delivery result;
  wire to_server(size), to_client(size);
  receiver.open(to_client.out);

  std::vector<command> todo = {cmd::mail{{{}, "ann", "c.example"}, {}}, cmd::rcpt{{{}, "bob", "s.example"}, {}},
                               cmd::rcpt{{{}, "eve", "s.example"}, {}}, cmd::data{}, cmd::quit{}};
  std::size_t next_command = 0;
  bool greeted = false, closed = false;

  const auto act = [&](const client_event& e) {
    if (std::holds_alternative<event::greeted>(e)) {
      EXPECT_TRUE(sender.send(cmd::ehlo{{"c.example"}}, to_server.out));
      return;
    }
    if (const auto* r = std::get_if<event::replied>(&e)) {
      if (r->command == verb::ehlo) greeted = true;
      if (r->command == verb::data) {
        EXPECT_EQ(r->reply.code(), 354);
        for (std::size_t at = 0; at < text.size(); at += 7)
          EXPECT_TRUE(sender.send_body(text.substr(at, 7), to_server.out));
        EXPECT_TRUE(sender.end_body(to_server.out));
      }
      if (r->command == verb::quit) closed = true;
    }
    if (const auto* m = std::get_if<event::message_replied>(&e)) result.accepted = m->reply.code() == 250;
    EXPECT_FALSE(std::holds_alternative<event::broken>(e));
  };

  int idle = 0;
  while (!closed && idle < 3) {
    bool moved = to_server.move();
    moved |= to_client.move();
    for (;;) {
      const exact input(to_server.unread);
      const server_step step = receiver.next(input, to_client.out);
      if (const auto* b = std::get_if<event::body>(&step.event)) result.message += b->bytes;
      bool refuse = false;
      if (const auto* r = std::get_if<event::recipient>(&step.event)) {
        refuse = refuse_first && r->command.to.local_part == "bob";
        if (!refuse) result.recipients.emplace_back(r->command.to.local_part);
      }
      if (receiver.answer_owed()) {
        EXPECT_TRUE(refuse ? receiver.answer({550, "no"}, to_client.out) : receiver.accept(to_client.out));
      }
      to_server.unread.erase(0, step.used);
      if (step.idle()) break;
    }
    for (;;) {
      const exact input(to_client.unread);
      const client_step step = sender.next(input);
      act(step.event);
      to_client.unread.erase(0, step.used);
      if (std::holds_alternative<event::need_more>(step.event)) break;
    }
    while (greeted && next_command < todo.size() && sender.send(todo[next_command], to_server.out)) ++next_command;
    idle = moved ? 0 : idle + 1;
  }
  EXPECT_TRUE(closed) << "the two wait for each other";
  EXPECT_TRUE(receiver.closed());
  return result;
}

TEST(pair, delivers_octet_for_octet) {
  const std::string_view texts[] = {
      "", ".\r\n", "..\r\n.\r\n", "Subject: x\r\n\r\ntext\r\n", ".a\r\n..b\r\n\r\n.\r\n", "\r\n\r\n"};
  for (const bool pipelining : {true, false}) {
    policy rules;
    if (!pipelining) rules.offer.erase(extension::pipelining);
    for (const std::string_view text : texts) {
      for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100000}}) {
        const delivery d = deliver(text, rules, size);
        EXPECT_TRUE(d.accepted);
        EXPECT_EQ(d.message, text);
        EXPECT_EQ(d.recipients, (std::vector<std::string>{"bob", "eve"}));
      }
    }
  }
}

TEST(pair, delivers_every_text_that_has_no_bare_line_end) {
  const policy rules;
  std::mt19937 random(1869);
  constexpr std::string_view octets(".ab\0\t\x7f", 6);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t lines = random() % 6; lines != 0; --lines) {
      for (std::size_t i = random() % 5; i != 0; --i) text += octets[random() % octets.size()];
      text += "\r\n";
    }
    const delivery d = deliver(text, rules, 1 + random() % 9);
    ASSERT_TRUE(d.accepted);
    ASSERT_EQ(d.message, text);
  }
}

TEST(pair, one_recipient_may_be_refused) {
  const policy rules;
  const delivery d = deliver("x\r\n", rules, 3, true);
  EXPECT_TRUE(d.accepted);
  EXPECT_EQ(d.recipients, std::vector<std::string>{"eve"});
}

TEST(pair, a_message_over_the_limit_is_refused_and_the_session_goes_on) {
  policy rules;
  rules.message_size = 10;
  const delivery d = deliver("12345678\r\n9\r\n", rules, 4);
  EXPECT_FALSE(d.accepted);
}

} // namespace
