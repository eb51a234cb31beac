// What is asked of a server session: the same from any cut of a stream, one reply to each command, and of the octets what RFC 5321 says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "allocations.hpp"
#include "application.hpp"
#include "body_reference.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/server.hpp"
#include "reads.hpp"

namespace postel::fuzz {

// What a session did: a line an event, each followed by the octets that it made the session write.
struct server_log {
  std::string text;
  objection wrong;
};

// How many replies octets are; nothing if they are anything else.
inline std::optional<std::size_t> count_replies(std::string_view octets, charset in = charset::ascii) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin != octets.size(); ++count) {
    std::size_t end = begin;
    bool more = true;
    while (more) {
      const std::size_t lf = octets.find('\n', end);
      if (lf == std::string_view::npos || lf < end + 5) return std::nullopt;
      more = octets[end + 3] == '-';
      end = lf + 1;
    }
    if (!parse_reply(octets.substr(begin, end - begin), in)) return std::nullopt;
    begin = end;
  }
  return count;
}

// The name in the "with" clause: RFC 3848, RFC 6531 4.3.
inline std::string protocol_name(service protocol, bool extended, bool utf8, bool tls, bool authenticated) {
  if (!extended) return "SMTP";
  const bool lmtp = protocol == service::lmtp;
  std::string name = utf8 ? "UTF8" : lmtp ? "" : "E";
  name += lmtp ? "LMTP" : "SMTP";
  if (tls) name += "S";
  if (authenticated) name += "A";
  return name;
}

// Plays a stream to a session and watches. What the session has been told, and what the application answered, is kept beside it: no event may
// come that the RFCs forbid then. STARTTLS ends a read, as a client waits for the handshake, which is done at once.
template <typename Session>
class server_play {
 public:
  server_play(const policy& rules, std::string_view wire, reads how)
      : rules_(rules), wire_(wire), how_(how), how_at_first_(how), session_(rules) {
    out_.reserve(room); // so that only the session's own allocations count
  }

  server_log run() {
    if (!session_.open(out_) || count_replies(out_) != 1U) return fail("open() greets nobody");
    log_.text = "open\n";
    log_output();
    for (std::size_t arrived = 0; arrived != wire_.size() && !session_.closed();) {
      arrived += how_.next(wire_.size() - arrived);
      // What is unread moves with each read: a session that kept a pointer would look at freed memory.
      const test::exact unread(wire_.substr(position_, arrived - position_));
      take(unread);
      if (log_.wrong) return log_;
    }
    log_.text += "state " + std::to_string(static_cast<unsigned>(session_.current_state())) + ", owed " +
                 std::to_string(static_cast<unsigned>(session_.pending())) + ", used " + std::to_string(position_) +
                 "\n";
    return log_;
  }

 private:
  static constexpr std::size_t room = 8192;
  static constexpr std::string_view utf8_text = "\xC3\xBC";

  server_log fail(std::string_view what) {
    log_.wrong = in_words("server, ", how_at_first_.name(), ", at octet ", std::to_string(position_), ": ", what,
                          "\n  after:\n", log_.text, "\n  of the input ", in_quotes(wire_));
    return log_;
  }
  // Notes a fault; the first one counts.
  void object(std::string_view what) {
    if (!log_.wrong) fail(what);
  }

  void log_output() {
    if (!out_.empty()) log_.text.append("  ").append(escaped(out_)).append("\n");
    out_.clear();
  }

  [[nodiscard]] bool offers(extension which) const { return rules_.offer.contains(which); }
  [[nodiscard]] bool lmtp() const { return rules_.protocol == service::lmtp; }
  // As many replies as a message has.
  [[nodiscard]] std::size_t replies_to_message() const { return lmtp() ? recipients_ : 1; }

  // What of rest is shown to the session: a STARTTLS, wherever it stands, ends a read.
  static std::string_view up_to_starttls(std::string_view rest) {
    constexpr std::string_view verb = "STARTTLS";
    for (std::size_t at = rest.find_first_of("Ss"); at != std::string_view::npos;
         at = rest.find_first_of("Ss", at + 1)) {
      if (!equal_ignoring_case(rest.substr(at, verb.size()), verb)) continue;
      const std::size_t end = rest.find_first_not_of(" \t", at + verb.size());
      if (end != std::string_view::npos && rest.substr(end, 2) == "\r\n") return rest.substr(0, end + 2);
    }
    return rest;
  }

