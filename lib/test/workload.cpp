// The workloads of the benchmarks are right SMTP: a parser that refuses some of it is timed for less than its work.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "postel/capability.hpp"
#include "postel/command.hpp"
#include "postel/reply.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

// The lines of a workload, each without its CRLF.
std::vector<std::string> lines_of(const char* name) {
  const std::filesystem::path file = std::filesystem::path(POSTEL_SOURCE_FOLDER) / "bench/workloads" / name;
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  const std::string octets{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin != octets.size();) {
    const std::size_t end = octets.find("\r\n", begin);
    if (end == std::string::npos) {
      ADD_FAILURE() << file << " does not end with CRLF";
      break;
    }
    lines.push_back(octets.substr(begin, end - begin));
    begin = end + 2;
  }
  return lines;
}

extensions everything() {
  extensions all;
  for (std::size_t i = 0; i < extension_count; ++i) all.insert(static_cast<extension>(i));
  return all;
}

// UTF-8 where a line has any, as a session that negotiated SMTPUTF8 asks for it; what has none is taken in both charsets.
std::vector<charset> charsets_of(std::string_view line) {
  if (has_non_ascii(line)) return {charset::utf8};
  return {charset::ascii, charset::utf8};
}

TEST(workload, commands) {
  const std::vector<std::string> lines = lines_of("commands.txt");
  EXPECT_EQ(lines.size(), 1000U);
  std::set<verb> verbs;
  for (const std::string& line : lines)
    for (const charset octets : charsets_of(line)) {
      const exact block(line);
      const auto parsed = parse_command(block.view(), octets);
      ASSERT_TRUE(parsed) << line << ": " << message(parsed.error().code) << " at " << parsed.error().offset;
      verbs.insert(verb_of(*parsed));
      if (const auto* mail = std::get_if<cmd::mail>(&*parsed)) {
        EXPECT_EQ(mail->params.check(everything()), std::nullopt) << line;
      }
      if (const auto* rcpt = std::get_if<cmd::rcpt>(&*parsed)) {
        EXPECT_EQ(rcpt->params.check(everything()), std::nullopt) << line;
      }
      std::string out; // verbs come in any case and go in upper case
      ASSERT_TRUE(append(out, *parsed, octets)) << line;
      EXPECT_EQ(parse_command(std::string_view(out).substr(0, out.size() - 2), octets), *parsed) << line;
    }
  EXPECT_GT(verbs.size(), 8U);
}

TEST(workload, paths) {
  const std::vector<std::string> lines = lines_of("addresses.txt");
  EXPECT_EQ(lines.size(), 504U);
  for (const std::string& line : lines)
    for (const charset octets : charsets_of(line)) {
      const exact block(line);
      const auto parsed = parse_path(block.view(), octets);
      ASSERT_TRUE(parsed) << line << ": " << message(parsed.error().code) << " at " << parsed.error().offset;
      expect_appended(*parsed, line, octets);
    }
}

TEST(workload, replies) {
  std::size_t replies = 0;
  std::size_t offers = 0;
  std::string wire;
  for (const std::string& line : lines_of("replies.txt")) {
    wire += line + "\r\n";
    ASSERT_GE(line.size(), 4U);
    if (line[3] == '-') continue;
    for (const charset octets : charsets_of(wire)) {
      const exact block(wire);
      const auto parsed = parse_reply(block.view(), octets);
      ASSERT_TRUE(parsed) << wire << ": " << message(parsed.error().code) << " at " << parsed.error().offset;
      expect_appended(*parsed, wire, octets);
      if (const auto response = parse_ehlo_response(block.view(), octets))
        offers += capabilities_of(response->reply).offered == extensions() ? 0U : 1U;
    }
    ++replies;
    wire.clear();
  }
  EXPECT_EQ(wire, "");
  EXPECT_EQ(replies, 500U);
  EXPECT_GT(offers, 0U);
}

} // namespace
} // namespace postel::test
