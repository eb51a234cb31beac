// The files of workloads/, and what stands in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postel::bench {

// Octets and the lines, or replies, in them.
struct workload {
  std::string octets;
  std::vector<std::string_view> items;

  workload() = default;
  workload(const workload&) = delete; // the views
  workload& operator=(const workload&) = delete;
};

// The lines of a file, their CRLF not included in items.
const workload& commands();
const workload& addresses();
// The replies of a file, each with all of its lines and their CRLF.
const workload& replies();

// Those that answer EHLO, and the others.
struct reply_kinds {
  std::vector<std::string_view> ehlo;
  std::vector<std::string_view> others;
};
const reply_kinds& sorted_replies();

} // namespace postel::bench
