#include "command/target_name.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "text/escape.hpp"

namespace postel::conformance {

namespace {

// With a zone or without (RFC 4007 11).
bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || text.starts_with('0'))
    return std::nullopt;
  return port;
}

// Whether the text is an IPv6 address and a port after it, without brackets.
bool is_address_with_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && is_ipv6(text.substr(0, colon)) && parse_port(text.substr(colon + 1));
}

} // namespace

std::optional<target_name> parse_target(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty()) {
      if (!rest.starts_with(':')) return std::nullopt;
      port = rest.substr(1);
    }
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
  } else if (text.find(':') != std::string_view::npos && (!is_ipv6(text) || is_address_with_port(text))) {
    return std::nullopt;
  }
  if (host.empty() || host.find('/') != std::string_view::npos) return std::nullopt;
  target_name result{std::string(host), std::nullopt};
  if (port) {
    result.port = parse_port(*port);
    if (!result.port) return std::nullopt;
  }
  return result;
}

std::string target_advice(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (is_address_with_port(text))
    return fmt::format("{}: an IPv6 address with a port is written [{}]{}, one without a port [{}]", text,
                       text.substr(0, colon), text.substr(colon), text);
  std::string forms = "expected HOST, HOST:PORT or [ADDRESS]:PORT";
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    std::string_view rest = text.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    if (parse_target(rest))
      forms += fmt::format(": write {} without {}", escape(rest), escape(text.substr(0, scheme + 3)));
  }
  return fmt::format("{}: {}", text.empty() ? "the target is empty" : escape(text), forms);
}

} // namespace postel::conformance
