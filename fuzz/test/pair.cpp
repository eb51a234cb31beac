// Planted defects of a delivery, and of the server that it talks to.
#include "pair_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "corpus.hpp"
#include "with_field.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename Delivery, typename Session = server>
std::string what_it_says() {
  return first_objection("pair", [](std::string_view input) { return judge_pair<Delivery, Session>(input); });
}

TEST(pair_oracle, has_nothing_against_the_library) {
  EXPECT_THAT((what_it_says<delivery>()), IsEmpty());
}

// One outcome for another.
template <outcome From, outcome To>
struct takes_for : delivery {
  using delivery::delivery;
  [[nodiscard]] std::vector<recipient_outcome> outcomes() const {
    const auto said = delivery::outcomes();
    std::vector<recipient_outcome> changed(said.begin(), said.end());
    for (recipient_outcome& each : changed)
      if (each.what == From) each.what = To;
    return changed;
  }
};
TEST(pair_oracle, sees_what_was_not_delivered) {
  EXPECT_THAT((what_it_says<takes_for<outcome::temporary, outcome::delivered>>()), HasSubstr("knows nothing of it"));
  EXPECT_THAT((what_it_says<takes_for<outcome::refused, outcome::delivered>>()), HasSubstr("knows nothing of it"));
}
TEST(pair_oracle, sees_a_delivery_that_would_be_tried_again) {
  EXPECT_THAT((what_it_says<takes_for<outcome::delivered, outcome::temporary>>()), HasSubstr("the server has it"));
  EXPECT_THAT((what_it_says<takes_for<outcome::unknown, outcome::temporary>>()), HasSubstr("the server has it"));
}
TEST(pair_oracle, sees_a_doubt_without_reason) {
  EXPECT_THAT((what_it_says<takes_for<outcome::temporary, outcome::unknown>>()), HasSubstr("unknown, though"));
}
TEST(pair_oracle, sees_a_refusal_without_reason) {
  EXPECT_THAT((what_it_says<takes_for<outcome::temporary, outcome::refused>>()), HasSubstr("refused for no reason"));
}
TEST(pair_oracle, sees_a_recipient_that_is_forgotten) {
  EXPECT_THAT((what_it_says<takes_for<outcome::refused, outcome::pending>>()), HasSubstr("nothing became of"));
}

struct says_all_was_written : delivery {
  using delivery::delivery;
  void lost_while_writing() { delivery::lost(); }
};
TEST(pair_oracle, sees_a_doubt_about_what_was_not_written) {
  EXPECT_THAT(what_it_says<says_all_was_written>(), HasSubstr("unknown, though"));
}

// The views that go over the wire, changed.
template <typename Change>
struct writes_otherwise : delivery {
  using delivery::delivery;
  std::size_t message(std::span<std::string_view> views) {
    const std::size_t count = delivery::message(views);
    for (std::string_view& view : views.first(count)) Change()(view);
    return count;
  }
};
struct without_its_first_octet {
  void operator()(std::string_view& view) const {
    if (view.size() > 4) view.remove_prefix(1);
  }
};
TEST(pair_oracle, sees_an_octet_that_is_lost) {
  EXPECT_THAT((what_it_says<writes_otherwise<without_its_first_octet>>()),
              testing::AnyOf(HasSubstr("another message"), HasSubstr("wait for each other")));
}
struct without_dots {
  void operator()(std::string_view& view) const {
    // One view ends with the dot that the next one begins with; a piece that begins with one has it as a view of its own.
    if (view == "." || view.ends_with("\n.")) view.remove_suffix(1);
  }
};
TEST(pair_oracle, sees_dots_that_are_not_stuffed) {
  EXPECT_THAT((what_it_says<writes_otherwise<without_dots>>()), HasSubstr("another message"));
}

struct never_writes : delivery {
  using delivery::delivery;
  step next(std::string_view unread, std::string& out) {
    step s = delivery::next(unread, out);
    if (s.want == wants::message) s.want = wants::octets;
    return s;
  }
};
TEST(pair_oracle, sees_that_both_wait) {
  EXPECT_THAT(what_it_says<never_writes>(), HasSubstr("the two wait for each other"));
}

struct uses_too_much : delivery {
  using delivery::delivery;
  step next(std::string_view unread, std::string& out) {
    step s = delivery::next(unread, out);
    if (!unread.empty()) ++s.used;
    return s;
  }
};
TEST(pair_oracle, sees_octets_used_that_are_not_there) {
  EXPECT_THAT(what_it_says<uses_too_much>(), HasSubstr("uses more than there is"));
}

