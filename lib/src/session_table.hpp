// What each command needs, what it does in each state, and what else refuses it: RFC 5321 4.1.4, 4.3.2 and the rules of the
// extensions. Server and client ask the same functions, and the manual's tables are made of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "postel/command.hpp"
#include "postel/error.hpp"
#include "postel/extension.hpp"
#include "postel/session_state.hpp"

namespace postel::detail {

// What a command does in a state: a positive answer leads to the target, or it is refused and nothing changes.
struct transition {
  errc refusal; // errc{}: allowed
  session_state target;

  friend bool operator==(const transition&, const transition&) = default;
};

// The states in which commands are read, in the order of the table's columns. In the others what comes is no command.
inline constexpr std::array command_states = {session_state::greeted,    session_state::ready,  session_state::sender,
                                              session_state::recipients, session_state::chunks, session_state::failed,
                                              session_state::declined};

// One entry of the table: where the command leads, that it stays, or why it is refused.
class cell {
 public:
  constexpr cell(session_state target) noexcept : target_(target) {}
  constexpr cell(errc refusal) noexcept : refusal_(refusal) {}

  [[nodiscard]] constexpr transition in(session_state from) const noexcept {
    return {refusal_, target_.value_or(from)};
  }

 private:
  errc refusal_{};
  std::optional<session_state> target_; // nothing: the state stays
};

struct verb_rule {
  verb which;
  std::optional<extension> needs; // what the server must offer
  bool after_ehlo;  // nothing but EHLO offers it (RFC 5321 2.2.1); HELP and EXPN are older, and may come without
  bool ends_group;  // it must be the last of a group of pipelined commands
  bool before_tls;  // it is taken without TLS where the policy requires TLS (RFC 3207 4)
  bool before_auth; // it is taken from a client that has not authenticated where the policy requires that (RFC 4954 6)
  bool counts_as_idle; // it leads no mail on: see server_limits::idle_commands
  std::array<cell, command_states.size()> in;
};

// One row a verb, in the order of enum verb.
//
// Ends a group (RFC 2920 3.1): MAIL, RCPT, RSET, SEND, SOML and SAML may stand anywhere in a group of pipelined commands; EHLO, DATA, VRFY, EXPN,
// TURN, QUIT and NOOP must be its last. So must a command of an extension, unless the extension says otherwise. BDAT (RFC 3030 4.2), BURL
// (RFC 4468 3.2) and XFORWARD (Postfix's XFORWARD_README) do. ETRN does not, nor does HELP, which the registry of RFC 5321 2.2.2 has as an
// extension. HELO and LHLO are as EHLO. XCLIENT may be pipelined, but should be the last all the same (Postfix's XCLIENT_README).
//
// clang-format off
inline constexpr auto verb_rules = [] {
  using enum session_state;
  using v = verb;
  using e = extension;
  constexpr bool yes = true, no = false;
  constexpr auto any = std::nullopt;
  constexpr cell stays = errc{}, s502 = errc::not_implemented, s503 = errc::bad_sequence, norcpt = errc::no_valid_recipients;
  return std::array<verb_rule, verb_count>{{
    //                            after ends  before    counts
    //                            EHLO group TLS  AUTH idle  greeted ready    sender      recipients  chunks  failed  declined
    // Good at any time; they end a transaction as RSET does (RFC 5321 4.1.4). LHLO, below, is LMTP's EHLO (RFC 2033 4.1).
    {v::ehlo,      any,          no,  yes,  yes, yes, yes,  {ready,  ready,   ready,      ready,      ready,  ready,  s503}},
    {v::helo,      any,          no,  yes,  no,  yes, yes,  {ready,  ready,   ready,      ready,      ready,  ready,  s503}},
    {v::mail,      any,          no,  no,   no,  no,  no,   {s503,   sender,  s503,       s503,       s503,   s503,   s503}},
    {v::rcpt,      any,          no,  no,   no,  no,  no,   {s503,   s503,    recipients, recipients, s503,   s503,   s503}},
    {v::data,      any,          no,  yes,  no,  no,  no,   {s503,   s503,    norcpt,     message,    s503,   s503,   s503}},
    {v::rset,      any,          no,  no,   no,  yes, yes,  {stays,  stays,   ready,      ready,      ready,  ready,  s503}},
    // Good at any time, without effect (RFC 5321 4.1.1.6 to 4.1.1.9).
    {v::vrfy,      any,          no,  yes,  no,  no,  yes,  {stays,  stays,   stays,      stays,      stays,  stays,  s503}},
    {v::expn,      e::expn,      no,  yes,  no,  no,  yes,  {stays,  stays,   stays,      stays,      stays,  stays,  s503}},
    {v::help,      e::help,      no,  yes,  no,  no,  yes,  {stays,  stays,   stays,      stays,      stays,  stays,  s503}},
    {v::noop,      any,          no,  yes,  yes, yes, yes,  {stays,  stays,   stays,      stays,      stays,  stays,  s503}},
    {v::quit,      any,          no,  yes,  yes, yes, no,   {closed, closed,  closed,     closed,     closed, closed, closed}},
    {v::lhlo,      any,          no,  yes,  yes, yes, yes,  {ready,  ready,   ready,      ready,      ready,  ready,  s503}},
    // A transaction is forgotten with all the rest (RFC 3207 4.2).
    {v::starttls,  e::starttls,  yes, yes,  yes, yes, no,   {s503,   tls,     tls,        tls,        tls,    tls,    s503}},
    // Not in a transaction (RFC 4954 4). An exchange of challenges passes through auth.
    {v::auth,      e::auth,      yes, yes,  no,  yes, no,   {s503,   stays,   s503,       s503,       s503,   s503,   s503}},
    // Never mixed with DATA, and not after a chunk that was refused (RFC 3030 2, RFC 4468 3).
    {v::bdat,      e::chunking,  yes, no,   no,  no,  no,   {s503,   s503,    norcpt,     chunks,     chunks, s503,   s503}},
    {v::burl,      e::burl,      yes, no,   no,  no,  no,   {s503,   s503,    norcpt,     chunks,     chunks, s503,   s503}},
    // Not in a transaction (RFC 1985 5).
    {v::etrn,      e::etrn,      yes, yes,  no,  no,  yes,  {s503,   stays,   s503,       s503,       s503,   s503,   s503}},
    // Our server offers none of these, and none is good in a transaction (RFC 2645 5.1, 5.2; Postfix's README of XCLIENT and of XFORWARD).
    // After ATRN the two change roles (RFC 2645 5.3); after XCLIENT the client says EHLO again.
    {v::atrn,      e::atrn,      yes, yes,  no,  no,  no,   {s503,   stays,   s503,       s503,       s503,   s503,   s503}},
    {v::xclient,   e::xclient,   yes, yes,  no,  no,  no,   {stays,  greeted, s503,       s503,       s503,   s503,   s503}},
    {v::xforward,  e::xforward,  yes, no,   no,  no,  no,   {stays,  stays,   s503,       s503,       s503,   s503,   s503}},
    {v::wellknown, e::wellknown, yes, yes,  no,  no,  no,   {stays,  stays,   stays,      stays,      stays,  stays,  s503}},
    // Known, and implemented nowhere (RFC 5321 4.2.4). Some of these verbs may stand anywhere in a group, so none ends one.
    {v::obsolete,  any,          no,  no,   no,  no,  no,   {s502,   s502,    s502,       s502,       s502,   s502,   s503}},
  }};
}();
// clang-format on

constexpr const verb_rule& rule_of(verb which) noexcept {
  return verb_rules[static_cast<std::size_t>(which)];
}

// A set of verbs: a bit each.
constexpr std::uint32_t bit(verb which) noexcept {
  return std::uint32_t{1} << static_cast<unsigned>(which);
}
constexpr std::uint32_t verbs_with(bool verb_rule::* property) noexcept {
  std::uint32_t found = 0;
  for (const verb_rule& rule : verb_rules)
    if (rule.*property) found |= bit(rule.which);
  return found;
}

// What the states make of the commands, computed once. Where no commands are read, none is in order.
inline constexpr auto transitions = [] {
  std::array<std::array<transition, verb_count>, static_cast<std::size_t>(session_state::closed) + 1> all{};
  for (std::size_t from = 0; from < all.size(); ++from)
    all[from].fill({errc::bad_sequence, static_cast<session_state>(from)});
  for (const verb_rule& rule : verb_rules)
    for (std::size_t column = 0; column < command_states.size(); ++column) {
      const session_state from = command_states[column];
      all[static_cast<std::size_t>(from)][static_cast<std::size_t>(rule.which)] = rule.in[column].in(from);
    }
  return all;
}();
constexpr const transition& transition_from(session_state from, verb which) noexcept {
  return transitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(which)];
}

