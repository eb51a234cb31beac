#include "postel/grammar/capability.hpp"

#include "postel/grammar/reply.hpp"
#include "verify.hpp"

namespace postel::test {
namespace {

// A line of an EHLO response for every registered keyword, with the parameters that its RFC has.
TEST(capability, every_keyword) {
  for (const char* text : {"8BITMIME",
                           "ATRN",
                           "AUTH PLAIN SCRAM-SHA-256",
                           "BINARYMIME",
                           "BURL imap imap://imap.example",
                           "CHECKPOINT",
                           "CHUNKING",
                           "CONNEG",
                           "CONPERM",
                           "DELIVERBY 240,x",
                           "DSN",
                           "ENHANCEDSTATUSCODES",
                           "ETRN",
                           "EXPN",
                           "FUTURERELEASE 2592000 2027-01-31T00:00:00Z",
                           "HELP",
                           "LIMITS MAILMAX=20 RCPTMAX=100 RCPTDOMAINMAX=5",
                           "MT-PRIORITY MIXER",
                           "MTRK",
                           "NO-SOLICITING net.example:ADV",
                           "ONEX",
                           "PIPELINING",
                           "REQUIRETLS",
                           "RRVS",
                           "SAML",
                           "SEND",
                           "SIZE 10240000",
                           "SMTPUTF8",
                           "SOML",
                           "STARTTLS",
                           "SUBMITTER",
                           "TURN",
                           "VERB",
                           "VRFY",
                           "XCLIENT NAME ADDR PROTO",
                           "XFORWARD NAME ADDR PROTO",
                           "XVERP",
                           "PRDR",
                           "PIPECONNECT",
                           "WELLKNOWN",
                           "XRCPTFORWARD",
                           "SIZE",
                           "AUTH",
                           "XCLIENT ADDR PORT PROTO HELO LOGIN SESSION CLIENT-TRANSPORT TTL TIMEOUT FORWARD"})
    ok<g::ehlo_line>(text);
}

TEST(capability, size_offer) {
  for (const char* text : {"0", "10240000", "00000000000000000001", "99999999999999999999"}) ok<g::size_offer>(text);
  for (const char* text : {"", " ", "1 ", "100000000000000000000", "-1", "10M", "1 2"}) bad<g::size_offer>(text);
}

TEST(capability, burl_offer) {
  for (const char* text : {"imap", "IMAP imap://imap.example", "imap://h:143 imap", "imap://u@[::1]", "imap://"})
    ok<g::burl_offer>(text);
  for (const char* text :
       {"", " ", "imap ", " imap", "imap  imap", "http", "imaps://h", "imap://h/x", "imap:h", "imap,imap"})
    bad<g::burl_offer>(text);
  for (const char* text : {"imap", "imap://h"}) ok<g::burl_param>(text);
  for (const char* text : {"", "imap imap", "pop"}) bad<g::burl_param>(text);
}

TEST(capability, auth_offer) {
  for (const char* text : {"PLAIN", "GSSAPI DIGEST-MD5 PLAIN", "CRAM-MD5 LOGIN", "x"}) ok<g::auth_offer>(text);
  for (const char* text :
       {"", " ", "PLAIN ", " PLAIN", "PLAIN  LOGIN", "PLAIN,LOGIN", "PLAIN=", "PLAIN\tLOGIN", "ABCDEFGHIJKLMNOPQRSTU"})
    bad<g::auth_offer>(text);
}

TEST(capability, deliverby_token) {
  for (const char* text : {"a", "!", "~", "x-y", "a=b", "+-"}) ok<g::deliverby_token>(text);
  for (const char* text : {"", " ", ",", "a,b", "a b", "a\t", "\x7F", "\xC3\xBC"}) bad<g::deliverby_token>(text);
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::deliverby_token>(octet > 32 && octet < 127 && octet != ',', one(octet));
}

TEST(capability, min_by_time) {
  for (const char* text : {"0", "240", "000000001", "999999999"}) ok<g::min_by_time>(text);
  for (const char* text : {"", "1000000000", "-1", "+1", "1 ", "a"}) bad<g::min_by_time>(text);
}

TEST(capability, deliverby_offer) {
  for (const char* text : {"", "240", "240,x", "240,x,y", ",x", "1,a=b"}) ok<g::deliverby_offer>(text);
  for (const char* text : {"x", "240 ", "240,", ",", "240,,x", "240 x", "240, x", "1000000000", "-1"})
    bad<g::deliverby_offer>(text);
}

TEST(capability, futurerelease_offer) {
  for (const char* text :
       {"2592000 2027-01-31T00:00:00Z", "1 1985-04-12T23:20:50.52Z", "999999999 2027-01-31T00:00:00+01:00"})
    ok<g::futurerelease_offer>(text);
  for (const char* text :
       {"", "2592000", "2027-01-31T00:00:00Z", "0 2027-01-31T00:00:00Z", "1  2027-01-31T00:00:00Z",
        "1 2027-01-31T00:00:00Z ", "1 2027-01-31", "1,2027-01-31T00:00:00Z", "1000000000 2027-01-31T00:00:00Z"})
    bad<g::futurerelease_offer>(text);
}

TEST(capability, mt_priority_offer) {
  for (const char* text : {"MIXER", "STANAG4406", "NSEP", "x-1_2.3", "-", "abcdefghijklmnopqrst"})
    ok<g::mt_priority_offer>(text);
  for (const char* text : {"", " ", "MIXER ", "MIXER NSEP", "A,B", "A=B", "\xC3\xBC", "abcdefghijklmnopqrstu"})
    bad<g::mt_priority_offer>(text);
}

TEST(capability, limit_name) {
  for (const char* text : {"MAILMAX", "RCPTMAX", "RCPTDOMAINMAX", "x", "0", "-", "_", "A-B_c"}) ok<g::limit_name>(text);
  for (const char* text : {"", "A=", "A B", "A.B", "A;B", "A+", "\xC3\xBC"}) bad<g::limit_name>(text);
}

TEST(capability, limit_value) {
  for (const char* text : {"1", "=", "a=b", ":", "<", "~"}) ok<g::limit_value>(text);
  for (const char* text : {"", ";", "a;b", "a b", "\x7F", "\xC3\xBC", "\t"}) bad<g::limit_value>(text);
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::limit_value>(octet > 32 && octet < 127 && octet != ';', one(octet));
}

TEST(capability, limit) {
  for (const char* text : {"MAILMAX=1", "RCPTMAX=500", "X", "X=a=b", "x-y=~"}) ok<g::limit>(text);
  for (const char* text : {"", "=", "X=", "=1", "X =1", "X= 1", "X=1;", "X;Y"}) bad<g::limit>(text);
}

TEST(capability, limits_offer) {
  for (const char* text : {"MAILMAX=20", "RCPTMAX=100 MAILMAX=20", "RCPTMAX=10 RCPTDOMAINMAX=1 X", "X X"})
    ok<g::limits_offer>(text);
  for (const char* text : {"", " ", "MAILMAX=20 ", " MAILMAX=20", "MAILMAX=20  RCPTMAX=1", "MAILMAX=20;RCPTMAX=1",
                           "MAILMAX=", "MAILMAX=20,RCPTMAX=1;"})
    bad<g::limits_offer>(text);
}

TEST(capability, limit_number) {
  for (const char* text : {"1", "9", "10", "100", "999999"}) ok<g::limit_number>(text);
  for (const char* text : {"", "0", "01", "00", "1000000", "-1", "+1", "1 ", "1.0", "a"}) bad<g::limit_number>(text);
}

TEST(capability, no_soliciting_offer) {
  for (const char* text : {"net.example:ADV", "net.example:ADV,org.example:ADV:ADLT", "a"})
    ok<g::no_soliciting_offer>(text);
  for (const char* text : {"", "a,", ",a", "a b", "1a", "a,,b"}) bad<g::no_soliciting_offer>(text);
}

} // namespace
} // namespace postel::test
