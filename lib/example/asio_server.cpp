// A mail server with Asio's coroutines: SMTP and submission, STARTTLS, AUTH PLAIN, messages into Maildirs. One thread talks, some others wait
// for the disk. 250 is said when a message would survive the loss of power; a message never stands in memory.
#include <algorithm>
#include <array>
#include <asio.hpp>
#include <asio/ssl.hpp>
#if __has_include(<asio/as_tuple.hpp>)
#include <asio/as_tuple.hpp>
#else
#include <asio/experimental/as_tuple.hpp> // where it was up to Asio 1.22
#endif
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "answers.hpp"
#include "asio_drain.hpp"
#include "credentials.hpp"
#include "descriptors.hpp"
#include "envelope.hpp"
#include "maildir.hpp"
#include "postel/server.hpp"
#include "progress.hpp"

namespace {

namespace event = postel::event;
using asio::awaitable;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;

#if __has_include(<asio/as_tuple.hpp>)
constexpr auto use_awaitable = asio::as_tuple(asio::use_awaitable); // errors as values
#else
constexpr auto use_awaitable = asio::experimental::as_tuple(asio::use_awaitable);
#endif

struct options {
  std::string root;
  std::string host = "localhost";
  std::string address = "127.0.0.1";
  std::string certificate, key, users;
  std::optional<std::uint16_t> smtp, submission;
  std::size_t connections = 2000;
  std::chrono::seconds timeout = minimum(postel::timeout::server);
  bool discard = false; // messages are received and thrown away
};

constexpr std::size_t most_declined = 16; // at a time; for more there is not even a 421

class connection;

struct mail_server {
  explicit mail_server(const options& o) : wanted(o) {}

