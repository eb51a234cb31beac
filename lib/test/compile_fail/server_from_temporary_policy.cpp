// A session keeps a pointer to its policy: a temporary would be gone at once.
#include "postel/server.hpp"

bool open(std::string& out) {
#ifdef POSTEL_MISTAKE
  postel::server session{postel::policy{}};
#else
  const postel::policy policy;
  postel::server session{policy};
#endif
  return session.open(out).has_value();
}
