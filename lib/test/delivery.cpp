#include "postel/delivery.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "postel/server.hpp"

namespace {

using namespace postel;
using recipient = envelope::recipient;

constexpr std::string_view plain = "Subject: hi\r\n\r\n.dots\r\n..\r\nbye\r\n";

struct received {
  std::string from, parameters, text;
  std::vector<std::string> to;
  friend bool operator==(const received&, const received&) = default;
};

std::string text_of(const path& p) {
  return std::string(p.local_part) + "@" + std::string(p.domain);
}

// A server in memory. decide: what an event is answered with; nothing for the positive answer.
class receiver {
 public:
  using decider = std::function<std::optional<reply>(const server_event&)>;

  receiver(const policy& rules, decider decide) : session_(rules), decide_(std::move(decide)) { session_.open(out); }

  void take(std::string_view octets) {
    unread_ += octets;
    for (;;) {
      const server_step step = session_.next(unread_, out);
      note(step.event);
      unread_.erase(0, step.used);
      if (std::holds_alternative<event::start_tls>(step.event) && session_.current_state() == session_state::tls)
        return;
      if (step.idle()) return;
    }
  }
  bool tls_started() { return session_.tls_started(); }
  [[nodiscard]] bool closed() const { return session_.closed(); }

  std::string out;
  std::vector<received> messages;
  std::vector<std::string> commands;

 private:
  void note(const server_event& e) {
    if (const auto* sender = std::get_if<event::sender>(&e)) {
      draft_ = {text_of(sender->command.from), std::string(sender->command.params.text()), {}, {}};
    } else if (const auto* body = std::get_if<event::body>(&e)) {
      draft_.text += body->bytes;
    }
    // LOGIN's two questions.
    if (std::holds_alternative<event::authenticate>(e)) return ask("User Name");
    if (std::holds_alternative<event::auth_response>(e) && !std::exchange(asked_password_, true))
      return ask("Password");
    for (bool first = true; session_.answer_owed(); first = false) {
      const auto with = decide_(e);
      const bool positive = !with || with->code / 100 == 2;
      if (const auto* rcpt = std::get_if<event::recipient>(&e); rcpt != nullptr && positive)
        draft_.to.push_back(text_of(rcpt->command.to) +
                            (rcpt->command.params.empty() ? "" : " " + std::string(rcpt->command.params.text())));
      ASSERT_TRUE(with ? session_.answer(*with, out) : session_.accept(out));
      if (std::holds_alternative<event::message_end>(e) && positive && first) messages.push_back(draft_);
    }
  }

  void ask(std::string_view what) { ASSERT_TRUE(session_.challenge(what, out)); }

