// A delivery to a server, both of them ours.
#include "pair_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  insist(judge_pair(view_of(data, size)));
  return 0;
}
