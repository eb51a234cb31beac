// postel check --client: tries a client that it starts.
#pragma once

#include "check/check.hpp"

namespace postel::conformance {

// wanted.client is the command. Gives the exit status.
int check_client(const check_options& wanted);

} // namespace postel::conformance
