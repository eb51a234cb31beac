#include "report.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "postel/base64.hpp"
#include "postel/error.hpp"
#include "postel/reply.hpp"
#include "postel/trace.hpp"
#include "postel/xtext.hpp"

namespace relay {

namespace {

constexpr std::size_t largest_returned = std::size_t{1024} * 1024; // a message beyond is returned as its header section

std::string_view header_of(std::string_view message) {
  const std::size_t end = message.find("\r\n\r\n");
  return message.substr(0, end == std::string_view::npos ? end : end + 2);
}

std::string address_of(const postel::path& path) {
  std::string text;
  (void)append(text, path, postel::charset::utf8);
  return text.size() < 2 ? text : text.substr(1, text.size() - 2); // without its brackets
}

// Whether text is UTF-8, as the lines of a reply may be (RFC 6531 3.7.4.2). A server may have said anything.
bool is_utf8(std::string_view text) {
  std::string reply;
  return append(reply, postel::reply{250, text}, postel::charset::utf8).has_value();
}

// Octets for a field's body: folded at line ends, everything that has no place there as "?", no longer than a line may be.
void add_text(std::string& out, std::string_view text, bool utf8) {
  constexpr std::size_t most = 4000, line = 900; // RFC 5322 2.1.1: 998
  std::size_t column = 0;
  text = text.substr(0, most);
  // Not cut within a character.
  while (utf8 && text.size() == most && !text.empty() && text.back() < 0) text.remove_suffix(1);
  utf8 = utf8 && is_utf8(text);
  for (const char octet : text) {
    if (octet == '\n' || (octet == ' ' && column > line)) {
      out += "\r\n ";
      column = 0;
      continue;
    }
    const bool printable = (octet >= ' ' && octet <= '~') || octet == '\t' || (utf8 && octet < 0);
    out += printable ? octet : '?';
    ++column;
  }
}

void add_status(std::string& out, const postel::enhanced_status_code& status) {
  for (const auto number : {status.status_class, status.subject, status.detail})
    out.append(std::to_string(number)).append(".");
  out.pop_back();
}

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char octet) { return octet >= ' ' && octet <= '~'; });
}

// RFC 3464 2.2.1. envid() gives what is printable once decoded (RFC 3461 4.4): it can't be lines of a header.
void add_envelope_id(std::string& out, const postel::mail_parameters& parameters) {
  const auto envid = parameters.envid();
  if (!envid || !*envid) return;
  std::string buffer((*envid)->size(), '\0');
  const auto decoded = postel::decode_xtext(**envid, buffer);
  if (decoded) out.append("Original-Envelope-Id: ").append(*decoded).append("\r\n");
}

// RFC 3464 2.3.1.
void add_original_recipient(std::string& out, const stored::recipient& recipient, bool utf8) {
  const postel::rcpt_parameters parameters{postel::parameters(recipient.parameters)};
  const auto orcpt = parameters.orcpt();
  if (!orcpt || !*orcpt) return;
  std::string buffer((*orcpt)->address.size(), '\0');
  if ((*orcpt)->is_utf8()) {
    const auto decoded = postel::decode_utf8_address((*orcpt)->address, buffer);
    // The spelling in ASCII is good everywhere (RFC 6533 3).
    const bool plain = decoded && (utf8 || printable(*decoded));
    if (!plain && !printable((*orcpt)->address)) return;
    out.append("Original-Recipient: utf-8;").append(plain ? *decoded : (*orcpt)->address).append("\r\n");
    return;
  }
  const auto decoded = postel::decode_xtext((*orcpt)->address, buffer);
  if (!decoded) return; // orcpt() gives what is printable once decoded, as envid() does
  out.append("Original-Recipient: ").append((*orcpt)->address_type).append(";").append(*decoded).append("\r\n");
}

