// What a program that we start must not inherit: it would keep a connection open that we close.
#pragma once

#include <fcntl.h>

namespace postel::conformance {

// Socket: one of Asio's, open.
template <typename Socket>
void close_on_exec(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

} // namespace postel::conformance
