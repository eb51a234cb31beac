#include "serve/serve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <postel/address.hpp>
#include <system_error>

#include "command/exit_code.hpp"
#include "serve/application.hpp"
#include "serve/tcp_server.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

// What is wrong with what was asked for; nothing if it can be done.
std::optional<std::string> wrong_value(const serve_options& wanted) {
  if (std::ranges::count(wanted.rcpt, "") != 0) return "--rcpt: no address";
  if (std::ranges::count(wanted.domains, "") != 0) return "--domain: no name";
  if (wanted.store && wanted.store->empty()) return "--store: no name of a folder";
  for (const std::string& each : wanted.rcpt)
    if (const auto parsed = parse_mailbox(each, charset::utf8); !parsed)
      return fmt::format("--rcpt: {} at octet {} of {}", message(parsed.error().code), parsed.error().offset,
                         escape(each));
  for (const std::string& each : wanted.domains)
    if (const auto parsed = parse_domain(each, charset::utf8); !parsed)
      return fmt::format("--domain: {} at octet {} of {}", message(parsed.error().code), parsed.error().offset,
                         escape(each));
  return std::nullopt;
}

} // namespace

int serve(const serve_options& wanted) {
  if (const auto wrong = wrong_value(wanted)) {
    fmt::print(stderr, "{}\n", *wrong);
    return exit_code::usage;
  }
  try {
    std::optional<message_store> store;
    if (wanted.store) store.emplace(*wanted.store);
    const policy rules = built_in_policy(wanted.lmtp         ? service::lmtp
                                         : wanted.submission ? service::submission
                                                             : service::smtp);
    tcp_server::options options;
    options.port = wanted.port;
    options.tls_port = wanted.tls_port;
    options.store = store ? &*store : nullptr;
    options.mail.mailboxes = wanted.rcpt;
    options.mail.domains.insert(options.mail.domains.end(), wanted.domains.begin(), wanted.domains.end());
    tcp_server server(rules, options);
    server.stop_on_signals();
    fmt::print("listening on 127.0.0.1:{}\n", server.port());
    if (wanted.tls_port) fmt::print("listening on 127.0.0.1:{} with TLS\n", server.tls_port());
    std::fflush(stdout);
    server.run();
    return exit_code::good;
  } catch (const std::system_error& error) {
    fmt::print(stderr, "could not serve: {}\n", error.what());
    return exit_code::untestable;
  }
}

} // namespace postel::conformance
