// An SMTP server with epoll: one thread, as many connections as there are descriptors, mail for one domain into one Maildir. The thread waits
// for the disk, and all clients with it: asio_server.cpp has threads for that.
//   epoll_server DOMAIN PORT FOLDER [SECONDS]  port 0: any, standard error says which; FOLDER/{tmp,new,cur}; how long a client may take
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <list>
#include <span>
#include <string>
#include <string_view>

#include "answers.hpp"
#include "descriptors.hpp"
#include "envelope.hpp"
#include "maildir.hpp"
#include "postel/server.hpp"
#include "progress.hpp"

namespace {

namespace event = postel::event;
using steady = std::chrono::steady_clock;

struct connection {
  int fd;
  postel::server session;
  std::list<connection>::iterator self = {};
  std::string unread = {}, out = {};
  envelope about = {};
  maildir::message message = {};
  progress getting_on = {};
  steady::time_point heard = steady::now(); // of progress
  bool writing = false;                     // epoll waits until we can write, not until we can read
};

struct epoll_server {
  postel::policy rules;
  std::string mailbox;
  std::chrono::seconds patience;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  static constexpr std::size_t most_declined = 16; // at a time
  // Each has a socket and a file. The rest of the descriptors is our own, and for those whom we decline.
  std::size_t most_connections = (std::max<std::size_t>(ask_for_descriptors(20000), 50) - 48) / 2, messages = 0;
  std::list<connection> connections = {}; // the one that got nowhere for the longest time stands first
  char block[65536] = {};

  // Decides what the session asks, takes what it hands out.
  void on_event(connection& c, const postel::server_event& what) {
    using status = postel::enhanced_status_code;
    c.getting_on.on(what);
    if (const auto* hello = std::get_if<event::hello>(&what)) {
      c.about.client = hello->client.text;
    } else if (const auto* mail = std::get_if<event::sender>(&what)) {
      c.message = {}; // of a transaction that came to nothing
      c.about.begin(*mail);
    } else if (const auto* rcpt = std::get_if<event::recipient>(&what)) {
      const postel::path& to = rcpt->command.to;
      if (to.is_postmaster() || postel::equal_ignoring_case(to.domain, rules.host))
        c.about.add(to, mailbox);
      else
        give_answer(c.session, {550, "No relaying", status{5, 7, 1}}, c.out);
    } else if (const auto* body = std::get_if<event::body>(&what)) {
      c.about.begin_file(c.message, c.session, rules.host);
      c.message.write(body->bytes);
    } else if (std::holds_alternative<event::message_end>(what)) {
      c.about.begin_file(c.message, c.session, rules.host);
      if (c.message.sync() && c.message.deliver(mailbox))
        ++messages;
      else
        give_answer(c.session, {452, "Can't store the message now", status{4, 3, 1}}, c.out);
      c.message = {};
    }
    accept_owed(c.session, c.out); // what is left to answer, if anything is
  }

  bool flush(connection& c) {
    const ssize_t sent = c.out.empty() ? 0 : send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (sent > 0) c.out.erase(0, static_cast<std::size_t>(sent));
    return sent >= 0 || errno == EAGAIN || errno == EINTR;
  }

