#include "play/outcome.hpp"

namespace postel::conformance {

std::string_view name(verdict value) noexcept {
  switch (value) {
    case verdict::pass: return "pass";
    case verdict::fail: return "fail";
    case verdict::warn: return "warn";
    case verdict::note: return "note";
    case verdict::inconclusive: return "inconclusive";
    case verdict::skipped: return "skipped";
    case verdict::error: break;
  }
  return "error";
}

} // namespace postel::conformance
