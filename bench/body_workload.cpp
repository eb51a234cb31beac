#include "body_workload.hpp"

#include <string_view>

namespace postel::bench {

namespace {

// A linear congruential generator: plain, and good enough to make lines differ.
struct numbers {
  std::uint64_t state = 1;
  std::uint64_t below(std::uint64_t limit) noexcept {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33U) % limit;
  }
};

void append_line(std::string& line, body_kind kind, numbers& random) {
  constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::string_view letters = "etaoin shrdlu,etaoin shrdlu cmfwyp vbgkjq xz.";
  switch (kind) {
    case body_kind::plain76:
      while (line.size() < 76) line += base64[random.below(base64.size())];
      break;
    case body_kind::text: {
      const std::size_t length = 20 + random.below(57);
      line += random.below(100) < 3 ? '.' : 'T';
      while (line.size() < length) line += letters[random.below(letters.size())];
      break;
    }
    case body_kind::dots76:
      line += '.';
      while (line.size() < 75) line += random.below(10) < 6 ? '.' : letters[random.below(letters.size())];
      break;
    case body_kind::dotshort: line += random.below(2) == 0 ? "." : ".x"; break;
  }
}

} // namespace

const char* name(body_kind kind) noexcept {
  switch (kind) {
    case body_kind::plain76: return "plain76";
    case body_kind::text: return "text";
    case body_kind::dots76: return "dots76";
    case body_kind::dotshort: return "dotshort";
  }
  return "";
}

body_workload make_body(body_kind kind, std::size_t size) {
  body_workload made;
  made.message.reserve(size + 80);
  made.wire.reserve(size + 80);
  numbers random;
  std::string line;
  while (made.wire.size() < size) {
    line.clear();
    append_line(line, kind, random);
    line += "\r\n";
    made.message += line;
    if (line.front() == '.') made.wire += '.';
    made.wire += line;
  }
  made.wire += ".\r\n";
  return made;
}

} // namespace postel::bench
