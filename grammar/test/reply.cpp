#include "postel/grammar/reply.hpp"

#include <cstdio>

#include "verify.hpp"

namespace postel::test {
namespace {

std::string three_digits(unsigned value) {
  return {static_cast<char>('0' + value / 100), static_cast<char>('0' + value / 10 % 10),
          static_cast<char>('0' + value % 10)};
}

TEST(reply, Reply_code) {
  std::size_t accepted = 0;
  for (unsigned value = 0; value < 1000; ++value) {
    const bool allowed = value >= 200 && value <= 559 && value / 10 % 10 <= 5;
    judge<g::Reply_code>(allowed, three_digits(value));
    accepted += allowed ? 1U : 0U;
  }
  EXPECT_EQ(accepted, 4U * 6U * 10U);
  ok<g::Reply_code>("200");
  ok<g::Reply_code>("559");
  for (const char* text : {"", "2", "25", "2500", "199", "600", "260", "560", "25a", " 250", "250 ", "+25", "2.5",
                           "\xEF\xBC\x92"
                           "50"})
    bad<g::Reply_code>(text);
}

TEST(reply, any_Reply_code) {
  std::size_t accepted = 0;
  for (unsigned value = 0; value < 1000; ++value) {
    const bool allowed = value >= 200 && value <= 599;
    judge<g::any_Reply_code>(allowed, three_digits(value));
    accepted += allowed ? 1U : 0U;
  }
  EXPECT_EQ(accepted, 400U);
  for (const char* text : {"", "2", "25", "2500", "25a", " 250", "250 ", "+25"}) bad<g::any_Reply_code>(text);
  for (const char* text : {"200", "571", "599"}) ok<g::any_Reply_code>(text);
  ok<g::any_Reply_line>("571-a\r\n571 b\r\n");
  ok<g::any_Reply_line>("250-a\r\n250 b\r\n");
  for (const char* text : {"671 a\r\n", "571 a\n", "571-a\r\n", "199 a\r\n", "57 a\r\n"}) bad<g::any_Reply_line>(text);
  utf8_only<g::any_Reply_line>("571-\xC3\xBC\r\n571 ok\r\n");
}

// RFC 5321 4.2: any text is acceptable to a client.
TEST(reply, framed_Reply_line) {
  for (const char* text :
       {"250 OK\r\n", "250 \r\n", "250\r\n", "250-\r\n250\r\n", "250-a\r\n250 b\r\n", "571 a\r\n",
        "250 re\xC3\xA7u\r\n", "250 re\xE7u\r\n", "250 \xC3\r\n", "535 \xC3\xDC\xC2\xEB\r\n", "250 \x07\x1B[2J\x7F\r\n",
        "250 a\rb\r\n", "250 a\r\r\n", "250-\r\r\n250 a\r\n", "250-250 a\r\n250-\r\n250 --\r\n"})
    ok<g::framed_Reply_line>(text);
  ok<g::framed_Reply_line>(std::string_view("250 a\0b\r\n", 9));
  ok<g::framed_Reply_line>("250-" + std::string(5000, 'x') + "\r\n250 " + std::string(5000, 'y') + "\r\n");
  ok<g::framed_Reply_line>("250\r\r\r\n");
  for (const char* text : {"",
                           "\r\n",
                           "250",
                           "250 ",
                           "250 a",
                           "250 a\r",
                           "250 a\n",
                           "250\n",
                           "250\r",
                           "250 a\n\r\n",
                           "250 \n",
                           "250-a\n250 b\r\n",
                           "250-a\r\n",
                           "250-a\r\n250-b\r\n",
                           "250-a\r\n\r\n",
                           "250-a\r\nb\r\n",
                           "250 a\r\n250 b\r\n",
                           "250 a\r\n ",
                           "25 a\r\n",
                           "2500 a\r\n",
                           "250a\r\n",
                           "250\ta\r\n",
                           " 250 a\r\n",
                           "199 a\r\n",
                           "600 a\r\n",
                           "-50 a\r\n",
                           "250\ra\r\n"})
    bad<g::framed_Reply_line>(text);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool line_feed = octet == '\n';
    judge<g::framed_Reply_line>(!line_feed, "250 " + one(octet) + "\r\n");
    judge<g::framed_Reply_line>(!line_feed, "250-" + one(octet) + "x\r\n250 y\r\n");
    judge<g::framed_Reply_line>(octet == ' ' || octet == '\r', "250" + one(octet) + "\r\n");
  }
}

TEST(reply, textstring) {
  for (const char* text : {"OK", " ", "\t", "a b\tc", "~", "!", "  leading and trailing  ", "2.1.0 Sender ok"})
    ok<g::textstring>(text);
  for (const char* text : {"", "\r", "\n", "a\r\n", "a\nb", "\x7F", "\x01", "\x1B[1m"}) bad<g::textstring>(text);
  bad<g::textstring>(std::string_view("a\0", 2));
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool allowed = octet == 9 || (octet >= 32 && octet <= 126);
    judge<g::textstring<g::ascii>>(allowed, one(octet));
    judge<g::textstring<g::internationalized>>(allowed, one(octet));
  }
  utf8_only<g::textstring>(
      "gr\xC3\xBC\xC3\x9F"
      " dich");
  bad<g::textstring>("\xC3");
}

