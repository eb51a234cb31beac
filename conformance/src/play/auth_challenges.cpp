#include "play/auth_challenges.hpp"

#include <postel/address.hpp>
#include <postel/base64.hpp>

namespace postel::conformance {

namespace {

std::string base64(std::string_view octets) {
  std::string text;
  append_base64(text, octets);
  return text;
}

} // namespace

std::optional<std::vector<std::string>> auth_challenges(std::string_view line) {
  const std::size_t start = line.find(' ');
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view mechanism = line.substr(start + 1);
  const std::size_t end = mechanism.find(' ');
  const bool initial = end != std::string_view::npos;
  mechanism = mechanism.substr(0, end);

  std::vector<std::string> all;
  if (equal_ignoring_case(mechanism, "PLAIN"))
    all = {""}; // RFC 4954 4: "334 " for the response that could have been in the command
  else if (equal_ignoring_case(mechanism, "LOGIN"))
    all = {base64("Username:"), base64("Password:")};
  else if (equal_ignoring_case(mechanism, "CRAM-MD5"))
    return std::vector<std::string>{base64("<1.2@server.example>")}; // RFC 2195 2; there is no initial response
  else
    return std::nullopt;
  if (initial) all.erase(all.begin());
  return all;
}

} // namespace postel::conformance
