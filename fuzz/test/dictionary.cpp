// The dictionary knows every word that the library knows.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <variant>
#include <vector>

#include "postel/command.hpp"
#include "postel/extension.hpp"

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The quoted words of the dictionary, its comments left out.
const std::string& words() {
  static const std::string all = std::regex_replace(read(POSTEL_DICTIONARY), std::regex("(^|\n)#[^\n]*"), "$1");
  return all;
}

// Whether a word of the dictionary contains text, not as a part of a longer word.
bool knows(std::string_view text) {
  return std::regex_search(words(), std::regex("\"[^\n]*\\b" + std::string(text) + "(\\b|\\\\)[^\n]*\""));
}

TEST(dictionary, knows_every_verb) {
  for (std::size_t i = 0; i < std::variant_size_v<postel::command>; ++i) {
    const auto verb = static_cast<postel::verb>(i);
    if (verb == postel::verb::obsolete) continue; // several, which are extensions too
    ASSERT_FALSE(postel::name(verb).empty());
    EXPECT_TRUE(knows(postel::name(verb))) << postel::name(verb);
  }
}

TEST(dictionary, knows_every_extension) {
  for (std::size_t i = 0; i < postel::extension_count; ++i) {
    const std::string_view keyword = postel::keyword(static_cast<postel::extension>(i));
    EXPECT_TRUE(knows(keyword)) << keyword;
  }
}

// Parameter keywords and their values stand in the sources as literals in upper case, and so do all other words of the protocol.
TEST(dictionary, knows_every_upper_case_literal_of_the_library) {
  const std::regex literal(R"re("(?:\d{3}[ -])?([A-Z0-9][A-Z0-9-]{2,})[^"\n]*")re");
  std::size_t found = 0;
  for (const auto& file : std::filesystem::directory_iterator(POSTEL_LIBRARY_SOURCES)) {
    if (file.path().filename() == "error.cpp") continue; // its words are for readers
    const std::string source = read(file.path());
    for (std::sregex_iterator at(source.begin(), source.end(), literal), end; at != end; ++at) {
      const std::string word = (*at)[1].str();
      if (word == "0123456789ABCDEF" || word.starts_with("ABCDEFGHIJ")) continue; // digits
      EXPECT_TRUE(knows(word)) << (*at)[0] << " in " << file.path();
      ++found;
    }
  }
  EXPECT_GE(found, std::variant_size_v<postel::command>); // the verbs at least
}

TEST(dictionary, does_not_know_what_is_not_there) {
  EXPECT_FALSE(knows("EHL"));
  EXPECT_FALSE(knows("XYZZY"));
  EXPECT_FALSE(knows("surrogate")); // a comment
}

// The form that libFuzzer reads: each line empty, a comment, or one quoted word with \xHH, \\ and \" as the only escapes.
TEST(dictionary, is_well_formed) {
  const std::string text = read(POSTEL_DICTIONARY);
  const std::regex line(R"re((#.*)?|"([^"\\]|\\x[0-9A-F]{2}|\\\\|\\")+")re");
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    ASSERT_NE(end, std::string::npos) << "no line end at the end";
    EXPECT_TRUE(std::regex_match(text.substr(begin, end - begin), line)) << text.substr(begin, end - begin);
    begin = end + 1;
  }
  EXPECT_GT(begin, 0U);
}

} // namespace
