// One command line, with or without the CRLF that framing takes off.
#include "command_oracle.hpp"
#include "parser_oracle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postel::fuzz;
  std::string_view line = view_of(data, size);
  if (line.ends_with("\r\n")) line.remove_suffix(2);
  insist(judge_parser(command_subject(), line));
  return 0;
}