  // All that the octets which are there give.
  void take(const test::exact& unread) {
    std::size_t used = 0;
    for (std::size_t steps = 0; !log_.wrong; ++steps) {
      const std::string_view rest = unread.view().substr(used);
      const std::string_view shown = up_to_starttls(rest);
      keep_session(shown);
      const std::uint64_t before = allocations();
      const server_step step = session_.next(shown, out_);
      if (allocations() != before) return object("next() allocates");
      if (step.used > shown.size()) return object("uses more than there is");
      if (steps > 4 * unread.view().size() + 4) return object("makes no progress");
      used += step.used;
      position_ += step.used;
      unread_ = shown;
      std::visit([this](const auto& e) { this->note(e); }, step.event);
      check_client();
      if (session_.closed() || (step.idle() && shown.size() == rest.size())) return;
      if (step.idle() && step.used == 0) return object("waits for more than a whole line");
    }
  }

  // The session before a STARTTLS, to see what it does about octets behind that.
  void keep_session(std::string_view shown) {
    kept_.reset();
    if constexpr (std::is_copy_constructible_v<Session>)
      if (shown.ends_with('\n')) kept_.emplace(session_);
  }

  // What the session says about the client is what the client did.
  void check_client() {
    if (log_.wrong || session_.closed()) return;
    if (session_.tls() != tls_) object("wrong about TLS");
    if (session_.authenticated() != authenticated_) object("wrong about who authenticated");
  }

  // The line of the event, kept open while pieces of a message follow one another.
  void begin(std::string_view name) {
    if (in_pieces_) log_.text += "\n";
    in_pieces_ = false;
    log_.text += name;
  }
  void field(std::string_view view) {
    if (!is_inside(view, unread_)) object("a view points outside of what is unread");
    log_.text.append(" ").append(in_quotes(view));
  }
  void field(const path& p) {
    field(p.source_route);
    field(p.local_part);
    field(p.domain);
  }
  void number(std::uint64_t value) { log_.text += " " + std::to_string(value); }

  void note(const event::need_more&) {
    if (!out_.empty()) object("writes without an event");
  }
  void note(const event::wait&) { object("waits for nothing"); }

