#include "objection.hpp"

#include <cstdio>
#include <cstdlib>

namespace postel::fuzz {

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string readable;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\r')
      readable += "\\r";
    else if (c == '\n')
      readable += "\\n";
    else if (c == '\\')
      readable += "\\\\";
    else if (octet >= 32 && octet < 127)
      readable += c;
    else
      (((readable += "\\x") += digits[octet >> 4U]) += digits[octet & 15U]);
  }
  return readable;
}

std::string in_quotes(std::string_view text) {
  return std::string("'").append(escaped(text)).append("'");
}

void insist(const objection& found) {
  if (!found) return;
  std::fprintf(stderr, "objection: %s\n", found.what.c_str());
  std::abort();
}

} // namespace postel::fuzz
