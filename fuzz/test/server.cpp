// Planted defects of a server session.
#include "server_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "corpus.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename Session>
std::string what_it_says() {
  return first_objection("server",
                         [](std::string_view wire) { return judge_server<Session>(wire, effort::every_split); });
}

// The rest of this file would prove nothing if this did not hold; all cuts of all of it are tried by corpus.server.
TEST(server_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(
      first_objection("server", [](std::string_view wire) { return judge_server<server>(wire, effort::some_cuts); }),
      IsEmpty());
}

struct loses_an_event_at_a_cut : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    const bool waited = std::exchange(waited_, std::holds_alternative<event::need_more>(s.event) && !unread.empty());
    if (waited && std::holds_alternative<event::noop>(s.event)) {
      out.clear();
      return {event::need_more{}, s.used};
    }
    return s;
  }
  bool waited_ = false;
};
TEST(server_oracle, sees_an_event_lost_at_a_cut) {
  EXPECT_THAT(what_it_says<loses_an_event_at_a_cut>(), HasSubstr("other events"));
}

struct takes_lf_for_a_line_end : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    if (!unread.starts_with("NOOP\n")) return server::next(unread, out);
    return {server::next("NOOP\r\n", out).event, 5};
  }
};
TEST(server_oracle, sees_a_bare_lf_that_ends_a_line) {
  EXPECT_THAT(what_it_says<takes_lf_for_a_line_end>(), HasSubstr("an event that comes from 'NOOP\\n'"));
}

// Once a line was refused for a bare LF, what follows the LF is a command.
struct goes_on_behind_a_bare_lf : server {
  explicit goes_on_behind_a_bare_lf(const policy& rules) : server(rules), rules_(rules) {}
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    const auto* refused = std::get_if<event::refused>(&s.event);
    if (refused != nullptr && refused->code == errc::bare_lf && current_state() == state::greeted) {
      const std::size_t before = out.size();
      static_cast<server&>(*this) = server(rules_);
      (void)open(out);
      out.resize(before);
    }
    return s;
  }
  const policy& rules_;
};
TEST(server_oracle, sees_a_command_in_what_is_to_be_discarded) {
  EXPECT_THAT(what_it_says<goes_on_behind_a_bare_lf>(), HasSubstr("before the refused line has ended"));
}

struct keeps_the_stuffed_dot : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (auto* body = std::get_if<event::body>(&s.event);
        body != nullptr && body->bytes.data() > unread.data() && body->bytes.data()[-1] == '.')
      body->bytes = {body->bytes.data() - 1, body->bytes.size() + 1};
    return s;
  }
};
TEST(server_oracle, sees_a_dot_that_stays) {
  EXPECT_THAT(what_it_says<keeps_the_stuffed_dot>(),
              testing::AnyOf(HasSubstr("another size"), HasSubstr("another message"), HasSubstr("not its beginning")));
}

struct replies_twice : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (std::holds_alternative<event::reset>(s.event)) out += "250 OK\r\n";
    return s;
  }
};
TEST(server_oracle, sees_a_reply_too_many) {
  EXPECT_THAT(what_it_says<replies_twice>(), HasSubstr("not one reply"));
}

struct takes_two_answers : server {
  using server::server;
  bool accept(std::string& out) { return server::accept(out) || !closed(); }
};
TEST(server_oracle, sees_an_answer_too_many) {
  EXPECT_THAT(what_it_says<takes_two_answers>(), HasSubstr("takes a second answer"));
}

struct does_not_wait : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    if (!answer_owed()) return server::next(unread, out);
    return {event::need_more{}, unread.size()};
  }
};
TEST(server_oracle, sees_octets_used_before_the_answer) {
  EXPECT_THAT(what_it_says<does_not_wait>(), HasSubstr("does not wait for the answer"));
}

template <typename Change>
struct other_limits : server {
  explicit other_limits(const policy& rules) : other_limits(std::make_shared<policy>(Change()(rules))) {}
  explicit other_limits(std::shared_ptr<policy> rules) : server(*rules), kept(std::move(rules)) {}
  std::shared_ptr<policy> kept;
};
struct one_more_recipient {
  policy operator()(policy rules) const {
    ++rules.limit.recipients;
    return rules;
  }
};
TEST(server_oracle, sees_a_recipient_too_many) {
  EXPECT_THAT(what_it_says<other_limits<one_more_recipient>>(), HasSubstr("more recipients than the limit"));
}
struct one_more_octet {
  policy operator()(policy rules) const {
    ++rules.message_size;
    return rules;
  }
};
TEST(server_oracle, sees_an_octet_too_many) {
  EXPECT_THAT(what_it_says<other_limits<one_more_octet>>(), HasSubstr("more octets than the limit"));
}
struct longer_lines {
  policy operator()(policy rules) const {
    rules.limit.command_line += 64;
    return rules;
  }
};
TEST(server_oracle, sees_a_line_that_is_too_long) {
  EXPECT_THAT(what_it_says<other_limits<longer_lines>>(), HasSubstr("a longer line than the limit"));
}

struct allocates : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    kept = std::make_unique<char>();
    return server::next(unread, out);
  }
  std::unique_ptr<char> kept;
};
TEST(server_oracle, sees_an_allocation) {
  EXPECT_THAT(what_it_says<allocates>(), HasSubstr("next() allocates"));
}

struct ends_early : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (std::holds_alternative<event::message_end>(s.event)) --s.used;
    return s;
  }
};
TEST(server_oracle, sees_a_message_that_ends_elsewhere) {
  EXPECT_THAT(what_it_says<ends_early>(), HasSubstr("the message ends elsewhere"));
}

TEST(count_replies, counts_whole_replies_only) {
  EXPECT_EQ(count_replies(""), 0U);
  EXPECT_EQ(count_replies("250 OK\r\n"), 1U);
  EXPECT_EQ(count_replies("250-a\r\n250 b\r\n"), 1U);
  EXPECT_EQ(count_replies("250 a\r\n250 b\r\n"), 2U);
  EXPECT_EQ(count_replies("250-a\r\n"), std::nullopt);
  EXPECT_EQ(count_replies("250 a"), std::nullopt);
  EXPECT_EQ(count_replies("250-a\r\n251 b\r\n"), std::nullopt);
  EXPECT_EQ(count_replies("\n"), std::nullopt);
}

} // namespace
} // namespace postel::fuzz
