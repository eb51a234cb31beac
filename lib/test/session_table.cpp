// Every command in every state, of the real server and of the real client, held against the session table; and the table against the rules
// of the RFCs, written out a second time.
#include "session_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drive.hpp"
#include "postel/client.hpp"
#include "server_replies.hpp"
#include "session_states.hpp"
#include "words.hpp"

namespace {

using namespace postel;
using namespace postel::test;
using detail::check;
using detail::command_states;
using detail::rule_of;
using detail::session_facts;
using state = session_state;

struct row {
  std::string_view line; // of this verb, without CRLF
  // For each state in which commands are read, in the order of command_states: where a positive answer leads, or what refuses the command.
  std::string_view in;
};

// RFC 5321 4.1.4, 3.1 and the rules of the extensions, in the order of enum verb.
// clang-format off
//                                      greeted ready   sender     recipients chunks failed declined
constexpr std::array<row, verb_count> rows = {{
    {"EHLO c",                         "ready   ready   ready      ready      ready  ready  503"},
    {"HELO c",                         "ready   ready   ready      ready      ready  ready  503"},
    {"MAIL FROM:<>",                   "503     sender  503        503        503    503    503"},
    {"RCPT TO:<b@d>",                  "503     503     recipients recipients 503    503    503"},
    {"DATA",                           "503     503     554        message    503    503    503"},
    {"RSET",                           "greeted ready   ready      ready      ready  ready  503"},
    {"VRFY x",                         "greeted ready   sender     recipients chunks failed 503"},
    {"EXPN x",                         "greeted ready   sender     recipients chunks failed 503"},
    {"HELP",                           "greeted ready   sender     recipients chunks failed 503"},
    {"NOOP",                           "greeted ready   sender     recipients chunks failed 503"},
    {"QUIT",                           "closed  closed  closed     closed     closed closed closed"},
    {"LHLO c",                         "ready   ready   ready      ready      ready  ready  503"},
    {"STARTTLS",                       "503     tls     tls        tls        tls    tls    503"},
    {"AUTH PLAIN AA==",                "503     ready   503        503        503    503    503"},
    {"BDAT 0",                         "503     503     554        chunks     chunks 503    503"},
    {"BURL imap://x",                  "503     503     554        chunks     chunks 503    503"},
    {"ETRN d",                         "503     ready   503        503        503    503    503"},
    {"ATRN",                           "503     ready   503        503        503    503    503"},
    {"XCLIENT NAME=a",                 "greeted greeted 503        503        503    503    503"},
    {"XFORWARD NAME=a",                "greeted ready   503        503        503    503    503"},
    {"WELLKNOWN a",                    "greeted ready   sender     recipients chunks failed 503"},
    {"TURN",                           "502     502     502        502        502    502    503"},
}};
// clang-format on

const std::string& expected_in(state from, verb which) {
  static const auto words = [] {
    std::map<std::pair<state, verb>, std::string> all;
    for (std::size_t i = 0; i < verb_count; ++i) {
      std::string_view rest = rows[i].in;
      for (const state each : command_states) all[{each, static_cast<verb>(i)}] = detail::take_word(rest);
    }
    return all;
  }();
  return words.at({from, which});
}

std::string line_of(verb which) {
  return std::string(rows[static_cast<std::size_t>(which)].line) + "\r\n";
}

// f(verb), with the verb in what fails.
template <typename Function>
void for_each_verb(Function f) {
  for (std::size_t i = 0; i < verb_count; ++i) {
    SCOPED_TRACE(rows[i].line);
    f(static_cast<verb>(i));
  }
}
template <typename Function>
void for_each_verb_and_state(Function f) {
  for (const state from : command_states) {
    SCOPED_TRACE(name_of(from));
    for_each_verb([&](verb which) { f(from, which); });
  }
}

std::string code_of(errc refusal) {
  return std::to_string(detail::refusal(refusal).code);
}

// The verbs with a property, in the order of enum verb.
std::string names_with(bool detail::verb_rule::* property) {
  std::string all;
  for_each_verb([&](verb which) {
    if (rule_of(which).*property) all.append(name(which)).append(" ");
  });
  return all;
}

TEST(session_table, is_as_the_rfcs_have_it) {
  for_each_verb_and_state([](state from, verb which) {
    const detail::transition go = detail::transition_from(from, which);
    EXPECT_EQ(go.refusal != errc{} ? code_of(go.refusal) : name_of(go.target), expected_in(from, which));
    EXPECT_TRUE(go.refusal == errc{} || go.target == from);
  });
  EXPECT_EQ(names_with(&detail::verb_rule::ends_group), // RFC 2920 3.1
            "EHLO HELO DATA VRFY EXPN HELP NOOP QUIT LHLO STARTTLS AUTH ETRN ATRN XCLIENT WELLKNOWN ");
  EXPECT_EQ(names_with(&detail::verb_rule::before_tls), "EHLO NOOP QUIT LHLO STARTTLS "); // RFC 3207 4
  EXPECT_EQ(names_with(&detail::verb_rule::before_auth),                                  // RFC 4954 6
            "EHLO HELO RSET NOOP QUIT LHLO STARTTLS AUTH ");
  EXPECT_EQ(names_with(&detail::verb_rule::after_ehlo), // RFC 5321 2.2.1
            "STARTTLS AUTH BDAT BURL ETRN ATRN XCLIENT XFORWARD WELLKNOWN ");
  EXPECT_EQ(names_with(&detail::verb_rule::counts_as_idle), "EHLO HELO RSET VRFY EXPN HELP NOOP LHLO ETRN ");
  for (const auto& [which, keyword] : std::map<verb, std::string_view>{{verb::expn, "EXPN"},
                                                                       {verb::help, "HELP"},
                                                                       {verb::starttls, "STARTTLS"},
                                                                       {verb::auth, "AUTH"},
                                                                       {verb::bdat, "CHUNKING"},
                                                                       {verb::burl, "BURL"},
                                                                       {verb::etrn, "ETRN"},
                                                                       {verb::atrn, "ATRN"},
                                                                       {verb::xclient, "XCLIENT"},
                                                                       {verb::xforward, "XFORWARD"},
                                                                       {verb::wellknown, "WELLKNOWN"}}) {
    ASSERT_TRUE(rule_of(which).needs);
    EXPECT_EQ(postel::keyword(*rule_of(which).needs), keyword);
  }
}

// The server ------------------------------------------------------------------------------------------------------------

policy all_offered(service protocol = service::smtp) {
  policy rules;
  rules.protocol = protocol;
  for (const extension each : server::supported) rules.offer.insert(each);
  rules.auth_in_clear = true;
  return rules;
}

bool is_supported(verb which) {
  const auto needs = rule_of(which).needs;
  return !needs || std::ranges::find(server::supported, *needs) != std::end(server::supported);
}

bool of_other_protocol(verb which, bool lmtp) {
  return lmtp ? which == verb::ehlo || which == verb::helo : which == verb::lhlo;
}

// What a session says to a line: the code of a refusal, or where it leads.
std::string outcome(server session, std::string_view line) {
  std::string out;
  const server_step step = session.next(line, out);
  if (std::holds_alternative<event::refused>(step.event)) return out.substr(0, 3);
  // A chunk of no octets is complete at once.
  if (std::holds_alternative<event::chunk>(step.event)) (void)session.next({}, out);
  while (session.pending_answers() != 0) must(session.accept(out));
  return std::string(name_of(session.current_state()));
}

TEST(session_table, server_follows_it) {
  for (const service protocol : {service::smtp, service::lmtp}) {
    const bool lmtp = protocol == service::lmtp;
    SCOPED_TRACE(lmtp ? "LMTP" : "SMTP");
    const policy rules = all_offered(protocol);
    for_each_verb_and_state([&](state from, verb which) {
      const server session = server_in(rules, from);
      ASSERT_EQ(session.current_state(), from);
      std::string expected = expected_in(from, which);
      const bool offered = is_supported(which) && !(lmtp && which == verb::burl); // RFC 4468 3.1
      if (from != state::declined) {
        if (!offered) expected = "502";
        if (of_other_protocol(which, lmtp)) expected = "500";
        if (lmtp && expected == "554") expected = "503"; // RFC 2033 4.2
      }
      EXPECT_EQ(outcome(session, line_of(which)), expected);
    });
  }
}

// A session that was answered 450 stays where it was.
TEST(session_table, a_refused_command_leaves_the_state) {
  const policy rules = all_offered();
  std::size_t refused = 0;
  for_each_verb_and_state([&](state from, verb which) {
    server session = server_in(rules, from);
    std::string out;
    (void)session.next(line_of(which), out);
    if (session.pending_answers() == 0) return;
    must(session.answer({450, "not now"}, out));
    // BURL is a chunk: after one that was refused nothing but RSET is good (RFC 3030 2).
    EXPECT_EQ(session.current_state(), which == verb::burl ? state::failed : from);
    ++refused;
  });
  EXPECT_GT(refused, 30U);
}

// Policies and pasts in which each guard stands against something.
struct circumstances {
  policy rules = {};
  past before = {};
  session_facts facts = {};
};

template <typename Function>
void for_all_circumstances(Function f) {
  for (unsigned bits = 0; bits < 1U << 9U; ++bits) {
    const auto bit = [&](unsigned which) { return (bits >> which & 1U) != 0; };
    circumstances now;
    now.before = {.tls = bit(0), .authenticated = bit(1), .helo = bit(2), .binary = bit(3)};
    const bool lmtp = bit(4), submission = bit(5), offered = bit(6);
    if (lmtp && (submission || now.before.helo)) continue;
    if (now.before.authenticated && !offered) continue;
    if (now.before.helo && bit(7) && !now.before.tls) continue; // HELO is refused
    now.rules = all_offered(lmtp ? service::lmtp : submission ? service::submission : service::smtp);
    if (!offered) now.rules.offer = {};
    now.rules.tls_required = bit(7);
    now.rules.auth_in_clear = bit(8);
    now.facts = {.lmtp = lmtp,
                 .offered = offered,
                 .extended = !now.before.helo,
                 .tls = now.before.tls,
                 .tls_required = bit(7),
                 .authenticated = now.before.authenticated,
                 .authentication_required = submission,
                 .auth_in_clear = bit(8),
                 .binary = false};
    f(now);
  }
}

TEST(session_table, server_heeds_the_guards) {
  std::map<errc, std::size_t> found;
  std::map<state, std::size_t> reached;
  for_all_circumstances([&](const circumstances& now) {
    for (const state from : command_states) {
      const server session = server_in(now.rules, from, now.before);
      if (session.current_state() != from || session.authenticated() != now.before.authenticated) continue;
      ++reached[from];
      for_each_verb([&](verb which) {
        session_facts facts = now.facts;
        const bool asks = rule_of(which).needs.has_value();
        facts.offered = !asks || (facts.offered && is_supported(which) && !(facts.lmtp && which == verb::burl));
        facts.extended = facts.extended && from != state::greeted;
        facts.binary = now.before.binary && from != state::greeted && from != state::ready;
        const errc why = check(from, which, facts);
        ++found[why];
        const std::string said = outcome(session, line_of(which));
        EXPECT_EQ(said, why != errc{} ? code_of(why) : name_of(detail::transition_from(from, which).target))
            << name_of(from);
      });
    }
  });
  EXPECT_EQ(reached.size(), command_states.size());
  for (const errc why : {errc{}, errc::unknown_command, errc::tls_required, errc::auth_required, errc::not_implemented,
                         errc::auth_needs_tls, errc::bad_sequence, errc::no_valid_recipients})
    EXPECT_GT(found[why], 0U) << message(why);
}

// RFC 2920 3.1
TEST(session_table, server_knows_what_ends_a_group) {
  for (const service protocol : {service::smtp, service::lmtp}) {
    policy rules = all_offered(protocol);
    rules.accept_illegal_pipelining = false;
    for_each_verb_and_state([&](state from, verb which) {
      if (from == state::greeted || from == state::declined) return; // no PIPELINING yet
      server session = server_in(rules, from);
      std::string out;
      const server_step step = session.next(line_of(which) + "NOOP\r\n", out);
      const auto* refused = std::get_if<event::refused>(&step.event);
      EXPECT_EQ(refused != nullptr && refused->code == errc::illegal_pipelining, rule_of(which).ends_group);
    });
  }
}

TEST(session_table, server_counts_what_is_idle) {
  policy rules = all_offered();
  rules.limit.idle_commands = 1; // EHLO
  for_each_verb_and_state([&](state from, verb which) {
    if (from == state::greeted || from == state::declined) return;
    EXPECT_EQ(outcome(server_in(rules, from), line_of(which)) == "421", rule_of(which).counts_as_idle);
  });
}

// In the other states nothing is a command, whatever it looks like.
TEST(session_table, elsewhere_nothing_is_a_command) {
  const policy rules = all_offered();
  for_each_verb([&](verb which) {
    const std::string line = line_of(which);
    std::string out;
    for (const state from : {state::unopened, state::closed}) {
      server session = server_in(rules, from);
      const server_step step = session.next(line, out);
      EXPECT_TRUE(std::holds_alternative<event::wait>(step.event));
      EXPECT_EQ(step.used, 0U);
      EXPECT_EQ(session.current_state(), from);
    }
    EXPECT_EQ(out, "");

    server handshake = server_in(rules, state::tls);
    ASSERT_EQ(handshake.current_state(), state::tls);
    const server_step early = handshake.next(line, out);
    ASSERT_TRUE(std::holds_alternative<event::refused>(early.event));
    EXPECT_EQ(std::get<event::refused>(early.event).code, errc::octets_before_tls);
    EXPECT_EQ(out, "");
    EXPECT_TRUE(handshake.closed());

    // Whatever is base64 is a response.
    server exchange = server_in(rules, state::auth);
    ASSERT_EQ(exchange.current_state(), state::auth);
    const server_step response = exchange.next(line, out);
    EXPECT_TRUE(std::holds_alternative<event::auth_response>(response.event) || out.starts_with("501 ")) << out;
    EXPECT_EQ(exchange.current_state(), state::ready);

    server text = server_in(rules, state::message);
    ASSERT_EQ(text.current_state(), state::message);
    const server_step piece = text.next(line, out);
    ASSERT_TRUE(std::holds_alternative<event::body>(piece.event));
    EXPECT_EQ(text.current_state(), state::message);

    server chunk = server_in(rules, state::recipients);
    ASSERT_TRUE(std::holds_alternative<event::chunk>(chunk.next("BDAT 100\r\n", out).event));
    EXPECT_TRUE(std::holds_alternative<event::body>(chunk.next(line, out).event));
    EXPECT_EQ(chunk.current_state(), state::chunks);
  });
  for (const state from : {state::unopened, state::message, state::auth, state::tls, state::closed})
    for_each_verb([&](verb which) {
      EXPECT_EQ(detail::transition_from(from, which), (detail::transition{errc::bad_sequence, from}));
    });
}

TEST(session_table, the_end_of_a_message_leads_to_ready_whatever_the_answer) {
  const policy rules;
  for (const int code : {250, 451, 554}) {
    server session = server_in(rules, state::message);
    std::string out;
    ASSERT_TRUE(std::holds_alternative<event::body>(session.next("hi\r\n", out).event));
    ASSERT_TRUE(std::holds_alternative<event::message_end>(session.next(".\r\n", out).event));
    must(session.answer({static_cast<std::uint16_t>(code), "so be it"}, out));
    EXPECT_EQ(session.current_state(), state::ready);
    // The recipients are gone with it.
    EXPECT_EQ(outcome(session, "RCPT TO:<y@d.example>\r\n"), "503");
  }
}

TEST(session_table, answer_421_closes) {
  const policy rules;
  const auto log =
      play(rules, {"EHLO c.example\r\nNOOP\r\n"}, [](const server_event&) { return reply{421, "shutting down"}; });
  EXPECT_EQ(log.state, state::closed);
  EXPECT_EQ(log.output, "220 localhost ESMTP\r\n421 shutting down\r\n");
}

// The client ------------------------------------------------------------------------------------------------------------

constexpr std::string_view offers =
    "250-s\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250-ETRN\r\n"
    "250-BURL imap\r\n250-ATRN\r\n250-XCLIENT NAME\r\n250-XFORWARD NAME\r\n250 WELLKNOWN\r\n";

std::string_view positive_reply(verb which) {
  switch (which) {
    case verb::ehlo:
    case verb::lhlo: return offers;
    case verb::data: return "354 go on\r\n";
    case verb::auth: return "235 ok\r\n";
    case verb::starttls:
    case verb::xclient: return "220 go on\r\n";
    case verb::quit: return "221 bye\r\n";
    default: return "250 ok\r\n";
  }
}

errc say(client& session, std::string_view line) {
  std::string out;
  const auto command = parse_command(line.substr(0, line.size() - 2));
  EXPECT_TRUE(command) << line;
  const auto sent = session.send(*command, out);
  return sent ? errc{} : sent.error().code;
}

void hear(client& session, std::string_view reply) {
  const client_step step = session.next(reply);
  EXPECT_EQ(step.used, reply.size()) << reply;
}

void exchange(client& session, std::string_view line, std::string_view reply) {
  ASSERT_EQ(say(session, line), errc{}) << line;
  hear(session, reply);
}

client client_in(const client_policy& rules, state wanted, const past& before = {}) {
  using enum session_state;
  client session(rules);
  EXPECT_TRUE(!before.tls || session.tls_started());
  if (wanted == unopened) return session;
  hear(session, wanted == declined ? "554 no\r\n" : "220 s\r\n");
  if (wanted == greeted || wanted == declined) return session;
  exchange(session, rules.protocol == service::lmtp ? "LHLO c\r\n" : "EHLO c\r\n", offers);
  if (before.authenticated) exchange(session, "AUTH PLAIN AA==\r\n", "235 ok\r\n");
  if (before.helo) exchange(session, "HELO c\r\n", "250 ok\r\n");
  if (wanted == tls) exchange(session, "STARTTLS\r\n", "220 go on\r\n");
  if (wanted == closed) exchange(session, "QUIT\r\n", "221 bye\r\n");
  if (wanted == auth) exchange(session, "AUTH PLAIN\r\n", "334 \r\n");
  if (wanted == ready || wanted == tls || wanted == closed || wanted == auth) return session;
  exchange(session, before.binary ? "MAIL FROM:<> BODY=BINARYMIME\r\n" : "MAIL FROM:<>\r\n", "250 ok\r\n");
  if (wanted != sender) exchange(session, "RCPT TO:<b@d>\r\n", "250 ok\r\n");
  if (wanted == message) exchange(session, "DATA\r\n", "354 go on\r\n");
  if (wanted == chunks) exchange(session, "BDAT 0\r\n", "250 ok\r\n");
  if (wanted == failed) exchange(session, "BDAT 0\r\n", "452 full\r\n");
  return session;
}

// What a client thinks of each command: a line a verb.
using opinions = std::vector<std::string>;
std::string opinion(verb which, errc why) {
  return std::string(name(which))
      .append(why == errc{} ? " may be sent" : ": ")
      .append(why == errc{} ? "" : message(why));
}

// As the table has it, in this state. facts.offered: the commands that only EHLO offers.
opinions expected_of_client(state at, session_facts facts) {
  opinions all;
  const bool offered = facts.offered;
  for (std::size_t i = 0; i < verb_count; ++i) {
    const auto which = static_cast<verb>(i);
    facts.offered = offered || !rule_of(which).after_ehlo;
    errc why = check(at, which, facts);
    if (why == errc::unknown_command) why = errc::bad_sequence;
    if (why == errc::not_implemented) why = errc::not_offered;
    if (std::ranges::find(command_states, at) == std::end(command_states)) why = errc::not_now;
    if (at == state::declined && which != verb::quit) why = errc::not_now;
    all.push_back(opinion(which, why));
  }
  return all;
}

opinions opinions_of(const client& session) {
  opinions all;
  for (std::size_t i = 0; i < verb_count; ++i) {
    client copy = session;
    const auto which = static_cast<verb>(i);
    all.push_back(opinion(which, say(copy, line_of(which))));
  }
  return all;
}

constexpr state all_states[] = {state::unopened, state::declined,   state::greeted, state::ready,
                                state::sender,   state::recipients, state::message, state::chunks,
                                state::failed,   state::auth,       state::tls,     state::closed};

// What the client may say in each state, and where a positive reply leads: from there it may say what the table has for that state.
TEST(session_table, client_follows_it) {
  client_policy rules;
  rules.auth_in_clear = true;
  for (const bool lmtp : {false, true}) {
    rules.protocol = lmtp ? service::lmtp : service::smtp;
    for (const state from : all_states) {
      SCOPED_TRACE(name_of(from));
      const bool met = from != state::unopened && from != state::declined && from != state::greeted;
      const session_facts facts = {.lmtp = lmtp, .offered = met, .extended = met, .auth_in_clear = true};
      const client session = client_in(rules, from);
      EXPECT_EQ(opinions_of(session), expected_of_client(from, facts));
      for_each_verb([&](verb which) {
        client next = session;
        if (say(next, line_of(which)) != errc{}) return;
        hear(next, positive_reply(which));
        session_facts then = facts;
        if (which == verb::ehlo || which == verb::lhlo) then.offered = then.extended = true;
        if (which == verb::helo) then.offered = then.extended = false;
        if (which == verb::auth) then.authenticated = true;
        EXPECT_EQ(opinions_of(next), expected_of_client(detail::transition_from(from, which).target, then));
      });
      // A refusal changes nothing.
      for_each_verb([&](verb which) {
        client next = session;
        if (which == verb::quit || say(next, line_of(which)) != errc{}) return;
        hear(next, "450 no\r\n");
        const bool chunk = which == verb::bdat || which == verb::burl; // RFC 3030 2
        EXPECT_EQ(opinions_of(next), expected_of_client(chunk ? state::failed : from, facts));
      });
    }
  }
}

// The rows say to the client what they say to the server.
TEST(session_table, client_and_server_agree) {
  client_policy rules;
  rules.auth_in_clear = true;
  for (const state from : command_states) {
    if (from == state::greeted || from == state::declined) continue; // nothing is offered there
    SCOPED_TRACE(name_of(from));
    const client session = client_in(rules, from);
    for_each_verb([&](verb which) {
      if (which == verb::lhlo) return; // LMTP's
      const std::string& word = expected_in(from, which);
      const errc expected = word == "503"   ? errc::bad_sequence
                            : word == "554" ? errc::no_valid_recipients
                            : word == "502" ? errc::not_offered
                                            : errc{};
      client copy = session;
      EXPECT_EQ(say(copy, line_of(which)), expected);
    });
  }
}

TEST(session_table, client_heeds_the_guards) {
  std::map<errc, std::size_t> found;
  for (unsigned bits = 0; bits < 1U << 6U; ++bits) {
    const auto bit = [&](unsigned which) { return (bits >> which & 1U) != 0; };
    const bool lmtp = bit(0), in_clear = bit(1);
    const past before = {.tls = bit(2), .authenticated = bit(3), .helo = bit(4), .binary = bit(5)};
    if ((lmtp && before.helo) || (before.helo && before.binary)) continue;
    if (before.authenticated && !before.tls && !in_clear) continue;
    client_policy rules;
    rules.protocol = lmtp ? service::lmtp : service::smtp;
    rules.auth_in_clear = in_clear;
    for (const state from : {state::ready, state::sender, state::recipients}) {
      SCOPED_TRACE(name_of(from));
      const session_facts facts = {.lmtp = lmtp,
                                   .offered = !before.helo,
                                   .extended = !before.helo,
                                   .tls = before.tls,
                                   .authenticated = before.authenticated,
                                   .auth_in_clear = in_clear,
                                   .binary = before.binary && from != state::ready};
      const client session = client_in(rules, from, before);
      EXPECT_EQ(opinions_of(session), expected_of_client(from, facts)) << bits;
      for_each_verb([&](verb which) {
        client copy = session;
        ++found[say(copy, line_of(which))];
      });
    }
  }
  for (const errc why :
       {errc{}, errc::bad_sequence, errc::not_offered, errc::no_valid_recipients, errc::auth_needs_tls})
    EXPECT_GT(found[why], 0U) << message(why);
}

// RFC 2920 3.1
TEST(session_table, client_knows_what_ends_a_group) {
  client_policy rules;
  rules.auth_in_clear = true;
  std::size_t sent = 0;
  for (const bool lmtp : {false, true})
    for_each_verb_and_state([&](state from, verb which) {
      if (from == state::greeted || from == state::declined) return; // no PIPELINING yet
      rules.protocol = lmtp ? service::lmtp : service::smtp;
      client session = client_in(rules, from);
      if (say(session, line_of(which)) != errc{}) return;
      EXPECT_EQ(say(session, "NOOP\r\n"), rule_of(which).ends_group ? errc::not_now : errc{});
      ++sent;
    });
  EXPECT_GT(sent, 100U);
}

} // namespace
