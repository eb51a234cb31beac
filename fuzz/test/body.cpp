// Planted defects of the body framer and stuffer, and the reference that they are compared with.
#include "body_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus.hpp"

namespace postel::fuzz {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename Framer>
std::string what_it_says_of_framer() {
  return first_objection("body", [](std::string_view wire) { return judge_framer<Framer>(wire, effort::every_split); });
}
template <typename Stuffer>
std::string what_it_says_of_stuffer() {
  return first_objection("body",
                         [](std::string_view text) { return judge_stuffer<Stuffer>(text, effort::every_split); });
}

TEST(body_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_it_says_of_framer<body_framer>(), IsEmpty());
  EXPECT_THAT(what_it_says_of_stuffer<body_stuffer>(), IsEmpty());
}

using step = body_framer::step;
using enum body_framer::outcome;

// A framer whose steps another class distorts.
template <typename Distortion>
struct distorted_framer {
  step next(std::string_view unread) { return distort(inner.next(unread), unread, *this); }
  Distortion distort;
  body_framer inner;
};

// The smuggler's friend.
struct takes_lf_dot_lf {
  template <typename Framer>
  step operator()(step s, std::string_view unread, Framer&) const {
    if (s.what == bare_lf && unread.substr(s.used).starts_with("\n.\n")) return {end, {}, s.used + 3};
    return s;
  }
};
TEST(body_oracle, sees_an_end_that_is_none) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<takes_lf_dot_lf>>(),
              AnyOf(HasSubstr("sees an end where there is none"), HasSubstr("uses 7 octets")));
}

struct drops_a_cr_at_the_end_of_a_read {
  template <typename Framer>
  step operator()(step s, std::string_view unread, Framer&) const {
    if (s.what == need_more && unread.substr(s.used) == "\r") ++s.used;
    return s;
  }
};
TEST(body_oracle, sees_a_cr_lost_between_reads) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<drops_a_cr_at_the_end_of_a_read>>(), HasSubstr("framer"));
}

struct keeps_the_stuffed_dot {
  template <typename Framer>
  step operator()(step s, std::string_view, Framer&) const {
    if (s.what == piece && s.used > s.bytes.size()) s.bytes = {s.bytes.data() - 1, s.bytes.size() + 1};
    return s;
  }
};
TEST(body_oracle, sees_a_dot_that_stays) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<keeps_the_stuffed_dot>>(), HasSubstr("another message"));
}

struct reports_no_bare_octet {
  template <typename Framer>
  step operator()(step s, std::string_view unread, Framer& framer) const {
    if (s.what != bare_cr && s.what != bare_lf) return s;
    step after = framer.inner.next(unread.substr(s.used));
    after.used += s.used;
    return after;
  }
};
TEST(body_oracle, sees_an_unreported_bare_octet) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<reports_no_bare_octet>>(), HasSubstr("bare octets"));
}

struct eats_into_what_follows {
  template <typename Framer>
  step operator()(step s, std::string_view unread, Framer&) const {
    if (s.what == end && unread.size() > s.used) ++s.used;
    return s;
  }
};
TEST(body_oracle, sees_an_octet_too_many) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<eats_into_what_follows>>(), HasSubstr("uses "));
}

// Holds back nothing: a dot at the end of a read is data.
struct is_impatient {
  template <typename Framer>
  step operator()(step s, std::string_view unread, Framer&) const {
    if (s.what == need_more && s.used == 0 && unread == ".") return {piece, unread, 1};
    return s;
  }
};
TEST(body_oracle, sees_a_dot_given_away_too_soon) {
  EXPECT_THAT(what_it_says_of_framer<distorted_framer<is_impatient>>(), HasSubstr("framer, "));
}

using stuffed = result<body_stuffer::step>;

struct forgets_the_dot_at_the_start_of_a_piece : body_stuffer {
  using body_stuffer::body_stuffer;
  stuffed next(std::string_view piece) {
    stuffed made = body_stuffer::next(piece);
    if (made && made->bytes == "." && made->used == 0 && begun_) ++made->used;
    begun_ = true;
    return made;
  }
  bool begun_ = false;
};
TEST(body_oracle, sees_a_dot_that_is_not_stuffed) {
  EXPECT_THAT(what_it_says_of_stuffer<forgets_the_dot_at_the_start_of_a_piece>(),
              AnyOf(HasSubstr("is written as"), HasSubstr("changes what comes after it")));
}

