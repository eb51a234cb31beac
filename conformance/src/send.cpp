#include "send.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <postel/delivery.hpp>

#include "send_connection.hpp"
#include "send_dry_run.hpp"
#include "send_message.hpp"
#include "send_report.hpp"
#include "send_sasl.hpp"

namespace postel::conformance {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::seconds;

// How long an address is tried, and the answer to QUIT awaited, which decides nothing.
constexpr seconds connect_time(60);
constexpr seconds quit_time(5);

// Drives one delivery over one peer.
class sender {
 public:
  sender(const send_options& wanted, delivery& what, send_peer& peer, send_transcript& log)
      : wanted_(wanted), what_(what), peer_(peer), log_(log) {}

  void run() {
    using wants = delivery::wants;
    if (wanted_.tls == send_options::tls_mode::from_start && !what_.tls_started()) return;
    for (;;) {
      const delivery::step step = what_.next(unread_, out_);
      log_.server(std::string_view(unread_).substr(0, step.used));
      unread_.erase(0, step.used);
      if (step.used != 0 || !out_.empty()) since_ = clock::now();
      if (!is_authenticated_well()) {
        out_.clear();
        why_ = "the server has not proved that it knows the password";
        distrusted_ = true;
        log_.remark(why_);
        return what_.lost();
      }
      log_.client(out_);
      asked_tls_ = asked_tls_ || out_ == "STARTTLS\r\n";
      if (step.want == wants::nothing) {
        // Whoever is to read it may have gone.
        (void)write(out_);
        return;
      }
      send_peer::failed failed = write(out_);
      out_.clear();
      if (failed) {
        lose(*failed, false);
        continue;
      }
      switch (step.want) {
        case wants::octets: failed = peer_.read(unread_, since_ + limit()); break;
        case wants::message: write_message(); break;
        case wants::handshake: failed = start_tls(); break;
        case wants::authentication: failed = authenticate(); break;
        case wants::response: failed = respond(); break;
        case wants::nothing: break;
      }
      if (failed) lose(*failed, true);
    }
  }

  // Why there is no reply, where there is none.
  [[nodiscard]] const std::string& why() const { return why_; }
  // The certificate is not good, or the server has not proved who it is: that won't be better the next time.
  [[nodiscard]] bool distrusted() const { return distrusted_; }
  // A refusal, if there was one, was one of TLS or authentication.
  [[nodiscard]] bool not_permitted() const {
    const client& session = what_.session();
    if (distrusted_ || gave_up_ || (asked_tls_ && !session.tls()) || (sasl_ && !session.authenticated())) return true;
    return std::ranges::any_of(what_.outcomes(), [&](const recipient_outcome& each) {
      return each.error == errc::tls_required || each.error == errc::auth_needs_tls ||
             (each.error == errc::not_offered && wanted_.user && !session.authenticated());
    });
  }

 private:
  [[nodiscard]] seconds limit() const {
    const bool settled = std::ranges::none_of(
        what_.outcomes(), [](const recipient_outcome& each) { return each.what == outcome::pending; });
    const timeout running = what_.session().deadline();
    const seconds full =
        wanted_.timeout.value_or(minimum(running == timeout::none ? timeout::mail : running)); // none: AUTH, TLS
    return settled ? std::min(full, quit_time) : full;
  }

  send_peer::failed write(std::string_view octets) {
    return octets.empty() ? std::nullopt : peer_.write(std::span(&octets, 1), unread_, limit());
  }

  void write_message() {
    std::array<std::string_view, 512> views;
    const std::uint64_t before = peer_.written();
    while (const std::size_t count = what_.message(views)) {
      for (const std::string_view each : std::span(views).first(count)) log_.message(each);
      if (auto failed = peer_.write(std::span(views).first(count), unread_, limit())) {
        log_.end_message();
        log_.remark(fmt::format("{} octets of it were written", peer_.written() - before));
        return lose(*failed, false);
      }
      // Before the end it can only be that the server gives up.
      if (!unread_.empty()) break;
    }
    if (what_.session().in_body() || what_.session().chunk_left() != 0) return;
    log_.end_message();
    since_ = clock::now();
  }

  // What has come before the connection broke may say why.
  void lose(const std::string& why, bool all_written) {
    if (!all_written) (void)peer_.read(unread_, clock::now() + seconds(1));
    const delivery::step step = what_.next(unread_, out_);
    log_.server(std::string_view(unread_).substr(0, step.used));
    unread_.clear();
    out_.clear();
    if (step.want == delivery::wants::nothing) return;
    log_.remark(why);
    if (why_.empty()) why_ = why;
    what_.lost(all_written);
  }