  server session_;
  decider decide_;
  bool asked_password_ = false;
  std::string unread_;
  received draft_;
};

std::optional<reply> accept(const server_event&) {
  return std::nullopt;
}

struct scene {
  policy rules = [] {
    policy all;
    for (const extension e : server::carried_out) all.offer.insert(e);
    return all;
  }();
  delivery_plan plan = {};
  receiver::decider decide = accept;
  std::string user = {}, password = {};
  std::size_t cut = 100000;                      // octets in one read of either side
  std::size_t lost_after = std::string::npos;    // octets from the server, then the connection is gone
  std::size_t unheard_after = std::string::npos; // octets to the server, likewise
};

struct played {
  std::vector<recipient_outcome> outcomes;
  std::vector<received> messages;
  std::string said; // by the client
  bool ended = false;
};

played play(const scene& s, const envelope& what, std::span<const std::string_view> message) {
  receiver server(s.rules, s.decide);
  delivery client(s.plan, what, message);
  played result;
  std::string unread, out;
  std::size_t from_server = 0;
  const auto to_server = [&](std::string_view octets) {
    for (std::size_t at = 0; at < octets.size(); at += s.cut) {
      const std::string_view some = octets.substr(at, s.cut);
      if (result.said.size() + some.size() > s.unheard_after) return;
      result.said += some;
      server.take(some);
    }
  };
  for (int rounds = 0; rounds < 100000; ++rounds) {
    const delivery::step step = client.next(unread, out);
    unread.erase(0, step.used);
    to_server(out);
    out.clear();
    switch (step.want) {
      case delivery::wants::nothing:
        result.ended = true;
        result.outcomes.assign(client.outcomes().begin(), client.outcomes().end());
        result.messages = server.messages;
        return result;
      case delivery::wants::octets: {
        const std::string some = server.out.substr(0, s.cut);
        server.out.erase(0, some.size());
        from_server += some.size();
        if (some.empty() || from_server > s.lost_after)
          client.lost();
        else
          unread += some;
        break;
      }
      case delivery::wants::message: {
        std::array<std::string_view, 3> views;
        while (const std::size_t count = client.message(views))
          for (std::size_t i = 0; i < count; ++i) to_server(views[i]);
        break;
      }
      case delivery::wants::handshake:
        unread.clear();
        server.out.clear();
        EXPECT_TRUE(client.tls_started());
        EXPECT_TRUE(server.tls_started());
        break;
      case delivery::wants::authentication:
        if (s.user.empty())
          client.give_up();
        else
          EXPECT_TRUE(client.authenticate("LOGIN", std::nullopt, out));
        break;
      case delivery::wants::response:
        EXPECT_TRUE(client.challenge().has_value());
        EXPECT_TRUE(client.respond(*client.challenge() == "User Name" ? s.user : s.password, out));
        break;
    }
  }
  return result;
}

const std::vector<recipient> two = {{{{}, "bob", "d.example"}}, {{{}, "eve", "d.example"}}};
envelope from_ann(std::span<const recipient> to, std::string_view parameters = {}) {
  return {{{}, "ann", "c.example"}, parameters, to};
}

std::vector<outcome> whats(const played& p) {
  std::vector<outcome> all;
  for (const recipient_outcome& each : p.outcomes) all.push_back(each.what);
  return all;
}

using outcomes = std::vector<outcome>;

TEST(delivery, arrives_with_exactly_the_parameters_that_are_needed) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, std::size_t{100000}}) {
    for (const bool chunking : {false, true}) {
      scene s;
      s.cut = cut;
      s.plan.chunking = chunking;
      const std::string_view slices[] = {plain.substr(0, 16), plain.substr(16, 1), "", plain.substr(17)};
      const played p = play(s, from_ann(two), slices);
      EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
      ASSERT_EQ(p.messages.size(), 1U);
      EXPECT_EQ(p.messages[0],
                (received{"ann@c.example", "SIZE=31", std::string(plain), {"bob@d.example", "eve@d.example"}}));
      EXPECT_EQ(p.said.find("BDAT 31 LAST\r\n") != std::string::npos, chunking) << p.said;
      EXPECT_TRUE(p.said.ends_with("QUIT\r\n"));
      EXPECT_EQ(p.outcomes[0].code, 250);
      EXPECT_EQ(p.outcomes[0].status, (enhanced_status_code{2, 6, 0}));
    }
  }
}

TEST(delivery, nothing_that_is_not_offered_is_used) {
  scene s;
  s.rules.offer = {};
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two, "RET=HDRS ENVID=x"), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
  EXPECT_EQ(p.messages[0].parameters, "");
  // REQUIRETLS is no parameter to leave out.
  const played strict = play(s, from_ann(two, "REQUIRETLS"), slices);
  EXPECT_EQ(whats(strict), (outcomes{outcome::refused, outcome::refused}));
  EXPECT_EQ(strict.outcomes[0].error, errc::not_offered);
  EXPECT_EQ(strict.said.find("MAIL"), std::string::npos);
}

TEST(delivery, dsn_parameters_are_passed_where_it_is_offered) {
  const std::vector<recipient> to = {{{{}, "bob", "d.example"}, "NOTIFY=NEVER ORCPT=rfc822;bob@d.example"}};
  const std::string_view slices[] = {plain};
  const played p = play({}, from_ann(to, "RET=HDRS ENVID=x"), slices);
  ASSERT_EQ(p.messages.size(), 1U);
  EXPECT_EQ(p.messages[0].parameters, "SIZE=31 RET=HDRS ENVID=x");
  EXPECT_EQ(p.messages[0].to, std::vector<std::string>{"bob@d.example NOTIFY=NEVER ORCPT=rfc822;bob@d.example"});
}

