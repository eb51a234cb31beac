#include "serve/json_envelope.hpp"

#include "text/json_text.hpp"

namespace postel::conformance {

std::string envelope_json(const envelope& about) {
  json params = json::array();
  for (const auto& [keyword, content] : about.parameters)
    params.push_back({{"keyword", value(keyword)}, {"value", content.empty() ? json() : value(content)}});
  json to = json::array();
  for (const std::string& each : about.to) to.push_back(value(each));
  return text_of({{"helo", value(about.helo)}, {"from", value(about.from)}, {"params", params}, {"to", to}});
}

} // namespace postel::conformance
