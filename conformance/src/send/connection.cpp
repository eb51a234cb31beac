#include "send/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace postel::conformance {

namespace {

using clock = std::chrono::steady_clock;

// The most that one record of TLS holds (RFC 8446 5.1).
constexpr std::size_t record_size = 16384;
// What may come while we write.
constexpr std::size_t most_unread = std::size_t{256} * 1024;

std::string error_text(int error) {
  return std::error_code(error, std::generic_category()).message();
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  return inet_pton(AF_INET, host.c_str(), octets.data()) == 1 || inet_pton(AF_INET6, host.c_str(), octets.data()) == 1;
}

constexpr const char* closed_text = "the server has closed the connection";

} // namespace

std::variant<std::unique_ptr<send_connection>, send_connection::refusal> send_connection::open(
    settings wanted, std::chrono::seconds within) {
  auto self = std::unique_ptr<send_connection>(new send_connection(std::move(wanted)));
  bool unknown_host = false;
  if (auto why = self->connect(within, unknown_host)) return refusal{std::move(*why), unknown_host};
  return self;
}

send_connection::~send_connection() {
  // Says that nothing was cut off; nobody waits for the answer.
  if (tls_ && SSL_is_init_finished(tls_.get()) == 1) SSL_shutdown(tls_.get());
  ERR_clear_error();
  if (socket_ >= 0) ::close(socket_);
}

send_peer::failed send_connection::connect(std::chrono::seconds within, bool& unknown_host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int found = ::getaddrinfo(settings_.host.c_str(), fmt::format("{}", settings_.port).c_str(), &hints, &list);
  if (found != 0) {
    unknown_host = found == EAI_NONAME || found == EAI_FAIL;
    return fmt::format("{}: {}", settings_.host, ::gai_strerror(found));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(list, &::freeaddrinfo);
  std::string why = "no address";
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (socket_ >= 0) ::close(socket_);
    socket_ = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, each->ai_protocol);
    if (socket_ < 0) {
      why = error_text(errno);
      continue;
    }
    int error = 0;
    if (::connect(socket_, each->ai_addr, each->ai_addrlen) != 0) {
      error = errno;
      if (error == EINPROGRESS) {
        if (!wait(POLLOUT, clock::now() + within)) {
          why = fmt::format("no connection within {} s", within.count());
          continue;
        }
        socklen_t length = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
      }
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return std::nullopt;
    }
    why = error_text(error);
  }
  return why;
}

bool send_connection::wait(short events, time_point until, short* seen) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (left <= 0) return false;
    pollfd one{socket_, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<decltype(left)>(left, 1'000'000)));
    if (seen != nullptr) *seen = one.revents;
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void send_connection::count(std::size_t octets) {
  written_ += octets;
  if (settings_.progress) settings_.progress(written_);
}

send_peer::failed send_connection::write(std::span<const std::string_view> views, std::string& unread,
                                         std::chrono::seconds within) {
  if (!tls_) return write_clear(views, unread, within);
  // Small views go together: each of them alone would be a record of its own.
  for (std::string_view each : views) {
    if (record_.size() + each.size() > record_size)
      if (auto why = flush(within)) return why;
    if (each.size() <= record_size)
      record_ += each;
    else
      for (; !each.empty(); each.remove_prefix(std::min(each.size(), record_size)))
        if (auto why = write_tls(each.substr(0, record_size), within)) return why;
  }
  return flush(within);
}

send_peer::failed send_connection::flush(std::chrono::seconds within) {
  if (record_.empty()) return std::nullopt;
  auto why = write_tls(record_, within);
  record_.clear();
  return why;
}

send_peer::failed send_connection::write_tls(std::string_view octets, std::chrono::seconds within) {
  const auto until = clock::now() + within;
  for (;;) {
    std::size_t written = 0;
    ERR_clear_error();
    const int returned = SSL_write_ex(tls_.get(), octets.data(), octets.size(), &written);
    if (returned == 1) {
      count(written);
      return std::nullopt;
    }
    const int error = SSL_get_error(tls_.get(), returned);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tls_failure(returned);
    if (!wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until))
      return fmt::format("the server took nothing for {} s", within.count());
  }
}

