#include "postel/grammar/address.hpp"

#include <array>

#include "verify.hpp"

namespace postel::test {
namespace {

const std::string utf8_label =
    "b\xC3\xBC"
    "cher";                                               // bücher
const std::string utf8_word = "\xE6\xB5\x8B\xE8\xAF\x95"; // 测试
const std::string utf8_mailbox =
    "j\xC3\xB6rg@b\xC3\xBC"
    "cher.example"; // jörg@bücher.example

TEST(domain, sub_domain) {
  for (const char* text : {"a", "Z", "0", "a1", "1a", "a-b", "a--b", "a-b-c", "xn--bcher-kva", "0-0"})
    ok<g::sub_domain>(text);
  ok<g::sub_domain>(std::string(63, 'a'));
  // RFC 1035 2.3.4; a label in UTF-8 has as many octets as one of 63 in the DNS can stand for (RFC 5890 2.3.2.1).
  ok<g::sub_domain>("a-" + std::string(60, '-') + "a");
  for (const std::size_t size : {64U, 65U, 252U, 253U, 4000U}) bad<g::sub_domain>(std::string(size, 'a'));
  bad<g::sub_domain>("a-" + std::string(61, '-') + "a");
  utf8_only<g::sub_domain>(std::string(250, 'a') + "\xC3\xBC");
  bad<g::sub_domain>(std::string(251, 'a') + "\xC3\xBC");
  ok<g::domain>(std::string(63, 'a') + "." + std::string(63, 'b'));
  bad<g::domain>(std::string(63, 'a') + "." + std::string(64, 'b'));
  bad<g::domain>(std::string(64, 'a') + ".b");
  bad<g::mailbox>("a@" + std::string(64, 'b'));
  for (const char* text : {"", "-", "-a", "a-", "a--", "--", "a_b", "a b", "a.b", ".", "a.", "@", "a\r", "a\n"})
    bad<g::sub_domain>(text);
  utf8_only<g::sub_domain>(utf8_label);
  utf8_only<g::sub_domain>(utf8_word);
  utf8_only<g::sub_domain>(utf8_word + "-" + utf8_word);
  bad<g::sub_domain>("-" + utf8_word);
  bad<g::sub_domain>(utf8_word + "-");
  bad<g::sub_domain>("a\xC3");
}

TEST(domain, sub_domain_of_every_octet) {
  const std::string_view member = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool let_dig = member.find(one(octet)) != std::string_view::npos;
    for (const std::string& text : {one(octet), one(octet) + "x", "x" + one(octet)}) {
      judge<g::sub_domain<g::ascii>>(let_dig, text);
      judge<g::sub_domain<g::internationalized>>(let_dig, text);
    }
    const std::string inner = "x" + one(octet) + "x";
    judge<g::sub_domain<g::ascii>>(let_dig || octet == '-', inner);
    judge<g::sub_domain<g::internationalized>>(let_dig || octet == '-', inner);
  }
}

TEST(domain, domain) {
  for (const char* text : {"a", "localhost", "example.com", "a.b.c.d", "1.2.3.4", "foo-bar.example", "EXAMPLE.Com",
                           "bar.com", "xyz.com", "foo.com", "a-b.c--d.e1", "123"})
    ok<g::domain>(text);
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a.-b", "a-.b", "a.b-", "-a.b", "a_b.c", "a b", "a,b",
                           "[1.2.3.4]", "a.b@c", "a.b\r\n", " a", "a "})
    bad<g::domain>(text);
  utf8_only<g::domain>(utf8_label + ".example");
  utf8_only<g::domain>("a." + utf8_word + ".b");
  bad<g::domain>(utf8_label + "..example");
  bad<g::domain>("\xEF\xBC\x8E\xFF.example");
  std::string labels = "a";
  for (int i = 0; i < 200; ++i) labels += ".a";
  ok<g::domain>(labels);
}

