// A domain with U-labels as it is known to who knows ASCII only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postel::conformance {

// The domain with A-labels (RFC 5890 2.3.2.1, by UTS #46 without transitional mappings); nothing if it has none, as one that is no domain.
[[nodiscard]] std::optional<std::string> ascii_domain(std::string_view domain);

} // namespace postel::conformance
