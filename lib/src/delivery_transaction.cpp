#include "delivery_transaction.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace postel::detail {

namespace {

bool is_of_dsn(std::string_view keyword) noexcept {
  for (const std::string_view each : {"RET", "ENVID", "NOTIFY", "ORCPT"})
    if (equal_ignoring_case(keyword, each)) return true;
  return false;
}

// The parameters that were asked for, less those of DSN where it is not offered (RFC 3461 5.2.2).
void add_wanted(std::string& text, std::string_view wanted, extensions offered) {
  for (const parameter p : parameters(wanted)) {
    if (is_of_dsn(p.keyword) && !offered.contains(extension::dsn)) continue;
    add_word(text, p.keyword);
    if (p.value) text.append("=").append(*p.value);
  }
}

// The path with the domain that this server can be told.
path reachable(const delivery_fields& d, path given, std::string_view ascii_domain) noexcept {
  const bool needed = has_non_ascii(given.domain) && !d.session.offered().contains(extension::smtputf8);
  if (needed && !ascii_domain.empty() && !has_non_ascii(given.local_part)) given.domain = ascii_domain;
  return given;
}

path sender(const delivery_fields& d) noexcept {
  return reachable(d, d.what->from, d.what->ascii_domain);
}

path recipient(const delivery_fields& d, std::size_t index) noexcept {
  const envelope::recipient& wanted = d.what->to[index];
  return reachable(d, wanted.to, wanted.ascii_domain);
}

// With no more quoting than it needs (RFC 5321 4.1.2), and without a source route (Appendix C). Good until the next call.
path spelled(delivery_fields& d, path given) {
  given.source_route = {};
  d.local_part.clear();
  // What is no path, send() refuses.
  if (!given.local_part.starts_with('"') || !append(d.local_part, given, charset::utf8)) return given;
  std::string buffer(given.local_part.size(), '\0');
  const auto meaning = unquote(given.local_part, buffer);
  d.local_part.clear();
  if (meaning && append_local_part(d.local_part, *meaning, charset::utf8)) given.local_part = d.local_part;
  return given;
}

bool is_named(const delivery_fields& d, std::string_view domain) noexcept {
  return std::ranges::any_of(d.domains, [&](std::string_view each) { return equal_ignoring_case(each, domain); });
}

// Whether a recipient's domain is within what the server takes in a session (RFC 9422 4.3).
bool may_name(const delivery_fields& d, std::string_view domain) noexcept {
  return !d.domain_limit || d.domains.size() < *d.domain_limit || is_named(d, domain);
}

bool uses_chunks(const delivery_fields& d) noexcept {
  return d.plan->chunking && d.facts.bare == errc{} && d.session.offered().contains(extension::chunking);
}

// A chunk ends where the message ends.
std::uint64_t transmitted(const delivery_fields& d) noexcept {
  return d.facts.lacks_line_end && uses_chunks(d) ? d.facts.octets - 2 : d.facts.octets;
}

// What the message needs and the server does not offer: why it can't get the message.
errc missing_offer(const delivery_fields& d) noexcept {
  const extensions offered = d.session.offered();
  if (d.facts.eight_bit && !offered.contains(extension::eight_bit_mime)) return errc::non_ascii_body;
  if ((d.facts.utf8_header || has_non_ascii(sender(d))) && !offered.contains(extension::smtputf8))
    return errc::non_ascii_address;
  if (d.session.size_limit() && transmitted(d) > *d.session.size_limit()) return errc::message_too_large;
  return errc{};
}

// Why the message can't be sent at all, or not in this session; errc{} if it can.
errc obstacle(const delivery_fields& d) noexcept {
  if (d.facts.bare != errc{} && !d.plan->rules.convert_line_ends) return d.facts.bare;
  if (const errc why = missing_offer(d); why != errc{}) return why;
  return d.session.transactions_left() == 0 ? errc::too_many_transactions : errc{};
}

bool is_unreachable(const delivery_fields& d, const path& to) noexcept {
  return has_non_ascii(to) && !d.session.offered().contains(extension::smtputf8);
}

// Whether the message can't go, or not as it was asked for, with what is offered.
bool is_short_of_offers(const delivery_fields& d) noexcept {
  const extensions offered = d.session.offered();
  const auto refused = [](const std::optional<failure>& why) { return why && why->code == errc::parameter_unknown; };
  if (missing_offer(d) != errc{} || (d.plan->prdr && !offered.contains(extension::prdr)) ||
      refused(mail_parameters(parameters(d.what->parameters)).check(offered)))
    return true;
  for (std::size_t i = 0; i < d.recipients.size(); ++i)
    if (is_unreachable(d, recipient(d, i)) ||
        refused(rcpt_parameters(parameters(d.what->to[i].parameters)).check(offered)))
      return true;
  return false;
}

// Settles the recipients that this connection can't serve: no server without SMTPUTF8 can be told their address, or the
// limit of domains is reached.
void sort_out(delivery_fields& d) noexcept {
  for (std::size_t i = 0; i < d.recipients.size(); ++i) {
    if (d.recipients.at(i) != stage::waiting) continue;
    const path to = recipient(d, i);
    if (is_unreachable(d, to))
      d.recipients.settle(i, outcome::refused, errc::non_ascii_address);
    else if (!may_name(d, to.domain))
      d.recipients.settle(i, outcome::temporary, errc::too_many_recipients);
  }
}

void write_mail_parameters(delivery_fields& d) {
  const extensions offered = d.session.offered();
  bool utf8 = d.facts.utf8_header || has_non_ascii(sender(d)) || has_non_ascii(d.what->parameters);
  for (std::size_t i = 0; i < d.recipients.size() && !utf8; ++i)
    utf8 = has_non_ascii(recipient(d, i)) || has_non_ascii(d.what->to[i].parameters);
  d.parameters.clear();
  if (offered.contains(extension::size)) add_word(d.parameters, "SIZE=" + std::to_string(transmitted(d)));
  if (d.facts.eight_bit) add_word(d.parameters, "BODY=8BITMIME");
  if (utf8 && offered.contains(extension::smtputf8)) add_word(d.parameters, "SMTPUTF8");
  if (d.plan->prdr && offered.contains(extension::prdr)) add_word(d.parameters, "PRDR");
  add_wanted(d.parameters, d.what->parameters, offered);
}

// Returns false, with the delivery in another phase, if there is no transaction to begin.
bool say_mail(delivery_fields& d, std::string& out) {
  if (d.session.authenticated() && !d.asked_again && is_short_of_offers(d)) {
    d.asked_again = true;
    reach(d, milestone::offers_short);
    return false;
  }
  sort_out(d);
  if (d.recipients.count(stage::waiting) != 0) {
    if (const errc why = obstacle(d); why != errc{}) {
      const outcome what = why == errc::too_many_transactions ? outcome::temporary : outcome::refused;
      d.recipients.settle_all(stage::waiting, what, why);
    } else {
      write_mail_parameters(d);
      const auto sent = d.session.send(cmd::mail{spelled(d, sender(d)), parameters(d.parameters)}, out);
      if (sent) {
        d.sent = sent_so_far::mail;
        return true;
      }
      d.recipients.settle_all(stage::waiting, outcome::refused, sent.error().code);
    }
  }
  conclude(d);
  return false;
}

// Returns false if more of them have to wait for the next reply.
bool say_recipients(delivery_fields& d, std::string& out) {
  const std::size_t most = std::max<std::size_t>(d.plan->recipients, 1); // or there would be no end
  std::size_t room = most - std::min(most, d.recipients.count(stage::sent) + d.recipients.count(stage::accepted));
  for (std::size_t i = 0; i < d.recipients.size() && room != 0 && !d.full; ++i) {
    const path to = recipient(d, i);
    if (d.recipients.at(i) != stage::waiting || d.session.recipients_left() == 0 || !may_name(d, to.domain)) continue;
    d.parameters.clear();
    add_wanted(d.parameters, d.what->to[i].parameters, d.session.offered());
    const auto sent = d.session.send(cmd::rcpt{spelled(d, to), parameters(d.parameters)}, out);
    if (sent) {
      d.recipients.move(i, stage::sent);
      if (d.domain_limit && !is_named(d, to.domain)) d.domains.emplace_back(to.domain);
      --room;
      continue;
    }
    const errc why = sent.error().code;
    if (why == errc::not_now || why == errc::window_full) return false;
    d.recipients.settle(i, outcome::refused, why);
  }
  return true;
}

void say_data(delivery_fields& d, std::string& out) {
  if (!uses_chunks(d)) {
    if (d.session.send(cmd::data{}, out)) d.sent = sent_so_far::data;
    return;
  }
  // A chunk goes only where somebody takes it.
  if (d.session.outstanding() != 0 || d.session.accepted() == 0) return;
  if (d.session.send(cmd::bdat{transmitted(d), true}, out))
    d.sent = d.session.chunk_left() == 0 ? sent_so_far::message : sent_so_far::data;
}

} // namespace

void add_word(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

void begin_transaction(delivery_fields& d) noexcept {
  d.sent = sent_so_far::nothing;
  d.mail_taken = d.full = false;
  d.message.rewind();
}

void conclude(delivery_fields& d) noexcept {
  const bool more = d.plan->keep_open && d.session.transactions_left() != 0;
  reach(d, more ? milestone::settled : milestone::finished);
}

bool say_transaction(delivery_fields& d, std::string& out) {
  if (d.session.in_body() || d.session.chunk_left() != 0) return false;
  if (d.sent == sent_so_far::nothing && !say_mail(d, out)) return true;
  if (d.sent == sent_so_far::mail) {
    if (!say_recipients(d, out)) return false;
    say_data(d, out);
  }
  // Nobody takes the message; or it ended for nobody, to which LMTP has no reply (RFC 2033 4.2).
  if (d.sent == sent_so_far::data || d.session.outstanding() != 0) return false;
  reach(d, milestone::stopped);
  return true;
}

} // namespace postel::detail
