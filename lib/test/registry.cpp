// Nothing registered is missing: registry.txt against the library, the fuzzer's dictionary and the tables of grammar/test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "postel/command.hpp"
#include "postel/extension.hpp"
#include "postel/extension_parameters.hpp"

namespace postel::test {
namespace {

struct registered_name {
  std::string kind, name, rfc;
};

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<registered_name> rows_of(const std::string& list) {
  std::vector<registered_name> rows;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    registered_name row;
    std::string more;
    words >> row.kind >> row.name >> row.rfc;
    EXPECT_TRUE(words && !(words >> more)) << line;
    rows.push_back(row);
  }
  return rows;
}

// What rows are looked for in, as text.
struct places {
  std::string dictionary;
  std::string tables;     // grammar/test
  std::string parameters; // the source of the typed parameters
};

const places& real_places() {
  static const places all = [] {
    const std::filesystem::path root = POSTEL_SOURCE_FOLDER;
    places found;
    found.dictionary = read(root / "fuzz/smtp.dict");
    for (const char* table : {"parameter.cpp", "command.cpp", "capability.cpp"})
      found.tables += read(root / "grammar/test" / table);
    found.parameters = read(root / "lib/src/extension_parameters.cpp");
    return found;
  }();
  return all;
}

bool has(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex(pattern));
}

extensions everything() {
  extensions all;
  for (std::size_t i = 0; i < extension_count; ++i) all.insert(static_cast<extension>(i));
  return all;
}

template <typename Parameters>
bool is_known(const std::string& keyword) {
  const auto why = Parameters(parameters(keyword)).check(everything());
  return !why || why->code != errc::parameter_unknown;
}

bool is_verb(const std::string& name) {
  const auto parsed = parse_command(name);
  return parsed || parsed.error().code != errc::unknown_command;
}

// What of a row is missing where.
std::vector<std::string> faults(const std::vector<registered_name>& rows, const places& where) {
  std::vector<std::string> missing;
  for (const registered_name& row : rows) {
    const auto demand = [&](bool there, const char* what) {
      if (!there) missing.push_back(row.kind + " " + row.name + ": " + what);
    };
    // Its own word in a quoted text that begins as the place where it stands does.
    const std::string word = row.name + "(?![A-Za-z0-9-])";
    if (row.kind == "extension") {
      demand(extension_of(row.name) && keyword(*extension_of(row.name)) == row.name, "not in the library");
      demand(has(where.dictionary, "\n\"250[- ]" + word), "not in the dictionary");
      demand(has(where.tables, "\"" + word), "in no table");
    } else if (row.kind == "verb") {
      demand(is_verb(row.name), "not in the library");
      demand(has(where.dictionary, "\n\"" + word), "not in the dictionary");
      demand(has(where.tables, "\"" + word), "in no table");
    } else if (row.kind == "mail" || row.kind == "rcpt") {
      demand(row.kind == "mail" ? is_known<mail_parameters>(row.name) : is_known<rcpt_parameters>(row.name),
             "not in the library");
      // What no RFC defines has no typed value.
      demand(row.rfc == "-" || has(where.parameters, R"(\(\*this, ")" + row.name + "\""), "no typed access");
      demand(has(where.dictionary, "\n\" " + word), "not in the dictionary");
      demand(has(where.tables, "\"" + row.name + "[=\"]"), "in no table");
    } else {
      missing.push_back(row.kind + " " + row.name + ": of what kind?");
    }
  }
  return missing;
}

std::vector<registered_name> real_rows() {
  return rows_of(read(std::filesystem::path(POSTEL_SOURCE_FOLDER) / "lib/test/registry.txt"));
}

TEST(registry, nothing_is_missing) {
  EXPECT_THAT(faults(real_rows(), real_places()), testing::IsEmpty());
}

// The other way round: what the library has is on the list.
TEST(registry, nothing_is_unlisted) {
  std::set<std::string> listed_extensions, listed_verbs, listed_parameters;
  for (const registered_name& row : real_rows()) {
    auto& names = row.kind == "extension" ? listed_extensions : row.kind == "verb" ? listed_verbs : listed_parameters;
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " stands twice";
  }
  std::set<std::string> known;
  for (std::size_t i = 0; i < extension_count; ++i) known.emplace(keyword(static_cast<extension>(i)));
  EXPECT_EQ(known, listed_extensions);

  known = {"SEND", "SOML", "SAML", "TURN", "VERB", "ONEX"}; // cmd::obsolete, which has no name of its own
  for (std::size_t i = 0; i < verb_count; ++i)
    if (static_cast<verb>(i) != verb::obsolete) known.emplace(name(static_cast<verb>(i)));
  EXPECT_EQ(known, listed_verbs);

  known.clear();
  const std::string& source = real_places().parameters;
  const std::regex row("registered(?:<[a-z]+>)?\\{\"([A-Z0-9-]+)\"");
  for (std::sregex_iterator at(source.begin(), source.end(), row), end; at != end; ++at) known.insert((*at)[1]);
  EXPECT_EQ(known, listed_parameters);
}

TEST(registry, the_check_can_fail) {
  using testing::ElementsAre;
  const auto of = [](const std::string& row, const places& where = real_places()) {
    return faults(rows_of(row), where);
  };
  EXPECT_THAT(of("extension X-NEW 9999"),
              ElementsAre("extension X-NEW: not in the library", "extension X-NEW: not in the dictionary",
                          "extension X-NEW: in no table"));
  EXPECT_THAT(of("extension SIZ 1870\n# extension X-NEW 9999\n"),
              ElementsAre("extension SIZ: not in the library", "extension SIZ: not in the dictionary",
                          "extension SIZ: in no table"));
  EXPECT_THAT(of("verb XYZZY 9999"), ElementsAre("verb XYZZY: not in the library", "verb XYZZY: not in the dictionary",
                                                 "verb XYZZY: in no table"));
  EXPECT_THAT(of("mail NOTIFY 3461"),
              ElementsAre("mail NOTIFY: not in the library")); // it is RCPT's
  EXPECT_THAT(of("rcpt XVERP 1"), ElementsAre("rcpt XVERP: not in the library", "rcpt XVERP: no typed access"));
  EXPECT_THAT(of("word SIZE 1"), ElementsAre("word SIZE: of what kind?"));
  // Each place by itself.
  for (const char* row : {"extension SIZE 1870", "verb BDAT 3030", "mail SIZE 1870", "rcpt RRVS 7293"}) {
    EXPECT_THAT(of(row), testing::IsEmpty());
    places where = real_places();
    where.dictionary.clear();
    EXPECT_THAT(of(row, where), ElementsAre(testing::EndsWith(": not in the dictionary")));
    where = real_places();
    where.tables.clear();
    EXPECT_THAT(of(row, where), ElementsAre(testing::EndsWith(": in no table")));
  }
  places where = real_places();
  where.parameters.clear();
  EXPECT_THAT(of("mail SIZE 1870", where), ElementsAre("mail SIZE: no typed access"));
}

} // namespace
} // namespace postel::test
