#include "command/target_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;

TEST(target_name, forms) {
  EXPECT_EQ(parse_target("mx.example"), (target_name{"mx.example", std::nullopt}));
  EXPECT_EQ(parse_target("mx.example:2525"), (target_name{"mx.example", 2525}));
  EXPECT_EQ(parse_target("192.0.2.1:1"), (target_name{"192.0.2.1", 1}));
  EXPECT_EQ(parse_target("[2001:db8::1]"), (target_name{"2001:db8::1", std::nullopt}));
  EXPECT_EQ(parse_target("[2001:db8::1]:65535"), (target_name{"2001:db8::1", 65535}));
  EXPECT_EQ(parse_target("2001:db8::1"), (target_name{"2001:db8::1", std::nullopt}));
}

TEST(target_name, refused) {
  for (const char* const text : {"",
                                 ":25",
                                 "mx:",
                                 "mx:0",
                                 "mx:65536",
                                 "mx:25x",
                                 "mx:-1",
                                 "[::1",
                                 "[::1]25",
                                 "[::1]:",
                                 "[]:25",
                                 "mx:025",
                                 "::1:2525",
                                 "2001:db8::1:25",
                                 "smtp://mx.example",
                                 "smtp://mx.example:25",
                                 "smtp://[::1]:25",
                                 "mx.example/x",
                                 "a:b:c",
                                 "mx:25:26",
                                 "::1::",
                                 "fe80::1%lo:25",
                                 "2001:db8:1:2:3:4:5:6:7"})
    EXPECT_EQ(parse_target(text), std::nullopt) << text;
}

// An IPv6 address without brackets: what follows its last colon may have been meant as a port.
TEST(target_name, addresses_without_brackets) {
  for (const char* const text : {"::1", "fe80::1%lo", "2001:db8::1", "2001:db8::1:abcd", "2001:db8:1:2:3:4:5:6", "::"})
    EXPECT_EQ(parse_target(text), (target_name{text, std::nullopt})) << text;
}

TEST(target_name, advice) {
  EXPECT_EQ(target_advice("::1:2525"),
            "::1:2525: an IPv6 address with a port is written [::1]:2525, one without a port [::1:2525]");
  EXPECT_EQ(target_advice("smtp://mx.example"),
            "smtp://mx.example: expected HOST, HOST:PORT or [ADDRESS]:PORT: write mx.example without smtp://");
  EXPECT_EQ(target_advice("smtps://[::1]:465/"),
            "smtps://[::1]:465/: expected HOST, HOST:PORT or [ADDRESS]:PORT: write [::1]:465 without smtps://");
  EXPECT_EQ(target_advice(""), "the target is empty: expected HOST, HOST:PORT or [ADDRESS]:PORT");
  EXPECT_EQ(target_advice("a:b:c"), "a:b:c: expected HOST, HOST:PORT or [ADDRESS]:PORT");
  EXPECT_EQ(target_advice("mx:\x01"), "mx:\\x01: expected HOST, HOST:PORT or [ADDRESS]:PORT");
}

} // namespace
