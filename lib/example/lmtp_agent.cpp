// A delivery agent: LMTP (RFC 2033) from a mail server on the same machine, messages into Maildirs, an answer for each recipient. One thread
// a connection, with plain poll(), recv() and send().
//   lmtp_agent DOMAIN PORT FOLDER [SECONDS]   FOLDER/ann/{tmp,new,cur} is ann@DOMAIN; port 0: any, it is printed; how long a client may take
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>

#include "answers.hpp"
#include "drain.hpp"
#include "envelope.hpp"
#include "maildir.hpp"
#include "postel/server.hpp"
#include "progress.hpp"

namespace {

namespace event = postel::event;
using status = postel::enhanced_status_code;
using steady = std::chrono::steady_clock;

struct options {
  postel::policy rules;
  std::string root;
  std::chrono::seconds patience;
};

class agent {
 public:
  agent(int fd, const options& wanted) : connection_(fd), wanted_(wanted), session_(wanted.rules) {
    envelope_.client_address = "[127.0.0.1]";
  }

  void run() {
    if (!session_.open(out_)) return;
    for (bool more = false; say();) {
      if (session_.closed()) {
        drain(connection_.get());
        break;
      }
      if (more || read()) more = process();
    }
    session_.peer_closed(); // a message that was under way goes with us
  }

 private:
  // A write that takes too long is an end without a word: the client does not read.
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
    if (!ready(POLLIN)) {
      session_.timed_out(out_);
      until_ = steady::now() + drain_time; // for our last word
      return false;
    }
    std::array<char, std::size_t{64} * 1024> block;
    const ssize_t got = recv(connection_.get(), block.data(), block.size(), 0);
    if (got <= 0) return session_.peer_closed(), false;
    unread_.append(block.data(), static_cast<std::size_t>(got));
    return true;
  }

  // False: it took too long.
  bool ready(short what) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - steady::now());
    pollfd wanted{connection_.get(), what, 0};
    return left.count() > 0 && poll(&wanted, 1, static_cast<int>(left.count())) == 1;
  }

  // True if it has to be called again once out_ was written.
  bool process() {
    const std::size_t before = unread_.size();
    const auto waits = take_steps(session_, unread_, out_, [this](const auto& what) { on(what); });
    progress_.took(before - unread_.size());
    if (progress_.made()) until_ = steady::now() + wanted_.patience;
    return waits.has_value();
  }

  void on(const postel::server_event& what) {
    progress_.on(what);
    if (const auto* hello = std::get_if<event::hello>(&what)) {
      envelope_.client = hello->client.text;
    } else if (const auto* mail = std::get_if<event::sender>(&what)) {
      message_ = {}; // of a transaction that came to nothing
      envelope_.begin(*mail);
    } else if (const auto* rcpt = std::get_if<event::recipient>(&what)) {
      const postel::path& to = rcpt->command.to;
      auto mailbox = maildir::find(wanted_.root, to);
      if (!to.is_postmaster() && !postel::equal_ignoring_case(to.domain, wanted_.rules.host)) mailbox = std::nullopt;
      if (mailbox)
        envelope_.add(to, std::move(*mailbox));
      else
        give_answer(session_, {550, "No such mailbox", status{5, 1, 1}}, out_);
    } else if (const auto* body = std::get_if<event::body>(&what)) {
      envelope_.begin_file(message_, session_, wanted_.rules.host);
      message_.write(body->bytes);
    } else if (std::holds_alternative<event::chunk_end>(what) && message_.failed()) {
      give_answer(session_, {452, "Can't store the message now", status{4, 3, 1}},
                  out_); // why let the client send the rest?
    } else if (std::holds_alternative<event::message_end>(what)) {
      deliver();
    }
    accept_owed(session_, out_); // what is left to answer, if anything is
  }

  // For each recipient what came of it (RFC 2033 4.2): the client tries again for those who failed, and for them only. A recipient who was
  // named twice has one copy and two answers.
  void deliver() {
    envelope_.begin_file(message_, session_, wanted_.rules.host);
    const bool written = message_.sync();
    for (const std::string& mailbox : envelope_.mailboxes) {
      if (!written)
        give_answer(session_, {452, "Can't store the message now", status{4, 3, 1}}, out_);
      else if (!message_.deliver(mailbox))
        give_answer(session_, {450, "Can't use the mailbox now", status{4, 2, 0}}, out_);
      else
        give_answer(session_, {250, "Delivered", status{2, 1, 5}}, out_);
    }
    message_ = {};
  }

  maildir::descriptor connection_;
  const options& wanted_;
  postel::server session_;
  std::string unread_, out_;
  envelope envelope_;
  maildir::message message_;
  progress progress_;
  steady::time_point until_ = steady::now() + wanted_.patience;
};

constexpr int most_connections = 100; // at a time; others wait to be accepted

} // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return std::fputs("usage: lmtp_agent DOMAIN PORT FOLDER [SECONDS]\n", stderr), 64;
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  static options wanted{
      .rules = {.host = argv[1], .protocol = postel::service::lmtp},
      .root = argv[3],
      .patience = argc == 5 ? std::chrono::seconds(std::atoi(argv[4])) : minimum(postel::timeout::server)};
  wanted.rules.offer.insert(postel::extension::chunking);

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
  static std::counting_semaphore<most_connections> room(most_connections);
  for (;;) {
    room.acquire();
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      sleep(1); // out of descriptors, most likely
      room.release();
      continue;
    }
    std::thread([fd] {
      agent(fd, wanted).run();
      room.release();
    }).detach();
  }
}
