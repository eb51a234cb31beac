// state_diagram SOURCE [--write]: the states and what stands against commands as lib/README.md shows them, made of the table that the sessions run
// by. Without --write it fails if the manual shows something else. What leads from state to state beside commands is tried out before it is
// shown, and the list of guards is compared with the table under all combinations of facts.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "postel/server.hpp"
#include "server_replies.hpp"
#include "session_states.hpp"
#include "session_table.hpp"

namespace {

using namespace postel;
using detail::command_states;
using detail::session_facts;
using test::must;
using test::name_of;
using state = session_state;

constexpr std::string_view begin_mark = "<!-- states: lib/test/state_diagram.cpp -->\n",
                           end_mark = "<!-- end of states -->\n";

std::string name_of(verb which) {
  return which == verb::obsolete ? "SEND, SOML, SAML, TURN, VERB, ONEX" : std::string(name(which));
}

// What leads on without a command.
struct way {
  state from, to;
  std::string label;
  std::function<void(server&, std::string&)> go;
};

const std::vector<way>& ways() {
  static const std::vector<way> all = {
      {state::unopened, state::greeted, "open()", [](server& s, std::string& out) { must(s.open(out)); }},
      {state::unopened, state::declined, "decline()",
       [](server& s, std::string& out) { must(s.decline({554, "no"}, out)); }},
      {state::ready, state::auth, "AUTH, challenge()",
       [](server& s, std::string& out) {
         (void)s.next("AUTH PLAIN\r\n", out);
         must(s.challenge("", out));
       }},
      {state::auth, state::ready, "235, a refusal, *", [](server& s, std::string& out) { (void)s.next("*\r\n", out); }},
      {state::tls, state::greeted, "tls_started()", [](server& s, std::string&) { must(s.tls_started()); }},
      {state::message, state::ready, "end of the message",
       [](server& s, std::string& out) {
         (void)s.next(".\r\n", out);
         must(s.accept(out));
       }},
      {state::chunks, state::ready, "end of the last chunk",
       [](server& s, std::string& out) {
         (void)s.next("BDAT 0 LAST\r\n", out);
         (void)s.next("", out);
         must(s.accept(out));
       }},
      {state::chunks, state::failed, "a chunk is refused",
       [](server& s, std::string& out) {
         (void)s.next("BDAT 0\r\n", out);
         (void)s.next("", out);
         must(s.answer({452, "full"}, out));
       }},
      {state::recipients, state::failed, "a chunk is too large",
       [](server& s, std::string& out) { (void)s.next("BDAT 18446744073709551615\r\n", out); }},
  };
  return all;
}

// All of the words, one behind the other.
void put(std::string& text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) text.append(word);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) put(text, {text.empty() ? "" : ", ", word});
  return text;
}

// Our server carries out what the command needs.
bool is_supported(verb which) {
  const auto needs = detail::rule_of(which).needs;
  return !needs || std::ranges::find(server::supported, *needs) != std::end(server::supported);
}

void put_diagram(std::string& text) {
  const auto arrow = [&](state from, state to, std::string_view label) {
    put(text, {"  ", name_of(from), " --> ", name_of(to), ": ", label, "\n"});
  };
  text += "```mermaid\nstateDiagram-v2\n  [*] --> unopened\n";
  for (const way& w : ways()) arrow(w.from, w.to, w.label);
  for (const state from : command_states)
    for (const state target :
         {state::ready, state::sender, state::recipients, state::message, state::chunks, state::tls, state::closed}) {
      std::vector<std::string> verbs;
      for (const detail::verb_rule& rule : detail::verb_rules) {
        const detail::transition go = detail::transition_from(from, rule.which);
        if (go.refusal == errc{} && go.target == target && target != from && is_supported(rule.which))
          verbs.push_back(name_of(rule.which));
      }
      if (!verbs.empty()) arrow(from, target, joined(verbs));
    }
  text += "  closed --> [*]\n```\n";
}

// Facts with which no guard refuses anything but the other protocol's greetings.
session_facts harmless(verb which) {
  return {.lmtp = which == verb::lhlo, .auth_in_clear = true};
}

std::string code_of(errc why) {
  return std::to_string(detail::refusal(why).code);
}

