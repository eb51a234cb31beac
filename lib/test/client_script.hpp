// A server that says what a script says, an application that does what it says, and a client session between them.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exact.hpp"
#include "postel/client.hpp"

namespace postel::test {

// Where the server's octets are cut into reads; positions count all of them, whatever the application says between.
struct cuts {
  bool octet_by_octet = false;
  std::vector<std::size_t> places = {};

  [[nodiscard]] bool at(std::size_t position) const {
    if (octet_by_octet) return true;
    for (const std::size_t place : places)
      if (place == position) return true;
    return false;
  }
};

// One line of a script a step, its first character says which; \r, \n, \0, \\ and \xHH stand for octets.
//   S text         the server sends text and CRLF        s text       the same without CRLF
//   E event        what comes of what it sent: each event one line, in order, none left out
//   C line         the application sends that command: exactly this line is written
//   R why: line    that command is refused: nothing is written
//   A text > wire  respond(); X cancel(); a why: text    respond() is refused
//   B text > wire  send_body();           b why @offset: text
//   Z wire         end_body();            z why
//   K number       chunk_written() is taken; k number    it is refused
//   T              tls_started() is taken;   t           it is refused
//   Q key=value... what the session knows
// Empty lines, and those that start with #, say nothing.
class client_script_player {
 public:
  client_script_player(const client_policy& rules, const cuts& how) : session_(rules), cuts_(how) {}

  // Nothing, or what is not as the script has it.
  std::string run(std::string_view script) {
    std::size_t number = 0;
    for (std::size_t at = 0; at < script.size();) {
      const std::size_t end = std::min(script.find('\n', at), script.size());
      const std::string_view line = script.substr(at, end - at);
      at = end + 1;
      ++number;
      if (line.empty() || line[0] == '#') continue;
      ++steps_;
      step(line[0], line.size() > 2 ? line.substr(2) : std::string_view());
      if (!wrong_.empty()) return "line " + std::to_string(number) + ", " + std::string(line) + ": " + wrong_;
    }
    settle();
    return wrong_.empty() && steps_ == 0 ? "an empty script" : wrong_;
  }

  [[nodiscard]] std::size_t octets() const { return position_; }

  static std::string text_of(const client_event& e) {
    const auto code = [](const reply_view& r) { return std::to_string(r.code()); };
    if (const auto* g = std::get_if<event::greeted>(&e)) return "greeted " + code(g->reply);
    if (const auto* r = std::get_if<event::replied>(&e)) return std::string(name(r->command)) + " " + code(r->reply);
    if (const auto* c = std::get_if<event::challenged>(&e)) return "challenged " + std::string(c->base64);
    if (const auto* m = std::get_if<event::message_replied>(&e))
      return "message " + code(m->reply) + " of " + std::to_string(m->recipient);
    if (const auto* c = std::get_if<event::closing>(&e)) return "closing " + code(c->reply);
    if (const auto* b = std::get_if<event::broken>(&e)) {
      std::string text = "broken " + std::string(message(b->code));
      if (b->first_code != 0) text += ": " + std::to_string(b->first_code) + ", " + std::to_string(b->other_code);
      return text;
    }
    return {};
  }

