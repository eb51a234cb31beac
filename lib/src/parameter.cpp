#include "postel/parameter.hpp"

#include <algorithm>

#include "postel/address.hpp"

namespace postel {

parameter parameters::iterator::operator*() const noexcept {
  const std::string_view text = rest_.substr(0, rest_.find(' '));
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

parameters::iterator& parameters::iterator::operator++() noexcept {
  const std::size_t space = rest_.find(' ');
  rest_.remove_prefix(std::min(rest_.find_first_not_of(' ', space), rest_.size()));
  return *this;
}

std::optional<parameter> parameters::find(std::string_view keyword) const noexcept {
  for (const parameter p : *this)
    if (equal_ignoring_case(p.keyword, keyword)) return p;
  return std::nullopt;
}

} // namespace postel
