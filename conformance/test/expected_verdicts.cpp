#include "run/expected_verdicts.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cases.hpp"

namespace {

using namespace postel::conformance;

const std::vector<test_case>& cases() {
  static const auto all = test::cases_of("== a/1/x MUST server\n x\nS: any\n== a/1/y MUST server\n x\nS: any\n");
  return all;
}

std::string error_of(const std::string& content) {
  const auto parsed = parse_expected_verdicts("e", content, cases());
  const auto* wrong = std::get_if<diagnostic>(&parsed);
  return wrong == nullptr ? "none" : wrong->text().substr(0, wrong->text().find('\n'));
}

TEST(expectation_file, read) {
  const auto parsed = parse_expected_verdicts(
      "e", "# known\n\na/1/y warn accepts it (RFC 5321 §3.3)\na/1/x  skipped\tno such extension", cases());
  const auto& verdicts = std::get<expected_verdicts>(parsed);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts.at("a/1/y").result, verdict::warn);
  EXPECT_EQ(verdicts.at("a/1/y").reason, "accepts it (RFC 5321 §3.3)");
  EXPECT_EQ(verdicts.at("a/1/x").result, verdict::skipped);
}

TEST(expectation_file, errors) {
  EXPECT_EQ(error_of("a/1/x fail why\n"), "none");
  EXPECT_EQ(error_of("a/1/z fail why\n"), "e:1:1: expected the id of a case, or a glob that matches some, each once");
  EXPECT_EQ(error_of("a/1/x fail why\n\na/1/x warn why\n"),
            "e:3:1: expected the id of a case, or a glob that matches some, each once");
  EXPECT_EQ(error_of("b/* fail why\n"), "e:1:1: expected the id of a case, or a glob that matches some, each once");
  EXPECT_EQ(error_of("a/1/x good why\n"), "e:1:7: expected pass, fail, warn, note, inconclusive, skipped or error");
  EXPECT_EQ(error_of("a/1/x fail\n"), "e:1:11: expected a space");
  EXPECT_EQ(error_of("a/1/x fail why\r\n").substr(0, 7), "e:1:15:");
}

TEST(expectation_file, globs) {
  const auto parsed = parse_expected_verdicts("e", "a/* skipped none\na/1/y fail its own\n", cases());
  const auto& verdicts = std::get<expected_verdicts>(parsed);
  outcome played;
  played.result = verdict::skipped;
  EXPECT_EQ(difference(verdicts, cases().at(0), played), std::nullopt);
  EXPECT_EQ(difference(verdicts, cases().at(1), played), "a/1/y: expected fail (its own), was skipped");
  played.result = verdict::pass;
  EXPECT_EQ(difference(verdicts, cases().at(0), played), "a/1/x: expected skipped (none), was pass");
}

TEST(expectation_file, differences) {
  const auto parsed = parse_expected_verdicts("e", "a/1/x fail known\n", cases());
  const auto& verdicts = std::get<expected_verdicts>(parsed);
  const auto of = [&](std::size_t which, verdict result) {
    outcome played;
    played.result = result;
    played.reason = result == verdict::pass ? "" : "because";
    return difference(verdicts, cases().at(which), played).value_or("none");
  };
  EXPECT_EQ(of(0, verdict::fail), "none");
  EXPECT_EQ(of(1, verdict::pass), "none");
  EXPECT_EQ(of(0, verdict::pass), "a/1/x: expected fail (known), was pass");
  EXPECT_EQ(of(1, verdict::note), "a/1/y: expected pass, was note (because)");
}

// A file of a known server, and one of what another release of it does otherwise.
TEST(expectation_file, a_later_file_comes_before_an_earlier_one) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "postel-expected";
  std::filesystem::create_directories(folder);
  const auto file = [&](const char* name, const char* content) {
    std::ofstream(folder / name) << content;
    return (folder / name).string();
  };
  const std::string known = file("known", "a/1/x fail known\na/1/y warn too\n");
  const std::string newer = file("newer", "a/1/x pass mended\n");
  const auto read = [&](const std::vector<std::string>& files) { return read_expected_verdicts(files, cases()); };
  const auto both = std::get<expected_verdicts>(read({known, newer}));
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(both.at("a/1/x").result, verdict::pass);
  EXPECT_EQ(both.at("a/1/x").reason, "mended");
  EXPECT_EQ(both.at("a/1/y").result, verdict::warn);
  EXPECT_EQ(std::get<expected_verdicts>(read({newer, known})).at("a/1/x").result, verdict::fail);
  EXPECT_EQ(std::get<std::string>(read({known, (folder / "none").string()})).substr(0, folder.string().size()),
            folder.string());
  const std::string wrong = file("wrong", "a/1/z fail what\n");
  EXPECT_EQ(std::get<std::string>(read({known, wrong})).substr(0, wrong.size() + 5), wrong + ":1:1:");
}

} // namespace