TEST(reply, reply_continuation) {
  for (const char* text : {"250-a\r\n", "250-\r\n", "250- \r\n", "250--\r\n", "559-x y\r\n"})
    ok<g::reply_continuation>(text);
  for (const char* text : {"", "250-", "250-a", "250 a\r\n", "250\r\n", "250-a\n", "250-a\r", "250-a\r\r\n", "25-a\r\n",
                           "2500-a\r\n", "-a\r\n", "250-a\r\n\r\n", "250-a\r\n250-b\r\n", "600-a\r\n"})
    bad<g::reply_continuation>(text);
  utf8_only<g::reply_continuation>("250-\xC3\xBC\r\n");
}

TEST(reply, reply_final) {
  for (const char* text : {"250 a\r\n", "250 \r\n", "250\r\n", "250  a\r\n", "250 -\r\n",
                           "354 Start mail input; end with <CRLF>.<CRLF>\r\n"})
    ok<g::reply_final>(text);
  for (const char* text :
       {"",           "250",        "250 ",       "250 a",      "250-a\r\n", "250-\r\n",    "250a\r\n",
        "250\ta\r\n", "250 a\n",    "250 a\r",    "250\n",      "250\r",     "250 a\r\r\n", "250 a\n\r\n",
        "25 a\r\n",   "2500 a\r\n", " 250 a\r\n", "250 a\r\n ", "190 a\r\n", "250.a\r\n"})
    bad<g::reply_final>(text);
  utf8_only<g::reply_final>("250 \xC3\xBC\r\n");
}

TEST(reply, behind_a_code) {
  for (const char* text : {"-a\r\n", "-\r\n", "- \r\n", "--\r\n"}) ok<g::behind_continued_code>(text);
  for (const char* text : {"", "-", "-a", "a\r\n", " a\r\n", "\r\n", "-a\n", "-a\r\n250", "250-a\r\n"})
    bad<g::behind_continued_code>(text);
  utf8_only<g::behind_continued_code>("-\xC3\xBC\r\n");
  for (const char* text : {" a\r\n", " \r\n", "\r\n", "  a\r\n", " -\r\n"}) ok<g::behind_final_code>(text);
  for (const char* text : {"", " ", " a", "-\r\n", "a\r\n", "\ta\r\n", " a\n", " a\r\n ", "250 a\r\n"})
    bad<g::behind_final_code>(text);
  utf8_only<g::behind_final_code>(" \xC3\xBC\r\n");
}

TEST(reply, Reply_line) {
  for (const char* text :
       {"250 OK\r\n", "250\r\n", "250 \r\n", "250-a\r\n250 b\r\n", "250-\r\n250-\r\n250\r\n",
        "250-First line\r\n250-Second line\r\n250-234 Text beginning with numbers\r\n250 The last line\r\n",
        // Equal codes are not a matter of this rule: who parses a reply compares them.
        "250-a\r\n251 b\r\n"})
    ok<g::Reply_line>(text);
  for (const char* text : {"", "\r\n", "OK\r\n", "250 OK", "250 OK\n", "250-a\r\n", "250-a\r\n250-b\r\n",
                           "250 a\r\n250 b\r\n", "250-a\n250 b\r\n", "250-a\r\n250 b\n", "250-a\r\n\r\n250 b\r\n",
                           "250-a\r\nb\r\n", "250-a\r\n 250 b\r\n", "250 a\r\n\r\n", "250-a\r250 b\r\n"})
    bad<g::Reply_line>(text);
  utf8_only<g::Reply_line>("250-\xC3\xBC\r\n250 ok\r\n");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "250-x\r\n";
  bad<g::Reply_line>(many);
  ok<g::Reply_line>(many + "250 x\r\n");
}

