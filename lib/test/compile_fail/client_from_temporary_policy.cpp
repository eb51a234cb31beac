// A session keeps a pointer to its policy: a temporary would be gone at once.
#include "postel/client.hpp"

std::size_t outstanding() {
#ifdef POSTEL_MISTAKE
  const postel::client session{postel::client_policy{}};
#else
  const postel::client_policy rules;
  const postel::client session{rules};
#endif
  return session.outstanding();
}
