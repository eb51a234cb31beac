// A value or the failure that took its place.
#pragma once

#include <utility>
#include <variant>

#include "error.hpp"

namespace [[gnu::visibility("default")]] postel {

// Names and behaviour of C++23's std::expected<T, failure>, less the parts that throw: there is no value().
// Reading *r or r->x while has_value() is false, or error() while it is true, is undefined, as there.
template <typename T>
class [[nodiscard("the failure says why nothing was done")]] result {
 public:
  using value_type = T;
  using error_type = failure;

  constexpr result(T value) noexcept : content_(std::in_place_index<0>, std::move(value)) {}
  constexpr result(failure error) noexcept : content_(std::in_place_index<1>, error) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return content_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr const T& operator*() const& noexcept { return *std::get_if<0>(&content_); }
  constexpr T& operator*() & noexcept { return *std::get_if<0>(&content_); }
  constexpr T&& operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
  constexpr const T* operator->() const noexcept { return std::get_if<0>(&content_); }
  constexpr T* operator->() noexcept { return std::get_if<0>(&content_); }
  [[nodiscard]] constexpr const failure& error() const noexcept { return *std::get_if<1>(&content_); }

  template <typename U>
  [[nodiscard]] constexpr T value_or(U&& otherwise) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(otherwise));
  }

  friend bool operator==(const result&, const result&) = default;

 private:
  std::variant<T, failure> content_;
};

// Success that has nothing to tell, or the failure that took its place: std::expected<void, failure>.
template <>
class [[nodiscard("the failure says why nothing was done")]] result<void> {
 public:
  using value_type = void;
  using error_type = failure;

  constexpr result() noexcept = default;
  constexpr result(failure error) noexcept : error_(error) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return error_.code == errc{}; }
  constexpr explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] constexpr const failure& error() const noexcept { return error_; }

  friend bool operator==(const result&, const result&) = default;

 private:
  failure error_{errc{}}; // errc{}: there is none
};

} // namespace postel
