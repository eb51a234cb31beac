#include "send/send.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <postel/delivery.hpp>
#include <utility>

#include "send/ascii_domain.hpp"
#include "send/connection.hpp"
#include "send/dry_run.hpp"
#include "send/message_file.hpp"
#include "send/report.hpp"
#include "send/sasl.hpp"
#include "send/status.hpp"

namespace postel::conformance {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::seconds;

// How long an address is tried, and the answer to QUIT awaited, which decides nothing.
constexpr seconds connect_time(60);
constexpr seconds quit_time(5);

// What no reply says.
struct reasons {
  std::string no_reply = {};  // why there is none
  std::string cancelled = {}; // why we cancelled AUTH
};

// Drives one delivery over one peer.
class sender {
 public:
  sender(const send_options& wanted, delivery& what, send_peer& peer, send_transcript& log)
      : wanted_(wanted), what_(what), peer_(peer), log_(log) {}

  // Until the message has its outcomes; or, with no other to come, until the connection is over. Whether the connection takes another.
  bool run() {
    using wants = delivery::wants;
    for (;;) {
      const delivery::step step = what_.next(unread_, out_);
      log_.server(std::string_view(unread_).substr(0, step.used));
      if (step.used != 0 && std::exchange(awaits_tls_, false) && !unread_.starts_with('2'))
        no_tls_ = unread_.substr(0, std::min(unread_.find('\r'), step.used));
      unread_.erase(0, step.used);
      if (step.used != 0 || !out_.empty()) since_ = clock::now();
      // 235 before the server's part of the proof: whoever that is (RFC 5802 5).
      if (!unproved_ && what_.session().authenticated() && sasl_ && !sasl_->finished()) {
        unproved_ = true;
        why_.no_reply = "the server has not proved that it knows the password";
        log_.remark(why_.no_reply);
      }
      log_.client(out_);
      awaits_tls_ = awaits_tls_ || out_ == "STARTTLS\r\n";
      said_mail_ = said_mail_ || out_.starts_with("MAIL ");
      if (step.want == wants::nothing || step.want == wants::another) {
        if (step.want == wants::nothing) log_.server(unread_); // what was no reply, or what nobody awaited
        // Whoever is to read it may have gone.
        (void)write(out_);
        out_.clear();
        return step.want == wants::another;
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
        case wants::another:
        case wants::nothing: break;
      }
      if (failed) lose(*failed, true);
    }
  }

  [[nodiscard]] const reasons& why() const { return why_; }
  // There was a MAIL: the connection as such was good.
  [[nodiscard]] bool said_mail() const { return said_mail_; }
  [[nodiscard]] send_facts facts() const {
    using mode = send_options::tls_mode;
    using tls_fact = send_facts::tls_fact;
    using auth_fact = send_facts::auth_fact;
    const client& session = what_.session();
    send_facts all;
    all.tls_required = wanted_.tls == mode::required || wanted_.tls == mode::from_start;
    all.tls = distrusted_                ? tls_fact::distrusted
              : session.tls()            ? tls_fact::on
              : no_tls_.starts_with('4') ? tls_fact::postponed
              : !no_tls_.empty()         ? tls_fact::declined
                                         : tls_fact::clear;
    if (!wanted_.user) return all;
    all.auth = unproved_                 ? auth_fact::unproved
               : session.authenticated() ? auth_fact::done
               : sasl_ && !gave_up_      ? auth_fact::failed
                                         : auth_fact::not_begun;
    return all;
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
    if (why_.no_reply.empty())
      why_.no_reply = why_.cancelled.empty() ? why : fmt::format("{}; {}", why_.cancelled, why);
    if (all_written)
      what_.lost();
    else
      what_.lost_while_writing();
  }

