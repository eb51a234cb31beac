#include "send/dry_run.hpp"

#include <limits>
#include <postel/base64.hpp>
#include <utility>

namespace postel::conformance {

send_dry_run::send_dry_run(service protocol, std::string_view host, bool tls, sasl_exchange::credentials with)
    : host_(parse_domain(host) ? host : "localhost"), session_(rules_), credentials_(std::move(with)) {
  rules_.host = host_;
  rules_.protocol = protocol;
  for (const extension each : server::supported) rules_.offer.insert(each);
  rules_.message_size = std::numeric_limits<std::int64_t>::max();
  rules_.mechanisms = "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN XOAUTH2 OAUTHBEARER";
  rules_.auth_in_clear = true; // so that the other side is seen to refuse
  if ((tls && !session_.tls_started()) || !session_.open(out_)) session_.shut_down(out_);
}

send_peer::failed send_dry_run::write(std::span<const std::string_view> views, std::string&, std::chrono::seconds) {
  for (const std::string_view each : views) {
    in_ += each;
    written_ += each.size();
    for (;;) {
      const server_step step = session_.next(in_, out_);
      handle(step.event);
      in_.erase(0, step.used);
      if (step.idle() || session_.current_state() == session_state::tls) break;
    }
  }
  return std::nullopt;
}

send_peer::failed send_dry_run::read(std::string& unread, std::chrono::steady_clock::time_point) {
  if (out_.empty()) return "nothing more is said";
  unread += std::exchange(out_, {});
  return std::nullopt;
}

send_peer::failed send_dry_run::start_tls(std::chrono::seconds) {
  in_.clear();
  if (!session_.tls_started()) return "no handshake is awaited";
  return std::nullopt;
}

void send_dry_run::handle(const server_event& what) {
  if (const auto* asked = std::get_if<event::authenticate>(&what)) {
    sasl_.reset();
    said_all_ = false;
    sasl_.emplace(sasl_exchange::as_server(asked->mechanism, credentials_));
    return authenticate(asked->initial_response);
  }
  if (const auto* response = std::get_if<event::auth_response>(&what)) return authenticate(response->base64);
  while (session_.pending_answers() != 0 && session_.accept(out_)) {
  }
}

void send_dry_run::authenticate(std::optional<std::string_view> base64) {
  std::string buffer(base64 ? base64->size() : 0, '\0');
  const auto octets = decode_base64(base64.value_or(""), buffer);
  if (!octets) {
    return heard(session_.answer({501, "that is no base64", enhanced_status_code{5, 5, 2}}, out_));
  }
  // Nothing was said yet where there was to be something.
  if (!base64 && sasl_->client_first()) return heard(session_.challenge("", out_));
  // Behind the server's last word in SCRAM comes an empty response.
  if (std::exchange(said_all_, false)) return heard(session_.accept(out_));
  const auto said = sasl_->next(*octets);
  said_all_ = said && !said->empty() && sasl_->finished();
  if (!said)
    heard(session_.answer({535, sasl_->why(), enhanced_status_code{5, 7, 8}}, out_));
  else if (!said->empty())
    heard(session_.challenge(*said, out_));
  else
    heard(session_.accept(out_));
}

void send_dry_run::heard(const result<void>& answered) {
  if (!answered) session_.shut_down(out_);
}

} // namespace postel::conformance
