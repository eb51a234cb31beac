// What a server says that the grammar does not have, and that is no reason to stop reading it: a reply keeps its code whatever its text is
// (RFC 5321 4.2), an EHLO response its keywords.
#pragma once

#include <optional>
#include <postel/reply.hpp>
#include <string>
#include <string_view>

namespace postel::conformance {

// In words, with the place: "octet 7: expected a reply's text (RFC 5321 §4.2 textstring)"; empty if there is nothing. A reply that is a
// response to EHLO by the grammar has nothing, whatever it answers.
[[nodiscard]] std::string deviation_of(const reply_view& reply);
// The same of a response to EHLO or LHLO, which has a grammar of its own.
[[nodiscard]] std::string deviation_of_offer(const reply_view& response);

// A line of an EHLO response as keyword and parameters with single spaces between them, whatever the server put there.
[[nodiscard]] std::optional<std::string> offered_line(std::string_view text);

} // namespace postel::conformance
