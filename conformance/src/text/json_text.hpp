// Octets in JSON: the one way in which the tool writes them. A string that is not well-formed UTF-8 is {"hex":"C3"} instead, so that no octet is
// lost and the output is valid whatever comes.
#pragma once

#include <nlohmann/json.hpp>
#include <postel/result.hpp>
#include <span>
#include <string>
#include <string_view>

namespace postel::conformance {

using json = nlohmann::ordered_json;

[[nodiscard]] json value(std::string_view octets);
// What decode() makes of text; null if it refuses it.
[[nodiscard]] json decoded(std::string_view text,
                           result<std::string_view> (*decode)(std::string_view, std::span<char>) noexcept);
// On one line for every reader, without a line end, in UTF-8, and safe on a terminal: escape_json().
[[nodiscard]] std::string text_of(const json& object);

} // namespace postel::conformance
