// The receiving side of the target `pair`: a server session with an application that remembers whom it took which message for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "application.hpp"
#include "exact.hpp"
#include "hash.hpp"
#include "objection.hpp"
#include "pair_input.hpp"
#include "postel/server.hpp"

namespace postel::fuzz {

// A message that was answered positively, and for whom: indices of recipients.
struct taken_message {
  std::string text;
  std::vector<std::size_t> recipients;
  std::optional<std::uint64_t> declared; // SIZE
  bool chunked = false;
  bool extended = false; // EHLO or LHLO, not HELO
  bool tls = false;
  bool authenticated = false;
};

template <typename Session>
class pair_receiver {
 public:
  pair_receiver(const pair_choices& choices, const policy& rules)
      : choices_(choices), rules_(rules), session_(rules), answers_(choices.seed()) {}

  bool open(std::string& out) { return session_.open(out).has_value(); }

  // All that the octets which are there give; what is left of them stays.
  void take(std::string& unread, std::string& out) {
    const std::size_t most_steps = 4 * unread.size() + 64;
    for (std::size_t steps = 0; !wrong; ++steps) {
      const test::exact octets(unread);
      const server_step step = session_.next(octets, out);
      if (step.used > unread.size()) return object("uses more than there is");
      if (steps > most_steps) return object("makes no progress");
      std::visit([&](const auto& e) { this->note(e, out); }, step.event);
      unread.erase(0, step.used);
      if (step.idle()) return;
    }
  }

  bool tls_started() { return session_.tls_started().has_value(); }
  void peer_closed() { session_.peer_closed(); }
  [[nodiscard]] bool closed() const { return session_.closed(); }
  [[nodiscard]] const std::vector<taken_message>& taken() const { return taken_; }

  objection wrong;

 private:
  void object(std::string_view what) {
    if (!wrong) wrong = in_words("the server ", what);
  }

  // What the next decision is refused with; mostly nothing.
  [[nodiscard]] std::optional<reply> next_refusal() {
    if (choices_.seed() == 0) return std::nullopt;
    switch (next_number(answers_) % 64) {
      case 0: return negative_reply(answer_kind::close);
      case 1:
      case 2:
      case 3: return negative_reply(answer_kind::later);
      case 4:
      case 5:
      case 6: return negative_reply(answer_kind::never);
      case 7:
      case 8: return reply{452, "full"};
      default: return std::nullopt;
    }
  }

  // Answers what is owed; whether positively.
  bool decide(std::string& out) {
    const std::optional<reply> refusal = next_refusal();
    if (refusal ? !session_.answer(*refusal, out) : !session_.accept(out)) object("takes no answer");
    return !refusal;
  }

  void note(const event::need_more&, std::string&) {}
  void note(const event::wait&, std::string&) {}
  void note(const event::hello& e, std::string& out) {
    if (decide(out)) extended_ = e.extended;
  }
  void note(const event::start_tls&, std::string& out) { decide(out); }
  void note(const event::authenticate&, std::string& out) {
    if (choices_.seed() % 2 == 0 || !session_.challenge("who?", out)) decide(out);
  }
  void note(const event::auth_response&, std::string& out) { decide(out); }
  void note(const event::sender& e, std::string& out) {
    if (!(e.command.from == choices_.sender())) object("is told of another sender");
    draft_ = {};
    draft_.declared = e.size;
    draft_.extended = extended_;
    draft_.tls = session_.tls();
    draft_.authenticated = session_.authenticated();
    decide(out);
  }
  void note(const event::recipient& e, std::string& out) {
    std::size_t which = 0;
    while (which != choices_.recipients() && !(e.command.to == choices_.recipient(which))) ++which;
    if (which == choices_.recipients()) return object("is told of a stranger");
    if (!draft_.recipients.empty() && draft_.recipients.back() >= which)
      object("is told of recipients in another order");
    if (decide(out)) draft_.recipients.push_back(which);
  }
  void note(const event::data&, std::string& out) { decide(out); }
  void note(const event::chunk& e, std::string&) {
    draft_.chunked = true;
    if (!e.last) object("gets more than one chunk");
  }
  void note(const event::body& e, std::string&) { draft_.text += e.bytes; }
  void note(const event::message_end&, std::string& out) {
    taken_message done = std::exchange(draft_, {});
    const std::vector<std::size_t> all = std::exchange(done.recipients, {});
    if (rules_.protocol == service::lmtp) {
      if (session_.pending_answers() != all.size()) object("owes other answers than one for each recipient");
      for (const std::size_t each : all)
        if (!session_.closed() && decide(out)) done.recipients.push_back(each);
    } else if (decide(out)) {
      done.recipients = all;
    }
    if (!done.recipients.empty()) taken_.push_back(std::move(done));
  }
  void note(const event::reset&, std::string&) {}
  void note(const event::quit&, std::string&) {}
  void note(const event::refused& e, std::string&) {
    const bool pipelined = rules_.offer.contains(extension::pipelining);
    switch (e.code) {
      // What the client can't know before.
      case errc::message_too_large:
      case errc::too_many_recipients:
      case errc::nul_octet: return;
      // What it sent ahead of the reply that forbids it.
      case errc::bad_sequence:
      case errc::no_valid_recipients:
        if (pipelined) return;
        break;
      default: break;
    }
    object(std::string("refuses what it is told: ").append(message(e.code)).append(" in ").append(in_quotes(e.line)));
  }
  template <typename Event>
  void note(const Event&, std::string&) {
    object("is told what no delivery says");
  }

  const pair_choices& choices_;
  const policy& rules_;
  Session session_;
  std::uint64_t answers_;
  bool extended_ = false;
  taken_message draft_;
  std::vector<taken_message> taken_;
};

} // namespace postel::fuzz
