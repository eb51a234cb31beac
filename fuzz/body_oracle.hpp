// What is asked of the framer and the stuffer of message bodies.
#pragma once

#include <string>
#include <string_view>

#include "allocations.hpp"
#include "body_reference.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "parser_oracle.hpp"
#include "postel/body.hpp"
#include "postel/stuffing.hpp"
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
    return in_words("framer, ", how.name(), ": ", what, "\n  message:  ", in_quotes(framed.body.message),
                    "\n  expected: ", in_quotes(expected.message));
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

// What a stuffer under test makes of a message.
struct stuffed_body {
  std::string wire;
  std::size_t given = 0; // octets of the message that are done with
  std::optional<errc> refused;
  objection wrong;
};

// Hands over message in pieces until the stuffer refuses one.
template <typename Stuffer>
stuffed_body stuff(Stuffer& stuffer, std::string_view message, reads how) {
  stuffed_body made;
  while (made.given != message.size()) {
    const test::exact piece(message.substr(made.given, how.next(message.size() - made.given)));
    for (std::string_view rest = piece; !rest.empty();) {
      const std::uint64_t before = allocations();
      const auto step = stuffer.next(rest);
      const auto wrong = [&](std::string_view what) {
        made.wrong = in_words("stuffer, ", how.name(), ", of ", in_quotes(message), ": ", what);
        return made;
      };
      if (allocations() != before) return wrong("allocates");
      if (!step) {
        made.refused = step.error().code;
        return made;
      }
      if (step->used > rest.size()) return wrong("uses more than there is");
      // Each octet is used at once, but for a CR to be judged and a dot to be doubled.
      if (step->used + step->bytes.size() == 0) return wrong("makes no progress");
      if (!is_inside(step->bytes, rest) && step->bytes != "\r\n") return wrong("a view points elsewhere");
      made.wire += step->bytes;
      made.given += step->used;
      rest.remove_prefix(step->used);
      if (made.wire.size() > 2 * message.size() + 2) return wrong("makes no progress");
    }
  }
  return made;
}

// The message is written as the reference writes it, in any cut, and by the policy refused or converted where it has a bare CR or LF; what
// is written, a framer reads back.
template <typename Stuffer = body_stuffer>
objection judge_stuffer(std::string_view message, body_stuffer::bare policy, effort how_much) {
  const bool converts = policy == body_stuffer::bare::convert;
  const auto bare = converts ? std::nullopt : first_bare(message);
  const std::string meant = converts ? with_line_ends(message) : std::string(message);
  const auto judge = [&](reads how) -> objection {
    const auto wrong = [&](std::string_view what) {
      return in_words("stuffer, ", how.name(), ", of ", in_quotes(message), converts ? ", converting: " : ": ", what);
    };
    Stuffer stuffer(policy);
    stuffed_body made = stuff(stuffer, message, how);
    if (made.wrong) return made.wrong;
    if (made.refused) {
      if (!bare) return wrong("is refused");
      // A bare CR that ends a piece is seen with the next one's first octet.
      const bool late = *made.refused == errc::bare_cr && bare->at + 1 == made.given;
      if (*made.refused != bare->code || (made.given != bare->at && !late)) return wrong("is refused elsewhere");
      const std::string before(message.substr(0, bare->at));
      if (made.wire != stuff(before)) return wrong("before what is refused stands " + in_quotes(made.wire));
      // Nothing has changed: another piece comes in its place.
      const std::string_view instead = late ? "\n.\r\n" : ".\r\n";
      const stuffed_body after = stuff(stuffer, instead, reads::whole());
      if (after.wrong) return after.wrong;
      if (after.refused || made.wire + after.wire != stuff(before + (late ? "\r" : "") + std::string(instead)))
        return wrong("a refused piece changes what comes after it");
      return {};
    }
    // A CR as the last octet is bare as far as finish() can tell.
    if (bare && (bare->code == errc::bare_lf || bare->at + 1 != message.size())) return wrong("is not refused");
    const auto end = stuffer.finish();
    if (bare) return end ? wrong("its last CR is not refused") : objection();
    if (!end) return wrong("its end is refused");
    made.wire += *end;
    const bool complete = meant.empty() || meant.ends_with("\r\n");
    if (made.wire != stuff(meant) + (complete ? "" : "\r\n") + ".\r\n")
      return wrong("is written as " + in_quotes(made.wire));
    const received_body back = receive_body(made.wire);
    if (!back.ended || back.used != made.wire.size() || back.bare) return wrong("does not end where it is ended");
    if (back.message != meant + (complete ? "" : "\r\n")) return wrong("is another message when read");
    body_framer framer;
    return compare_bodies(back, frame(framer, made.wire, how), how);
  };
  if (objection found = judge(reads::whole())) return found;
  return for_each_cut(message, how_much, judge);
}

template <typename Stuffer = body_stuffer>
objection judge_stuffer(std::string_view message, effort how_much) {
  for (const auto policy : {body_stuffer::bare::refuse, body_stuffer::bare::convert})
    if (objection found = judge_stuffer<Stuffer>(message, policy, how_much)) return found;
  return {};
}

} // namespace postel::fuzz
