#include "postel/extension.hpp"

#include "postel/address.hpp"

namespace postel {

std::string_view keyword(extension e) noexcept {
  switch (e) {
    case extension::pipelining: return "PIPELINING";
    case extension::size: return "SIZE";
    case extension::eight_bit_mime: return "8BITMIME";
    case extension::enhanced_status_codes: return "ENHANCEDSTATUSCODES";
    case extension::smtputf8: return "SMTPUTF8";
    case extension::help: return "HELP";
    case extension::expn: return "EXPN";
  }
  return {};
}

std::optional<extension> extension_of(std::string_view text) noexcept {
  for (const extension e : all_extensions)
    if (equal_ignoring_case(keyword(e), text)) return e;
  return std::nullopt;
}

} // namespace postel
