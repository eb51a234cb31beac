// What the cases may use: values of variables, and what the target offers.
#pragma once

#include <array>
#include <optional>
#include <postel/policy.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "case/case.hpp"

namespace postel::conformance {

// The lines of an EHLO response after the first: keywords with their parameters.
using offer = std::vector<std::string>;
// Whether a line of it has the keyword and the parameters.
[[nodiscard]] bool is_offered(const std::optional<offer>& lines, std::string_view wanted);

// Why a case is skipped that would say the password where others can read it.
inline constexpr std::string_view no_credentials_in_clear = "it says the password, which is not said in clear here";

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
  // What it offers after STARTTLS; nothing if STARTTLS fails, and then why.
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
  // Every case is played after STARTTLS if that is possible.
  void set_always_tls() { always_tls_ = true; }
  [[nodiscard]] bool secure() const noexcept { return secure_; }
  [[nodiscard]] bool always_tls() const noexcept { return always_tls_; }

  // Why the case cannot be played here; nothing if it can.
  [[nodiscard]] std::optional<std::string> missing(const test_case& the_case) const;
  // Whether EHLO, STARTTLS and the handshake come before the case: where it needs TLS, says a password, or needs what is offered only there;
  // all that can be played there where mail is taken only there.
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

} // namespace postel::conformance
