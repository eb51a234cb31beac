#include "postel/grammar/uri.hpp"

#include <arpa/inet.h>

#include "verify.hpp"

namespace postel::test {
namespace {

const std::string let_digs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const std::string unreserved_octets = let_digs + "-._~";
const std::string sub_delims_octets = "!$&'()*+,;=";

bool in(const std::string& set, unsigned octet) {
  return set.find(static_cast<char>(octet)) != std::string::npos;
}

TEST(uri, uri_scheme) {
  for (const char* text : {"imap", "IMAP", "a", "a1", "a+b", "a-b", "a.b", "z39.50r"}) ok<g::uri_scheme>(text);
  for (const char* text : {"", "1a", "+a", "-a", ".a", "a:", "a b", "a_b", "a/b", "\xC3\xBC"}) bad<g::uri_scheme>(text);
  for (unsigned octet = 0; octet < 256; ++octet) {
    judge<g::uri_scheme>(in(let_digs, octet) && (octet < '0' || octet > '9'), one(octet));
    judge<g::uri_scheme>(in(let_digs + "+-.", octet), "a" + one(octet));
  }
}

TEST(uri, characters) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string text = one(octet);
    const bool plain = in(unreserved_octets + sub_delims_octets, octet);
    judge<g::unreserved>(in(unreserved_octets, octet), text);
    judge<g::sub_delims>(in(sub_delims_octets, octet), text);
    judge<g::reg_name>(plain, text);
    judge<g::userinfo>(plain || octet == ':', text);
    judge<g::pchar>(plain || octet == ':' || octet == '@', text);
    judge<g::query>(plain || in(":@/?", octet), text);
  }
  for (const char* text : {"a", "~"}) ok<g::unreserved>(text);
  for (const char* text : {"", "aa", "%41", "/"}) bad<g::unreserved>(text);
  for (const char* text : {"!", "="}) ok<g::sub_delims>(text);
  for (const char* text : {"", "!!", "a", "@"}) bad<g::sub_delims>(text);
  for (const char* text : {"", "example.com", "%C3%BC.example", "192.0.2.1", "a_b"}) ok<g::reg_name>(text);
  for (const char* text : {"a:b", "a/b", "[::1]", "%", "%4", "a b"}) bad<g::reg_name>(text);
  for (const char* text : {"", "user", "user:pass", ":", "user;AUTH=*", "%20"}) ok<g::userinfo>(text);
  for (const char* text : {"a@b", "a/b", "%2", "a?"}) bad<g::userinfo>(text);
  for (const char* text : {"a", "%41", ":", "@"}) ok<g::pchar>(text);
  for (const char* text : {"", "ab", "/", "?", "#", "[", "%4"}) bad<g::pchar>(text);
  for (const char* text : {"", "a=b&c", "/?/", "%20"}) ok<g::query>(text);
  for (const char* text : {"#", "a b", "[", "%", "\xC3\xBC"}) bad<g::query>(text);
}

TEST(uri, pct_encoded) {
  for (const char* text : {"%00", "%41", "%fF", "%Af"}) ok<g::pct_encoded>(text);
  for (const char* text : {"", "%", "%4", "%4G", "%G4", "%%4", "41", "%411", "%-1"}) bad<g::pct_encoded>(text);
}

TEST(uri, dec_octet) {
  for (unsigned number = 0; number < 1000; ++number) judge<g::dec_octet>(number <= 255, std::to_string(number));
  ok<g::dec_octet>("255");
  for (const char* text : {"", "00", "01", "001", "256", "1a", "-1", " 1", "1 "}) bad<g::dec_octet>(text);
}

TEST(uri, IPv4address) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255"}) ok<g::IPv4address>(text);
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3"})
    bad<g::IPv4address>(text);
}

