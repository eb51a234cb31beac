// Planted defects of a server session.
#include "server_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "corpus.hpp"
#include "with_field.hpp"

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
  result<void> accept(std::string& out) {
    const auto accepted = server::accept(out);
    return closed() ? accepted : result<void>();
  }
};
TEST(server_oracle, sees_an_answer_too_many) {
  EXPECT_THAT(what_it_says<takes_two_answers>(), HasSubstr("takes a second answer"));
}

struct does_not_wait : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    if (pending_answers() == 0) return server::next(unread, out);
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

TEST(server_oracle, sees_auth_in_clear) {
  EXPECT_THAT((what_it_says<other_limits<with_field<&policy::auth_in_clear, true>>>()), HasSubstr("AUTH in clear"));
}
struct wants_no_auth {
  policy operator()(policy rules) const {
    if (rules.protocol == service::submission) rules.protocol = service::smtp;
    return rules;
  }
};
TEST(server_oracle, sees_a_sender_who_has_not_authenticated) {
  EXPECT_THAT(what_it_says<other_limits<wants_no_auth>>(), HasSubstr("a sender who has not authenticated"));
}
TEST(server_oracle, sees_a_nul) {
  EXPECT_THAT((what_it_says<other_limits<with_field<&policy::accept_nul, true>>>()), HasSubstr("a fault"));
}
TEST(server_oracle, sees_an_octet_above_127) {
  EXPECT_THAT((what_it_says<other_limits<with_field<&policy::accept_undeclared_eight_bit, true>>>()),
              HasSubstr("a fault"));
}
TEST(server_oracle, sees_line_ends_that_are_not_normalised) {
  EXPECT_THAT((what_it_says<other_limits<with_field<&policy::bare_lf, bare_line_end::accept>>>()),
              testing::AnyOf(HasSubstr("a message with a fault is not refused"), HasSubstr("another message")));
}
// In a chunk, any octets are good.
struct takes_all_in_chunks : other_limits<std::identity> {
  using other_limits::other_limits;
  server_step next(std::string_view unread, std::string& out) {
    *kept = original;
    if (current_state() == state::chunks) {
      kept->accept_nul = kept->accept_undeclared_eight_bit = true;
      kept->limit.text_line = unlimited;
    }
    return server::next(unread, out);
  }
  policy original = *kept;
};
TEST(server_oracle, sees_octets_in_chunks_that_the_policy_refuses) {
  EXPECT_THAT(what_it_says<takes_all_in_chunks>(), HasSubstr("a chunk with a fault is not refused"));
}
struct mends_a_cr {
  policy operator()(policy rules) const {
    if (rules.bare_cr == bare_line_end::accept) rules.bare_cr = bare_line_end::normalise;
    return rules;
  }
};
TEST(server_oracle, sees_a_cr_that_is_normalised) {
  EXPECT_THAT(what_it_says<other_limits<mends_a_cr>>(),
              testing::AnyOf(HasSubstr("another message"), HasSubstr("another beginning")));
}

template <auto Field>
struct one_more {
  policy operator()(policy rules) const {
    if (rules.limit.*Field != unlimited) ++(rules.limit.*Field);
    return rules;
  }
};
TEST(server_oracle, sees_a_long_line_of_text) {
  EXPECT_THAT((what_it_says<other_limits<one_more<&server_limits::text_line>>>()),
              testing::AnyOf(HasSubstr("a message with a fault is not refused"),
                             HasSubstr("for a fault that it has not"), HasSubstr("another beginning")));
}
TEST(server_oracle, sees_an_error_too_many) {
  EXPECT_THAT((what_it_says<other_limits<one_more<&server_limits::errors>>>()),
              HasSubstr("more errors than the limit"));
}
TEST(server_oracle, sees_a_message_too_many) {
  EXPECT_THAT((what_it_says<other_limits<one_more<&server_limits::transactions>>>()),
              HasSubstr("more transactions than the limit"));
}
TEST(server_oracle, sees_an_idle_command_too_many) {
  EXPECT_THAT((what_it_says<other_limits<one_more<&server_limits::idle_commands>>>()),
              HasSubstr("more idle commands than the limit"));
}

// What is in a chunk that it refuses are commands.
struct runs_a_refused_chunk : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    const std::size_t end = unread.find("\r\n");
    const bool chunk = end != std::string_view::npos && equal_ignoring_case(unread.substr(0, 5), "BDAT ") &&
                       current_state() == state::ready && server::next({}, out).idle();
    if (!chunk) return server::next(unread, out);
    server_step s = server::next("BDAT 0\r\n", out);
    if (auto* refused = std::get_if<event::refused>(&s.event)) refused->line = unread.substr(0, end);
    s.used = end + 2;
    return s;
  }
};
TEST(server_oracle, sees_a_refused_chunk_that_is_run) {
  EXPECT_THAT(what_it_says<runs_a_refused_chunk>(), HasSubstr("a refused chunk ends elsewhere"));
}

// Unstuffs the dots of chunks.
struct takes_a_chunk_for_text : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    auto* body = std::get_if<event::body>(&s.event);
    if (body != nullptr && current_state() == state::chunks && body->bytes.size() > 1 && body->bytes[0] == '\r')
      body->bytes.remove_prefix(1);
    return s;
  }
};
TEST(server_oracle, sees_another_chunk) {
  EXPECT_THAT(what_it_says<takes_a_chunk_for_text>(), HasSubstr("another chunk"));
}