// Another plan than the one that was asked for.
template <typename Change>
struct with_other_plan : delivery {
  with_other_plan(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message)
      : with_other_plan(std::make_shared<delivery_plan>(Change()(plan)), what, message) {}
  with_other_plan(std::shared_ptr<delivery_plan> plan, const envelope& what, std::span<const std::string_view> message)
      : delivery(*plan, what, message), kept(std::move(plan)) {}
  std::shared_ptr<delivery_plan> kept;
};
TEST(pair_oracle, sees_mail_in_clear) {
  EXPECT_THAT((what_it_says<with_other_plan<with_field<&delivery_plan::starttls, delivery_plan::tls::never>>>()),
              HasSubstr("mail in clear where TLS is required"));
}
TEST(pair_oracle, sees_mail_without_auth) {
  EXPECT_THAT((what_it_says<with_other_plan<with_field<&delivery_plan::authenticate, false>>>()),
              HasSubstr("without the AUTH"));
}
struct converts {
  delivery_plan operator()(delivery_plan plan) const {
    plan.rules.convert_line_ends = true;
    return plan;
  }
};
TEST(pair_oracle, sees_line_ends_that_nobody_asked_to_convert) {
  EXPECT_THAT(what_it_says<with_other_plan<converts>>(), HasSubstr("bare line ends are sent"));
}
struct has_no_name {
  delivery_plan operator()(delivery_plan plan) const {
    plan.helo = "no name";
    return plan;
  }
};
TEST(pair_oracle, sees_that_nothing_hindered) {
  EXPECT_THAT(what_it_says<with_other_plan<has_no_name>>(), HasSubstr("though nothing hinders"));
}

// Another envelope.
template <typename Change>
struct with_other_envelope : delivery {
  with_other_envelope(const delivery_plan& plan, const envelope& what, std::span<const std::string_view> message)
      : with_other_envelope(plan, std::make_shared<envelope>(what),
                            std::make_shared<std::vector<envelope::recipient>>(what.to.begin(), what.to.end()),
                            message) {}
  with_other_envelope(const delivery_plan& plan, std::shared_ptr<envelope> what,
                      std::shared_ptr<std::vector<envelope::recipient>> to, std::span<const std::string_view> message)
      : delivery(plan, (Change()(*what, *to), what->to = *to, *what), message),
        kept(std::move(what)),
        kept_to(std::move(to)) {}
  std::shared_ptr<envelope> kept;
  std::shared_ptr<std::vector<envelope::recipient>> kept_to;
};
struct from_eve {
  void operator()(envelope& what, std::vector<envelope::recipient>&) const {
    what.from = {{}, "eve", "client.example"};
  }
};
TEST(pair_oracle, sees_another_sender) {
  EXPECT_THAT(what_it_says<with_other_envelope<from_eve>>(), HasSubstr("another sender"));
}
struct to_eve {
  void operator()(envelope&, std::vector<envelope::recipient>& to) const {
    if (!to.empty()) to.back().to.local_part = "eve";
  }
};
TEST(pair_oracle, sees_a_stranger) {
  EXPECT_THAT(what_it_says<with_other_envelope<to_eve>>(), HasSubstr("told of a stranger"));
}
struct to_one_twice {
  void operator()(envelope&, std::vector<envelope::recipient>& to) const {
    if (to.size() > 1) to.back() = to.front();
  }
};
TEST(pair_oracle, sees_a_recipient_that_is_named_twice) {
  EXPECT_THAT(
      what_it_says<with_other_envelope<to_one_twice>>(),
      testing::AnyOf(HasSubstr("in another order"), HasSubstr("delivered twice"), HasSubstr("the server has it")));
}

// The server's side.
struct loses_the_end_of_a_piece : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (auto* body = std::get_if<event::body>(&s.event); body != nullptr && body->bytes.size() > 1)
      body->bytes.remove_suffix(1);
    return s;
  }
};
TEST(pair_oracle, sees_an_octet_that_the_server_loses) {
  EXPECT_THAT((what_it_says<delivery, loses_the_end_of_a_piece>()), HasSubstr("another message"));
}
struct forgets_the_queue : server {
  using server::server;
  // What is pipelined behind a command is lost.
  server_step next(std::string_view unread, std::string& out) {
    server_step s = server::next(unread, out);
    if (std::holds_alternative<event::sender>(s.event)) s.used = unread.size();
    return s;
  }
};
TEST(pair_oracle, sees_commands_that_are_lost) {
  EXPECT_THAT((what_it_says<delivery, forgets_the_queue>()), HasSubstr("the two wait for each other"));
}
struct answers_once : server {
  using server::server;
  [[nodiscard]] std::size_t pending_answers() const { return server::pending_answers() != 0 ? 1 : 0; }
};
TEST(pair_oracle, sees_answers_that_are_too_few) {
  EXPECT_THAT((what_it_says<delivery, answers_once>()), HasSubstr("owes other answers"));
}
// It knows fewer parameters than it offers.
struct refuses_its_own_offer : server {
  using server::server;
  server_step next(std::string_view unread, std::string& out) {
    if (unread.starts_with("MAIL") && unread.find("RET=HDRS") != std::string_view::npos) {
      const server_step s = server::next("MAIL FROM:<> X=1\r\n", out);
      return {s.event, unread.find('\n') + 1};
    }
    return server::next(unread, out);
  }
};
TEST(pair_oracle, sees_an_offer_that_does_not_hold) {
  EXPECT_THAT((what_it_says<delivery, refuses_its_own_offer>()), HasSubstr("refuses what it is told"));
}

} // namespace
} // namespace postel::fuzz
