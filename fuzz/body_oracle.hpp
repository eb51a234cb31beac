// What is asked of the framer and the writer of message bodies.
#pragma once

#include <string>
#include <string_view>

#include "allocations.hpp"
#include "body_reference.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/body.hpp"
#include "reads.hpp"

namespace postel::fuzz {

// A message cut out of a stream by a framer under test.
struct framed_body {
  received_body body;
  objection wrong;
};

template <typename Framer>
framed_body frame(Framer& framer, std::string_view wire, reads how) {
  framed_body framed;
  received_body& body = framed.body;
  std::size_t arrived = 0;
  for (;;) {
    // What is unread moves with each read: a framer that kept a pointer would look at freed memory.
    const test::exact unread(wire.substr(body.used, arrived - body.used));
    for (std::size_t used = 0, steps = 0;; ++steps) {
      const std::string_view rest = unread.view().substr(used);
      const std::uint64_t before = allocations();
      const auto step = framer.next(rest);
      const auto wrong = [&](std::string_view what) {
        framed.wrong = in_words("framer, ", how.name(), ": ", what);
        return framed;
      };
      if (allocations() != before) return wrong("allocates");
      if (step.used > rest.size()) return wrong("uses more than there is");
      if (!is_inside(step.bytes, rest)) return wrong("a piece points outside of what is unread");
      if (steps > 2 * unread.view().size() + 2) return wrong("makes no progress");
      used += step.used;
      body.used += step.used;
      body.message += step.bytes;
      if (step.what == body_framer::outcome::bare_cr || step.what == body_framer::outcome::bare_lf) {
        if (body.bare) return wrong("reports bare octets twice");
        const errc code = step.what == body_framer::outcome::bare_cr ? errc::bare_cr : errc::bare_lf;
        body.bare = bare_octet{code, body.used};
      }
      body.ended = step.what == body_framer::outcome::end;
      if (body.ended) return framed;
      if (step.what == body_framer::outcome::need_more) break;
    }
    if (arrived == wire.size()) return framed;
    arrived += how.next(wire.size() - arrived);
  }
}

inline objection compare_bodies(const received_body& expected, const framed_body& framed, const reads& how) {
  const auto wrong = [&](std::string_view what) {
    return in_words("framer, ", how.name(), ": ", what, "\n  message:  ", quoted(framed.body.message),
                    "\n  expected: ", quoted(expected.message));
  };
  if (framed.wrong) return framed.wrong;
  const received_body& got = framed.body;
  if (got.ended != expected.ended) return wrong(got.ended ? "sees an end where there is none" : "misses the end");
  if (got.used != expected.used) return wrong("uses " + std::to_string(got.used) + " octets");
  if (got.message != expected.message) return wrong("another message");
  if (got.bare.has_value() != expected.bare.has_value()) return wrong("bare octets");
  if (got.bare && (got.bare->code != expected.bare->code || got.bare->at != expected.bare->at))
    return wrong("the first bare octet is another, or elsewhere");
  return {};
}

// Every message in the stream, whole and cut, is what the reference makes of it.
template <typename Framer = body_framer>
objection judge_framer(std::string_view stream, effort how_much) {
  const auto judge = [&](reads how) -> objection {
    Framer framer;
    for (std::string_view rest = stream;;) {
      const received_body expected = receive_body(rest);
      if (objection found = compare_bodies(expected, frame(framer, rest, how), how)) return found;
      if (!expected.ended) return {};
      rest.remove_prefix(expected.used);
    }
  };
  if (objection found = judge(reads::whole())) return found;
  return for_each_cut(stream, how_much, judge);
}

// The message is written as the reference writes it, in any cut, and refused where it has a bare CR or LF; what is written, a framer
// reads back.
template <typename Writer = body_writer>
objection judge_writer(std::string_view message, effort how_much) {
  const auto bare = first_bare(message);
  const auto judge = [&](reads how) -> objection {
    const auto wrong = [&](std::string_view what) {
      return in_words("writer, ", how.name(), ", of ", quoted(message), ": ", what);
    };
    Writer writer;
    std::string out;
    std::size_t given = 0;
    while (given != message.size()) {
      const test::exact piece(message.substr(given, how.next(message.size() - given)));
      const std::size_t before = out.size();
      const auto written = writer.append(out, piece);
      if (written) {
        if (*written != out.size() - before) return wrong("append() does not append what it says");
        given += piece.view().size();
        continue;
      }
      if (out.size() != before) return wrong("a refused piece leaves octets behind");
      if (!bare) return wrong("is refused");
      const std::size_t at = given + written.error().offset;
      // Where a bare CR ends a piece, the next one's first octet is what shows it.
      const bool seen_late = bare->code == errc::bare_cr && bare->at + 1 == given && at == given;
      if (written.error().code != bare->code || (at != bare->at && !seen_late)) return wrong("is refused elsewhere");
      // Nothing has changed: what stands before the bare octet is still accepted.
      if (seen_late) return {};
      if (!writer.append(out, message.substr(given, bare->at - given)) || out != stuff(message.substr(0, bare->at)))
        return wrong("a refused piece changes what comes after it");
      return {};
    }
    const std::string stuffed = stuff(message);
    if (bare && (bare->code == errc::bare_lf || bare->at + 1 != message.size())) return wrong("is not refused");
    if (out != stuffed) return wrong("is written as " + quoted(out));
    const auto end = writer.finish(out);
    if (bare) return end ? wrong("its last CR is not refused") : objection();
    const bool complete = message.empty() || message.ends_with("\r\n");
    const std::string whole = stuffed + (complete ? "" : "\r\n") + ".\r\n";
    if (!end || out != whole) return wrong("is ended as " + quoted(out));
    const received_body back = receive_body(out);
    if (!back.ended || back.used != out.size() || back.bare) return wrong("does not end where it is ended");
    if (back.message != std::string(message) + (complete ? "" : "\r\n")) return wrong("is another message when read");
    body_framer framer;
    return compare_bodies(back, frame(framer, out, how), how);
  };
  if (objection found = judge(reads::whole())) return found;
  return for_each_cut(message, how_much, judge);
}

} // namespace postel::fuzz