  send_peer::failed start_tls() {
    unread_.clear(); // RFC 3207 4.2: nothing that came in clear counts
    if (auto failed = peer_.start_tls(limit())) {
      distrusted_ = is_distrusted();
      return failed;
    }
    if (!what_.tls_started()) return "no handshake is awaited";
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
    what_.expect_proof(!sasl_->finished());
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
    if (challenge)
      response = held_ ? std::exchange(held_, std::nullopt) : sasl_->next(*challenge, clock::now() + limit());
    what_.expect_proof(!sasl_->finished());
    if (response && what_.respond(*response, out_)) {
      log_.secret("(response not shown)");
    } else {
      why_.cancelled = challenge ? sasl_->why() : "a challenge is no base64";
      log_.remark(why_.cancelled);
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
    why_.no_reply = std::move(why);
    log_.remark(why_.no_reply);
    if (!no_tls_.empty()) why_.no_reply += fmt::format("; STARTTLS was answered with {}", no_tls_);
    gave_up_ = true;
    what_.give_up();
    return std::nullopt;
  }

  const send_options& wanted_;
  delivery& what_;
  send_peer& peer_;
  send_transcript& log_;
  std::string unread_, out_;
  std::optional<sasl_exchange> sasl_;
  std::optional<std::string> held_; // an initial response that was too long for the command
  clock::time_point since_ = clock::now();
  reasons why_;
  bool distrusted_ = false; // the certificate
  bool unproved_ = false;   // who the server is
  bool gave_up_ = false;    // authenticating
  bool awaits_tls_ = false; // the reply to STARTTLS
  std::string no_tls_;      // its first line, where it is not 2yz
  bool said_mail_ = false;
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
  plan.prdr = wanted.prdr;
  plan.keep_open = wanted.files.size() > 1;
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

// The envelope, the same for all messages, and what its views refer to.
struct addressing {
  explicit addressing(const send_options& wanted) {
    for (const std::string& each : wanted.to) ascii_domains.push_back(ascii_domain_of(each));
    for (std::size_t i = 0; i < wanted.to.size(); ++i)
      recipients.push_back(
          {*parse_path(wanted.to[i], charset::utf8), wanted.recipient_parameters[i], ascii_domains[i]});
    ascii_sender_domain = ascii_domain_of(wanted.from);
    what = {*parse_path(wanted.from, charset::utf8), wanted.parameters, recipients, ascii_sender_domain};
  }
  addressing(const addressing&) = delete;
  addressing& operator=(const addressing&) = delete;

  static std::string ascii_domain_of(const std::string& path) {
    const std::string_view domain = parse_path(path, charset::utf8)->domain;
    return has_non_ascii(domain) ? ascii_domain(domain).value_or("") : std::string();
  }

  std::vector<std::string> ascii_domains;
  std::vector<envelope::recipient> recipients;
  std::string ascii_sender_domain;
  envelope what;
};

// Sends the messages, over one connection after the other if one does not take them all.
class posting {
 public:
  posting(const send_options& wanted, std::span<const send_message> messages)
      : wanted_(wanted),
        messages_(messages),
        to_(wanted),
        log_(wanted.dry_run      ? stdout
             : wanted.transcript ? stderr
                                 : nullptr) {}

  int run() {
    for (std::size_t next = 0; next != messages_.size();) next = send_from(next);
    return status_of(endings_);
  }

 private:
  // As many as a connection takes, and at least one; the number of the next one.
  std::size_t send_from(std::size_t first) {
    std::uint64_t size = 0;
    for (std::size_t i = first; i < messages_.size(); ++i) size += messages_[i].text().size();
    progress shown(size, !wanted_.transcript);
    reasons why;
    send_facts facts;
    const auto peer = connect(shown, why.no_reply, facts);
    if (!peer) {
      log_.remark(why.no_reply);
      return end_all(first, std::vector<recipient_outcome>(to_.recipients.size()), why, facts);
    }
    delivery_plan plan = plan_of(wanted_);
    const std::string helo = wanted_.helo ? *wanted_.helo : own_name(*peer);
    plan.helo = helo;
    std::string_view text = messages_[first].text();
    delivery sending(plan, to_.what, std::span(&text, 1));
    if (wanted_.tls == send_options::tls_mode::from_start) (void)sending.tls_started(); // nothing was received yet
    sender driver(wanted_, sending, *peer, log_);
    for (std::size_t i = first;; ++i) {
      const bool goes_on = driver.run();
      const auto outcomes = sending.outcomes();
      // The connection ended before this one: what it brought counts for those before.
      if (i != first && !goes_on && std::ranges::all_of(outcomes, by_connection)) return i;
      if (!goes_on && !driver.said_mail()) return end_all(first, outcomes, driver.why(), driver.facts());
      end(i, outcomes, driver.why(), driver.facts());
      if (!goes_on) return i + 1;
      if (i + 1 == messages_.size()) {
        sending.quit();
        driver.run();
        return i + 1;
      }
      text = messages_[i + 1].text();
      if (!sending.another(to_.what, std::span(&text, 1))) return i + 1;
    }
  }

  // Said of the connection and not of the message, which nobody has got.
  static bool by_connection(const recipient_outcome& each) {
    constexpr std::uint16_t closing = 421;
    return each.what == outcome::temporary && (each.code == 0 || each.code == closing);
  }

  // Nothing if there is none: why, and what else is known.
  std::unique_ptr<send_peer> connect(progress& shown, std::string& why, send_facts& facts) {
    const bool from_start = wanted_.tls == send_options::tls_mode::from_start;
    if (wanted_.dry_run)
      return std::make_unique<send_dry_run>(
          wanted_.lmtp ? service::lmtp : service::smtp, wanted_.host, from_start,
          sasl_exchange::credentials{wanted_.user.value_or(""), wanted_.password, wanted_.host, wanted_.port});
    auto connected = send_connection::open(
        {wanted_.host, wanted_.port, wanted_.verify, wanted_.authorities, [&](std::size_t written) { shown(written); }},
        wanted_.timeout.value_or(connect_time));
    if (auto* refusal = std::get_if<send_connection::refusal>(&connected)) {
      why = refusal->why;
      facts.known_host = !refusal->unknown_host;
      return nullptr;
    }
    auto& connection = std::get<std::unique_ptr<send_connection>>(connected);
    if (from_start)
      if (auto failed = connection->start_tls(wanted_.timeout.value_or(connect_time))) {
        why = *failed;
        if (connection->distrusted()) facts.tls = send_facts::tls_fact::distrusted;
        return nullptr;
      }
    return std::move(connection);
  }

  // The same for all that are left.
  std::size_t end_all(std::size_t first, std::span<const recipient_outcome> outcomes, const reasons& why,
                      const send_facts& facts) {
    for (std::size_t i = first; i < messages_.size(); ++i) end(i, outcomes, why, facts);
    return messages_.size();
  }

  // Says what became of a message.
  void end(std::size_t number, std::span<const recipient_outcome> outcomes, const reasons& why,
           const send_facts& facts) {
    const std::string_view file = messages_.size() > 1 ? std::string_view(wanted_.files[number]) : std::string_view();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      recipient_outcome each = outcomes[i];
      const ending what = ending_of(each, facts);
      endings_.push_back(what);
      if (each.what == outcome::pending) each.what = outcome::temporary;
      const bool for_good = what == ending::not_permitted || what == ending::unknown_host;
      if (for_good) each.what = outcome::refused;
      if (what == ending::temporary) each.what = outcome::temporary;
      if (wanted_.dry_run && each.what == outcome::delivered) continue; // it was not
      const std::string& known = each.code != 0 || why.no_reply.empty() ? why.cancelled : why.no_reply;
      const std::string_view reason =
          each.code != 0 || !known.empty() ? std::string_view(known) : "the connection was lost";
      // "AUTH must come first" is the library's word for what we know better.
      if (each.error == errc::auth_required && !known.empty()) each.error = errc{};
      const std::string& to = wanted_.to[i];
      print_outcome(stdout, file, std::string_view(to).substr(1, to.size() - 2), each, reason, wanted_.json);
    }
    std::fflush(stdout);
  }

  const send_options& wanted_;
  std::span<const send_message> messages_;
  addressing to_;
  send_transcript log_;
  std::vector<ending> endings_;
};

} // namespace

int send(const send_options& wanted) {
  std::signal(SIGPIPE, SIG_IGN); // who closes first is an error of write()

  std::vector<send_message> messages;
  for (const std::string& file : wanted.files) {
    auto opened = send_message::open(file);
    if (const auto* why = std::get_if<std::string>(&opened)) {
      fmt::print(stderr, "{}: {}\n", file, *why);
      return send_status::no_input;
    }
    messages.push_back(std::get<send_message>(std::move(opened)));
  }
  return posting(wanted, messages).run();
}

} // namespace postel::conformance
