// What the session writes: the application's answers, its own replies, the greeting.
#include <algorithm>
#include <utility>

#include "decimal.hpp"
#include "postel/base64.hpp"
#include "postel/server.hpp"
#include "reply_code.hpp"
#include "server_replies.hpp"
#include "session_table.hpp"

namespace postel {

namespace {

using detail::decimal;
using detail::service_not_available;

// The parameters of an extension in the EHLO response, each with a space before it.
void append_parameters(std::string& out, extension which, const policy& rules) {
  const auto word = [&](std::string_view text) {
    if (!text.empty()) out.append(" ").append(text);
  };
  const auto count = [&](std::string_view name, std::uint64_t number) {
    out.append(" ").append(name);
    out += decimal(number).view();
  };
  switch (which) {
    case extension::size: count("", rules.message_size); break;
    case extension::auth: word(rules.mechanisms); break;
    case extension::burl: word(rules.burl_schemes); break;
    case extension::no_soliciting: word(rules.solicitation); break;
    case extension::mt_priority: word(rules.priority_profile); break;
    case extension::deliverby:
      if (rules.deliver_by_minimum != 0) count("", rules.deliver_by_minimum);
      break;
    case extension::futurerelease:
      count("", rules.hold_for_maximum);
      word(rules.hold_until_maximum);
      break;
    case extension::limits:
      if (rules.limit.transactions != unlimited) count("MAILMAX=", rules.limit.transactions);
      count("RCPTMAX=", rules.limit.recipients);
      break;
    default: break;
  }
}

// The command whose transition the answer to a decision completes.
constexpr verb command_of(decision owed) noexcept {
  switch (owed) {
    case decision::ehlo: return verb::ehlo;
    case decision::helo: return verb::helo;
    case decision::lhlo: return verb::lhlo;
    case decision::starttls: return verb::starttls;
    case decision::auth: return verb::auth;
    case decision::sender: return verb::mail;
    case decision::recipient: return verb::rcpt;
    case decision::data: return verb::data;
    case decision::chunk:
    case decision::burl: return verb::bdat;
    case decision::verify: return verb::vrfy;
    case decision::expand: return verb::expn;
    case decision::help: return verb::help;
    case decision::etrn: return verb::etrn;
    // The end of the message leads where RSET does, whatever the answer (RFC 5321 4.1.1.4).
    case decision::message_end:
    case decision::none: break;
  }
  return verb::rset;
}

} // namespace

result<void> server::answer(const reply& with, std::string& out) {
  if (owed_ == decision::none) return failure{errc::not_now};
  const detail::positive allowed = detail::positive_answers(owed_);
  const unsigned severity = with.code / 100U;
  const bool positive = std::ranges::find(allowed.codes, with.code) != std::end(allowed.codes) && with.code != 0;
  if (!positive && severity != 4 && severity != 5) return failure{errc::answer_code};

  const bool hello = owed_ == decision::ehlo || owed_ == decision::helo || owed_ == decision::lhlo;
  reply complete = with;
  // RFC 2034 4: no status codes in replies to EHLO and HELO, nor in 3yz ones.
  if (hello || severity == 3 || !offered_.contains(extension::enhanced_status_codes))
    complete.status = std::nullopt;
  else if (!complete.status)
    complete.status =
        positive ? allowed.usual.status : enhanced_status_code{static_cast<std::uint16_t>(severity), 0, 0};

  if (positive && hello) {
    if (const auto written = write_hello(with.text, owed_, out); !written) return written;
  } else if (const auto written = append(out, complete, utf8_reply_ ? charset::utf8 : charset::ascii); !written) {
    return written.error();
  }
  if (with.code == service_not_available) {
    owed_ = decision::none;
    state_ = state::closed;
  } else {
    settle(positive);
  }
  return {};
}

result<void> server::accept(std::string& out) {
  if (owed_ == decision::none) return failure{errc::not_now};
  if (owed_ == decision::helo || owed_ == decision::ehlo || owed_ == decision::lhlo) {
    if (const auto written = write_hello({}, owed_, out); !written) return written;
  } else {
    say(detail::usual_lines[static_cast<std::size_t>(owed_)], out);
  }
  settle(true);
  return {};
}

result<void> server::challenge(std::string_view octets, std::string& out) {
  constexpr std::string_view code = "334 ", crlf = "\r\n";
  if (owed_ != decision::auth) return failure{errc::not_now};
  if (octets.size() > (auth_line_limit - code.size() - crlf.size()) / 4 * 3) return failure{errc::line_too_long};
  out += code; // with its space, even if nothing follows (RFC 4954 4)
  append_base64(out, octets);
  out += crlf;
  owed_ = decision::none;
  state_ = state::auth;
  return {};
}

void server::settle(bool positive) noexcept {
  if (positive && (owed_ == decision::message_end || (owed_ == decision::burl && last_))) idle_commands_ = 0;
  if (--answers_left_ != 0) return;

  const decision settled = std::exchange(owed_, decision::none);
  utf8_reply_ = false;
  const bool complete = settled == decision::message_end || (settled == decision::burl && last_ && positive);
  if (complete) return end_transaction();
  if (!positive) {
    if (settled == decision::chunk || settled == decision::burl) state_ = state::failed; // RFC 3030 2
    if (settled == decision::auth) {
      ++errors_;
      update_fast_path();
    }
    return;
  }
  switch (settled) {
    case decision::helo:
    case decision::ehlo:
    case decision::lhlo:
      end_transaction();
      extended_ = settled != decision::helo;
      update_fast_path();
      break;
    case decision::auth:
      authenticated_ = true;
      update_fast_path();
      break;
    case decision::sender: ++transactions_; break;
    case decision::recipient: ++recipients_; break;
    case decision::data: input_ = input::text; break;
    default: break;
  }
  state_ = detail::transition_from(state_, command_of(settled)).target;
}

void server::say(const reply& what, std::string& out) const {
  say(detail::reply_line(what), out);
}

void server::say(const detail::reply_line& what, std::string& out) const {
  what.append_to(out, offered_.contains(extension::enhanced_status_codes));
}

void server::say_closing(const reply& what, std::string& out) {
  if (closed()) return;
  say(what, out);
  forget_client();
  owed_ = decision::none;
  state_ = state::closed;
}

result<void> server::write_hello(std::string_view greet, decision what, std::string& out) const {
  const std::size_t before = out.size();
  std::size_t last = before; // where the last line begins: its hyphen becomes a space
  const auto line = [&](std::string_view text) -> std::string& {
    last = out.size();
    return out.append("250-").append(text);
  };
  line(policy_->host);
  if (!greet.empty()) out.append(" ").append(greet);
  if (what != decision::helo)
    for (const extension e : supported) {
      if (!offered_.contains(e)) continue;
      out += "\r\n";
      line(keyword(e));
      append_parameters(out, e, *policy_);
    }
  out += "\r\n";
  out[last + 3] = ' ';
  // A line end in greet would write lines of its own.
  const std::string_view written = std::string_view(out).substr(before);
  const auto verdict = [](const auto& parsed) { return parsed ? result<void>() : parsed.error(); };
  result<void> read = failure{errc::syntax, 0, expectation::reply_text};
  if (greet.find_first_of("\r\n") == std::string_view::npos)
    read = what == decision::helo ? verdict(parse_reply(written)) : verdict(parse_ehlo_response(written));
  if (!read) out.resize(before);
  return read;
}

} // namespace postel
