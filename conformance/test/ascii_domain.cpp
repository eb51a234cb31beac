#include "send/ascii_domain.hpp"

#include <gtest/gtest.h>

namespace {

using postel::conformance::ascii_domain;

TEST(ascii_domain, has_a_labels_for_u_labels) {
  EXPECT_EQ(ascii_domain("b\xc3\xbc"
                         "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("B\xc3\x9c"
                         "cher.EXAMPLE"),
            "xn--bcher-kva.example");
  // IDNA2008 has this letter, which IDNA2003 took apart (RFC 5894 7.2).
  EXPECT_EQ(ascii_domain("stra\xc3\x9f"
                         "e.example"),
            "xn--strae-oqa.example");
  EXPECT_EQ(ascii_domain("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"), "xn--r8jz45g.xn--zckzah");
  EXPECT_EQ(ascii_domain("a.example"), "a.example");
}

TEST(ascii_domain, is_none_where_there_is_none) {
  for (const std::string_view text :
       {"\xc3", "a_b\xc3\xbc.example", "\xc3\xbc..example", "-\xc3\xbc.example", "\xe2\x98\x83.\xcc\x81x"})
    EXPECT_EQ(ascii_domain(text), std::nullopt) << text;
  EXPECT_EQ(ascii_domain(std::string_view("\xc3\xbc\0.example", 11)), std::nullopt);
  // RFC 1035 2.3.4: 63 octets of a label, as A-label.
  std::string label;
  for (int i = 0; i < 60; ++i) label += "\xc3\xbc";
  EXPECT_EQ(ascii_domain(label + "x.example"), std::nullopt);
}

} // namespace
