// What address literals say, against the C library's reader of addresses.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "postel/address.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

// What inet_pton makes of the text.
std::optional<ip_address> by_inet_pton(int family, const std::string& text) {
  ip_address address{};
  address.size = family == AF_INET ? 4 : 16;
  if (inet_pton(family, text.c_str(), address.octets.data()) != 1) return std::nullopt;
  return address;
}

std::optional<ip_address> literal(const std::string& text) {
  const exact block(text);
  const auto parsed = parse_domain(block.view());
  if (!parsed) return std::nullopt;
  return address_of(*parsed);
}

TEST(address_of, ipv4) {
  std::mt19937 random(5321);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(random() % 256);
    const auto expected = by_inet_pton(AF_INET, text);
    ASSERT_TRUE(expected);
    EXPECT_EQ(literal("[" + text + "]"), expected) << text;
  }
  // Snum is decimal, with leading zeros too (RFC 5321 4.1.3), which the C library does not read.
  EXPECT_EQ(literal("[010.001.000.255]"), by_inet_pton(AF_INET, "10.1.0.255"));
  EXPECT_EQ(literal("[0.0.0.0]"), by_inet_pton(AF_INET, "0.0.0.0"));
}

// All forms: every number of groups on both sides of "::", none, with and without an IPv4 tail, groups of one to four digits in either
// case. What RFC 5321 takes inet_pton takes, and both read the same; what RFC 5321 leaves out of inet_pton's is "::" for a single group.
TEST(address_of, ipv6_all_forms) {
  std::mt19937 random(4291);
  const auto group = [&] {
    std::string digits;
    for (std::size_t size = 1 + random() % 4; size != 0; --size) digits += "0123456789abcdefABCDEF"[random() % 22];
    return digits;
  };
  std::size_t read = 0;
  std::size_t left_out = 0;
  for (int repeat = 0; repeat < 20; ++repeat)
    for (const bool v4 : {false, true})
      for (const bool gap : {false, true})
        for (unsigned before = 0; before <= 9; ++before)
          for (unsigned behind = 0; behind <= 9; ++behind) {
            if (!gap && behind != 0) continue;
            std::string text;
            for (unsigned i = 0; i < before; ++i) text += (i == 0 ? "" : ":") + group();
            if (gap) text += "::";
            for (unsigned i = 0; i < behind; ++i) text += (i == 0 ? "" : ":") + group();
            if (v4) {
              if (!text.empty() && !text.ends_with(':')) text += ':';
              text += "192.0.2." + std::to_string(random() % 256);
            }
            const auto expected = by_inet_pton(AF_INET6, text);
            const unsigned groups = before + behind + (v4 ? 2 : 0);
            const auto got = literal("[IPv6:" + text + "]");
            if (gap && groups == 7) { // RFC 5321 4.1.3: "::" stands for two groups or more
              EXPECT_TRUE(expected) << text;
              EXPECT_EQ(got, std::nullopt) << text;
              ++left_out;
              continue;
            }
            EXPECT_EQ(got, expected) << text;
            read += got ? 1U : 0U;
          }
  EXPECT_GE(read, 900U);
  EXPECT_GT(left_out, 100U);
  for (const char* text : {"::", "::1", "1::", "2001:db8::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:192.0.2.1", "FE80::ABCD", "::0.0.0.0", "0::0"})
    EXPECT_EQ(literal("[ipv6:" + std::string(text) + "]"), by_inet_pton(AF_INET6, text)) << text;
}

TEST(address_of, nothing_for_the_others) {
  EXPECT_EQ(literal("example.com"), std::nullopt);
  EXPECT_EQ(literal("1.2.3.4"), std::nullopt); // a domain of digits
  EXPECT_EQ(literal("[x:1.2.3.4]"), std::nullopt);
  // A host that is none, or says to be another: it is looked at, not believed.
  for (const host_form form :
       {host_form::domain, host_form::ipv4_literal, host_form::ipv6_literal, host_form::general_literal}) {
    for (const char* text : {"", "[", "[]", "[1.2.3]", "[1.2.3.4", "1.2.3.4]", "[IPv6:]", "[IPv6:1]", "[IPv6:::1",
                             "[1.2.3.999]", "a b", "[IPv6:1:2:3:4:5:6:7:8:9]"}) {
      const exact block(text);
      EXPECT_EQ(address_of({block.view(), form}), std::nullopt) << text;
    }
    EXPECT_EQ(address_of({"[1.2.3.4]", form}), by_inet_pton(AF_INET, "1.2.3.4"));
    EXPECT_EQ(address_of({"[IPv6:::1]", form}), by_inet_pton(AF_INET6, "::1"));
  }
}

} // namespace
} // namespace postel::test
