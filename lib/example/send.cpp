// Delivers a file to an SMTP server: a blocking socket, OpenSSL, and the message straight from the mapped file.
//   example_send [-t] [-l] HOST PORT FROM FILE TO...
// TLS is used where it is offered, as between mail exchangers (RFC 3207); with -t it must be, and the certificate be good for HOST.
// -l speaks LMTP. Exit status: 0 delivered, 69 refused, 75 try again later, 64 wrong arguments.
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "postel/delivery.hpp"

namespace {

// Every call waits no longer than limit(), and says whether it has succeeded.
class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    if (fd_ >= 0) close(fd_);
  }

  bool open(const char* host, const char* port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host, port, &hints, &found) != 0) return false;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      fd_ = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
      limit(std::chrono::minutes(1));
      if (fd_ >= 0 && connect(fd_, each->ai_addr, each->ai_addrlen) == 0) break;
      if (fd_ >= 0) close(fd_);
      fd_ = -1;
    }
    freeaddrinfo(found);
    return fd_ >= 0;
  }

  void limit(std::chrono::seconds wait) const {
    const timeval time{wait.count(), 0}; // 0: for ever
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  }

  bool start_tls(const char* host, bool verify) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) return false;
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_verify(context_.get(), verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    tls_.reset(SSL_new(context_.get()));
    if (!tls_) return false;
    // The macro SSL_set_tlsext_host_name, without its old cast.
    SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host));
    SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT); // RFC 9525 2
    return SSL_set1_host(tls_.get(), host) == 1 && SSL_set_fd(tls_.get(), fd_) == 1 && SSL_connect(tls_.get()) == 1;
  }

  bool read(std::string& unread) {
    std::array<char, 4096> block;
    const ssize_t octets =
        tls_ ? SSL_read(tls_.get(), block.data(), block.size()) : ::read(fd_, block.data(), block.size());
    if (octets <= 0) return false;
    unread.append(block.data(), static_cast<std::size_t>(octets));
    return true;
  }

  bool write(std::string_view octets) { return write(std::span(&octets, 1)); }

  bool write(std::span<const std::string_view> views) {
    if (tls_) {
      // Small views go together: each of them alone would be a record of its own.
      for (const std::string_view each : views) {
        if (together_.size() + each.size() > record && !write_record()) return false;
        if (each.size() <= record)
          together_ += each;
        else if (!write_tls(each))
          return false;
      }
      return write_record();
    }
    std::vector<iovec> parts;
    for (const std::string_view each : views)
      if (!each.empty()) parts.push_back({const_cast<char*>(each.data()), each.size()});
    for (std::span<iovec> rest = parts; !rest.empty();) {
      ssize_t written = writev(fd_, rest.data(), static_cast<int>(rest.size()));
      if (written < 0) return false;
      for (; !rest.empty() && static_cast<std::size_t>(written) >= rest[0].iov_len; rest = rest.subspan(1))
        written -= static_cast<ssize_t>(rest[0].iov_len);
      if (rest.empty()) continue;
      rest[0].iov_base = static_cast<char*>(rest[0].iov_base) + written;
      rest[0].iov_len -= static_cast<std::size_t>(written);
    }
    return true;
  }

 private:
  static constexpr std::size_t record = 16384; // the most that one of TLS holds

  bool write_record() {
    const bool written = together_.empty() || write_tls(together_);
    together_.clear();
    return written;
  }
  bool write_tls(std::string_view octets) {
    std::size_t written = 0;
    return SSL_write_ex(tls_.get(), octets.data(), octets.size(), &written) == 1;
  }

  struct freed {
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  int fd_ = -1;
  std::unique_ptr<SSL_CTX, freed> context_;
  std::unique_ptr<SSL, freed> tls_;
  std::string together_;
};

