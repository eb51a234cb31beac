// An SMTP server on standard input and output, as inetd or socat would start it: the whole protocol, no socket in sight. Mail for example.org
// goes to a Maildir.
//     stdio_server MAILDIR
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>

#include "maildir.hpp"
#include "postel/server.hpp"

namespace {

// For good, before the client hears that it is: RFC 5321 4.2.5.
bool keep(const std::string& folder, const std::string& message) {
  maildir::message file;
  file.open(folder, maildir::message::unique_name());
  file.write(message);
  return file.sync() && file.deliver(folder);
}

// [embed]
// Deals with the octets that were read so far, and keeps each message, once it is complete. Gives what the session waits for; nothing if it
// needs more octets.
auto on_octets(postel::server& session, std::string& unread, std::string& message, std::string& out,
               const std::string& folder) {
  return postel::take_steps(session, unread, out, [&](const postel::server_event& what) {
    std::optional<postel::reply> refusal;
    if (std::holds_alternative<postel::event::sender>(what))
      message.clear(); // of a transaction that came to nothing
    else if (const auto* rcpt = std::get_if<postel::event::recipient>(&what)) {
      const postel::path& to = rcpt->command.to; // <Postmaster> has no domain, and others have theirs in any case
      if (!to.is_postmaster() && !postel::equal_ignoring_case(to.domain, "example.org"))
        refusal = {550, "No such user"};
    } else if (const auto* body = std::get_if<postel::event::body>(&what))
      message += body->bytes; // a view into unread: nothing was copied so far
    else if (std::holds_alternative<postel::event::message_end>(what) && !keep(folder, message))
      refusal = {452, "Can't keep it now"}; // a 250 takes responsibility for the message
    if (session.pending_answers() == 0) return;
    const auto answered = refusal ? session.answer(*refusal, out) : session.accept(out);
    if (!answered) session.shut_down(out); // 421, for a text that no reply can have: the client must not wait for ever
  });
}
// [embed]

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: stdio_server MAILDIR\n", stderr), 64;
  const std::string folder = argv[1];
  const postel::policy rules{.host = "mx.example.org"};
  postel::server session(rules);
  std::string unread, message, out;
  if (!session.open(out)) return 1;
  for (bool again = true;;) {
    for (std::string_view rest = out; !rest.empty();) {
      const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
      if (written <= 0) return 1;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    out.clear();
    if (session.closed()) return 0;
    if (!again) {
      char block[4096];
      const ssize_t octets = read(STDIN_FILENO, block, sizeof block);
      if (octets <= 0) return 0;
      unread.append(block, static_cast<std::size_t>(octets));
    }
    again = on_octets(session, unread, message, out, folder).has_value();
  }
}
