#include "body_reference.hpp"

namespace postel::fuzz {

namespace {

constexpr std::string_view crlf = "\r\n";

std::string replace_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// text as it stands behind the CRLF of the line before it, handed to change, and that CRLF taken off again.
template <typename Change>
std::string behind_line_end(std::string_view text, Change change) {
  return change(std::string(crlf).append(text)).substr(crlf.size());
}

} // namespace

std::optional<bare_octet> first_bare(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) return bare_octet{errc::bare_lf, at};
    if (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n')) return bare_octet{errc::bare_cr, at};
  }
  return std::nullopt;
}

received_body receive_body(std::string_view wire) {
  received_body body;
  const std::string behind = std::string(crlf).append(wire);
  std::size_t message_size =
      behind.find("\r\n.\r\n"); // the CRLF before the dot is the message's, the one before it all is not
  body.ended = message_size != std::string::npos;
  if (body.ended) {
    body.used = message_size + 3;
  } else {
    message_size = wire.size();
    if (behind.ends_with("\r\n.\r"))
      message_size -= 2;
    else if (behind.ends_with("\r\n.") || behind.ends_with("\r"))
      message_size -= 1;
    body.used = message_size;
  }
  const std::string_view stuffed = wire.substr(0, message_size);
  body.bare = first_bare(stuffed);
  body.message = behind_line_end(stuffed, [](std::string text) { return replace_all(std::move(text), "\r\n.", crlf); });
  return body;
}

judged_body judge_body(std::string_view message, const policy& rules, bool eight_bit) {
  judged_body judged;
  std::size_t line = 0; // octets of the line that is under way
  const auto fault_of = [&](char octet) -> std::optional<errc> {
    if (octet == '\0' && !rules.accept_nul) return errc::nul_octet;
    if (static_cast<unsigned char>(octet) > 127 && !rules.accept_undeclared_eight_bit && !eight_bit)
      return errc::non_ascii_body;
    if (line >= rules.limit.text_line) return errc::text_line_too_long;
    if (judged.message.size() >= rules.message_size) return errc::message_too_large;
    return std::nullopt;
  };
  for (std::size_t at = 0; at < message.size(); ++at) {
    std::string octets(1, message[at]);
    // Only two octets are needed to see what a CR or LF is.
    if (message[at] == '\r' ? message.substr(at, 2) != crlf
                            : message[at] == '\n' && (at == 0 || message[at - 1] != '\r')) {
      const bool cr = message[at] == '\r';
      switch (cr ? rules.bare_cr : rules.bare_lf) {
        case bare_line_end::refuse: judged.fault = cr ? errc::bare_cr : errc::bare_lf; return judged;
        case bare_line_end::normalise: octets = crlf; break;
        case bare_line_end::accept: break;
      }
    }
    for (const char octet : octets) {
      judged.fault = fault_of(octet);
      if (judged.fault) return judged;
      judged.message += octet;
      line = octet == '\n' ? 0 : line + 1;
    }
  }
  return judged;
}

std::string with_line_ends(std::string_view message) {
  std::string made;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message[i] != '\r' && message[i] != '\n') {
      made += message[i];
      continue;
    }
    made += "\r\n";
    if (message.substr(i, 2) == "\r\n") ++i;
  }
  return made;
}

std::string stuff(std::string_view message) {
  return behind_line_end(message, [](std::string text) { return replace_all(std::move(text), "\r\n.", "\r\n.."); });
}

} // namespace postel::fuzz