send_peer::failed send_connection::write_clear(std::span<const std::string_view> views, std::string& unread,
                                               std::chrono::seconds within) {
  std::vector<iovec> parts;
  parts.reserve(views.size());
  for (const std::string_view each : views)
    if (!each.empty()) parts.push_back({const_cast<char*>(each.data()), each.size()});
  auto until = clock::now() + within;
  for (std::span<iovec> rest = parts; !rest.empty();) {
    msghdr what{};
    what.msg_iov = rest.data();
    what.msg_iovlen = rest.size();
    const ssize_t sent = ::sendmsg(socket_, &what, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return error_text(errno);
      const bool room = unread.size() < most_unread;
      short seen = 0;
      if (!wait(static_cast<short>(POLLOUT | (room ? POLLIN : 0)), until, &seen))
        return fmt::format("the server took nothing for {} s", within.count());
      if (room && (seen & POLLIN) != 0)
        if (auto why = read(unread, until)) return why;
      continue;
    }
    until = clock::now() + within;
    auto left = static_cast<std::size_t>(sent);
    count(left);
    for (; !rest.empty() && left >= rest[0].iov_len; rest = rest.subspan(1)) left -= rest[0].iov_len;
    if (rest.empty()) break;
    rest[0].iov_base = static_cast<char*>(rest[0].iov_base) + left;
    rest[0].iov_len -= left;
  }
  return std::nullopt;
}

send_peer::failed send_connection::read(std::string& unread, time_point until) {
  std::array<char, 16384> block;
  for (;;) {
    short events = POLLIN;
    std::size_t got = 0;
    if (tls_) {
      ERR_clear_error();
      const int returned = SSL_read_ex(tls_.get(), block.data(), block.size(), &got);
      if (returned != 1) {
        const int error = SSL_get_error(tls_.get(), returned);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tls_failure(returned);
        if (error == SSL_ERROR_WANT_WRITE) events = POLLOUT;
      }
    } else {
      const ssize_t received = ::recv(socket_, block.data(), block.size(), 0);
      if (received == 0) return closed_text;
      if (received < 0 && errno == EINTR) continue;
      if (received < 0 && errno != EAGAIN) return error_text(errno);
      got = received > 0 ? static_cast<std::size_t>(received) : 0;
    }
    if (got != 0) {
      unread.append(block.data(), got);
      return std::nullopt;
    }
    if (!wait(events, until)) return "no reply in time";
  }
}

send_peer::failed send_connection::start_tls(std::chrono::seconds within) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_) return "no TLS";
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION); // RFC 8996, RFC 8314 4.1
  SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context_.get(), settings_.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (settings_.authorities) {
    if (SSL_CTX_load_verify_file(context_.get(), settings_.authorities->c_str()) != 1)
      return fmt::format("{}: no certificates can be read from it", *settings_.authorities);
  } else {
    SSL_CTX_set_default_verify_paths(context_.get());
  }
  tls_.reset(SSL_new(context_.get()));
  if (!tls_ || SSL_set_fd(tls_.get(), socket_) != 1) return "no TLS";
  if (is_address(settings_.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), settings_.host.c_str());
  } else {
    // RFC 6066 3; the macro SSL_set_tlsext_host_name has an old cast
    SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, settings_.host.data());
    // Names in a certificate's subject count for nothing (RFC 9525 2).
    SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    SSL_set1_host(tls_.get(), settings_.host.c_str());
  }
  const auto until = clock::now() + within;
  for (;;) {
    ERR_clear_error();
    const int returned = SSL_connect(tls_.get());
    if (returned == 1) return std::nullopt;
    const int error = SSL_get_error(tls_.get(), returned);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      if (wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) continue;
      return fmt::format("no TLS handshake within {} s", within.count());
    }
    const long verdict = settings_.verify ? SSL_get_verify_result(tls_.get()) : X509_V_OK;
    distrusted_ = verdict != X509_V_OK;
    if (distrusted_)
      return fmt::format("the certificate is not to be trusted: {}", X509_verify_cert_error_string(verdict));
    return fmt::format("the TLS handshake failed: {}", tls_failure(returned));
  }
}

std::string send_connection::tls_failure(int returned) const {
  const int system = errno;
  const int error = SSL_get_error(tls_.get(), returned);
  if (error == SSL_ERROR_ZERO_RETURN) return closed_text;
  if (const unsigned long code = ERR_peek_last_error(); code != 0) {
    const char* const text = ERR_reason_error_string(code);
    return text != nullptr ? text : "TLS error";
  }
  return system != 0 && error == SSL_ERROR_SYSCALL ? error_text(system) : closed_text;
}

std::string send_connection::own_literal() const {
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &length) == 0) {
    if (own.ss_family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&own)->sin_addr, text.data(), text.size());
      return fmt::format("[{}]", text.data());
    }
    if (own.ss_family == AF_INET6) {
      ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&own)->sin6_addr, text.data(), text.size());
      return fmt::format("[IPv6:{}]", text.data());
    }
  }
  return "[127.0.0.1]";
}

std::string send_connection::tls_name() const {
  if (!tls_) return {};
  return fmt::format("{} {}", SSL_get_version(tls_.get()), SSL_get_cipher_name(tls_.get()));
}

} // namespace postel::conformance