// RFC 3464 2.3.4: ours where the server gave none.
postel::enhanced_status_code status_of(const report_line& line) {
  using postel::errc;
  if (line.what != action::failed) return line.outcome->status.value_or(postel::enhanced_status_code{2, 0, 0});
  if (line.outcome->what == postel::outcome::unknown) return {4, 4, 2};
  if (line.expired) return {4, 4, 7};
  if (line.outcome->status && line.outcome->status->status_class == 5) return *line.outcome->status;
  if (line.outcome->code != 0) return {5, 0, 0};
  switch (line.outcome->error) {
    case errc::non_ascii_address: return {5, 6, 7};
    case errc::non_ascii_body: return {5, 6, 3};
    case errc::message_too_large: return {5, 3, 4};
    case errc::bare_cr:
    case errc::bare_lf: return {5, 6, 0};
    default: return {5, 0, 0};
  }
}

std::string_view name(action what) {
  switch (what) {
    case action::failed: return "failed";
    case action::delivered: return "delivered";
    case action::relayed: return "relayed";
  }
  return {};
}

void add_recipient_fields(std::string& out, const report_line& line, std::string_view smarthost, std::string_view now,
                          bool utf8) {
  const bool utf8_address = has_non_ascii(line.recipient->to);
  out += "\r\n";
  add_original_recipient(out, *line.recipient, utf8);
  out.append("Final-Recipient: ").append(utf8_address ? "utf-8;" : "rfc822;");
  out.append(address_of(line.recipient->to)).append("\r\nAction: ").append(name(line.what)).append("\r\nStatus: ");
  add_status(out, status_of(line));
  out.append("\r\nRemote-MTA: dns;").append(smarthost);
  if (line.outcome->code != 0) {
    out.append("\r\nDiagnostic-Code: smtp;").append(std::to_string(line.outcome->code)).append(" ");
    add_text(out, line.outcome->text, utf8);
  }
  out.append("\r\nLast-Attempt-Date: ").append(now).append("\r\n");
}

void add_sentence(std::string& out, const report_line& line, bool utf8) {
  out.append("  <").append(address_of(line.recipient->to)).append(">\r\n    ");
  if (line.expired) out += "could not be delivered in time; last: ";
  if (line.outcome->what == postel::outcome::unknown) {
    // RFC 5321 6.1: it was sent again and again, and each time it may have arrived.
    if (line.outcome->error == postel::errc::reply_code_mismatch)
      out.append("the reply has different codes (").append(line.outcome->text).append(")");
    else
      out += "the connection was lost before it was said whether the message is accepted";
    out += ": it may have arrived";
  } else if (line.outcome->code != 0) {
    out.append(std::to_string(line.outcome->code)).append(" ");
    add_text(out, line.outcome->text, utf8);
  } else if (line.outcome->error != postel::errc{}) {
    out += message(line.outcome->error);
  } else {
    out += "no answer";
  }
  out += "\r\n";
}

// A part of the report: its content with the encoding that it needs (RFC 2045 6). eight_bit: octets above 127 pass.
void write_part(draft& report, std::string_view boundary, std::string_view type, std::string_view content,
                bool eight_bit) {
  std::string out;
  out.append("\r\n--").append(boundary).append("\r\nContent-Type: ").append(type).append("\r\n");
  const bool plain = !postel::has_non_ascii(content);
  if (!plain) out.append("Content-Transfer-Encoding: ").append(eight_bit ? "8bit" : "base64").append("\r\n");
  report.write(out.append("\r\n"));
  if (plain || eight_bit) {
    report.write(content);
    return;
  }
  constexpr std::size_t line = 57; // 76 octets of base64 (RFC 2045 6.8)
  for (; !content.empty(); content.remove_prefix(std::min(line, content.size()))) {
    out.clear();
    postel::append_base64(out, content.substr(0, line));
    report.write(out.append("\r\n"));
  }
}

std::string_view introduction(action what) {
  switch (what) {
    case action::failed: return "Your message did not reach, as far as we know:";
    case action::delivered: return "Your message has been delivered to:";
    case action::relayed: return "Your message has been passed on to a server that reports no delivery, for:";
  }
  return {};
}

} // namespace

