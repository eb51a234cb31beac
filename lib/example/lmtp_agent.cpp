// A delivery agent: LMTP (RFC 2033) from a mail server on the same machine, messages into Maildirs, an answer for each recipient. One thread
// a connection, with plain poll(), recv() and send().
//   lmtp_agent DOMAIN PORT FOLDER      FOLDER/ann/{tmp,new,cur} is ann@DOMAIN; port 0: any, it is printed
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "envelope.hpp"
#include "maildir.hpp"
#include "postel/server.hpp"

namespace {

namespace event = postel::event;
using status = postel::enhanced_status_code;

class agent {
 public:
  agent(int fd, const postel::policy& rules, const std::string& root)
      : connection_(fd), rules_(rules), root_(root), session_(rules) {
    envelope_.client_address = "[127.0.0.1]";
  }

  void run() {
    if (!session_.open(out_)) return;
    for (bool more = false; say() && !session_.closed();)
      if (more || read()) more = process();
    session_.peer_closed(); // a message that was under way goes with us
  }

 private:
  bool say() {
    for (std::string_view rest = out_; !rest.empty();) {
      const ssize_t sent =
          ready(POLLOUT) ? send(connection_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
      if (sent < 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    out_.clear();
    return true;
  }

  // False: nothing was read; the session is over.
  bool read() {
    if (!ready(POLLIN)) return session_.timed_out(out_), false;
    std::array<char, std::size_t{64} * 1024> block;
    const ssize_t got = recv(connection_.get(), block.data(), block.size(), 0);
    if (got <= 0) return session_.peer_closed(), false;
    unread_.append(block.data(), static_cast<std::size_t>(got));
    return true;
  }

  bool ready(short what) {
    pollfd wanted{connection_.get(), what, 0};
    const std::chrono::milliseconds patience = minimum(postel::timeout::server);
    return poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
  }

  // True if it has to be called again once out_ was written.
  bool process() {
    return take_steps(session_, unread_, out_, [this](const auto& what) { on(what); }).has_value();
  }

  void on(const postel::server_event& what) {
    if (const auto* hello = std::get_if<event::hello>(&what)) {
      envelope_.client = hello->client.text;
    } else if (const auto* mail = std::get_if<event::sender>(&what)) {
      message_ = {}; // of a transaction that came to nothing
      envelope_.begin(*mail);
    } else if (const auto* rcpt = std::get_if<event::recipient>(&what)) {
      const postel::path& to = rcpt->command.to;
      auto mailbox = maildir::find(root_, to);
      if (!to.is_postmaster() && !postel::equal_ignoring_case(to.domain, rules_.host)) mailbox = std::nullopt;
      if (mailbox)
        envelope_.add(to, std::move(*mailbox));
      else
        session_.answer({550, "No such mailbox", status{5, 1, 1}}, out_);
    } else if (const auto* body = std::get_if<event::body>(&what)) {
      if (begin_message()) message_.write(body->bytes);
    } else if (std::holds_alternative<event::message_end>(what)) {
      deliver();
    }
    session_.accept(out_); // what is left to answer, if anything is
  }

  bool begin_message() {
    if (message_.is_open()) return true;
    std::string name = maildir::message::unique_name();
    const auto fields = envelope_.trace(session_, rules_.host, maildir::message::id_of(name));
    if (!fields || !message_.open(envelope_.mailboxes.front(), std::move(name))) return false;
    message_.write(*fields);
    return true;
  }

  // For each recipient what came of it (RFC 2033 4.2): the client tries again for those who failed, and for them only. A recipient who was
  // named twice has one copy and two answers.
  void deliver() {
    const bool written = begin_message() && message_.sync();
    for (const std::string& mailbox : envelope_.mailboxes) {
      if (!written)
        session_.answer({452, "Can't store the message now", status{4, 3, 1}}, out_);
      else if (!message_.deliver(mailbox))
        session_.answer({450, "Can't use the mailbox now", status{4, 2, 0}}, out_);
      else
        session_.answer({250, "Delivered", status{2, 1, 5}}, out_);
    }
    message_ = {};
  }

  maildir::descriptor connection_;
  const postel::policy& rules_;
  const std::string& root_;
  postel::server session_;
  std::string unread_, out_;
  envelope envelope_;
  maildir::message message_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: lmtp_agent DOMAIN PORT FOLDER\n", stderr), 64;
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  static postel::policy rules{.host = argv[1], .protocol = postel::service::lmtp};
  rules.offer.insert(postel::extension::chunking);
  static const std::string root = argv[3];

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  // LMTP is for neighbours: nobody else may come (RFC 2033 5).
  sockaddr_in address{AF_INET, htons(static_cast<std::uint16_t>(std::atoi(argv[2]))), {htonl(INADDR_LOOPBACK)}, {}};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, generic, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, generic, &size) != 0)
    return std::perror("lmtp_agent"), 1;
  std::printf("lmtp on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0)
      std::thread([fd] { agent(fd, rules, root).run(); }).detach();
    else
      sleep(1); // out of descriptors, most likely
  }
}