  void note(const event::hello& e) {
    begin(e.extended ? (lmtp() ? "lmtp hello" : "ehlo") : "helo");
    field(e.client.text);
    if (lmtp() && !e.extended) object("HELO in LMTP");
    idle();
    // Refused, it ends no transaction (RFC 5321 4.1.4).
    if (!decide(!e.extended ? decision::helo : lmtp() ? decision::lhlo : decision::ehlo)) return;
    transaction_ended();
    hello_ = true;
    extended_ = e.extended;
  }
  void note(const event::start_tls&) {
    begin("starttls");
    if (!offers(extension::starttls) || !extended_ || tls_) object("STARTTLS at a wrong time");
    if (kept_) {
      // Octets behind it end the session (RFC 3207 6).
      const std::string more = std::string(unread_) + "X";
      std::string replies;
      const server_step step = kept_->next(more, replies);
      const auto* refused = std::get_if<event::refused>(&step.event);
      if (refused == nullptr || refused->code != errc::octets_before_tls || !kept_->closed())
        object("octets behind STARTTLS are taken");
    }
    if (!decide(decision::starttls)) return;
    const server_step step = session_.next({}, out_);
    if (!std::holds_alternative<event::wait>(step.event) || !out_.empty()) object("does not wait for the handshake");
    if constexpr (std::is_copy_constructible_v<Session>) {
      // Nor is anything taken before the handshake.
      Session early(session_);
      std::string replies;
      if (std::holds_alternative<event::hello>(early.next("EHLO c\r\n", replies).event) || !early.closed() ||
          !replies.empty())
        object("octets before the handshake are taken");
    }
    if (!session_.tls_started() || session_.tls_started()) object("the handshake is not taken, or twice");
    transaction_ended();
    tls_ = true;
    hello_ = extended_ = authenticated_ = false;
  }
  void note(const event::authenticate& e) {
    begin("auth");
    field(e.mechanism);
    // "=" stands for an empty one, which is in no octets.
    if (e.initial_response && !e.initial_response->empty()) field(*e.initial_response);
    if (e.initial_response && e.initial_response->empty()) log_.text += " empty";
    if (!offers(extension::auth) || !extended_ || authenticated_ || transaction_) object("AUTH at a wrong time");
    if (!tls_ && !rules_.auth_in_clear) object("AUTH in clear");
    answer_auth(!e.initial_response);
  }
  void note(const event::auth_response& e) {
    begin("response");
    if (!e.base64.empty()) field(e.base64);
    if (!in_auth_) object("a response to no challenge");
    if (!is_base64(e.base64)) object("a response that is no base64");
    answer_auth(hash(e.base64) % 3 == 0);
  }
  void note(const event::sender& e) {
    begin("sender");
    field(e.command.from);
    field(e.command.params.text());
    log_.text += e.size ? " size " + std::to_string(*e.size) : "";
    log_.text += e.body == body_value::eight_bit_mime ? " 8bit" : e.body == body_value::binary_mime ? " binary" : "";
    log_.text += e.smtputf8 ? " utf8" : "";
    if (!hello_ || transaction_) object("a sender at a wrong time");
    if (rules_.protocol == service::submission && !authenticated_) object("a sender who has not authenticated");
    if (e.size.value_or(0) > rules_.message_size) object("a sender with more octets than the limit");
    if (!e.smtputf8 && !is_ascii(e.command.from.local_part)) object("a sender that needs SMTPUTF8 without it");
    if (e.command.params.check(extended_ ? now_offered() : extensions())) object("parameters that are not offered");
    if (transactions_ >= rules_.limit.transactions) object("more transactions than the limit");
    recipients_ = 0;
    if (!decide(decision::sender)) return;
    ++transactions_;
    transaction_ = true;
    binary_ = e.body == body_value::binary_mime;
    eight_bit_ = e.smtputf8 || e.body != body_value::seven_bit;
    if (session_.with_protocol() != protocol_name(rules_.protocol, extended_, e.smtputf8, tls_, authenticated_))
      object("another name of the protocol");
  }
  void note(const event::recipient& e) {
    begin("recipient");
    field(e.command.to);
    field(e.command.params.text());
    if (!transaction_ || chunks_begun_ || failed_) object("a recipient at a wrong time");
    if (recipients_ >= rules_.limit.recipients) object("more recipients than the limit");
    if (decide(decision::recipient)) ++recipients_;
  }
  void note(const event::data&) {
    begin("data");
    if (recipients_ == 0) object("data without a recipient");
    if (binary_ || chunks_begun_ || failed_) object("data at a wrong time");
    if (decide(decision::data)) {
      in_message_ = true;
      message_.clear();
    }
  }
  void note(const event::chunk& e) {
    begin("chunk");
    number(e.size);
    log_.text += e.last ? " last\n" : "\n";
    if (!chunks_allowed() || recipients_ == 0) object("a chunk at a wrong time");
    const auto said = bdat();
    if (!said || said->size != e.size || said->last != e.last) object("another chunk than was announced");
    one_line();
    if (!out_.empty() || session_.pending_answers() != 0) object("replies to a chunk before it is there");
    chunks_begun_ = in_chunk_ = true;
    chunk_size_ = e.size;
    chunk_last_ = e.last;
    chunk_begin_ = message_.size();
    if (chunk_size_ > rules_.message_size - chunk_begin_) object("a chunk beyond the limit");
  }
  void note(const event::body& e) {
    if (!in_pieces_) begin("body\n  ");
    in_pieces_ = true;
    // A normalised line end is no octets of the client's.
    const bool mended = e.bytes == "\r\n" && in_message_ &&
                        (rules_.bare_cr == bare_line_end::normalise || rules_.bare_lf == bare_line_end::normalise);
    if (!is_inside(e.bytes, unread_) && !mended) object("a piece points outside of what is unread");
    if (e.bytes.empty()) object("an empty piece");
    if (!in_message_ && !in_chunk_) object("a piece of no message");
    log_.text += escaped(e.bytes);
    message_ += e.bytes;
    if (message_.size() > rules_.message_size) object("more octets than the limit");
    if (!out_.empty()) object("writes within a message");
  }
  void note(const event::chunk_end& e) {
    begin("chunk_end");
    number(e.size);
    whole_chunk(e.size);
    if (!decide(decision::chunk)) failed_ = true;
  }
  void note(const event::burl& e) {
    begin("burl");
    field(e.uri);
    log_.text += e.last ? " last" : "";
    if (!offers(extension::burl) || !chunks_allowed() || recipients_ == 0) object("BURL at a wrong time");
    chunks_begun_ = true;
    if (!decide(decision::burl))
      failed_ = true;
    else if (e.last)
      mail_taken();
  }
  void note(const event::message_end& e) {
    begin("message_end");
    number(e.size);
    if (in_chunk_)
      whole_chunk(e.size);
    else
      whole_text(e.size);
    mark_ = position_; // whatever the answer
    in_message_ = false;
    if (replies_to_message() == 0) object("a message for nobody");
    const bool taken = decide(decision::message_end);
    if (taken)
      mail_taken();
    else
      transaction_ended();
  }
  void note(const event::verify& e) {
    begin("verify");
    field(e.string);
    log_.text += e.smtputf8 ? " utf8" : "";
    idle();
    decide(decision::verify, e.smtputf8 ? charset::utf8 : charset::ascii);
  }
  void note(const event::expand& e) {
    begin("expand");
    field(e.string);
    log_.text += e.smtputf8 ? " utf8" : "";
    if (!offers(extension::expn)) object("EXPN is not offered");
    idle();
    decide(decision::expand, e.smtputf8 ? charset::utf8 : charset::ascii);
  }
  void note(const event::help& e) {
    begin("help");
    field(e.string);
    if (!offers(extension::help)) object("HELP is not offered");
    idle();
    decide(decision::help);
  }
  void note(const event::queue_run& e) {
    begin("etrn");
    field(e.node);
    if (!offers(extension::etrn) || !extended_ || transaction_) object("ETRN at a wrong time");
    idle();
    decide(decision::etrn);
  }
  void note(const event::reset&) {
    begin("reset");
    idle();
    transaction_ended();
    report();
  }
  void note(const event::noop&) {
    begin("noop");
    idle();
    report();
  }
  void note(const event::quit&) {
    begin("quit");
    report();
    if (!session_.closed()) object("goes on after QUIT");
  }