// Every text of one to three digits, leading zeros included, is a number of at most 255.
TEST(literal, Snum) {
  std::size_t accepted = 0;
  for (unsigned value = 0; value < 1000; ++value) {
    const std::string shortest = std::to_string(value);
    for (std::string text = shortest; text.size() <= 3; text.insert(0, "0")) {
      judge<g::Snum>(value <= 255, text);
      accepted += value <= 255 ? 1U : 0U;
    }
    bad<g::Snum>(std::string(4 - shortest.size(), '0') + shortest);
  }
  EXPECT_EQ(accepted, 10U + 100U + 256U);
  ok<g::Snum>("0");
  ok<g::Snum>("255");
  ok<g::Snum>("007");
  for (const char* text : {"", "256", "1000", "0255", "-1", "+1", " 1", "1 ", "1.", "a", "1a", "0x1"})
    bad<g::Snum>(text);
}

TEST(literal, IPv4_address_literal) {
  for (const char* text : {"0.0.0.0", "255.255.255.255", "127.0.0.1", "192.0.2.1", "001.02.3.000", "199.249.250.1"})
    ok<g::IPv4_address_literal>(text);
  for (const char* text :
       {"", "1", "1.2", "1.2.3", "1.2.3.", ".1.2.3.4", "1.2.3.4.", "1.2.3.4.5", "1..2.3", "256.1.1.1", "1.256.1.1",
        "1.1.256.1", "1.1.1.256", "1.1.1.0001", "1.2.3.4 ", "1,2,3,4", "1.2.3.a", "1.2.3.4]"})
    bad<g::IPv4_address_literal>(text);
}

TEST(literal, IPv6_hex) {
  for (const char* text : {"0", "f", "F", "00", "aBc", "0000", "ffff", "FFFF", "1234", "cafe"}) ok<g::IPv6_hex>(text);
  for (const char* text : {"", "00000", "12345", "g", "fffg", "1:", ":1", " 1", "0x1", "-1", "1.2"})
    bad<g::IPv6_hex>(text);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool hex = std::string_view("0123456789abcdefABCDEF").find(one(octet)) != std::string_view::npos;
    judge<g::IPv6_hex>(hex, one(octet));
    judge<g::IPv6_hex>(hex, "1" + one(octet));
  }
}

// count groups joined by colons, of one to four digits in turn.
std::string groups(unsigned count, unsigned first = 0) {
  constexpr std::array<const char*, 8> spelling = {"0", "dB", "1f2", "2001", "FFFF", "a", "00", "9c8D"};
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    if (i != 0) text += ':';
    text += spelling[(first + i) % spelling.size()];
  }
  return text;
}

// The four forms of RFC 5321 4.1.3, told apart by counting.
void verify_ipv6(const std::string& text, bool full, bool comp, bool v4_full, bool v4_comp) {
  judge<g::IPv6_full>(full, text);
  judge<g::IPv6_comp>(comp, text);
  judge<g::IPv6v4_full>(v4_full, text);
  judge<g::IPv6v4_comp>(v4_comp, text);
  const bool any = full || comp || v4_full || v4_comp;
  judge<g::IPv6_addr>(any, text);
  judge<g::IPv6_address_literal>(any, "IPv6:" + text);
  judge<g::address_literal>(any, "[IPv6:" + text + "]");
  judge<g::host<g::ascii>>(any, "[ipV6:" + text + "]");
  judge<g::mailbox<g::internationalized>>(any, "a@[IPV6:" + text + "]");
}

TEST(literal, ipv6_without_compression_of_every_length) {
  for (unsigned count = 0; count <= 10; ++count)
    for (unsigned first = 0; first < 8; ++first) {
      const std::string text = groups(count, first);
      verify_ipv6(text, count == 8, false, false, false);
      verify_ipv6(text + (count == 0 ? "" : ":") + "192.0.2.1", false, false, count == 6, false);
    }
}

TEST(literal, ipv6_with_compression_of_every_length) {
  std::size_t pure = 0;
  std::size_t with_ipv4 = 0;
  for (unsigned head = 0; head <= 8; ++head)
    for (unsigned tail = 0; tail <= 8; ++tail) {
      const bool fits = head + tail <= 6; // "::" stands for at least two groups
      verify_ipv6(groups(head) + "::" + groups(tail, 3), false, fits, false, false);
      pure += fits ? 1U : 0U;
      const bool fits_ipv4 = head + tail <= 4;
      verify_ipv6(groups(head, 5) + "::" + groups(tail, 1) + (tail == 0 ? "" : ":") + "1.22.255.0", false, false, false,
                  fits_ipv4);
      with_ipv4 += fits_ipv4 ? 1U : 0U;
    }
  EXPECT_EQ(pure, 28U);
  EXPECT_EQ(with_ipv4, 15U);
}