  static std::string unescaped(std::string_view text) {
    std::string octets;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        octets += text[i];
        continue;
      }
      const char kind = text[++i];
      if (kind == 'x') {
        unsigned value = 0;
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
        octets += static_cast<char>(value);
        i += 2;
      } else {
        octets += kind == 'r' ? '\r' : kind == 'n' ? '\n' : kind == '0' ? '\0' : kind;
      }
    }
    return octets;
  }

 private:
  void step(char what, std::string_view rest) {
    if (what == 'S' || what == 's') return arrive(unescaped(rest) + (what == 'S' ? "\r\n" : ""));
    if (what == 'E') return expect(rest);
    if (!settle()) return;
    std::string out = "before;"; // which nothing may touch
    switch (what) {
      case 'C': return wrote(send(rest, out), out, unescaped(rest) + "\r\n");
      case 'R': {
        const auto [why, line] = split(rest, ": ");
        return refused(send(line, out), out, why);
      }
      case 'A': {
        const auto [text, wire] = split(rest, " > ");
        return wrote(session_.respond(unescaped(text), out), out, std::string(wire) + "\r\n");
      }
      case 'a': {
        const auto [why, text] = split(rest, ": ");
        return refused(session_.respond(unescaped(text), out), out, why);
      }
      case 'X': return wrote(session_.cancel(out), out, "*\r\n");
      case 'x': return refused(session_.cancel(out), out, rest);
      case 'B': {
        const auto [text, wire] = split(rest, " > ");
        return wrote(session_.send_body(unescaped(text), out), out, unescaped(wire));
      }
      case 'b': {
        const auto [why, text] = split(rest, ": ");
        const auto done = session_.send_body(unescaped(text), out);
        const std::string at = done ? "" : " @" + std::to_string(done.error().offset);
        return refused(done, out, why, at);
      }
      case 'Z': return wrote(session_.end_body(out), out, unescaped(rest));
      case 'z': return refused(session_.end_body(out), out, rest);
      case 'K': return insist(session_.chunk_written(number(rest)).has_value(), "it is refused");
      case 'k': return insist(!session_.chunk_written(number(rest)).has_value(), "it is taken");
      case 'T': return insist(session_.tls_started().has_value(), "it is refused");
      case 't': return insist(!session_.tls_started().has_value(), "it is taken");
      case 'Q': return facts(rest);
      default: wrong_ = "no such step";
    }
  }

  static std::pair<std::string_view, std::string_view> split(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + mark.size())};
  }
  static std::uint64_t number(std::string_view text) {
    std::uint64_t value = std::numeric_limits<std::uint64_t>::max();
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  void insist(bool holds, std::string_view otherwise) {
    if (!holds && wrong_.empty()) wrong_ = otherwise;
  }

  result<std::size_t> send(std::string_view line, std::string& out) {
    kept_ = unescaped(line);
    const auto parsed = parse_command(kept_, charset::utf8);
    if (!parsed) {
      wrong_ = "no command";
      return parsed.error();
    }
    return session_.send(*parsed, out);
  }

  void wrote(const result<std::size_t>& done, const std::string& out, std::string_view wire) {
    if (!done) return insist(false, "refused: " + std::string(message(done.error().code)));
    insist(out == "before;" + std::string(wire), "writes " + out.substr(7));
    insist(*done + 7 == out.size(), "another number of octets");
  }
  void refused(const result<std::size_t>& done, const std::string& out, std::string_view why,
               std::string_view at = {}) {
    insist(!done, "it is taken");
    if (!done) insist(std::string(message(done.error().code)).append(at) == why, message(done.error().code));
    insist(out == "before;", "writes although it refuses");
  }

  // Reads end where the script's cuts are, and where the application does something.
  void arrive(std::string_view octets) {
    for (const char octet : octets) {
      unread_ += octet;
      if (cuts_.at(++position_)) read();
    }
    unsettled_ = true;
  }

  void read() {
    while (!stopped_ && wrong_.empty()) {
      const exact input(unread_);
      const client_step step = session_.next(input);
      const std::string text = text_of(step.event);
      if (text.empty()) {
        insist(step.used == 0 || session_.closed(), "octets used without an event");
        unread_.erase(0, step.used);
        return;
      }
      events_.push_back(text);
      stopped_ = std::holds_alternative<event::broken>(step.event);
      insist(!stopped_ || (step.used == 0 && session_.closed()), "breaks and uses octets, or is not over");
      unread_.erase(0, step.used);
    }
  }

  void expect(std::string_view event) {
    if (unsettled_) {
      read();
      unsettled_ = false;
    }
    if (next_event_ == events_.size()) return insist(false, "there is no event");
    insist(events_[next_event_] == event, "it is " + events_[next_event_]);
    ++next_event_;
  }

  // Whether all that came of what the server sent was expected. One break of the session is one event for what came in one go.
  bool settle() {
    if (unsettled_) read();
    unsettled_ = false;
    if (next_event_ != events_.size()) insist(false, "before it comes " + events_[next_event_]);
    stopped_ = false;
    return wrong_.empty();
  }

  void facts(std::string_view list) {
    while (!list.empty()) {
      const auto [fact, rest] = split(list, " ");
      const auto [key, value] = split(fact, "=");
      const std::string is = known(key);
      insist(is == value, std::string(key) + " is " + is);
      list = rest;
    }
  }

  [[nodiscard]] std::string known(std::string_view key) const {
    const auto limited = [](std::uint64_t left) {
      return left == std::numeric_limits<std::uint64_t>::max() ? "any" : std::to_string(left);
    };
    if (key == "outstanding") return std::to_string(session_.outstanding());
    if (key == "accepted") return std::to_string(session_.accepted());
    if (key == "left") return std::to_string(session_.chunk_left());
    if (key == "recipients") return limited(session_.recipients_left());
    if (key == "transactions") return limited(session_.transactions_left());
    if (key == "size") return session_.size_limit() ? std::to_string(*session_.size_limit()) : "none";
    if (key == "body") return std::to_string(session_.in_body() ? 1 : 0);
    if (key == "challenged") return std::to_string(session_.challenged() ? 1 : 0);
    if (key == "tls") return std::to_string(session_.tls() ? 1 : 0);
    if (key == "authenticated") return std::to_string(session_.authenticated() ? 1 : 0);
    if (key == "over") return std::to_string(session_.closed() ? 1 : 0);
    if (key == "deadline") return name_of(session_.deadline());
    if (key == "offered") {
      std::string all;
      for (std::size_t i = 0; i < extension_count; ++i) {
        const auto one = static_cast<extension>(i);
        if (session_.offered().contains(one)) all.append(all.empty() ? "" : ",").append(keyword(one));
      }
      return all;
    }
    return "no such fact";
  }

  static std::string name_of(timeout t) {
    switch (t) {
      case timeout::none: return "none";
      case timeout::greeting: return "greeting";
      case timeout::mail: return "mail";
      case timeout::rcpt: return "rcpt";
      case timeout::data_initiation: return "data_initiation";
      case timeout::data_block: return "data_block";
      case timeout::data_termination: return "data_termination";
      case timeout::server: return "server";
    }
    return {};
  }

  client session_;
  const cuts& cuts_;
  std::string unread_;
  std::string kept_; // the octets of the command under way
  std::vector<std::string> events_;
  std::string wrong_;
  std::size_t next_event_ = 0;
  std::size_t position_ = 0;
  std::size_t steps_ = 0;
  bool unsettled_ = false; // octets came behind the last read
  bool stopped_ = false;   // broken: said once
};

