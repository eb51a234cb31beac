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

std::string stuff(std::string_view message) {
  return behind_line_end(message, [](std::string text) { return replace_all(std::move(text), "\r\n.", "\r\n.."); });
}

} // namespace postel::fuzz
