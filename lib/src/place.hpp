// Where a parse failed, and what was expected there: a part of explanations and of replies.
#pragma once

#include <string>

#include "postel/error.hpp"

namespace postel::detail {

// Appends " at octet 17: expected a domain (RFC 5321 4.1.2 Domain)", or less where less is known. ASCII, at most 150 octets.
void append_place(std::string& out, const failure& why);

} // namespace postel::detail
