// The built-in mail system: what decides behind a server session of the tool.
//   Accepts mail for Postmaster and for every mailbox at example.org, example.com and localhost, but for the local part "unknown".
//   Refuses other domains. Keeps messages in a store if there is one, else throws them away.
#pragma once

#include <optional>
#include <postel/server.hpp>
#include <string>

#include "message_store.hpp"

namespace postel::conformance {

// One for each session.
class application {
 public:
  // store: null to throw messages away; else it must outlive the application.
  explicit application(message_store* store = nullptr) : store_(store) {}

  // Deals with an event of the session, and answers it where an answer is owed.
  void handle(const server_event& what, server& session, std::string& out);

 private:
  void forget_transaction();

  message_store* store_;
  envelope envelope_;
  std::optional<message_store::draft> draft_;
};

} // namespace postel::conformance
