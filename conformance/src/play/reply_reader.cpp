#include "play/reply_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <postel/reply.hpp>

#include "play/reply_deviation.hpp"

namespace postel::conformance {

namespace {

// Whether the line, with its end, says that another one follows.
bool is_continuation(std::string_view line) {
  return line.size() >= 4 && line[3] == '-' && line.ends_with("\r\n") &&
         std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
}

std::string why_no_reply(std::string_view unit, const failure& why) {
  switch (why.code) {
    case errc::bare_lf: return "a line ends with a bare LF";
    case errc::reply_code_mismatch:
      return fmt::format("lines with different codes, {} and {}", unit.substr(0, 3), unit.substr(why.offset, 3));
    default: return fmt::format("octet {}: {}", why.offset, message(why.code));
  }
}

} // namespace

observation reply_reader::malformed(std::size_t octets, std::string_view why) {
  observation seen;
  seen.what = observation::kind::malformed;
  seen.why = fmt::format("malformed reply ({})", why);
  seen.octets = inbox_.substr(0, octets);
  inbox_.erase(0, octets);
  line_start_ = searched_ = 0;
  return seen;
}

std::optional<observation> reply_reader::next(charset octets) {
  for (;;) {
    const std::size_t feed = inbox_.find('\n', searched_);
    const std::size_t end = feed == std::string::npos ? inbox_.size() : feed + 1;
    if (end > longest_reply) return malformed(end, fmt::format("more than {} octets", longest_reply));
    searched_ = end;
    if (feed == std::string::npos) return std::nullopt;
    const std::string_view line = std::string_view(inbox_).substr(line_start_, end - line_start_);
    if (is_continuation(line)) {
      line_start_ = end;
      continue;
    }
    const std::string_view unit = std::string_view(inbox_).substr(0, end);
    const auto reply = read_reply(unit, octets);
    if (!reply) return malformed(end, why_no_reply(unit, reply.error()));
    observation seen;
    seen.what = observation::kind::reply;
    seen.code = reply->code();
    seen.octets = unit;
    seen.deviation = deviation_of(*reply);
    inbox_.erase(0, end);
    line_start_ = searched_ = 0;
    return seen;
  }
}

observation reply_reader::incomplete(std::string_view why) {
  return malformed(inbox_.size(), why);
}

} // namespace postel::conformance
