// Planted defects of a command parser or writer: the oracle must see each of them in the corpus.
#include "command_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "corpus.hpp"
#include "parser_oracle.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename Subject>
std::string what_it_says() {
  return first_objection("command", [](std::string_view line) {
    if (line.ends_with("\r\n")) line.remove_suffix(2);
    return judge_parser(Subject(), line);
  });
}

TEST(command_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_it_says<command_subject>(), IsEmpty());
}

struct drops_a_parameter : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    auto parsed = parse_command(line, in);
    if (!parsed) return parsed;
    if (auto* mail = std::get_if<cmd::mail>(&*parsed)) {
      const std::string_view text = mail->params.text();
      mail->params = parameters(text.substr(0, std::min(text.find(' '), text.size())));
    }
    return parsed;
  }
};
TEST(command_oracle, sees_a_dropped_parameter) {
  EXPECT_THAT(what_it_says<drops_a_parameter>(), HasSubstr("is written as"));
}

struct points_elsewhere : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    static std::string copy;
    copy.reserve(8192);
    copy = line;
    return parse_command(copy, in);
  }
};
TEST(command_oracle, sees_a_view_of_something_else) {
  EXPECT_THAT(what_it_says<points_elsewhere>(),
              testing::AnyOf(HasSubstr("outside of the text"), HasSubstr("allocates")));
}

struct allocates : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    static std::unique_ptr<char> kept;
    kept = std::make_unique<char>();
    return parse_command(line, in);
  }
};
TEST(command_oracle, sees_an_allocation) {
  EXPECT_THAT(what_it_says<allocates>(), HasSubstr("parsing allocates"));
}

struct wants_upper_case : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    if (line.starts_with("rset")) return failure{errc::unknown_command};
    return parse_command(line, in);
  }
};
TEST(command_oracle, sees_that_case_matters) {
  EXPECT_THAT(what_it_says<wants_upper_case>(), HasSubstr("case of its letters decides"));
}

struct fails_too_far : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    const auto parsed = parse_command(line, in);
    if (parsed || parsed.error().code != errc::syntax) return parsed;
    return failure{errc::syntax, static_cast<std::uint32_t>(line.size() + 1)};
  }
};
TEST(command_oracle, sees_an_offset_beyond_the_line) {
  EXPECT_THAT(what_it_says<fails_too_far>(), HasSubstr("offset beyond the text"));
}

struct guesses_the_charset : command_subject {
  static result<command> parse(std::string_view line, charset) { return parse_command(line, charset::utf8); }
  static result<std::size_t> append(std::string& out, const command& value, charset) {
    return postel::append(out, value, charset::utf8);
  }
};
TEST(command_oracle, sees_a_guessed_charset) {
  EXPECT_THAT(what_it_says<guesses_the_charset>(), HasSubstr("accepted with an octet above 127"));
}

struct needs_ascii : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    if (in == charset::utf8 && line.find('[') != std::string_view::npos) return failure{errc::syntax};
    return parse_command(line, in);
  }
};
TEST(command_oracle, sees_what_only_ascii_accepts) {
  EXPECT_THAT(what_it_says<needs_ascii>(), HasSubstr("refused, though accepted as ASCII"));
}

// A tab taken for a space, by reader and writer alike.
struct takes_a_tab : command_subject {
  static result<command> parse(std::string_view line, charset in) {
    if (line.size() > 5 && line[4] == '\t' && equal_ignoring_case(line.substr(0, 4), "NOOP"))
      return command(cmd::noop{line.substr(4)});
    return parse_command(line, in);
  }
  static result<std::size_t> append(std::string& out, const command& value, charset in) {
    const auto* noop = std::get_if<cmd::noop>(&value);
    if (noop == nullptr || !noop->string.starts_with('\t')) return postel::append(out, value, in);
    out.append("NOOP").append(noop->string).append("\r\n");
    return noop->string.size() + 6;
  }
};
TEST(command_oracle, sees_an_accepted_control) {
  EXPECT_THAT(what_it_says<takes_a_tab>(), HasSubstr("accepted with a control octet"));
}

struct writes_without_string : command_subject {
  static result<std::size_t> append(std::string& out, const command& value, charset in) {
    if (std::holds_alternative<cmd::noop>(value)) return postel::append(out, cmd::noop(), in);
    return postel::append(out, value, in);
  }
};
TEST(command_oracle, sees_a_string_that_is_not_written) {
  EXPECT_THAT(what_it_says<writes_without_string>(), HasSubstr("is written as"));
}

struct counts_wrong : command_subject {
  static result<std::size_t> append(std::string& out, const command& value, charset in) {
    const auto written = postel::append(out, value, in);
    return written ? *written - 2 : written;
  }
};
TEST(command_oracle, sees_a_wrong_count) {
  EXPECT_THAT(what_it_says<counts_wrong>(), HasSubstr("does not append what it says"));
}

} // namespace
} // namespace postel::fuzz
