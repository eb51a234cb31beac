// The rules of sequence a second time, as the RFCs state them: what a reply must be, given what was said and answered before. There are no
// states here; every rule looks back at the history. All dialogues of a few commands are held against it, in each service.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "postel/server.hpp"

namespace {

using namespace postel;

// What a client says. "refused": the application answers it with 450.
enum class said : std::uint8_t {
  ehlo,
  ehlo_refused,
  helo,
  lhlo,
  mail,
  mail_refused,
  rcpt,
  rcpt_refused,
  data, // and, behind 354, a text
  message_refused,
  bdat, // every chunk looks like a command
  bdat_refused,
  last,
  last_refused,
  rset,
  noop,
  quit,
  starttls,
  starttls_refused,
  auth,
  auth_refused,
  etrn,
  vrfy,
  unknown,
};
constexpr std::size_t words = 24;

constexpr std::array<std::string_view, words> wires = {
    "EHLO c\r\n",
    "EHLO c\r\n",
    "HELO c\r\n",
    "LHLO c\r\n",
    "MAIL FROM:<>\r\n",
    "MAIL FROM:<>\r\n",
    "RCPT TO:<b@d>\r\n",
    "RCPT TO:<b@d>\r\n",
    "DATA\r\n",
    "DATA\r\n",
    "BDAT 6\r\nNOOP\r\n",
    "BDAT 6\r\nNOOP\r\n",
    "BDAT 6 LAST\r\nNOOP\r\n",
    "BDAT 6 LAST\r\nNOOP\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "QUIT\r\n",
    "STARTTLS\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN AA==\r\n",
    "AUTH PLAIN AA==\r\n",
    "ETRN d\r\n",
    "VRFY x\r\n",
    "XYZZY\r\n",
};
constexpr std::string_view text = "QUIT\r\n.\r\n";

constexpr bool application_refuses(said what) {
  using enum said;
  return what == ehlo_refused || what == mail_refused || what == rcpt_refused || what == message_refused ||
         what == bdat_refused || what == last_refused || what == starttls_refused || what == auth_refused;
}

// The codes of the replies to one of them.
struct codes {
  std::array<int, 6> all{};
  std::size_t count = 0;

  void add(int code) {
    if (count < all.size()) all[count] = code;
    ++count;
  }
  friend bool operator==(const codes&, const codes&) = default;
};
std::string in_words(const codes& replies) {
  std::string words_of;
  for (std::size_t i = 0; i < replies.count && i < replies.all.size(); ++i)
    words_of += " " + std::to_string(replies.all[i]);
  return words_of.empty() ? " nothing" : words_of;
}

struct exchange {
  said what;
  int code; // of the first reply
};
using history = std::span<const exchange>;

// The rules ---------------------------------------------------------------------------------------------------------------

// Each can be left out, to see that its absence is noticed.
enum class rule : std::uint8_t {
  hello_comes_first,          // RFC 5321 4.1.4
  hello_ends_a_transaction,   // RFC 5321 4.1.4
  reset_ends_a_transaction,   // RFC 5321 4.1.1.5
  message_ends_a_transaction, // RFC 5321 4.1.1.4
  last_ends_a_transaction,    // RFC 3030 2
  no_nested_transaction,      // RFC 5321 4.1.4
  recipient_needs_a_sender,   // RFC 5321 3.3
  data_needs_a_recipient,     // RFC 5321 3.3
  bdat_needs_a_recipient,     // RFC 3030 2
  data_and_bdat_do_not_mix,   // RFC 3030 2
  no_recipient_behind_chunks, // RFC 3030 2: the order of RFC 5321 3.3 stays
  failed_chunk_wants_reset,   // RFC 3030 2
  refused_chunk_is_read,      // RFC 3030 2
  extensions_need_ehlo,       // RFC 5321 2.2.1
  helo_ends_extensions,       // RFC 5321 4.1.1.1
  starttls_once,              // RFC 3207 4.2
  tls_forgets_hello,          // RFC 3207 4.2
  tls_forgets_auth,           // RFC 3207 4.2
  tls_forgets_transaction,    // RFC 3207 4.2
  auth_once,                  // RFC 4954 4
  auth_not_in_transaction,    // RFC 4954 4
  etrn_not_in_transaction,    // RFC 1985 5
  lmtp_says_lhlo,             // RFC 2033 4.1
  others_do_not,              // RFC 2033 5
  lmtp_data_is_503,           // RFC 2033 4.2
  lmtp_answers_each,          // RFC 2033 4.2
  submission_wants_auth,      // RFC 6409 4.3, RFC 4954 6
  failed_auth_is_none,        // RFC 4954 4
  refused_hello_is_none,      // RFC 5321 4.1.4
};
constexpr std::size_t rule_count = 29;

class rules {
 public:
  explicit rules(service protocol, std::optional<rule> without = std::nullopt)
      : protocol_(protocol), without_(without) {}