TEST(literal, ipv6_examples_of_RFC_4291) {
  for (const char* text : {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "2001:DB8:0:0:8:800:200C:417A",
                           "FF01:0:0:0:0:0:0:101", "0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:0"})
    ok<g::IPv6_full>(text);
  for (const char* text : {"2001:DB8::8:800:200C:417A", "FF01::101", "::1", "::"}) ok<g::IPv6_comp>(text);
  for (const char* text : {"0:0:0:0:0:0:13.1.68.3", "0:0:0:0:0:FFFF:129.144.52.38"}) ok<g::IPv6v4_full>(text);
  for (const char* text : {"::13.1.68.3", "::FFFF:129.144.52.38"}) ok<g::IPv6v4_comp>(text);
  for (const char* text :
       {"2001:DB8:0:0:8:800:200C:417A", "::1", "0:0:0:0:0:0:13.1.68.3", "::FFFF:129.144.52.38", "::"})
    ok<g::IPv6_addr>(text);
}

TEST(literal, ipv6_refused) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1::2::3",
                           ":1",
                           "1:",
                           "1:2:3:4:5:6:7:8:",
                           ":1:2:3:4:5:6:7:8",
                           "::1:",
                           ":::1",
                           "1:::",
                           "::g",
                           "::12345",
                           "::1%eth0",
                           "fe80::1/64",
                           "1.2.3.4",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "::1.2.3.256",
                           "::1.2.3.4:1",
                           "1.2.3.4::",
                           "::1 ",
                           " ::1",
                           "0x1::",
                           "::-1"}) {
    bad<g::IPv6_full>(text);
    bad<g::IPv6_comp>(text);
    bad<g::IPv6v4_full>(text);
    bad<g::IPv6v4_comp>(text);
    bad<g::IPv6_addr>(text);
    bad<g::IPv6_address_literal>(std::string("IPv6:") + text);
  }
  // A "::" for a single group is RFC 4291's, not RFC 5321's.
  bad<g::IPv6_addr>("2001:db8::1:2:3:4:5");
}

TEST(literal, IPv6_tag) {
  for (const char* text : {"IPv6:", "ipv6:", "IPV6:", "iPV6:"}) ok<g::IPv6_tag>(text);
  for (const char* text : {"", "IPv6", "IPv4:", "IPv6::", "IP v6:", "IPv6-:"}) bad<g::IPv6_tag>(text);
  ok<g::IPv6_address_literal>("IPv6:::1");
  ok<g::IPv6_address_literal>("ipv6:2001:db8::1");
  bad<g::IPv6_address_literal>("::1");
  bad<g::IPv6_address_literal>("IPv6::1");
  bad<g::IPv6_address_literal>("IPv6: ::1");
}

TEST(literal, Standardized_tag) {
  for (const char* text : {"a", "1", "A1", "-a", "--a", "a-b", "-a--b", "x400"}) ok<g::Standardized_tag>(text);
  for (const char* text : {"", "-", "--", "a-", "-a-", "a_b", "a b", "a:", "\xC3\xBC"}) bad<g::Standardized_tag>(text);
}

TEST(literal, General_address_literal) {
  for (const char* text : {"x:y", "X-25:311012345678", "-a:!", "dns:example.com", "a:b:c", "IPv4:1.2.3.4", "IPv66:1",
                           "IPv:6", "xIPv6:::1", "-IPv6:::1", "IPv6-x:y"})
    ok<g::General_address_literal>(text);
  // The tag IPv6 is not for the general form, in whatever case, whether or not an address follows.
  for (const char* tag : {"IPv6", "ipv6", "IPV6", "ipV6", "iPv6", "Ipv6"})
    for (const char* rest : {":::1", ":x", ":1.2.3.4", ":2001:db8::1", "::", ":"})
      bad<g::General_address_literal>(std::string(tag) + rest);
  for (const char* text : {"", ":", "x", "x:", ":y", "x-:y", "x:y z", "x:[", "x:]", "x:\\", "x:y\t", "x :y"})
    bad<g::General_address_literal>(text);
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::General_address_literal>((octet >= 33 && octet <= 90) || (octet >= 94 && octet <= 126), "x:" + one(octet));
}

