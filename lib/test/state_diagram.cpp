// state_diagram SOURCE [--write]: the server's states as lib/README.md shows them, made of the table that the session runs by. Without --write
// it fails if the manual shows something else. What leads from state to state beside commands is tried out before it is shown.
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
#include "server_table.hpp"

namespace {

using namespace postel;
using state = server::state;

constexpr std::string_view begin_mark = "<!-- states: lib/test/state_diagram.cpp -->\n",
                           end_mark = "<!-- end of states -->\n";

// In the others what comes is no command, or nothing is read.
constexpr state command_states[] = {state::greeted, state::ready,  state::sender,  state::recipients,
                                    state::chunks,  state::failed, state::declined};

std::string name_of(state which) {
  switch (which) {
    case state::unopened: return "unopened";
    case state::declined: return "declined";
    case state::greeted: return "greeted";
    case state::ready: return "ready";
    case state::sender: return "sender";
    case state::recipients: return "recipients";
    case state::message: return "message";
    case state::chunks: return "chunks";
    case state::failed: return "failed";
    case state::auth: return "auth";
    case state::tls: return "tls";
    case state::closed: return "closed";
  }
  return {};
}

std::string name_of(verb which) {
  return which == verb::obsolete ? "SEND, SOML, SAML, TURN, VERB, ONEX" : std::string(name(which));
}

// A way that can't be gone shows: the session stays where it was.
void must(const result<void>& done) {
  if (!done)
    std::fprintf(stderr, "a session says: %.*s\n", static_cast<int>(message(done.error().code).size()),
                 message(done.error().code).data());
}

// What leads on without a command.
struct way {
  state from, to;
  std::string label;
  std::function<void(server&, std::string&)> go;
};

// A session that was told this, every decision positive.
server after(const policy& rules, std::string_view input) {
  server session(rules);
  std::string out;
  must(session.open(out));
  for (;;) {
    const server_step step = session.next(input, out);
    input.remove_prefix(step.used);
    if (step.idle()) return session;
    if (session.pending_answers() != 0) must(session.accept(out));
  }
}

server in_state(const policy& rules, state which) {
  const std::string ready = "EHLO c\r\n", sender = ready + "MAIL FROM:<>\r\n",
                    recipients = sender + "RCPT TO:<b@d>\r\n";
  std::string out;
  switch (which) {
    case state::greeted: return after(rules, "");
    case state::ready: return after(rules, ready);
    case state::sender: return after(rules, sender);
    case state::recipients: return after(rules, recipients);
    case state::message: return after(rules, recipients + "DATA\r\n");
    case state::chunks: return after(rules, recipients + "BDAT 0\r\n");
    case state::tls: return after(rules, ready + "STARTTLS\r\n");
    case state::auth: {
      server session = after(rules, ready);
      (void)session.next("AUTH PLAIN\r\n", out);
      must(session.challenge("", out));
      return session;
    }
    default: return server(rules);
  }
}

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
      for (std::size_t i = 0; i < verb_count; ++i) {
        const detail::transition go = detail::transition_of(from, static_cast<verb>(i));
        if (go.refusal == errc{} && go.target == target && target != from)
          verbs.push_back(name_of(static_cast<verb>(i)));
      }
      if (!verbs.empty()) arrow(from, target, joined(verbs));
    }
  text += "  closed --> [*]\n```\n";
}

void put_table(std::string& text) {
  text += "| command |";
  for (const state from : command_states) put(text, {" ", name_of(from), " |"});
  text += "\n| --- |";
  for (std::size_t i = 0; i < std::size(command_states); ++i) text += " --- |";
  text += "\n";
  for (std::size_t i = 0; i < verb_count; ++i) {
    put(text, {"| ", name_of(static_cast<verb>(i)), " |"});
    for (const state from : command_states) {
      const detail::transition go = detail::transition_of(from, static_cast<verb>(i));
      if (go.refusal != errc{})
        put(text, {" ", std::to_string(detail::refusal(go.refusal).code), " |"});
      else if (go.target == from)
        text += " stays |";
      else
        put(text, {" **", name_of(go.target), "** |"});
    }
    text += "\n";
  }
}

std::string block() {
  std::string text = "\n";
  put_diagram(text);
  text += R"(
An arrow is a positive answer; a command that is refused, by the session or by the application, leaves the state as it is. Commands that
change nothing are left out. From every state 421, `timed_out()`, `shut_down()` and `peer_closed()` lead to `closed`. In `message`, in a chunk
and in `auth` what comes is no command; in `tls` nothing may come before the handshake.

What each command does in each state: the state that a positive answer leads to, or the code that refuses it. What is not offered, or needs
TLS or AUTH first, is refused before (500, 502, 530, 538).

)";
  put_table(text);
  text += "\n";
  return text;
}

bool every_way_is_real() {
  policy rules;
  for (const extension e : server::supported) rules.offer.insert(e);
  rules.auth_in_clear = true;
  bool all = true;
  for (const way& w : ways()) {
    server session = in_state(rules, w.from);
    std::string out;
    const bool there = session.current_state() == w.from;
    if (there) w.go(session, out);
    if (there && session.current_state() == w.to) continue;
    all = false;
    std::fprintf(stderr, "%s does not lead from %s to %s but to %s\n", w.label.c_str(), name_of(w.from).c_str(),
                 name_of(w.to).c_str(), name_of(session.current_state()).c_str());
  }
  return all;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || (argc > 2 && std::string_view(argv[2]) != "--write")) {
    std::fprintf(stderr, "usage: state_diagram SOURCE [--write]\n");
    return 64;
  }
  if (!every_way_is_real()) return 1;
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
