// What a local part means, whatever its spelling: RFC 5321 4.1.2.
#include "capture.hpp"
#include "postel/address.hpp"

namespace postel {

namespace {

// The octets that a local part stands for, one after the other.
class meaning {
 public:
  explicit meaning(std::string_view local_part) noexcept : rest_(local_part), quoted_(local_part.starts_with('"')) {
    if (!quoted_) return;
    rest_.remove_prefix(1);
    if (rest_.ends_with('"')) rest_.remove_suffix(1);
  }
  [[nodiscard]] bool more() const noexcept { return !rest_.empty(); }
  char next() noexcept {
    if (quoted_ && rest_.size() > 1 && rest_.front() == '\\') rest_.remove_prefix(1);
    const char octet = rest_.front();
    rest_.remove_prefix(1);
    return octet;
  }

 private:
  std::string_view rest_;
  bool quoted_;
};

} // namespace

result<std::string_view> unquote(std::string_view local_part, std::span<char> buffer) noexcept {
  if (!local_part.starts_with('"')) return local_part;
  std::size_t size = 0;
  for (meaning octets(local_part); octets.more(); ++size) {
    if (size == buffer.size()) return failure{errc::buffer_too_small, 0};
    buffer[size] = octets.next();
  }
  return std::string_view(buffer.data(), size);
}

bool same_mailbox(const mailbox& a, const mailbox& b) noexcept {
  if (!equal_ignoring_case(a.domain, b.domain)) return false;
  meaning left(a.local_part), right(b.local_part);
  while (left.more() && right.more())
    if (left.next() != right.next()) return false;
  return left.more() == right.more();
}

result<std::size_t> append_local_part(std::string& out, std::string_view text, charset octets) {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<std::size_t> {
    const std::size_t before = out.size();
    if (detail::matches<grammar::dot_string<Charset>>(text)) {
      out += text;
      return out.size() - before;
    }
    out += '"';
    for (const char octet : text) {
      if (octet == '"' || octet == '\\') out += '\\';
      out += octet;
    }
    out += '"';
    const std::string_view written = std::string_view(out).substr(before);
    if (detail::matches<grammar::quoted_string<Charset>>(written)) return written.size();
    const failure why = detail::fault<grammar::quoted_string<Charset>>(written);
    out.resize(before);
    return why;
  });
}

} // namespace postel
