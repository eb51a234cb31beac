// One reply, parsed and read, and the same octets as a greeting and as an EHLO response.
#include "parser_oracle.hpp"
#include "reply_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel;
  using namespace postel::fuzz;
  const std::string_view lines = view_of(data, size);
  insist(judge_parser(reply_subject(), lines));
  const test::exact octets(lines);
  for (const charset in : {charset::ascii, charset::utf8}) {
    insist(judge_greeting(octets, in));
    insist(judge_ehlo_response(octets, in));
    insist(judge_reading(octets, in));
  }
  return 0;
}
