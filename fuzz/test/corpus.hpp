// What the oracles say about the files of the corpus.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "objection.hpp"

namespace postel::fuzz {

inline std::vector<std::string> corpus_of(std::string_view target) {
  std::vector<std::string> inputs;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(POSTEL_CORPUS) / target)) {
    std::ifstream in(file.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::ranges::sort(inputs, {}, &std::string::size); // the shortest that shows a defect is found first
  return inputs;
}

// What judge first objects to; empty if to nothing.
template <typename Judge>
std::string first_objection(std::string_view target, Judge judge) {
  for (const std::string& input : corpus_of(target))
    if (const objection found = judge(input)) return found.what;
  return {};
}

} // namespace postel::fuzz
