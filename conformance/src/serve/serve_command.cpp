#include "serve/serve_command.hpp"

#include <limits>

#include "command/option_values.hpp"

namespace postel::conformance {

void add_serve(CLI::App& tool, serve_options& wanted) {
  constexpr std::uint16_t any = 0;
  constexpr std::uint16_t last = std::numeric_limits<std::uint16_t>::max();
  CLI::App* const serve = tool.add_subcommand("serve", "Run the built-in server on 127.0.0.1 until it is ended");
  add_number(*serve, "--port", wanted.port, any, last, "0 takes any that is free")->type_name("N")->default_str("0");
  add_number(*serve, "--tls-port", wanted.tls_port, any, last,
             "Another port, on which TLS comes before the greeting; 0 takes any that is free")
      ->type_name("N");
  auto* const lmtp = serve->add_flag("--lmtp", wanted.lmtp, "Speak LMTP");
  serve->add_flag("--submission", wanted.submission, "Take mail from the user \"user\", password \"secret\", only")
      ->excludes(lmtp);
  add_texts(*serve, "--rcpt", wanted.rcpt, "Take mail for this mailbox too; may be repeated")->type_name("ADDRESS");
  add_texts(*serve, "--domain", wanted.domains,
            "Take mail for every mailbox at this domain too, but for \"unknown\"; may be repeated")
      ->type_name("NAME");
  add_text(*serve, "--store", wanted.store, "Keep accepted messages as DIR/N.eml and DIR/N.envelope")->type_name("DIR");
}

} // namespace postel::conformance