TEST(reply, Greeting) {
  ok<g::greeting_text>("a");
  ok<g::greeting_text>("foo.com Simple Mail Transfer Service Ready");
  ok<g::greeting_text>("[1.2.3.4] ready");
  for (const char* text : {"", " a", "a ", "a\tb", "ready!", "[] a", "a\r\n", "a. b"}) bad<g::greeting_text>(text);
  utf8_only<g::greeting_text>(
      "b\xC3\xBC"
      "cher.example gr\xC3\xBC"
      "ezi");

  for (const char* text : {"220 a\r\n", "220 foo.com Simple Mail Transfer Service Ready\r\n", "220 [1.2.3.4] ready\r\n",
                           "220 a  two spaces\r\n", "220-a\r\n220\r\n", "220-a hello\r\n220 last\r\n",
                           "220-a\r\n220-\r\n220-more\r\n220 end\r\n", "220-[IPv6:::1]\r\n220\r\n"})
    ok<g::Greeting>(text);
  for (const char* text : {"",
                           "220\r\n",
                           "220 \r\n",
                           "220 a \r\n",
                           "220 a",
                           "220 a\n",
                           "221 a\r\n",
                           "250 a\r\n",
                           "554 a\r\n",
                           "220  a\r\n",
                           "220-a\r\n",
                           "220-\r\n220 a\r\n",
                           "220-a\r\n220 \r\n",
                           "220-a\r\n221 b\r\n",
                           "220 a\r\n220 b\r\n",
                           "220-a\r\n220-b\r\n",
                           "220 <a>\r\n",
                           "220-a\n220 b\r\n",
                           "220 a\r\r\n",
                           "22 a\r\n",
                           "220a\r\n"})
    bad<g::Greeting>(text);
  utf8_only<g::Greeting>(
      "220 a gr\xC3\xBC"
      "ezi\r\n");
}

TEST(reply, ehlo_params) {
  for (const char* text : {"1", "PLAIN LOGIN", "a b c", "=x ~"}) ok<g::ehlo_params>(text);
  for (const char* text : {"", " ", " a", "a ", "a  b", "a\tb", "a\r\n", "\x7F", "a \x80"}) bad<g::ehlo_params>(text);
}

TEST(reply, ehlo_greet) {
  ok<g::ehlo_greet>("greets you");
  ok<g::ehlo_greet>(" \t\x01\x7F");
  ok<g::ehlo_greet>(std::string_view("\0", 1));
  for (const char* text : {"", "\r", "\n", "a\r\n", "a\nb", "\x80", "\xC3\xBC"}) bad<g::ehlo_greet>(text);
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::ehlo_greet>(octet < 128 && octet != 10 && octet != 13, one(octet));
}

TEST(reply, ehlo_line) {
  for (const char* text : {"SIZE", "8BITMIME", "X-FOO", "a", "0", "AUTH-"}) ok<g::ehlo_keyword>(text);
  for (const char* text : {"", "-", "-X", "AUTH=LOGIN", "A B", "A_B", "A.", "\xC3\xBC", "A "})
    bad<g::ehlo_keyword>(text);

  for (const char* text : {"1000", "PLAIN", "=", "a=b", "!", "~", "<>"}) ok<g::ehlo_param>(text);
  for (const char* text : {"", " ", "a b", "\t", "\x7F", "\xC3\xBC", "a\r"}) bad<g::ehlo_param>(text);
  for (unsigned octet = 0; octet < 256; ++octet) judge<g::ehlo_param>(octet >= 33 && octet <= 126, one(octet));

  for (const char* text : {"HELP", "SIZE 1000", "AUTH PLAIN LOGIN CRAM-MD5", "X a=b", "VRFY"}) ok<g::ehlo_line>(text);
  for (const char* text :
       {"", " ", " SIZE", "SIZE ", "SIZE  1", "SIZE 1 ", "SIZE\t1", "AUTH=LOGIN", "-X", "SIZE 1\r\n", "X \xC3\xBC"})
    bad<g::ehlo_line>(text);
}

