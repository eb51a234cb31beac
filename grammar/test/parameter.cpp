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
  // Every registered parameter, with a value as its RFC has it.
  for (const char* text : {"SIZE=500000",
                           "BODY=BINARYMIME",
                           "SMTPUTF8",
                           "RET=FULL",
                           "ENVID=QQ314159",
                           "AUTH=e+3Dmc2@example.com",
                           "BY=120;R",
                           "HOLDFOR=86400",
                           "HOLDUNTIL=2027-01-31T00:00:00Z",
                           "MT-PRIORITY=-9",
                           "REQUIRETLS",
                           "SOLICIT=org.example:ADV:ADLT",
                           "MTRK=dGVzdA:604800",
                           "CONPERM",
                           "TRANSID=<12345@claremont.edu>",
                           "SUBMITTER=alice@example.com",
                           "XVERP",
                           "PRDR",
                           "XRCPTFORWARD=bmFtZT1h",
                           "XVERP=-+",
                           "NOTIFY=SUCCESS,FAILURE,DELAY",
                           "ORCPT=rfc822;Bob@Example.COM",
                           "RRVS=2014-04-03T23:01:00Z;C",
                           "CONNEG"})
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
  for (const char* text :
       {"7BIT", "7bit", "8BITMIME", "8bitmime", "8BitMime", "BINARYMIME", "binarymime", "BinaryMIME"})
    ok<g::body_value>(text);
  for (const char* text : {"", "7", "8BIT", "7BITMIME", "8BITMIM", "8BITMIMES", "7BIT ", " 7BIT", "BINARY", "BINARYMIM",
                           "BINARYMIMES", "9BIT", "7BIT8BITMIME"})
    bad<g::body_value>(text);
  for (const char* text : {"7BIT", "7bit"}) ok<g::body_7bit>(text);
  for (const char* text : {"", "8BITMIME", "7BIT "}) bad<g::body_7bit>(text);
  for (const char* text : {"8BITMIME", "8bitmime"}) ok<g::body_8bitmime>(text);
  for (const char* text : {"", "7BIT", "8BITMIME "}) bad<g::body_8bitmime>(text);
  for (const char* text : {"BINARYMIME", "binarymime"}) ok<g::body_binarymime>(text);
  for (const char* text : {"", "7BIT", "BINARYMIME "}) bad<g::body_binarymime>(text);
}

TEST(parameter, hexchar) {
  const std::string digits = "0123456789ABCDEF";
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool digit = digits.find(static_cast<char>(octet)) != std::string::npos;
    judge<g::hexchar>(digit, "+" + one(octet) + "0");
    judge<g::hexchar>(digit, "+0" + one(octet));
    judge<g::hexchar>(octet == '+', one(octet) + "00");
  }
  for (const char* text : {"+00", "+2B", "+3D", "+FF"}) ok<g::hexchar>(text);
  for (const char* text : {"", "+", "+2", "2B", "+2b", "+2G", "+2B0", "++2B"}) bad<g::hexchar>(text);
}

TEST(parameter, xtext) {
  for (const char* text : {"a", "QQ314159", "Bob@Example.COM", "a+2Bb", "+3D", "+00+FF", "<>", "\"", "\\", "!~", ";:,"})
    ok<g::xtext>(text);
  for (const char* text :
       {"", "=", "+", "+2", "+2b", "a+", "a+2", "a+GG", "a=b", "a b", "\t", "a\r\n", "\x7F", "\xC3\xBC"})
    bad<g::xtext>(text);
  bad<g::xtext>(std::string_view("a\0", 2));
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool xchar = octet > 32 && octet < 127 && octet != '+' && octet != '=';
    judge<g::xtext>(xchar, one(octet));
    judge<g::xtext>(xchar || octet == '+', "a" + one(octet) + "2B");
  }
  ok<g::envid_value>("QQ314159");
  for (const char* text : {"", "QQ=1", "QQ+3d"}) bad<g::envid_value>(text);
  for (const char* text : {"<>", "e+3Dmc2@example.com", "ann@example.com"}) ok<g::auth_value>(text);
  for (const char* text : {"", "e=mc2@example.com", "a b", "+"}) bad<g::auth_value>(text);
  for (const char* text : {"alice@example.com", "a+3Db@example.com"}) ok<g::submitter_value>(text);
  for (const char* text : {"", "a=b@example.com", "a b", "+3"}) bad<g::submitter_value>(text);
}

