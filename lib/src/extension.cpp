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
    "XVERP",         "PRDR",       "PIPECONNECT",   "WELLKNOWN",
    "XRCPTFORWARD"};

static_assert(static_cast<std::size_t>(extension::xrcptforward) + 1 == extension_count);
static_assert(!keywords.back().empty());

// A number between 0 and 255 for a keyword of two octets or more, the same in any case: from its first two octets and its last two.
constexpr std::uint8_t hash(std::string_view text, std::uint32_t factor) noexcept {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t front = octet(0) | octet(1) << 8U;
  const std::uint32_t back = octet(text.size() - 2) | octet(text.size() - 1) << 8U;
  const std::uint32_t ends = (front | back << 16U) & 0xDFDFDFDF;
  return static_cast<std::uint8_t>(ends * factor >> 24U);
}

// Where the keyword with that hash is, if there is one: each hash has one keyword at most, for factor is chosen so.
struct hash_table {
  std::uint32_t factor;
  std::array<std::uint8_t, 256> row;
};

consteval hash_table make_table() {
  constexpr std::uint8_t none = extension_count;
  for (std::uint32_t factor = 0x9E3779B1;; factor += 2) {
    hash_table made{factor, {}};
    made.row.fill(none);
    bool distinct = true;
    for (std::size_t i = 0; i < extension_count && distinct; ++i) {
      std::uint8_t& row = made.row[hash(keywords[i], factor)];
      distinct = row == none;
      row = static_cast<std::uint8_t>(i);
    }
    if (distinct) return made;
  }
}

constexpr hash_table table = make_table();

} // namespace

std::string_view keyword(extension e) noexcept {
  return keywords[static_cast<std::size_t>(e)];
}

std::optional<extension> extension_of(std::string_view text) noexcept {
  if (text.size() < 2) return std::nullopt;
  const std::size_t row = table.row[hash(text, table.factor)];
  if (row == extension_count) return std::nullopt;
  if (keywords[row] != text && !equal_ignoring_case(keywords[row], text)) return std::nullopt;
  return static_cast<extension>(row);
}

} // namespace postel
