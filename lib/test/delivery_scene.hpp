// A delivery in memory to a server session, whose decisions are the test's.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postel/delivery.hpp"
#include "postel/server.hpp"

namespace postel::test {

using recipient = envelope::recipient;

struct received {
  std::string from, parameters, text;
  std::vector<std::string> to;
  friend bool operator==(const received&, const received&) = default;
};

inline std::string mailbox_of(const path& p) {
  return std::string(p.local_part) + "@" + std::string(p.domain);
}

// The server. decide: what an event is answered with; nothing for the positive answer.
class receiver {
 public:
  using decider = std::function<std::optional<reply>(const server_event&)>;

  receiver(const policy& rules, decider decide) : session_(rules), decide_(std::move(decide)) {
    EXPECT_TRUE(session_.open(out));
  }

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
  bool tls_started() { return session_.tls_started().has_value(); }
  [[nodiscard]] bool closed() const { return session_.closed(); }

  std::string out;
  std::vector<received> messages;
  std::size_t refused = 0; // commands and messages, by the session or by decide

 private:
  void note(const server_event& e) {
    if (const auto* sender = std::get_if<event::sender>(&e)) {
      draft_ = {mailbox_of(sender->command.from), std::string(sender->command.params.text()), {}, {}};
    } else if (const auto* body = std::get_if<event::body>(&e)) {
      draft_.text += body->bytes;
    }
    if (std::holds_alternative<event::refused>(e)) ++refused;
    // LOGIN's two questions.
    if (std::holds_alternative<event::authenticate>(e)) return ask("User Name");
    if (std::holds_alternative<event::auth_response>(e) && !std::exchange(asked_password_, true))
      return ask("Password");
    for (bool stored = false; session_.pending_answers() != 0;) {
      const auto with = decide_(e);
      const bool positive = !with || with->code / 100 == 2;
      refused += positive ? 0U : 1U;
      if (const auto* rcpt = std::get_if<event::recipient>(&e); rcpt != nullptr && positive) {
        draft_.to.push_back(mailbox_of(rcpt->command.to));
        if (!rcpt->command.params.empty()) draft_.to.back().append(" ").append(rcpt->command.params.text());
      }
      ASSERT_TRUE(with ? session_.answer(*with, out) : session_.accept(out));
      if (std::holds_alternative<event::message_end>(e) && positive && !std::exchange(stored, true))
        messages.push_back(draft_); // for all, whatever the others are told
    }
  }

  void ask(std::string_view what) { ASSERT_TRUE(session_.challenge(what, out)); }

  server session_;
  decider decide_;
  bool asked_password_ = false;
  std::string unread_;
  received draft_;
};

inline std::optional<reply> accept(const server_event&) {
  return std::nullopt;
}

struct scene {
  policy rules = [] {
    policy all;
    for (const extension e : server::supported) all.offer.insert(e);
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
  std::vector<recipient_outcome> outcomes;             // of the last message
  std::vector<std::vector<recipient_outcome>> earlier; // of those before it
  std::vector<received> messages;
  std::string said;           // by the client
  std::size_t most_lines = 0; // of commands in one go
  std::size_t refused = 0;    // by the server
  bool ended = false;
};

// A message behind the first over the same connection.
struct further {
  const envelope& what;
  std::span<const std::string_view> message;
};

inline played play(const scene& s, const envelope& what, std::span<const std::string_view> message,
                   std::span<const further> more = {}) {
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
    result.most_lines = std::max(result.most_lines, static_cast<std::size_t>(std::ranges::count(out, '\n')));
    to_server(out);
    out.clear();
    switch (step.want) {
      case delivery::wants::nothing:
        result.ended = true;
        result.outcomes.assign(client.outcomes().begin(), client.outcomes().end());
        result.messages = server.messages;
        result.refused = server.refused;
        return result;
      case delivery::wants::another:
        if (more.empty()) {
          client.quit();
          break;
        }
        result.earlier.emplace_back(client.outcomes().begin(), client.outcomes().end());
        EXPECT_TRUE(client.another(more.front().what, more.front().message));
        more = more.subspan(1);
        break;
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

inline const std::vector<recipient> two = {{{{}, "bob", "d.example"}}, {{{}, "eve", "d.example"}}};
inline envelope from_ann(std::span<const recipient> to, std::string_view parameters = {}) {
  return {{{}, "ann", "c.example"}, parameters, to};
}

inline std::vector<outcome> whats(const played& p) {
  std::vector<outcome> all;
  for (const recipient_outcome& each : p.outcomes) all.push_back(each.what);
  return all;
}

using outcomes = std::vector<outcome>;

} // namespace postel::test
