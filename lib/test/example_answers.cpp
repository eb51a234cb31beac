// The header of the examples that answers for them: no decision stays without an answer.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "answers.hpp"

namespace postel {
namespace {

struct example_answers : testing::Test {
  example_answers() {
    EXPECT_TRUE(session.open(out));
    std::ignore = session.next("EHLO c\r\n", out);
    out.clear();
  }
  policy rules;
  server session{rules};
  std::string out;
};

TEST_F(example_answers, gives_what_can_be_given) {
  give_answer(session, {550, "no"}, out);
  EXPECT_EQ(out, "550 no\r\n");
  EXPECT_EQ(session.pending_answers(), 0U);
}

TEST_F(example_answers, says_451_for_a_text_that_no_reply_has) {
  for (const std::string_view text : {"caf\xc3\xa9", "a\rb", "\x01"}) {
    give_answer(session, {550, text}, out);
    EXPECT_EQ(out, "451 Local error\r\n");
    EXPECT_EQ(session.pending_answers(), 0U);
    EXPECT_FALSE(session.closed());
    std::ignore = session.next("EHLO c\r\n", out);
    out.clear();
  }
}

TEST_F(example_answers, says_451_for_a_code_that_the_command_does_not_have) {
  give_answer(session, {354, "go on"}, out);
  EXPECT_EQ(out, "451 Local error\r\n");
}

TEST_F(example_answers, says_nothing_where_nothing_is_owed) {
  accept_owed(session, out);
  EXPECT_TRUE(out.starts_with("250-localhost\r\n"));
  out.clear();
  accept_owed(session, out);
  give_answer(session, {550, "no"}, out);
  EXPECT_EQ(out, "");
  EXPECT_FALSE(session.closed());
}

} // namespace
} // namespace postel
