// The exit status of postel send, as a table over all that can have happened.
#include "send/status.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

using namespace postel;
using namespace postel::conformance;
using tls_fact = send_facts::tls_fact;
using auth_fact = send_facts::auth_fact;

constexpr std::array tls_facts{tls_fact::clear, tls_fact::declined, tls_fact::postponed, tls_fact::distrusted,
                               tls_fact::on};
constexpr std::array auth_facts{auth_fact::unwanted, auth_fact::not_begun, auth_fact::failed, auth_fact::unproved,
                                auth_fact::done};

// Calls f with all that can be known of a connection.
template <typename Function>
void for_each_fact(Function f) {
  for (const bool known_host : {true, false})
    for (const bool tls_required : {false, true})
      for (const tls_fact tls : tls_facts)
        for (const auth_fact auth : auth_facts) f(send_facts{known_host, tls_required, tls, auth});
}

recipient_outcome replied(outcome what, std::uint16_t code, std::optional<enhanced_status_code> status = {}) {
  return {.what = what, .code = code, .status = status};
}
recipient_outcome failed(outcome what, errc why) {
  return {.what = what, .error = why};
}

// When a recipient that was refused was refused for want of permission.
enum class barred : std::uint8_t {
  always,
  never,
  where_held_up,   // AUTH failed, or STARTTLS was declined though it is required
  without_auth,    // AUTH was wanted and did not begin
  where_distrusted // the certificate is not good, or the server has not proved who it is
};

bool holds(barred when, const send_facts& on) {
  switch (when) {
    case barred::always: return true;
    case barred::never: return false;
    case barred::where_held_up:
      return on.auth == auth_fact::failed || (on.tls_required && on.tls == tls_fact::declined);
    case barred::without_auth: return on.auth == auth_fact::not_begun;
    case barred::where_distrusted: return on.tls == tls_fact::distrusted || on.auth == auth_fact::unproved;
  }
  return false;
}

TEST(send_status, what_each_outcome_means_whatever_else_is_known) {
  struct row {
    std::string name;
    recipient_outcome became;
    ending usual;
    barred when = barred::never;
    bool needs_host = false;
    bool wants_tls = false; // we sent nothing for want of it, and there may be TLS the next time
  };
  const outcome no = outcome::refused, later = outcome::temporary;
  const row rows[] = {
      {"delivered", replied(outcome::delivered, 250), ending::delivered},
      {"unknown", {.what = outcome::unknown}, ending::unknown},
      {"nothing was tried", {}, ending::temporary, barred::where_distrusted, true},
      {"lost", {.what = later}, ending::temporary, barred::where_distrusted, true},
      {"not SMTP", failed(later, errc::reply_unexpected), ending::temporary, barred::where_distrusted, true},
      {"451", replied(later, 451), ending::temporary, barred::never, true},
      {"454", replied(later, 454, enhanced_status_code{4, 7, 0}), ending::temporary, barred::never, true},
      {"421", replied(later, 421), ending::temporary, barred::never, true},
      // An ordinary refusal of a recipient, a message, a sender.
      {"550", replied(no, 550), ending::refused, barred::where_held_up},
      {"550 5.1.1", replied(no, 550, enhanced_status_code{5, 1, 1}), ending::refused, barred::where_held_up},
      {"552 5.3.4", replied(no, 552, enhanced_status_code{5, 3, 4}), ending::refused, barred::where_held_up},
      {"554 5.7.1", replied(no, 554, enhanced_status_code{5, 7, 1}), ending::refused, barred::where_held_up},
      {"550 5.7.30", replied(no, 550, enhanced_status_code{5, 7, 30}), ending::refused, barred::where_held_up},
      {"554 5.6.8", replied(no, 554, enhanced_status_code{5, 6, 8}), ending::refused, barred::where_held_up},
      // What only TLS or AUTH would change, whichever command it answers.
      {"530", replied(no, 530), ending::refused, barred::always},
      {"530 5.7.0", replied(no, 530, enhanced_status_code{5, 7, 0}), ending::refused, barred::always},
      {"530 5.7.1", replied(no, 530, enhanced_status_code{5, 7, 1}), ending::refused, barred::always},
      {"523 5.7.10", replied(no, 523, enhanced_status_code{5, 7, 10}), ending::refused, barred::always},
      {"524 5.2.4", replied(no, 524, enhanced_status_code{5, 2, 4}), ending::refused, barred::where_held_up},
      {"524", replied(no, 524), ending::refused, barred::always},
      {"525 5.7.13", replied(no, 525, enhanced_status_code{5, 7, 13}), ending::refused, barred::always},
      {"534", replied(no, 534), ending::refused, barred::always},
      {"535 5.7.8", replied(no, 535, enhanced_status_code{5, 7, 8}), ending::refused, barred::always},
      {"538", replied(no, 538), ending::refused, barred::always},
      {"554 5.7.9", replied(no, 554, enhanced_status_code{5, 7, 9}), ending::refused, barred::always},
      {"550 5.7.11", replied(no, 550, enhanced_status_code{5, 7, 11}), ending::refused, barred::always},
      // What was never told to the server.
      {"an address beyond ASCII", failed(no, errc::non_ascii_address), ending::not_sendable},
      {"a body beyond ASCII", failed(no, errc::non_ascii_body), ending::not_sendable},
      {"too large", failed(no, errc::message_too_large), ending::not_sendable},
      {"LF alone", failed(no, errc::bare_lf), ending::not_sendable},
      {"not offered", failed(no, errc::not_offered), ending::not_sendable, barred::without_auth, false, true},
      {"no TLS", failed(no, errc::tls_required), ending::not_sendable, barred::always, false, true},
      {"no TLS for AUTH", failed(no, errc::auth_needs_tls), ending::not_sendable, barred::always, false, true},
      {"gave up", failed(no, errc::auth_required), ending::not_sendable, barred::always, false, true},
  };
  std::size_t tried = 0;
  for (const row& r : rows)
    for_each_fact([&](const send_facts& on) {
      // RFC 3207 4: 454 decides nothing; TLS may be there the next time.
      const ending no_permission =
          r.wants_tls && on.tls == tls_fact::postponed ? ending::temporary : ending::not_permitted;
      const ending expected = r.needs_host && !on.known_host ? ending::unknown_host
                              : holds(r.when, on)            ? no_permission
                                                             : r.usual;
      EXPECT_EQ(ending_of(r.became, on), expected)
          << r.name << ", host " << on.known_host << ", required " << on.tls_required << ", TLS "
          << static_cast<int>(on.tls) << ", AUTH " << static_cast<int>(on.auth);
      ++tried;
    });
  EXPECT_EQ(tried, std::size(rows) * 100);
}

