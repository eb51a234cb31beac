#include "receive.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "../answers.hpp"
#include "../asio_drain.hpp"
#include "../progress.hpp"
#include "message_scan.hpp"
#include "postel/server.hpp"
#include "postel/trace.hpp"
#include "queue.hpp"

namespace relay {

namespace {

using postel::enhanced_status_code;
namespace event = postel::event;
using steady = std::chrono::steady_clock;

std::string address_literal(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return "[" + asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string() + "]";
  return (address.is_v4() ? "[" : "[IPv6:") + address.to_string() + "]";
}

// The parameters of DSN, which travel with the message (RFC 3461 5.2.1). The delivery adds the others anew.
std::string parameters_to_keep(postel::parameters given) {
  std::string kept;
  for (const postel::parameter each : given)
    for (const std::string_view keyword : {"RET", "ENVID", "NOTIFY", "ORCPT"})
      if (postel::equal_ignoring_case(each.keyword, keyword))
        kept.append(kept.empty() ? "" : " ").append(each.keyword).append("=").append(each.value.value_or(""));
  return kept;
}

class reception {
 public:
  reception(service& all, const postel::policy& rules, std::shared_ptr<connection> client)
      : all_(all), session_(rules), client_(std::move(client)) {
    asio::error_code error;
    const auto peer = client_->socket().remote_endpoint(error);
    if (error) return;
    literal_ = address_literal(peer.address());
    allowed_ = std::ranges::any_of(all.rules.allowed, [&](const network& n) { return n.contains(peer.address()); });
  }

  // Each co_await stands alone: g++ 12 makes wrong code of those inside a condition.
  asio::awaitable<void> run() {
    if (!session_.open(out_)) co_return;
    for (;;) {
      bool written = true;
      if (!out_.empty()) written = co_await client_->write(asio::buffer(out_), all_.rules.timeout);
      out_.clear();
      if (!written) break;
      if (session_.closed()) {
        co_await drain(client_->socket());
        break;
      }
      const bool answered = co_await deal();
      if (answered) continue;
      bool alive = false;
      if (!all_.stopping) alive = co_await client_->read(unread_, until_ - steady::now());
      if (alive) continue;
      if (all_.stopping)
        session_.shut_down(out_);
      else if (client_->timed_out())
        session_.timed_out(out_);
      else
        break;
    }
    session_.peer_closed();
  }

 private:
  // Deals with what was read. False if more has to be read.
  asio::awaitable<bool> deal() {
    const bool more = co_await take_steps();
    if (progress_.made()) until_ = steady::now() + all_.rules.timeout;
    co_return more;
  }

  asio::awaitable<bool> take_steps() {
    std::size_t used = 0;
    for (;;) {
      const postel::server_step step = session_.next(std::string_view(unread_).substr(used), out_);
      if (std::holds_alternative<event::message_end>(step.event))
        co_await take_over();
      else
        std::visit([&](const auto& e) { on(e); }, step.event);
      used += step.used;
      progress_.took(step.used);
      if (!step.idle()) {
        progress_.on(step.event);
        continue;
      }
      unread_.erase(0, used);
      co_return !out_.empty();
    }
  }

  void on(const event::hello& e) {
    forget();
    client_name_ = e.client.text;
    client_form_ = e.client.form;
    accept_owed(session_, out_);
  }
  void on(const event::sender& e) {
    forget();
    if (all_.waiting->size() >= all_.rules.messages)
      refuse(452, "Too many messages are waiting", {4, 3, 1});
    else if (!add_sender(envelope_, e.command.from, parameters_to_keep(e.command.params)))
      refuse(553, "This address can't be passed on", {5, 1, 7});
    else
      accept_owed(session_, out_);
    charset_ = e.smtputf8 ? postel::charset::utf8 : postel::charset::ascii;
  }
  void on(const event::recipient& e) {
    const postel::path& to = e.command.to;
    // RFC 5321 4.5.1: everybody may write to the postmaster.
    if (!allowed_ && !to.is_postmaster()) return refuse(550, "You may not relay", {5, 7, 1});
    if (!add_recipient(envelope_, to, parameters_to_keep(e.command.params)))
      return refuse(553, "This address can't be passed on", {5, 1, 3});
    // RFC 5321 4.4: with several recipients the field would tell each of the others.
    only_recipient_.clear();
    if (++recipients_ == 1) (void)append(only_recipient_, to, charset_);
    accept_owed(session_, out_);
  }
  void on(const event::data&) {
    begin();
    if (message_)
      accept_owed(session_, out_);
    else
      refuse_for_space();
  }
  void on(const event::chunk&) {
    if (!message_) begin();
  }
  void on(const event::body& e) {
    scan_.take(e.bytes);
    if (message_ && !message_->write(e.bytes)) message_.reset();
  }
  void on(const event::chunk_end&) {
    if (message_)
      accept_owed(session_, out_);
    else
      refuse_for_space();
  }
  void on(const event::reset&) { forget(); }
  void on(const event::refused&) {
    using state = postel::session_state;
    if (session_.current_state() == state::ready || session_.current_state() == state::failed) forget();
  }
  // NOOP and so on; VRFY is answered 252: nothing is known here of addresses.
  void on(const auto&) { accept_owed(session_, out_); }

