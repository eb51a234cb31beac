#include "postel/extension.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "exact.hpp"

namespace postel {
namespace {

TEST(extension, keywords) {
  EXPECT_EQ(keyword(extension::pipelining), "PIPELINING");
  EXPECT_EQ(keyword(extension::size), "SIZE");
  EXPECT_EQ(keyword(extension::eight_bit_mime), "8BITMIME");
  EXPECT_EQ(keyword(extension::enhanced_status_codes), "ENHANCEDSTATUSCODES");
  EXPECT_EQ(keyword(extension::smtputf8), "SMTPUTF8");
  EXPECT_EQ(keyword(extension::help), "HELP");
  EXPECT_EQ(keyword(extension::expn), "EXPN");
}

TEST(extension, is_found_by_its_keyword_in_any_case) {
  for (const extension e : all_extensions) {
    std::string text(keyword(e));
    EXPECT_EQ(extension_of(test::exact(text)), e);
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    EXPECT_EQ(extension_of(test::exact(text)), e);
    EXPECT_EQ(extension_of(test::exact(text + " ")), std::nullopt);
    EXPECT_EQ(extension_of(test::exact(text + "X")), std::nullopt);
    EXPECT_EQ(extension_of(test::exact(text.substr(1))), std::nullopt);
    EXPECT_EQ(extension_of(test::exact(text.substr(0, text.size() - 1))), std::nullopt);
  }
  for (const char* text : {"", "DSN", "STARTTLS", "SIZE=1", "PIPELINING\r\n"})
    EXPECT_EQ(extension_of(test::exact(text)), std::nullopt) << text;
}

TEST(extensions, empty_has_none) {
  constexpr extensions none;
  for (const extension e : all_extensions) EXPECT_FALSE(none.contains(e));
  EXPECT_EQ(none, extensions{});
}

TEST(extensions, every_subset_has_its_members_and_no_other) {
  constexpr unsigned count = std::size(all_extensions);
  for (unsigned subset = 0; subset < 1U << count; ++subset) {
    extensions set;
    for (unsigned i = 0; i < count; ++i)
      if ((subset >> i & 1U) != 0) set.insert(all_extensions[i]);
    for (unsigned i = 0; i < count; ++i) EXPECT_EQ(set.contains(all_extensions[i]), (subset >> i & 1U) != 0);
  }
}

TEST(extensions, insert_and_erase) {
  extensions set = {extension::size, extension::smtputf8};
  EXPECT_EQ(set, (extensions{extension::smtputf8, extension::size, extension::size}));
  set.insert(extension::size);
  EXPECT_EQ(set, (extensions{extension::size, extension::smtputf8}));
  set.erase(extension::size);
  EXPECT_EQ(set, extensions{extension::smtputf8});
  set.erase(extension::size);
  EXPECT_EQ(set, extensions{extension::smtputf8});
  EXPECT_NE(set, extensions{});
  set.erase(extension::smtputf8);
  EXPECT_EQ(set, extensions{});
}

} // namespace
} // namespace postel