// Every text of up to nine groups, with "::" at any place or none, with and without an IPv4 tail: the C library says which are addresses.
TEST(uri, IPv6address_as_inet_pton) {
  std::size_t addresses = 0;
  for (const bool v4 : {false, true})
    for (unsigned groups = 0; groups <= 9; ++groups)
      for (unsigned gap = 0; gap <= groups + 1; ++gap) { // groups + 1: no gap
        std::string text;
        for (unsigned i = 0; i < groups; ++i) {
          if (i == gap) text += i == 0 ? "::" : ":";
          text += i + 1 == groups && v4 ? "192.0.2.1" : i % 2 == 0 ? "aBcD" : "0";
          if (i + 1 != groups) text += ':';
        }
        if (gap == groups) text += "::";
        in6_addr address{};
        const bool known = inet_pton(AF_INET6, text.c_str(), &address) == 1;
        addresses += known ? 1U : 0U;
        judge<g::IPv6address>(known, text);
      }
  EXPECT_GE(addresses, 60U);
  for (const char* text :
       {"::", "::1", "1::", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "fe80::1.2.3.4"})
    ok<g::IPv6address>(text);
  for (const char* text : {"", ":", ":::", "1", "12345::", "g::", "1::2::3", "::1.2.3.04", "::1.2.3",
                           "1:2:3:4:5:6:7:8:9", "1.2.3.4::", "::1.2.3.4:5", "::1%25eth0"})
    bad<g::IPv6address>(text);
}

TEST(uri, IPvFuture) {
  for (const char* text : {"v1.a", "V1f.~", "v0.:", "v9.a:b!"}) ok<g::IPvFuture>(text);
  for (const char* text : {"", "v", "v.a", "v1", "v1.", "vg.a", "1.a", "v1.[", "v1.%41"}) bad<g::IPvFuture>(text);
}

TEST(uri, IP_literal) {
  for (const char* text : {"[::1]", "[2001:db8::192.0.2.1]", "[v1.a]"}) ok<g::IP_literal>(text);
  for (const char* text : {"", "[]", "::1", "[::1", "::1]", "[192.0.2.1]", "[[::1]]", "[ ::1]"})
    bad<g::IP_literal>(text);
}

TEST(uri, authority) {
  for (const char* text : {"", "example.com", "example.com:143", "example.com:", ":", "u@example.com",
                           "u:p@example.com:1", "@", "u;AUTH=*@h", "[::1]", "[::1]:143", "u@[::1]:1", "192.0.2.1:143"})
    ok<g::authority>(text);
  for (const char* text : {"a:b", "a@b@c", "a:1:2", "[::1]a", "a/b", "[::1", "a b", "a?b", "a#b"})
    bad<g::authority>(text);
}

TEST(uri, path_abempty) {
  for (const char* text : {"", "/", "//", "/a", "/a/b", "/a//b/", "/;UIDVALIDITY=1/;UID=2"}) ok<g::path_abempty>(text);
  for (const char* text : {"a", "a/", "/a?", "/a b", "/[", "/%4"}) bad<g::path_abempty>(text);
}

TEST(uri, hier_part) {
  for (const char* text : {"", "//", "///", "//h/p", "/", "/a", "/a//b", "a", "a/b", "a:b@c/", "//u@h:1/a/b"})
    ok<g::hier_part>(text);
  for (const char* text : {"?", "a?b", "//[h/p", "//h:x/p", "a b", "#", "a#b", "[::1]"}) bad<g::hier_part>(text);
}

TEST(uri, absolute_URI) {
  for (const char* text :
       {// RFC 4468 3.3
        "imap://harry@gryffindor.example.com/outbox;uidvalidity=1078863300/;uid=25;urlauth=submit+harry:internal:"
        "91354a473744909de610943775f92038",
        "imap://gryffindor.example.com/outbox", "imap://imap.example.com:143/a?b=c", "imap:", "imap://", "a:b",
        "mailto:a@b", "http://[::1]/", "urn:isbn:0451450523", "a:?", "a:/?/?", "http://u:p@h:80/a;b=1/c?d=e&f"})
    ok<g::absolute_URI>(text);
  for (const char* text : {"",
                           ":",
                           "imap",
                           "//host/a",
                           "/a",
                           "1a:b",
                           "imap://h/a b",
                           "imap://h/#f",
                           "imap://h/\"",
                           "imap://h/<a>",
                           "imap://h/%4",
                           "imap://[h]/",
                           "a:[",
                           "a:\\",
                           "a:^",
                           "a:`",
                           "a:{}",
                           "a:|",
                           "a:\xC3\xBC",
                           "a:b\r\n",
                           "a:b LAST"})
    bad<g::absolute_URI>(text);
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::absolute_URI>(in(unreserved_octets + sub_delims_octets + ":@/?%", octet), "a:b" + one(octet) + "41");
}

} // namespace
} // namespace postel::test
