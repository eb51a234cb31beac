// A parser's result that nobody looks at.
#include "postel/address.hpp"

bool is_mailbox(std::string_view text) {
#ifdef POSTEL_MISTAKE
  postel::parse_mailbox(text);
  return true;
#else
  return postel::parse_mailbox(text).has_value();
#endif
}