// What the state makes of a command: with LMTP's code beside it where that is another.
std::string entry(state from, verb which) {
  session_facts facts = harmless(which);
  const errc why = detail::check(from, which, facts);
  const state target = detail::transition_from(from, which).target;
  if (why == errc{}) return target == from ? "stays" : "**" + std::string(name_of(target)) + "**";
  facts.lmtp = true;
  // BURL is submission's (RFC 4468 3.1).
  const bool both = which != verb::ehlo && which != verb::helo && which != verb::lhlo && which != verb::burl;
  const std::string other = both ? code_of(detail::check(from, which, facts)) : code_of(why);
  return other == code_of(why) ? other : code_of(why) + " (LMTP " + other + ")";
}

void put_table(std::string& text) {
  text += "| command |";
  for (const state from : command_states) put(text, {" ", name_of(from), " |"});
  text += "\n| --- |";
  for (std::size_t i = 0; i < command_states.size(); ++i) text += " --- |";
  text += "\n";
  for (const detail::verb_rule& rule : detail::verb_rules) {
    put(text, {"| ", name_of(rule.which), is_supported(rule.which) ? " |" : " (client) |"});
    for (const state from : command_states) put(text, {" ", entry(from, rule.which), " |"});
    text += "\n";
  }
}

// A rule that refuses commands whatever the state is. The first that holds decides.
struct obstacle {
  std::string_view when;
  std::string_view clause;
  bool (*holds)(const session_facts&);
  session_facts example;
};

const obstacle obstacles[] = {
    {"LMTP", "RFC 2033 4.1", [](const session_facts& f) { return f.lmtp; }, {.lmtp = true, .auth_in_clear = true}},
    {"SMTP, submission", "RFC 2033 5", [](const session_facts& f) { return !f.lmtp; }, {.auth_in_clear = true}},
    {"`tls_required`, and no TLS",
     "RFC 3207 4",
     [](const session_facts& f) { return f.tls_required && !f.tls; },
     {.tls_required = true, .auth_in_clear = true}},
    {"offered neither before TLS nor in TLS",
     "RFC 5321 4.2.4",
     [](const session_facts& f) { return !f.offered; },
     {.offered = false, .auth_in_clear = true}},
    {"`authentication_required` or `service::submission`, and the client has not authenticated",
     "RFC 4954 6",
     [](const session_facts& f) { return f.authentication_required && !f.authenticated; },
     {.authentication_required = true, .auth_in_clear = true}},
    {"in TLS", "RFC 3207 4.2", [](const session_facts& f) { return f.tls; }, {.tls = true, .auth_in_clear = true}},
    {"no TLS, and not `auth_in_clear`",
     "RFC 4954 6",
     [](const session_facts& f) { return !f.tls && !f.auth_in_clear; },
     {}},
    {"the client has authenticated",
     "RFC 4954 4",
     [](const session_facts& f) { return f.authenticated; },
     {.authenticated = true, .auth_in_clear = true}},
    {"no EHLO or LHLO was accepted, or HELO after it",
     "RFC 5321 2.2.1",
     [](const session_facts& f) { return !f.extended; },
     {.extended = false, .auth_in_clear = true}},
    {"MAIL said BODY=BINARYMIME",
     "RFC 3030 3",
     [](const session_facts& f) { return f.binary; },
     {.auth_in_clear = true, .binary = true}},
};

bool can_be_unoffered(verb which) {
  return detail::rule_of(which).needs.has_value();
}

// Why the rule refuses the command, if the command is one of the session's protocol; errc{} if it does not.
errc objection(const obstacle& to, verb which) {
  session_facts facts = to.example;
  const bool about_protocol = &to == &obstacles[0] || &to == &obstacles[1];
  if (!about_protocol) facts.lmtp = which == verb::lhlo;
  if (!can_be_unoffered(which)) facts.offered = true;
  return detail::guard(which, facts);
}

void put_guards(std::string& text) {
  text += "| when | refused | code | source |\n| --- | --- | --- | --- |\n";
  for (const obstacle& to : obstacles) {
    std::vector<std::string> refused, taken;
    errc why{};
    for (const detail::verb_rule& rule : detail::verb_rules) {
      const errc objects = objection(to, rule.which);
      (objects != errc{} ? refused : taken).push_back(name_of(rule.which));
      if (objects != errc{}) why = objects;
    }
    const bool most = refused.size() > taken.size() + 2;
    put(text, {"| ", to.when, " | ", most ? "all but " + joined(taken) : joined(refused), " | ", code_of(why), " | ",
               to.clause, " |\n"});
  }
}