  void note(const event::refused& e) {
    const bool message = in_message_;
    begin(message ? "refused message" : "refused");
    number(static_cast<unsigned>(e.code));
    log_.text += " at " + std::to_string(e.offset);
    if (!message) field(e.line);
    if (e.offset > e.line.size()) object("refused at an offset beyond the line");
    const bool ends =
        e.code == errc::too_many_errors || e.code == errc::too_many_commands || e.code == errc::chunk_size;
    if (session_.closed() != ends) object("goes on though it should end, or ends though it should go on");
    if (!message && !ends) check_explanation(e);
    if (message) return note_refused_message(e.code);
    if (ends) return note_end(e);
    if (++errors_ > rules_.limit.errors) object("more errors than the limit");
    if (in_chunk_) return note_spoilt_chunk(e.code);
    if (in_auth_) {
      in_auth_ = false;
    } else if (const auto chunk = bdat(); chunk && chunks_known()) {
      return note_refused_chunk(e.code, *chunk);
    } else if (looks_like_bdat() && chunks_known() && !parses(line())) {
      object("goes on behind a chunk that has no size");
    }
    switch (e.code) {
      case errc::bare_cr:
      case errc::bare_lf:
      case errc::line_too_long: report_bad_line(e.code); break;
      default:
        if (!std::string_view(line()).starts_with(e.line)) object("refuses another line than the one that came");
        report();
    }
  }
  // What a refusal says of a syntax error: the place and what was expected, and nothing that the client said.
  void check_explanation(const event::refused& e) {
    if ((e.code != errc::syntax && e.code != errc::parameter_value) || out_.find(" at octet ") == std::string::npos) {
      if (rules_.explain_syntax_errors && (e.code == errc::syntax || e.code == errc::parameter_value))
        object("a syntax error is not explained");
      if (out_.find(" at octet ") != std::string::npos) object("explains what is no syntax error");
      return;
    }
    std::string told = " at octet " + std::to_string(e.offset);
    if (const expected_name expected = describe(failure{e.code, e.offset, e.expected, e.inside});
        !expected.name.empty())
      told.append(": expected ").append(expected.name).append(" (").append(expected.clause).append(")");
    if (!rules_.explain_syntax_errors) object("explains though the policy wants none");
    if (!out_.substr(0, out_.find('\n') + 1).ends_with(told + "\r\n"))
      object("explains something else than the event has");
    if (out_.find('\n') >= 512) object("a reply line of more than 512 octets");
  }
  // The session has had enough, or nobody knows where the next command begins.
  void note_end(const event::refused& e) {
    if (e.code == errc::chunk_size && !(chunks_known() && looks_like_bdat())) object("a chunk without BDAT");
    if (e.code != errc::chunk_size && !out_.starts_with("421 ")) object("ends without 421");
    expect_replies(1);
  }
  void note_refused_message(errc code) {
    const received_body received = receive_body(wire_.substr(mark_));
    if (!received.ended || received.used != position_ - mark_) object("the refused message ends elsewhere");
    const judged_body expected = judge_body(received.message, rules_, eight_bit_);
    if (expected.fault != code) object("a message is refused for a fault that it has not");
    if (expected.message != message_) object("another beginning of a refused message");
    mark_ = position_;
    const std::size_t replies = replies_to_message();
    transaction_ended();
    expect_replies(replies);
  }
  // It must have been read to its end, and none of it may have been run.
  void note_refused_chunk(errc code, const cmd::bdat& chunk) {
    const std::string_view octets = taken();
    const std::size_t line_size = octets.find("\r\n") + 2;
    if (octets.size() - line_size != chunk.size) object("a refused chunk ends elsewhere");
    if (code == errc::message_too_large) {
      if (chunk.size <= rules_.message_size - message_.size()) object("a chunk is refused for a size that it has not");
      failed_ = true;
      chunks_begun_ = true;
    }
    const bool known = rules_.protocol != service::submission || authenticated_;
    if (code == errc::bad_sequence && known && chunks_allowed() && recipients_ != 0)
      object("a chunk is refused for nothing");
    line_done();
    expect_replies(chunk.last && recipients_ != 0 ? replies_to_message() : 1);
  }
  // One that was taken, for what is in it.
  void note_spoilt_chunk(errc code) {
    if (position_ - mark_ != chunk_size_) object("a spoilt chunk ends elsewhere");
    const judged_body expected = judge_chunk();
    if (expected.fault != code) object("a chunk is refused for a fault that it has not");
    if (expected.message != message_) object("another beginning of a spoilt chunk");
    in_chunk_ = false;
    failed_ = true;
    mark_ = position_;
    expect_replies(chunk_last_ ? replies_to_message() : 1);
  }
  void expect_replies(std::size_t count) {
    if (count_replies(out_) != count)
      object("not one reply to the command, or not one for each recipient of a message");
    if (session_.pending_answers() != 0) object("owes an answer that is given");
    log_.text += "\n";
    log_output();
  }