// [deliver]
// Does what the delivery wants until it wants nothing.
void deliver(postel::delivery& sending, connection& server, const char* host, bool verify) {
  using wants = postel::delivery::wants;
  std::string unread, out;
  std::array<std::string_view, 256> views;
  for (;;) {
    const postel::delivery::step step = sending.next(unread, out);
    unread.erase(0, step.used);
    server.limit(postel::minimum(sending.session().deadline()));
    bool written = server.write(out), well = written;
    out.clear();
    switch (step.want) {
      case wants::octets: well = well && server.read(unread); break;
      case wants::message:
        for (std::size_t count = 0; well && (count = sending.message(views)) != 0;)
          well = written = server.write(std::span(views).first(count));
        break;
      case wants::handshake:
        unread.clear();                                       // what came in clear is not to be trusted (RFC 3207 6)
        server.limit(postel::minimum(postel::timeout::mail)); // TLS has none of its own
        well = well && server.start_tls(host, verify) && sending.tls_started();
        break;
      case wants::authentication: // the plan asks for none
      case wants::response:
      case wants::another: // nor for several messages
      case wants::nothing: return;
    }
    if (well) continue;
    // It may have said why.
    if (!written && server.read(unread)) sending.next(unread, out);
    if (written)
      sending.lost();
    else
      sending.lost_while_writing();
  }
}
// [deliver]

// For a terminal: a server may have said anything.
std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& octet : shown)
    if (octet < ' ' || octet > '~') octet = '?';
  return shown;
}

// An address as people write it, as a path.
postel::result<postel::path> path_of(std::string_view text) {
  if (text.empty()) return postel::path{};
  const auto mailbox = postel::parse_mailbox(text, postel::charset::utf8);
  if (!mailbox) return mailbox.error();
  return postel::path{{}, mailbox->local_part, mailbox->domain};
}

} // namespace

int main(int argc, char** argv) {
  postel::delivery_plan plan;
  plan.rules.convert_line_ends = true; // files have LF
  bool verify = false;
  for (int option = 0; (option = getopt(argc, argv, "tl")) != -1;) {
    if (option == 't') {
      verify = true;
      plan.starttls = postel::delivery_plan::tls::required;
    } else if (option == 'l') {
      plan.rules.protocol = postel::service::lmtp;
    } else {
      return 64;
    }
  }
  const std::span arguments(argv + optind, static_cast<std::size_t>(argc - optind));
  if (arguments.size() < 5) {
    std::fputs("usage: example_send [-t] [-l] HOST PORT FROM FILE TO...\n", stderr);
    return 64;
  }
  const char* const host = arguments[0];

  postel::envelope envelope;
  std::vector<postel::envelope::recipient> recipients;
  for (const char* const each : arguments.subspan(4)) {
    const auto to = path_of(each);
    if (!to || to->is_null()) return std::fprintf(stderr, "%s is no address\n", each), 64;
    recipients.push_back({*to});
  }
  const auto from = path_of(arguments[2]);
  if (!from) return std::fprintf(stderr, "%s is no address\n", arguments[2]), 64;
  envelope.from = *from;
  envelope.to = recipients;

  const int file = open(arguments[3], O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0 || fstat(file, &about) != 0) return std::perror(arguments[3]), 64;
  std::string_view message;
  if (about.st_size != 0) {
    const auto size = static_cast<std::size_t>(about.st_size);
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapped == MAP_FAILED) return std::perror(arguments[3]), 64;
    message = {static_cast<const char*>(mapped), size};
  }

  std::signal(SIGPIPE, SIG_IGN); // a server that closes is an error of write()
  connection server;
  if (!server.open(host, arguments[1])) return std::fprintf(stderr, "no connection to %s\n", host), 75;
  postel::delivery sending(plan, envelope, std::span(&message, 1));
  deliver(sending, server, host, verify);

  int status = 0;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const postel::recipient_outcome& became = sending.outcomes()[i];
    const std::string why = printable(became.code != 0                 ? std::string_view(became.text)
                                      : became.error != postel::errc{} ? postel::message(became.error)
                                                                       : "the connection was lost");
    static constexpr const char* names[] = {"pending", "delivered", "refused", "temporary", "unknown"};
    std::printf("%s %s %u %s\n", arguments[4 + i], names[static_cast<int>(became.what)], became.code, why.c_str());
    if (became.what == postel::outcome::refused && status == 0) status = 69;
    if (became.what == postel::outcome::temporary || became.what == postel::outcome::unknown) status = 75;
  }
  return status;
}
