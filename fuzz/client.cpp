// All that a server sends in one session.
#include "client_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  insist(judge_client(view_of(data, size), target_effort));
  return 0;
}
