// As little as a server with epoll can be: mail for one domain goes into one Maildir, and is there for good when it is answered with 250.
// epoll_server.cpp also ends well on a signal, and does not look at every connection to find those that get nowhere.
//   small_server DOMAIN PORT FOLDER     port 0: any, standard error says which; FOLDER/{tmp,new,cur}
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "answers.hpp"
#include "envelope.hpp"
#include "maildir.hpp"
#include "postel/server.hpp"
#include "progress.hpp"

namespace {

namespace event = postel::event;
using steady = std::chrono::steady_clock;

struct connection {
  postel::server session;
  std::string unread = {}, out = {};
  envelope about = {.client_address = "[127.0.0.1]"}; // we listen nowhere else
  maildir::message message = {};
  progress getting_on = {};
  steady::time_point until = {}; // how long the client has to get on
};

// Decides what the session asks, takes what it hands out.
void on_event(connection& c, const postel::server_event& what, std::string_view domain, const std::string& mailbox) {
  c.getting_on.on(what);
  if (const auto* hello = std::get_if<event::hello>(&what)) {
    c.about.client = hello->client.text;
  } else if (const auto* mail = std::get_if<event::sender>(&what)) {
    c.message = {}; // of a transaction that came to nothing
    c.about.begin(*mail);
  } else if (const auto* rcpt = std::get_if<event::recipient>(&what)) {
    const postel::path& to = rcpt->command.to;
    if (to.is_postmaster() || postel::equal_ignoring_case(to.domain, domain))
      c.about.add(to, mailbox);
    else
      give_answer(c.session, {550, "No relaying"}, c.out);
  } else if (const auto* body = std::get_if<event::body>(&what)) {
    c.about.begin_file(c.message, c.session, domain);
    c.message.write(body->bytes);
  } else if (std::holds_alternative<event::message_end>(what)) {
    c.about.begin_file(c.message, c.session, domain);
    if (!c.message.sync() || !c.message.deliver(mailbox)) give_answer(c.session, {452, "Can't store it now"}, c.out);
    c.message = {};
  }
  accept_owed(c.session, c.out); // what is left to answer, if anything is
}

// Reads once, deals with what is there, and answers as far as the client takes it. False if the connection is over.
bool on_ready(int fd, connection& c, std::string_view domain, const std::string& mailbox) {
  if (c.out.empty()) {
    static char block[65536];
    const ssize_t got = recv(fd, block, sizeof block, 0);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    if (c.session.closed()) return true; // forgotten, but read: to close before would lose our last reply
    c.unread.append(block, static_cast<std::size_t>(got));
    c.getting_on.took(static_cast<std::size_t>(got));
  }
  for (bool more = true; more;) {
    const auto waits =
        take_steps(c.session, c.unread, c.out, [&](const auto& what) { on_event(c, what, domain, mailbox); });
    const ssize_t sent = send(fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    c.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    more = waits == event::wait::reason::output && c.out.empty();
  }
  if (c.getting_on.made()) c.until = steady::now() + minimum(postel::timeout::server);
  if (c.session.closed() && c.out.empty()) shutdown(fd, SHUT_WR);
  return true;
}

// What was under way goes with the connection: a message that is not complete is none.
void serve(int listener, const postel::policy& rules, const std::string& mailbox) {
  std::map<int, connection> connections;                                        // by descriptor
  const auto most = (static_cast<std::size_t>(sysconf(_SC_OPEN_MAX)) - 16) / 2; // each may have a file
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event interest{EPOLLIN, {.fd = listener}}, ready[64];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &interest);
  for (auto look = steady::now();;) {
    for (int i = 0, count = epoll_wait(epoll, ready, 64, 60'000); i < count; ++i) {
      const bool fresh = ready[i].data.fd == listener;
      const int fd = fresh ? accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC) : ready[i].data.fd;
      if (fd < 0) continue;
      connection& c = connections.try_emplace(fd, postel::server(rules)).first->second;
      if (fresh) c.until = steady::now() + minimum(postel::timeout::server);
      const bool begun = !fresh || (connections.size() > most ? c.session.decline({421, "Too many connections"}, c.out)
                                                              : c.session.open(c.out));
      const bool over = !begun || !on_ready(fd, c, rules.host, mailbox) || (fresh && c.session.closed());
      interest = {c.out.empty() ? EPOLLIN : EPOLLOUT, {.fd = fd}};
      if (!over && epoll_ctl(epoll, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &interest) == 0) continue;
      close(fd);
      connections.erase(fd);
    }
    const auto now = steady::now();
    if (now < look) continue;
    look = now + std::chrono::minutes(1);
    for (auto& [fd, c] : connections) {
      if (c.until > now) continue;
      c.session.timed_out(c.out);
      send(fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
      c.out.clear();
      shutdown(fd, SHUT_RDWR); // so that epoll says that it is over
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: small_server DOMAIN PORT FOLDER\n", stderr), 64;
  if (!maildir::make(argv[3])) return std::perror(argv[3]), 1;
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{AF_INET, htons(static_cast<std::uint16_t>(std::atoi(argv[2]))), {htonl(INADDR_LOOPBACK)}, {}};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int yes = 1; // connections of a process before us may still be known
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener < 0 || bind(listener, generic, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, generic, &size) != 0)
    return std::perror("small_server"), 1;
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  postel::policy rules{.host = argv[1]};
  rules.offer.insert(postel::extension::chunking);
  if (std::string greeting; !postel::server(rules).open(greeting)) return std::fputs("no domain\n", stderr), 64;
  serve(listener, rules, argv[3]);
}