TEST(literal, address_literal) {
  for (const char* text :
       {"[1.2.3.4]", "[123.255.37.2]", "[IPv6:::1]", "[ipv6:2001:db8::1]", "[IPv6:::FFFF:1.2.3.4]", "[x:y]", "[1:2]"})
    ok<g::address_literal>(text);
  for (const char* text : {"",
                           "[]",
                           "[",
                           "]",
                           "1.2.3.4",
                           "[1.2.3.4",
                           "1.2.3.4]",
                           "[1.2.3]",
                           "[1.2.3.4.5]",
                           "[256.1.1.1]",
                           "[::1]",
                           "[IPv6:]",
                           "[IPv6:x]",
                           "[IPv6:1.2.3.4]",
                           "[IPv6:1::2::3]",
                           "[ 1.2.3.4]",
                           "[1.2.3.4 ]",
                           "[[1.2.3.4]]",
                           "[1.2.3.4]]",
                           "[example.com]",
                           "[x:y]z",
                           "[2001:db8::1"})
    bad<g::address_literal>(text);
}

TEST(local_part, atom) {
  for (const char* text : {"a", "A1", "!#$%&'*+-/=?^_`{|}~", "user+tag", "0"}) ok<g::atom>(text);
  for (const char* text :
       {"", "a.b", "a b", "a@b", "\"a\"", "a\"", "(a)", "a,b", "a:b", "a;b", "<a>", "[a]", "a\\b", "\t", "a\r\n"})
    bad<g::atom>(text);
  utf8_only<g::atom>(utf8_word);
  utf8_only<g::atom>("a" + utf8_word + "1");
  bad<g::atom>("a\xC3");
}

TEST(local_part, dot_string) {
  for (const char* text : {"a", "a.b", "a.b.c", "john.q.public", "a+b.c=d", "0.0"}) ok<g::dot_string>(text);
  for (const char* text : {"", ".", ".a", "a.", "a..b", "a. b", "a .b", "\"a\".b", "a.\"b\"", "a@b"})
    bad<g::dot_string>(text);
  utf8_only<g::dot_string>(utf8_word + "." + utf8_word);
  bad<g::dot_string>(utf8_word + ".");
}

TEST(local_part, quoted_pairSMTP) {
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::quoted_pairSMTP>(octet >= 32 && octet <= 126, "\\" + one(octet));
  ok<g::quoted_pairSMTP>("\\\"");
  ok<g::quoted_pairSMTP>("\\\\");
  for (const char* text : {"", "\\", "a", "\\ab", "\\\\\\", "\\\xC3\xBC"}) bad<g::quoted_pairSMTP>(text);
}

TEST(local_part, QcontentSMTP) {
  for (const char* text : {"a", " ", "@", "\\\"", "\\ ", "."}) ok<g::QcontentSMTP>(text);
  for (const char* text : {"", "\"", "\\", "\t", "\r", "\n", "\x7F"}) bad<g::QcontentSMTP>(text);
  utf8_only<g::QcontentSMTP>("\xC3\xBC");
  bad<g::QcontentSMTP>("\xC3");
}

TEST(local_part, quoted_string_of_every_octet) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string qtext = "\"" + one(octet) + "\"";
    const std::string amid = "\"a" + one(octet) + "b\"";
    const std::string pair = "\"\\" + one(octet) + "\"";
    const bool in_qtext = octet >= 32 && octet <= 126 && octet != '"' && octet != '\\';
    const bool quotable = octet >= 32 && octet <= 126;
    judge<g::quoted_string<g::ascii>>(in_qtext, qtext);
    judge<g::quoted_string<g::internationalized>>(in_qtext, qtext);
    judge<g::quoted_string<g::ascii>>(in_qtext || octet == '\\', amid); // a backslash quotes what follows
    judge<g::quoted_string<g::ascii>>(quotable, pair);
    judge<g::quoted_string<g::internationalized>>(quotable, pair);
    judge<g::local_part<g::ascii>>(quotable, pair);
  }
}

