// Planted defects of a client session.
#include "client_oracle.hpp"

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
  return first_objection("client",
                         [](std::string_view wire) { return judge_client<Session>(wire, effort::every_split); });
}

TEST(client_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(
      first_objection("client", [](std::string_view wire) { return judge_client<client>(wire, effort::some_cuts); }),
      IsEmpty());
}

struct loses_a_reply_at_a_cut : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    const bool waited = std::exchange(waited_, std::holds_alternative<event::need_more>(s.event) && !unread.empty());
    if (waited && std::holds_alternative<event::replied>(s.event)) return {event::need_more{}, s.used};
    return s;
  }
  bool waited_ = false;
};
TEST(client_oracle, sees_a_reply_lost_at_a_cut) {
  EXPECT_THAT(what_it_says<loses_a_reply_at_a_cut>(), HasSubstr("drops octets without an event"));
}

// Takes the CR at the end of a read for a bare one.
struct judges_a_cr_too_soon : client {
  using client::client;
  client_step next(std::string_view unread) {
    too_soon_ = too_soon_ || unread.ends_with('\r');
    if (too_soon_) return {event::broken{errc::bare_cr}, 0};
    return client::next(unread);
  }
  result<std::size_t> send(const command& what, std::string& out) {
    if (too_soon_) return failure{errc::not_now};
    return client::send(what, out);
  }
  bool too_soon_ = false;
};
TEST(client_oracle, sees_a_cr_judged_too_soon) {
  EXPECT_THAT(what_it_says<judges_a_cr_too_soon>(), HasSubstr("other events"));
}

struct forgets_the_first_line : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (auto* replied = std::get_if<event::replied>(&s.event)) {
      const std::string_view wire = replied->reply.wire();
      const std::size_t lf = wire.find('\n');
      if (const auto rest = parse_reply(wire.substr(lf + 1))) replied->reply = *rest;
    }
    return s;
  }
};
TEST(client_oracle, sees_a_shortened_reply) {
  EXPECT_THAT(what_it_says<forgets_the_first_line>(), HasSubstr("a reply that is not what came"));
}

struct recovers : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (std::holds_alternative<event::broken>(s.event) && std::exchange(broken_before_, true))
      return {event::need_more{}, unread.size()};
    return s;
  }
  bool broken_before_ = false;
};
TEST(client_oracle, sees_that_broken_does_not_last) {
  EXPECT_THAT(what_it_says<recovers>(), HasSubstr("does not stay broken"));
}

struct miscounts : client {
  using client::client;
  [[nodiscard]] std::size_t outstanding() const { return client::outstanding() + (in_body() ? 0U : 1U); }
};
TEST(client_oracle, sees_a_wrong_count) {
  EXPECT_THAT(what_it_says<miscounts>(), HasSubstr("counts other commands"));
}

struct allocates : client {
  using client::client;
  client_step next(std::string_view unread) {
    kept = std::make_unique<char>();
    return client::next(unread);
  }
  std::unique_ptr<char> kept;
};
TEST(client_oracle, sees_an_allocation) {
  EXPECT_THAT(what_it_says<allocates>(), HasSubstr("next() allocates"));
}

} // namespace
} // namespace postel::fuzz
