#include "postel/grammar/sasl.hpp"

#include "verify.hpp"

namespace postel::test {
namespace {

TEST(sasl, sasl_mech) {
  for (const char* text : {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "GSSAPI", "SCRAM-SHA-256-PLUS", "XOAUTH2",
                           "OAUTHBEARER", "EXTERNAL", "X_1", "-", "_", "0", "plain", "Plain"})
    ok<g::sasl_mech>(text);
  for (std::size_t length = 1; length <= 20; ++length) ok<g::sasl_mech>(std::string(length, 'A'));
  bad<g::sasl_mech>(std::string(21, 'A'));
  bad<g::sasl_mech>(std::string(500, '-'));
  for (const char* text : {"", " ", "PLAIN ", " PLAIN", "A B", "A.B", "A=", "A+B", "A/B", "A\t", "\xC3\x84"})
    bad<g::sasl_mech>(text);
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool allowed = letters.find(static_cast<char>(octet)) != std::string::npos;
    judge<g::sasl_mech>(allowed, one(octet));
    judge<g::sasl_mech>(allowed, "A" + one(octet) + "B");
  }
}

TEST(sasl, base64_pad) {
  ok<g::base64_pad>("=");
  for (const char* text : {"", "==", "a"}) bad<g::base64_pad>(text);
}

TEST(sasl, base64_terminal) {
  for (const char* text : {"AA==", "AAA=", "+/==", "09z=", "zZ9="}) ok<g::base64_terminal>(text);
  for (const char* text : {"", "=", "==", "A", "A=", "A==", "A===", "AA", "AA=", "AAA", "AAA==", "AAAA",
                           "AAAA=", "=AAA", "A=A=", "AA= =", "AA==AA=="})
    bad<g::base64_terminal>(text);
}

TEST(sasl, base64) {
  // How many octets a text of this length stands for: 4 to a group, the last one filled with "=".
  const std::string many = "AbCd0123+/zZ";
  for (std::size_t groups = 1; groups <= 4; ++groups) {
    std::string text;
    while (text.size() < groups * 4) text += many;
    text.resize(groups * 4);
    ok<g::base64>(text);
    ok<g::base64>(text.substr(0, text.size() - 1) + "=");
    ok<g::base64>(text.substr(0, text.size() - 2) + "==");
    bad<g::base64>(text.substr(0, text.size() - 3) + "===");
    bad<g::base64>(text.substr(0, text.size() - 4) + "====");
    for (std::size_t less = 1; less < 4; ++less) bad<g::base64>(text.substr(0, text.size() - less));
    bad<g::base64>(text + "=");
    bad<g::base64>(text + "==");
  }
  for (const char* text :
       {// RFC 4954 4.1 to 4.3: what its examples send
        "dGVzdAB0ZXN0AHRlc3RwYXNz", "AHRlc3QAMTIzNA==", "PENCeUxFREJoU0NnbmhNWitOMjNGNndAZWx3b29kLmlubm9zb2Z0LmNvbT4=",
        "cnNwYXV0aD1lYTQwZjYwMzM1YzQyN2I1NTI3Yjg0ZGJhYmNkZmZmZA=="})
    ok<g::base64>(text);
  for (const char* text : {"", "=", "*", "AAA=BBB", "AAA=BBBB", "AA==BBBB", "=AAA", "!!!!", "AAA!", "A A A",
                           "AAAA AAAA", "AAAA\r\nAAAA", "AAA-", "AAA_", "AAAA ", " AAAA", "A==="})
    bad<g::base64>(text);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool allowed = (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') ||
                         (octet >= '0' && octet <= '9') || octet == '+' || octet == '/';
    for (std::size_t place = 0; place < 4; ++place) {
      std::string text = "AAAABBBB";
      text[place] = static_cast<char>(octet);
      judge<g::base64>(allowed, text);
      std::swap(text[place], text[place + 4]);
      text.replace(0, 4, "AAAA");
      text[place + 4] = static_cast<char>(octet);
      judge<g::base64>(allowed || (octet == '=' && place == 3), text);
    }
  }
}

TEST(sasl, initial_response) {
  for (const char* text : {"=", "AA==", "AAA=", "AAAA", "AHRlc3QAMTIzNA=="}) ok<g::initial_response>(text);
  for (const char* text : {"", "==", "===", "= ", "*", "A", "AA", "AAA", "=AAAA", "AAAA=AAA", "!!!!"})
    bad<g::initial_response>(text);
}

TEST(sasl, cancel_response) {
  ok<g::cancel_response>("*");
  for (const char* text : {"", "**", "* ", " *", "=", "A"}) bad<g::cancel_response>(text);
}

TEST(sasl, auth_response) {
  for (const char* text : {"", "*", "AA==", "AAA=", "AAAA", "AAAABBBBCC=="}) ok<g::auth_response>(text);
  for (const char* text : {"=", "**", "*AAAA", "AAAA*", "A", "AA", "AAA", " ", " AAAA", "AAAA ", "AAA=BBB", "=AAA",
                           "!!!!", "AAAA\r\n", "QUIT\r\n"})
    bad<g::auth_response>(text);
}

} // namespace
} // namespace postel::test
