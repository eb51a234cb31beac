#include "play/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/parameter_value.hpp>

namespace postel::conformance {

bool is_offered(const std::optional<offer>& lines, std::string_view wanted) {
  return lines &&
         std::any_of(lines->begin(), lines->end(), [&](const std::string& each) { return offers(each, wanted); });
}

environment::environment(service protocol) : protocol_(protocol) {
  set(variable::hello, protocol == service::lmtp ? "LHLO" : "EHLO");
}

bool environment::suits(const test_case& the_case) const noexcept {
  switch (the_case.role) {
    case role::server: return protocol_ != service::lmtp;
    case role::submission: return protocol_ == service::submission;
    case role::lmtp: return protocol_ == service::lmtp;
    case role::both: return true;
    case role::client: break;
  }
  return false;
}

void environment::set_recipient(const std::string& address) {
  set(variable::rcpt, address);
  if (const auto parsed = parse_mailbox(address, charset::utf8)) {
    set(variable::rcpt_local, std::string(parsed->local_part));
    set(variable::rcpt_domain, std::string(parsed->domain));
  } else {
    set(variable::rcpt_local, address);
    values_[static_cast<std::size_t>(variable::rcpt_domain)].reset();
  }
}

namespace {

std::optional<variable> first_missing(const text_item& item, const environment& values) {
  if (const auto* which = std::get_if<variable>(&item); which != nullptr && !values.get(*which)) return *which;
  if (const auto* inner = std::get_if<encoded>(&item))
    for (const auto& each : inner->items)
      if (const auto* which = std::get_if<variable>(&each); which != nullptr && !values.get(*which)) return *which;
  return std::nullopt;
}

std::optional<variable> first_missing(const std::vector<step>& steps, const environment& values) {
  for (const step& each : steps) {
    if (const auto* said = std::get_if<say>(&each.what)) {
      for (const text_item& item : said->text)
        if (const auto which = first_missing(item, values)) return which;
    } else if (const auto* either = std::get_if<branch>(&each.what)) {
      if (const auto which = first_missing(either->then, values)) return which;
      if (const auto which = first_missing(either->otherwise, values)) return which;
    }
  }
  return std::nullopt;
}

bool requires_keyword(const test_case& the_case, std::string_view keyword) {
  return std::any_of(the_case.requirements.begin(), the_case.requirements.end(),
                     [&](const std::string& each) { return offers(each, keyword); });
}

constexpr std::string_view tls_keyword = "TLS";

} // namespace

bool environment::played_in_tls(const test_case& the_case) const {
  if (secure_ || !offered_in_tls_) return false;
  if (always_tls_ || requires_keyword(the_case, tls_keyword)) return true;
  if (requires_keyword(the_case, "STARTTLS")) return false;
  if (the_case.uses_credentials() || played_authenticated(the_case)) return true;
  // Whatever a case is about: in clear nearly every command would be refused for want of TLS (RFC 3207 4).
  if (mail_needs_tls_ && !the_case.starts_with_greeting()) return true;
  return std::any_of(the_case.requirements.begin(), the_case.requirements.end(), [&](const std::string& each) {
    return !is_offered(offered_, each) && is_offered(offered_in_tls_, each);
  });
}

bool environment::authenticates_in_clear() const {
  return is_offered(offered_, "AUTH") && !is_offered(offered_, "STARTTLS") && !starttls_offered_;
}

bool environment::played_authenticated(const test_case& the_case) const {
  return protocol_ == service::submission && the_case.role != role::submission && the_case.starts_with_hello() &&
         !requires_keyword(the_case, "AUTH") && !requires_keyword(the_case, "STARTTLS") && get(variable::user) &&
         get(variable::password);
}

std::optional<std::string> environment::missing(const test_case& the_case) const {
  const bool in_tls = played_in_tls(the_case);
  if (in_tls && the_case.starts_with_greeting()) return "it is about the greeting, which comes before STARTTLS";
  if (protocol_ == service::submission && the_case.role != role::submission && !the_case.starts_with_hello() &&
      !the_case.starts_with_greeting())
    return "the target takes mail after AUTH only, and the case does not begin with EHLO";
  const std::optional<offer>& lines = in_tls ? offered_in_tls_ : offered_;
  for (const std::string& wanted : the_case.requirements) {
    if (equal_ignoring_case(wanted, tls_keyword)) {
      if (secure_ || in_tls) continue;
      return why_no_tls_.empty() ? "the target does not offer STARTTLS" : why_no_tls_;
    }
    if (!lines) return fmt::format("needs {}, and {} is not accepted", wanted, *get(variable::hello));
    if (!is_offered(lines, wanted)) return fmt::format("the target does not offer {}", wanted);
  }
  if (const auto which = first_missing(the_case.steps, *this)) return std::string(word_of(*which).missing);
  // A case about STARTTLS may say them after the handshake that it makes itself: the player looks.
  const bool credentials = the_case.uses_credentials() || played_authenticated(the_case);
  if (credentials && !secure_ && !in_tls && !authenticates_in_clear() && !requires_keyword(the_case, "STARTTLS"))
    return why_no_tls_.empty() ? std::string(no_credentials_in_clear)
                               : fmt::format("{}; {}", no_credentials_in_clear, why_no_tls_);
  return std::nullopt;
}

} // namespace postel::conformance