  // The message with the chunk that is there now: its bare CRs and LFs are data, and binary octets have no fault.
  [[nodiscard]] judged_body judge_chunk() const {
    const std::string message = message_.substr(0, chunk_begin_).append(wire_.substr(mark_, chunk_size_));
    if (binary_) return {message, std::nullopt};
    policy rules = rules_;
    rules.bare_cr = rules.bare_lf = bare_line_end::accept;
    return judge_body(message, rules, eight_bit_);
  }
  // A chunk's octets are those on the wire.
  void whole_chunk(std::uint64_t size) {
    if (!in_chunk_ || position_ - mark_ != chunk_size_) object("a chunk ends elsewhere");
    if (wire_.substr(mark_, chunk_size_) != std::string_view(message_).substr(chunk_begin_)) object("another chunk");
    if (judge_chunk().fault) object("a chunk with a fault is not refused");
    if (size != message_.size()) object("another size than the message has");
    in_chunk_ = false;
    mark_ = position_;
  }
  void whole_text(std::uint64_t size) {
    if (size != message_.size()) object("another size than the message has");
    const received_body received = receive_body(wire_.substr(mark_));
    if (!in_message_ || !received.ended || received.used != position_ - mark_) object("the message ends elsewhere");
    const judged_body expected = judge_body(received.message, rules_, eight_bit_);
    if (expected.fault) object("a message with a fault is not refused");
    if (expected.message != message_) object("another message: expected " + in_quotes(expected.message));
  }

