// How many descriptors there are: who runs out of them can neither accept a connection nor store a message.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

// Asks for so many, as far as the operator allows; gives how many there are then.
inline std::size_t ask_for_descriptors(std::size_t wanted) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < wanted) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, wanted);
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  return static_cast<std::size_t>(std::min<rlim_t>(files.rlim_cur, wanted));
}