TEST(delivery, eight_bit_and_utf8_are_declared_or_refused_before_mail) {
  const std::string_view body[] = {"Subject: x\r\n\r\n\xc3\xa9\r\n"};
  const std::string_view header[] = {"Subject: \xc3\xa9\r\n\r\nx\r\n"};
  scene s;
  EXPECT_EQ(play(s, from_ann(two), body).messages.at(0).parameters, "SIZE=18 BODY=8BITMIME");
  EXPECT_EQ(play(s, from_ann(two), header).messages.at(0).parameters, "SIZE=18 BODY=8BITMIME SMTPUTF8");
  s.rules.offer.erase(extension::smtputf8);
  EXPECT_EQ(play(s, from_ann(two), header).outcomes.at(0).error, errc::non_ascii_address);
  s.rules.offer.erase(extension::eight_bit_mime);
  const played p = play(s, from_ann(two), body);
  EXPECT_EQ(p.outcomes.at(1).error, errc::non_ascii_body);
  EXPECT_EQ(p.said.find("MAIL"), std::string::npos);
  // One recipient beyond ASCII does not cost the others the message.
  const std::vector<recipient> mixed = {{{{}, "j\xc3\xb6rg", "d.example"}}, {{{}, "bob", "d.example"}}};
  const std::string_view ascii[] = {plain};
  const played part = play(s, from_ann(mixed), ascii);
  EXPECT_EQ(whats(part), (outcomes{outcome::refused, outcome::delivered}));
}

TEST(delivery, bare_line_ends_are_refused_before_mail_or_converted) {
  const std::string_view unix_text[] = {"Subject: x\n\n.\nbye\r", "\nend"};
  scene s;
  EXPECT_EQ(play(s, from_ann(two), unix_text).outcomes.at(0).error, errc::bare_lf);
  s.plan.rules.convert_line_ends = true;
  const played p = play(s, from_ann(two), unix_text);
  ASSERT_EQ(p.messages.size(), 1U);
  EXPECT_EQ(p.messages[0].text, "Subject: x\r\n\r\n.\r\nbye\r\nend\r\n");
  EXPECT_EQ(p.messages[0].parameters, "SIZE=27");
}

TEST(delivery, a_final_line_end_is_added_behind_data_and_not_in_a_chunk) {
  const std::string_view text[] = {"Subject: x\r\n\r\nend"};
  scene s;
  EXPECT_EQ(play(s, from_ann(two), text).messages.at(0).text, text[0]);
  s.plan.chunking = false;
  EXPECT_EQ(play(s, from_ann(two), text).messages.at(0).text, std::string(text[0]) + "\r\n");
  const std::string_view empty[] = {""};
  EXPECT_EQ(play(s, from_ann(two), empty).messages.at(0).text, "");
  s.plan.chunking = true;
  EXPECT_EQ(play(s, from_ann(two), empty).messages.at(0).text, "");
}

std::string local_part_of(const server_event& e) {
  const auto* rcpt = std::get_if<event::recipient>(&e);
  return rcpt == nullptr ? "" : std::string(rcpt->command.to.local_part);
}

// Every way of speaking: with and without PIPELINING and CHUNKING, in three cuts.
template <typename Check>
void in_every_way(scene s, Check check) {
  for (const bool pipelining : {false, true})
    for (const bool chunking : {false, true})
      for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
        SCOPED_TRACE((pipelining ? "pipelining " : "") + std::string(chunking ? "chunking " : "") +
                     std::to_string(cut));
        scene way = s;
        if (!pipelining) way.rules.offer.erase(extension::pipelining);
        way.plan.chunking = chunking;
        way.cut = cut;
        check(way);
      }
}

TEST(delivery, each_recipient_has_its_own_outcome) {
  scene s;
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (local_part_of(e) == "bob") return reply{550, "no bob\nhere", enhanced_status_code{5, 1, 1}};
    if (local_part_of(e) == "eve") return reply{450, "later"};
    return std::nullopt;
  };
  const std::vector<recipient> to = {
      {{{}, "bob", "d.example"}}, {{{}, "joe", "d.example"}}, {{{}, "eve", "d.example"}}, {{{}, "kim", "d.example"}}};
  in_every_way(s, [&](const scene& way) {
    const std::string_view slices[] = {plain};
    const played p = play(way, from_ann(to), slices);
    EXPECT_EQ(whats(p), (outcomes{outcome::refused, outcome::delivered, outcome::temporary, outcome::delivered}));
    EXPECT_EQ(p.outcomes[0].text, "5.1.1 no bob\n5.1.1 here");
    EXPECT_EQ(p.outcomes[2].code, 450);
    ASSERT_EQ(p.messages.size(), 1U);
    EXPECT_EQ(p.messages[0].to, (std::vector<std::string>{"joe@d.example", "kim@d.example"}));
  });
}