TEST(reply, ehlo_ok_rsp) {
  ok<g::ehlo_domain>("foo.com greets bar.com");
  ok<g::ehlo_domain>("a");
  for (const char* text : {"", " a", "a ", "a\r\n", "[1.2.3.4]", "a\tb", "a. b"}) bad<g::ehlo_domain>(text);
  utf8_only<g::ehlo_domain>(
      "b\xC3\xBC"
      "cher.example");

  for (const char* text :
       {"250 a\r\n", "250 foo.com greets bar.com\r\n", "250-a\r\n250 HELP\r\n",
        "250-foo.com greets bar.com\r\n250-8BITMIME\r\n250-SIZE\r\n250-DSN\r\n250 HELP\r\n",
        "250-a\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n", "250-a\r\n250-X\r\n250-X\r\n250 X\r\n"})
    ok<g::ehlo_ok_rsp>(text);
  for (const char* text : {"",
                           "250\r\n",
                           "250 \r\n",
                           "250 a",
                           "250 a\n",
                           "250 a \r\n",
                           "250 [1.2.3.4]\r\n",
                           "251 a\r\n",
                           "220 a\r\n",
                           "250-a\r\n",
                           "250-a\r\n250\r\n",
                           "250-a\r\n250 \r\n",
                           "250-a\r\n250-\r\n250 X\r\n",
                           "250-a\r\n250 SIZE \r\n",
                           "250-a\r\n250 AUTH=LOGIN\r\n",
                           "250-a\r\n251 X\r\n",
                           "250-a\r\n250-X\r\n",
                           "250 a\r\n250 X\r\n",
                           "250-a\n250 X\r\n",
                           "250-\r\n250 X\r\n",
                           "250-a\r\n250 -X\r\n",
                           "250-a\r\n250  X\r\n"})
    bad<g::ehlo_ok_rsp>(text);
  utf8_only<g::ehlo_ok_rsp>(
      "250-b\xC3\xBC"
      "cher.example\r\n250 X\r\n");
  bad<g::ehlo_ok_rsp>("250-a\r\n250 X \xC3\xBC\r\n");
}

TEST(reply, status_class) {
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::status_class>(octet == '2' || octet == '4' || octet == '5', one(octet));
  ok<g::status_class>("2");
  bad<g::status_class>("3");
  bad<g::status_class>("");
  bad<g::status_class>("22");
}

TEST(reply, status_number) {
  for (unsigned value = 0; value <= 1100; ++value) {
    const std::string text = std::to_string(value);
    judge<g::status_number>(value <= 999, text);
    judge<g::status_subject>(value <= 999, text);
    judge<g::status_detail>(value <= 999, text);
    bad<g::status_number>("0" + text);
  }
  ok<g::status_number>("0");
  ok<g::status_subject>("999");
  ok<g::status_detail>("10");
  for (const char* text : {"", "00", "01", "1000", "-1", "a", "1a", " 1", "1 ", "1."}) {
    bad<g::status_number>(text);
    bad<g::status_subject>(text);
    bad<g::status_detail>(text);
  }
}

TEST(reply, status_code) {
  for (const char* text : {"2.0.0", "4.7.1", "5.1.1", "2.1.5", "5.999.999", "2.10.100"}) ok<g::status_code>(text);
  for (const char* text : {"",         "2",     "2.",     "2.0",    "2.0.",   "2.0.0.", "2.0.0 ", "1.0.0",
                           "3.0.0",    "6.0.0", "22.0.0", "2.00.0", "2.0.00", "2.01.0", "2.0.01", "2.1000.0",
                           "2.0.1000", "2..0",  ".0.0",   "2,0,0",  "2 0 0",  "2.x.0",  "-2.0.0", "2.-1.0"})
    bad<g::status_code>(text);
}

} // namespace
} // namespace postel::test