  void transaction_ended() {
    in_message_ = in_chunk_ = chunks_begun_ = failed_ = transaction_ = binary_ = eight_bit_ = false;
    recipients_ = 0;
    message_.clear();
  }
  void mail_taken() {
    idle_ = 0;
    transaction_ended();
  }
  void idle() {
    if (++idle_ > rules_.limit.idle_commands) object("more idle commands than the limit");
  }

  [[nodiscard]] extensions now_offered() const {
    extensions offered = rules_.offer;
    offered.erase(tls_ ? extension::starttls : extension::requiretls);
    if (!tls_ && !rules_.auth_in_clear) offered.erase(extension::auth);
    return offered;
  }
  [[nodiscard]] bool chunks_known() const { return extended_ && offers(extension::chunking); }
  [[nodiscard]] bool chunks_allowed() const { return extended_ && transaction_ && !failed_; }
  static bool parses(std::string_view text) { return parse_command(text, charset::utf8).has_value(); }
  // The BDAT that the event came from.
  [[nodiscard]] std::optional<cmd::bdat> bdat() {
    std::string_view text = line();
    while (rules_.accept_trailing_white_space && (text.ends_with(' ') || text.ends_with('\t'))) text.remove_suffix(1);
    if (!taken().substr(text.size()).starts_with("\r\n") && !taken().substr(0, line().size() + 2).ends_with("\r\n"))
      return std::nullopt;
    const auto parsed = parse_command(text);
    if (!parsed || !std::holds_alternative<cmd::bdat>(*parsed)) return std::nullopt;
    return std::get<cmd::bdat>(*parsed);
  }
  [[nodiscard]] bool looks_like_bdat() {
    const std::string_view text = taken();
    constexpr std::string_view behind = " \t\r\n";
    return equal_ignoring_case(text.substr(0, 4), "BDAT") && text.size() > 4 &&
           behind.find(text[4]) != std::string_view::npos;
  }
  static bool is_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t end = std::min(text.find_first_not_of(alphabet), text.size());
    return text.size() % 4 == 0 && (end == text.size() || text.substr(end) == "=" || text.substr(end) == "==");
  }

  // The octets since the last event, less what was to be discarded and its CRLF.
  [[nodiscard]] std::string_view taken() {
    const std::string_view octets = wire_.substr(mark_, position_ - mark_);
    if (!discarding_) return octets;
    const std::size_t end = octets.find("\r\n");
    if (end != std::string_view::npos) return octets.substr(end + 2);
    object("goes on before the refused line has ended");
    return {};
  }
  // The line that the event came from.
  [[nodiscard]] std::string_view line() { return taken().substr(0, taken().find("\r\n")); }

  void line_done() {
    mark_ = position_;
    discarding_ = false;
  }

  [[nodiscard]] std::size_t longest_line() const {
    return in_auth_ ? auth_line_limit : command_line_limit(rules_.limit, rules_.offer);
  }

  // The event must come from exactly one line.
  void one_line() {
    const std::string_view octets = taken();
    if (octets.size() > longest_line()) object("a longer line than the limit");
    if (octets.size() < 2 || octets.find_first_of("\r\n") + 2 != octets.size() || !octets.ends_with("\r\n"))
      object("an event that comes from " + in_quotes(octets));
    line_done();
  }

  // A line that framing refuses: what was taken of it ends with the fault, and what follows up to CRLF is no command.
  void report_bad_line(errc code) {
    const std::string_view octets = taken();
    const std::string_view rest = wire_.substr(position_);
    const std::size_t stop = octets.find_first_of("\r\n");
    const bool ends_there = !octets.empty() && stop == octets.size() - 1;
    switch (code) {
      case errc::bare_cr:
        if (!ends_there || octets.back() != '\r' || rest.starts_with('\n')) object("no bare CR is there");
        break;
      case errc::bare_lf:
        if (!ends_there || octets.back() != '\n') object("no bare LF is there");
        break;
      default:
        if (stop != std::string_view::npos || octets.size() + 1 < rules_.limit.command_line)
          object("the line is not too long");
    }
    line_done();
    discarding_ = true;
    expect_replies(1);
  }

  // An event that the session answered itself.
  void report() {
    one_line();
    expect_replies(1);
  }

  [[nodiscard]] answer_kind kind_of_answer() const {
    return answer_to(std::string_view(log_.text).substr(log_.text.rfind('\n') + 1));
  }

  // Answers AUTH, or a response, whose line in the log was just written: with a challenge if told to.
  void answer_auth(bool challenge) {
    if (!challenge) {
      authenticated_ = decide(decision::auth);
      if (!authenticated_) ++errors_; // a failed one counts as a refused command
      in_auth_ = false;
      return;
    }
    one_line();
    if (session_.pending() != decision::auth || !out_.empty()) object("awaits another answer");
    log_.text += "\n";
    if (!session_.challenge("who?", out_) || session_.challenge("who?", out_))
      object("the challenge is not taken, or twice");
    if (out_ != "334 d2hvPw==\r\n") object("another challenge");
    in_auth_ = true;
    log_output();
  }

  // Answers the event whose line in the log was just written; whether positively. The text of the answer may be of that charset.
  bool decide(decision expected, charset octets = charset::ascii) {
    const bool message = expected == decision::message_end;
    if (!message && expected != decision::chunk) one_line();
    const std::size_t answers = message ? replies_to_message() : 1;
    if (session_.pending_answers() != answers) object("awaits more answers, or fewer");
    if (session_.deadline() != timeout::none) object("a timeout runs while an answer is owed");
    answer_kind kind = kind_of_answer();
    log_.text += "\n";
    bool accepted = false;
    for (std::size_t i = 0; i < answers && !log_.wrong; ++i) {
      if (i != 0) kind = answer_to("recipient " + std::to_string(i) + message_); // each its own
      accepted = answer_one(expected, kind, octets) || accepted;
      if (kind == answer_kind::close) return false;
    }
    if (session_.pending_answers() != 0 || session_.accept(out_)) object("takes a second answer");
    return accepted;
  }
  bool answer_one(decision expected, answer_kind kind, charset octets) {
    if (session_.pending() != expected) object("awaits another answer");
    if (!out_.empty()) object("writes before the answer");
    const auto state = session_.current_state();
    const server_step early = session_.next(unread_, out_);
    if (early.used != 0 || !std::holds_alternative<event::wait>(early.event)) object("does not wait for the answer");
    const bool impossible = session_.answer({199, "never"}, out_) || session_.answer({250, "a\rb"}, out_) ||
                            (octets == charset::ascii && session_.answer({550, utf8_text}, out_)) ||
                            (expected != decision::auth && session_.challenge("x", out_)) || session_.tls_started();
    if (impossible || !out_.empty() || session_.pending() != expected || session_.current_state() != state)
      object("an answer that can't be given does something");
    reply negative = negative_reply(kind);
    if (octets == charset::utf8) negative.text = utf8_text;
    const bool answered =
        (kind == answer_kind::accept ? session_.accept(out_) : session_.answer(negative, out_)).has_value();
    if (!answered) object("the answer is not taken");
    if (count_replies(out_, octets) != 1U) object("not one reply to the answer");
    if (session_.closed() != (kind == answer_kind::close)) object("closed without being told, or not though told");
    log_output();
    return answered && kind == answer_kind::accept;
  }

  const policy& rules_;
  std::string_view wire_;
  reads how_;
  reads how_at_first_;
  Session session_;
  std::optional<std::conditional_t<std::is_copy_constructible_v<Session>, Session, server>> kept_;
  server_log log_;
  std::string out_;
  std::string message_;
  std::string_view unread_;  // what the last event's views may point into
  std::size_t position_ = 0; // octets of wire_ used
  std::size_t mark_ = 0;     // position_ at the last event but pieces
  std::uint64_t chunk_size_ = 0;
  std::size_t chunk_begin_ = 0; // where in message_
  bool chunk_last_ = false;
  std::size_t recipients_ = 0;
  std::size_t transactions_ = 0;
  std::size_t errors_ = 0;
  std::size_t idle_ = 0;
  bool hello_ = false;
  bool extended_ = false;
  bool tls_ = false;
  bool authenticated_ = false;
  bool in_auth_ = false; // a challenge is out
  bool transaction_ = false;
  bool binary_ = false;
  bool eight_bit_ = false;
  bool chunks_begun_ = false;
  bool failed_ = false; // a chunk was refused
  bool in_message_ = false;
  bool in_chunk_ = false;
  bool in_pieces_ = false;
  bool discarding_ = false; // the line before mark_ was refused before its end
};

