#include "falsify.hpp"

#include <algorithm>
#include <set>

namespace postel::conformance::test {

namespace {

std::vector<unsigned> all_codes() {
  std::vector<unsigned> codes;
  for (unsigned code = 200; code < 560; ++code)
    if (code / 10 % 10 < 6) codes.push_back(code);
  return codes;
}

std::string reply_of(unsigned code, const std::vector<std::string>& lines) {
  std::string octets;
  for (std::size_t i = 0; i < lines.size(); ++i)
    octets += std::to_string(code) + (i + 1 < lines.size() ? "-" : " ") + lines[i] + "\r\n";
  return octets;
}

bool allows(const expectation& expected, alternative::kind what) {
  return std::any_of(expected.alternatives.begin(), expected.alternatives.end(),
                     [&](const alternative& each) { return each.what == what; });
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

// The reply with this condition broken, its code kept.
unit breaking(const condition& wanted, const observation& honest) {
  std::vector<std::string> lines = lines_of(honest.octets);
  switch (wanted.what) {
    case condition::kind::greeting:
    case condition::kind::continue_req:
    case condition::kind::ehlo_ok_rsp: lines.front().insert(0, 1, '?'); break;
    case condition::kind::reply_line: lines.front() += "\x07"; break;
    case condition::kind::containing: lines.assign(lines.size(), ""); break;
    case condition::kind::without: lines.back() += " " + wanted.text; break;
    case condition::kind::offering: lines.resize(1); break;
    case condition::kind::not_offering: lines.push_back(wanted.text); break;
    case condition::kind::status: lines.back() = "no status"; break;
    case condition::kind::lines: lines.push_back(lines.back()); break;
  }
  return unit::reply(reply_of(honest.code, lines));
}

// The keyword and parameters wanted, with those that the keyword cannot be without.
std::string offer_of(const std::string& wanted) {
  if (wanted == "LIMITS") return "LIMITS RCPTMAX=100";
  if (wanted == "FUTURERELEASE") return "FUTURERELEASE 86400 2030-01-01T00:00:00Z";
  if (wanted == "AUTH") return "AUTH PLAIN";
  return wanted;
}

// A reply that meets the conditions.
unit meeting(const expectation& expected, unsigned code) {
  std::vector<std::string> lines{""};
  std::string prefix;
  for (const condition& each : expected.conditions) {
    if (each.what == condition::kind::greeting) lines = {"host.example"};
    if (each.what == condition::kind::offering || each.what == condition::kind::not_offering) lines = {"host.example"};
    if (each.what == condition::kind::ehlo_ok_rsp) lines = {"host.example", "HELP"};
    if (each.what == condition::kind::status) prefix = std::to_string(code / 100) + ".0.0 ";
  }
  for (const condition& each : expected.conditions) {
    if (each.what == condition::kind::offering) lines.push_back(offer_of(each.text));
    if (each.what == condition::kind::containing) lines.back() += (lines.back().empty() ? "" : " ") + each.text;
    if (each.what == condition::kind::lines) lines.resize(each.lines, lines.back());
  }
  for (std::string& each : lines) each.insert(0, prefix);
  return unit::reply(reply_of(code, lines));
}

} // namespace

observation observe(const unit& seen) {
  if (seen.handshake) return {observation::kind::tls, 0, {}, {}};
  switch (seen.what) {
    case transport::received::closed: return {observation::kind::closed, 0, {}, {}};
    case transport::received::nothing: return {observation::kind::silence, 0, {}, {}};
    case transport::received::octets: break;
  }
  reply_reader reader;
  reader.inbox() = seen.octets;
  return reader.next(charset::utf8).value_or(observation());
}

std::vector<falsification> falsifications(const expectation& expected, const unit& honest) {
  std::vector<falsification> result;
  if (expected.handshake) return {{"no handshake", unit::silence()}, {"closing", unit::closed()}};
  for (const unsigned code : all_codes()) {
    const unit other = unit::reply(reply_of(code, {"2.0.0 something else"}));
    if (matches(expected.alternatives, observe(other))) continue;
    result.push_back({"reply " + std::to_string(code), other});
    break;
  }
  if (!allows(expected, alternative::kind::silence)) result.push_back({"no reply", unit::silence()});
  if (!allows(expected, alternative::kind::closed)) result.push_back({"closing", unit::closed()});
  result.push_back({"no reply line", unit::reply("250 a bare line feed\n")});
  if (const observation seen = observe(honest); seen.what == observation::kind::reply)
    for (const condition& each : expected.conditions)
      result.push_back({"condition " + std::to_string(static_cast<int>(each.what)), breaking(each, seen)});
  return result;
}

std::vector<unit> satisfactions(const expectation& expected, const std::vector<std::vector<alternative>>& patterns) {
  std::vector<unit> candidates;
  for (const alternative& each : expected.alternatives) {
    switch (each.what) {
      case alternative::kind::closed: candidates.push_back(unit::closed()); break;
      case alternative::kind::tls: candidates.push_back(unit::tls()); break;
      case alternative::kind::silence: candidates.push_back(unit::silence()); break;
      case alternative::kind::any:
        for (const unsigned code : all_codes()) candidates.push_back(meeting(expected, code));
        break;
      case alternative::kind::code:
        for (const unsigned code : all_codes())
          if (matches(each.code, code)) candidates.push_back(meeting(expected, code));
    }
  }
  // Those that no pattern tells apart are one.
  std::vector<unit> result;
  std::set<std::vector<bool>> told_apart;
  for (const unit& each : candidates) {
    const observation seen = observe(each);
    std::vector<bool> by{seen.what == observation::kind::reply};
    for (const auto& pattern : patterns) by.push_back(matches(pattern, seen));
    if (told_apart.insert(by).second) result.push_back(each);
  }
  return result;
}

} // namespace postel::conformance::test