TEST(parameter, ret_value) {
  for (const char* text : {"FULL", "full", "HDRS", "hdrs", "HdRs"}) ok<g::ret_value>(text);
  for (const char* text : {"", "FUL", "FULLX", "HDR", "HEADERS", "FULL,HDRS", "FULL ", "NONE"}) bad<g::ret_value>(text);
  for (const char* text : {"FULL", "full"}) ok<g::ret_full>(text);
  for (const char* text : {"", "HDRS", "FULL "}) bad<g::ret_full>(text);
  for (const char* text : {"HDRS", "hdrs"}) ok<g::ret_hdrs>(text);
  for (const char* text : {"", "FULL", "HDRS "}) bad<g::ret_hdrs>(text);
}

TEST(parameter, notify_value) {
  for (const char* text : {"NEVER", "never", "SUCCESS", "FAILURE", "DELAY", "delay", "SUCCESS,FAILURE", "FAILURE,DELAY",
                           "SUCCESS,FAILURE,DELAY", "DELAY,DELAY", "Success,Failure"})
    ok<g::notify_value>(text);
  for (const char* text : {"", ",", "NEVER,SUCCESS", "SUCCESS,NEVER", "NEVER,NEVER", "SUCCESS,", ",SUCCESS",
                           "SUCCESS,,DELAY", "SUCCESS DELAY", "SUCCESS, DELAY", "SUCCESS;DELAY", "ALWAYS",
                           "SUCCESSFAILURE", "SUCCES", "NEVERMORE", "NEVER "})
    bad<g::notify_value>(text);
  for (const char* text : {"SUCCESS", "failure", "Delay"}) ok<g::notify_list_element>(text);
  for (const char* text : {"", "NEVER", "SUCCESS,DELAY"}) bad<g::notify_list_element>(text);
  ok<g::notify_never>("NEVER");
  for (const char* text : {"", "NEVE", "SUCCESS"}) bad<g::notify_never>(text);
  ok<g::notify_success>("SUCCESS");
  for (const char* text : {"", "SUCCES", "DELAY"}) bad<g::notify_success>(text);
  ok<g::notify_failure>("FAILURE");
  for (const char* text : {"", "FAIL", "DELAY"}) bad<g::notify_failure>(text);
  ok<g::notify_delay>("DELAY");
  for (const char* text : {"", "DELAYS", "SUCCESS"}) bad<g::notify_delay>(text);
}

TEST(parameter, hexadecimal_digits_of_code_points) {
  const auto in = [](std::string_view set, unsigned octet) {
    return set.find(static_cast<char>(octet)) != std::string_view::npos;
  };
  for (unsigned octet = 0; octet < 256; ++octet) {
    judge<g::HEXDIG8>(in("89ABCDEFabcdef", octet), one(octet));
    judge<g::NZHEXDIG>(in("123456789ABCDEFabcdef", octet), one(octet));
    judge<g::NZDHEXDIG>(in("123456789ABCEFabcef", octet), one(octet));
  }
  ok<g::HEXDIG8>("8");
  for (const char* text : {"", "7", "g"}) bad<g::HEXDIG8>(text);
  ok<g::NZHEXDIG>("D");
  for (const char* text : {"", "0", "g"}) bad<g::NZHEXDIG>(text);
  ok<g::NZDHEXDIG>("C");
  for (const char* text : {"", "0", "D", "d"}) bad<g::NZDHEXDIG>(text);
}

std::string hexadecimal(unsigned number, unsigned digits = 1) {
  std::string text;
  for (; number != 0 || text.size() < digits; number >>= 4) text.insert(text.begin(), "0123456789ABCDEF"[number & 15]);
  return text;
}

// RFC 6533 3 in numbers: which code points have an embedded form, and that it is the one without leading zeros but for the two digits
// below 16.
bool embeddable(unsigned point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  if (point >= 0x80) return true;
  if (point < 0x20) return (point >= 1 && point <= 9) || (point >= 0x10 && point <= 0x19);
  return point == 0x20 || point == 0x2B || point == 0x3D || point == 0x5C || point == 0x7F;
}

