#include "postel/delivery.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "delivery_scene.hpp"

namespace {

using namespace postel;
using namespace postel::test;

constexpr std::string_view plain = "Subject: hi\r\n\r\n.dots\r\n..\r\nbye\r\n";

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

// Whatever ends the lines, the header section ends with the first empty one.
TEST(delivery, octets_above_127_in_a_body_are_no_header) {
  scene s;
  s.plan.rules.convert_line_ends = true;
  for (const std::string_view line_end : {"\r\n", "\n", "\r"}) {
    std::string text = "Subject: x";
    text.append(line_end).append(line_end).append("\xe9");
    const std::string size = line_end == "\r\n" ? "SIZE=15" : "SIZE=17"; // a chunk, which needs no final line end; DATA
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const std::string_view slices[] = {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)};
      EXPECT_EQ(play(s, from_ann(two), slices).messages.at(0).parameters, size + " BODY=8BITMIME");
    }
    const std::string header = "Subject: \xc3\xa9" + std::string(line_end);
    const std::string_view slices[] = {header};
    EXPECT_EQ(play(s, from_ann(two), slices).messages.at(0).parameters, "SIZE=13 BODY=8BITMIME SMTPUTF8");
  }
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
void in_every_way(const scene& s, Check check) {
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
  for (int i = 0; i < 25; ++i) names.push_back(std::string("r").append(std::to_string(i)));
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
      if (all_written)
        client.lost();
      else
        client.lost_while_writing();
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

// What a server that a test plays itself says, until it takes the message.
delivery::step say(delivery& d, std::string& out, std::initializer_list<std::string_view> turns) {
  delivery::step step{};
  for (const std::string_view said : turns) {
    step = d.next(said, out);
    EXPECT_EQ(step.used, said.size()) << said;
  }
  return step;
}

// The chunk goes on to its end, for the server reads it (RFC 3030 2), and starts not again.
TEST(delivery, a_chunk_that_is_refused_before_it_was_written) {
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{100}}) {
    delivery_plan plan;
    plan.recipients = at_once;
    const envelope what = from_ann(two);
    const std::string_view slices[] = {plain.substr(0, 10), plain.substr(10)};
    delivery d(plan, what, slices);
    std::string out;
    say(d, out, {"220 s.example\r\n", "250-s.example\r\n250 CHUNKING\r\n", "250 ok\r\n", "250 ok\r\n"});
    if (at_once != 1) say(d, out, {"250 ok\r\n"});
    ASSERT_TRUE(out.ends_with("BDAT 31 LAST\r\n")) << out;
    std::string written;
    std::array<std::string_view, 1> views;
    ASSERT_EQ(d.message(views), 1U);
    written += views[0];
    out.clear();
    ASSERT_EQ(say(d, out, {"552 too large\r\n"}).want, delivery::wants::message);
    EXPECT_EQ(out, "") << "a command amid the chunk";
    while (d.message(views) != 0) written += views[0];
    EXPECT_EQ(written, plain);
    EXPECT_EQ(d.next("", out).want, delivery::wants::octets);
    EXPECT_EQ(out, at_once == 1 ? "RSET\r\n" : "QUIT\r\n");
    EXPECT_EQ(d.outcomes()[0].what, outcome::refused);
    EXPECT_EQ(d.outcomes()[1].what, at_once == 1 ? outcome::pending : outcome::refused);
  }
}

TEST(delivery, a_reply_before_the_message_counts_for_nothing) {
  const delivery_plan plan;
  const envelope what = from_ann(two);
  const std::string_view slices[] = {plain};
  delivery d(plan, what, slices);
  std::string out;
  say(d, out, {"220 s.example\r\n", "250 s.example\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n"});
  EXPECT_EQ(d.next("354 go on\r\n250 it is delivered\r\n", out).want, delivery::wants::nothing);
  for (const recipient_outcome& each : d.outcomes()) {
    EXPECT_EQ(each.what, outcome::temporary);
    EXPECT_EQ(each.error, errc::reply_unexpected);
  }
}

TEST(delivery, a_message_that_has_changed_is_not_sent) {
  const delivery_plan plan;
  const envelope what = from_ann(two);
  std::string text(plain);
  const std::string_view slices[] = {text};
  delivery d(plan, what, slices);
  std::string out;
  say(d, out, {"220 s.example\r\n", "250 s.example\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"});
  text[0] = '\n';
  std::array<std::string_view, 4> views;
  EXPECT_EQ(d.message(views), 0U);
  EXPECT_EQ(d.next("", out).want, delivery::wants::nothing);
  for (const recipient_outcome& each : d.outcomes()) {
    EXPECT_EQ(each.what, outcome::refused);
    EXPECT_EQ(each.error, errc::bare_lf);
  }
}

TEST(delivery, at_least_one_recipient_a_transaction) {
  scene s;
  s.plan.recipients = 0;
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::delivered, outcome::delivered}));
  EXPECT_EQ(p.messages.size(), 2U);
}

