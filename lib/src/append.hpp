// How every append() keeps its promise: written octets stay only if parsing them gives the value back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "postel/result.hpp"

namespace postel::detail {

// Calls write(), which appends to out, then keep(), which parses the appended text and gives a result<T>; unless that equals value,
// out is as it was before.
template <typename T, typename Write, typename Parse>
result<std::size_t> append_checked(std::string& out, const T& value, Write&& write, Parse&& parse) {
  const std::size_t before = out.size();
  write();
  const auto parsed = parse(std::string_view(out).substr(before));
  if (parsed && *parsed == value) return out.size() - before;
  const failure why = parsed ? failure{errc::syntax, 0} : parsed.error();
  out.resize(before);
  return why;
}

} // namespace postel::detail
