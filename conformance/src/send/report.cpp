#include "send/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "parse/json_reply.hpp"
#include "text/escape.hpp"
#include "text/json_text.hpp"

namespace postel::conformance {

namespace {

// For one line of a terminal.
std::string shown(std::string_view text) {
  std::string line;
  for (const char octet : text) line += octet == '\n' ? ' ' : octet;
  return escape(line);
}

constexpr std::size_t longest_line = 160; // octets shown of one

} // namespace

std::string_view name(outcome what) {
  switch (what) {
    case outcome::delivered: return "delivered";
    case outcome::refused: return "refused";
    case outcome::temporary: return "temporary";
    case outcome::unknown: return "unknown";
    case outcome::pending: break;
  }
  return "pending";
}

void print_outcome(std::FILE* to, std::string_view file, std::string_view recipient, const recipient_outcome& became,
                   std::string_view why, bool as_json) {
  std::string reason(became.error != errc{} ? message(became.error) : why);
  if (became.error == errc::reply_code_mismatch) reason += ": " + became.text; // which they are
  if (as_json) {
    json line;
    if (!file.empty()) line["file"] = value(file);
    line["recipient"] = value(recipient);
    line["outcome"] = name(became.what);
    if (became.code != 0) {
      line["code"] = became.code;
      if (became.status) line["status"] = status_text(*became.status);
      line["text"] = value(became.text);
      if (!why.empty()) line["why"] = value(why);
    } else {
      line["why"] = value(reason);
    }
    fmt::print(to, "{}\n", text_of(line));
    return;
  }
  // The text of a reply begins with the enhanced status code, if it has one (RFC 2034 4).
  std::string said = shown(reason);
  if (became.code != 0) {
    said = fmt::format("{} {}", became.code, shown(became.text));
    if (!why.empty()) said += fmt::format("; {}", shown(why));
  }
  const std::string before = file.empty() ? "" : shown(file) + ": ";
  fmt::print(to, "{}{}: {} ({})\n", before, shown(recipient), name(became.what), said);
}

void send_transcript::print(char who, std::string_view octets) {
  if (octets.ends_with("\r\n")) octets.remove_suffix(2);
  fmt::print(to_, "{}: {}{}\n", who, escape(octets.substr(0, longest_line)),
             octets.size() > longest_line ? fmt::format("... ({} octets)", octets.size()) : "");
}

void send_transcript::client(std::string_view commands) {
  while (to_ != nullptr && !commands.empty()) {
    const std::string_view line = commands.substr(0, std::min(commands.find('\n'), commands.size() - 1) + 1);
    print('C', line);
    commands.remove_prefix(line.size());
  }
}

void send_transcript::secret(std::string_view shown) {
  if (to_ != nullptr) fmt::print(to_, "C: {}\n", shown);
}

void send_transcript::server(std::string_view replies) {
  while (to_ != nullptr && !replies.empty()) {
    const std::string_view line = replies.substr(0, std::min(replies.find('\n'), replies.size() - 1) + 1);
    print('S', line);
    replies.remove_prefix(line.size());
  }
}

void send_transcript::message(std::string_view octets) {
  if (to_ == nullptr) return;
  while (!octets.empty() && lines_ < shown_lines) {
    const std::string_view line = octets.substr(0, std::min(octets.find('\n'), octets.size() - 1) + 1);
    if (line_.size() <= longest_line + 2) line_ += line; // more than is shown: so that it is known to be cut
    octets.remove_prefix(line.size());
    if (!line.ends_with('\n')) continue;
    print('C', line_);
    line_.clear();
    ++lines_;
  }
  octets_ += octets.size();
}

void send_transcript::end_message() {
  if (to_ == nullptr) return;
  if (!line_.empty()) print('C', line_);
  if (octets_ != 0) fmt::print(to_, "C: ({} more octets)\n", octets_);
  line_.clear();
  lines_ = 0;
  octets_ = 0;
}

void send_transcript::remark(std::string_view text) {
  if (to_ != nullptr) fmt::print(to_, "   ({})\n", text);
}

} // namespace postel::conformance