TEST(delivery, nobody_accepted_means_no_message) {
  scene s;
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<event::recipient>(e)) return reply{550, "no"};
    return std::nullopt;
  };
  in_every_way(s, [&](const scene& way) {
    const std::string_view slices[] = {plain};
    const played p = play(way, from_ann(two), slices);
    EXPECT_EQ(whats(p), (outcomes{outcome::refused, outcome::refused}));
    EXPECT_TRUE(p.messages.empty());
    EXPECT_EQ(p.said.find("Subject"), std::string::npos);
    EXPECT_TRUE(p.said.ends_with("QUIT\r\n"));
  });
}

TEST(delivery, a_refused_sender_is_the_outcome_of_all) {
  scene s;
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<event::sender>(e)) return reply{550, "not from you"};
    return std::nullopt;
  };
  in_every_way(s, [&](const scene& way) {
    const std::string_view slices[] = {plain};
    const played p = play(way, from_ann(two), slices);
    EXPECT_EQ(whats(p), (outcomes{outcome::refused, outcome::refused}));
    for (const recipient_outcome& each : p.outcomes) EXPECT_TRUE(each.text.ends_with("not from you")) << each.text;
    EXPECT_EQ(p.said.find("Subject"), std::string::npos);
  });
}

TEST(delivery, refused_at_data_or_at_the_end) {
  for (const int code : {451, 554}) {
    for (const bool at_end : {false, true}) {
      scene s;
      s.decide = [=](const server_event& e) -> std::optional<reply> {
        if (at_end ? std::holds_alternative<event::message_end>(e) : std::holds_alternative<event::data>(e))
          return reply{static_cast<std::uint16_t>(code), "no"};
        return std::nullopt;
      };
      in_every_way(s, [&](const scene& way) {
        if (!at_end && way.plan.chunking) return;
        const std::string_view slices[] = {plain};
        const played p = play(way, from_ann(two), slices);
        const outcome expected = code == 451 ? outcome::temporary : outcome::refused;
        EXPECT_EQ(whats(p), (outcomes{expected, expected}));
        EXPECT_EQ(p.outcomes[0].code, code);
        EXPECT_TRUE(p.said.ends_with("QUIT\r\n"));
      });
    }
  }
}

TEST(delivery, too_many_recipients_go_into_further_transactions) {
  std::vector<std::string> names;
  for (int i = 0; i < 25; ++i) names.push_back("r" + std::to_string(i));
  std::vector<recipient> to;
  for (const std::string& name : names) to.push_back({{{}, name, "d.example"}});
  for (const bool announced : {false, true}) {
    scene s;
    s.rules.limit.recipients = 10;
    if (!announced) s.rules.offer.erase(extension::limits);
    in_every_way(s, [&](const scene& way) {
      const std::string_view slices[] = {plain};
      const played p = play(way, from_ann(to), slices);
      ASSERT_EQ(p.messages.size(), 3U) << p.said;
      std::vector<std::string> got;
      for (const received& each : p.messages) got.insert(got.end(), each.to.begin(), each.to.end());
      std::sort(got.begin(), got.end());
      EXPECT_EQ(std::unique(got.begin(), got.end()), got.end());
      EXPECT_EQ(got.size(), 25U);
      for (const recipient_outcome& each : p.outcomes) EXPECT_EQ(each.what, outcome::delivered);
    });
  }
}

TEST(delivery, lmtp_gives_each_recipient_its_answer) {
  scene s;
  s.rules.protocol = s.plan.rules.protocol = service::lmtp;
  int answers = 0;
  s.decide = [&](const server_event& e) -> std::optional<reply> {
    if (!std::holds_alternative<event::message_end>(e)) return std::nullopt;
    if (answers++ % 2 == 0) return std::nullopt;
    return reply{452, "full"};
  };
  in_every_way(s, [&](const scene& way) {
    const std::string_view slices[] = {plain};
    EXPECT_EQ(whats(play(way, from_ann(two), slices)), (outcomes{outcome::delivered, outcome::temporary}));
  });
}

TEST(delivery, starttls_where_it_is_wanted) {
  using tls = delivery_plan::tls;
  const std::string_view slices[] = {plain};
  scene s;
  for (const tls wanted : {tls::never, tls::if_offered, tls::required}) {
    s.plan.starttls = wanted;
    const played p = play(s, from_ann(two), slices);
    EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
    EXPECT_EQ(p.said.find("STARTTLS") != std::string::npos, wanted != tls::never);
  }
  // Required never falls back: not offered, or refused.
  s.plan.starttls = tls::required;
  scene without = s;
  without.rules.offer.erase(extension::starttls);
  EXPECT_EQ(play(without, from_ann(two), slices).outcomes.at(0).error, errc::tls_required);
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<event::start_tls>(e)) return reply{454, "no certificate"};
    return std::nullopt;
  };
  const played p = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::temporary, outcome::temporary}));
  EXPECT_EQ(p.said.find("MAIL"), std::string::npos);
  s.plan.starttls = tls::if_offered;
  EXPECT_EQ(whats(play(s, from_ann(two), slices)), (outcomes{outcome::delivered, outcome::delivered}));
}

