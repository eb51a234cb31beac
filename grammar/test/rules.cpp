// No rule without its ABNF, RFC section and tests: the headers and the tests of this folder, read as text.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "verify.hpp"

namespace postel::test {
namespace {

struct rule {
  std::string name;
  std::string comment; // of its paragraph, joined to one line
};

// The rules of a header: structs with a base, outside of namespace detail. A comment counts for the rules up to the next blank line.
std::vector<rule> rules_of(const std::string& header) {
  static const std::regex declaration(R"(^struct (\w+)\s*(:.*)?$)");
  std::vector<rule> found;
  std::string comment;
  bool in_detail = false;
  std::istringstream lines(header);
  std::string line;
  std::string next;
  for (bool more = static_cast<bool>(std::getline(lines, line)); more; line = next) {
    more = static_cast<bool>(std::getline(lines, next));
    std::smatch match;
    if (line.empty()) comment.clear();
    if (line.starts_with("namespace detail")) in_detail = true;
    if (line.starts_with("} // namespace detail")) in_detail = false;
    if (line.starts_with("//")) comment += line.substr(2);
    // The base may stand on the line below.
    if (!in_detail && std::regex_match(line, match, declaration) && (match[2].matched || next.starts_with("    :")))
      found.push_back({match[1], comment});
  }
  return found;
}

// The members of enum class octets.
std::vector<std::string> classes_of(const std::string& header) {
  static const std::regex enumerator(R"((\w+) = 1 << \d+,)");
  std::vector<std::string> found;
  for (std::sregex_iterator at(header.begin(), header.end(), enumerator); at != std::sregex_iterator(); ++at)
    found.push_back((*at)[1]);
  return found;
}

// ABNF: a definition, a terminal or a group; and an RFC with a section.
bool has_abnf(const std::string& comment) {
  static const std::regex abnf(R"( =/? |"[^"]+"|\( )");
  return std::regex_search(comment, abnf);
}
bool has_section(const std::string& comment) {
  static const std::regex section(R"(RFC \d{3,5} ([A-Z]\.)?\d+(\.\d+)*)");
  return std::regex_search(comment, section);
}

// Whether tests has verb<g::name>, or verb<g::name<charset>>.
bool names(const std::string& tests, const std::string& verb, const std::string& name) {
  const std::string use = verb + "<g::" + name;
  for (std::size_t at = tests.find(use); at != std::string::npos; at = tests.find(use, at + 1)) {
    const char next = at + use.size() < tests.size() ? tests[at + use.size()] : '\0';
    if (next == '>' || next == '<') return true;
  }
  return false;
}

// What is missing for the rules of header, given the text of all tests.
std::vector<std::string> faults(const std::string& header, const std::string& tests) {
  std::vector<std::string> missing;
  for (const rule& r : rules_of(header)) {
    if (!has_abnf(r.comment)) missing.push_back(r.name + ": no ABNF above it");
    if (!has_section(r.comment)) missing.push_back(r.name + ": no RFC section above it");
    if (!names(tests, "ok", r.name)) missing.push_back(r.name + ": nothing accepted in a test");
    if (!names(tests, "bad", r.name)) missing.push_back(r.name + ": nothing refused in a test");
  }
  for (const std::string& set : classes_of(header))
    if (!names(tests, "verify_class", "octets::" + set)) missing.push_back(set + ": class not verified");
  return missing;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> files(const std::filesystem::path& folder, const std::string& extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  return found;
}

TEST(rules, each_has_abnf_section_and_tests) {
  const std::filesystem::path grammar = POSTEL_GRAMMAR_FOLDER;
  std::string tests;
  for (const auto& file : files(grammar / "test", ".cpp"))
    if (file.filename() != "rules.cpp") tests += read(file);
  std::set<std::string> seen;
  for (const auto& file : files(grammar / "include/postel/grammar", ".hpp")) {
    const std::string header = read(file);
    EXPECT_THAT(faults(header, tests), testing::IsEmpty()) << file;
    for (const rule& r : rules_of(header)) EXPECT_TRUE(seen.insert(r.name).second) << r.name << " is declared twice";
  }
  // That the reader reads: the first and the last rule of some files, one whose base is on the next line, one of a template.
  for (const char* name :
       {"DQUOTE", "UTF8_non_ascii", "sub_domain", "IPv6v4_comp", "forward_path", "body_value", "quit", "status_code"})
    EXPECT_TRUE(seen.contains(name)) << name;
  EXPECT_FALSE(seen.contains("head")) << "namespace detail is not public";
  EXPECT_FALSE(seen.contains("ascii")) << "a tag is no rule";
}

constexpr const char* good_header = R"(
namespace detail {

struct hidden : peg::one<'h'> {};

} // namespace detail

// a-rule = "a"                    RFC 5321 4.1.2
struct a_rule : peg::one<'a'> {};

// b-rule = *( "b" /
//             "c" )               RFC 5234 B.1
template <typename Charset>
struct b_rule
    : peg::one<'b'> {};
struct b_part : peg::one<'b'> {};

struct tag {};
enum class octets {
  alpha = 1 << 0, // ALPHA
};
)";
constexpr const char* good_tests =
    "ok<g::a_rule>; bad<g::a_rule>; ok<g::b_rule<g::ascii>>; bad<g::b_rule>; ok<g::b_part>; bad<g::b_part>; "
    "verify_class<g::octets::alpha>";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(rules, the_check_can_fail) {
  using testing::ElementsAre;
  EXPECT_THAT(faults(good_header, good_tests), testing::IsEmpty());
  EXPECT_THAT(faults(replaced(good_header, "RFC 5321 4.1.2", ""), good_tests),
              ElementsAre("a_rule: no RFC section above it"));
  EXPECT_THAT(faults(replaced(good_header, "4.1.2", ""), good_tests), ElementsAre("a_rule: no RFC section above it"));
  EXPECT_THAT(faults(replaced(good_header, "a-rule = \"a\"", "the letter"), good_tests),
              ElementsAre("a_rule: no ABNF above it"));
  EXPECT_THAT(faults(replaced(good_header, "struct b_part", "\nstruct b_part"), good_tests),
              ElementsAre("b_part: no ABNF above it", "b_part: no RFC section above it"));
  EXPECT_THAT(faults(good_header, replaced(good_tests, "ok<g::b_rule", "ok<g::b_rules")),
              ElementsAre("b_rule: nothing accepted in a test"));
  EXPECT_THAT(faults(good_header, replaced(good_tests, "bad<g::a_rule>", "")),
              ElementsAre("a_rule: nothing refused in a test"));
  EXPECT_THAT(faults(good_header, replaced(good_tests, "octets::alpha", "octets::alphabet")),
              ElementsAre("alpha: class not verified"));
}

} // namespace
} // namespace postel::test