  [[nodiscard]] codes replies(history before, said what) const {
    codes all;
    const int first = code(before, what);
    all.add(first);
    // DATA has a second reply, to the message; LMTP one for each recipient there, and for each behind the last chunk.
    const std::size_t each =
        lmtp() && holds(rule::lmtp_answers_each) ? std::max<std::size_t>(1, recipients(before)) : 1;
    const int verdict = application_refuses(what) ? 450 : 250;
    if (first == 354)
      for (std::size_t i = 0; i < each; ++i) all.add(verdict);
    const bool chunk = what == said::bdat || what == said::bdat_refused || is_last(what);
    if (is_last(what) && knows_chunks(before))
      for (std::size_t i = 1; i < each; ++i) all.add(first);
    // Who was not offered CHUNKING sends no chunk: what follows is a NOOP.
    if (chunk && (!knows_chunks(before) || (!holds(rule::refused_chunk_is_read) && first >= 500))) all.add(250);
    return all;
  }

  // Whether there is TLS, and the client is known.
  [[nodiscard]] static bool encrypted(history before) {
    for (const exchange& e : before)
      if (e.code == 220) return true;
    return false;
  }
  [[nodiscard]] bool authenticated(history before) const {
    for (const exchange& e : holds(rule::tls_forgets_auth) ? since_tls(before) : before)
      if (e.code == 235 || (e.what == said::auth_refused && e.code == 450 && !holds(rule::failed_auth_is_none)))
        return true;
    return false;
  }

 private:
  [[nodiscard]] bool holds(rule r) const { return without_ != r; }
  [[nodiscard]] bool lmtp() const { return protocol_ == service::lmtp; }
  static bool is_last(said what) { return what == said::last || what == said::last_refused; }
  [[nodiscard]] bool greets(const exchange& e) const {
    const bool hello = e.what == said::ehlo || e.what == said::helo || e.what == said::lhlo;
    if (e.what == said::ehlo_refused && e.code == 450 && !holds(rule::refused_hello_is_none)) return true;
    return hello && e.code == 250;
  }

  static history since_tls(history before) {
    for (std::size_t i = before.size(); i != 0; --i)
      if (before[i - 1].code == 220) return before.subspan(i);
    return before;
  }
  // The hello that counts.
  [[nodiscard]] std::optional<said> hello(history before) const {
    std::optional<said> last;
    for (const exchange& e : holds(rule::tls_forgets_hello) ? since_tls(before) : before)
      if (greets(e) && (e.what != said::helo || !last || holds(rule::helo_ends_extensions))) last = e.what;
    return last;
  }
  [[nodiscard]] bool extended(history before) const {
    if (!holds(rule::extensions_need_ehlo)) return true;
    const auto by = hello(before);
    return by && *by != said::helo;
  }
  [[nodiscard]] bool knows_chunks(history before) const { return extended(before); }

