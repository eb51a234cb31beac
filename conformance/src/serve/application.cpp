#include "serve/application.hpp"

#include <algorithm>
#include <postel/base64.hpp>
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

// Whether the path is one of the mailboxes. The case of letters counts in a local part (RFC 5321 2.4).
bool is_one_of(const std::vector<std::string>& mailboxes, const path& to) {
  return std::any_of(mailboxes.begin(), mailboxes.end(), [&](const std::string& each) {
    const std::size_t at = each.rfind('@');
    return at != std::string::npos && equal_ignoring_case(std::string_view(each).substr(at + 1), to.domain) &&
           unquoted(std::string_view(each).substr(0, at)) == unquoted(to.local_part);
  });
}

// Every text here is one that a reply can have; were one not, the client would hear 421 rather than wait.
void answer(server& session, const reply& with, std::string& out) {
  if (!session.answer(with, out)) session.shut_down(out);
}
void accept(server& session, std::string& out) {
  if (!session.accept(out)) session.shut_down(out);
}
void challenge(server& session, std::string_view octets, std::string& out) {
  if (!session.challenge(octets, out)) session.shut_down(out);
}

// The credentials are right for the application's one user.
void settle(bool right, server& session, std::string& out) {
  if (right)
    accept(session, out);
  else
    answer(session, {535, "wrong user name or password", enhanced_status_code{5, 7, 8}}, out);
}

} // namespace

// RFC 4616 2: authorisation identity, NUL, authentication identity, NUL, password.
bool application::is_right_plain(std::string_view message) const {
  const std::size_t first = message.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
  if (second == std::string_view::npos) return false;
  const std::string_view as = message.substr(0, first);
  const std::string_view who = message.substr(first + 1, second - first - 1);
  return (as.empty() || as == who) && who == mail_.user && message.substr(second + 1) == mail_.password;
}

reply application::decide(const path& to) const {
  const reply good{250, "OK", enhanced_status_code{2, 1, 5}};
  const reply no_relay{550, "no mail is relayed to that domain", enhanced_status_code{5, 7, 1}};
  const reply no_mailbox{550, "no such mailbox here", enhanced_status_code{5, 1, 1}};
  if (to.is_postmaster()) return good;
  if (is_one_of(mail_.foreign, to)) return no_relay;
  if (is_one_of(mail_.unknown, to)) return no_mailbox;
  if (is_one_of(mail_.mailboxes, to)) return good;
  // Where there is a mailbox there is Postmaster (RFC 5321 4.5.1).
  if (equal_ignoring_case(unquoted(to.local_part), "postmaster") &&
      std::any_of(mail_.mailboxes.begin(), mail_.mailboxes.end(), [&](const std::string& each) {
        return equal_ignoring_case(std::string_view(each).substr(each.rfind('@') + 1), to.domain);
      }))
    return good;
  const bool ours = std::any_of(mail_.domains.begin(), mail_.domains.end(),
                                [&](const std::string& each) { return equal_ignoring_case(each, to.domain); });
  if (!ours) return no_relay;
  return equal_ignoring_case(unquoted(to.local_part), "unknown") ? no_mailbox : good;
}

policy built_in_policy(service protocol) {
  policy rules;
  rules.protocol = protocol;
  for (const extension each : server::supported) rules.offer.insert(each);
  if (protocol == service::submission) rules.offer.erase(extension::etrn); // RFC 6409 7
  rules.mechanisms = "PLAIN LOGIN";
  rules.burl_schemes = "imap";
  rules.solicitation = "org.example:ADV";
  rules.priority_profile = "MIXER";
  rules.deliver_by_minimum = 60;
  // The cases refuse and probe more than an honest client does.
  rules.limit.errors = 500;
  return rules;
}

void application::begin_message() {
  if (store_ != nullptr && !draft_) draft_.emplace(*store_);
}

void application::end_message(server& session, std::string& out) {
  const bool kept = !draft_ || draft_->keep(envelope_);
  // LMTP wants one for each recipient.
  while (session.pending_answers() != 0) {
    if (kept)
      answer(session, {250, "message accepted", enhanced_status_code{2, 0, 0}}, out);
    else
      answer(session, {452, "the message could not be stored", enhanced_status_code{4, 3, 1}}, out);
  }
  forget_transaction();
}

void application::authenticate(const event::authenticate& asked, server& session, std::string& out) {
  login_ = equal_ignoring_case(asked.mechanism, "LOGIN");
  name_.reset();
  if (asked.initial_response) return respond(*asked.initial_response, session, out);
  challenge(session, login_ ? "User Name" : "", out);
}

void application::respond(std::string_view base64, server& session, std::string& out) {
  std::string buffer(base64.size(), '\0');
  const auto text = decode_base64(base64, buffer);
  if (!text) {
    answer(session, {501, "that is no base64", enhanced_status_code{5, 5, 2}}, out);
  } else if (!login_) {
    settle(is_right_plain(*text), session, out);
  } else if (!name_) {
    name_ = *text;
    challenge(session, "Password", out);
  } else {
    settle(*name_ == mail_.user && *text == mail_.password, session, out);
  }
}

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
                   accept(session, out);
                 },
                 [&](const event::sender& sender) {
                   forget_transaction();
                   envelope_.from = text_of(sender.command.from);
                   for (const parameter& each : sender.command.params)
                     envelope_.parameters.emplace_back(each.keyword, each.value.value_or(std::string_view()));
                   accept(session, out);
                 },
                 [&](const event::recipient& recipient) {
                   const reply decision = decide(recipient.command.to);
                   if (decision.code == 250) envelope_.to.push_back(text_of(recipient.command.to));
                   answer(session, decision, out);
                 },
                 [&](const event::start_tls&) {
                   forget_transaction();
                   accept(session, out);
                 },
                 [&](const event::authenticate& asked) { authenticate(asked, session, out); },
                 [&](const event::auth_response& response) { respond(response.base64, session, out); },
                 [&](const event::data&) {
                   begin_message();
                   accept(session, out);
                 },
                 [&](const event::chunk&) { begin_message(); }, [&](const event::chunk_end&) { accept(session, out); },
                 [&](const event::burl&) {
                   answer(session, {554, "nothing is fetched from anywhere", enhanced_status_code{5, 6, 6}}, out);
                   draft_.reset();
                 },
                 [&](const event::body& body) {
                   if (draft_) draft_->write(body.bytes);
                 },
                 [&](const event::message_end&) { end_message(session, out); },
                 [&](const event::queue_run&) {
                   answer(session, {458, "nothing is queued here", enhanced_status_code{4, 3, 0}}, out);
                 },
                 // Of a command, it leaves a message under way as it is; else the message is gone.
                 [&](const event::refused&) {
                   const server::state now = session.current_state();
                   if (now != server::state::message && now != server::state::chunks) draft_.reset();
                 },
                 [&](const event::reset&) { forget_transaction(); },
                 [&](const event::verify&) { accept(session, out); },
                 [&](const event::expand&) {
                   answer(session, {550, "there are no mailing lists here", enhanced_status_code{5, 1, 1}}, out);
                 },
                 [&](const event::help&) {
                   answer(session,
                          {214,
                           "EHLO HELO MAIL RCPT DATA BDAT RSET VRFY HELP NOOP STARTTLS AUTH QUIT\n"
                           "This is the built-in server of postel.",
                           enhanced_status_code{2, 0, 0}},
                          out);
                 },
                 [](const event::need_more&) {}, [](const event::wait&) {}, [](const event::noop&) {},
                 [](const event::quit&) {}},
      what);
}

} // namespace postel::conformance
