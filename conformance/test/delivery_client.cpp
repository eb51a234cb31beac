#include "delivery_client.hpp"

#include <algorithm>
#include <array>
#include <postel/delivery.hpp>
#include <utility>
#include <vector>

#include "send/sasl.hpp"

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
  state(const test_case& the_case, cut wanted) : how(wanted), message(the_case.given.message) {
    plan.helo = "client.example";
    plan.starttls = the_case.given.tls ? delivery_plan::tls::required : delivery_plan::tls::never;
    if (the_case.given.lmtp) plan.rules.protocol = service::lmtp;
    plan.authenticate = the_case.given.auth;
    // In the clear it is the application that chooses no mechanism which shows the password; else the session itself.
    plan.rules.auth_in_clear = !the_case.given.tls;
    with = {the_case.given.user, the_case.given.password, "127.0.0.1", 25};
    trusted = the_case.given.certificate == certificate_kind::good;
    for (const std::string& each : the_case.given.recipients) recipients.push_back({path_of(each)});
    what.from = path_of(the_case.given.sender);
    what.to = recipients;
    // What only the message's author knows.
    if (message.find("Content-Transfer-Encoding: binary\r\n") != std::string_view::npos)
      what.parameters = "BODY=BINARYMIME";
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
        case delivery::wants::another: // there is none
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
        case delivery::wants::authentication: authenticate(); break;
        case delivery::wants::response: respond(); break;
      }
    }
  }

  void authenticate() {
    const auto mechanism = strongest_mechanism(session->mechanisms(), session->session().tls());
    if (!mechanism) return session->give_up();
    sasl.emplace(*mechanism, with);
    std::optional<std::string> initial;
    if (sasl->client_first()) initial = sasl->next("");
    if (session->authenticate(*mechanism, initial, out)) return;
    held = std::exchange(initial, std::nullopt); // too long for a command
    if (!session->authenticate(*mechanism, std::nullopt, out)) session->give_up();
  }

  void respond() {
    const std::optional<std::string>& challenge = session->challenge();
    std::optional<std::string> response;
    if (challenge) response = held ? std::exchange(held, std::nullopt) : sasl->next(*challenge);
    if (!response || !session->respond(*response, out)) (void)session->cancel(out);
  }

  cut how;
  std::string_view message;
  delivery_plan plan;
  std::vector<postel::envelope::recipient> recipients;
  postel::envelope what;
  std::optional<delivery> session;
  std::string unread;
  std::string out;
  sasl_exchange::credentials with;
  std::optional<sasl_exchange> sasl;
  std::optional<std::string> held; // an initial response
  bool trusted = true;             // the server's certificate is good
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
    if (!all_.trusted) {
      all_.session->lost();
      all_.ended = true;
      return "the client does not trust the certificate";
    }
    if (!all_.session->tls_started()) return "the client takes no handshake";
    all_.pump();
    return std::nullopt;
  }

 private:
  state& all_;
};

delivery_client::delivery_client(cut how) : cut_(how) {}
delivery_client::~delivery_client() = default;

std::optional<std::string> delivery_client::missing(const test_case&) const {
  return std::nullopt;
}

std::variant<std::unique_ptr<client_wire>, target::refusal> delivery_client::start(const test_case& the_case,
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
