// The one way in which tests and fuzz targets hand text to a parser.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace postel::test {

// text in a heap block of exactly its size: the address sanitizer sees the first octet read beyond its end.
class exact {
 public:
  explicit exact(std::string_view text) : octets_(new char[text.size()]), size_(text.size()) {
    if (size_ != 0) std::memcpy(octets_.get(), text.data(), size_);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {octets_.get(), size_}; }
  operator std::string_view() const noexcept { return view(); }

 private:
  std::unique_ptr<char[]> octets_;
  std::size_t size_;
};

} // namespace postel::test