// Where a transaction leads that ends, with its message or without one; other states stay as they are.
constexpr session_state without_transaction(session_state from) noexcept {
  using enum session_state;
  const bool in_transaction =
      from == sender || from == recipients || from == message || from == chunks || from == failed;
  return in_transaction ? ready : from;
}

// What is known of a session beside its state.
struct session_facts {
  bool lmtp = false;
  bool offered = true;  // what the command needs is offered, before TLS or in TLS
  bool extended = true; // EHLO or LHLO was accepted last, not HELO
  bool tls = false;
  bool tls_required = false;
  bool authenticated = false;
  bool authentication_required = false;
  bool auth_in_clear = false; // AUTH may be used without TLS
  bool binary = false;        // MAIL said BODY=BINARYMIME
};

// Why a command is refused whatever the state is; errc{} if it is not. The first rule that holds decides: where TLS must come first, all other
// commands get 530, even what is not offered; 530 for want of AUTH is only for what the server does.
constexpr errc guard(verb which, const session_facts& now) noexcept {
  const verb_rule& rule = rule_of(which);
  if (now.lmtp ? which == verb::ehlo || which == verb::helo : which == verb::lhlo)
    return errc::unknown_command;                                                  // RFC 2033 4.1
  if (now.tls_required && !now.tls && !rule.before_tls) return errc::tls_required; // RFC 3207 4
  if (!now.offered) return errc::not_implemented;                                  // RFC 5321 4.2.4
  if (now.authentication_required && !now.authenticated && !rule.before_auth) return errc::auth_required; // RFC 4954 6
  if (which == verb::starttls && now.tls) return errc::bad_sequence;                      // RFC 3207 4.2
  if (which == verb::auth && !now.tls && !now.auth_in_clear) return errc::auth_needs_tls; // RFC 4954 6
  if (which == verb::auth && now.authenticated) return errc::bad_sequence;                // RFC 4954 4
  if (rule.after_ehlo && !now.extended) return errc::bad_sequence;                        // RFC 5321 2.2.1
  if (which == verb::data && now.binary) return errc::bad_sequence;                       // RFC 3030 3
  return errc{};
}

