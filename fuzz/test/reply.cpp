// Planted defects of a reply parser or writer.
#include "reply_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus.hpp"
#include "parser_oracle.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename Subject>
std::string what_it_says() {
  return first_objection("reply", [](std::string_view lines) { return judge_parser(Subject(), lines); });
}

TEST(reply_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_it_says<reply_subject>(), IsEmpty());
}

struct sees_the_last_line_only : reply_subject {
  static result<reply_view> parse(std::string_view lines, charset in) {
    const auto all = parse_reply(lines, in);
    if (!all) return all;
    const std::size_t last = lines.rfind('\n', lines.size() - 2);
    return parse_reply(last == std::string_view::npos ? lines : lines.substr(last + 1), in);
  }
};
TEST(reply_oracle, sees_lost_lines) {
  EXPECT_THAT(what_it_says<sees_the_last_line_only>(), HasSubstr("is written as"));
}

struct stops_at_the_end_of_the_reply : reply_subject {
  static result<reply_view> parse(std::string_view lines, charset in) {
    for (std::size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n', end + 1))
      if (const auto parsed = parse_reply(lines.substr(0, end + 1), in)) return parsed;
    return parse_reply(lines, in);
  }
};
TEST(reply_oracle, sees_that_what_follows_a_reply_is_ignored) {
  EXPECT_THAT(what_it_says<stops_at_the_end_of_the_reply>(), HasSubstr("is written as"));
}

struct omits_the_hyphen : reply_subject {
  static result<std::size_t> append(std::string& out, const reply_view& value, charset in) {
    const std::size_t before = out.size();
    const auto written = postel::append(out, value, in);
    if (written && out[before + 3] == '-') out[before + 3] = ' ';
    return written;
  }
};
TEST(reply_oracle, sees_a_reply_that_becomes_two) {
  EXPECT_THAT(what_it_says<omits_the_hyphen>(), HasSubstr("is written as"));
}

} // namespace
} // namespace postel::fuzz