TEST(delivery, no_authentication_in_clear_where_starttls_is_refused) {
  scene s;
  s.rules.auth_in_clear = true; // so it is offered
  s.plan.authenticate = true;
  s.user = "user";
  s.decide = [](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<event::start_tls>(e)) return reply{454, "no certificate"};
    return std::nullopt;
  };
  const std::string_view slices[] = {plain};
  const played p = play(s, from_ann(two), slices);
  EXPECT_EQ(whats(p), (outcomes{outcome::refused, outcome::refused}));
  EXPECT_EQ(p.outcomes[0].error, errc::auth_needs_tls);
  EXPECT_FALSE(p.said.find("AUTH") != std::string::npos) << p.said;
}

TEST(delivery, what_is_written_is_in_the_end_the_size) {
  for (const std::string_view text : {"a\n.\nb", "a\r\n..\r\n", "", "x"}) {
    for (const bool chunking : {false, true}) {
      delivery_plan plan;
      plan.rules.convert_line_ends = true;
      const envelope what = from_ann(two);
      const std::string_view slices[] = {text};
      delivery d(plan, what, slices);
      std::string out;
      say(d, out,
          {"220 s.example\r\n", chunking ? "250-s.example\r\n250 CHUNKING\r\n" : "250 s.example\r\n", "250 ok\r\n",
           "250 ok\r\n", "250 ok\r\n"});
      if (out.find("BDAT") == std::string::npos) say(d, out, {"354 go\r\n"});
      EXPECT_EQ(d.written(), 0U);
      std::array<std::string_view, 4> views;
      while (d.message(views) != 0) {
      }
      EXPECT_EQ(d.written(), text.empty() && chunking ? 0U : d.size());
    }
  }
}

// RFC 9422 4.3.
TEST(delivery, no_more_domains_than_the_server_takes) {
  const std::vector<recipient> to = {
      {{{}, "bob", "d.example"}}, {{{}, "eve", "e.example"}}, {{{}, "joe", "D.example"}}, {{{}, "kim", "f.example"}}};
  const delivery_plan plan;
  const envelope what = from_ann(to);
  const std::string_view slices[] = {plain};
  delivery d(plan, what, slices);
  std::string out;
  say(d, out, {"220 s.example\r\n", "250-s.example\r\n250-PIPELINING\r\n250 LIMITS RCPTDOMAINMAX=2\r\n"});
  EXPECT_TRUE(
      out.ends_with("RCPT TO:<bob@d.example>\r\nRCPT TO:<eve@e.example>\r\nRCPT TO:<joe@D.example>\r\nDATA\r\n"));
  say(d, out, {"250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"});
  std::array<std::string_view, 100> views;
  while (d.message(views) != 0) {
  }
  say(d, out, {"250 ok\r\n"});
  EXPECT_TRUE(out.ends_with("QUIT\r\n"));
  EXPECT_EQ(d.outcomes()[2].what, outcome::delivered);
  EXPECT_EQ(d.outcomes()[3].what, outcome::temporary);
  EXPECT_EQ(d.outcomes()[3].error, errc::too_many_recipients);
}

// Refused before any MAIL: it is not the message's fault. From MAIL on it may be.
TEST(delivery, who_is_turned_away_is_told_apart) {
  struct turn {
    std::vector<std::string> replies;
    bool turned_away;
  };
  const std::string ehlo = "250-s.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", greeting = "220 s.example\r\n";
  const turn turns[] = {
      {{"554 no\r\n"}, true},
      {{"521 s.example takes no mail\r\n"}, true},
      {{greeting, "421 later\r\n"}, false}, // it closes: whom it turns away is not said
      {{greeting, "550 no\r\n", "550 no\r\n"}, true},
      {{greeting, ehlo, "454 no\r\n"}, true},
      {{greeting, "250-s.example\r\n250 SIZE\r\n"}, false}, // STARTTLS is missing: our own demand
  };
  for (const turn& each : turns) {
    delivery_plan plan;
    plan.starttls = delivery_plan::tls::required;
    const envelope what = from_ann(two);
    const std::string_view slices[] = {plain};
    delivery d(plan, what, slices);
    std::string out;
    EXPECT_FALSE(d.turned_away());
    for (const std::string& reply : each.replies) say(d, out, {reply});
    EXPECT_EQ(d.turned_away(), each.turned_away) << each.replies.back();
    EXPECT_NE(d.outcomes()[0].what, outcome::pending) << each.replies.back();
    EXPECT_EQ(out.find("MAIL"), std::string::npos);
  }

  delivery_plan clear;
  clear.starttls = delivery_plan::tls::never;
  for (const std::string_view refusal : {"550 5.1.8 no\r\n", "451 later\r\n"}) {
    const envelope what = from_ann(two);
    const std::string_view slices[] = {plain};
    delivery d(clear, what, slices);
    std::string out;
    say(d, out, {greeting, "250 s.example\r\n", refusal});
    EXPECT_NE(d.outcomes()[0].what, outcome::pending);
    EXPECT_FALSE(d.turned_away()) << refusal;
  }
}

} // namespace
