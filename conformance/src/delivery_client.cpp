#include "delivery_client.hpp"

#include <algorithm>
#include <array>
#include <postel/delivery.hpp>
#include <vector>

namespace postel::conformance {

namespace {

// The beginning of a TLS record that holds a ClientHello (RFC 8446 5.1): nothing is encrypted here.
constexpr std::string_view hello_record = "\x16\x03\x01";

path path_of(const std::string& address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos) return {{}, address, {}};
  return {{}, std::string_view(address).substr(0, at), std::string_view(address).substr(at + 1)};
}

} // namespace

struct delivery_client::state {
  state(const client_case& the_case, cut wanted) : how(wanted), message(the_case.fixture.message) {
    plan.helo = "client.example";
    plan.starttls = the_case.fixture.tls ? delivery_plan::tls::required : delivery_plan::tls::never;
    if (the_case.fixture.lmtp) plan.rules.protocol = service::lmtp;
    for (const std::string& each : the_case.fixture.recipients) recipients.push_back({path_of(each)});
    what.from = path_of(the_case.fixture.sender);
    what.to = recipients;
    session.emplace(plan, what, std::span<const std::string_view>(&message, 1));
    pump();
  }

  // The client does what it can with what it has.
  void pump() {
    while (!ended && !handshaking) {
      const delivery::step step = session->next(unread, out);
      unread.erase(0, step.used);
      switch (step.want) {
        case delivery::wants::octets: return;
        case delivery::wants::nothing: ended = true; return;
        case delivery::wants::handshake:
          unread.clear();
          out += hello_record;
          handshaking = true;
          return;
        case delivery::wants::message: {
          std::array<std::string_view, 8> views;
          while (const std::size_t count = session->message(views))
            for (std::size_t i = 0; i < count; ++i) out += views[i];
          break;
        }
        case delivery::wants::authentication: session->give_up(); break;
        case delivery::wants::response: (void)session->cancel(out); break;
      }
    }
  }

  cut how;
  std::string_view message;
  delivery_plan plan;
  std::vector<postel::envelope::recipient> recipients;
  postel::envelope what;
  std::optional<delivery> session;
  std::string unread;
  std::string out;
  bool handshaking = false;
  bool ended = false;
};

class delivery_client::wire : public client_wire {
 public:
  explicit wire(state& all) : all_(all) {}
  ~wire() override {
    if (!all_.ended) all_.session->lost();
    all_.ended = true;
  }

  sent send(std::string_view octets, milliseconds) override {
    const std::size_t each = all_.how.how == cut::kind::octets ? 1 : octets.size();
    for (std::size_t at = 0; at < octets.size(); at += each) {
      if (all_.ended) return sent::closed;
      if (all_.handshaking) continue; // dropped (RFC 3207 4.2)
      all_.unread += octets.substr(at, each);
      all_.pump();
    }
    return sent::all;
  }
  received receive(std::string& inbox, milliseconds) override {
    if (all_.out.empty()) return all_.ended ? received::closed : received::nothing;
    const std::size_t some = std::min(all_.out.size(), max_received);
    inbox.append(all_.out, 0, some);
    all_.out.erase(0, some);
    return received::octets;
  }
  std::optional<std::string> accept_tls(std::string_view begun, milliseconds) override {
    if (!all_.handshaking || begun != hello_record) return "the client is not at a handshake";
    all_.handshaking = false;
    if (!all_.session->tls_started()) return "the client takes no handshake";
    all_.pump();
    return std::nullopt;
  }

 private:
  state& all_;
};

delivery_client::delivery_client(cut how) : cut_(how) {}
delivery_client::~delivery_client() = default;

std::optional<std::string> delivery_client::missing(const client_case&) const {
  return std::nullopt;
}

std::variant<std::unique_ptr<client_wire>, target::refusal> delivery_client::start(const client_case& the_case,
                                                                                   milliseconds) {
  state_ = std::make_unique<state>(the_case, cut_);
  return std::make_unique<wire>(*state_);
}

client_conclusion delivery_client::finish(milliseconds) {
  using kind = client_conclusion::kind;
  const auto is = [](postel::outcome wanted) {
    return [=](const recipient_outcome& each) { return each.what == wanted; };
  };
  const auto outcomes = state_->session->outcomes();
  if (std::ranges::any_of(outcomes, is(postel::outcome::pending))) return {kind::running, "undecided", {}};
  if (std::ranges::all_of(outcomes, is(postel::outcome::delivered))) return {kind::delivered, "delivered", {}};
  const auto not_delivered = [&](const recipient_outcome& each) { return each.what != postel::outcome::delivered; };
  if (std::ranges::all_of(outcomes, [&](const recipient_outcome& each) {
        return !not_delivered(each) || each.what == postel::outcome::refused;
      }))
    return {kind::permanent, "failed for good", {}};
  if (std::ranges::none_of(outcomes, is(postel::outcome::refused))) return {kind::temporary, "failed for now", {}};
  return {kind::failed, "failed", {}};
}

} // namespace postel::conformance