  const options& wanted;
  postel::policy smtp, submission;
  credentials users;
  asio::io_context io{1}; // one thread
  asio::thread_pool slow{8};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  std::list<tcp::acceptor> acceptors;
  std::list<connection*> connections; // the one that was silent for the longest time stands first
  asio::steady_timer tick{io};
  std::optional<steady::time_point> stop_at; // SIGTERM came, and by then all is to be over
};

class connection {
 public:
  connection(mail_server& all, const postel::policy& rules, tcp::socket socket, std::string client_address)
      : all_(all), rules_(rules), session_(rules), socket_(std::move(socket)) {
    envelope_.client_address = std::move(client_address);
    self_ = all_.connections.insert(all_.connections.end(), this);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { all_.connections.erase(self_); }

  awaitable<void> run() {
    std::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.native_non_blocking(true, ignored);
    if (all_.connections.size() > all_.wanted.connections + most_declined) co_return;
    const bool begun = all_.connections.size() > all_.wanted.connections
                           ? session_.decline({421, "Too many connections, try again later"}, out_).has_value()
                           : session_.open(out_).has_value();
    if (!begun) co_return;
    for (bool more = false; co_await write();) {
      if (session_.closed()) {
        co_await finish();
        break;
      }
      if (session_.current_state() == postel::server::state::tls && !co_await handshake()) break;
      if (!more && !co_await read()) break;
      more = process();
      while (slow_work_) {
        const postel::reply reply = co_await in_background();
        give_answer(session_, reply, out_);
        more = process();
      }
    }
    session_.peer_closed(); // a message that was under way goes with us
  }

  // What the clock and the operator want. Each lets the operation under way fail, and the session says why it ends.
  void time_out() {
    if (timed_out_) return cut();
    timed_out_ = true;
    heard();
    cancel();
  }
  void cancel() {
    std::error_code ignored;
    socket_.cancel(ignored);
  }
  void cut() {
    std::error_code ignored;
    socket_.close(ignored);
  }
  // Nobody is too slow while it is our answer that is waited for.
  [[nodiscard]] bool waits_for_client() const {
    return timed_out_ || handshaking_ || session_.closed() || session_.deadline() != postel::timeout::none;
  }
  [[nodiscard]] steady::time_point last_heard() const { return heard_; }
  // The client got on, or it is its turn again. Not called for an octet that came: progress.hpp says why.
  void heard() {
    heard_ = steady::now();
    all_.connections.splice(all_.connections.end(), all_.connections, self_);
  }

 private:
  // At least a whole line of AUTH, so that there always is room to read: the session throws away what is longer than it has to be.
  static constexpr std::size_t block_size = std::size_t{32} * 1024;
  static_assert(block_size > postel::auth_line_limit);

  // False: the session is over, with what it had to say said.
  awaitable<bool> read() {
    const auto room = asio::buffer(block_) + end_;
    std::error_code error;
    std::size_t got = 0;
    if (all_.stop_at || timed_out_)
      error = asio::error::operation_aborted;
    else if (tls_)
      std::tie(error, got) = co_await tls_->async_read_some(room, use_awaitable);
    else
      std::tie(error, got) = co_await socket_.async_read_some(room, use_awaitable);
    if (got != 0) {
      end_ += got;
      co_return true;
    }
    if (timed_out_)
      session_.timed_out(out_);
    else if (all_.stop_at)
      session_.shut_down(out_);
    else
      co_return false;
    if (co_await write()) co_await finish();
    co_return false;
  }

  // One write for all replies. In clear it is tried at once: there nearly always is room, and the event loop need not be asked.
  awaitable<bool> write() {
    if (out_.empty()) co_return true;
    std::error_code error;
    if (tls_) {
      std::tie(error, std::ignore) = co_await asio::async_write(*tls_, asio::buffer(out_), use_awaitable);
    } else if (const std::size_t put = socket_.write_some(asio::buffer(out_), error); put != out_.size()) {
      if (error && error != asio::error::would_block) co_return false;
      std::tie(error, std::ignore) = co_await asio::async_write(socket_, asio::buffer(out_) + put, use_awaitable);
    }
    out_.clear();
    heard();
    co_return !error;
  }

  // Deals with what was read. True if there is more to do once out_ was written, or slow_work_ was done.
  bool process() {
    const bool more = take_steps();
    if (progress_.made()) heard();
    return more;
  }
  bool take_steps() {
    std::size_t used = begin_;
    event::wait::reason why{};
    for (bool idle = false; !idle;) {
      const postel::server_step step = session_.next({block_.data() + used, end_ - used}, out_);
      std::visit([this](const auto& e) { on(e); }, step.event);
      used += step.used;
      idle = step.idle();
      progress_.took(step.used);
      if (!idle) progress_.on(step.event);
      if (const auto* const wait = std::get_if<event::wait>(&step.event)) why = wait->until;
      if (std::holds_alternative<event::need_more>(step.event)) {
        std::memmove(block_.data(), block_.data() + used, end_ - used);
        begin_ = 0;
        end_ -= used;
        return false;
      }
    }
    begin_ = used;
    return why == event::wait::reason::output || slow_work_;
  }

  void on(const event::hello& hello) {
    envelope_.client = hello.client.text;
    message_ = {};
    accept_owed(session_, out_);
  }
  void on(const event::sender& mail) {
    message_ = {}; // of a transaction that came to nothing
    envelope_.begin(mail);
    accept_owed(session_, out_);
  }
  void on(const event::recipient& rcpt) {
    using status = postel::enhanced_status_code;
    const postel::path& to = rcpt.command.to;
    if (all_.wanted.discard) {
      accept_owed(session_, out_);
    } else if (!to.is_postmaster() && !postel::equal_ignoring_case(to.domain, rules_.host)) {
      give_answer(session_, {550, "No relaying", status{5, 7, 1}}, out_);
    } else if (auto mailbox = maildir::find(all_.wanted.root, to); !mailbox) {
      give_answer(session_, {550, "No such mailbox", status{5, 1, 1}}, out_);
    } else {
      if (std::ranges::find(envelope_.mailboxes, *mailbox) == envelope_.mailboxes.end())
        envelope_.add(to, std::move(*mailbox));
      accept_owed(session_, out_);
    }
  }
  void on(const event::body& body) {
    if (all_.wanted.discard) return;
    envelope_.begin_file(message_, session_, rules_.host);
    message_.write(body.bytes);
  }
  void on(const event::chunk_end&) {
    if (message_.failed())
      give_answer(session_, not_stored, out_); // why let the client send the rest?
    else
      accept_owed(session_, out_);
  }
  void on(const event::message_end&) {
    if (all_.wanted.discard) {
      accept_owed(session_, out_);
      return;
    }
    envelope_.begin_file(message_, session_, rules_.host);
    slow_work_ = [this]() -> postel::reply {
      const bool safe = message_.deliver(envelope_.mailboxes);
      message_ = {};
      if (!safe) return not_stored;
      return {250, "Stored", postel::enhanced_status_code{2, 6, 0}};
    };
  }
  static constexpr postel::reply not_stored{452, "Can't store the message now", postel::enhanced_status_code{4, 3, 1}};

  void on(const event::start_tls&) { accept_owed(session_, out_); }
  void on(const event::authenticate& auth) {
    if (auth.initial_response)
      check(*auth.initial_response);
    else if (!session_.challenge({}, out_))
      give_answer(session_, {451, "Local error"}, out_);
  }
  void on(const event::auth_response& response) { check(response.base64); }
  void check(std::string_view base64) {
    slow_work_ = [this, response = std::string(base64)]() -> postel::reply {
      if (all_.users.check_plain(response)) return {235, "Welcome", postel::enhanced_status_code{2, 7, 0}};
      return {535, "Wrong credentials", postel::enhanced_status_code{5, 7, 8}};
    };
  }

  // Of a message that was given up nothing is kept.
  void on(const event::reset&) { message_ = {}; }
  void on(const event::refused&) {
    using state = postel::server::state;
    if (session_.current_state() == state::ready || session_.current_state() == state::failed) message_ = {};
  }
  // Decisions that are always taken alike.
  void on(const event::data&) { accept_owed(session_, out_); }
  void on(const event::verify&) { accept_owed(session_, out_); }
  void on(const event::help&) { accept_owed(session_, out_); }
  void on(const event::quit&) { quit_ = true; }
  // Reports that change nothing here, and decisions about what is not offered. No accept() for all of these: event::wait is among them, and
  // comes while slow_work_ is still to give the answer.
  template <typename Event>
  void on(const Event&) {}

  awaitable<postel::reply> in_background() {
    co_await asio::post(asio::bind_executor(all_.slow, asio::use_awaitable));
    const postel::reply reply = slow_work_();
    co_await asio::post(asio::use_awaitable);
    slow_work_ = nullptr;
    heard();
    co_return reply;
  }

  // Whatever came in clear is forgotten (RFC 3207 4.2); the session has ended if there was anything.
  awaitable<bool> handshake() {
    begin_ = end_ = 0;
    handshaking_ = true;
    tls_.emplace(socket_, all_.tls);
    const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, use_awaitable);
    handshaking_ = false;
    co_return !error && session_.tls_started().has_value();
  }

