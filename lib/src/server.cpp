// Opening and ending a session, and cutting what comes into lines, text and chunks. Commands: server_commands.cpp; the message:
// server_message.cpp; answers: server_answer.cpp.
#include "postel/server.hpp"

#include <utility>

#include "place.hpp"
#include "server_replies.hpp"

namespace postel {

namespace {

constexpr extensions all_supported = [] {
  extensions all;
  for (const extension e : server::supported) all.insert(e);
  return all;
}();

// What is offered before or in TLS.
extensions offer_of(const policy& rules, bool tls) noexcept {
  extensions offered = rules.offer & all_supported;
  offered.erase(tls ? extension::starttls : extension::requiretls); // RFC 3207 4.2, RFC 8689 2
  if ((!tls && !rules.auth_in_clear) || rules.mechanisms.empty()) offered.erase(extension::auth);
  if (!offered.contains(extension::chunking)) offered.erase(extension::binarymime); // RFC 3030 3
  if (rules.protocol == service::lmtp) offered.erase(extension::burl);              // RFC 4468 is for submission
  return offered;
}

// Whether the numbers in the EHLO response say what the session does.
bool truthful(const policy& rules, extensions offered) noexcept {
  constexpr std::size_t largest = 999'999;                                        // six digits, and not 0 (RFC 9422 4)
  if (offered.contains(extension::size) && rules.message_size == 0) return false; // "SIZE 0": no limit (RFC 1870 3)
  if (!offered.contains(extension::limits)) return true;
  const auto sayable = [](std::size_t limit) { return limit != 0 && limit <= largest; };
  return sayable(rules.limit.recipients) &&
         (rules.limit.transactions == unlimited || sayable(rules.limit.transactions));
}

body_framer::report report_of(bare_line_end cr, bare_line_end lf) noexcept {
  if (cr != lf || cr == bare_line_end::normalise) return body_framer::report::each;
  return cr == bare_line_end::refuse ? body_framer::report::once : body_framer::report::never;
}

} // namespace

// Whether an EHLO before TLS, or in TLS, is told of this extension.
bool server::offers(extension which, bool in_tls) const noexcept {
  return offer_of(*policy_, in_tls).contains(which);
}

result<void> server::open(std::string& out, std::string_view early) {
  if (state_ != state::unopened) return failure{errc::not_now};
  offered_ = offer_of(*policy_, tls_);
  // The names and parameters in the policy: an EHLO response that can't be written shows now.
  const std::size_t before = out.size();
  const bool sayable = truthful(*policy_, offered_) && parse_domain(policy_->host) &&
                       write_hello({}, decision::ehlo, out).has_value() &&
                       (!offered_.contains(extension::futurerelease) || parse_date_time(policy_->hold_until_maximum));
  out.resize(before);
  if (!sayable) return failure{errc::policy_value};

  line_limit_ = static_cast<std::uint32_t>(command_line_limit(policy_->limit, policy_->offer & all_supported));
  body_ = body_framer(report_of(policy_->bare_cr, policy_->bare_lf));
  if (!early.empty() && !policy_->accept_early_talker) {
    reply greeting = detail::refusal(errc::early_talker);
    greeting.status = std::nullopt; // RFC 2034 4: none in a greeting
    say(greeting, out);
    state_ = state::declined;
    return {};
  }
  out.append("220 ").append(policy_->host).append(policy_->protocol == service::lmtp ? " LMTP\r\n" : " ESMTP\r\n");
  state_ = state::greeted;
  return {};
}

result<void> server::decline(const reply& with, std::string& out) {
  if (state_ != state::unopened) return failure{errc::not_now};
  if (with.code != 554 && with.code != 521 && with.code != detail::service_not_available)
    return failure{errc::answer_code};
  reply greeting = with;
  greeting.status = std::nullopt;
  if (const auto written = append(out, greeting); !written) return written.error();
  line_limit_ = static_cast<std::uint32_t>(command_line_limit(policy_->limit, {}));
  state_ = with.code == detail::service_not_available ? state::closed : state::declined;
  return {};
}

result<void> server::tls_started() noexcept {
  if (state_ == state::unopened) {
    tls_ = true;
    return {};
  }
  if (state_ != state::tls) return failure{errc::not_now};
  forget_client();
  tls_ = true;
  offered_ = offer_of(*policy_, true);
  state_ = state::greeted;
  return {};
}

timeout server::deadline() const noexcept {
  const bool ours = owed_ != decision::none || state_ == state::unopened || state_ == state::tls || closed();
  return ours ? timeout::none : timeout::server;
}

void server::timed_out(std::string& out) {
  say_closing({detail::service_not_available, "Timeout, closing", enhanced_status_code{4, 4, 2}}, out);
}

void server::shut_down(std::string& out) {
  say_closing({detail::service_not_available, "Service not available, closing", enhanced_status_code{4, 3, 2}}, out);
}

bool server::peer_closed() noexcept {
  const bool under_way = state_ == state::message || state_ == state::chunks;
  forget_client();
  owed_ = decision::none;
  state_ = state::closed;
  return under_way;
}

void server::forget_client() noexcept {
  end_transaction();
  line_ = {};
  authenticated_ = extended_ = utf8_reply_ = false;
  always_allowed_ = 0;
}

std::string_view server::with_protocol() const noexcept {
  // RFC 3848, RFC 6531 4.3. UTF8 types name only what was extended.
  static constexpr std::string_view names[3][4] = {
      {"ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA"},
      {"LMTP", "LMTPA", "LMTPS", "LMTPSA"},
      {"UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"},
  };
  static constexpr std::string_view utf8_lmtp[4] = {"UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"};
  if (!extended_) return "SMTP";
  const std::size_t how = (tls_ ? 2U : 0U) + (authenticated_ ? 1U : 0U);
  const bool lmtp = policy_->protocol == service::lmtp;
  if (smtputf8_) return lmtp ? utf8_lmtp[how] : names[2][how];
  return names[lmtp ? 1 : 0][how];
}

// What comes next did not arrive as a line, or is none.
server_step server::no_line(line_framer::step found, std::string_view unread, std::string& out) {
  const auto refuse_line = [&](errc why) -> server_step {
    // What follows may be a chunk that nobody can find the end of.
    const bool lost = state_ != state::auth && announces_chunk(unread);
    return {refuse({lost ? errc::chunk_size : why}, {}, out), found.used};
  };
  switch (found.what) {
    case line_framer::outcome::bare_cr: return refuse_line(errc::bare_cr);
    case line_framer::outcome::bare_lf: return refuse_line(errc::bare_lf);
    case line_framer::outcome::too_long: return refuse_line(errc::line_too_long);
    case line_framer::outcome::need_more:
    case line_framer::outcome::line: break;
  }
  return {event::need_more{}, found.used};
}

server_step server::next_response(std::string_view unread, std::string& out) {
  const line_framer::step found = line_.next(unread, auth_line_limit);
  if (found.what != line_framer::outcome::line) return no_line(found, unread, out);
  return {handle_response(found.text, out), found.used};
}

inline server_step server::next_input(std::string_view unread, std::string& out) {
  return input_ == input::text    ? next_text(unread, out)
         : input_ != input::lines ? next_chunk(unread, out)
         : state_ == state::auth  ? next_response(unread, out)
                                  : next_line(unread, out);
}

// Something else has to happen before the session reads on.
server_step server::waiting(std::string_view unread) noexcept {
  using reason = event::wait::reason;
  if (owed_ != decision::none) return {event::wait{reason::answer}, 0};
  if (closed() || state_ == state::unopened) return {event::wait{reason::over}, 0};
  if (state_ != state::tls) return {event::wait{reason::output}, 0};
  if (unread.empty()) return {event::wait{reason::handshake}, 0};
  // They came in clear, behind STARTTLS: nobody may take them for something said in TLS (RFC 3207 4.2, 6). 220 was the last reply.
  state_ = state::closed;
  return {event::refused{errc::octets_before_tls, 0, {}}, unread.size()};
}

// Steps are large: each is made where the caller wants it, and never copied.
server_step server::next(std::string_view unread, std::string& out) {
  const bool waits = owed_ != decision::none || closed() || state_ == state::unopened || state_ == state::tls ||
                     out.size() >= policy_->limit.output;
  server_step step = waits ? waiting(unread) : next_input(unread, out);
  // What is thrown away is no event: what stands behind it is looked at in the same call.
  std::size_t used = step.used;
  while (step.used != 0 && std::holds_alternative<event::need_more>(step.event)) {
    step = next_input(unread.substr(used), out);
    used += step.used;
  }
  step.used = used;
  return step;
}

server_event server::refuse(failure why, std::string_view line, std::string& out) {
  reply with = detail::refusal(why.code);
  if (state_ == state::auth) {
    if (why.code == errc::line_too_long) with.status = enhanced_status_code{5, 5, 6}; // RFC 4954 4
    state_ = state::ready; // the exchange is over, whatever was wrong
  }
  if (!detail::ends_session(why.code) && ++errors_ > policy_->limit.errors) {
    why.code = errc::too_many_errors;
    with = detail::refusal(why.code);
  }
  if (detail::ends_session(why.code))
    say_closing(with, out);
  else
    say_refusal(with, why, out);
  return event::refused{why.code, why.offset, line, why.expected, why.inside};
}

// Words of ours alone: what the client said may be anything.
void server::say_refusal(const reply& with, failure why, std::string& out) const {
  if (!policy_->explain_syntax_errors || (why.code != errc::syntax && why.code != errc::parameter_value))
    return say(with, out);
  // In front of the CRLF that say() ends with.
  say(with, out);
  out.resize(out.size() - 2);
  detail::append_place(out, why);
  out += "\r\n";
}

} // namespace postel