  // What was said since the last end of a transaction.
  [[nodiscard]] history this_transaction(history before) const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const exchange& e = before[i];
      const bool ended =
          (greets(e) && holds(rule::hello_ends_a_transaction)) ||
          (e.what == said::rset && e.code == 250 && holds(rule::reset_ends_a_transaction)) ||
          (e.code == 354 && holds(rule::message_ends_a_transaction)) ||
          (is_last(e.what) && (e.code == 250 || e.code == 450) && holds(rule::last_ends_a_transaction)) ||
          (e.code == 220 && holds(rule::tls_forgets_transaction));
      if (ended) begin = i + 1;
    }
    return before.subspan(begin);
  }
  [[nodiscard]] std::size_t count(history before, said what, int with) const {
    std::size_t found = 0;
    for (const exchange& e : this_transaction(before)) found += e.what == what && e.code == with ? 1 : 0;
    return found;
  }
  [[nodiscard]] bool open(history before) const { return count(before, said::mail, 250) != 0; }
  [[nodiscard]] std::size_t recipients(history before) const { return count(before, said::rcpt, 250); }
  [[nodiscard]] bool chunks_begun(history before) const { return count(before, said::bdat, 250) != 0; }
  [[nodiscard]] bool chunk_failed(history before) const {
    return holds(rule::failed_chunk_wants_reset) && count(before, said::bdat_refused, 450) != 0;
  }

  [[nodiscard]] int code(history before, said what) const {
    const int verdict = application_refuses(what) ? 450 : 250;
    const bool stranger =
        protocol_ == service::submission && !authenticated(before) && holds(rule::submission_wants_auth);
    switch (what) {
      using enum said;
      case noop:
      case rset: return 250;
      case quit: return 221;
      case unknown: return 500;
      case ehlo:
      case ehlo_refused:
      case helo: return lmtp() && holds(rule::lmtp_says_lhlo) ? 500 : verdict;
      case lhlo: return !lmtp() && holds(rule::others_do_not) ? 500 : verdict;
      case vrfy: return stranger ? 530 : 252;
      case mail:
      case mail_refused:
        if (stranger) return 530;
        if (holds(rule::hello_comes_first) && !hello(before)) return 503;
        return open(before) && holds(rule::no_nested_transaction) ? 503 : verdict;
      case rcpt:
      case rcpt_refused:
        if (stranger) return 530;
        if (!open(before) && holds(rule::recipient_needs_a_sender)) return 503;
        if (chunks_begun(before) && holds(rule::no_recipient_behind_chunks)) return 503;
        return chunk_failed(before) ? 503 : verdict;
      case data:
      case message_refused:
        if (stranger) return 530;
        if (!open(before) || chunk_failed(before)) return 503;
        if (chunks_begun(before) && holds(rule::data_and_bdat_do_not_mix)) return 503;
        if (recipients(before) == 0 && holds(rule::data_needs_a_recipient))
          return lmtp() && holds(rule::lmtp_data_is_503) ? 503 : 554;
        return 354;
      case bdat:
      case bdat_refused:
      case last:
      case last_refused:
        if (stranger) return 530;
        if (!extended(before) || !open(before) || chunk_failed(before)) return 503;
        if (recipients(before) == 0 && holds(rule::bdat_needs_a_recipient)) return lmtp() ? 503 : 554;
        return verdict;
      case starttls:
      case starttls_refused:
        if (encrypted(before) && holds(rule::starttls_once)) return 503;
        if (!extended(before)) return 503;
        return application_refuses(what) ? 450 : 220;
      case auth:
      case auth_refused:
        if (!extended(before)) return 503;
        if (authenticated(before) && holds(rule::auth_once)) return 503;
        if (open(before) && holds(rule::auth_not_in_transaction)) return 503;
        return application_refuses(what) ? 450 : 235;
      case etrn:
        if (stranger) return 530;
        if (!extended(before)) return 503;
        return open(before) && holds(rule::etrn_not_in_transaction) ? 503 : 250;
    }
    return 0;
  }

  service protocol_;
  std::optional<rule> without_;
};

// Playing --------------------------------------------------------------------------------------------------------------

codes codes_in(std::string_view out) {
  codes all;
  while (!out.empty()) {
    if (out[3] == ' ') all.add((out[0] - '0') * 100 + (out[1] - '0') * 10 + (out[2] - '0'));
    out.remove_prefix(out.find('\n') + 1);
  }
  return all;
}