TEST(local_part, quoted_string) {
  for (const char* text : {"\"\"", "\"a\"", "\"Joe.\\Blow\"", "\"a b\"", "\"@\"", "\"<>:,;[]()\"", "\"\\\"\"",
                           "\"\\\\\"", "\".\"", "\"..\"", "\" \"", "\"a\\ b\""})
    ok<g::quoted_string>(text);
  for (const char* text : {"", "\"", "\"\"\"", "\"a", "a\"", "a", "\"a\"b", "b\"a\"", "\"\\\"", "\"a\tb\"",
                           "\"a\r\nb\"", "\"\\\r\"", "\"a\" ", "\"a\"\"b\"", "'a'"})
    bad<g::quoted_string>(text);
  bad<g::quoted_string>(std::string_view("\"a\0b\"", 5));
  utf8_only<g::quoted_string>("\"" + utf8_word + "\"");
  utf8_only<g::quoted_string>("\"a " + utf8_word + " \\\"b\"");
  bad<g::quoted_string>("\"\\" + utf8_word + "\"");
  bad<g::quoted_string>("\"\xE6\xB5\"");
}

TEST(local_part, local_part) {
  for (const char* text : {"a", "john.doe", "\"john doe\"", "\"\"", "user+mailbox/department=shipping"})
    ok<g::local_part>(text);
  for (const char* text : {"", ".a", "a.", "a..b", "a b", "\"a\".b", "a.\"b\"", "a\"b\"", "\"a", "a@", "<a>"})
    bad<g::local_part>(text);
  utf8_only<g::local_part>(utf8_word);
  utf8_only<g::local_part>("\"" + utf8_word + "\"");
}

TEST(mailbox, host) {
  for (const char* text : {"example.com", "localhost", "[1.2.3.4]", "[IPv6:::1]", "[x:y]", "1.2.3.4"})
    ok<g::host>(text);
  for (const char* text : {"", "[", "[]", "a.", "a@b", "[1.2.3.4].com", "example.com[1.2.3.4]", "::1", "a b",
                           "[\xC3\xBC:x]", "[x:\xC3\xBC]"})
    bad<g::host>(text);
  utf8_only<g::host>(utf8_label);
}

TEST(mailbox, mailbox) {
  for (const char* text :
       {"a@b", "Jones@XYZ.COM", "john.doe@example.com", "\"john doe\"@example.com", "\"\"@b", "\"a@b\"@c",
        "a@[1.2.3.4]", "a@[IPv6:::1]", "a@[x:y]", "postmaster@b", "a=b@c", "{a|b}@c", "a@1.2.3.4", "\"a\\@b\"@c"})
    ok<g::mailbox>(text);
  for (const char* text :
       {"",      "@",          "a",          "a@",    "@b",       "a@b@c",   "a b@c", "a@b c",   "a@ b",
        "a @b",  "a@b.",       "a@.b",       "a.@b",  ".a@b",     "a@-b",    "a@b-",  "<a@b>",   "a@[1.2.3.256]",
        "a@[]",  "a@[1.2.3.4", "a@1.2.3.4]", "\"a@b", "\"a\"b@c", "a@b\r\n", "a,b@c", "a@b,c@d", "a@b:c",
        "a@b_c", "A <a@b>",    "a@[IPv6:x]"})
    bad<g::mailbox>(text);
  utf8_only<g::mailbox>(utf8_mailbox);
  utf8_only<g::mailbox>(utf8_word + "@example.com");
  utf8_only<g::mailbox>("a@" + utf8_label);
  utf8_only<g::mailbox>("\"" + utf8_word + "\"@[1.2.3.4]");
  bad<g::mailbox>("\xFF@b");
  bad<g::mailbox>("a@\xC3");
  bad<g::mailbox>(std::string_view("a\0@b", 4));
}

TEST(path, source_routes) {
  ok<g::At_domain>("@a");
  ok<g::At_domain>("@hosta.int");
  for (const char* text : {"", "@", "a", "@@a", "@a,", "@[1.2.3.4]", "@a.", "@-a", "@ a", "a@b"})
    bad<g::At_domain>(text);
  utf8_only<g::At_domain>("@" + utf8_label);

  ok<g::A_d_l>("@a");
  ok<g::A_d_l>("@hosta.int,@jkl.org");
  ok<g::A_d_l>("@a,@b,@c,@d");
  for (const char* text :
       {"", ",", "@a,", ",@a", "@a,,@b", "@a, @b", "@a ,@b", "@a@b", "@a:@b", "@a,b", "@a,@[1.2.3.4]", "@a:"})
    bad<g::A_d_l>(text);
  utf8_only<g::A_d_l>("@a,@" + utf8_label);
}