TEST(parameter, HEXPOINT) {
  std::size_t accepted = 0;
  for (unsigned point = 0; point <= 0x110FFF; ++point) {
    // All the small ones, and all around the bounds of the ranges; of the rest every 61st.
    const unsigned low = point & 0xFFF;
    if (point >= 0x1100 && low > 2 && low < 0xFFD && low != 0x7FF && low != 0x800 && point % 61 != 0) continue;
    const bool expected = embeddable(point);
    accepted += expected ? 1U : 0U;
    const std::string text = hexadecimal(point, 2);
    judge<g::HEXPOINT>(expected, text);
    judge<g::EmbeddedUnicodeChar>(expected, "\\x{" + text + "}");
    bad<g::HEXPOINT>("0" + text);
  }
  EXPECT_GT(accepted, 20000U);
  for (const unsigned point : {0x110000U, 0x1FFFFFU, 0x1000000U, 0xFFFFFFFFU}) bad<g::HEXPOINT>(hexadecimal(point));
  for (const char* text : {"01", "09", "10", "19", "20", "2B", "3D", "5C", "7F", "80", "FF", "100", "FFF", "1000",
                           "D7FF", "E000", "FFFF", "10000", "FFFFF", "D8000", "100000", "10FFFF",
                           // RFC 5234 2.3: in either case
                           "c3", "FFff", "2b", "d7fF", "e000"})
    ok<g::HEXPOINT>(text);
  for (const char* text :
       {"",   "0",    "1",    "00",   "0A",   "1A",     "1F",  "21",   "2A",   "2C", "3C",  "3E",  "41",   "5B", "5D",
        "7E", "D800", "DBFF", "DC00", "DFFF", "110000", "080", "0100", "d800", "2a", " 80", "80 ", "U+80", "+80"})
    bad<g::HEXPOINT>(text);
}

TEST(parameter, EmbeddedUnicodeChar) {
  for (const char* text : {"\\x{20}", "\\x{2B}", "\\x{3D}", "\\x{5C}", "\\x{7F}", "\\x{E9}", "\\x{e9}", "\\x{10FFFF}"})
    ok<g::EmbeddedUnicodeChar>(text);
  for (const char* text : {"", "\\", "\\x", "\\x{", "\\x{}", "\\x{E9", "x{E9}", "\\X{E9}", "\\x(E9)", "\\x{41}",
                           "\\x{D800}", "\\x{ E9}", "\\u{E9}", "\\x{E9}}"})
    bad<g::EmbeddedUnicodeChar>(text);
}

TEST(parameter, utf_8_enc_addr) {
  for (const char* text : {"a", "a@b", "t\\x{E9}st@ex\\x{E4}mple", "\\x{2B}", "!~"}) ok<g::utf_8_enc_addr>(text);
  for (const char* text : {"", "\\", "a b", "a+b", "a=b", "a\\b", "\\x{41}", "\\x{E9", "\x7F", "\xC3", "\xED\xA0\x80"})
    bad<g::utf_8_enc_addr>(text);
  utf8_only<g::utf_8_enc_addr>("t\xC3\xA9st@ex\xC3\xA4mple");
  utf8_only<g::utf_8_enc_addr>("\xF0\x9F\x98\x80\\x{1F600}");
}

