// An SMTP server on standard input and output, as inetd or socat would start it: the whole protocol, no socket in sight.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "postel/server.hpp"

namespace {

// [embed]
// Deals with the octets that were read so far. True if it has to be called again once out was written; false if it needs more octets.
bool on_octets(postel::server& session, std::string& unread, std::string& message, std::string& out) {
  const auto waits = postel::take_steps(session, unread, out, [&](const postel::server_event& what) {
    if (const auto* rcpt = std::get_if<postel::event::recipient>(&what))
      session.answer(
          rcpt->command.to.domain == "example.org" ? postel::reply{250, "OK"} : postel::reply{550, "No such user"},
          out);
    else if (const auto* body = std::get_if<postel::event::body>(&what))
      message += body->bytes; // a view into unread: nothing was copied so far
    else if (session.answer_owed())
      session.accept(out);
  });
  return waits.has_value();
}
// [embed]

} // namespace

int main() {
  const postel::policy rules{.host = "mx.example.org"};
  postel::server session(rules);
  std::string unread, message, out;
  session.open(out);
  for (bool again = true;;) {
    if (write(STDOUT_FILENO, out.data(), out.size()) != static_cast<ssize_t>(out.size())) return 1;
    out.clear();
    if (session.closed()) break;
    if (!again) {
      char block[4096];
      const ssize_t octets = read(STDIN_FILENO, block, sizeof block);
      if (octets <= 0) return 0;
      unread.append(block, static_cast<std::size_t>(octets));
    }
    again = on_octets(session, unread, message, out);
  }
  std::fprintf(stderr, "%zu octets of mail\n", message.size());
  return 0;
}
