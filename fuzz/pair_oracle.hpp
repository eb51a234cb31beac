// What is asked of a delivery and a server session that talk to each other: that what the one says became of a message is what the other did
// with it, octet for octet, whatever they agreed on, however the octets travel, and wherever the connection is lost.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "body_reference.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "pair_input.hpp"
#include "pair_receiver.hpp"
#include "postel/delivery.hpp"
#include "reads.hpp"

namespace postel::fuzz {

// Octets under way in one direction.
struct channel {
  std::string out;    // the sender appends here
  std::string unread; // the receiver takes from here
  reads how;

  // The next read arrives; how many octets.
  std::size_t move() {
    if (out.empty()) return 0;
    const std::size_t size = how.next(out.size());
    unread.append(out, 0, size);
    out.erase(0, size);
    return size;
  }
};

template <typename Delivery, typename Session>
class pair_play {
 public:
  explicit pair_play(std::string_view input)
      : input_(input),
        choices_(input),
        rules_(choices_.rules()),
        plan_(choices_.plan()),
        sent_(with_line_ends(choices_.message)),
        bare_(sent_ != choices_.message),
        receiver_(choices_, rules_),
        to_server_{{}, {}, reads_of(1)},
        to_client_{{}, {}, reads_of(2)} {}

  objection run() {
    std::vector<envelope::recipient> to;
    for (std::size_t i = 0; i < choices_.recipients(); ++i)
      to.push_back({choices_.recipient(i), choices_.wants_dsn() ? "NOTIFY=NEVER" : ""});
    const envelope what{choices_.sender(), choices_.wants_dsn() ? "RET=HDRS ENVID=x" : "", to};
    const auto slices = cut(choices_.message);
    Delivery delivery(plan_, what, slices);
    if (!receiver_.open(to_client_.out)) object("the server does not open");
    while (!over_ && !wrong_) go_on(delivery);
    if (!wrong_) judge(delivery);
    return wrong_;
  }

 private:
  [[nodiscard]] reads reads_of(std::uint64_t side) const {
    return choices_.seed() == 0 ? reads::whole() : reads::hashed(choices_.seed() * 2 + side);
  }
  // Slices for writev(), empty ones among them.
  [[nodiscard]] std::array<std::string_view, 3> cut(std::string_view message) const {
    const std::size_t first = message.size() * (choices_.seed() % 5) / 4;
    const std::size_t second = (message.size() - first) / 2;
    return {message.substr(0, first), message.substr(first, second), message.substr(first + second)};
  }

  // Notes a fault; the first one counts.
  void object(std::string_view what) {
    if (!wrong_) wrong_ = in_words("pair: ", what, "\n  of the input ", in_quotes(input_));
  }

  // The next reads on both sides, and what is made of them.
  void go_on(Delivery& delivery) {
    const std::size_t arrived = to_server_.move() + to_client_.move();
    arrived_ += arrived;
    if (choices_.lost_after() != 0 && arrived_ > choices_.lost_after()) return lose(delivery);
    receiver_.take(to_server_.unread, to_client_.out);
    if (receiver_.wrong) return object(receiver_.wrong.what);
    const std::size_t said = to_server_.out.size();
    deliver(delivery);
    if (over_ || arrived != 0 || to_server_.out.size() != said || !to_client_.out.empty()) return;
    if (!receiver_.closed()) return object("the two wait for each other");
    lose(delivery); // the server closes
  }

  // The connection is gone; what was written and has not arrived is gone with it.
  void lose(Delivery& delivery) {
    lost_ = true;
    all_written_ = to_server_.out.empty();
    receiver_.peer_closed();
    if (all_written_)
      delivery.lost();
    else
      delivery.lost_while_writing();
    over_ = true;
  }

  // What the client does with the octets that are there.
  void deliver(Delivery& delivery) {
    using wants = delivery::wants;
    for (std::size_t steps = 0; !wrong_; ++steps) {
      if (steps > 1000) return object("the client makes no progress");
      const test::exact octets(to_client_.unread);
      const delivery::step step = delivery.next(octets, to_server_.out);
      if (step.used > to_client_.unread.size()) return object("the client uses more than there is");
      to_client_.unread.erase(0, step.used);
      switch (step.want) {
        case wants::another: return object("another message is asked for, and none was promised");
        case wants::nothing: over_ = true; return;
        case wants::octets: return;
        case wants::message: write_message(delivery); break;
        case wants::handshake:
          if (!to_client_.unread.empty() || !to_client_.out.empty() || !to_server_.unread.empty())
            return object("octets in clear behind STARTTLS");
          if (!receiver_.tls_started() || !delivery.tls_started()) return object("no handshake is awaited");
          break;
        case wants::authentication:
          if (!delivery.authenticate("PLAIN", "ann", to_server_.out)) delivery.give_up();
          break;
        case wants::response:
          if (!delivery.respond("it is me", to_server_.out)) return object("no response is awaited");
          break;
      }
    }
  }
  void write_message(Delivery& delivery) {
    std::array<std::string_view, 3> views;
    const std::span<std::string_view> some(views.data(), 1 + choices_.seed() % views.size());
    std::size_t written = 0;
    while (const std::size_t count = delivery.message(some)) {
      for (const std::string_view view : some.first(count)) to_server_.out += view;
      written += count;
      if (written > 8 * choices_.message.size() + 64) return object("a message without end");
    }
  }