TEST(delivery, authentication_comes_before_mail) {
  scene s;
  s.rules.protocol = service::submission;
  s.rules.mechanisms = "LOGIN";
  s.plan.authenticate = true;
  s.decide = [](const server_event& e) -> std::optional<reply> {
    const auto* response = std::get_if<event::auth_response>(&e);
    if (response == nullptr || response->base64 == "c2VjcmV0") return std::nullopt; // "secret"
    return reply{535, "wrong", enhanced_status_code{5, 7, 8}};
  };
  const std::string_view slices[] = {plain};
  s.plan.starttls = delivery_plan::tls::never;
  EXPECT_EQ(play(s, from_ann(two), slices).outcomes.at(0).error, errc::auth_needs_tls);
  s.plan.starttls = delivery_plan::tls::required;
  EXPECT_EQ(play(s, from_ann(two), slices).outcomes.at(0).error, errc::auth_required) << "nothing to authenticate with";
  s.user = "user";
  s.password = "secret";
  EXPECT_EQ(whats(play(s, from_ann(two), slices)), (outcomes{outcome::delivered, outcome::delivered}));
  s.password = "guess";
  const played wrong = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(wrong), (outcomes{outcome::refused, outcome::refused}));
  EXPECT_EQ(wrong.outcomes[0].code, 535);
  EXPECT_EQ(wrong.said.find("MAIL"), std::string::npos);
}

TEST(delivery, helo_where_ehlo_is_refused) {
  scene s;
  s.plan.starttls = delivery_plan::tls::never;
  s.decide = [](const server_event& e) -> std::optional<reply> {
    const auto* hello = std::get_if<event::hello>(&e);
    if (hello != nullptr && hello->extended) return reply{502, "what?"};
    return std::nullopt;
  };
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
  EXPECT_TRUE(p.said.starts_with("EHLO localhost\r\nHELO localhost\r\nMAIL FROM:<ann@c.example>\r\n")) << p.said;
}

TEST(delivery, closing_at_any_decision_is_temporary) {
  for (int at = 0; at < 6; ++at) {
    int decisions = 0;
    scene s;
    s.plan.starttls = delivery_plan::tls::never;
    s.plan.chunking = false;
    s.decide = [&](const server_event&) -> std::optional<reply> {
      if (decisions++ == at) return reply{421, "closing"};
      return std::nullopt;
    };
    const std::string_view slices[] = {plain};
    const played p = play(s, from_ann(two), slices);
    EXPECT_TRUE(p.ended);
    const outcome expected = at < decisions - 1 ? outcome::delivered : outcome::temporary;
    EXPECT_EQ(whats(p), (outcomes{expected, expected})) << at;
  }
}

TEST(delivery, a_connection_lost_anywhere_says_what_is_known) {
  const std::string_view slices[] = {plain};
  for (const bool chunking : {false, true}) {
    scene s;
    s.plan.starttls = delivery_plan::tls::never;
    s.plan.chunking = chunking;
    s.cut = 1;
    for (std::size_t place = 0;; ++place) {
      scene cut = s;
      cut.lost_after = place;
      const played p = play(cut, from_ann(two), slices);
      ASSERT_TRUE(p.ended);
      const bool arrived = !p.messages.empty();
      for (const recipient_outcome& each : p.outcomes) {
        ASSERT_NE(each.what, outcome::pending);
        ASSERT_NE(each.what, outcome::refused);
        // What is called temporary has not arrived; what has is delivered, or unknown.
        ASSERT_EQ(each.what == outcome::temporary, !arrived) << "lost after " << place;
      }
      if (whats(p) == outcomes{outcome::delivered, outcome::delivered}) break;
    }
    // The other direction: nothing arrives any more.
    const std::size_t length = play(s, from_ann(two), slices).said.size();
    for (std::size_t place = 0; place < length; ++place) {
      scene cut = s;
      cut.unheard_after = place;
      const played p = play(cut, from_ann(two), slices);
      ASSERT_TRUE(p.ended);
      for (const recipient_outcome& each : p.outcomes) {
        ASSERT_NE(each.what, outcome::pending);
        ASSERT_NE(each.what, p.messages.empty() ? outcome::delivered : outcome::temporary);
      }
    }
  }
}

