#include "send/send_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <postel/address.hpp>
#include <postel/xtext.hpp>

#include "command/option_values.hpp"
#include "command/target_name.hpp"
#include "send/ascii_domain.hpp"
#include "send/sasl.hpp"
#include "send/status.hpp"

namespace postel::conformance {

namespace {

using mode = send_options::tls_mode;

const std::map<std::string, mode>& tls_modes() {
  static const std::map<std::string, mode> names{
      {"none", mode::none}, {"starttls", mode::starttls}, {"required", mode::required}, {"implicit", mode::from_start}};
  return names;
}

// Said of a command line that is wrong.
struct usage_error {
  std::string why;
};

[[noreturn]] void refuse(std::string why) {
  throw usage_error{std::move(why)};
}

// With brackets, as the parser takes it.
std::string path_text(const std::string& option, const std::string& text, bool null) {
  std::string path = text.starts_with('<') ? text : "<" + text + ">";
  const auto parsed = parse_path(path, charset::utf8);
  if (!parsed) refuse(fmt::format("{}: no address: {}", option, text));
  if (!parsed->source_route.empty()) refuse(fmt::format("{}: source routes are not used: {}", option, text));
  if (parsed->is_null() && !null) refuse(fmt::format("{}: no address", option));
  if (parsed->is_postmaster() && (null || !equal_ignoring_case(parsed->local_part, "postmaster")))
    refuse(fmt::format("{}: no domain: {}", option, text));
  return path;
}

void add_word(std::string& text, std::string_view word) {
  text.append(text.empty() ? "" : " ").append(word);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string checked_notify(const std::string& list) {
  const std::string words = upper(list);
  std::string_view rest = words;
  std::vector<std::string_view> seen;
  for (;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    const bool known = word == "SUCCESS" || word == "FAILURE" || word == "DELAY" || word == "NEVER";
    if (!known || std::find(seen.begin(), seen.end(), word) != seen.end())
      refuse("--notify: success, failure and delay, separated by commas, or never");
    seen.push_back(word);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (seen.size() > 1 && std::find(seen.begin(), seen.end(), "NEVER") != seen.end()) // RFC 3461 4.1
    refuse("--notify: never stands alone");
  return words;
}

void read_target(send_command& command) {
  send_options& wanted = command.wanted;
  if (command.host) {
    if (command.host->empty()) refuse("--host: no name and no address");
    wanted.host = *command.host;
    wanted.files = command.arguments;
  } else {
    if (command.arguments.size() < 2) refuse("there are two arguments at least: the server, and a file");
    const std::string& text = command.arguments.front();
    wanted.files.assign(command.arguments.begin() + 1, command.arguments.end());
    const auto target = parse_target(text);
    if (!target) refuse(target_advice(text));
    wanted.host = target->host;
    if (target->port && command.port) refuse("--port: the server has one already");
    if (target->port) wanted.port = *target->port;
  }
  if (std::ranges::count(wanted.files, "") != 0) refuse("a file: no name");
  if (std::ranges::count(wanted.files, "-") > 1) refuse("-: standard input is one message");
  if (has_non_ascii(wanted.host)) { // what is asked for in DNS and TLS (RFC 5890 2.3.2.1, RFC 6066 3)
    const auto ascii = ascii_domain(wanted.host);
    if (!ascii) refuse(fmt::format("{}: no name of a host", wanted.host));
    wanted.host = *ascii;
  }
  if (command.port) wanted.port = *command.port;
  if (wanted.port != 0) return;
  if (wanted.lmtp) refuse("--port: LMTP has none of its own, and is not spoken on 25 (RFC 2033 5)");
  wanted.port = wanted.tls == mode::from_start ? 465 : command.user ? 587 : 25;
}

void read_security(send_command& command) {
  send_options& wanted = command.wanted;
  wanted.user = command.user;
  if (wanted.user && wanted.user->empty()) refuse("--user: no name");
  if (!wanted.user && command.password.given()) refuse("a password: with --user");
  if (!wanted.user && wanted.mechanism) refuse("--mechanism: with --user");
  if (wanted.mechanism && wanted.mechanism->empty()) refuse("--mechanism: no name");
  if (wanted.mechanism && !sasl_exchange::supports(*wanted.mechanism))
    refuse(fmt::format("--mechanism: {} is not known", *wanted.mechanism));
  if (wanted.authorities && wanted.authorities->empty()) refuse("--ca: no name of a file");
  // Who asks for a good certificate wants nothing to go to a server that shows none.
  const char* const verify = command.verify ? "--verify" : wanted.authorities && !command.insecure ? "--ca" : nullptr;
  wanted.tls = command.tls                                               ? tls_modes().at(*command.tls)
               : wanted.user || command.require_tls || verify != nullptr ? mode::required
                                                                         : mode::starttls;
  if (command.require_tls && (wanted.tls == mode::none || wanted.tls == mode::starttls))
    refuse("--require-tls: with --tls required or implicit"); // RFC 8689 4.2.1
  if (command.require_tls && command.insecure)
    refuse("--require-tls: asks for a certificate that is good, and --insecure for any (RFC 8689 4.2.1)");
  if (verify != nullptr && wanted.tls == mode::none) refuse(fmt::format("{}: there is no TLS", verify));
  if (verify != nullptr && wanted.tls == mode::starttls)
    refuse(
        fmt::format("{}: with --tls required or implicit; with --tls starttls the message goes out in clear where "
                    "TLS is not offered",
                    verify));
  const bool by_default = wanted.tls == mode::required || wanted.tls == mode::from_start || wanted.user;
  wanted.verify = !command.insecure && by_default;
}

// When all else is well: it may be asked for.
void read_password(send_command& command) {
  if (!command.user) return;
  auto found = password_of(command.password, *command.user);
  if (auto* refusal = std::get_if<password_refusal>(&found)) refuse(std::move(refusal->why));
  command.wanted.password = std::get<std::string>(std::move(found));
}

void read_envelope(send_command& command) {
  send_options& wanted = command.wanted;
  wanted.from = path_text("--from", command.from, true);
  for (const std::string& each : command.to) wanted.to.push_back(path_text("--to", each, false));
  if (command.ret) add_word(wanted.parameters, "RET=" + upper(*command.ret));
  if (command.envid) {
    const bool printable = std::ranges::all_of(*command.envid, [](char c) { return c >= ' ' && c <= '~'; });
    if (command.envid->empty() || !printable) refuse("--envid: printable ASCII"); // RFC 3461 4.4
    std::string text = "ENVID=";
    append_xtext(text, *command.envid);
    if (text.size() > 106) refuse("--envid: longer than 100 octets");
    add_word(wanted.parameters, text);
  }
  if (command.require_tls) add_word(wanted.parameters, "REQUIRETLS");
  if (command.original.size() > command.to.size()) refuse("--orcpt: at most one for each --to");
  const std::string notify = command.notify ? "NOTIFY=" + checked_notify(*command.notify) : "";
  for (std::size_t i = 0; i < command.to.size(); ++i) {
    std::string parameters = notify;
    if (i < command.original.size()) {
      if (command.original[i].empty() || has_non_ascii(command.original[i])) refuse("--orcpt: an address in ASCII");
      std::string text = "ORCPT=rfc822;";
      append_xtext(text, command.original[i]);
      add_word(parameters, text);
    }
    wanted.recipient_parameters.push_back(parameters);
  }
}

// Which one of the arguments may be missing is not what CLI11 can know.
class send_help : public CLI::Formatter {
 public:
  std::string make_option_usage(const CLI::Option* option) const override {
    return option->get_name() == "TARGET" ? "[TARGET]" : "FILE...";
  }
};

} // namespace

void add_send(CLI::App& tool, send_command& command) {
  send_options& wanted = command.wanted;
  CLI::App* const send = tool.add_subcommand("send", "Deliver files to a server");
  send->formatter(std::make_shared<send_help>());
  // The server is an option of its own: of one that takes several values CLI11 would take the brackets off [::1].
  const auto add_argument = [&](const std::string& name, const std::string& description) {
    return send
        ->add_option(
            name,
            [&command, send, name](const CLI::results_t&) {
              const auto& values = as_given(*send, name);
              command.arguments.insert(command.arguments.end(), values.begin(), values.end());
              return true;
            },
            description)
        ->type_name("");
  };
  add_argument("TARGET", "The server as HOST, HOST:PORT or [ADDRESS]:PORT, unless --host is given")->required();
  add_argument("FILE", "The messages, - for standard input")
      ->expected(-1) // one, and more
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_text(*send, "--host", command.host, "The server")->type_name("HOST");
  constexpr std::uint16_t first = 1;
  constexpr std::uint16_t last = std::numeric_limits<std::uint16_t>::max();
  add_number(*send, "--port", command.port, first, last, "25 unless given; 587 with --user, 465 with --tls implicit")
      ->type_name("N");
  add_text(*send, "--from", command.from, "The sender's address; \"\" for none, as in a notification")
      ->type_name("ADDRESS")
      ->required();
  add_texts(*send, "--to", command.to, "A recipient's address; may be repeated")->type_name("ADDRESS")->required();
  send->add_flag("--lmtp", wanted.lmtp, "Speak LMTP");
  send->add_option("--helo", wanted.helo, "Our name in EHLO; the system's, or our address, unless given")
      ->type_name("NAME")
      ->check([](const std::string& text) { return parse_domain(text) ? "" : "no domain and no address literal"; });

  send->add_option("--tls", command.tls,
                   "none, starttls (where it is offered), required, or implicit (before the greeting); "
                   "required with --user, --require-tls, --verify or --ca, else starttls")
      ->type_name("MODE")
      ->check(CLI::IsMember(tls_modes()).description(""));
  auto* const verify = send->add_flag("--verify", command.verify,
                                      "TLS, or no mail, and the certificate has to be good, and the host's; so it is "
                                      "with --tls required, --tls implicit, --user and --ca");
  add_text(*send, "--ca", wanted.authorities, "Certificates to trust instead of the system's")->type_name("FILE");
  send->add_flag("--insecure", command.insecure, "Any certificate will do")->excludes(verify);
  add_text(*send, "--user", command.user, "Authenticate as")->type_name("NAME");
  add_password_options(*send, command.password);
  add_text(*send, "--mechanism", wanted.mechanism,
           "PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, XOAUTH2, OAUTHBEARER; the strongest that is "
           "offered unless given. None that shows the password is used without TLS")
      ->type_name("NAME");

  send->add_option("--ret", command.ret, "What a notification returns: full, hdrs (DSN)")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"full", "hdrs", "FULL", "HDRS"}).description(""));
  add_text(*send, "--envid", command.envid, "What a notification calls the message (DSN)")->type_name("TEXT");
  add_text(*send, "--notify", command.notify, "success,failure,delay or never (DSN)")->type_name("WHEN");
  add_texts(*send, "--orcpt", command.original, "A recipient as the sender wrote it (DSN); one for each --to, in order")
      ->type_name("ADDRESS");
  send->add_flag("--require-tls", command.require_tls, "TLS on all of the way (REQUIRETLS), or no delivery");

