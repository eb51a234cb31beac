// Received fields as JSON.
#pragma once

#include <postel/trace.hpp>

#include "text/json_text.hpp"

namespace postel::conformance {

[[nodiscard]] json value(const received& field);
[[nodiscard]] json value(const trace_clauses& field);

} // namespace postel::conformance