TEST(delivery, what_was_not_written_to_the_end_is_not_unknown) {
  const std::string_view slices[] = {plain};
  for (const bool chunking : {false, true}) {
    for (const bool all_written : {false, true}) {
      delivery_plan plan;
      plan.chunking = chunking;
      const envelope what = from_ann(two);
      delivery client(plan, what, slices);
      std::string out;
      for (const std::string_view said : {"220 mx.example.org ESMTP\r\n", "250-mx.example.org\r\n250 CHUNKING\r\n",
                                          "250 OK\r\n", "250 OK\r\n", "250 OK\r\n", "354 go on\r\n"}) {
        if (chunking && said.starts_with("354")) break;
        EXPECT_EQ(client.next(said, out).used, said.size());
      }
      std::array<std::string_view, 100> views;
      ASSERT_NE(client.message(views), 0U);
      ASSERT_EQ(client.next("", out).want, delivery::wants::octets);
      client.lost(all_written);
      for (const recipient_outcome& each : client.outcomes())
        EXPECT_EQ(each.what, all_written ? outcome::unknown : outcome::temporary);
    }
  }
}

TEST(delivery, a_bare_cr_at_the_end_is_one_line_end) {
  scene s;
  s.plan.rules.convert_line_ends = true;
  const std::string_view slices[] = {"abc\r"};
  const played p = play(s, from_ann(two), slices);
  ASSERT_EQ(p.messages.size(), 1U);
  EXPECT_EQ(p.messages[0].text, "abc\r\n");
  EXPECT_EQ(p.messages[0].parameters, "SIZE=5");
}

TEST(delivery, an_address_literal_is_a_name_too) {
  for (const std::string_view helo : {"[192.0.2.1]", "[IPv6:2001:db8::1]"}) {
    for (const service protocol : {service::smtp, service::lmtp}) {
      scene s;
      s.plan.helo = helo;
      s.plan.starttls = delivery_plan::tls::never;
      s.plan.rules.protocol = s.rules.protocol = protocol;
      const std::string_view slices[] = {plain};
      const played p = play(s, from_ann(two), slices);
      EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
      EXPECT_EQ(p.said.substr(4, helo.size() + 3), " " + std::string(helo) + "\r\n");
    }
  }
}

TEST(delivery, helo_takes_no_address_literal) {
  scene s;
  s.plan.helo = "[192.0.2.1]";
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (const auto* hello = std::get_if<event::hello>(&e); hello != nullptr && hello->extended)
      return reply{504, "no extensions"};
    return std::nullopt;
  };
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
  EXPECT_TRUE(p.said.starts_with("EHLO [192.0.2.1]\r\nHELO localhost\r\nMAIL ")) << p.said;
}

TEST(delivery, a_name_that_is_none_is_told_to_nobody) {
  scene s;
  s.plan.helo = "no name";
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two), slices);
  EXPECT_TRUE(p.ended);
  EXPECT_EQ(p.said, "QUIT\r\n");
  for (const recipient_outcome& each : p.outcomes) {
    EXPECT_EQ(each.what, outcome::refused);
    EXPECT_EQ(each.error, errc::syntax);
  }
}

// A server that refuses MAIL and asks for the message all the same: it gets none (RFC 2920 3.1).
TEST(delivery, a_message_for_nobody_is_empty) {
  const delivery_plan plan;
  const envelope what = from_ann(two);
  const std::string_view slices[] = {plain};
  delivery d(plan, what, slices);
  std::string out;
  d.next("220 s.example\r\n", out);
  d.next("250-s.example\r\n250 PIPELINING\r\n", out);
  EXPECT_TRUE(out.ends_with("DATA\r\n")) << out;
  EXPECT_EQ(d.next("451 not you\r\n250 ok\r\n250 ok\r\n354 go on\r\n", out).want, delivery::wants::message);
  std::array<std::string_view, 4> views;
  ASSERT_EQ(d.message(views), 1U);
  EXPECT_EQ(views[0], ".\r\n");
  for (const recipient_outcome& each : d.outcomes()) EXPECT_EQ(each.what, outcome::temporary);
}

} // namespace
