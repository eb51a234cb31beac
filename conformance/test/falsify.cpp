#include "falsify.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace postel::conformance::test {

namespace {

using kind = observation::kind;

constexpr std::size_t declared_size = 100; // by MAIL's SIZE

observation seen_as(kind what, std::string octets = {}) {
  observation seen;
  seen.what = what;
  seen.octets = std::move(octets);
  return seen;
}

observation line(std::string octets) {
  observation seen = seen_as(kind::line, std::move(octets));
  seen.verb = seen.octets.substr(0, seen.octets.find(' '));
  return seen;
}

observation ended(ending how) {
  observation seen = seen_as(kind::ended);
  seen.end = how;
  seen.why = "end " + std::to_string(static_cast<int>(how));
  return seen;
}

observation malformed() {
  observation seen = seen_as(kind::malformed, "250 a bare line feed\n");
  seen.why = "a line that ends with a bare LF";
  return seen;
}

observation no_tls() {
  observation seen = seen_as(kind::no_tls);
  seen.why = "no handshake";
  return seen;
}

std::vector<unsigned> all_codes() {
  std::vector<unsigned> codes;
  for (unsigned code = 200; code < 560; ++code)
    if (code / 10 % 10 < 6) codes.push_back(code);
  return codes;
}

observation reply_of(unsigned code, const std::vector<std::string>& lines) {
  observation seen = seen_as(kind::reply);
  seen.code = static_cast<std::uint16_t>(code);
  for (std::size_t i = 0; i < lines.size(); ++i)
    seen.octets += std::to_string(code) + (i + 1 < lines.size() ? "-" : " ") + lines[i] + "\r\n";
  return seen;
}

std::vector<std::string> lines_of(const std::string& octets) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t end = octets.find("\r\n", at);
    lines.push_back(octets.substr(at + 4, end - at - 4));
    at = end + 2;
  }
  return lines;
}

// ---- what breaks a condition

observation broken_reply(const condition& wanted, const observation& honest) {
  std::vector<std::string> lines = lines_of(honest.octets);
  switch (wanted.what) {
    case condition_kind::reply_line: lines.front() += "\x07"; break;
    case condition_kind::contains: lines.assign(lines.size(), ""); break;
    case condition_kind::lacks: lines.back() += " " + wanted.text; break;
    case condition_kind::offers: lines.resize(1); break;
    case condition_kind::offers_not: lines.push_back(wanted.text); break;
    case condition_kind::status: lines.back() = "no status"; break;
    case condition_kind::lines: lines.push_back(lines.back()); break;
    default: lines.front().insert(0, 1, '?'); // those about its form
  }
  return reply_of(honest.code, lines);
}

// The observation with this condition broken. Nothing if the condition says nothing of such a one.
std::optional<observation> broken(const condition& wanted, const observation& honest) {
  if (honest.what == kind::reply) return broken_reply(wanted, honest);
  observation seen = honest;
  const bool is_line = honest.what == kind::line;
  const bool has_octets = is_line || honest.what == kind::text || honest.what == kind::chunk;
  if (!has_octets && honest.what != kind::ended) return std::nullopt;
  switch (wanted.what) {
    case condition_kind::contains: seen.octets = is_line ? honest.verb + " x" : "x\r\n"; break;
    case condition_kind::lacks: seen.octets += " " + wanted.text; break;
    case condition_kind::is: seen.octets += "x"; break;
    case condition_kind::command: seen.octets += " \x01"; break;
    case condition_kind::at_most: seen.octets += std::string(wanted.number, 'x'); break;
    case condition_kind::ascii: seen.octets += "caf\xC3\xA9"; break;
    case condition_kind::crlf_only: seen.octets = "a\nb\r\n"; break;
    case condition_kind::body: seen.octets.at(seen.octets.find("\r\n\r\n") + 4) = '?'; break;
    case condition_kind::alone: seen.followed = true; break;
    case condition_kind::once: seen.again = true; break;
    case condition_kind::within_size:
      seen.declared = declared_size;
      seen.octets = std::string(2 * declared_size, 'x');
      break;
    case condition_kind::declared:
      if (honest.verb != "DATA") return std::nullopt;
      seen.binary = true;
      break;
    default: return std::nullopt;
  }
  return seen;
}

// ---- what meets all conditions

// The keyword and parameters wanted, with those that the keyword cannot be without.
std::string offer_of(const std::string& wanted) {
  if (wanted == "LIMITS") return "LIMITS RCPTMAX=100";
  if (wanted == "FUTURERELEASE") return "FUTURERELEASE 86400 2030-01-01T00:00:00Z";
  if (wanted == "AUTH") return "AUTH PLAIN";
  return wanted;
}

observation meeting_reply(const expectation& expected, unsigned code) {
  std::vector<std::string> lines{""};
  std::string prefix;
  for (const condition& each : expected.conditions) {
    if (each.what == condition_kind::greeting) lines = {"host.example"};
    if (each.what == condition_kind::offers || each.what == condition_kind::offers_not) lines = {"host.example"};
    if (each.what == condition_kind::ehlo_ok_rsp) lines = {"host.example", "HELP"};
    if (each.what == condition_kind::status) prefix = std::to_string(code / 100) + ".0.0 ";
  }
  for (const condition& each : expected.conditions) {
    if (each.what == condition_kind::offers) lines.push_back(offer_of(each.text));
    if (each.what == condition_kind::contains) lines.back() += (lines.back().empty() ? "" : " ") + each.text;
    if (each.what == condition_kind::lines) lines.resize(each.number, lines.back());
  }
  for (std::string& each : lines) each.insert(0, prefix);
  return reply_of(code, lines);
}

