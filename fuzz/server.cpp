// All that a client sends in one session.
#include "server_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  insist(judge_server(view_of(data, size), target_effort));
  return 0;
}
