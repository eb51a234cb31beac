#include "send/ascii_domain.hpp"

#include <idn2.h>

#include <memory>
#include <postel/address.hpp>

namespace postel::conformance {

std::optional<std::string> ascii_domain(std::string_view domain) {
  char* found = nullptr;
  // Not IDN2_USE_STD3_ASCII_RULES: it drops what they forbid, and so makes another name of it.
  const int result = ::idn2_to_ascii_8z(std::string(domain).c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owned(found, &::idn2_free);
  // The library takes what comes: empty labels, octets that no name has, and it does not see what follows a NUL.
  if (result != IDN2_OK || domain.find('\0') != std::string_view::npos || !parse_domain(found)) return std::nullopt;
  return std::string(found);
}

} // namespace postel::conformance
