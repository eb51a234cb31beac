#include "target_name.hpp"

#include <algorithm>
#include <charconv>

namespace postel::conformance {

std::optional<target_name> parse_target(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty()) {
      if (!rest.starts_with(':')) return std::nullopt;
      port = rest.substr(1);
    }
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
  }
  if (host.empty()) return std::nullopt;
  target_name result{std::string(host), 25};
  if (port) {
    const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), result.port);
    if (error != std::errc{} || end != port->data() + port->size() || result.port == 0) return std::nullopt;
  }
  return result;
}

} // namespace postel::conformance
