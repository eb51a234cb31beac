#include "play/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "play/player.hpp"

namespace postel::conformance {

namespace {

constexpr std::string_view header = "== before/1/the-cases MUST both\n   What the cases take for granted.\n";
constexpr std::string_view hello = "C: {hello} {client}\nS?: 250\n";
constexpr std::string_view sender = "C: MAIL FROM:<{sender}>\nS: 250\n";
constexpr std::string_view recipient = "C: RCPT TO:<{rcpt}>\nS: 250 | 251\n";
constexpr std::string_view plain =
    "requires AUTH PLAIN\n"
    "C: {hello} {client}\nS?: 250\n"
    "C: AUTH PLAIN {base64:\\0{user}\\0{password}}\nS: 235\n";
constexpr std::string_view login =
    "requires AUTH LOGIN\n"
    "C: {hello} {client}\nS?: 250\n"
    "C: AUTH LOGIN\nS?: 334\n"
    "C: {base64:{user}}\nS?: 334\n"
    "C: {base64:{password}}\nS: 235\n";

test_case case_of(std::string_view steps) {
  auto parsed = parse_cases("before", std::string(header).append(steps));
  return std::move(std::get<std::vector<test_case>>(parsed).front());
}

// How a dialogue ended that was not taken to its end.
struct refusal {
  bool judged = false; // by what it is about, not by set-up
  unsigned code = 0;   // 0 where no reply came
  std::string text;    // of the reply: "550 5.1.1 no such mailbox"
  outcome::turned_away away = outcome::turned_away::no;
  std::size_t steps = 0; // expectations of the case that were come to
};

// The lines of the last reply, from the transcript, which any terminal can show.
std::string last_reply(const std::vector<std::string>& transcript) {
  constexpr std::string_view mark = "S: ";
  auto first = transcript.end();
  while (first != transcript.begin() && std::prev(first)->starts_with(mark)) --first;
  std::string text;
  for (; first != transcript.end(); ++first) text.append(text.empty() ? "" : " / ").append(first->substr(mark.size()));
  return text;
}

// Nothing if the dialogue was taken to its end, or there was no connection for it.
std::optional<refusal> refused(const test_case& dialogue, target& peer, environment& values, const patience& waits) {
  auto wire = peer.connect(waits.reply);
  if (std::holds_alternative<target::refusal>(wire)) return std::nullopt;
  const outcome played = play(dialogue, *std::get<std::unique_ptr<transport>>(wire), values, waits);
  if (played.starttls_offered) values.set_starttls_offered();
  if (played.result == verdict::pass || played.checks.empty()) return std::nullopt;
  const checked& last = played.checks.back();
  refusal result;
  result.judged = last.judged;
  result.code = last.code;
  result.text = last_reply(played.transcript);
  result.away = played.away;
  result.steps = static_cast<std::size_t>(
      std::count_if(played.checks.begin(), played.checks.end(), [](const checked& each) { return each.number != 0; }));
  return result;
}

std::string limits(const refusal& what) {
  return fmt::format("the target limits connections: {}", what.text);
}

// Whether the reply is about what was said, and no failure to understand the command, which is for the cases to judge.
bool is_decision(unsigned code) {
  return code / 100 == 4 || code / 10 == 53 || code / 10 == 55;
}
std::string_view how_long(unsigned code) {
  return code / 100 == 4 ? " for now" : "";
}

std::optional<std::string> wrong_password(target& peer, environment& values, const patience& waits) {
  for (const std::string_view each : {plain, login}) {
    const test_case dialogue = case_of(each);
    if (values.missing(dialogue)) continue;
    const auto no = refused(dialogue, peer, values, waits);
    if (!no) return std::nullopt;
    if (no->away != outcome::turned_away::no) return limits(*no);
    if (!no->judged || !is_decision(no->code)) return std::nullopt;
    return fmt::format("your user name or password was refused{}: {}", how_long(no->code), no->text);
  }
  return std::nullopt;
}

constexpr unsigned needs_more_security = 530; // RFC 3207 4, RFC 4954 6

std::string sender_advice(const environment& values, bool needs_more) {
  if (!needs_more) return "; name another with --sender";
  if (values.protocol() != service::submission) return "; try --submission with --user and a password";
  return values.get(variable::user) ? "" : "; give --user and a password";
}

std::string recipient_advice(const environment& values) {
  if (equal_ignoring_case(*values.get(variable::rcpt), "Postmaster"))
    return "; every server has to take Postmaster (RFC 5321 4.5.1); name another with --rcpt";
  return "; name another with --rcpt";
}

std::optional<std::string> wrong_envelope(bool with_recipient, target& peer, environment& values,
                                          const patience& waits) {
  const test_case dialogue = case_of(std::string(hello).append(sender).append(with_recipient ? recipient : ""));
  if (values.missing(dialogue)) return std::nullopt;
  const bool in_clear = !values.secure() && !values.played_in_tls(dialogue);
  auto no = refused(dialogue, peer, values, waits);
  if (no && no->code == needs_more_security && in_clear) {
    values.set_mail_needs_tls();
    if (values.played_in_tls(dialogue)) no = refused(dialogue, peer, values, waits);
  }
  if (!no) return std::nullopt;
  if (no->away != outcome::turned_away::no) return limits(*no);
  if (!no->judged || !is_decision(no->code)) return std::nullopt;
  constexpr std::size_t up_to_mail = 2; // EHLO, MAIL
  const bool at_mail = no->steps == up_to_mail;
  return fmt::format("your {} was refused{}: {}{}", at_mail ? "sender" : "recipient", how_long(no->code), no->text,
                     at_mail || no->code == needs_more_security ? sender_advice(values, no->code == needs_more_security)
                                                                : recipient_advice(values));
}

} // namespace

std::optional<std::string> refused_beforehand(const std::vector<test_case>& cases, target& peer, environment& values,
                                              const patience& waits) {
  bool credentials = false;
  bool from = false;
  bool to = false;
  for (const test_case& each : cases) {
    if (values.missing(each)) continue;
    credentials = credentials || each.uses_credentials() || values.played_authenticated(each);
    from = from || each.says(variable::sender);
    to = to || each.says(variable::rcpt) || each.says(variable::rcpt_local);
  }
  if (credentials)
    if (auto why = wrong_password(peer, values, waits)) return why;
  return from || to ? wrong_envelope(to, peer, values, waits) : std::nullopt;
}

std::optional<std::string> turned_away(target& peer, environment& values, const patience& waits) {
  const test_case dialogue = case_of(std::string(hello).append(sender).append(recipient));
  const auto no = refused(dialogue, peer, values, waits);
  if (!no || no->away == outcome::turned_away::no) return std::nullopt;
  return limits(*no);
}

std::string_view other_protocol(std::string_view octets) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> beginnings{
      {{"HTTP/", "HTTP"}, {"SSH-", "SSH"}, {"* OK", "IMAP"}, {"+OK", "POP3"}}};
  for (const auto& [beginning, protocol] : beginnings)
    if (octets.starts_with(beginning)) return protocol;
  return {};
}

std::string advice_on_silence(target& peer, const environment& values, const patience& waits) {
  // The time of a reply has passed already; who has something to say to these says it at once.
  const milliseconds within = std::min(waits.reply, milliseconds(2000));
  if (!values.secure()) {
    auto wire = peer.connect(within);
    auto* const connected = std::get_if<std::unique_ptr<transport>>(&wire);
    if (connected != nullptr && !(*connected)->start_tls(within)) return "; try --tls: it makes a handshake at once";
  }
  auto wire = peer.connect(within);
  auto* const connected = std::get_if<std::unique_ptr<transport>>(&wire);
  if (connected == nullptr) return {};
  (*connected)->send("OPTIONS * HTTP/1.0\r\n\r\n", within);
  std::string said;
  (*connected)->receive(said, within);
  const std::string_view protocol = other_protocol(said);
  return protocol.empty() ? "" : fmt::format("; it speaks {}", protocol);
}

} // namespace postel::conformance
