// What a call gives back and nobody looks at: a refusal, an answer that was not given, a message in doubt.
#include "postel/delivery.hpp"
#include "postel/server.hpp"
#include "postel/trace.hpp"

struct caller {
  postel::server& server;
  postel::client& client;
  postel::delivery& delivery;
  const postel::envelope& what;
  std::span<const std::string_view> message;
  std::string& out;

  void call() {
#if POSTEL_MISTAKE == 0
    (void)server.answer({550, "No such user"}, out);
#elif POSTEL_MISTAKE == 1
    postel::parse_mailbox(out);
#elif POSTEL_MISTAKE == 2
    postel::append_date(out, 0);
#elif POSTEL_MISTAKE == 3
    server.open(out);
#elif POSTEL_MISTAKE == 4
    server.answer({550, "No such user"}, out);
#elif POSTEL_MISTAKE == 5
    server.accept(out);
#elif POSTEL_MISTAKE == 6
    server.challenge("", out);
#elif POSTEL_MISTAKE == 7
    server.decline({554, "No"}, out);
#elif POSTEL_MISTAKE == 8
    server.tls_started();
#elif POSTEL_MISTAKE == 9
    client.tls_started();
#elif POSTEL_MISTAKE == 10
    client.chunk_written(1);
#elif POSTEL_MISTAKE == 11
    client.peer_closed();
#elif POSTEL_MISTAKE == 12
    client.timed_out();
#elif POSTEL_MISTAKE == 13
    delivery.tls_started();
#elif POSTEL_MISTAKE == 14
    delivery.another(what, message);
#elif POSTEL_MISTAKE == 15
    delivery.authenticate("PLAIN", std::nullopt, out);
#endif
  }
};
