// The message: text behind DATA, chunks behind BDAT.
#include <algorithm>
#include <utility>

#include "octets.hpp"
#include "postel/server.hpp"
#include "server_replies.hpp"
#include "session_table.hpp"

namespace postel {

namespace {

constexpr std::string_view crlf = "\r\n";

} // namespace

server_step server::next_text(std::string_view unread, std::string& out) {
  // Text that is thrown away is no event: what stands behind it is looked at in the same call.
  for (std::size_t used = 0;;) {
    const body_framer::step step = body_.next(unread.substr(used));
    used += step.used;
    std::string_view bytes = step.bytes;
    switch (step.what) {
      case body_framer::outcome::need_more: return {event::need_more{}, used};
      case body_framer::outcome::end: return {end_message(out), used};
      case body_framer::outcome::bare_cr:
      case body_framer::outcome::bare_lf: {
        const bool cr = step.what == body_framer::outcome::bare_cr;
        const bare_line_end wanted = cr ? policy_->bare_cr : policy_->bare_lf;
        if (wanted == bare_line_end::refuse && message_fault_ == errc{})
          message_fault_ = cr ? errc::bare_cr : errc::bare_lf;
        if (wanted == bare_line_end::normalise) bytes = crlf;
        break;
      }
      case body_framer::outcome::piece: break;
    }
    if (message_fault_ != errc{} || bytes.empty()) continue;
    bytes = bytes.substr(0, judge(bytes));
    message_octets_ += bytes.size();
    if (!bytes.empty()) return {event::body{bytes}, used};
  }
}

// How many of the octets are all right by the policy; what is wrong with the next one, if there is one, becomes the message's fault. In
// whatever parts the text comes, the same octets are found.
std::size_t server::judge(std::string_view bytes) noexcept {
  std::size_t good = bytes.size();
  const auto blame = [&](std::size_t at, errc why) {
    if (at >= good) return;
    good = at;
    message_fault_ = why;
  };
  if (!policy_->accept_nul) blame(bytes.find('\0'), errc::nul_octet);
  if (!policy_->accept_undeclared_eight_bit && !eight_bit_) blame(detail::first_non_ascii(bytes), errc::non_ascii_body);
  if (const std::size_t limit = policy_->limit.text_line; limit != unlimited)
    for (std::size_t at = 0; at < good;) {
      const std::size_t end = std::min(bytes.find('\n', at), good - 1) + 1;
      if (end - at > limit - text_line_) blame(at + (limit - text_line_), errc::text_line_too_long);
      if (end > good) break;
      text_line_ = bytes[end - 1] == '\n' ? 0 : static_cast<std::uint32_t>(text_line_ + (end - at));
      at = end;
    }
  blame(policy_->message_size - message_octets_, errc::message_too_large);
  return good;
}

server_step server::next_chunk(std::string_view unread, std::string& out) {
  const std::string_view bytes = unread.substr(0, std::min<std::uint64_t>(chunk_left_, unread.size()));
  chunk_left_ -= bytes.size();
  if (input_ == input::chunk && !bytes.empty()) {
    const std::string_view good = binary_ ? bytes : bytes.substr(0, judge(bytes));
    message_octets_ += good.size();
    if (message_fault_ != errc{}) {
      input_ = input::refused_chunk;
      state_ = state::failed;
    }
    if (!good.empty()) return {event::body{good}, bytes.size()};
  }
  if (chunk_left_ != 0) return {event::need_more{}, bytes.size()};
  // Only now: the chunk had to be read before its refusal (RFC 3030 2).
  if (input_ == input::refused_chunk) return {refuse_chunk({}, out), bytes.size()};
  input_ = input::lines;
  if (last_) return {end_message(out), bytes.size()};
  owe(decision::chunk);
  return {event::chunk_end{message_octets_}, bytes.size()};
}

server_event server::refuse_chunk(std::string_view line, std::string& out) {
  input_ = input::lines;
  const errc why = std::exchange(message_fault_, errc{});
  const server_event refused = refuse({why}, line, out);
  // Behind the last chunk each recipient has its reply, whatever it says (RFC 2033 4.2).
  if (last_ && policy_->protocol == service::lmtp && !closed())
    for (std::uint32_t i = 1; i < recipients_; ++i) say(detail::refusal(why), out);
  return refused;
}

server_event server::end_message(std::string& out) {
  input_ = input::lines;
  if (message_fault_ == errc{}) {
    owe(decision::message_end);
    if (policy_->protocol == service::lmtp) answers_left_ = recipients_;
    return event::message_end{message_octets_};
  }
  const errc why = message_fault_;
  const std::uint32_t replies = policy_->protocol == service::lmtp ? recipients_ : 1; // RFC 2033 4.2
  for (std::uint32_t i = 0; i < replies; ++i) say(detail::message_refusal(why), out);
  end_transaction();
  return event::refused{why, 0, {}};
}

void server::end_transaction() noexcept {
  state_ = detail::without_transaction(state_);
  input_ = input::lines;
  message_octets_ = 0;
  recipients_ = 0;
  text_line_ = 0;
  message_fault_ = errc{};
  smtputf8_ = eight_bit_ = last_ = false;
}

} // namespace postel
