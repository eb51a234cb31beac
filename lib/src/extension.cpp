#include "postel/extension.hpp"

#include <array>

#include "postel/address.hpp"

namespace postel {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, extension_count> keywords = {
    "PIPELINING",    "SIZE",       "8BITMIME",      "ENHANCEDSTATUSCODES",
    "SMTPUTF8",      "HELP",       "EXPN",          "VRFY",
    "CHUNKING",      "BINARYMIME", "DSN",           "STARTTLS",
    "AUTH",          "DELIVERBY",  "FUTURERELEASE", "MT-PRIORITY",
    "REQUIRETLS",    "RRVS",       "LIMITS",        "BURL",
    "NO-SOLICITING", "MTRK",       "CONPERM",       "CONNEG",
    "ETRN",          "ATRN",       "CHECKPOINT",    "SUBMITTER",
    "SEND",          "SOML",       "SAML",          "TURN",
    "VERB",          "ONEX",       "XCLIENT",       "XFORWARD",
    "XVERP"};

static_assert(static_cast<std::size_t>(extension::xverp) + 1 == extension_count);
static_assert(!keywords.back().empty());

} // namespace

std::string_view keyword(extension e) noexcept {
  return keywords[static_cast<std::size_t>(e)];
}

std::optional<extension> extension_of(std::string_view text) noexcept {
  for (std::size_t i = 0; i < extension_count; ++i)
    if (equal_ignoring_case(keywords[i], text)) return static_cast<extension>(i);
  return std::nullopt;
}

} // namespace postel
