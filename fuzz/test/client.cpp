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
  EXPECT_THAT(what_it_says<loses_a_reply_at_a_cut>(), HasSubstr("gives need_more where it must not"));
}

// Takes the CR at the end of a read for a bare one.
struct judges_a_cr_too_soon : client {
  using client::client;
  client_step next(std::string_view unread) {
    if (unread.ends_with('\r')) return {event::broken{errc::bare_cr}, 0};
    return client::next(unread);
  }
};
TEST(client_oracle, sees_a_cr_judged_too_soon) {
  EXPECT_THAT(what_it_says<judges_a_cr_too_soon>(), HasSubstr("gives broken where it must not"));
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

// Goes on behind what breaks a session for that reason, as if it had not been there.
template <errc Why>
struct overlooks : client {
  using client::client;
  client_step next(std::string_view unread) {
    client copy = *this;
    const client_step s = copy.next(unread);
    const auto* broken = std::get_if<event::broken>(&s.event);
    if (broken != nullptr && broken->code == Why && chunk_left() == 0) return {event::need_more{}, unread.size()};
    return client::next(unread);
  }
};
TEST(client_oracle, sees_that_codes_differ) {
  EXPECT_THAT(what_it_says<overlooks<errc::reply_code_mismatch>>(), HasSubstr("gives need_more where it must not"));
}
TEST(client_oracle, sees_a_reply_that_was_not_due) {
  EXPECT_THAT(what_it_says<overlooks<errc::reply_unexpected>>(), HasSubstr("where it must not"));
}
TEST(client_oracle, sees_a_reply_without_end) {
  EXPECT_THAT(what_it_says<overlooks<errc::reply_too_long>>(), HasSubstr("gives need_more where it must not"));
}
TEST(client_oracle, sees_a_line_without_cr) {
  EXPECT_THAT(what_it_says<overlooks<errc::bare_lf>>(), HasSubstr("gives need_more where it must not"));
}
// RFC 3207 6
TEST(client_oracle, sees_what_is_put_behind_starttls) {
  EXPECT_THAT(what_it_says<overlooks<errc::octets_before_tls>>(),
              HasSubstr("takes what came in clear behind STARTTLS"));
}

// RFC 5321 4.2
struct minds_the_text : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    const bool bad = std::visit(
        [](const auto& e) {
          if constexpr (requires { e.reply; }) return e.reply.deviation().has_value();
          return false;
        },
        s.event);
    return bad ? client_step{event::broken{errc::syntax}, 0} : s;
  }
};
TEST(client_oracle, sees_a_session_broken_by_text) {
  EXPECT_THAT(what_it_says<minds_the_text>(), HasSubstr("goes by the text of a reply"));
}

struct limits_lines : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (s.used > 512 && unread.find('\n') > 511) return {event::broken{errc::line_too_long}, 0};
    return s;
  }
};
TEST(client_oracle, sees_a_limit_of_a_line) {
  EXPECT_THAT(what_it_says<limits_lines>(), HasSubstr("gives broken where it must not"));
}

// Takes a recipient for refused whose reply says so in words.
struct believes_the_text : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (const auto* replied = std::get_if<event::replied>(&s.event))
      lost_ = replied->reply.wire().find("\xE9") != std::string_view::npos;
    return s;
  }
  [[nodiscard]] std::size_t accepted() const { return lost_ ? 0 : client::accepted(); }
  bool lost_ = false;
};
TEST(client_oracle, sees_that_text_is_believed) {
  EXPECT_THAT(what_it_says<believes_the_text>(), HasSubstr("goes by the text of a reply"));
}

struct says_goodbye : client {
  using client::client;
  result<std::size_t> send(const command& what, std::string& out) {
    if (closed() && verb_of(what) == verb::quit) return append(out, what);
    return client::send(what, out);
  }
};
TEST(client_oracle, sees_that_it_speaks_when_it_is_over) {
  EXPECT_THAT(what_it_says<says_goodbye>(), HasSubstr("speaks though it is over"));
}

// What the reply to STARTTLS drags in is taken for the first in TLS.
struct believes_what_came_in_clear : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    const auto* broken = std::get_if<event::broken>(&s.event);
    if (broken == nullptr || broken->code != errc::octets_before_tls) return s;
    return {event::need_more{}, 0};
  }
};
TEST(client_oracle, sees_clear_text_believed) {
  EXPECT_THAT(what_it_says<believes_what_came_in_clear>(), HasSubstr("takes what came in clear behind STARTTLS"));
}

// RFC 3207 4.2
struct remembers_offers_in_tls : client {
  using client::client;
  result<void> tls_started() {
    const extensions before = client::offered();
    if (const auto started = client::tls_started(); !started) return started;
    remembered_ = before;
    return {};
  }
  [[nodiscard]] extensions offered() const {
    const extensions now = client::offered();
    return now == extensions() ? remembered_ : now;
  }
  extensions remembered_;
};
TEST(client_oracle, sees_offers_that_survive_tls) {
  EXPECT_THAT(what_it_says<remembers_offers_in_tls>(), HasSubstr("believes in other offers"));
}

struct starts_tls_at_any_time : client {
  using client::client;
  result<void> tls_started() {
    const auto started = client::tls_started();
    return closed() ? started : result<void>();
  }
};
TEST(client_oracle, sees_tls_that_nobody_asked_for) {
  EXPECT_THAT(what_it_says<starts_tls_at_any_time>(), HasSubstr("starts TLS that was not asked for"));
}

struct stays_authenticated : client {
  using client::client;
  [[nodiscard]] bool authenticated() const {
    ever_ = ever_ || client::authenticated();
    return ever_;
  }
  mutable bool ever_ = false;
};
TEST(client_oracle, sees_authentication_that_survives_tls) {
  EXPECT_THAT(what_it_says<stays_authenticated>(), HasSubstr("is not as secure as it says"));
}

