#include "postel/wellknown.hpp"

#include <gtest/gtest.h>

#include <string>

#include "exact.hpp"
#include "postel/command.hpp"

namespace {

using namespace postel;
using postel::test::exact;

TEST(wellknown, reply) {
  const exact lines("250-SIZE=12\r\n250-a+20b\r\n250-\r\n250-+0D+0Acd+3D\r\n250 +0D+0Ax\r\n");
  const auto parsed = parse_wellknown_response(lines);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->size, 12U);
  EXPECT_EQ(parsed->reply.code(), 250);
  char buffer[12];
  const auto content = parsed->content(buffer);
  EXPECT_FALSE(content) << "eleven octets where twelve were said";
  const auto right = parse_wellknown_response("250-SIZE=11\r\n250-a+20b\r\n250-\r\n250-+0D+0Acd+3D\r\n250 +0D+0Ax\r\n");
  ASSERT_TRUE(right);
  const auto file = right->content(buffer);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, "a b\r\ncd=\r\nx");
  char small[10];
  EXPECT_EQ(right->content(small).error().code, errc::buffer_too_small);
}

TEST(wellknown, an_empty_file) {
  for (const char* lines : {"250-SIZE=0\r\n250 \r\n", "250-SIZE=0\r\n250\r\n", "250-size=0\r\n250-\r\n250\r\n"}) {
    const auto parsed = parse_wellknown_response(lines);
    ASSERT_TRUE(parsed) << lines;
    EXPECT_EQ(parsed->content({}).value_or("?"), "") << lines;
  }
}

TEST(wellknown, is_refused) {
  for (const char* lines :
       {"", "250 SIZE=0\r\n", "250-SIZE=\r\n250 \r\n", "250-SIZE=1 x\r\n250 a\r\n", "250-a\r\n250 b\r\n",
        "250-SIZE=1\r\n250 a", "250-SIZE=3\r\n250 a b\r\n", "250-SIZE=1\r\n250 +4\r\n", "250-SIZE=1\r\n251 a\r\n",
        "550 no such file\r\n", "250-SIZE=1\r\n250 \xC3\xA9\r\n"}) {
    const auto parsed = parse_wellknown_response(exact(lines));
    ASSERT_FALSE(parsed) << lines;
    EXPECT_TRUE(describe(parsed.error()).clause.starts_with("RFC ")) << lines;
  }
}

TEST(wellknown, command) {
  const auto parsed = parse_command("wellknown security.txt+20x");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, command(cmd::wellknown{"security.txt+20x"}));
  std::string out;
  ASSERT_TRUE(append(out, *parsed));
  EXPECT_EQ(out, "WELLKNOWN security.txt+20x\r\n");
  for (const char* line : {"WELLKNOWN", "WELLKNOWN ", "WELLKNOWN a b", "WELLKNOWN a=b", "WELLKNOWN +2", "WELLKNOWNS a"})
    EXPECT_FALSE(parse_command(line)) << line;
}

} // namespace
