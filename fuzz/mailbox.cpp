// A mailbox; the same octets as a domain or address literal.
#include "address_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  const std::string_view text = view_of(data, size);
  insist(judge_parser(mailbox_subject(), text));
  insist(judge_host(domain_subject(), text));
  return 0;
}
