// What is written beside a message that "postel serve --store" keeps.
#pragma once

#include <string>

#include "serve/message_store.hpp"

namespace postel::conformance {

// A JSON object without a line end.
[[nodiscard]] std::string envelope_json(const envelope& about);

} // namespace postel::conformance
