// An SMTP server on standard input and output, as inetd or socat would start it: the whole protocol, no socket in sight.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "postel/server.hpp"

namespace {

// [embed]
// Deals with the octets that were read so far; false when the session is over.
bool on_octets(postel::server& session, std::string& unread, std::string& message, std::string& out) {
  for (;;) {
    const auto [event, used] = session.next(unread, out);
    if (const auto* rcpt = std::get_if<postel::event::recipient>(&event))
      session.answer(
          rcpt->command.to.domain == "example.org" ? postel::reply{250, "OK"} : postel::reply{550, "No such user"},
          out);
    else if (const auto* body = std::get_if<postel::event::body>(&event))
      message += body->bytes; // a view into unread: nothing was copied so far
    else if (session.answer_owed())
      session.accept(out);
    unread.erase(0, used);
    if (std::holds_alternative<postel::event::need_more>(event)) return !session.closed();
  }
}
// [embed]

} // namespace

int main() {
  const postel::policy rules{.host = "mx.example.org"};
  postel::server session(rules);
  std::string unread, message, out;
  session.open(out);
  char block[4096];
  for (bool open = true; open;) {
    if (write(STDOUT_FILENO, out.data(), out.size()) != static_cast<ssize_t>(out.size())) return 1;
    out.clear();
    const ssize_t octets = read(STDIN_FILENO, block, sizeof block);
    if (octets <= 0) return 0;
    unread.append(block, static_cast<std::size_t>(octets));
    open = on_octets(session, unread, message, out);
  }
  if (write(STDOUT_FILENO, out.data(), out.size()) != static_cast<ssize_t>(out.size())) return 1;
  std::fprintf(stderr, "%zu octets of mail\n", message.size());
  return 0;
}