// The list says all that the table does: for every command and every combination of facts.
bool every_guard_is_listed() {
  bool all = true;
  for (unsigned bits = 0; bits < 1U << 9U; ++bits) {
    const auto bit = [&](unsigned which) { return (bits >> which & 1U) != 0; };
    const session_facts facts = {.lmtp = bit(0),
                                 .offered = bit(1),
                                 .extended = bit(2),
                                 .tls = bit(3),
                                 .tls_required = bit(4),
                                 .authenticated = bit(5),
                                 .authentication_required = bit(6),
                                 .auth_in_clear = bit(7),
                                 .binary = bit(8)};
    for (const detail::verb_rule& rule : detail::verb_rules) {
      if (!facts.offered && !can_be_unoffered(rule.which)) continue;
      const auto* first = std::ranges::find_if(
          obstacles, [&](const obstacle& to) { return to.holds(facts) && objection(to, rule.which) != errc{}; });
      const errc listed = first != std::end(obstacles) ? objection(*first, rule.which) : errc{};
      if (detail::guard(rule.which, facts) == listed) continue;
      all = false;
      std::fprintf(stderr, "the list of guards is wrong about %s, facts %x\n", name_of(rule.which).c_str(), bits);
    }
  }
  return all;
}

void put_properties(std::string& text) {
  const auto list = [&](std::string_view what, bool detail::verb_rule::* property, std::string_view note) {
    std::vector<std::string> verbs;
    for (const detail::verb_rule& rule : detail::verb_rules)
      if (rule.*property) verbs.push_back(name_of(rule.which));
    put(text, {"- ", what, ": ", joined(verbs), ".", note, "\n"});
  };
  list("Last of a group of pipelined commands (RFC 2920 3.1)", &detail::verb_rule::ends_group,
       "\n  The client sends nothing more until the reply is there. Without `accept_illegal_pipelining` the server "
       "says 503 and "
       "closes if more comes.");
  list("Counted by `limit.idle_commands`", &detail::verb_rule::counts_as_idle, "");
}

std::string block() {
  std::string text = "\n";
  put_diagram(text);
  text += R"(
An arrow is a positive answer; a command that is refused, by the session or by the application, leaves the state as it is. Commands that
change nothing are left out. From every state 421, `timed_out()`, `shut_down()` and `peer_closed()` lead to `closed`. In `message`, in a chunk
and in `auth` what comes is no command; in `tls` nothing may come before the handshake.

What each command does in each state: the state that a positive answer leads to, or the code that refuses it. The client session goes by the
same table, and refuses to send what would be refused. The server offers none of the commands marked with "client", and answers 502.

)";
  put_table(text);
  text += R"(
In every state but `declined` these rules come before the state. The first that holds decides. The client session goes by them too; what
the server requires it learns from replies only.

)";
  put_guards(text);
  text += "\n";
  put_properties(text);
  text += "\n";
  return text;
}

bool every_way_is_real() {
  policy rules;
  for (const extension e : server::supported) rules.offer.insert(e);
  rules.auth_in_clear = true;
  bool all = true;
  for (const way& w : ways()) {
    server session = test::server_in(rules, w.from);
    std::string out;
    const bool there = session.current_state() == w.from;
    if (there) w.go(session, out);
    if (there && session.current_state() == w.to) continue;
    all = false;
    std::fprintf(stderr, "%s does not lead from %s to %s but to %s\n", w.label.c_str(), name_of(w.from).data(),
                 name_of(w.to).data(), name_of(session.current_state()).data());
  }
  return all;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || (argc > 2 && std::string_view(argv[2]) != "--write")) {
    std::fprintf(stderr, "usage: state_diagram SOURCE [--write]\n");
    return 64;
  }
  if (!every_way_is_real() || !every_guard_is_listed()) return 1;
  const std::string file = std::string(argv[1]) + "/lib/README.md";
  std::ifstream in(file, std::ios::binary);
  const std::string manual{std::istreambuf_iterator<char>(in), {}};
  const std::size_t mark = manual.find(begin_mark), end = manual.find(end_mark);
  if (mark == std::string::npos || end == std::string::npos || end < mark) {
    std::fprintf(stderr, "%s has no block of states between its marks\n", file.c_str());
    return 1;
  }
  const std::size_t from = mark + begin_mark.size();
  const std::string shown = manual.substr(from, end - from), wanted = block();
  if (argc > 2) {
    std::ofstream(file, std::ios::binary) << manual.substr(0, from) << wanted << manual.substr(end);
    return 0;
  }
  if (shown == wanted) return 0;
  std::fprintf(stderr, "lib/README.md does not show the states as they are; state_diagram . --write does:\n%s",
               wanted.c_str());
  return 1;
}