// One policy: the whole stream, then every cut that is asked for.
template <typename Session = server>
objection judge_server(const policy& rules, std::string_view wire, effort how_much) {
  const server_log whole = server_play<Session>(rules, wire, reads::whole()).run();
  if (whole.wrong) return whole.wrong;
  return for_each_cut(wire, how_much, [&](reads how) -> objection {
    const server_log cut = server_play<Session>(rules, wire, how).run();
    if (cut.wrong) return cut.wrong;
    return compare_logs(whole.text, cut.text, how);
  });
}

// What sessions are played with. Every input is played with each: an input is octets off the wire and chooses nothing.
inline policy full_policy(service protocol) {
  policy rules;
  rules.host = "mx.example";
  rules.protocol = protocol;
  for (const extension e : server::supported) rules.offer.insert(e);
  rules.mechanisms = "PLAIN CRAM-MD5";
  rules.burl_schemes = "imap";
  rules.auth_in_clear = true;
  return rules;
}
// Mail exchange, with all extensions.
inline policy default_policy() {
  return full_policy(service::smtp);
}
// Limits that short inputs reach.
inline policy tiny_policy() {
  policy rules;
  rules.host = "mx.example";
  rules.message_size = 64;
  for (const extension e :
       {extension::expn, extension::chunking, extension::binarymime, extension::limits, extension::etrn})
    rules.offer.insert(e);
  rules.limit = {.local_part = 8, .domain = 12, .path = 16, .command_line = 24, .recipients = 2};
  rules.limit.text_line = 40;
  rules.limit.transactions = 3;
  rules.limit.errors = 6;
  rules.limit.idle_commands = 12;
  return rules;
}
// Nothing offered.
inline policy bare_policy() {
  policy rules;
  rules.host = "mx.example";
  rules.offer = {};
  rules.explain_syntax_errors = false;
  rules.message_size = 256;
  rules.accept_trailing_white_space = false;
  rules.limit.command_line = 48;
  return rules;
}
// AUTH first, and that in TLS; line ends are mended, other octets are not taken.
inline policy submission_policy() {
  policy rules = full_policy(service::submission);
  rules.auth_in_clear = false;
  rules.bare_cr = rules.bare_lf = bare_line_end::normalise;
  rules.accept_nul = false;
  rules.accept_undeclared_eight_bit = false;
  return rules;
}
// Line ends of both kinds let through, each in its way; commands that the grammar does not have.
inline policy lmtp_policy() {
  policy rules = full_policy(service::lmtp);
  rules.bare_cr = bare_line_end::accept;
  rules.bare_lf = bare_line_end::normalise;
  rules.message_size = 512;
  rules.limit.text_line = 100;
  rules.accept_loose_client_names = rules.accept_text_after_client_name = rules.accept_space_before_path = true;
  rules.accept_several_spaces = rules.accept_empty_envid = rules.accept_unregistered_literals = true;
  return rules;
}

template <typename Session = server>
objection judge_server(std::string_view wire, effort how_much) {
  for (const policy& rules : {default_policy(), tiny_policy(), bare_policy(), submission_policy(), lmtp_policy()})
    if (objection found = judge_server<Session>(rules, wire, how_much)) return found;
  return {};
}

} // namespace postel::fuzz
