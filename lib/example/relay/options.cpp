#include "options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace relay {

const char* const usage =
    "relay [OPTION...] SPOOL HOST:PORT\n"
    "Receives mail by SMTP, keeps it in the folder SPOOL, and hands it to the smarthost.\n"
    "  --listen ADDRESS:PORT  where clients connect (127.0.0.1:2525; port 0: any, it is printed)\n"
    "  --host NAME            our name (localhost)\n"
    "  --lmtp                 the smarthost speaks LMTP\n"
    "  --allow NETWORK        who may relay: 192.0.2.0/24, 2001:db8::/32 (127.0.0.0/8 and ::1); can be repeated\n"
    "  --retry SECONDS        until the second attempt, doubled each time (1800)\n"
    "  --retry-maximum SECONDS  but no more than that (14400)\n"
    "  --give-up SECONDS      when a message is returned to its sender (432000)\n"
    "  --timeout SECONDS      how long a client may take for a command, or a block of a message (300)\n"
    "  --grace SECONDS        for what is under way at SIGTERM (10)\n"
    "  --hops N               Received fields at most (100)\n"
    "  --size OCTETS          of a message at most (33554432)\n"
    "  --clients N, --deliveries N, --messages N  at once, at most (100, 10, 100000)\n";

namespace {

template <typename Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

template <typename Number>
bool parse_positive(std::string_view text, Number& value) {
  return parse_number(text, value) && value != 0;
}

bool parse_seconds(std::string_view text, std::chrono::milliseconds& value) {
  constexpr double most = 1e9;
  double seconds = 0;
  if (!parse_number(text, seconds) || !(seconds >= 0.001 && seconds <= most)) return false;
  value = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  return true;
}

bool split_endpoint(std::string_view text, std::string& host, std::string& port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  host = text.substr(0, colon);
  port = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return !host.empty();
}

std::optional<network> parse_network(std::string_view text) {
  asio::error_code error;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = asio::ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) return std::nullopt;
  const unsigned bits = address.is_v4() ? 32 : 128;
  unsigned prefix = bits;
  if (slash != text.size() && (!parse_number(text.substr(slash + 1), prefix) || prefix > bits)) return std::nullopt;
  return network{address, prefix};
}

bool equal_bits(const auto& a, const auto& b, unsigned prefix) {
  for (unsigned i = 0; i < prefix; ++i)
    if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  return true;
}

bool set(options& all, std::string_view name, std::string_view value) {
  if (name == "--listen") return split_endpoint(value, all.listen_address, all.listen_port);
  if (name == "--host") return !(all.host = value).empty();
  if (name == "--retry") return parse_seconds(value, all.retry);
  if (name == "--retry-maximum") return parse_seconds(value, all.retry_maximum);
  if (name == "--give-up") return parse_seconds(value, all.give_up);
  if (name == "--timeout") return parse_seconds(value, all.timeout);
  if (name == "--grace") return parse_seconds(value, all.grace);
  if (name == "--hops") return parse_positive(value, all.hops);
  if (name == "--size") return parse_positive(value, all.message_size);
  if (name == "--clients") return parse_positive(value, all.clients);
  if (name == "--deliveries") return parse_positive(value, all.deliveries);
  if (name == "--messages") return parse_positive(value, all.messages);
  if (name == "--allow")
    if (const auto parsed = parse_network(value)) return all.allowed.push_back(*parsed), true;
  return false;
}

} // namespace

bool network::contains(const asio::ip::address& other) const {
  // A client of IPv4 on a socket of IPv6 is one of IPv4.
  const auto mapped = other.is_v6() && other.to_v6().is_v4_mapped()
                          ? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, other.to_v6()))
                          : other;
  if (address.is_v4() != mapped.is_v4()) return false;
  return address.is_v4() ? equal_bits(address.to_v4().to_bytes(), mapped.to_v4().to_bytes(), prefix)
                         : equal_bits(address.to_v6().to_bytes(), mapped.to_v6().to_bytes(), prefix);
}

std::optional<options> parse_options(int argc, char** argv, std::string& why) {
  options all;
  std::vector<std::string_view> positional;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--lmtp") {
      all.lmtp = true;
    } else if (argument.starts_with("--")) {
      if (i + 1 == argc || !set(all, argument, argv[i + 1])) {
        why = "wrong: " + std::string(argument) + " " + (i + 1 == argc ? "" : argv[i + 1]);
        return std::nullopt;
      }
      ++i;
    } else {
      positional.push_back(argument);
    }
  }
  if (positional.size() != 2 || !split_endpoint(positional[1], all.smarthost, all.smarthost_port)) {
    why = "wanted: SPOOL HOST:PORT";
    return std::nullopt;
  }
  all.spool = positional[0];
  if (all.allowed.empty()) {
    all.allowed.push_back({asio::ip::make_address("127.0.0.0"), 8});
    all.allowed.push_back({asio::ip::make_address("::1"), 128});
  }
  return all;
}

} // namespace relay
