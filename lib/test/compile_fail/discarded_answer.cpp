// An answer that nobody knows to have been given: the client might wait for ever.
#include "postel/server.hpp"

bool refuse(postel::server& session, std::string& out) {
#ifdef POSTEL_MISTAKE
  session.answer({550, "No such user"}, out);
  return true;
#else
  return session.answer({550, "No such user"}, out).has_value();
#endif
}