TEST(parameter, orcpt_value) {
  for (const char* text : {// RFC 3461 10
                           "rfc822;Bob@Example.COM", "rfc822;Carol@Ivory.EDU", "rfc822;Dana@Ivory.EDU",
                           "rfc822;George@Tax-ME.GOV", "RFC822;a", "rfc822;+2B", "x400;/C+3Dgb", "a;b;c", "x-y;z",
                           "utf-9;+E9", "utf-8;t\\x{E9}st@example.com", "UTF-8;a@b",
                           // xtext may be empty (RFC 3461 4), utf-8-enc-addr may not
                           "rfc822;"})
    ok<g::orcpt_value>(text);
  for (const char* text :
       {"", ";", "rfc822", ";a@b", "rfc822:a@b", "rfc 822;a", "rfc.822;a", "rfc822;a b", "rfc822;+2b", "rfc822;a=b",
        "utf-8;", "utf-8;a+b", "utf-8;\\x{41}", "utf-8;a+2Bb", "utf-8", "<a>;b", "\"a\";b"})
    bad<g::orcpt_value>(text);
  utf8_only<g::orcpt_value>("utf-8;t\xC3\xA9st@example.com");
  bad<g::orcpt_value>("rfc822;t\xC3\xA9st@example.com");
  for (const char* text : {"rfc822", "x-400", "a!b"}) ok<g::addr_type>(text);
  for (const char* text : {"", "a b", "a;", "a.b", "a@b", "\xC3\xBC"}) bad<g::addr_type>(text);
  for (const char* text : {"utf-8;", "UTF-8;"}) ok<g::utf_8_addr_type>(text);
  for (const char* text : {"", "utf-8", "utf8;", "utf-8;a"}) bad<g::utf_8_addr_type>(text);
}

TEST(parameter, by_value) {
  for (const char* text : {// RFC 2852
                           "120;R", "+120;n", "-5;N", "0;N", "000000000;nt", "999999999;RT", "-999999999;NT", "120;rt",
                           // What a mode asks of its time is its user's affair.
                           "-1;R", "0;R"})
    ok<g::by_value>(text);
  for (const char* text : {"", "120", "120;", ";R", "1000000000;R", "120;X", "120;RR", "120;TR", "120;T", "120,R",
                           "+;R", "-;N", "--1;N", "120; R", "120;R ", "1.5;R", "120;RTT", "+-1;N"})
    bad<g::by_value>(text);
  for (std::size_t length = 1; length <= 9; ++length)
    for (const char* sign : {"", "+", "-"}) ok<g::by_time>(sign + std::string(length, '9'));
  for (const char* text : {"", "+", "-", "1000000000", "+0000000000", "1+", "a"}) bad<g::by_time>(text);
  for (const char* text : {"N", "n", "R", "r"}) ok<g::by_mode>(text);
  for (const char* text : {"", "T", "NN", "RT"}) bad<g::by_mode>(text);
  for (const char* text : {"T", "t"}) ok<g::by_trace>(text);
  for (const char* text : {"", "R", "TT"}) bad<g::by_trace>(text);
}

TEST(parameter, holdfor_and_holduntil) {
  for (std::size_t length = 1; length <= 9; ++length) {
    ok<g::holdfor_value>(std::string(length, '9'));
    ok<g::holdfor_value>("1" + std::string(length - 1, '0'));
    bad<g::holdfor_value>("0" + std::string(length - 1, '1'));
  }
  for (const char* text : {"", "0", "1000000000", "+1", "-1", "1 ", "1s", "1.0"}) bad<g::holdfor_value>(text);
  for (const char* text : {"2027-01-31T00:00:00Z", "2027-01-31T01:00:00+01:00"}) ok<g::holduntil_value>(text);
  for (const char* text : {"", "2027-01-31", "2027-01-31T00:00:00", "3600"}) bad<g::holduntil_value>(text);
}

TEST(parameter, mt_priority_value) {
  for (int priority = -20; priority <= 20; ++priority)
    judge<g::mt_priority_value>(priority >= -9 && priority <= 9, std::to_string(priority));
  ok<g::mt_priority_value>("-9");
  for (const char* text : {"", "-", "10", "+1", "-0", "+0", "00", "01", "-01", "1 ", " 1", "1.0", "a", "--1"})
    bad<g::mt_priority_value>(text);
}