// As if nothing had to be found out anew behind the dots of the last search.
struct stuffs_every_second_dot : body_stuffer {
  using body_stuffer::body_stuffer;
  stuffed next(std::string_view piece) {
    stuffed made = body_stuffer::next(piece);
    if (made && made->bytes.size() > 1 && made->bytes.ends_with('.') && made->used + 1 == made->bytes.size() &&
        (++dots_ % 2) == 0)
      made->bytes.remove_suffix(1);
    return made;
  }
  int dots_ = 0;
};
TEST(body_oracle, sees_dots_that_are_passed_over) {
  EXPECT_THAT(what_it_says_of_stuffer<stuffs_every_second_dot>(), HasSubstr("is written as"));
}

struct repairs_line_ends : body_stuffer {
  explicit repairs_line_ends(bare) : body_stuffer(bare::convert) {}
};
TEST(body_oracle, sees_that_a_bare_octet_is_not_refused) {
  EXPECT_THAT(what_it_says_of_stuffer<repairs_line_ends>(), HasSubstr("is not refused"));
}

struct refuses_what_it_should_repair : body_stuffer {
  explicit refuses_what_it_should_repair(bare) : body_stuffer(bare::refuse) {}
};
TEST(body_oracle, sees_that_a_bare_octet_is_not_converted) {
  EXPECT_THAT(what_it_says_of_stuffer<refuses_what_it_should_repair>(), HasSubstr("converting: is refused"));
}

struct remembers_what_it_refused : body_stuffer {
  using body_stuffer::body_stuffer;
  stuffed next(std::string_view piece) {
    stuffed made = body_stuffer::next(piece);
    if (!made) *this = remembers_what_it_refused();
    return made;
  }
};
TEST(body_oracle, sees_what_a_refused_piece_leaves_behind) {
  EXPECT_THAT(what_it_says_of_stuffer<remembers_what_it_refused>(), HasSubstr("changes what comes after it"));
}

struct points_at_what_is_gone : body_stuffer {
  using body_stuffer::body_stuffer;
  stuffed next(std::string_view piece) {
    stuffed made = body_stuffer::next(piece);
    if (made) made->bytes = kept_.assign(made->bytes);
    return made;
  }
  std::string kept_;
};
TEST(body_oracle, sees_a_view_of_another_place) {
  EXPECT_THAT(what_it_says_of_stuffer<points_at_what_is_gone>(), HasSubstr("a view points elsewhere"));
}

struct always_adds_a_line_end : body_stuffer {
  using body_stuffer::body_stuffer;
  result<std::string_view> finish() { return std::string_view("\r\n.\r\n"); }
};
TEST(body_oracle, sees_an_end_with_an_empty_line) {
  EXPECT_THAT(what_it_says_of_stuffer<always_adds_a_line_end>(), HasSubstr("is written as"));
}

TEST(body_reference, receives_what_rfc_5321_says) {
  const auto whole = receive_body("a\r\n..b\r\n.c\r\n.\r\nNOOP\r\n");
  EXPECT_TRUE(whole.ended);
  EXPECT_EQ(whole.used, 15U);
  EXPECT_EQ(whole.message, "a\r\n.b\r\nc\r\n");
  EXPECT_FALSE(whole.bare);

  const auto empty = receive_body(".\r\n");
  EXPECT_TRUE(empty.ended);
  EXPECT_EQ(empty.message, "");

  for (const std::string_view none : {"a\n.\n", "a\n.\r\n", "a\r.\r", "a\r\n.\n", "a\r\n.\r", "a\r\n.\r\r\n"})
    EXPECT_FALSE(receive_body(none).ended) << escaped(none);

  EXPECT_EQ(receive_body("a\r\n.\r").used, 3U);
  EXPECT_EQ(receive_body("a\r\n.").used, 3U);
  EXPECT_EQ(receive_body("a\r").used, 1U);
  EXPECT_EQ(receive_body(".").used, 0U);
}

TEST(body_reference, finds_bare_octets) {
  EXPECT_FALSE(first_bare("a\r\nb\r\n"));
  EXPECT_EQ(first_bare("a\nb")->code, errc::bare_lf);
  EXPECT_EQ(first_bare("a\r\r\n")->at, 1U);
  EXPECT_EQ(first_bare("a\r")->code, errc::bare_cr);
}

TEST(body_reference, converts) {
  EXPECT_EQ(with_line_ends("a\nb\rc\r\n\r\r\n\n"), "a\r\nb\r\nc\r\n\r\n\r\n\r\n");
  EXPECT_EQ(with_line_ends(""), "");
}

TEST(body_reference, stuffs) {
  EXPECT_EQ(stuff(".a\r\n..\r\nb."), "..a\r\n...\r\nb.");
  EXPECT_EQ(stuff(""), "");
}

} // namespace
} // namespace postel::fuzz