// Why a command can't be taken in this state, with these facts; errc{} if it can.
constexpr errc check(session_state from, verb which, const session_facts& now) noexcept {
  // Who was declined is told the same whatever comes (RFC 5321 3.1).
  if (from != session_state::declined)
    if (const errc why = guard(which, now); why != errc{}) return why;
  const errc why = transition_from(from, which).refusal;
  return why == errc::no_valid_recipients && now.lmtp ? errc::bad_sequence : why; // RFC 2033 4.2
}

static_assert(std::ranges::all_of(verb_rules, [](const verb_rule& rule) { return &rule == &rule_of(rule.which); }),
              "the rows stand in the order of the verbs");
static_assert(std::ranges::all_of(verb_rules, [](const verb_rule& rule) { return !rule.after_ehlo || rule.needs; }),
              "what only EHLO offers has a keyword");
static_assert(std::ranges::all_of(verb_rules,
                                  [](const verb_rule& rule) {
                                    return transition_from(session_state::declined, rule.which).refusal ==
                                           (rule.which == verb::quit ? errc{} : errc::bad_sequence);
                                  }),
              "who was declined may say QUIT (RFC 5321 3.1)");
static_assert(std::ranges::all_of(command_states,
                                  [](session_state from) {
                                    return from == session_state::declined ||
                                           transition_from(from, verb::rset).target == without_transaction(from);
                                  }),
              "RSET ends a transaction, and nothing else");

} // namespace postel::detail
