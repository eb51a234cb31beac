// Octets as what follows DATA, and as a message to send.
#include "body_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  const std::string_view octets = view_of(data, size);
  insist(judge_framer(octets, target_effort));
  insist(judge_stuffer(octets, target_effort));
  return 0;
}
