#include "serve.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <system_error>

#include "application.hpp"
#include "exit_code.hpp"
#include "tcp_server.hpp"

namespace postel::conformance {

int serve(const serve_options& wanted) {
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
