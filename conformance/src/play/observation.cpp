#include "play/observation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text/escape.hpp"

namespace postel::conformance {

std::string shown(std::string_view octets) {
  constexpr std::size_t most = 60;
  if (octets.size() <= most) return escape(octets);
  return fmt::format("{}... ({} octets)", escape(octets.substr(0, most)), octets.size());
}

std::string observation::text() const {
  switch (what) {
    case kind::reply: return fmt::format("{}", code);
    case kind::line: return shown(octets);
    case kind::text: return fmt::format("a text of {} octets", octets.size());
    case kind::chunk: return fmt::format("a chunk of {} octets", octets.size());
    case kind::handshake: return "a TLS handshake";
    case kind::malformed: return why;
    case kind::closed: return "closed";
    case kind::tls: return "TLS";
    case kind::no_tls: return fmt::format("no TLS ({})", why);
    case kind::ended: return why;
    case kind::silence: break;
  }
  return "silence";
}

bool matches(const pattern& wanted, const observation& seen) noexcept {
  using kind = observation::kind;
  const auto ends = [&](ending one) { return seen.what == kind::ended && seen.end == one; };
  switch (wanted.what) {
    case pattern_kind::code: return seen.what == kind::reply && matches(wanted.word, seen.code);
    case pattern_kind::verb: return seen.what == kind::line && seen.verb == wanted.word;
    case pattern_kind::any: return seen.what == kind::reply || seen.what == kind::line;
    case pattern_kind::text: return seen.what == kind::text;
    case pattern_kind::chunk: return seen.what == kind::chunk;
    case pattern_kind::handshake: return seen.what == kind::handshake;
    case pattern_kind::closed: return seen.what == kind::closed;
    case pattern_kind::silence: return seen.what == kind::silence;
    case pattern_kind::made: return seen.what == kind::tls;
    case pattern_kind::refused: return seen.what == kind::no_tls;
    case pattern_kind::delivered: return ends(ending::delivered);
    case pattern_kind::failed: return ends(ending::failed) || ends(ending::temporary) || ends(ending::permanent);
    // What a program tells is no more than that it failed.
    case pattern_kind::temporary: return ends(ending::failed) || ends(ending::temporary);
    case pattern_kind::permanent: break;
  }
  return ends(ending::failed) || ends(ending::permanent);
}

bool matches(const std::vector<pattern>& patterns, const observation& seen) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [&](const pattern& each) { return matches(each, seen); });
}

} // namespace postel::conformance
