// What the applications of the target `client` want to say: one client for each way to deliver mail.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "postel/command.hpp"
#include "postel/policy.hpp"

namespace postel::fuzz {

struct client_script {
  std::string_view name;
  client_policy rules;
  // In this order, each as soon as it may be said; what can't be said when nothing is awaited any more is left out.
  std::vector<command> commands;
  // To the challenges of AUTH, as octets; one more is answered with "*".
  std::vector<std::string_view> responses = {};
};

inline command mail_from(std::string_view local_part, std::string_view parameters_text = {}) {
  return cmd::mail{{{}, local_part, "client.example"}, parameters(parameters_text)};
}
inline command rcpt_to(std::string_view local_part) {
  return cmd::rcpt{{{}, local_part, "a.example"}, {}};
}

inline client_policy speaking(service protocol, bool auth_in_clear) {
  client_policy rules;
  rules.protocol = protocol;
  rules.auth_in_clear = auth_in_clear;
  return rules;
}

inline std::vector<client_script> make_client_scripts() {
  const command ehlo = cmd::ehlo{{"client.example"}}, lhlo = cmd::lhlo{{"client.example"}}, data = cmd::data();
  const command rset = cmd::rset(), quit = cmd::quit(), starttls = cmd::starttls();
  client_script mail{"mail",
                     speaking(service::smtp, false),
                     {ehlo, mail_from("ann", "SIZE=30 BODY=8BITMIME"), mail_from("ann"), rcpt_to("bob"),
                      cmd::rcpt{{{}, "carol", "[192.0.2.1]"}, {}}, data, rset, mail_from("\xC3\xA4", "SMTPUTF8"),
                      cmd::rcpt{{{}, "Postmaster", {}}, {}}, rcpt_to("\xC3\xB6"), data, cmd::noop(), cmd::vrfy{"bob"},
                      cmd::helo{"client.example"}, mail_from("ann", "SIZE=30"), rcpt_to("bob"), data, quit}};
  client_script secure{"secure",
                       speaking(service::smtp, false),
                       {ehlo, cmd::auth{"PLAIN", "AGFubgBzZWNyZXQ="}, starttls, mail_from("eve"), ehlo, starttls,
                        cmd::auth{"PLAIN", "AGFubgBzZWNyZXQ="}, cmd::auth{"LOGIN"}, mail_from("ann", "AUTH=<>"),
                        mail_from("ann"), rcpt_to("bob"), data}, // and says no more
                       {"ann", "secret"}};
  client_script exchange{"exchange",
                         speaking(service::smtp, true),
                         {ehlo, cmd::auth{"CRAM-MD5"}, cmd::auth{"PLAIN", "="}, cmd::auth{"LOGIN"}, mail_from("ann"),
                          cmd::auth{"PLAIN", "AA=="}, starttls, ehlo, cmd::auth{"LOGIN"}, mail_from("ann"),
                          rcpt_to("bob"), data, cmd::etrn{"a.example"}, quit},
                         {"ann", "", "secret"}};
  client_script chunks{"chunks",
                       speaking(service::smtp, false),
                       {ehlo,
                        mail_from("ann", "SIZE=12 BODY=BINARYMIME"),
                        mail_from("ann", "BODY=8BITMIME"),
                        mail_from("ann"),
                        rcpt_to("bob"),
                        rcpt_to("carol"),
                        cmd::bdat{5},
                        data,
                        cmd::bdat{0},
                        cmd::bdat{7, true},
                        rset,
                        mail_from("ann"),
                        rcpt_to("bob"),
                        cmd::bdat{4, true},
                        cmd::bdat{1},
                        rset,
                        mail_from("ann"),
                        rcpt_to("bob"),
                        data,
                        quit}};
  client_script lmtp{"lmtp",
                     speaking(service::lmtp, false),
                     {ehlo, lhlo, mail_from("ann"), rcpt_to("bob"), rcpt_to("carol"), rcpt_to("dan"), data,
                      mail_from("ann", "SIZE=5"), mail_from("ann"), rcpt_to("bob"), rcpt_to("carol"),
                      cmd::bdat{5, true}, rset, mail_from("ann"), rcpt_to("bob"), data, quit}};
  client_script many{"many", speaking(service::smtp, false), {ehlo, cmd::expn{"list"}, cmd::help{}}};
  for (int i = 0; i < 4; ++i)
    many.commands.insert(many.commands.end(), {mail_from("ann"), rcpt_to("bob"), rcpt_to("carol"), rcpt_to("dan"),
                                               i % 2 == 0 ? rset : ehlo});
  many.commands.insert(many.commands.end(), {mail_from("ann"), rcpt_to("bob"), data, quit, cmd::noop()});
  return {std::move(mail), std::move(secure), std::move(exchange), std::move(chunks), std::move(lmtp), std::move(many)};
}

inline std::span<const client_script> client_scripts() {
  static const std::vector<client_script> scripts = make_client_scripts();
  return scripts;
}

} // namespace postel::fuzz
