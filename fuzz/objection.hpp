// What an oracle says about an input, and what becomes of it.
#pragma once

#include <string>
#include <string_view>

namespace postel::fuzz {

// Nothing, or in words what is wrong. Oracles hand it back instead of aborting, so that they can be tested themselves.
struct [[nodiscard]] objection {
  std::string what;

  explicit operator bool() const noexcept { return !what.empty(); }
};

// An objection in these words, put together.
template <typename... Words>
objection in_words(const Words&... words) {
  objection made;
  (made.what.append(words), ...);
  return made;
}

// text for a reader: octets outside printable ASCII, and the backslash, as escapes.
std::string escaped(std::string_view text);
// The same in quotes.
std::string in_quotes(std::string_view text);

// Prints the objection and aborts, which is how a fuzzer learns of it; returns if there is none.
void insist(const objection& found);

} // namespace postel::fuzz
