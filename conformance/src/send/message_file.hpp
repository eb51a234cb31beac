// The message of postel send: a file, mapped, or standard input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postel::conformance {

class send_message {
 public:
  // Why it can't be read, if it can't. "-" is standard input; what is no regular file is first copied to a temporary one, so that
  // its size is known and no memory depends on it.
  static std::variant<send_message, std::string> open(const std::string& name);
  send_message(send_message&& other) noexcept;
  send_message& operator=(send_message&&) = delete;
  ~send_message();

  [[nodiscard]] std::string_view text() const { return {begin_, size_}; }

 private:
  send_message() = default;
  const char* begin_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace postel::conformance