  // A file for the message, with our Received field (RFC 5321 4.4).
  void begin() {
    scan_ = message_scan(all_.rules.host);
    message_.reset();
    if (auto fresh = all_.spool.begin(envelope_)) message_.emplace(std::move(*fresh));
    if (!message_) return;
    std::string date, field;
    if (!postel::append_date(date, message_->arrived())) return message_.reset();
    postel::received stamp{.from = {{client_name_, client_form_}, literal_},
                           .by = {{all_.rules.host, postel::host_form::domain}, {}},
                           .via = {},
                           .with = session_.with_protocol(),
                           .id = message_->id(),
                           .for_path = only_recipient_,
                           .additional = {},
                           .date = date};
    if (!append(field, stamp, charset_)) {
      // A field says what it can: an ASCII one has no UTF-8 name.
      const auto form =
          literal_.starts_with("[IPv6:") ? postel::host_form::ipv6_literal : postel::host_form::ipv4_literal;
      stamp.from = {{literal_, form}, literal_};
      stamp.for_path = {};
      if (!append(field, stamp, charset_)) return message_.reset();
    }
    if (!message_->write(field)) message_.reset();
  }

  // The end of the message: we answer for it with a 250, or do not (RFC 5321 4.2.5, 6.1).
  asio::awaitable<void> take_over() {
    if (!message_) {
      refuse_for_space();
    } else if (scan_.loops(all_.rules.hops)) {
      say(message_->id(), " from ", literal_, ": refused, it goes round in circles");
      refuse(554, "Too many hops, this message goes round in circles", {5, 4, 6}); // RFC 5321 6.3
    } else if (scan_.bare()) {
      refuse(554, "A CR or LF stands alone",
             {5, 6, 0}); // RFC 5321 2.3.8: nor in a chunk, for DATA may be what comes next
    } else {
      const bool kept = co_await on_disk(all_, [this] { return message_->commit(); });
      take_responsibility(kept);
    }
    forget();
  }

  void take_responsibility(bool kept) {
    if (!kept) return refuse(451, "The disk refuses", {4, 3, 0});
    say(message_->id(), " from ", literal_, ": received");
    give_answer(session_, {250, "Queued as " + message_->id(), enhanced_status_code{2, 0, 0}}, out_);
    all_.waiting->add(message_->id());
  }

  void refuse(std::uint16_t code, std::string_view text, enhanced_status_code status) {
    give_answer(session_, {code, text, status}, out_);
  }
  void refuse_for_space() { refuse(452, "No space for this message", {4, 3, 1}); }

  void forget() {
    message_.reset();
    envelope_.clear();
    only_recipient_.clear();
    recipients_ = 0;
  }

  service& all_;
  postel::server session_;
  std::shared_ptr<connection> client_;
  std::string unread_, out_;
  progress progress_;
  steady::time_point until_ = steady::now() + all_.rules.timeout; // the client has to get on
  std::string literal_;
  bool allowed_ = false;
  std::string client_name_;
  postel::host_form client_form_ = postel::host_form::domain;
  // The transaction.
  std::string envelope_;
  std::string only_recipient_;
  std::size_t recipients_ = 0;
  postel::charset charset_ = postel::charset::ascii;
  message_scan scan_;
  std::optional<draft> message_;
};

} // namespace

postel::policy server_policy(const options& rules) {
  using enum postel::extension;
  postel::policy offered{.host = rules.host,
                         .offer = {pipelining, size, eight_bit_mime, enhanced_status_codes, smtputf8, chunking, dsn},
                         .message_size = rules.message_size};
  offered.limit.recipients = 100; // RFC 5321 4.5.3.1.8: an envelope is kept in memory until the message comes
  return offered;
}

asio::awaitable<void> receive(service& all, const postel::policy& rules, std::shared_ptr<connection> client) {
  reception here(all, rules, std::move(client));
  co_await here.run();
}

} // namespace relay
