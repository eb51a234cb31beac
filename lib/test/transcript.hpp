// Whole dialogues with a server session, played in every cut.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "drive.hpp"

namespace postel::test {

using log = std::vector<std::string>;

// The session's own replies, as they are where ENHANCEDSTATUSCODES is offered.
namespace says {

inline constexpr std::string_view ok = "250 2.0.0 OK\r\n";
inline constexpr std::string_view sender = "250 2.1.0 OK\r\n";
inline constexpr std::string_view recipient = "250 2.1.5 OK\r\n";
inline constexpr std::string_view go_on = "354 Start mail input; end with <CRLF>.<CRLF>\r\n";
inline constexpr std::string_view chunk = "250 2.0.0 Chunk received\r\n";
inline constexpr std::string_view queued = "250 2.6.0 OK\r\n";
inline constexpr std::string_view bye = "221 2.0.0 Bye\r\n";
inline constexpr std::string_view unknown = "500 5.5.1 Command not recognized\r\n";
inline constexpr std::string_view syntax = "501 5.5.2 Syntax error\r\n";
inline constexpr std::string_view value = "501 5.5.4 Invalid parameter value\r\n";
inline constexpr std::string_view not_implemented = "502 5.5.1 Command not implemented\r\n";
inline constexpr std::string_view sequence = "503 5.5.1 Bad sequence of commands\r\n";
inline constexpr std::string_view no_recipients = "554 5.5.1 No valid recipients\r\n";
inline constexpr std::string_view not_offered = "555 5.5.4 Parameter not offered\r\n";
inline constexpr std::string_view too_large = "552 5.3.4 Message too large\r\n";

// The EHLO response with these lines behind the first.
inline std::string hello(std::initializer_list<std::string_view> lines) {
  std::string text = "250-localhost\r\n";
  for (const std::string_view line : lines) text.append("250-").append(line).append("\r\n");
  text[text.rfind("250-") + 3] = ' ';
  return text;
}

} // namespace says

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const std::string_view part : parts) whole += part;
  return whole;
}

struct transcript {
  std::string_view name;
  std::vector<std::string> flights; // what the client sends; each but the first only after the TLS handshake
  log events;
  std::string output; // behind the greeting
  application decide = accept_all;
};

// The flights as reads: each boundary of flights, and each place in cuts (in octets of all flights, in order), begins a new read.
inline std::vector<std::string_view> reads_of(const std::vector<std::string>& flights,
                                              std::initializer_list<std::size_t> cuts) {
  std::vector<std::string_view> pieces;
  std::size_t before = 0;
  for (const std::string_view flight : flights) {
    std::size_t from = 0;
    for (const std::size_t cut : cuts)
      if (cut >= before + from && cut < before + flight.size()) {
        pieces.push_back(flight.substr(from, cut - before - from));
        from = cut - before;
      }
    pieces.push_back(flight.substr(from));
    before += flight.size();
  }
  return pieces;
}

// In one read a flight, octet by octet, cut at every place, and, if it is short, at every two places: the same events and octets.
inline constexpr std::size_t longest_for_pairs = 120;

inline void expect_in_every_cut(policy rules, const transcript& t) {
  rules.explain_syntax_errors = false; // server_explanations.cpp has what refusals explain
  const testing::ScopedTrace trace(__FILE__, __LINE__, t.name);
  const session_log whole = play(rules, reads_of(t.flights, {}), t.decide);
  EXPECT_EQ(whole.events, t.events);
  EXPECT_EQ(whole.output,
            (rules.protocol == service::lmtp ? "220 localhost LMTP\r\n" : "220 localhost ESMTP\r\n") + t.output);
  std::vector<std::string_view> octets;
  std::size_t size = 0;
  for (const std::string_view flight : t.flights) {
    for (const std::string_view octet : octet_by_octet(flight)) octets.push_back(octet);
    size += flight.size();
  }
  EXPECT_EQ(play(rules, octets, t.decide), whole) << "octet by octet";
  for (std::size_t place = 0; place <= size; ++place)
    ASSERT_EQ(play(rules, reads_of(t.flights, {place}), t.decide), whole) << "cut at " << place;
  if (size > longest_for_pairs) return;
  for (std::size_t first = 0; first <= size; ++first)
    for (std::size_t second = first; second <= size; ++second)
      ASSERT_EQ(play(rules, reads_of(t.flights, {first, second}), t.decide), whole)
          << "cut at " << first << " and " << second;
}

inline void expect_in_every_cut(const policy& rules, const std::vector<transcript>& all) {
  for (const transcript& t : all) expect_in_every_cut(rules, t);
}

// Answers the events of one kind with a reply, and all others positively.
template <typename Event>
application answering(const reply& with) {
  return [with](const server_event& e) -> std::optional<reply> {
    if (std::holds_alternative<Event>(e)) return with;
    return std::nullopt;
  };
}

} // namespace postel::test