  void judge(const Delivery& delivery) {
    std::vector<std::size_t> taken(choices_.recipients());
    for (const taken_message& each : receiver_.taken()) {
      judge_message(each);
      for (const std::size_t i : each.recipients) ++taken[i];
    }
    const auto outcomes = delivery.outcomes();
    if (outcomes.size() != taken.size()) return object("other outcomes than one for each recipient");
    for (std::size_t i = 0; i < taken.size(); ++i) judge_outcome(i, outcomes[i], taken[i]);
  }

  void judge_message(const taken_message& message) {
    std::string expected = sent_;
    if (!message.chunked && !expected.empty() && !expected.ends_with("\r\n")) expected += "\r\n";
    if (message.text != expected)
      object("another message: " + in_quotes(message.text) + " instead of " + in_quotes(expected));
    if (bare_ && !plan_.rules.convert_line_ends) object("bare line ends are sent");
    if (bare_ && message.chunked) object("line ends in a chunk are converted");
    if (message.declared && *message.declared < message.text.size()) object("more octets than SIZE says");
    if (message.extended && rules_.offer.contains(extension::size) && !message.declared)
      object("no SIZE though it is offered");
    if (plan_.starttls == delivery_plan::tls::required && !message.tls) object("mail in clear where TLS is required");
    if (plan_.authenticate && !message.authenticated) object("mail without the AUTH that was asked for");
  }

  void judge_outcome(std::size_t index, const recipient_outcome& said, std::size_t taken) {
    const auto name = [&] { return " (recipient " + std::to_string(index) + ")"; };
    if (taken > 1) object("a message is delivered twice" + name());
    switch (said.what) {
      case outcome::pending: object("nothing became of a recipient" + name()); break;
      case outcome::delivered:
        if (taken == 0) object("delivered, says the client; the server knows nothing of it" + name());
        break;
      case outcome::refused:
        if (said.code / 100 != 5 && !(said.code == 0 && said.error != errc{})) object("refused for no reason" + name());
        [[fallthrough]];
      case outcome::temporary:
        if (taken != 0) object("not delivered, says the client; the server has it" + name());
        break;
      case outcome::unknown:
        if (!lost_ || !all_written_) object("unknown, though the message was not written, or was answered" + name());
        break;
    }
    if (nothing_hinders(index) && said.what != outcome::delivered)
      object("not delivered though nothing hinders" + name());
  }

  // Everything is accepted, the connection holds, and the server offers what this message needs.
  [[nodiscard]] bool nothing_hinders(std::size_t index) const {
    const bool utf8 = has_non_ascii(choices_.sender()) || has_non_ascii(choices_.recipient(index));
    const extensions offer = rules_.offer;
    return choices_.seed() == 0 && choices_.lost_after() == 0 && (!bare_ || plan_.rules.convert_line_ends) &&
           (!has_non_ascii(sent_) ||
            (offer.contains(extension::eight_bit_mime) && offer.contains(extension::smtputf8))) &&
           (!utf8 || offer.contains(extension::smtputf8)) && sent_.size() + 2 <= rules_.message_size &&
           (rules_.accept_nul || sent_.find('\0') == std::string::npos) &&
           (!plan_.authenticate || offer.contains(extension::auth)) &&
           (plan_.starttls != delivery_plan::tls::required || offer.contains(extension::starttls));
  }

  std::string_view input_;
  pair_choices choices_;
  policy rules_;
  delivery_plan plan_;
  std::string sent_; // the message, as it is to arrive, but for a final line end, which DATA adds
  bool bare_;        // it had bare CRs or LFs
  pair_receiver<Session> receiver_;
  channel to_server_;
  channel to_client_;
  objection wrong_;
  std::size_t arrived_ = 0; // octets, in both directions
  bool over_ = false;
  bool lost_ = false;
  bool all_written_ = false;
};

template <typename Delivery = delivery, typename Session = server>
objection judge_pair(std::string_view input) {
  return pair_play<Delivery, Session>(input).run();
}

} // namespace postel::fuzz