struct client_script {
  std::string_view name;
  std::string_view text;
  client_policy rules = {};

  friend void PrintTo(const client_script& script, std::ostream* out) { *out << script.name; }
};

// Scripts whose servers say no more than this are cut in all pairs of places too.
inline constexpr std::size_t longest_for_pairs = 110;

// What is not as the script has it, in one read for each of the server's turns, octet by octet, in two reads cut anywhere, and in three.
inline std::string play_in_every_cut(const client_script& script) {
  const auto play = [&](const cuts& how, std::string_view words) -> std::string {
    const std::string wrong = client_script_player(script.rules, how).run(script.text);
    return wrong.empty() ? wrong : std::string(words) + ": " + wrong;
  };
  const cuts none;
  client_script_player whole(script.rules, none);
  if (const std::string wrong = whole.run(script.text); !wrong.empty()) return "whole: " + wrong;
  if (const std::string wrong = play({true}, "octet by octet"); !wrong.empty()) return wrong;
  for (std::size_t i = 1; i < whole.octets(); ++i) {
    if (const std::string wrong = play({false, {i}}, "cut at " + std::to_string(i)); !wrong.empty()) return wrong;
    for (std::size_t j = i + 1; whole.octets() <= longest_for_pairs && j < whole.octets(); ++j) {
      const std::string words = "cut at " + std::to_string(i) + " and " + std::to_string(j);
      if (const std::string wrong = play({false, {i, j}}, words); !wrong.empty()) return wrong;
    }
  }
  return {};
}

inline std::string script_name(std::string_view name) {
  std::string made(name);
  for (char& c : made)
    if (std::string_view(" -,'").find(c) != std::string_view::npos) c = '_';
  return made;
}

} // namespace postel::test

// Each script of the array a test of its own, named after it.
#define POSTEL_CLIENT_SCRIPTS(suite, list)                                     \
  class suite : public testing::TestWithParam<postel::test::client_script> {}; \
  TEST_P(suite, as_written) {                                                  \
    EXPECT_EQ(postel::test::play_in_every_cut(GetParam()), "");                \
  }                                                                            \
  INSTANTIATE_TEST_SUITE_P(each, suite, testing::ValuesIn(list),               \
                           [](const auto& one) { return postel::test::script_name(one.param.name); })