// The endings in the order of the enumeration, and the status of each pair of them.
TEST(send_status, of_two_recipients) {
  constexpr std::array all{ending::delivered, ending::not_sendable, ending::refused,     ending::not_permitted,
                           ending::temporary, ending::unknown,      ending::unknown_host};
  constexpr int expected[7][7] = {
      //            deliv. n.send. refused n.perm. temp. unknown no host
      /* delivered */ {0, 65, 69, 69, 75, 74, 68},
      /* not_sendable */ {65, 65, 69, 77, 75, 74, 68},
      /* refused */ {69, 69, 69, 77, 75, 74, 68},
      /* not_permitted */ {69, 77, 77, 77, 75, 74, 68},
      /* temporary */ {75, 75, 75, 75, 75, 74, 68},
      /* unknown */ {74, 74, 74, 74, 74, 74, 68},
      /* unknown_host */ {68, 68, 68, 68, 68, 68, 68},
  };
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = 0; b < all.size(); ++b) {
      const ending both[] = {all[a], all[b]};
      EXPECT_EQ(status_of(both), expected[a][b]) << a << ' ' << b;
    }
  for (std::size_t a = 0; a < all.size(); ++a) EXPECT_EQ(status_of(std::span(&all[a], 1)), expected[a][a]) << a;
}

// However many there are, and in whatever order: the one of the two that counts more.
TEST(send_status, of_many_recipients_is_the_status_of_some_two) {
  constexpr std::array all{ending::delivered,     ending::not_sendable, ending::refused,
                           ending::not_permitted, ending::temporary,    ending::unknown};
  for (std::size_t set = 1; set < 64; ++set) {
    std::vector<ending> some;
    for (std::size_t i = 0; i < all.size(); ++i)
      if ((set >> i & 1U) != 0) some.push_back(all[i]);
    const int status = status_of(some);
    std::reverse(some.begin(), some.end());
    EXPECT_EQ(status_of(some), status) << set;
    std::vector<int> of_pairs;
    for (const ending a : some)
      for (const ending b : some) {
        const ending both[] = {a, b};
        of_pairs.push_back(status_of(both));
      }
    EXPECT_NE(std::find(of_pairs.begin(), of_pairs.end(), status), of_pairs.end()) << set;
    // 77 never where somebody has got the message.
    EXPECT_FALSE(status == send_status::not_permitted && (set & 1U) != 0) << set;
  }
}

} // namespace