observation meeting_line(const expectation& expected, const std::string& verb) {
  static const std::map<std::string, std::string> canonical{{"EHLO", "EHLO client.example"},
                                                            {"HELO", "HELO client.example"},
                                                            {"LHLO", "LHLO client.example"},
                                                            {"MAIL", "MAIL FROM:<ann@client.example>"},
                                                            {"RCPT", "RCPT TO:<bob@example.org>"},
                                                            {"AUTH", "AUTH CRAM-MD5"},
                                                            {"BDAT", "BDAT 10 LAST"}};
  for (const condition& each : expected.conditions)
    if (each.what == condition_kind::is) return line(each.text);
  const auto found = canonical.find(verb);
  std::string octets = found == canonical.end() ? verb : found->second;
  for (const condition& each : expected.conditions)
    if (each.what == condition_kind::contains && octets.find(each.text) == std::string::npos) octets += " " + each.text;
  return line(std::move(octets));
}

std::string meeting_text(const expectation& expected) {
  for (const condition& each : expected.conditions) {
    if (each.what == condition_kind::body) return "Subject: x\r\n\r\n" + each.text;
    if (each.what == condition_kind::is) return each.text;
  }
  return "Subject: x\r\n\r\ntext\r\n";
}

void add_meeting(std::vector<observation>& all, const expectation& expected, const pattern& each, side tested) {
  switch (each.what) {
    case pattern_kind::code:
    case pattern_kind::any:
      if (tested == side::client) {
        all.push_back(meeting_line(expected, "NOOP"));
        break;
      }
      for (const unsigned code : all_codes())
        if (each.what == pattern_kind::any || matches(each.word, code)) all.push_back(meeting_reply(expected, code));
      break;
    case pattern_kind::verb: all.push_back(meeting_line(expected, each.word)); break;
    case pattern_kind::text: all.push_back(seen_as(kind::text, meeting_text(expected))); break;
    case pattern_kind::chunk: all.push_back(seen_as(kind::chunk, meeting_text(expected))); break;
    case pattern_kind::handshake: all.push_back(seen_as(kind::handshake)); break;
    case pattern_kind::closed: all.push_back(seen_as(kind::closed)); break;
    case pattern_kind::silence: all.push_back(seen_as(kind::silence)); break;
    case pattern_kind::made: all.push_back(seen_as(kind::tls)); break;
    case pattern_kind::refused: all.push_back(no_tls()); break;
    case pattern_kind::delivered: all.push_back(ended(ending::delivered)); break;
    case pattern_kind::failed: all.push_back(ended(ending::failed)); break;
    case pattern_kind::temporary: all.push_back(ended(ending::temporary)); break;
    case pattern_kind::permanent: all.push_back(ended(ending::permanent)); break;
  }
}

// What a party may do at any time, in the order in which it is tried.
std::vector<falsification> others(const expectation& expected, side tested) {
  std::vector<falsification> all;
  if (expected.of == subject::end) {
    for (const ending each :
         {ending::delivered, ending::temporary, ending::permanent, ending::failed, ending::crashed, ending::running})
      all.push_back({"another end", ended(each)});
    return all;
  }
  all = {{"silence", seen_as(kind::silence)}, {"closing", seen_as(kind::closed)}, {"no handshake", no_tls()}};
  if (expected.of == subject::tls && tested == side::server) return all;
  all.push_back({"a bare LF", malformed()});
  if (tested == side::client) {
    all.push_back({"another verb", line("XYZZY")});
    all.push_back({"text", line("Subject: hello")});
    return all;
  }
  for (const unsigned code : all_codes()) {
    observation other = reply_of(code, {"2.0.0 something else"});
    if (matches(expected.patterns, other)) continue;
    all.push_back({"reply " + std::to_string(code), std::move(other)});
    break;
  }
  return all;
}

} // namespace

std::vector<falsification> falsifications(const expectation& expected, const observation& honest, side tested) {
  std::vector<falsification> ways = others(expected, tested);
  std::erase_if(ways, [&](const falsification& each) { return matches(expected.patterns, each.instead); });
  for (const condition& each : expected.conditions)
    if (auto instead = broken(each, honest))
      ways.push_back({"condition " + std::to_string(static_cast<int>(each.what)), *std::move(instead)});
  return ways;
}

std::vector<observation> satisfactions(const expectation& expected, const std::vector<std::vector<pattern>>& patterns,
                                       side tested) {
  std::vector<observation> candidates;
  for (const pattern& each : expected.patterns) add_meeting(candidates, expected, each, tested);
  // Replies that no pattern tells apart are one.
  std::vector<observation> result;
  std::set<std::pair<std::string, std::vector<bool>>> told_apart;
  for (const observation& seen : candidates) {
    std::vector<bool> by;
    for (const auto& each : patterns) by.push_back(matches(each, seen));
    const std::string what = std::to_string(static_cast<int>(seen.what)) + seen.verb + seen.why;
    if (told_apart.insert({what, by}).second) result.push_back(seen);
  }
  return result;
}

} // namespace postel::conformance::test
