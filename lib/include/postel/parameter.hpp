// The parameters of MAIL and RCPT: RFC 5321 4.1.2.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace [[gnu::visibility("default")]] postel {

// esmtp-param, RFC 5321 4.1.2. A value that is absent and an empty one differ; the grammar has no empty one, policy.accept_empty_envid has one.
struct parameter {
  std::string_view keyword;
  std::optional<std::string_view> value;

  friend bool operator==(const parameter&, const parameter&) = default;
};

// Mail-parameters or Rcpt-parameters, RFC 5321 4.1.2: one view of text that the grammar accepted, split while iterating.
class parameters {
 public:
  class iterator {
   public:
    using value_type = parameter;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(std::string_view rest) noexcept : rest_(rest) {}

    parameter operator*() const noexcept;
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      const iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.rest_.size() == b.rest_.size(); }

   private:
    std::string_view rest_;
  };

  parameters() = default;
  // text: parameters separated by single spaces (by more where policy.accept_several_spaces took them), or nothing. To hand them to append(), which refuses what the grammar does.
  constexpr explicit parameters(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] iterator begin() const noexcept { return iterator(text_); }
  [[nodiscard]] iterator end() const noexcept { return iterator(); }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  // As written.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // The first parameter of that keyword, in any case; nothing if there is none.
  [[nodiscard]] std::optional<parameter> find(std::string_view keyword) const noexcept;

  friend bool operator==(const parameters&, const parameters&) = default;

 private:
  std::string_view text_;
};

} // namespace postel
