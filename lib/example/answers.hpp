// The answers to a session's decisions, so that none is lost: a client whose command has no answer waits for ever, and so does its session.
#pragma once

#include <cstdio>
#include <string>

#include "postel/server.hpp"

// Gives the answer. One that can't be given is our own mistake: a text that no reply can have (an octet above 127, say), or a code that the
// command does not have. The client hears 451 then, and standard error the reason.
inline void give_answer(postel::server& session, const postel::reply& answer, std::string& out) {
  const auto given = session.answer(answer, out);
  if (given) return;
  const std::string_view why = message(given.error().code);
  std::fprintf(stderr, "the answer %u can't be given: %.*s\n", answer.code, static_cast<int>(why.size()), why.data());
  if (session.pending_answers() != 0 && !session.answer({451, "Local error"}, out)) session.shut_down(out);
}

// The usual positive answer, if one is owed.
inline void accept_owed(postel::server& session, std::string& out) {
  if (session.pending_answers() != 0 && !session.accept(out)) session.shut_down(out);
}
