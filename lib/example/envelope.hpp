// What is known of a message beside its octets, and the trace fields that say it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maildir.hpp"
#include "postel/server.hpp"
#include "postel/trace.hpp"

// Views of an event are gone when its octets are: all is copied.
struct envelope {
  std::string client = {};                 // from EHLO, HELO or LHLO
  std::string client_address = {};         // as TCP sees it: an address literal
  std::string return_path = {};            // the field, CRLF included
  std::vector<std::string> mailboxes = {}; // folders: one a recipient, in the order of RCPT
  std::string only_recipient = {};         // the forward-path as written, if there is one only
  postel::charset octets = postel::charset::ascii;

  void begin(const postel::event::sender& mail) {
    octets = mail.smtputf8 ? postel::charset::utf8 : postel::charset::ascii;
    return_path.clear();
    (void)postel::append_return_path(return_path, mail.command.from, octets);
    mailboxes.clear();
    only_recipient.clear();
  }

  void add(const postel::path& to, std::string mailbox) {
    only_recipient.clear();
    if (mailboxes.empty()) (void)postel::append(only_recipient, to, octets);
    mailboxes.push_back(std::move(mailbox));
  }

  // Return-Path, since this is final delivery, and Received (RFC 5321 4.4). Nothing if one of them can't be written: a message is not to be
  // taken without. It names a recipient only where there is no other, who might not have been meant to see it (RFC 5321 7.2).
  [[nodiscard]] std::optional<std::string> trace(const postel::server& session, std::string_view host,
                                                 std::string_view id) const {
    std::string date;
    const auto now = std::chrono::system_clock::now();
    const auto dated = postel::append_date(date, std::chrono::system_clock::to_time_t(now));
    const auto from = postel::parse_domain(client, postel::charset::utf8);
    const auto by = postel::parse_domain(host);
    std::string fields = return_path;
    if (!dated || !from || !by || return_path.empty()) return std::nullopt;
    const postel::received field{.from = {*from, client_address},
                                 .by = {*by, {}},
                                 .via = {},
                                 .with = session.with_protocol(),
                                 .id = id,
                                 .for_path = only_recipient,
                                 .additional = {},
                                 .date = date};
    if (!postel::append(fields, field, octets)) return std::nullopt;
    return fields;
  }

  // Begins the message's file with these fields, unless it is begun. To be called before each part is written, and at the end, for there may be
  // no part: by then all recipients are known, whether DATA or BDAT brings the message. What fails shows when it is delivered.
  void begin_file(maildir::message& message, const postel::server& session, std::string_view host) const {
    if (message.begun()) return;
    std::string name = maildir::message::unique_name();
    const auto fields = trace(session, host, maildir::message::id_of(name));
    message.open(mailboxes.front(), std::move(name));
    if (fields)
      message.write(*fields);
    else
      message.fail();
  }
};
