#include "application.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

namespace postel::conformance {

namespace {

template <typename... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

// A local part's meaning: that of its quoted form is the same (RFC 5321 4.1.2).
std::string unquoted(std::string_view local_part) {
  if (!local_part.starts_with('"')) return std::string(local_part);
  std::string text;
  for (std::size_t at = 1; at + 1 < local_part.size(); ++at) {
    if (local_part[at] == '\\') ++at;
    text += local_part[at];
  }
  return text;
}

std::string text_of(const path& address) {
  std::string text(address.local_part);
  if (!address.domain.empty()) text.append("@").append(address.domain);
  return text;
}

bool is_ours(std::string_view domain) {
  static constexpr std::array<std::string_view, 3> ours{"example.org", "example.com", "localhost"};
  return std::any_of(ours.begin(), ours.end(),
                     [&](std::string_view each) { return equal_ignoring_case(each, domain); });
}

reply decide(const path& to) {
  if (to.is_postmaster()) return {250, "OK", enhanced_status_code{2, 1, 5}};
  if (!is_ours(to.domain)) return {550, "no mail is relayed to that domain", enhanced_status_code{5, 7, 1}};
  if (equal_ignoring_case(unquoted(to.local_part), "unknown"))
    return {550, "no such mailbox here", enhanced_status_code{5, 1, 1}};
  return {250, "OK", enhanced_status_code{2, 1, 5}};
}

} // namespace

void application::forget_transaction() {
  draft_.reset();
  envelope_.from.clear();
  envelope_.parameters.clear();
  envelope_.to.clear();
}

void application::handle(const server_event& what, server& session, std::string& out) {
  std::visit(
      overloaded{[&](const event::hello& hello) {
                   forget_transaction();
                   envelope_.helo = hello.client.text;
                   session.accept(out);
                 },
                 [&](const event::sender& sender) {
                   forget_transaction();
                   envelope_.from = text_of(sender.command.from);
                   for (const parameter& each : sender.command.params)
                     envelope_.parameters.emplace_back(each.keyword, each.value.value_or(std::string_view()));
                   session.accept(out);
                 },
                 [&](const event::recipient& recipient) {
                   const reply decision = decide(recipient.command.to);
                   if (decision.code == 250) envelope_.to.push_back(text_of(recipient.command.to));
                   session.answer(decision, out);
                 },
                 [&](const event::data&) {
                   if (store_ != nullptr) draft_.emplace(*store_);
                   session.accept(out);
                 },
                 [&](const event::body& body) {
                   if (draft_) draft_->write(body.bytes);
                 },
                 [&](const event::message_end&) {
                   if (!draft_ || draft_->keep(envelope_))
                     session.answer({250, "message accepted", enhanced_status_code{2, 0, 0}}, out);
                   else
                     session.answer({452, "the message could not be stored", enhanced_status_code{4, 3, 1}}, out);
                   forget_transaction();
                 },
                 [&](const event::refused&) { draft_.reset(); }, [&](const event::reset&) { forget_transaction(); },
                 [&](const event::verify&) { session.accept(out); },
                 [&](const event::expand&) {
                   session.answer({502, "there are no mailing lists here", enhanced_status_code{5, 5, 1}}, out);
                 },
                 [&](const event::help&) {
                   session.answer({214,
                                   "EHLO HELO MAIL RCPT DATA RSET VRFY HELP NOOP QUIT\n"
                                   "Mail for example.org, example.com and localhost is accepted.",
                                   enhanced_status_code{2, 0, 0}},
                                  out);
                 },
                 [](const event::need_more&) {}, [](const event::noop&) {}, [](const event::quit&) {}},
      what);
}

} // namespace postel::conformance
