#include "postel/xtext.hpp"

#include "parse.hpp"
#include "postel/grammar/parameter.hpp"

namespace postel {

namespace {

// A hexadecimal digit's value, in either case: a letter's differ in one bit.
unsigned digit(char c) noexcept {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

// Octets written one behind another as long as there is room.
class filler {
 public:
  explicit filler(std::span<char> buffer) noexcept : buffer_(buffer) {}

  void put(unsigned octet) noexcept {
    if (size_ < buffer_.size()) buffer_[size_] = static_cast<char>(octet);
    ++size_;
  }
  // A code point in UTF-8, RFC 3629 3.
  void put_code_point(unsigned point) noexcept {
    if (point < 0x80) return put(point);
    if (point < 0x800) {
      put(0xC0 | point >> 6);
    } else {
      if (point < 0x10000) {
        put(0xE0 | point >> 12);
      } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
      }
      put(0x80 | (point >> 6 & 0x3F));
    }
    put(0x80 | (point & 0x3F));
  }
  [[nodiscard]] result<std::string_view> filled() const noexcept {
    if (size_ > buffer_.size()) return failure{errc::buffer_too_small, 0};
    return std::string_view(buffer_.data(), size_);
  }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
};

// Where a "\x{" of text that matched begins, its digits and its "}".
constexpr std::string_view embedded = "\\x{";

} // namespace

result<std::string_view> decode_xtext(std::string_view text, std::span<char> buffer) noexcept {
  filler decoded(buffer);
  if (text.empty()) return decoded.filled();
  if (!detail::matches<grammar::xtext>(text)) return detail::fault<grammar::xtext>(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '+') {
      decoded.put(static_cast<unsigned char>(text[at]));
      continue;
    }
    decoded.put(digit(text[at + 1]) << 4 | digit(text[at + 2]));
    at += 2;
  }
  return decoded.filled();
}

result<std::string_view> decode_utf8_address(std::string_view text, std::span<char> buffer) noexcept {
  using rule = grammar::utf_8_enc_addr<grammar::internationalized>;
  if (!detail::matches<rule>(text)) return detail::fault<rule>(text);
  filler decoded(buffer);
  for (std::size_t at = 0; at < text.size(); ++at) {
    // A backslash begins nothing else: it is no QCHAR.
    if (text[at] != embedded.front()) {
      decoded.put(static_cast<unsigned char>(text[at]));
      continue;
    }
    unsigned point = 0;
    for (at += embedded.size(); text[at] != '}'; ++at) point = point << 4 | digit(text[at]);
    decoded.put_code_point(point);
  }
  return decoded.filled();
}

std::size_t append_xtext(std::string& out, std::string_view octets) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::size_t before = out.size();
  for (const char octet : octets) {
    if (grammar::is(grammar::octets::xchar, octet)) {
      out += octet;
    } else {
      out += '+';
      out += digits[static_cast<unsigned char>(octet) >> 4];
      out += digits[static_cast<unsigned char>(octet) & 0xF];
    }
  }
  return out.size() - before;
}

} // namespace postel
