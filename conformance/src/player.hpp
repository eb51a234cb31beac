// Plays a case against one connection.
#pragma once

#include <array>
#include <optional>
#include <postel/policy.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "case.hpp"
#include "observation.hpp"
#include "transcript.hpp"
#include "transport.hpp"

namespace postel::conformance {

enum class verdict : std::uint8_t {
  pass,
  fail,    // a MUST does not hold
  warn,    // a SHOULD does not hold
  note,    // a MAY is not as expected, or something was to be noted
  skipped, // something the case needs is not there
  error,   // the case could not be tried
};
[[nodiscard]] std::string_view name(verdict) noexcept;
inline constexpr std::size_t verdict_count = 6;

// The lines of an EHLO response behind the first: keywords with their parameters.
using offer = std::vector<std::string>;

// What the cases may use: values of variables, and what the target's EHLO response offers.
class environment {
 public:
  // protocol: what the target speaks.
  explicit environment(service protocol = service::smtp);

  [[nodiscard]] service protocol() const noexcept { return protocol_; }
  // Whether the case is about such a target.
  [[nodiscard]] bool suits(const test_case& the_case) const noexcept;

  void set(variable which, std::string value) { values_[static_cast<std::size_t>(which)] = std::move(value); }
  // A mailbox, or "Postmaster": {rcpt} and its parts.
  void set_recipient(const std::string& address);
  [[nodiscard]] const std::optional<std::string>& get(variable which) const {
    return values_[static_cast<std::size_t>(which)];
  }

  // Nothing where the target did not accept EHLO.
  void set_offered(std::optional<offer> lines) { offered_ = std::move(lines); }
  // What it offers behind STARTTLS; nothing where there is no way there, and then why.
  void set_offered_in_tls(std::optional<offer> lines, std::string why = {}) {
    offered_in_tls_ = std::move(lines);
    why_no_tls_ = std::move(why);
  }
  // Whether a line of any EHLO response in clear had the keyword STARTTLS.
  void set_starttls_offered() { starttls_offered_ = true; }
  // The target takes no mail in clear.
  void set_mail_needs_tls() { mail_needs_tls_ = true; }
  // The connection is encrypted from the start.
  void set_secure() { secure_ = true; }
  // Every case is played behind STARTTLS that can be.
  void set_always_tls() { always_tls_ = true; }
  [[nodiscard]] bool secure() const noexcept { return secure_; }
  [[nodiscard]] bool always_tls() const noexcept { return always_tls_; }

  // Why the case cannot be played here; nothing if it can.
  [[nodiscard]] std::optional<std::string> missing(const test_case& the_case) const;
  // Whether EHLO, STARTTLS and the handshake come before the case: where it needs TLS, or says a password, or needs what is offered, or
  // taken, only there.
  [[nodiscard]] bool played_in_tls(const test_case& the_case) const;
  // Whether {user} and {password} may be said in clear: only to a target that offers AUTH there and no STARTTLS.
  [[nodiscard]] bool authenticates_in_clear() const;
  // Whether EHLO and AUTH come before the case: a server of submission takes no mail before that.
  [[nodiscard]] bool played_authenticated(const test_case& the_case) const;

 private:
  service protocol_;
  std::array<std::optional<std::string>, variable_count> values_;
  std::optional<offer> offered_;
  std::optional<offer> offered_in_tls_;
  std::string why_no_tls_;
  bool secure_ = false;
  bool always_tls_ = false;
  bool starttls_offered_ = false;
  bool mail_needs_tls_ = false;
};

struct patience {
  milliseconds reply{5000}; // for each expected reply, and for the peer to take what is sent
  milliseconds quiet{500};  // after which nothing is silence
  milliseconds start{
      60'000}; // for a client to be started and to connect: interpreters and virtual machines are slow at that
  milliseconds longest{60'000}; // for a whole case, but twelve times that of a reply if that is more
  [[nodiscard]] milliseconds total() const { return std::max(longest, 12 * reply); }
};

// One expectation that was come to, in the order in which they were.
struct checked {
  const expectation* expected; // of the case; null for what comes before the case: the greeting, STARTTLS
  observation::kind what;
  std::string seen; // in words
  bool held;
};

struct outcome {
  verdict result = verdict::error;
  std::string reason; // empty for a pass
  std::vector<checked> checks;
  std::vector<std::string> transcript;
  std::vector<observation>
      deviations; // replies whose text is outside of the grammar: a finding of its own, whatever the verdict is
  bool unanswered = false; // there was no connection, or no greeting on it
  // A 421 came where it was not expected (RFC 5321 3.8), as the greeting or later.
  enum class turned_away : std::uint8_t { no, at_once, later };
  turned_away away = turned_away::no;
  bool starttls_offered = false; // in clear
};

// Plays the case on a fresh connection. The environment must have what the case needs.
[[nodiscard]] outcome play(const test_case& the_case, transport& wire, const environment& values,
                           const patience& waits);

// What a first connection tells of a target.
struct probed {
  std::optional<std::string> untestable; // why there is no point in going on
  bool silent = false;                   // namely that no greeting came
  std::optional<offer> offered;          // as environment::set_offered wants it
  std::optional<offer> offered_in_tls;   // behind STARTTLS
  std::string why_no_tls;
  bool starttls_offered = false; // by a line of the EHLO response in clear, whether or not the response can be read
  std::vector<std::string> transcript;
  std::vector<observation> deviations; // as in outcome; of responses to EHLO, by their own grammar

  // Tells the environment, the values of variables included.
  void tell(environment& values) const;
};
[[nodiscard]] probed probe(transport& wire, const patience& waits, const environment& values = environment());

} // namespace postel::conformance