  send_peer::failed start_tls() {
    unread_.clear(); // RFC 3207 4.2: nothing that came in clear counts
    if (auto failed = peer_.start_tls(limit())) {
      distrusted_ = is_distrusted();
      return failed;
    }
    what_.tls_started();
    remark_tls();
    return std::nullopt;
  }

  void remark_tls() {
    const auto* connection = dynamic_cast<const send_connection*>(&peer_);
    log_.remark(connection != nullptr ? connection->tls_name() : "TLS");
  }

  [[nodiscard]] bool is_distrusted() const {
    const auto* connection = dynamic_cast<const send_connection*>(&peer_);
    return connection != nullptr && connection->distrusted();
  }

  send_peer::failed authenticate() {
    const std::string offered(what_.mechanisms());
    const bool tls = what_.session().tls();
    const auto mechanism = wanted_.mechanism ? wanted_.mechanism : strongest_mechanism(offered, tls);
    if (!mechanism)
      return give_up(
          fmt::format("the server offers no mechanism that may be used {}: {}", tls ? "here" : "without TLS", offered));
    if (!offers_mechanism(offered, *mechanism))
      return give_up(fmt::format("the server does not offer {}: {}", *mechanism, offered));
    if (!tls && is_plain_text(*mechanism)) return give_up(fmt::format("{} is not used without TLS", *mechanism));
    sasl_.emplace(*mechanism, sasl_exchange::credentials{*wanted_.user, wanted_.password, wanted_.host, wanted_.port});

    std::optional<std::string> initial;
    if (sasl_->client_first()) {
      initial = sasl_->next("");
      if (!initial) return give_up(sasl_->why());
    }
    auto sent = what_.authenticate(*mechanism, initial, out_);
    if (!sent && sent.error().code == errc::line_too_long) {
      held_ = std::exchange(initial, std::nullopt);
      sent = what_.authenticate(*mechanism, std::nullopt, out_);
    }
    if (!sent) return give_up(std::string(message(sent.error().code)));
    log_.secret(fmt::format("AUTH {}{}", *mechanism, initial ? " (response not shown)" : ""));
    return flush();
  }

  send_peer::failed respond() {
    const std::optional<std::string>& challenge = what_.challenge();
    std::optional<std::string> response;
    if (challenge) response = held_ ? std::exchange(held_, std::nullopt) : sasl_->next(*challenge);
    if (response && what_.respond(*response, out_)) {
      log_.secret("(response not shown)");
    } else {
      why_ = challenge ? sasl_->why() : "a challenge is no base64";
      if (!what_.cancel(out_)) return "the exchange can't be cancelled";
      log_.secret("*");
    }
    return flush();
  }

  send_peer::failed flush() {
    since_ = clock::now();
    auto failed = write(out_);
    out_.clear();
    return failed;
  }

  send_peer::failed give_up(std::string why) {
    why_ = std::move(why);
    log_.remark(why_);
    gave_up_ = true;
    what_.give_up();
    return std::nullopt;
  }

  // 235 before the server's part of the proof: whoever that is (RFC 5802 5).
  [[nodiscard]] bool is_authenticated_well() const {
    return !what_.session().authenticated() || !sasl_ || sasl_->finished();
  }

  const send_options& wanted_;
  delivery& what_;
  send_peer& peer_;
  send_transcript& log_;
  std::string unread_, out_;
  std::optional<sasl_exchange> sasl_;
  std::optional<std::string> held_; // an initial response that was too long for the command
  clock::time_point since_ = clock::now();
  std::string why_;
  bool distrusted_ = false;
  bool gave_up_ = false; // authenticating
  bool asked_tls_ = false;
};

// How much has been written, for who waits at a terminal.
class progress {
 public:
  progress(std::uint64_t size, bool wanted) : size_(size), wanted_(wanted && size >= least && ::isatty(2) == 1) {}
  ~progress() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void operator()(std::uint64_t written) {
    if (!wanted_ || clock::now() < next_) return;
    next_ = clock::now() + std::chrono::milliseconds(200);
    shown_ = true;
    constexpr double mega = 1024 * 1024;
    fmt::print(stderr, "\r{:.1f} of {:.1f} MiB\x1b[K", static_cast<double>(std::min(written, size_)) / mega,
               static_cast<double>(size_) / mega);
    std::fflush(stderr);
  }

