// A Received field.
#include "received_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  insist(judge_received(received_subject(), view_of(data, size)));
  return 0;
}
