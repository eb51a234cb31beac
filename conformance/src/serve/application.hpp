// The built-in mail system: what decides behind a server session of the tool.
//   Accepts mail for Postmaster and for every mailbox at its domains, but for the local part "unknown". Refuses other domains.
//   Knows one user. Fetches nothing (BURL) and queues nothing (ETRN). Keeps messages in a store if there is one, else throws them away.
#pragma once

#include <optional>
#include <postel/server.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "serve/message_store.hpp"

namespace postel::conformance {

inline constexpr std::string_view built_in_user = "user";
inline constexpr std::string_view built_in_password = "secret";

// What a session in front of the application offers: everything that there is.
[[nodiscard]] policy built_in_policy(service protocol = service::smtp);

// Whom there is mail for, and who may send it. Of addresses: LOCAL@DOMAIN.
struct mail_system {
  std::vector<std::string> domains{"example.org", "example.com", "localhost"};
  std::vector<std::string> mailboxes{}; // besides those at the domains
  std::vector<std::string> unknown{};   // no such mailboxes here, whatever their domain is
  std::vector<std::string> foreign{};   // not relayed to, whatever their domain is
  std::string user{built_in_user};
  std::string password{built_in_password};
};

// One for each session.
class application {
 public:
  // store: null to throw messages away. What it is given must outlive the application.
  explicit application(const mail_system& mail, message_store* store = nullptr) : mail_(mail), store_(store) {}

  // Deals with an event of the session, and answers it where an answer is owed.
  void handle(const server_event& what, server& session, std::string& out);

 private:
  void begin_message();
  void end_message(server& session, std::string& out);
  void forget_transaction();
  void authenticate(const event::authenticate& asked, server& session, std::string& out);
  void respond(std::string_view base64, server& session, std::string& out);
  [[nodiscard]] reply decide(const path& to) const;
  [[nodiscard]] bool is_right_plain(std::string_view message) const;

  const mail_system& mail_;
  message_store* store_;
  envelope envelope_;
  std::optional<message_store::draft> draft_;
  // The AUTH exchange under way.
  bool login_ = false;              // LOGIN, else PLAIN
  std::optional<std::string> name_; // LOGIN: once it was given
};

} // namespace postel::conformance
