// A delivery keeps pointers to its plan and envelope, and a view of the message: temporaries would be gone at once.
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "postel/delivery.hpp"

using postel::delivery;
using postel::delivery_plan;
using postel::envelope;

std::uint64_t size_of(std::string_view text) {
  const delivery_plan plan;
  const envelope what;
  const std::vector<std::string_view> slices{text};
#if POSTEL_MISTAKE == 1
  const delivery d(delivery_plan{}, what, slices);
#elif POSTEL_MISTAKE == 2
  const delivery d(plan, envelope{}, slices);
#elif POSTEL_MISTAKE == 3
  const delivery d(delivery_plan{}, envelope{}, slices);
#elif POSTEL_MISTAKE == 4
  const delivery d(plan, what, std::vector<std::string_view>{text});
#elif POSTEL_MISTAKE == 5
  const delivery d(plan, what, std::array<std::string_view, 1>{text});
#elif POSTEL_MISTAKE == 6
  const delivery d({}, what, slices);
#else
  const delivery d(plan, what, std::span(slices)); // a span is a view already
#endif
  return d.size();
}
