#include "workload.hpp"

#include <fstream>
#include <iterator>

#include "check.hpp"

namespace postel::bench {

namespace {

std::string read(std::string_view name) {
  std::ifstream in(std::string(POSTEL_WORKLOADS).append("/").append(name), std::ios::binary);
  std::string octets{std::istreambuf_iterator<char>(in), {}};
  check(!octets.empty() && octets.ends_with("\r\n"), "no workload", name);
  return octets;
}

// Calls each(line), CRLF included.
template <typename Each>
void for_each_line(std::string_view octets, Each each) {
  for (std::size_t begin = 0; begin != octets.size();) {
    const std::size_t end = octets.find("\r\n", begin) + 2;
    each(octets.substr(begin, end - begin));
    begin = end;
  }
}

struct lines : workload {
  explicit lines(std::string_view name) {
    octets = read(name);
    for_each_line(octets, [this](std::string_view line) { items.push_back(line.substr(0, line.size() - 2)); });
  }
};

struct reply_lines : workload {
  explicit reply_lines(std::string_view name) {
    octets = read(name);
    std::size_t begin = 0;
    std::size_t end = 0;
    for_each_line(octets, [&](std::string_view line) {
      end += line.size();
      if (line[3] == '-') return;
      items.push_back(std::string_view(octets).substr(begin, end - begin));
      begin = end;
    });
  }
};

} // namespace

const workload& commands() {
  static const lines all("commands.txt");
  return all;
}
const workload& addresses() {
  static const lines all("addresses.txt");
  return all;
}
const workload& replies() {
  static const reply_lines all("replies.txt");
  return all;
}

const reply_kinds& sorted_replies() {
  static const reply_kinds all = [] {
    reply_kinds made;
    for (const std::string_view wire : replies().items)
      (wire.starts_with("250-") && wire.find("\r\n250-PIPELINING") != std::string_view::npos ? made.ehlo : made.others)
          .push_back(wire);
    return made;
  }();
  return all;
}

} // namespace postel::bench
