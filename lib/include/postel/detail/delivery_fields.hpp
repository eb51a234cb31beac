// What a delivery keeps. src/delivery.cpp works on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../client.hpp"
#include "message_cursor.hpp"
#include "message_facts.hpp"
#include "recipient_list.hpp"

namespace [[gnu::visibility("default")]] postel {

struct envelope;
struct delivery_plan;

namespace detail {

// src/delivery_phases.hpp says what leads from one to the next.
enum class delivery_phase : std::uint8_t {
  greeting,
  ehlo, // or LHLO
  helo,
  starttls,
  handshake,
  authentication,
  transaction,
  resetting,
  between, // messages
  leaving, // QUIT could not be sent yet
  quitting,
  over
};

// What has been sent of a transaction.
enum class sent_so_far : std::uint8_t { nothing, mail, data, message };

struct delivery_fields {
  const delivery_plan* plan;
  const envelope* what;
  client session;
  message_cursor message;
  message_facts facts;
  recipient_list recipients;
  std::string parameters = {}; // of the command that is being written
  std::string local_part = {}; // of its path, if that is spelled otherwise than it was given
  std::string mechanisms = {};
  std::optional<std::string> challenge = {};
  std::optional<std::uint64_t> domain_limit = {}; // LIMITS
  std::vector<std::string> domains = {};          // different ones that RCPT named in this session, if there is a limit
  delivery_phase phase = delivery_phase::greeting;
  sent_so_far sent = sent_so_far::nothing;
  bool mail_taken = false;  // in this transaction
  bool full = false;        // in this transaction the server takes no more recipients
  bool asked_again = false; // EHLO was said after AUTH
  bool proof_due = false;   // the server has still to prove who it is
  bool turned_away = false; // before any MAIL
};

} // namespace detail
} // namespace postel
