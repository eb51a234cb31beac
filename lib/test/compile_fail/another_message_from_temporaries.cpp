// As with the first message: envelope and slices must last until the next one.
#include <string_view>
#include <vector>

#include "postel/delivery.hpp"

postel::result<void> send_on(postel::delivery& d, std::string_view text) {
  const postel::envelope what;
  const std::vector<std::string_view> slices{text};
#if POSTEL_MISTAKE == 1
  return d.another(postel::envelope{}, slices);
#elif POSTEL_MISTAKE == 2
  return d.another(what, std::vector<std::string_view>{text});
#else
  return d.another(what, slices);
#endif
}
