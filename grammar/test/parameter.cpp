#include "postel/grammar/parameter.hpp"

#include "verify.hpp"

namespace postel::test {
namespace {

TEST(parameter, esmtp_keyword) {
  for (const char* text : {"SIZE", "size", "8BITMIME", "a", "0", "A-", "A--", "A-B", "X-FOO-1", "A-B-", "1-2"})
    ok<g::esmtp_keyword>(text);
  ok<g::esmtp_keyword>(std::string(1000, 'A'));
  for (const char* text : {"", "-", "-A", "A=", "A B", "A_B", "A.B", "=A", "A+", " A", "A ", "\xC3\xBC", "A\r", "A\t"})
    bad<g::esmtp_keyword>(text);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool let_dig =
        (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
    judge<g::esmtp_keyword>(let_dig, one(octet));
    judge<g::esmtp_keyword>(let_dig, one(octet) + "A");
    judge<g::esmtp_keyword>(let_dig || octet == '-', "A" + one(octet));
    judge<g::esmtp_keyword>(let_dig || octet == '-', "A" + one(octet) + "B");
  }
}

TEST(parameter, esmtp_value) {
  for (const char* text : {"1", "8BITMIME", "<>", "a:b", "\"", "\\", "!", "~", "<", ">", "+41", "a,b;c"})
    ok<g::esmtp_value>(text);
  for (const char* text : {"", "=", "a=b", "a=", " ", "a b", "\t", "a\r\n", "\x7F"}) bad<g::esmtp_value>(text);
  bad<g::esmtp_value>(std::string_view("a\0", 2));
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool allowed = (octet >= 33 && octet <= 60) || (octet >= 62 && octet <= 126);
    judge<g::esmtp_value<g::ascii>>(allowed, one(octet));
    judge<g::esmtp_value<g::internationalized>>(allowed, one(octet));
    judge<g::esmtp_value<g::ascii>>(allowed, "a" + one(octet) + "b");
  }
  utf8_only<g::esmtp_value>("\xC3\xBC");
  utf8_only<g::esmtp_value>(
      "a\xE2\x82\xAC"
      "b");
  bad<g::esmtp_value>("a\xC3");
  bad<g::esmtp_value>("\xED\xA0\x80");
}

TEST(parameter, esmtp_param) {
  for (const char* text :
       {"SIZE=1000", "BODY=8BITMIME", "SMTPUTF8", "A=<>", "A-=1", "0=0", "AUTH=<>", "ENVID=QQ314159", "RET=HDRS"})
    ok<g::esmtp_param>(text);
  for (const char* text : {"", "=", "A=", "=1", "A==1", "A=1=2", "A =1", "A= 1", "A=1 ", " A=1", "-A=1", "A=1 B=2"})
    bad<g::esmtp_param>(text);
  utf8_only<g::esmtp_param>("ORCPT=utf-8;\xC3\xBC@b");
  bad<g::esmtp_param>("\xC3\xBC=1");
}

TEST(parameter, esmtp_params) {
  for (const char* text :
       {"SIZE=1", "SMTPUTF8", "SIZE=1 BODY=7BIT", "A B C", "A=1 A=1", "SIZE=1 BODY=8BITMIME SMTPUTF8"})
    ok<g::esmtp_params>(text);
  for (const char* text : {"", " ", " A", "A ", "A  B", "A=1  B", "A\tB", "A,B", "A= B", "A=1 =2", "A=1 -B", "A\r\nB"})
    bad<g::esmtp_params>(text);
  utf8_only<g::esmtp_params>("A=\xC3\xBC B");
  bad<g::esmtp_params>("A=1 \xC3\xBC");
}

TEST(parameter, size_value) {
  for (std::size_t length = 1; length <= 20; ++length) {
    ok<g::size_value>(std::string(length, '9'));
    ok<g::size_value>(std::string(length, '0'));
  }
  bad<g::size_value>(std::string(21, '0'));
  bad<g::size_value>(std::string(40, '1'));
  for (const char* text : {"", " ", "-1", "+1", "1 ", " 1", "1.0", "1a", "0x10", "1,000", "\xEF\xBC\x91"})
    bad<g::size_value>(text);
  for (unsigned octet = 0; octet < 256; ++octet) judge<g::size_value>(octet >= '0' && octet <= '9', one(octet));
}

TEST(parameter, body_value) {
  for (const char* text : {"7BIT", "7bit", "8BITMIME", "8bitmime", "8BitMime"}) ok<g::body_value>(text);
  for (const char* text :
       {"", "7", "8BIT", "7BITMIME", "8BITMIM", "8BITMIMES", "7BIT ", " 7BIT", "BINARYMIME", "9BIT", "7BIT8BITMIME"})
    bad<g::body_value>(text);
}

} // namespace
} // namespace postel::test