TEST(parameter, rrvs_value) {
  for (const char* text : {"2014-04-03T23:01:00Z", "2014-04-03T23:01:00Z;C", "2014-04-03T23:01:00Z;R",
                           "2014-04-03t23:01:00-07:00;c", "2014-04-03T23:01:00Z;r"})
    ok<g::rrvs_value>(text);
  for (const char* text : {"", ";C", "2014-04-03T23:01:00Z;", "2014-04-03T23:01:00Z;X", "2014-04-03T23:01:00Z;CR",
                           "2014-04-03T23:01:00Z C", "2014-04-03T23:01:00ZC", "2014-04-03;C", "C",
                           "2014-04-03T23:01:00.5Z", "2014-04-03T23:01:00.0Z;C"})
    bad<g::rrvs_value>(text);
  for (const char* text : {"2014-04-03T23:01:00Z", "2014-04-03t23:01:60-07:00"}) ok<g::rrvs_date_time>(text);
  for (const char* text : {"", "2014-04-03T23:01:00", "2014-04-03T23:01:00.5Z", "2014-04-03T23:01:00Z;C"})
    bad<g::rrvs_date_time>(text);
  for (const char* text : {"C", "c", "R", "r"}) ok<g::rrvs_action>(text);
  for (const char* text : {"", "N", "CR", ";C"}) bad<g::rrvs_action>(text);
}

TEST(parameter, solicit_value) {
  for (const char* text :
       {"net.example:ADV", "org.example:ADV:ADLT", "net.example:ADV,org.example:ADV:ADLT", "a", "a-", "a.", "a_:9"})
    ok<g::solicit_value>(text);
  for (const char* text : {"", ",", "a,", ",a", "a,,b", "1a", "-a", "a b", "a;b", "a=b", "a+b", "\xC3\xBC"})
    bad<g::solicit_value>(text);
  const std::string word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:";
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::wordchar>(word.find(static_cast<char>(octet)) != std::string::npos, one(octet));
  for (const char* text : {"a", "."}) ok<g::wordchar>(text);
  for (const char* text : {"", "aa", ","}) bad<g::wordchar>(text);
  for (const char* text : {"a", "net.example:ADV"}) ok<g::solicitation_word>(text);
  for (const char* text : {"", "1", ".", "a,b"}) bad<g::solicitation_word>(text);
}

TEST(parameter, mtrk_value) {
  for (const char* text : {"A", "dGVzdA", "dGVzdA:0", "dGVzdA:604800", "+/09:999999999"}) ok<g::mtrk_value>(text);
  for (const char* text : {"", ":", ":1", "A:", "A:1000000000", "A:x", "A=:1", "A==", "A B", "A:1:2", "A;1", "A-B"})
    bad<g::mtrk_value>(text);
  for (const char* text : {"A", "+/zZ09"}) ok<g::mtrk_certifier>(text);
  for (const char* text : {"", "=", "A=", "A:"}) bad<g::mtrk_certifier>(text);
  for (const char* text : {"0", "000000000", "999999999"}) ok<g::mtrk_timeout>(text);
  for (const char* text : {"", "1000000000", "-1"}) bad<g::mtrk_timeout>(text);
}

TEST(parameter, xrcptforward_value) {
  for (const char* text : {"bmFtZT1h", "a", "+/"}) ok<g::xrcptforward_value>(text);
  for (const char* text : {"", "a=", "a b", "a,b", "\xC3\xBC"}) bad<g::xrcptforward_value>(text);
}

TEST(parameter, transid_value) {
  for (const char* text : {"<12345@claremont.edu>", "<a@b>", "<a.b@c.d>", "<!#$@x>", "<a-1_b@c+d>"})
    ok<g::transid_value>(text);
  for (const char* text : {"", "<>", "<a>", "a@b", "<@b>", "<a@>", "<a@b", "<a b@c>", "<.a@b>", "<a@b.>",
                           "<a@[192.0.2.1]>", "<\"a\"@b>", "<\xC3\xBC@b>",
                           // tspecials that atext has
                           "<a/b@c>", "<a@b?>", "<a=b@c>"})
    bad<g::transid_value>(text);
  const std::string_view kept_out = "()<>@,;:\\\"/[]?=.";
  for (unsigned octet = 0; octet < 256; ++octet)
    judge<g::transid_atom>(octet > 32 && octet < 127 && kept_out.find(static_cast<char>(octet)) == kept_out.npos,
                           one(octet));
  ok<g::transid_atom>("a!b");
  for (const char* text : {"", "a.b", "a b"}) bad<g::transid_atom>(text);
  for (const char* text : {"a", "a.b", "a.b.c"}) ok<g::transid_token>(text);
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a/b"}) bad<g::transid_token>(text);
}

} // namespace
} // namespace postel::test