bool wants_report(const stored& message, const stored::recipient& recipient, action what) {
  if (message.from().is_null()) return false;
  const auto notify = postel::rcpt_parameters{postel::parameters(recipient.parameters)}.notify();
  if (!notify || !*notify) return what == action::failed;
  return what == action::failed ? (*notify)->failure : (*notify)->success;
}

std::optional<draft> write_report(spool& where, const stored& message, const std::vector<report_line>& lines,
                                  const report_route& route) {
  std::string envelope;
  // The reverse-path is null, so that nobody answers this with another one (RFC 5321 6.1, RFC 3464 2).
  if (!add_sender(envelope, {}, {}) || !add_recipient(envelope, message.from(), {})) return std::nullopt;
  auto report = where.begin(envelope);
  if (!report) return std::nullopt;

  const std::string_view header = header_of(message.message());
  // RFC 6533 4 to 6: what holds UTF-8 has types of its own.
  const bool utf8 = postel::has_non_ascii(header) || has_non_ascii(message.from()) ||
                    std::ranges::any_of(lines, [](const auto& l) { return has_non_ascii(l.recipient->to); });
  const bool failed = std::ranges::any_of(lines, [](const auto& l) { return l.what == action::failed; });
  const auto ret = message.parameters().ret();
  // A message in it can't be encoded (RFC 2046 5.2.1): where eight bits do not pass, its header section is returned.
  const bool full = failed && ret && *ret == postel::ret_value::full && message.message().size() <= largest_returned &&
                    (route.eight_bit || !postel::has_non_ascii(message.message()));
  const std::string_view returned = full ? message.message() : header;

  std::string arrival, now;
  if (!postel::append_date(arrival, message.arrived()) || !postel::append_date(now, report->arrived()))
    return std::nullopt;
  const std::string boundary = "=_" + report->id();

  std::string text;
  for (const action what : {action::failed, action::delivered, action::relayed}) {
    if (std::ranges::none_of(lines, [&](const auto& l) { return l.what == what; })) continue;
    text.append(introduction(what)).append("\r\n\r\n");
    for (const report_line& line : lines)
      if (line.what == what) add_sentence(text, line, utf8);
    text.append("\r\n");
  }
  std::string status;
  add_envelope_id(status, message.parameters());
  status.append("Reporting-MTA: dns;").append(route.host).append("\r\nArrival-Date: ").append(arrival).append("\r\n");
  for (const report_line& line : lines) add_recipient_fields(status, line, route.smarthost, now, utf8);

  std::string out;
  out.append("Date: ").append(now).append("\r\nFrom: Mail delivery <postmaster@").append(route.host);
  out.append(">\r\nTo: <").append(address_of(message.from())).append(">\r\nMessage-ID: <").append(report->id());
  out.append("@").append(route.host).append(">\r\nSubject: ");
  out.append(failed ? "Your message could not be delivered" : "Your message was delivered");
  out.append("\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"); // RFC 3834 5
  const bool eight_bit = route.eight_bit && (utf8 || postel::has_non_ascii(text) || postel::has_non_ascii(returned));
  if (eight_bit) out.append("Content-Transfer-Encoding: 8bit\r\n");
  out.append("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"").append(boundary);
  report->write(out.append("\"\r\n"));

  write_part(*report, boundary, "text/plain; charset=utf-8", text, eight_bit);
  write_part(*report, boundary, utf8 ? "message/global-delivery-status" : "message/delivery-status", status, eight_bit);
  const std::string_view whole_type = utf8 ? "message/global" : "message/rfc822";
  const std::string_view header_type = utf8 ? "message/global-headers" : "text/rfc822-headers";
  write_part(*report, boundary, full ? whole_type : header_type, returned, eight_bit);
  if (!report->write("\r\n--" + boundary + "--\r\n")) return std::nullopt; // or any of those before
  return report;
}

} // namespace relay
