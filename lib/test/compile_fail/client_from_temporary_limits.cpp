// A session keeps a pointer to its limits: a temporary would be gone at once.
#include "postel/client.hpp"

std::size_t outstanding() {
#ifdef POSTEL_MISTAKE
  const postel::client session{postel::limits{}};
#else
  const postel::limits limits;
  const postel::client session{limits};
#endif
  return session.outstanding();
}