class player {
 public:
  explicit player(service protocol) {
    policy_.protocol = protocol;
    policy_.offer = {extension::chunking, extension::starttls, extension::auth, extension::etrn};
    policy_.auth_in_clear = true;
    policy_.limit.errors = unlimited;
    policy_.limit.idle_commands = unlimited;
  }

  // The first dialogue of at most length commands that the rules do not allow; empty if there is none.
  std::string contradiction(const rules& wanted, std::size_t length) {
    server session(policy_);
    out_.clear();
    played_ = 0;
    EXPECT_TRUE(session.open(out_));
    return contradiction(wanted, session, 0, length);
  }
  [[nodiscard]] std::size_t played() const { return played_; }

 private:
  codes say(server& session, said what) {
    out_.clear();
    std::string_view unread = wires[static_cast<std::size_t>(what)];
    for (;;) {
      const server_step step = session.next(unread, out_);
      unread.remove_prefix(step.used);
      if (session.pending() == decision::data) unread = text;
      while (session.pending_answers() != 0) {
        const bool refuse = application_refuses(what) && session.pending() != decision::data;
        if (!(refuse ? session.answer({450, "no"}, out_) : session.accept(out_))) return {};
      }
      if (session.current_state() == session_state::tls) {
        EXPECT_TRUE(session.tls_started());
      }
      if (step.idle()) return codes_in(out_);
    }
  }

  std::string contradiction(const rules& wanted, const server& before, std::size_t depth, std::size_t length) {
    const history so_far(said_.data(), depth);
    for (std::size_t word = 0; word < words; ++word) {
      const auto what = static_cast<said>(word);
      server session = before;
      const codes replies = say(session, what);
      const codes expected = wanted.replies(so_far, what);
      ++played_;
      said_[depth] = {what, replies.all[0]};
      const history now(said_.data(), depth + 1);
      const bool over = what == said::quit;
      const bool same =
          replies == expected && session.closed() == over &&
          (over || (session.tls() == rules::encrypted(now) && session.authenticated() == wanted.authenticated(now)));
      if (!same) return in_words(now) + "replies" + ::in_words(replies) + ", not" + ::in_words(expected);
      if (session.closed() || depth + 1 == length) continue;
      if (std::string found = contradiction(wanted, session, depth + 1, length); !found.empty()) return found;
    }
    return {};
  }

  static std::string in_words(history now) {
    std::string all;
    for (const exchange& e : now) {
      const std::string_view wire = wires[static_cast<std::size_t>(e.what)];
      all.append(wire.substr(0, wire.find('\r'))).append(application_refuses(e.what) ? " (refused)\n" : "\n");
    }
    return all;
  }

  policy policy_;
  std::string out_;
  std::array<exchange, 8> said_{};
  std::size_t played_ = 0;
};

constexpr service services[] = {service::smtp, service::submission, service::lmtp};

#if defined(POSTEL_SANITIZED)
constexpr std::size_t longest = 4;
#else
constexpr std::size_t longest = 5;
#endif

TEST(sequence, the_session_follows_the_rules) {
  for (const service protocol : services) {
    SCOPED_TRACE(static_cast<int>(protocol));
    player all(protocol);
    EXPECT_EQ(all.contradiction(rules(protocol), longest), "");
    // 23 of the 24 words go on.
    std::size_t expected = 0, dialogues = 1;
    for (std::size_t length = 1; length <= longest; ++length) {
      expected += dialogues * words;
      dialogues *= words - 1;
    }
    EXPECT_EQ(all.played(), expected);
  }
}

// The check sees each rule: without it the session does what the rules do not allow.
TEST(sequence, every_rule_is_needed) {
  for (std::size_t r = 0; r < rule_count; ++r) {
    bool seen = false;
    for (std::size_t length = 1; length <= 5 && !seen; ++length)
      for (const service protocol : services)
        seen = seen || !player(protocol).contradiction(rules(protocol, static_cast<rule>(r)), length).empty();
    EXPECT_TRUE(seen) << "rule " << r;
  }
}

} // namespace
