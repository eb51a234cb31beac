// Why PEGTL's contrib/ is off limits here, shown: contrib/integer.hpp of 3.2.x has a rule, on which the IP rules of contrib/uri.hpp are
// built, that looks for more digits without regard to the end of its input. When this test fails, the fault is gone.
#include <gtest/gtest.h>

#include <string_view>
#include <tao/pegtl.hpp>

#if TAO_PEGTL_VERSION_MAJOR < 4
#include <tao/pegtl/contrib/uri.hpp>
#endif

namespace {

TEST(pegtl_canary, contrib_reads_past_the_end_of_a_view) {
#if TAO_PEGTL_VERSION_MAJOR < 4
  namespace peg = tao::pegtl;
  using input = peg::memory_input<peg::tracking_mode::lazy, peg::eol::crlf, const char*>;
  // A view of a larger buffer, so that all that is read is there.
  constexpr std::string_view buffer = "1.2.3.45";
  constexpr std::string_view view = buffer.substr(0, 7);
  input in(view.data(), view.data() + view.size(), "");
  ASSERT_TRUE(peg::parse<peg::uri::IPv4address>(in));
  EXPECT_EQ(in.current(), view.data() + view.size() + 1) << "one octet behind the end";
  EXPECT_FALSE(in.empty()) << "current is not end, so every later rule goes on reading";

  // The same text where nothing stands behind the view that looks like a digit.
  constexpr std::string_view harmless = "1.2.3.4]";
  input other(harmless.data(), harmless.data() + 7, "");
  ASSERT_TRUE(peg::parse<peg::uri::IPv4address>(other));
  EXPECT_TRUE(other.empty());
#else
  GTEST_SKIP() << "PEGTL " TAO_PEGTL_VERSION " looks at the size of its input";
#endif
}

} // namespace