// Says what it was refused for that reason.
template <errc Why>
struct says_all_the_same : client {
  using client::client;
  result<std::size_t> send(const command& what, std::string& out) {
    const auto sent = client::send(what, out);
    if (sent || sent.error().code != Why || closed()) return sent;
    return append(out, what, charset::utf8);
  }
};
TEST(client_oracle, sees_what_was_not_offered) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::not_offered>>(), HasSubstr("says what it may not"));
}
TEST(client_oracle, sees_a_password_in_clear) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::auth_needs_tls>>(), HasSubstr("says what it may not"));
}
// RFC 2920 3.1
TEST(client_oracle, sees_a_command_behind_the_end_of_a_group) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::not_now>>(), HasSubstr("says what it may not"));
}
TEST(client_oracle, sees_a_command_out_of_order) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::bad_sequence>>(), HasSubstr("says what it may not"));
}
// RFC 9422 4
TEST(client_oracle, sees_too_many_recipients) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::too_many_recipients>>(), HasSubstr("says what it may not"));
}
TEST(client_oracle, sees_too_many_transactions) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::too_many_transactions>>(), HasSubstr("says what it may not"));
}
TEST(client_oracle, sees_a_size_beyond_the_limit) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::message_too_large>>(), HasSubstr("says what it may not"));
}
TEST(client_oracle, sees_utf8_that_was_not_asked_for) {
  EXPECT_THAT(what_it_says<says_all_the_same<errc::non_ascii_address>>(), HasSubstr("says what it may not"));
}

struct never_pipelines : client {
  using client::client;
  result<std::size_t> send(const command& what, std::string& out) {
    if (outstanding() != 0) return failure{errc::not_now};
    return client::send(what, out);
  }
};
TEST(client_oracle, sees_silence_where_it_may_speak) {
  EXPECT_THAT(what_it_says<never_pipelines>(), HasSubstr("may not say what it may"));
}

struct says_a_line_more : client {
  using client::client;
  result<std::size_t> send(const command& what, std::string& out) {
    const auto sent = client::send(what, out);
    if (sent && verb_of(what) == verb::rcpt) out += "NOOP\r\n";
    return sent;
  }
};
TEST(client_oracle, sees_an_injected_command) {
  EXPECT_THAT(what_it_says<says_a_line_more>(), HasSubstr("writes another command"));
}

struct answers_the_next_one : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (auto* replied = std::get_if<event::replied>(&s.event); replied != nullptr && replied->command == verb::rcpt)
      replied->command = verb::data;
    return s;
  }
};
TEST(client_oracle, sees_a_reply_given_to_another_command) {
  EXPECT_THAT(what_it_says<answers_the_next_one>(), HasSubstr("a reply to another command"));
}

// RFC 2033 4.2
struct always_the_first_recipient : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (auto* replied = std::get_if<event::message_replied>(&s.event)) replied->recipient = 0;
    return s;
  }
};
TEST(client_oracle, sees_a_reply_given_to_another_recipient) {
  EXPECT_THAT(what_it_says<always_the_first_recipient>(), HasSubstr("a reply for another recipient"));
}

struct cuts_challenges : client {
  using client::client;
  client_step next(std::string_view unread) {
    client_step s = client::next(unread);
    if (auto* asked = std::get_if<event::challenged>(&s.event)) asked->base64 = asked->base64.substr(0, 1);
    return s;
  }
};
TEST(client_oracle, sees_a_shortened_challenge) {
  EXPECT_THAT(what_it_says<cuts_challenges>(), HasSubstr("another challenge"));
}

// RFC 3030 2
struct believes_in_chunks : client {
  using client::client;
  client_step next(std::string_view unread) {
    if (chunk_left() != 0 && unread.starts_with("250")) return {event::need_more{}, 0};
    return client::next(unread);
  }
};
TEST(client_oracle, sees_a_chunk_taken_before_it_was_written) {
  EXPECT_THAT(what_it_says<believes_in_chunks>(), HasSubstr("a chunk was taken that was not written"));
}

struct counts_no_chunk : client {
  using client::client;
  result<void> chunk_written(std::uint64_t octets) {
    const auto written = client::chunk_written(octets);
    return closed() ? written : result<void>();
  }
};
TEST(client_oracle, sees_a_chunk_overrun) {
  EXPECT_THAT(what_it_says<counts_no_chunk>(), HasSubstr("counts more than the chunk has"));
}

struct forgets_a_dot : client {
  using client::client;
  result<std::size_t> send_body(std::string_view piece, std::string& out) {
    const std::size_t before = out.size();
    const auto sent = client::send_body(piece, out);
    if (const std::size_t dots = out.find("\r\n..", before); dots != std::string::npos) out.erase(dots + 2, 1);
    return sent;
  }
};
TEST(client_oracle, sees_a_dot_that_is_not_doubled) {
  EXPECT_THAT(what_it_says<forgets_a_dot>(), HasSubstr("writes another message"));
}

struct waits_for_ever : client {
  using client::client;
  [[nodiscard]] timeout deadline() const { return timeout::none; }
};
TEST(client_oracle, sees_that_no_clock_runs) {
  EXPECT_THAT(what_it_says<waits_for_ever>(), HasSubstr("waits without a limit"));
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
    kept = std::make_shared<char>();
    return client::next(unread);
  }
  std::shared_ptr<char> kept; // a session can be copied
};
TEST(client_oracle, sees_an_allocation) {
  EXPECT_THAT(what_it_says<allocates>(), HasSubstr("next() allocates"));
}

} // namespace
} // namespace postel::fuzz
