// What is asked of a server session: the same from any cut of a stream, one reply to each command, and of the octets what RFC 5321 says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

// Plays a stream to a session and watches.
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
                 std::to_string(static_cast<unsigned>(session_.owed())) + ", used " + std::to_string(position_) + "\n";
    return log_;
  }

 private:
  static constexpr std::size_t room = 4096;
  static constexpr std::string_view utf8_text = "\xC3\xBC";

  server_log fail(std::string_view what) {
    log_.wrong = in_words("server, ", how_at_first_.name(), ", at octet ", std::to_string(position_), ": ", what,
                          "\n  after:\n", log_.text, "\n  of the input ", quoted(wire_));
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

  // All that the octets which are there give.
  void take(const test::exact& unread) {
    std::size_t used = 0;
    for (std::size_t steps = 0; !log_.wrong; ++steps) {
      const std::string_view rest = unread.view().substr(used);
      const std::uint64_t before = allocations();
      const server_step step = session_.next(rest, out_);
      if (allocations() != before) return object("next() allocates");
      if (step.used > rest.size()) return object("uses more than there is");
      if (steps > 2 * unread.view().size() + 2) return object("makes no progress");
      used += step.used;
      position_ += step.used;
      unread_ = rest;
      std::visit([this](const auto& e) { this->note(e); }, step.event);
      if (step.idle() || session_.closed()) return;
    }
  }

  // The line of the event, kept open while pieces of a message follow one another.
  void begin(std::string_view name) {
    in_pieces_ = false;
    log_.text += name;
  }
  void field(std::string_view view) {
    if (!is_inside(view, unread_)) object("a view points outside of what is unread");
    log_.text.append(" ").append(quoted(view));
  }
  void field(const path& p) {
    field(p.source_route);
    field(p.local_part);
    field(p.domain);
  }

  void note(const event::need_more&) {
    if (!out_.empty()) object("writes without an event");
  }
  void note(const event::wait&) { note(event::need_more()); }
  template <typename Event>
  void note(const Event&) {
    object("an event of what is not offered");
  }
  void note(const event::hello& e) {
    begin(e.extended ? "ehlo" : "helo");
    field(e.client.text);
    // Refused, it ends no transaction (RFC 5321 4.1.4).
    if (decide(e.extended ? decision::ehlo : decision::helo)) transaction_ended();
  }
  void note(const event::sender& e) {
    begin("sender");
    field(e.command.from);
    field(e.command.params.text());
    log_.text += e.size ? " size " + std::to_string(*e.size) : "";
    log_.text += e.body == body_value::eight_bit_mime ? " 8bit" : "";
    log_.text += e.smtputf8 ? " utf8" : "";
    if (e.size.value_or(0) > rules_.message_size) object("a sender with more octets than the limit");
    if (!e.smtputf8 && !is_ascii(e.command.from.local_part)) object("a sender that needs SMTPUTF8 without it");
    recipients_ = 0;
    decide(decision::sender);
  }
  void note(const event::recipient& e) {
    begin("recipient");
    field(e.command.to);
    field(e.command.params.text());
    if (recipients_ >= rules_.limit.recipients) object("more recipients than the limit");
    if (decide(decision::recipient)) ++recipients_;
  }
  void note(const event::data&) {
    begin("data");
    if (recipients_ == 0) object("data without a recipient");
    if (decide(decision::data)) {
      in_message_ = true;
      message_.clear();
    }
  }
  void note(const event::body& e) {
    if (!in_pieces_) begin("body\n  ");
    in_pieces_ = true;
    if (!is_inside(e.bytes, unread_)) object("a piece points outside of what is unread");
    if (e.bytes.empty()) object("an empty piece");
    if (!in_message_) object("a piece of no message");
    log_.text += escaped(e.bytes);
    message_ += e.bytes;
    if (message_.size() > rules_.message_size) object("more octets than the limit");
    if (!out_.empty()) object("writes within a message");
  }
  void note(const event::message_end& e) {
    begin_after_pieces("message_end");
    log_.text += " " + std::to_string(e.size);
    if (e.size != message_.size()) object("another size than the message has");
    const received_body expected = receive_body(wire_.substr(mark_));
    if (!in_message_ || !expected.ended || expected.used != position_ - mark_) object("the message ends elsewhere");
    if (expected.bare) object("a message with a bare CR or LF is not refused");
    if (expected.message != message_) object("another message: expected " + quoted(expected.message));
    transaction_ended();
    mark_ = position_; // whatever the answer
    decide(decision::message_end);
  }
  void note(const event::verify& e) {
    begin("verify");
    field(e.string);
    log_.text += e.smtputf8 ? " utf8" : "";
    decide(decision::verify, e.smtputf8 ? charset::utf8 : charset::ascii);
  }
  void note(const event::expand& e) {
    begin("expand");
    field(e.string);
    log_.text += e.smtputf8 ? " utf8" : "";
    decide(decision::expand, e.smtputf8 ? charset::utf8 : charset::ascii);
  }
  void note(const event::help& e) {
    begin("help");
    field(e.string);
    decide(decision::help);
  }
  void note(const event::reset&) {
    begin("reset");
    transaction_ended();
    report();
  }
  void note(const event::noop&) {
    begin("noop");
    report();
  }
  void note(const event::quit&) {
    begin("quit");
    report();
    if (!session_.closed()) object("goes on after QUIT");
  }
  void note(const event::refused& e) {
    if (e.code == errc::too_many_errors || e.code == errc::too_many_commands) return note_patience_lost(e);
    if (in_message_) return note_refused_message(e);
    begin("refused");
    log_.text += " " + std::to_string(static_cast<unsigned>(e.code)) + " at " + std::to_string(e.offset);
    field(e.line);
    if (e.offset > e.line.size()) object("refused at an offset beyond the line");
    switch (e.code) {
      case errc::bare_cr:
      case errc::bare_lf:
      case errc::line_too_long: report_bad_line(e.code); break;
      default:
        if (!std::string_view(line()).starts_with(e.line)) object("refuses another line than the one that came");
        report();
    }
  }
  // 421 instead of what would have been said: whatever was refused, the session has ended.
  void note_patience_lost(const event::refused& e) {
    begin("refused");
    log_.text += " " + std::to_string(static_cast<unsigned>(e.code));
    if (!session_.closed() || !out_.starts_with("421")) object("goes on though it has lost patience");
    if (count_replies(out_) != 1U) object("not one reply to the command");
    log_.text += "\n";
    log_output();
  }
  void note_refused_message(const event::refused& e) {
    begin_after_pieces("refused message");
    log_.text += " " + std::to_string(static_cast<unsigned>(e.code));
    const received_body expected = receive_body(wire_.substr(mark_));
    if (!expected.ended || expected.used != position_ - mark_) object("the refused message ends elsewhere");
    if (!expected.message.starts_with(message_)) object("pieces of a refused message that are not its beginning");
    const bool bare = e.code == errc::bare_cr || e.code == errc::bare_lf;
    const bool too_large = e.code == errc::message_too_large && expected.message.size() > rules_.message_size;
    if (!too_large && !(bare && expected.bare && expected.bare->code == e.code))
      object("a message is refused for a fault that it has not");
    transaction_ended();
    mark_ = position_;
    if (count_replies(out_) != 1U) object("not one reply to the message");
    log_.text += "\n";
    log_output();
  }

  void begin_after_pieces(std::string_view name) {
    if (in_pieces_) log_.text += "\n";
    begin(name);
  }
  void transaction_ended() {
    in_message_ = false;
    recipients_ = 0;
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

  // The event must come from exactly one line.
  void one_line() {
    const std::string_view octets = taken();
    if (octets.size() > rules_.limit.command_line + longest_increments) object("a longer line than the limit");
    if (octets.size() < 2 || octets.find_first_of("\r\n") + 2 != octets.size() || !octets.ends_with("\r\n"))
      object("an event that comes from " + quoted(octets));
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
    if (count_replies(out_) != 1U) object("not one reply to the line");
    log_.text += "\n";
    log_output();
  }

  // An event that the session answered itself.
  void report() {
    one_line();
    if (count_replies(out_) != 1U) object("not one reply to the command");
    if (session_.answer_owed()) object("owes an answer that is given");
    log_.text += "\n";
    log_output();
  }

  // Answers the event whose line in the log was just written; whether positively. The text of the answer may be of that charset.
  bool decide(decision expected, charset octets = charset::ascii) {
    if (expected != decision::message_end) one_line();
    if (session_.owed() != expected) object("awaits another answer");
    if (!out_.empty()) object("writes before the answer");
    const auto state = session_.current_state();
    const server_step early = session_.next(unread_, out_);
    if (early.used != 0 || !std::holds_alternative<event::wait>(early.event)) object("does not wait for the answer");
    const bool impossible = session_.answer({199, "never"}, out_) || session_.answer({250, "a\rb"}, out_) ||
                            (octets == charset::ascii && session_.answer({550, utf8_text}, out_));
    if (impossible || !out_.empty() || session_.owed() != expected || session_.current_state() != state)
      object("an answer that can't be given does something");

    const std::size_t line_start = log_.text.rfind('\n') + 1;
    const answer_kind kind = answer_to(std::string_view(log_.text).substr(line_start));
    log_.text += "\n";
    reply negative = negative_reply(kind);
    if (octets == charset::utf8) negative.text = utf8_text;
    const bool answered = kind == answer_kind::accept ? session_.accept(out_) : session_.answer(negative, out_);
    if (!answered || session_.answer_owed()) object("the answer is not taken");
    if (count_replies(out_, octets) != 1U) object("not one reply to the answer");
    if (session_.closed() != (kind == answer_kind::close)) object("closed without being told, or not though told");
    if (session_.accept(out_)) object("takes a second answer");
    log_output();
    return answered && kind == answer_kind::accept;
  }

  // By how much the extensions that are offered lengthen a command line: RFC 1870 3, RFC 6152 2, RFC 6531 3.1.
  static constexpr std::size_t longest_increments = 26 + 17 + 10;

  const policy& rules_;
  std::string_view wire_;
  reads how_;
  reads how_at_first_;
  Session session_;
  server_log log_;
  std::string out_;
  std::string message_;
  std::string_view unread_;  // what the last event's views may point into
  std::size_t position_ = 0; // octets of wire_ used
  std::size_t mark_ = 0;     // position_ at the last event but pieces
  std::size_t recipients_ = 0;
  bool in_message_ = false;
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

// What sessions are played with: as it is by default, with limits that short inputs reach, and with nothing offered.
inline policy default_policy() {
  policy rules;
  rules.host = "mx.example";
  return rules;
}
inline policy tiny_policy() {
  policy rules;
  rules.host = "mx.example";
  rules.message_size = 64;
  rules.offer.insert(extension::expn);
  rules.limit = {.local_part = 8, .domain = 12, .path = 16, .command_line = 24, .recipients = 2};
  return rules;
}
inline policy bare_policy() {
  policy rules;
  rules.host = "mx.example";
  rules.offer = {};
  rules.message_size = 256;
  rules.trailing_white_space = false;
  rules.limit.command_line = 48;
  return rules;
}

template <typename Session = server>
objection judge_server(std::string_view wire, effort how_much) {
  for (const policy& rules : {default_policy(), tiny_policy(), bare_policy()})
    if (objection found = judge_server<Session>(rules, wire, how_much)) return found;
  return {};
}

} // namespace postel::fuzz
