// What a server says in an AUTH exchange that it lets succeed, whatever the client answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postel::conformance {

// The challenges, in base64, that PLAIN, LOGIN or CRAM-MD5 need behind this AUTH command (RFC 4954 4); nothing with another mechanism.
[[nodiscard]] std::optional<std::vector<std::string>> auth_challenges(std::string_view line);

} // namespace postel::conformance
