// Replies that may have nothing to do with what a case is about.
#pragma once

#include <string_view>

#include "play/observation.hpp"

namespace postel::conformance {

// Why a server may have given this reply whatever it makes of the requirement, in words: it asks for TLS or AUTH first, puts everything off
// for now, or has a policy. Whoever is told so did nothing that a standard forbids. Empty where the reply has to do with the command.
[[nodiscard]] std::string_view another_reason(const observation& seen);

} // namespace postel::conformance