TEST(path, path) {
  for (const char* text :
       {"<a@b>", "<userx@y.foo.org>", "<@hosta.int,@jkl.org:userc@d.bar.org>", "<@a:b@c>", "<@a,@b,@c:d@[1.2.3.4]>",
        "<\">\"@b>", "<\"a b\"@c>", "<@a:\"\"@b>", "<a@[IPv6:::1]>", "<postmaster@b>"})
    ok<g::path>(text);
  for (const char* text : {"",
                           "<",
                           ">",
                           "<>",
                           "a@b",
                           "<a@b",
                           "a@b>",
                           "<a>",
                           "< a@b>",
                           "<a@b >",
                           "<a@b> ",
                           " <a@b>",
                           "<<a@b>>",
                           "<a@b>>",
                           "<@a:>",
                           "<@a>",
                           "<:a@b>",
                           "<@a,:b@c>",
                           "<@a,@b>",
                           "<@a b@c>",
                           "<@a;b@c>",
                           "<@[1.2.3.4]:a@b>",
                           "<a@b,c@d>",
                           "<a@b><c@d>",
                           "<@a:@b:c@d>",
                           "<a@b\r\n>",
                           "<Postmaster>",
                           "(a@b)",
                           "<@a: b@c>",
                           "<a@b:c@d>"})
    bad<g::path>(text);
  utf8_only<g::path>("<" + utf8_mailbox + ">");
  utf8_only<g::path>("<@" + utf8_label + ":a@b>");
  bad<g::path>("<a\xC3@b>");
}

TEST(path, null_path) {
  ok<g::null_path>("<>");
  for (const char* text : {"", "<", ">", "< >", "<<>>", "<>>", "<\"\">", " <>", "<> ", "<@>"}) bad<g::null_path>(text);
}

TEST(path, reverse_path) {
  for (const char* text : {"<>", "<a@b>", "<@a:b@c>", "<\"\"@b>", "<postmaster@b>"}) ok<g::reverse_path>(text);
  for (const char* text : {"", "< >", "<a>", "<Postmaster>", "<<>>", "<>>", "<> ", " <>", "a@b", "<a@b", "<@a>"})
    bad<g::reverse_path>(text);
  utf8_only<g::reverse_path>("<" + utf8_mailbox + ">");
}

TEST(path, postmaster) {
  for (const char* text : {"Postmaster", "postmaster", "POSTMASTER", "pOsTmAsTeR"}) {
    ok<g::Postmaster>(text);
    ok<g::postmaster_path>("<" + std::string(text) + ">");
    ok<g::forward_path>("<" + std::string(text) + ">");
    bad<g::reverse_path>("<" + std::string(text) + ">");
  }
  for (const char* text : {"", "Postmaste", "Postmasters", "Post master", "Postmaster ", " Postmaster",
                           "\"Postmaster\"", "hostmaster", "Postmaster@"}) {
    bad<g::Postmaster>(text);
    bad<g::postmaster_path>("<" + std::string(text) + ">");
    bad<g::forward_path>("<" + std::string(text) + ">");
  }
  bad<g::postmaster_path>("Postmaster");
  bad<g::postmaster_path>("<Postmaster");
  bad<g::postmaster_path>("<Postmaster>>");
  bad<g::postmaster_path>("<Postmaster@b>");
  bad<g::postmaster_path>("<@a:Postmaster>");
}

TEST(path, forward_path) {
  for (const char* text :
       {"<a@b>", "<Postmaster@b>", "<Postmaster>", "<@a,@b:c@d>", "<Postmasters@b>", "<\"Postmaster\"@b>"})
    ok<g::forward_path>(text);
  for (const char* text : {"", "<>", "<a>", "Postmaster", "<@a:Postmaster>", "<Postmaster", "a@b", "<a@b", "<a@b> "})
    bad<g::forward_path>(text);
  utf8_only<g::forward_path>("<" + utf8_mailbox + ">");
}

} // namespace
} // namespace postel::test