 private:
  static constexpr std::uint64_t least = std::uint64_t{1024} * 1024;
  std::uint64_t size_;
  bool wanted_;
  bool shown_ = false;
  clock::time_point next_{};
};

delivery_plan plan_of(const send_options& wanted) {
  using mode = send_options::tls_mode;
  delivery_plan plan;
  plan.rules.protocol = wanted.lmtp ? service::lmtp : service::smtp;
  plan.rules.convert_line_ends = wanted.convert_line_ends;
  // The mechanism is ours to choose, and no password goes out in clear.
  plan.rules.auth_in_clear = true;
  plan.starttls = wanted.tls == mode::required   ? delivery_plan::tls::required
                  : wanted.tls == mode::starttls ? delivery_plan::tls::if_offered
                                                 : delivery_plan::tls::never;
  plan.authenticate = wanted.user.has_value();
  plan.chunking = wanted.chunking;
  return plan;
}

// A name of ours, if the system has one that others could know (RFC 5321 4.1.4).
std::string own_name(const send_peer& peer) {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) {
    const std::string_view text(name.data());
    if (text.find('.') != std::string_view::npos && parse_domain(text)) return std::string(text);
  }
  return peer.own_literal();
}

} // namespace

int send(const send_options& wanted) {
  std::signal(SIGPIPE, SIG_IGN); // who closes first is an error of write()

  auto opened = send_message::open(wanted.file);
  if (const auto* why = std::get_if<std::string>(&opened)) {
    fmt::print(stderr, "{}: {}\n", wanted.file, *why);
    return send_status::no_input;
  }
  const std::string_view message = std::get<send_message>(opened).text();

  envelope what;
  std::vector<envelope::recipient> recipients;
  for (std::size_t i = 0; i < wanted.to.size(); ++i)
    recipients.push_back({*parse_path(wanted.to[i], charset::utf8), wanted.recipient_parameters[i]});
  what.from = *parse_path(wanted.from, charset::utf8);
  what.parameters = wanted.parameters;
  what.to = recipients;

  const bool from_start = wanted.tls == send_options::tls_mode::from_start;
  send_transcript log(wanted.dry_run ? stdout : wanted.transcript ? stderr : nullptr);
  progress shown(message.size(), !wanted.transcript);
  std::unique_ptr<send_peer> peer;
  std::vector<recipient_outcome> outcomes(recipients.size());
  std::string why;
  int status = 0;
  bool distrusted = false, not_permitted = false;
  if (wanted.dry_run) {
    peer = std::make_unique<send_dry_run>(
        wanted.lmtp ? service::lmtp : service::smtp, wanted.host, from_start,
        sasl_exchange::credentials{wanted.user.value_or(""), wanted.password, wanted.host, wanted.port});
  } else {
    auto connected = send_connection::open(
        {wanted.host, wanted.port, wanted.verify, wanted.authorities, [&](std::size_t written) { shown(written); }},
        wanted.timeout.value_or(connect_time));
    if (auto* refusal = std::get_if<send_connection::refusal>(&connected)) {
      why = refusal->why;
      if (refusal->unknown_host) status = send_status::unknown_host;
    } else {
      auto& connection = std::get<std::unique_ptr<send_connection>>(connected);
      if (from_start)
        if (auto failed = connection->start_tls(wanted.timeout.value_or(connect_time))) {
          why = *failed;
          distrusted = not_permitted = connection->distrusted();
        }
      if (why.empty()) peer = std::move(connection);
    }
  }

  if (peer) {
    delivery_plan plan = plan_of(wanted);
    const std::string helo = wanted.helo ? *wanted.helo : own_name(*peer);
    plan.helo = helo;
    delivery sending(plan, what, std::span(&message, 1));
    sender driver(wanted, sending, *peer, log);
    driver.run();
    outcomes.assign(sending.outcomes().begin(), sending.outcomes().end());
    why = driver.why();
    distrusted = driver.distrusted();
    not_permitted = driver.not_permitted();
  } else {
    log.remark(why);
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    recipient_outcome& each = outcomes[i];
    const bool for_good = distrusted || status == send_status::unknown_host;
    if (!peer || (for_good && each.what == outcome::temporary && each.code == 0))
      each.what = for_good ? outcome::refused : outcome::temporary;
    if (wanted.dry_run && each.what == outcome::delivered) continue; // it was not
    const std::string_view reason = why.empty() ? "the connection was lost" : std::string_view(why);
    // "AUTH must come first" is the library's word for what we know better.
    if (each.error == errc::auth_required && !why.empty()) each.error = errc{};
    print_outcome(stdout, std::string_view(wanted.to[i]).substr(1, wanted.to[i].size() - 2), each, reason, wanted.json);
  }
  return status != 0 ? status : status_of(outcomes, not_permitted);
}

} // namespace postel::conformance
