// postel parse: shows what the library reads in a text.
#pragma once

#include <cstdio>
#include <istream>
#include <string>
#include <vector>

#include "parse/value_json.hpp"

namespace postel::conformance {

struct parse_options {
  parsed_kind kind = parsed_kind::command;
  bool escaped = false;           // the texts are written with escapes
  bool utf8 = false;              // SMTPUTF8: RFC 6531
  std::vector<std::string> texts; // without any, each line of the input is one
};

// Prints a JSON object a line for each text. Gives the exit status.
int parse(const parse_options& wanted, std::istream& in, std::FILE* out);

} // namespace postel::conformance
