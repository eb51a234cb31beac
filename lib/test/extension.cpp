#include "postel/extension.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "exact.hpp"

namespace postel {
namespace {

constexpr std::array<extension, extension_count> all_extensions = [] {
  std::array<extension, extension_count> all{};
  for (std::size_t i = 0; i < extension_count; ++i) all[i] = static_cast<extension>(i);
  return all;
}();

TEST(extension, keywords) {
  EXPECT_EQ(keyword(extension::pipelining), "PIPELINING");
  EXPECT_EQ(keyword(extension::size), "SIZE");
  EXPECT_EQ(keyword(extension::eight_bit_mime), "8BITMIME");
  EXPECT_EQ(keyword(extension::enhanced_status_codes), "ENHANCEDSTATUSCODES");
  EXPECT_EQ(keyword(extension::smtputf8), "SMTPUTF8");
  EXPECT_EQ(keyword(extension::help), "HELP");
  EXPECT_EQ(keyword(extension::expn), "EXPN");
  EXPECT_EQ(keyword(extension::mt_priority), "MT-PRIORITY");
  EXPECT_EQ(keyword(extension::no_soliciting), "NO-SOLICITING");
  EXPECT_EQ(keyword(extension::xverp), "XVERP");
  // The IANA registry's keywords (RFC 5321 2.2.2), and those of Postfix, Exim and Dovecot.
  std::set<std::string_view> known;
  for (const extension e : all_extensions) EXPECT_TRUE(known.insert(keyword(e)).second) << keyword(e);
  EXPECT_EQ(known,
            (std::set<std::string_view>{
                "8BITMIME",  "ATRN",          "AUTH",          "BINARYMIME", "BURL",        "CHECKPOINT",
                "CHUNKING",  "CONNEG",        "CONPERM",       "DELIVERBY",  "DSN",         "ENHANCEDSTATUSCODES",
                "ETRN",      "EXPN",          "FUTURERELEASE", "HELP",       "LIMITS",      "MT-PRIORITY",
                "MTRK",      "NO-SOLICITING", "ONEX",          "PIPELINING", "REQUIRETLS",  "RRVS",
                "SAML",      "SEND",          "SIZE",          "SMTPUTF8",   "SOML",        "STARTTLS",
                "SUBMITTER", "TURN",          "VERB",          "VRFY",       "XCLIENT",     "XFORWARD",
                "XVERP",     "PRDR",          "PIPECONNECT",   "WELLKNOWN",  "XRCPTFORWARD"}));
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
  for (const char* text :
       {"", "UTF8SMTP", "STARTTLS ", "SIZE=1", "PIPELINING\r\n", "X", "8BITMIME,SIZE", "MT_PRIORITY"})
    EXPECT_EQ(extension_of(test::exact(text)), std::nullopt) << text;
}

TEST(extensions, empty_has_none) {
  constexpr extensions none;
  for (const extension e : all_extensions) EXPECT_FALSE(none.contains(e));
  EXPECT_EQ(none, extensions{});
}

// A member is one bit: each pair tells whether two share one, and all of them whether one is beyond the word.
TEST(extensions, each_is_itself_and_no_other) {
  extensions all;
  for (const extension e : all_extensions) {
    EXPECT_FALSE(all.contains(e)) << keyword(e);
    all.insert(e);
    for (const extension other : all_extensions) EXPECT_EQ(extensions{e}.contains(other), e == other);
  }
  for (const extension e : all_extensions) {
    extensions without = all;
    without.erase(e);
    for (const extension other : all_extensions) EXPECT_EQ(without.contains(other), e != other);
  }
}

TEST(extensions, what_is_in_both) {
  const extensions a = {extension::size, extension::dsn, extension::xverp};
  const extensions b = {extension::dsn, extension::xverp, extension::help};
  EXPECT_EQ(a & b, (extensions{extension::dsn, extension::xverp}));
  EXPECT_EQ(a & extensions(), extensions());
  EXPECT_EQ(a & a, a);
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