struct ends_a_chunk_early : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (auto* chunk = std::get_if<event::chunk>(&s.event)) chunk->size -= chunk->size != 0 ? 1 : 0;
    return s;
  }
};
TEST(server_oracle, sees_another_size_of_a_chunk) {
  EXPECT_THAT(what_it_says<ends_a_chunk_early>(), HasSubstr("another chunk than was announced"));
}

// Where no size can be read it goes on with the next line.
struct goes_on_behind_an_unreadable_size : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    const std::size_t end = unread.find("\r\n");
    if (end != std::string_view::npos && unread.starts_with("BDAT 18446744073709551616\r\n") &&
        current_state() == state::recipients) {
      server_step s = server::next("NOOP x y\r\n", out);
      if (auto* refused = std::get_if<event::refused>(&s.event)) {
        refused->line = unread.substr(0, end);
        s.used = end + 2;
      }
      return s;
    }
    return server::next(unread, out);
  }
};
TEST(server_oracle, sees_that_a_lost_chunk_is_gone_past) {
  EXPECT_THAT(what_it_says<goes_on_behind_an_unreadable_size>(), HasSubstr("goes on behind a chunk that has no size"));
}

// CVE-2011-0411.
struct takes_what_stands_behind_starttls : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    const std::string_view line = "STARTTLS\r\n";
    return server::next(unread.starts_with(line) ? unread.substr(0, line.size()) : unread, out);
  }
};
TEST(server_oracle, sees_octets_that_are_taken_behind_starttls) {
  EXPECT_THAT(what_it_says<takes_what_stands_behind_starttls>(), HasSubstr("octets behind STARTTLS are taken"));
}

struct remembers_who_it_was : server {
  using server::server;
  result<void> accept(std::string& out) {
    const bool was = server::authenticated();
    const auto accepted = server::accept(out);
    was_ = was_ || was || server::authenticated();
    return accepted;
  }
  [[nodiscard]] bool authenticated() const { return was_; }
  bool was_ = false;
};
TEST(server_oracle, sees_what_tls_does_not_forget) {
  EXPECT_THAT(what_it_says<remembers_who_it_was>(), HasSubstr("wrong about who authenticated"));
}

// One reply for all recipients of a message.
struct answers_once : server {
  using server::server;
  result<void> accept(std::string& out) {
    const auto accepted = server::accept(out);
    if (accepted && pending_answers() != 0) out.clear();
    return accepted;
  }
};
TEST(server_oracle, sees_a_reply_too_few_in_lmtp) {
  EXPECT_THAT(what_it_says<answers_once>(), HasSubstr("not one reply to the answer"));
}
struct refuses_once : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    const bool refused = std::holds_alternative<event::refused>(s.event);
    const std::size_t line = out.find("\r\n");
    if (refused && line != std::string::npos) out.resize(line + 2);
    return s;
  }
};
TEST(server_oracle, sees_one_reply_to_a_refused_message_in_lmtp) {
  EXPECT_THAT(what_it_says<refuses_once>(), HasSubstr("not one for each recipient"));
}

struct takes_any_challenge : server {
  using server::server;
  result<void> challenge(std::string_view octets, std::string& out) {
    const auto challenged = server::challenge(octets, out);
    return pending_answers() != 0 ? result<void>() : challenged;
  }
};
TEST(server_oracle, sees_a_challenge_that_nobody_asked_for) {
  EXPECT_THAT(what_it_says<takes_any_challenge>(), HasSubstr("an answer that can't be given does something"));
}

struct miscounts_the_message : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (auto* end = std::get_if<event::chunk_end>(&s.event)) ++end->size;
    return s;
  }
};
TEST(server_oracle, sees_a_wrong_count_of_octets) {
  EXPECT_THAT(what_it_says<miscounts_the_message>(), HasSubstr("another size than the message has"));
}

struct calls_itself_otherwise : server {
  using server::server;
  [[nodiscard]] std::string_view with_protocol() const { return tls() ? "ESMTP" : server::with_protocol(); }
};
TEST(server_oracle, sees_a_wrong_name_of_the_protocol) {
  EXPECT_THAT(what_it_says<calls_itself_otherwise>(), HasSubstr("another name of the protocol"));
}

TEST(judge_body, is_what_the_policy_says) {
  policy rules;
  const auto judged = [&](std::string_view text) {
    const judged_body j = judge_body(text, rules, false);
    return j.message + (j.fault ? " but " + std::string(message(*j.fault)) : "");
  };
  EXPECT_EQ(judged("a\r\nb\r\n"), "a\r\nb\r\n");
  EXPECT_EQ(judged("a\nb"), "a but LF without CR");
  EXPECT_EQ(judged("a\r\r\n"), "a but CR without LF");
  rules.bare_cr = bare_line_end::normalise;
  rules.bare_lf = bare_line_end::accept;
  EXPECT_EQ(judged("a\r\r\nb\n\rc"), "a\r\n\r\nb\n\r\nc");
  rules.accept_nul = false;
  rules.accept_undeclared_eight_bit = false;
  EXPECT_EQ(judged(std::string_view("a\0\xff", 3)), "a but NUL in the message");
  EXPECT_EQ(judged("a\xff"), "a but message beyond ASCII without 8BITMIME");
  EXPECT_EQ(judge_body("a\xff", rules, true).message, "a\xff");
  rules.limit.text_line = 3;
  EXPECT_EQ(judged("a\r\nab\r\n"), "a\r\nab\r but line of the message too long");
  rules.message_size = 2;
  EXPECT_EQ(judged("abcd"), "ab but message too large");
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
