// Planted defects of the readers of Received fields: the oracle must see each of them in the corpus.
#include "received_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "corpus.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename Subject>
std::string what_it_says() {
  return first_objection("received", [](std::string_view field) { return judge_received(Subject(), field); });
}

TEST(received_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_it_says<received_subject>(), IsEmpty());
}

template <typename Change>
result<trace_clauses> changed(std::string_view field, Change change) {
  auto read = read_received(field);
  if (read) change(*read);
  return read;
}

struct swaps_the_parties : received_subject {
  static result<trace_clauses> read(std::string_view field) {
    return changed(field, [](trace_clauses& c) { std::swap(c.from, c.by); });
  }
};
TEST(received_oracle, sees_swapped_parties) {
  EXPECT_THAT(what_it_says<swaps_the_parties>(), HasSubstr("another clause's value"));
}

struct takes_a_phrase_for_an_id : received_subject {
  static result<trace_clauses> read(std::string_view field) {
    return changed(field, [](trace_clauses& c) {
      if (c.passed_over_count != 0) c.id = c.passed_over[0];
    });
  }
};
TEST(received_oracle, sees_a_phrase_given_as_a_clause) {
  EXPECT_THAT(what_it_says<takes_a_phrase_for_an_id>(), HasSubstr("another clause's value"));
}

struct reads_too_far : received_subject {
  static result<trace_clauses> read(std::string_view field) {
    return changed(field, [&](trace_clauses& c) {
      if (!c.with.empty())
        c.with = {c.with.data(), static_cast<std::size_t>(field.data() + field.size() - c.with.data())};
    });
  }
};
TEST(received_oracle, sees_a_clause_with_the_next_one_in_it) {
  EXPECT_THAT(what_it_says<reads_too_far>(), HasSubstr("the same octets"));
}

struct points_elsewhere : received_subject {
  static result<trace_clauses> read(std::string_view field) {
    static char copy[65536];
    const std::size_t size = field.copy(copy, sizeof copy);
    return read_received({copy, size});
  }
};
TEST(received_oracle, sees_a_view_of_something_else) {
  EXPECT_THAT(what_it_says<points_elsewhere>(), HasSubstr("outside of the text"));
}

struct is_stricter_than_the_standard : received_subject {
  static result<trace_clauses> read(std::string_view field) {
    auto read = read_received(field);
    if (read && read->with.empty()) return failure{errc::syntax, 0, expectation::clause};
    return read;
  }
};
TEST(received_oracle, sees_what_only_the_strict_parser_takes) {
  EXPECT_THAT(what_it_says<is_stricter_than_the_standard>(), HasSubstr("read_received() does not"));
}

struct refuses_without_a_word : received_subject {
  static result<received> parse(std::string_view field, charset in) {
    const auto parsed = parse_received(field, in);
    if (parsed) return parsed;
    return failure{errc::syntax, parsed.error().offset};
  }
};
TEST(received_oracle, sees_a_refusal_without_expectation) {
  EXPECT_THAT(what_it_says<refuses_without_a_word>(), HasSubstr("does not say what it expected"));
}

struct loses_the_date : received_subject {
  static result<received> parse(std::string_view field, charset in) {
    auto parsed = parse_received(field, in);
    if (parsed && parsed->date.size() > 30) parsed->date.remove_suffix(1);
    return parsed;
  }
};
TEST(received_oracle, sees_a_date_that_is_cut) {
  EXPECT_THAT(what_it_says<loses_the_date>(),
              testing::AnyOf(HasSubstr("can't be written"), HasSubstr("another field")));
}

struct allocates : received_subject {
  static result<received> parse(std::string_view field, charset in) {
    const std::string kept(field.size() + 100, ' ');
    return kept.empty() ? parse_received("", in) : parse_received(field, in);
  }
};
TEST(received_oracle, sees_an_allocation) {
  EXPECT_THAT(what_it_says<allocates>(), HasSubstr("parsing allocates"));
}

} // namespace
} // namespace postel::fuzz