  // Behind QUIT there is nothing that could reset the connection.
  awaitable<void> finish() {
    if (tls_) co_await tls_->async_shutdown(use_awaitable);
    if (!quit_ || begin_ != end_) co_await drain(socket_);
  }

  mail_server& all_;
  const postel::policy& rules_;
  postel::server session_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::list<connection*>::iterator self_;
  steady::time_point heard_ = steady::now();
  progress progress_;
  envelope envelope_;
  maildir::message message_;
  std::function<postel::reply()> slow_work_; // what the decision that is owed takes
  std::string out_;
  std::size_t begin_ = 0, end_ = 0; // of what is unread in block_
  bool timed_out_ = false;
  bool quit_ = false;
  bool handshaking_ = false;
  std::array<char, block_size> block_;
};

std::string address_literal(const asio::ip::address& address) {
  return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + "]"; // RFC 5321 4.1.3
}

awaitable<void> talk(mail_server& all, const postel::policy& rules, tcp::socket socket, tcp::endpoint client) {
  connection c(all, rules, std::move(socket), address_literal(client.address()));
  co_await c.run();
}

awaitable<void> listen(mail_server& all, tcp::acceptor& acceptor, const postel::policy& rules) {
  asio::steady_timer pause(all.io);
  for (;;) {
    tcp::socket socket(all.io);
    tcp::endpoint client;
    const auto [error] = co_await acceptor.async_accept(socket, client, use_awaitable);
    if (all.stop_at) co_return;
    if (!error) {
      asio::co_spawn(all.io, talk(all, rules, std::move(socket), client), asio::detached);
    } else { // out of descriptors, most likely: they come back when connections end
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(use_awaitable);
    }
  }
}

// The clock of all sessions: RFC 5321 4.5.3.2.
awaitable<void> watch(mail_server& all) {
  while (!all.stop_at || !all.connections.empty()) {
    all.tick.expires_after(std::chrono::seconds(1));
    co_await all.tick.async_wait(use_awaitable);
    const auto now = steady::now();
    const auto limit = now - all.wanted.timeout;
    for (auto next = all.connections.begin(); next != all.connections.end();) {
      connection* const c = *next++; // it may move to the end
      if (all.stop_at && now >= *all.stop_at)
        c->cut();
      else if (c->last_heard() > limit)
        break;
      else if (c->waits_for_client())
        c->time_out();
    }
  }
}

awaitable<void> wait_for_signal(mail_server& all, asio::signal_set& signals) {
  co_await signals.async_wait(use_awaitable);
  all.stop_at = steady::now() + std::chrono::seconds(10);
  for (tcp::acceptor& each : all.acceptors) each.close();
  for (connection* const c : all.connections) c->cancel();
  all.tick.cancel();
}

void open_port(mail_server& all, const char* what, std::uint16_t port, const postel::policy& rules) {
  const tcp::endpoint where(asio::ip::make_address(all.wanted.address), port);
  tcp::acceptor& acceptor = all.acceptors.emplace_back(all.io, where);
  std::printf("%s on %s:%d\n", what, all.wanted.address.c_str(), acceptor.local_endpoint().port());
  asio::co_spawn(all.io, listen(all, acceptor, rules), asio::detached);
}

void serve(const options& wanted) {
  mail_server all(wanted);
  all.smtp.host = wanted.host;
  all.smtp.offer.insert(postel::extension::chunking);
  all.smtp.offer.insert(postel::extension::binarymime);
  if (!wanted.certificate.empty()) {
    all.tls.use_certificate_chain_file(wanted.certificate);
    all.tls.use_private_key_file(wanted.key.empty() ? wanted.certificate : wanted.key, asio::ssl::context::pem);
    all.smtp.offer.insert(postel::extension::starttls);
  }
  all.submission = all.smtp;
  all.submission.protocol = postel::service::submission;
  all.submission.offer.insert(postel::extension::auth);
  if (!wanted.users.empty() && !all.users.load(wanted.users)) throw std::runtime_error("can't read " + wanted.users);
  if (!wanted.discard && !maildir::make(wanted.root + "/postmaster")) // RFC 5321 4.5.1
    throw std::runtime_error("can't make mailboxes in " + wanted.root);

  asio::signal_set signals(all.io, SIGTERM, SIGINT); // before anybody knows that we are there
  if (wanted.smtp) open_port(all, "smtp", *wanted.smtp, all.smtp);
  if (wanted.submission) open_port(all, "submission", *wanted.submission, all.submission);
  std::fflush(stdout);
  asio::co_spawn(all.io, wait_for_signal(all, signals), asio::detached);
  asio::co_spawn(all.io, watch(all), asio::detached);
  all.io.run();
}

constexpr const char* usage =
    "asio_server [OPTION...] FOLDER\n"
    "Receives mail for the mailboxes in FOLDER: FOLDER/ann/{tmp,new,cur} is ann@NAME.\n"
    "  --host NAME           our name, and the domain that we take mail for (localhost)\n"
    "  --address ADDRESS     where we listen (127.0.0.1)\n"
    "  --smtp PORT           for SMTP; 0: any, it is printed\n"
    "  --submission PORT     for submission: STARTTLS, then AUTH\n"
    "  --certificate FILE    chain in PEM: offers STARTTLS\n"
    "  --key FILE            its key in PEM (in the same file)\n"
    "  --users FILE          lines USER:HASH, as `openssl passwd -6` makes them\n"
    "  --connections COUNT   at most so many (2000)\n"
    "  --timeout SECONDS     how long a client may be silent (300)\n"
    "  --discard             throw all messages away\n";

bool read_options(int argc, char** argv, options& o) {
  const auto number = [](const char* text) { return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10)); };
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--discard") {
      o.discard = true;
    } else if (!word.starts_with("--") && o.root.empty()) {
      o.root = word;
    } else if (++i == argc) {
      return false;
    } else if (word == "--host") {
      o.host = argv[i];
    } else if (word == "--address") {
      o.address = argv[i];
    } else if (word == "--smtp") {
      o.smtp = number(argv[i]);
    } else if (word == "--submission") {
      o.submission = number(argv[i]);
    } else if (word == "--certificate") {
      o.certificate = argv[i];
    } else if (word == "--key") {
      o.key = argv[i];
    } else if (word == "--users") {
      o.users = argv[i];
    } else if (word == "--connections") {
      o.connections = number(argv[i]);
    } else if (word == "--timeout") {
      o.timeout = std::chrono::seconds(number(argv[i]));
    } else {
      return false;
    }
  }
  return (o.discard || !o.root.empty()) && (o.smtp || o.submission);
}

} // namespace

int main(int argc, char** argv) {
  options wanted;
  if (!read_options(argc, argv, wanted)) return std::fputs(usage, stderr), 64;
  // Two descriptors a connection, a socket and a file; the rest is for those whom we decline, for the folders of mailboxes, and our own.
  constexpr std::size_t rest = most_declined + 32;
  const std::size_t there = ask_for_descriptors(wanted.connections * 2 + rest);
  wanted.connections = std::min(wanted.connections, std::max(there, rest + 2) / 2 - rest / 2);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of write() like others
  try {
    serve(wanted);
  } catch (const std::exception& e) {
    return std::fprintf(stderr, "asio_server: %s\n", e.what()), 1;
  }
  return 0;
}
