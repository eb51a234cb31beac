// conformance_manual SOURCE [--write]: the words of the case language as conformance/README.md shows them, made of the
// tables that the reader of cases goes by. Without --write it fails if the manual shows anything else.
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "case/words.hpp"

namespace {

using namespace postel::conformance;

std::string_view name(side in) {
  switch (in) {
    case side::server: return "server";
    case side::client: return "client";
    case side::either: break;
  }
  return "both";
}

std::string shown(std::string_view text, argument takes) {
  std::string word("`");
  word += text;
  switch (takes) {
    case argument::none: break;
    case argument::text:
    case argument::octets: word += " \"...\""; break;
    case argument::number: word += " N"; break;
    case argument::certificate: return word + " other-name`, `expired`, `self-signed`, `unknown-authority`";
  }
  return word + "`";
}

std::string said_of_names(unsigned of) {
  constexpr std::array<std::string_view, 5> names{"a reply", "a line", "a text", "a chunk", "an end"};
  std::string all;
  for (unsigned bit = 0; bit < names.size(); ++bit)
    if ((of >> bit & 1U) != 0) all.append(all.empty() ? "" : ", ").append(names[bit]);
  return all;
}

// Of words without anything that they are said of: no such column.
template <typename Table>
std::string block(const Table& table) {
  const bool of = std::any_of(table.begin(), table.end(), [](const auto& each) { return each.of != 0; });
  std::string text = of ? "| condition | said of | cases for | |\n| --- | --- | --- | --- |\n"
                        : "| | cases for | |\n| --- | --- | --- |\n";
  for (const auto& each : table) {
    text += "| " + shown(each.text, each.takes) + " | ";
    if (of) text += said_of_names(each.of) + " | ";
    text.append(name(each.in)).append(" | ").append(each.meaning).append(" |\n");
  }
  return text;
}

std::string block(const std::array<variable_word, variable_count>& table) {
  std::string text = "| | |\n| --- | --- |\n";
  for (const variable_word& each : table)
    text.append("| `{").append(each.text).append("}` | ").append(each.meaning).append(" |\n");
  return text;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || (argc > 2 && std::string_view(argv[2]) != "--write")) {
    std::fprintf(stderr, "usage: conformance_manual SOURCE [--write]\n");
    return 64;
  }
  const std::string file = std::string(argv[1]) + "/conformance/README.md";
  std::ifstream in(file, std::ios::binary);
  const std::string manual{std::istreambuf_iterator<char>(in), {}};
  const std::array<std::pair<std::string_view, std::string>, 6> blocks{{{"given", block(given_words)},
                                                                        {"variables", block(variable_words)},
                                                                        {"acts", block(act_words)},
                                                                        {"conditions", block(condition_words)},
                                                                        {"tls", block(tls_words)},
                                                                        {"ends", block(end_words)}}};
  std::string wanted = manual;
  for (const auto& [name, text] : blocks) {
    const std::string begin = "<!-- words: " + std::string(name) + " -->\n";
    const std::size_t mark = wanted.find(begin);
    const std::size_t end = mark == std::string::npos ? mark : wanted.find("<!-- end -->\n", mark);
    if (end == std::string::npos) {
      std::fprintf(stderr, "%s has no block of the words \"%s\" between its marks\n", file.c_str(),
                   std::string(name).c_str());
      return 1;
    }
    wanted.replace(mark + begin.size(), end - mark - begin.size(), text);
  }
  if (argc > 2) {
    std::ofstream(file, std::ios::binary) << wanted;
    return 0;
  }
  if (manual == wanted) return 0;
  std::fprintf(stderr,
               "conformance/README.md does not show the words as they are; conformance_manual . --write does\n");
  return 1;
}
