// Our client against our server: what one sends the other delivers, whatever the reads look like.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "delivery_scene.hpp"
#include "exact.hpp"
#include "postel/client.hpp"
#include "postel/server.hpp"

namespace {

using namespace postel;
using namespace postel::test;

struct exchange {
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
exchange deliver(std::string_view text, const policy& rules, std::size_t size, bool refuse_first = false) {
  const client_policy bounds;
  client sender(bounds);
  server receiver(rules);
  exchange result;
  wire to_server(size), to_client(size);
  EXPECT_TRUE(receiver.open(to_client.out));

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
      if (receiver.pending_answers() != 0) {
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
        const exchange d = deliver(text, rules, size);
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
    const exchange d = deliver(text, rules, 1 + random() % 9);
    ASSERT_TRUE(d.accepted);
    ASSERT_EQ(d.message, text);
  }
}

TEST(pair, one_recipient_may_be_refused) {
  const policy rules;
  const exchange d = deliver("x\r\n", rules, 3, true);
  EXPECT_TRUE(d.accepted);
  EXPECT_EQ(d.recipients, std::vector<std::string>{"eve"});
}

TEST(pair, a_message_over_the_limit_is_refused_and_the_session_goes_on) {
  policy rules;
  rules.message_size = 10;
  const exchange d = deliver("12345678\r\n9\r\n", rules, 4);
  EXPECT_FALSE(d.accepted);
}

// What can make a difference to a delivery in clear.
constexpr extension relevant[] = {extension::pipelining, extension::size,     extension::eight_bit_mime,
                                  extension::smtputf8,   extension::chunking, extension::binarymime,
                                  extension::dsn,        extension::limits,   extension::enhanced_status_codes};

// A server that forgives nothing.
policy strict_rules() {
  policy rules;
  rules.offer = {};
  rules.accept_undeclared_eight_bit = false;
  rules.accept_illegal_pipelining = false;
  rules.accept_nul = false;
  rules.limit.errors = 1;
  return rules;
}

// What is to be delivered, and what it asks of a server.
struct mail {
  std::string_view name;
  std::string_view text;
  bool eight_bit = false, utf8_header = false, bare = false;
};
constexpr mail mails[] = {
    {"plain", "Subject: x\r\n\r\n.a\r\n..\r\nb"},
    {"unix", "Subject: x\n\n.a\n..\nb\n", false, false, true},
    {"octets above 127", "Subject: x\r\n\r\n\xe9.\r\n.\r\n", true},
    {"a header in UTF-8", "Subject: \xc3\xa9\r\n\r\n.\r\n", true, true},
};

std::string with_line_ends(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_end = text[i] == '\r' || text[i] == '\n';
    if (line_end)
      made += "\r\n";
    else
      made += text[i];
    if (text.substr(i, 2) == "\r\n") ++i;
  }
  return made;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void deliver_and_judge(const scene& s, const mail& what) {
  const extensions offered = s.rules.offer;
  const bool utf8 = offered.contains(extension::smtputf8);
  const bool lmtp = s.rules.protocol == service::lmtp;
  const std::vector<recipient> to = {{{{}, "bob", "d.example"}, "NOTIFY=NEVER"},
                                     {{{}, "j\xc3\xb6rg", "d.example"}},
                                     {{{}, "eve", "d.example"}},
                                     {{{}, "kim", "d.example"}}};
  const std::string_view slices[] = {what.text.substr(0, 12), what.text.substr(12, 2), what.text.substr(14)};
  const played p = play(s, from_ann(to, "RET=HDRS"), slices);
  ASSERT_TRUE(p.ended);
  ASSERT_EQ(p.refused, lmtp && !p.messages.empty() ? 1U : 0U) << p.said;
  if (!offered.contains(extension::pipelining)) {
    ASSERT_LE(p.most_lines, 1U) << p.said;
  }

  errc obstacle{};
  if (what.utf8_header && !utf8) obstacle = errc::non_ascii_address;
  if (what.eight_bit && !offered.contains(extension::eight_bit_mime)) obstacle = errc::non_ascii_body;
  if (obstacle != errc{}) {
    ASSERT_FALSE(has(p.said, "MAIL")) << p.said;
    for (const recipient_outcome& each : p.outcomes) ASSERT_EQ(each.what, outcome::refused);
    ASSERT_EQ(p.outcomes[0].error, obstacle);
    return;
  }
  // With LIMITS the server says how many it takes, and is never asked for more.
  const std::size_t people = utf8 ? 4 : 3;
  const std::size_t transactions = offered.contains(extension::limits) ? (people + 1) / 2 : 1;
  ASSERT_EQ(p.messages.size(), transactions) << p.said;

  const bool chunk = offered.contains(extension::chunking) && s.plan.chunking && !what.bare;
  ASSERT_EQ(has(p.said, "BDAT"), chunk);
  ASSERT_NE(has(p.said, "DATA\r\n"), chunk);
  std::string arrives = with_line_ends(what.text);
  if (!chunk && !arrives.ends_with("\r\n")) arrives += "\r\n";
  std::string parameters;
  const auto add = [&](bool wanted, const std::string& word) {
    if (wanted) parameters.append(parameters.empty() ? "" : " ").append(word);
  };
  add(offered.contains(extension::size), "SIZE=" + std::to_string(arrives.size()));
  add(what.eight_bit, "BODY=8BITMIME");
  add(utf8, "SMTPUTF8");
  add(offered.contains(extension::dsn), "RET=HDRS");
  std::vector<std::string> got;
  for (const received& each : p.messages) {
    ASSERT_EQ(each.text, arrives);
    ASSERT_EQ(each.from, "ann@c.example");
    ASSERT_EQ(each.parameters, parameters);
    got.insert(got.end(), each.to.begin(), each.to.end());
  }
  std::vector<std::string> expected = {
      offered.contains(extension::dsn) ? "bob@d.example NOTIFY=NEVER" : "bob@d.example", "j\xc3\xb6rg@d.example",
      "eve@d.example", "kim@d.example"};
  if (!utf8) expected.erase(expected.begin() + 1);
  ASSERT_EQ(got, expected);
  ASSERT_EQ(whats(p), (outcomes{outcome::delivered, utf8 ? outcome::delivered : outcome::refused,
                                lmtp ? outcome::temporary : outcome::delivered, outcome::delivered}));
  ASSERT_EQ(p.outcomes[1].error, utf8 ? errc{} : errc::non_ascii_address);
  ASSERT_EQ(p.outcomes[0].status.has_value(), offered.contains(extension::enhanced_status_codes));
}

TEST(pair, every_set_of_extensions) {
  constexpr std::size_t sets = std::size_t{1} << std::size(relevant);
  for (std::size_t members = 0; members < sets; ++members) {
    for (const service protocol : {service::smtp, service::lmtp}) {
      scene s;
      s.rules = strict_rules();
      s.rules.protocol = s.plan.rules.protocol = protocol;
      for (std::size_t i = 0; i < std::size(relevant); ++i)
        if ((members >> i & 1U) != 0) s.rules.offer.insert(relevant[i]);
      if (s.rules.offer.contains(extension::limits)) s.rules.limit.recipients = 2;
      s.plan.rules.convert_line_ends = true;
      for (const bool chunking : {true, false}) {
        if (!chunking && !s.rules.offer.contains(extension::chunking)) continue;
        s.plan.chunking = chunking;
        for (const std::size_t cut : {std::size_t{1}, 2 + members % 40, std::size_t{100000}}) {
          s.cut = cut;
          for (const mail& what : mails) {
            // Who has a reply of her own behind the message, in LMTP, is told no.
            std::vector<std::string> people;
            std::size_t told = 0;
            s.decide = [&](const server_event& e) -> std::optional<reply> {
              if (std::holds_alternative<event::sender>(e)) {
                people.clear();
                told = 0;
              }
              if (const auto* rcpt = std::get_if<event::recipient>(&e)) people.push_back(mailbox_of(rcpt->command.to));
              if (!std::holds_alternative<event::message_end>(e) || protocol == service::smtp) return std::nullopt;
              return people.at(told++) == "eve@d.example" ? std::optional(reply{452, "full"}) : std::nullopt;
            };
            std::string words(what.name);
            words.append(protocol == service::lmtp ? ", LMTP" : ", SMTP").append(chunking ? ", chunks" : "");
            for (const extension e : relevant)
              if (s.rules.offer.contains(e)) words.append(" ").append(keyword(e));
            SCOPED_TRACE(words + ", reads of " + std::to_string(cut));
            deliver_and_judge(s, what);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

// Three messages over one connection, whatever is offered and whatever becomes of them: the server has what the delivery says, refuses no
// command, and has each message once.
TEST(pair, several_messages_over_one_connection) {
  constexpr std::string_view first[] = {"Subject: 1\r\n\r\n.\r\n"}, second[] = {"Subject: 2\n\n.\n"};
  constexpr std::string_view third[] = {"Subject: 3\r\n\r\n", "..\r\nend"};
  const envelope to_both = from_ann(two);
  const std::vector<recipient> kim = {{{{}, "kim", "e.example"}}};
  const envelope to_kim = {{{}, "joe", "c.example"}, {}, kim};
  const further more[] = {{to_kim, second}, {to_both, third}};
  enum class refuses : std::uint8_t { nothing, sender, recipient, message };
  for (std::size_t way = 0; way < 256; ++way) {
    scene s;
    s.rules = strict_rules();
    s.plan.keep_open = true;
    s.plan.rules.convert_line_ends = true;
    if ((way & 1U) != 0) s.rules.offer.insert(extension::pipelining);
    if ((way & 2U) != 0) s.rules.offer.insert(extension::chunking);
    if ((way & 4U) != 0) s.rules.protocol = s.plan.rules.protocol = service::lmtp;
    s.cut = (way & 8U) != 0 ? 1 : 100000;
    const auto which = static_cast<refuses>(way >> 4 & 3U);
    const bool of_second = (way & 64U) != 0;
    const bool all_fit = (way & 128U) != 0;
    if (!all_fit) {
      s.rules.offer.insert(extension::limits);
      s.rules.limit.transactions = 2;
    }
    s.rules.limit.errors = 10; // what is refused here is an error to it
    std::size_t senders = 0;
    s.decide = [&](const server_event& e) -> std::optional<reply> {
      if (std::holds_alternative<event::sender>(e)) ++senders;
      const bool hit = senders == (of_second ? 2 : 1) &&
                       ((which == refuses::sender && std::holds_alternative<event::sender>(e)) ||
                        (which == refuses::recipient && std::holds_alternative<event::recipient>(e)) ||
                        (which == refuses::message && std::holds_alternative<event::message_end>(e)));
      return hit ? std::optional(reply{550, "no"}) : std::nullopt;
    };
    SCOPED_TRACE(way);
    const played p = play(s, to_both, first, more);
    ASSERT_TRUE(p.ended);
    ASSERT_TRUE(p.said.ends_with("QUIT\r\n")) << p.said;
    std::vector<std::vector<recipient_outcome>> became = p.earlier;
    became.push_back(p.outcomes);
    // A sender that is refused is no transaction of those that the server counts.
    const std::size_t tried = all_fit || which == refuses::sender ? 3 : 2;
    ASSERT_EQ(became.size(), tried) << p.said;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < tried; ++i) {
      const bool refused = which != refuses::nothing && i == (of_second ? 1 : 0);
      for (const recipient_outcome& each : became[i])
        ASSERT_EQ(each.what, refused ? outcome::refused : outcome::delivered) << p.said;
      if (!refused) expected.push_back(std::string("Subject: ").append(std::to_string(i + 1)));
    }
    std::vector<std::string> got;
    for (const received& each : p.messages) {
      got.push_back(each.text.substr(0, 10));
      ASSERT_EQ(each.from, each.text[9] == '2' ? "joe@c.example" : "ann@c.example");
      ASSERT_EQ(each.to.size(), each.text[9] == '2' ? 1U : 2U);
    }
    ASSERT_EQ(got, expected) << p.said;
    const bool open = which == refuses::recipient || which == refuses::message;
    ASSERT_EQ(has(p.said, "RSET"), open && !(of_second && tried == 2)) << p.said;
    if (which == refuses::nothing) {
      ASSERT_EQ(p.refused, 0U);
    }
    if (!s.rules.offer.contains(extension::pipelining)) {
      ASSERT_LE(p.most_lines, 1U) << p.said;
    }
  }
}

#ifdef POSTEL_SANITIZED
constexpr std::size_t longest_text = 5;
#else
constexpr std::size_t longest_text = 6;
#endif

// Calls judge with every text of at most that many of the octets that line ends, ends of data and declarations hang on.
template <typename Judge>
void for_each_short_text(std::size_t longest, Judge judge) {
  constexpr std::string_view octets = "\r\n.x\xe9";
  std::size_t count = 1;
  for (std::size_t length = 0; length <= longest; ++length, count *= octets.size())
    for (std::size_t number = 0; number < count; ++number) {
      std::string text;
      for (std::size_t i = 0, left = number; i < length; ++i, left /= octets.size())
        text += octets[left % octets.size()];
      judge(text);
      if (testing::Test::HasFatalFailure()) return;
    }
}

// The first octet that is no part of a CRLF.
errc first_bare(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n")
      ++i;
    else if (text[i] == '\r' || text[i] == '\n')
      return text[i] == '\r' ? errc::bare_cr : errc::bare_lf;
  }
  return errc{};
}

// What a delivery sends of a text is what its policy says, whatever the server's: in a message that it writes nothing is left to decide.
TEST(pair, every_short_text_under_each_policy_of_the_sender) {
  scene s;
  s.rules = strict_rules();
  s.plan.starttls = delivery_plan::tls::never;
  const std::vector<recipient> bob = {{{{}, "bob", "d.example"}}};
  const envelope to_bob = from_ann(bob);
  const auto judge = [&](const std::string& text) {
    const bool eight_bit = has(text, "\xe9");
    const std::string before = with_line_ends(text.substr(0, text.find('\xe9')));
    const bool in_header = !before.starts_with("\r\n") && !has(before, "\r\n\r\n");
    const std::string_view slices[] = {std::string_view(text).substr(0, text.size() / 2),
                                       std::string_view(text).substr(text.size() / 2)};
    const played p = play(s, to_bob, slices);
    const errc bare = s.plan.rules.convert_line_ends ? errc{} : first_bare(text);
    const std::string as_text = testing::PrintToString(text);
    if (bare != errc{}) {
      ASSERT_EQ(whats(p), outcomes{outcome::refused}) << as_text;
      ASSERT_EQ(p.outcomes[0].error, bare) << as_text;
      ASSERT_FALSE(has(p.said, "MAIL")) << as_text;
      return;
    }
    ASSERT_EQ(whats(p), outcomes{outcome::delivered}) << as_text << p.said;
    ASSERT_EQ(p.refused, 0U);
    ASSERT_EQ(p.messages.size(), 1U);
    std::string arrives = with_line_ends(text);
    if (!has(p.said, "BDAT") && !arrives.empty() && !arrives.ends_with("\r\n")) arrives += "\r\n";
    ASSERT_EQ(p.messages[0].text, arrives) << as_text;
    ASSERT_EQ(p.messages[0].parameters, eight_bit ? in_header ? "BODY=8BITMIME SMTPUTF8" : "BODY=8BITMIME" : "");
  };
  for (const bool convert : {false, true}) {
    s.plan.rules.convert_line_ends = convert;
    for (const bool chunking : {false, true}) {
      s.rules.offer = {extension::eight_bit_mime, extension::smtputf8};
      if (chunking) s.rules.offer.insert(extension::chunking);
      s.cut = 100000;
      for_each_short_text(longest_text, judge);
      s.cut = 1;
      for_each_short_text(4, judge);
      if (HasFatalFailure()) return;
    }
  }
}

// A sender that takes no care of line ends, and the server's policies. message: as the sender means it, complete.
struct judged {
  bool accepted = true;
  std::string text;
};

judged defined(std::string_view message, bare_line_end cr, bare_line_end lf) {
  judged made;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message.substr(i, 2) == "\r\n") {
      made.text += "\r\n";
      ++i;
    } else if (message[i] == '\r' || message[i] == '\n') {
      const bare_line_end wanted = message[i] == '\r' ? cr : lf;
      if (wanted == bare_line_end::refuse) return {false, {}};
      if (wanted == bare_line_end::accept)
        made.text += message[i];
      else
        made.text += "\r\n";
    } else {
      made.text += message[i];
    }
  }
  return made;
}

TEST(pair, every_short_text_under_each_policy_of_the_receiver) {
  for (const auto cr : {bare_line_end::refuse, bare_line_end::accept, bare_line_end::normalise}) {
    for (const auto lf : {bare_line_end::refuse, bare_line_end::accept, bare_line_end::normalise}) {
      policy rules;
      rules.offer = {extension::chunking};
      rules.bare_cr = cr;
      rules.bare_lf = lf;
      const client_policy bounds;
      client sender(bounds);
      server receiver(rules);
      std::string to_server, to_client, text;
      bool accepted = false;
      // Hands what the client has written to the server, and what that says to the client.
      const auto exchange = [&](std::size_t size) {
        for (std::string unread; !to_server.empty();) {
          const std::size_t some = std::min(size, to_server.size());
          unread.append(to_server, 0, some);
          to_server.erase(0, some);
          for (;;) {
            const server_step step = receiver.next(unread, to_client);
            if (const auto* b = std::get_if<event::body>(&step.event)) text += b->bytes;
            if (receiver.pending_answers() != 0) {
              EXPECT_TRUE(receiver.accept(to_client));
            }
            unread.erase(0, step.used);
            if (step.idle()) break;
          }
        }
        for (;;) {
          const client_step step = sender.next(to_client);
          if (const auto* m = std::get_if<event::message_replied>(&step.event)) accepted = m->reply.severity() == 2;
          to_client.erase(0, step.used);
          if (std::holds_alternative<event::need_more>(step.event)) return;
          ASSERT_FALSE(std::holds_alternative<event::broken>(step.event));
        }
      };
      const auto say = [&](const command& what) {
        ASSERT_TRUE(sender.send(what, to_server));
        exchange(100);
      };
      EXPECT_TRUE(receiver.open(to_client));
      exchange(100);
      say(cmd::ehlo{{"c.example"}});
      const auto begin = [&] {
        text.clear();
        accepted = false;
        say(cmd::mail{{{}, "ann", "c.example"}, {}});
        say(cmd::rcpt{{{}, "bob", "s.example"}, {}});
      };
      const auto judge = [&](const std::string& octets, std::size_t size) {
        const std::string printed = testing::PrintToString(octets);
        // Behind DATA, with no more care than for the dots.
        std::string message = octets;
        if (!message.empty() && !message.ends_with("\r\n")) message += "\r\n";
        begin();
        say(cmd::data{});
        ASSERT_TRUE(sender.in_body());
        for (std::size_t i = 0; i < message.size(); ++i) {
          if (message[i] == '.' && (i == 0 || message.substr(0, i).ends_with("\r\n"))) to_server += '.';
          to_server += message[i];
        }
        ASSERT_TRUE(sender.end_body());
        to_server += ".\r\n";
        exchange(size);
        const judged should = defined(message, cr, lf);
        ASSERT_EQ(accepted, should.accepted) << printed;
        if (accepted) {
          ASSERT_EQ(text, should.text) << printed;
        }
        // As a chunk: data, whatever the policy (RFC 3030 3).
        begin();
        ASSERT_TRUE(sender.send(cmd::bdat{octets.size(), true}, to_server));
        ASSERT_TRUE(sender.chunk_written(octets.size()));
        to_server += octets;
        exchange(size);
        ASSERT_TRUE(accepted) << printed;
        ASSERT_EQ(text, octets);
      };
      for_each_short_text(longest_text, [&](const std::string& octets) { judge(octets, 100); });
      for_each_short_text(4, [&](const std::string& octets) { judge(octets, 1); });
      ASSERT_FALSE(HasFatalFailure());
    }
  }
}

} // namespace