  auto* const convert = send->add_flag(
      "--convert-line-ends", command.convert_line_ends,
      "A CR or LF alone becomes CRLF. So it is unless --strict-line-ends is given: files have LF, SMTP has CRLF");
  send->add_flag("--strict-line-ends", command.strict_line_ends,
                 "Refuse a message with a CR or LF alone; every octet arrives as it is")
      ->excludes(convert);
  send->add_flag("--no-chunking", command.no_chunking, "DATA, even where BDAT is offered");
  send->add_flag("--prdr", wanted.prdr, "Ask for a reply for each recipient where the server offers PRDR");
  add_number(*send, "--timeout", command.timeout, 1U, 86400U,
             "For each wait; unless given those of RFC 5321 4.5.3.2: two to ten minutes, and one to connect")
      ->type_name("SECONDS");
  send->add_flag("--dry-run", wanted.dry_run,
                 "Print what would be said to a server that offers everything, and connect to none");
  send->add_flag("--transcript", wanted.transcript, "Print what is said to standard error, but for secrets");
  send->add_flag("--json", wanted.json, "A JSON object a recipient");
  send->footer(
      "A line for each recipient: delivered, refused, temporary or unknown, and why.\n"
      "Exit status: 0 delivered to all; 75 try again later; 69 refused; 74 the connection was lost after the "
      "message,\n"
      "which may have arrived; 65 the message or an address can't be sent to this server; 66 a file can't be read;\n"
      "68 unknown host; 77 nobody got it: no TLS, no good certificate or no authentication; 64 usage.");
}

int run(send_command& command) {
  try {
    command.wanted.convert_line_ends = !command.strict_line_ends;
    command.wanted.chunking = !command.no_chunking;
    if (command.timeout) command.wanted.timeout = std::chrono::seconds(*command.timeout);
    read_security(command);
    read_target(command);
    read_envelope(command);
    read_password(command);
  } catch (const usage_error& error) {
    fmt::print(stderr, "{}\n", error.why);
    return send_status::usage;
  }
  return send(command.wanted);
}

} // namespace postel::conformance
