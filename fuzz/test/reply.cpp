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

// ---- what reads replies, whatever their text

template <typename Subject>
std::string what_reading_says() {
  return first_objection("reply", [](std::string_view lines) {
    objection found = judge_reading<Subject>(lines, charset::ascii);
    return found ? found : judge_reading<Subject>(lines, charset::utf8);
  });
}

TEST(reading_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_reading_says<reader_subject>(), IsEmpty());
}

struct reads_the_grammar_only : reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) {
    return parse_reply(lines, in, reply_codes::any);
  }
};
TEST(reading_oracle, sees_a_code_lost_for_its_text) {
  EXPECT_THAT(what_reading_says<reads_the_grammar_only>(), HasSubstr("is refused"));
}

template <char Octet>
struct minds : reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) {
    if (lines.find(Octet) != std::string_view::npos) return failure{errc::syntax};
    return read_reply(lines, in);
  }
};
TEST(reading_oracle, sees_each_octet_that_is_minded) {
  EXPECT_THAT(what_reading_says<minds<'\0'>>(), HasSubstr("is refused"));
  EXPECT_THAT(what_reading_says<minds<'\a'>>(), HasSubstr("is refused"));
  EXPECT_THAT(what_reading_says<minds<'\x1B'>>(), HasSubstr("is refused"));
  EXPECT_THAT(what_reading_says<minds<'\x7F'>>(), HasSubstr("is refused"));
  EXPECT_THAT(what_reading_says<minds<'\xE9'>>(), HasSubstr("is refused"));
}

struct minds_a_cr : reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) {
    for (std::size_t at = lines.find('\r'); at != std::string_view::npos; at = lines.find('\r', at + 1))
      if (lines.substr(at, 2) != "\r\n") return failure{errc::bare_cr};
    return read_reply(lines, in);
  }
};
TEST(reading_oracle, sees_a_cr_that_is_minded) {
  EXPECT_THAT(what_reading_says<minds_a_cr>(), HasSubstr("is refused"));
}

struct limits_lines : reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) {
    if (lines.find('\n') > 511 && lines.find('\n') != std::string_view::npos) return failure{errc::line_too_long};
    return read_reply(lines, in);
  }
};
TEST(reading_oracle, sees_a_limit_of_a_line) {
  EXPECT_THAT(what_reading_says<limits_lines>(), HasSubstr("is refused"));
}

struct takes_the_first_code : reader_subject {
  static result<reply_view> read(std::string_view lines, charset in) {
    if (const auto reply = read_reply(lines, in)) return reply;
    static std::string same; // the view is into it
    same = lines;
    for (std::size_t at = same.find('\n'); at < same.size() && at + 3 < same.size(); at = same.find('\n', at + 1))
      same.replace(at + 1, 3, same, 0, 3);
    const auto reply = read_reply(same, in);
    return reply ? reply : read_reply(lines, in); // why it is none
  }
};
TEST(reading_oracle, sees_that_codes_differ) {
  EXPECT_THAT(what_reading_says<takes_the_first_code>(), HasSubstr("is taken"));
}

struct overlooks_offers_in_white_space : reader_subject {
  static capabilities offers(const reply_view& reply) {
    capabilities found;
    for (const std::string_view text : reply.lines())
      if (const auto line = parse_ehlo_line(text); line && extension_of(line->keyword))
        found.offered.insert(*extension_of(line->keyword));
    return found;
  }
};
TEST(reading_oracle, sees_offers_overlooked) {
  EXPECT_THAT(what_reading_says<overlooks_offers_in_white_space>(), HasSubstr("are others in white space"));
}

struct splits_at_single_spaces : reader_subject {
  static capabilities offers(const reply_view& reply) {
    capabilities found = capabilities_of(reply);
    if (found.auth_mechanisms.text().find("  ") != std::string_view::npos ||
        found.auth_mechanisms.text().find('\t') != std::string_view::npos)
      found.auth_mechanisms = {};
    return found;
  }
};
TEST(reading_oracle, sees_a_list_lost_for_a_blank) {
  EXPECT_THAT(what_reading_says<splits_at_single_spaces>(), HasSubstr("are others in white space"));
}

} // namespace
} // namespace postel::fuzz