  // Reads once, so that nobody is kept waiting by a client that sends much; deals with it, and answers. False if the connection is over.
  bool on_ready(connection& c) {
    if (!c.writing) {
      const ssize_t got = recv(c.fd, block, sizeof block, 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
      // What comes behind the end is read and forgotten: to close before would reset the connection, and perhaps lose our last reply.
      if (c.session.closed()) return true;
      if (got > 0) c.unread.append(block, static_cast<std::size_t>(got));
    }
    for (bool more = true; more;) {
      const std::size_t before = c.unread.size();
      const auto waits = take_steps(c.session, c.unread, c.out, [&](const auto& what) { on_event(c, what); });
      c.getting_on.took(before - c.unread.size());
      if (!flush(c)) return false;
      // A client that does not read its replies is given no more of them.
      more = waits == event::wait::reason::output && c.out.empty();
    }
    if (c.session.closed() && c.out.empty()) shutdown(c.fd, SHUT_WR);
    if (c.writing == c.out.empty()) {
      c.writing = !c.writing;
      epoll_event change{c.writing ? EPOLLOUT : EPOLLIN, {.ptr = &c}};
      epoll_ctl(epoll, EPOLL_CTL_MOD, c.fd, &change);
    }
    if (c.getting_on.made()) made_progress(c);
    return true;
  }

  void made_progress(connection& c) {
    c.heard = steady::now();
    connections.splice(connections.end(), connections, c.self);
  }

  void on_connection(int fd) {
    connection& c = connections.emplace_back(connection{fd, postel::server(rules)});
    c.self = std::prev(connections.end());
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    c.about.client_address = "[127.0.0.1]"; // we listen nowhere else
    epoll_event readable{EPOLLIN, {.ptr = &c}};
    // For those beyond the declined ones there is not even a 421.
    bool alive =
        connections.size() <= most_connections + most_declined && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &readable) == 0;
    if (alive && connections.size() <= most_connections)
      alive = c.session.open(c.out).has_value();
    else if (alive)
      alive = c.session.decline({421, "Too many connections"}, c.out).has_value();
    if (!alive || !flush(c)) return close(c);
    if (c.session.closed()) shutdown(fd, SHUT_WR);
  }

  // A message that was under way is none: it goes with the connection.
  void close(connection& c) {
    c.session.peer_closed();
    ::close(c.fd);
    connections.erase(c.self);
  }

  // Tells who got nowhere for too long, and cuts him off if he does not hang up in as long again; gives the milliseconds until the next one
  // will have been.
  int on_time() {
    while (!connections.empty()) {
      connection& c = connections.front();
      const auto left = c.heard + patience - steady::now();
      if (left.count() > 0) return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
      const bool told = c.session.closed();
      c.session.timed_out(c.out);
      if (told || !flush(c)) {
        close(c);
      } else {
        shutdown(c.fd, SHUT_WR);
        made_progress(c);
      }
    }
    return -1;
  }

  void run(int listener, int signals) {
    epoll_event on_listener{EPOLLIN, {.ptr = &listener}}, on_signal{EPOLLIN, {.ptr = &signals}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &on_listener);
    epoll_ctl(epoll, EPOLL_CTL_ADD, signals, &on_signal);
    for (epoll_event ready[64];;) {
      const int count = epoll_wait(epoll, ready, 64, on_time());
      for (const epoll_event& each : std::span(ready, static_cast<std::size_t>(std::max(count, 0)))) {
        if (each.data.ptr == &signals) return stop();
        if (each.data.ptr == &listener) {
          const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
          if (fd >= 0) on_connection(fd);
        } else if (auto& c = *static_cast<connection*>(each.data.ptr); !on_ready(c)) {
          close(c);
        }
      }
    }
  }

  void stop() {
    for (; !connections.empty(); close(connections.front())) {
      connections.front().session.shut_down(connections.front().out);
      flush(connections.front());
    }
  }
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return std::fputs("usage: epoll_server DOMAIN PORT FOLDER [SECONDS]\n", stderr), 64;
  if (!maildir::make(argv[3])) return std::perror(argv[3]), 1;
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  const int signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{AF_INET, htons(static_cast<std::uint16_t>(std::atoi(argv[2]))), {htonl(INADDR_LOOPBACK)}, {}};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, generic, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, generic, &size) != 0)
    return std::perror("epoll_server"), 1;
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));

  const std::chrono::seconds patience =
      argc == 5 ? std::chrono::seconds(std::atoi(argv[4])) : minimum(postel::timeout::server);
  static epoll_server server{.rules = {.host = argv[1]}, .mailbox = argv[3], .patience = patience};
  server.rules.offer.insert(postel::extension::chunking);
  server.run(listener, signals);
  std::fprintf(stderr, "%zu messages\n", server.messages);
  return 0;
}
