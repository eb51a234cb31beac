#include "postel/grammar/command.hpp"

#include "postel/grammar/wellknown.hpp"
#include "verify.hpp"

namespace postel::test {
namespace {

const std::string utf8_mailbox =
    "j\xC3\xB6rg@b\xC3\xBC"
    "cher.example"; // jörg@bücher.example

TEST(command, string) {
  for (const char* text : {"Smith", "a+b", "\"Joe Smith\"", "\"\"", "\"a@b\"", "!#$"}) ok<g::string>(text);
  for (const char* text :
       {"", " ", "a b", "a.b", "a@b", "<a@b>", "\"a", "a\"", "\"a\"b", "a ", " a", "\"a\" \"b\"", "a\r\n"})
    bad<g::string>(text);
  utf8_only<g::string>("\xC3\xBC");
  utf8_only<g::string>("\"a \xC3\xBC\"");
}

TEST(command, smtputf8_parameter) {
  for (const char* text : {"SMTPUTF8", "smtputf8", "SmtpUtf8"}) ok<g::smtputf8_parameter>(text);
  for (const char* text : {"", "SMTPUTF", "SMTPUTF8 ", "SMTPUTF8=1", " SMTPUTF8", "UTF8SMTP", "SMTPUTF88"})
    bad<g::smtputf8_parameter>(text);

  for (const char* text : {"a", "\"a b\"", "SMTPUTF8", "a@b"}) ok<g::verified_name>(text);
  for (const char* text : {"a SMTPUTF8", "\"a b\" smtputf8", "SMTPUTF8 SMTPUTF8", "\xC3\xBC SMTPUTF8", "\xC3\xBC",
                           "a@b SMTPUTF8", "\xC3\xBC@b SMTPUTF8"})
    utf8_only<g::verified_name>(text);
  for (const char* text : {"", " ", " SMTPUTF8", "a  SMTPUTF8", "a SMTPUTF8 ", "a SMTPUTF8 SMTPUTF8", "a SMTPUTF8=1",
                           "a b", "a\tSMTPUTF8", "a@ SMTPUTF8", "a@bSMTPUTF8 "})
    bad<g::verified_name>(text);
}

// RFC 5321 3.5.1: what local mailboxes are called, without their domain and with it.
TEST(command, user_name) {
  for (const char* text : {"Smith", "john.smith", "\"Joe Smith\"", "\"\"", "\"a@b\"", "a@b", "john.smith@example.org",
                           "\"a b\"@example.org", "a@[192.0.2.1]", "a@[IPv6:::1]"})
    ok<g::user_name>(text);
  for (const char* text : {"",
                           " ",
                           "a b",
                           "a.",
                           ".a",
                           "a..b",
                           "a@",
                           "@b",
                           "a@b@c",
                           "a@b.",
                           "a@b c",
                           "<a@b>",
                           "@b:a@c",
                           "\"a",
                           "\"a\"b",
                           "a,b",
                           "a@[192.0.2.256]",
                           "a@b_c",
                           " a@b",
                           "a@b "})
    bad<g::user_name>(text);
  utf8_only<g::user_name>(utf8_mailbox);
}

TEST(command, helo) {
  for (const char* text : {"HELO a", "helo relay.example", "HeLo 1.2.3.4", "HELO foo-bar.example"}) ok<g::helo>(text);
  for (const char* text : {"", "HELO", "HELO ", "HELO  a", "HELO a ", " HELO a", "HELO\ta", "HELOa", "EHLO a",
                           "HELO [1.2.3.4]", "HELO a b", "HELO a.", "HELO a_b", "HELO a\r\n", "HEL0 a", "HELO a\n"})
    bad<g::helo>(text);
  utf8_only<g::helo>(
      "HELO b\xC3\xBC"
      "cher.example");
}

TEST(command, ehlo) {
  for (const char* text : {"EHLO a", "ehlo bar.com", "EhLo [1.2.3.4]", "EHLO [IPv6:::1]", "EHLO [x:y]", "EHLO 1.2.3.4"})
    ok<g::ehlo>(text);
  for (const char* text :
       {"", "EHLO", "EHLO ", "EHLO  a", "EHLO a ", "EHLO\ta", "EHLOa", "HELO a", "EHLO a b", "EHLO []", "EHLO [::1]",
        "EHLO [IPv6:x]", "EHLO [1.2.3.4", "EHLO a\r\n", "EHLO a.", "EHLO <a>"})
    bad<g::ehlo>(text);
  utf8_only<g::ehlo>(
      "EHLO b\xC3\xBC"
      "cher.example");
}

TEST(command, mail) {
  for (const char* text :
       {"MAIL FROM:<>", "MAIL FROM:<a@b>", "mail from:<Smith@bar.com>", "MaIl FrOm:<JQP@MIT-AI.ARPA>",
        "MAIL FROM:<@a,@b:c@d>", "MAIL FROM:<> SIZE=1", "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME SMTPUTF8",
        "MAIL FROM:<\"a b>\"@c> X=1", "MAIL FROM:<a@[1.2.3.4]>", "MAIL FROM:<a@b> X=>"})
    ok<g::mail>(text);
  for (const char* text : {"",
                           "MAIL",
                           "MAIL ",
                           "MAIL FROM",
                           "MAIL FROM:",
                           "MAIL FROM: ",
                           "MAIL FROM: <a@b>",
                           "MAIL FROM :<a@b>",
                           "MAIL  FROM:<a@b>",
                           "MAIL\tFROM:<a@b>",
                           "MAILFROM:<a@b>",
                           "MAIL FROM:a@b",
                           "MAIL FROM:<a@b",
                           "MAIL FROM:<a@b> ",
                           "MAIL FROM:<a@b>  SIZE=1",
                           "MAIL FROM:<a@b>SIZE=1",
                           "MAIL FROM:<a@b> SIZE=",
                           "MAIL FROM:<a@b> =1",
                           "MAIL FROM:<a>",
                           "MAIL FROM:<Postmaster>",
                           "MAIL FROM:<a@b>\r\n",
                           " MAIL FROM:<>",
                           "MAIL TO:<a@b>",
                           "RCPT FROM:<a@b>",
                           "MAIL FROM:<> <>",
                           "MAIL FROM:<a@b>,<c@d>",
                           "MAIL FROM:<a@b> (comment)",
                           "SEND FROM:<a@b>",
                           "MAIL FROM:<a@b>\tSIZE=1",
                           "MAIL FROM:< >"})
    bad<g::mail>(text);
  utf8_only<g::mail>("MAIL FROM:<" + utf8_mailbox + "> SMTPUTF8");
  utf8_only<g::mail>("MAIL FROM:<a@b> X=\xC3\xBC");
  bad<g::mail>("MAIL FROM:<a\xC3@b>");
}

TEST(command, rcpt) {
  for (const char* text : {"RCPT TO:<a@b>", "rcpt to:<Jones@XYZ.COM>", "RCPT TO:<Postmaster>", "RCPT TO:<postmaster@b>",
                           "RCPT TO:<@a,@b:c@d>", "RCPT TO:<@hosta.int,@jkl.org:userc@d.bar.org>",
                           "RCPT TO:<a@b> NOTIFY=NEVER", "RCPT TO:<Postmaster> X", "RcPt To:<a@[IPv6:::1]>"})
    ok<g::rcpt>(text);
  for (const char* text : {"",
                           "RCPT",
                           "RCPT ",
                           "RCPT TO",
                           "RCPT TO:",
                           "RCPT TO:<>",
                           "RCPT TO: <a@b>",
                           "RCPT TO :<a@b>",
                           "RCPT  TO:<a@b>",
                           "RCPTTO:<a@b>",
                           "RCPT TO:a@b",
                           "RCPT TO:<a>",
                           "RCPT TO:<a@b",
                           "RCPT TO:<a@b> ",
                           "RCPT TO:<a@b>  X",
                           "RCPT TO:<a@b>X",
                           "RCPT TO:<a@b> X=",
                           "RCPT FROM:<a@b>",
                           "MAIL TO:<a@b>",
                           "RCPT TO:<@a:Postmaster>",
                           "RCPT TO:<a@b>\r\n",
                           "RCPT TO:<a@b>,<c@d>",
                           "RCPT TO:\t<a@b>"})
    bad<g::rcpt>(text);
  utf8_only<g::rcpt>("RCPT TO:<" + utf8_mailbox + ">");
  bad<g::rcpt>("RCPT TO:<a@b\xFF>");
}

// A verb that takes nothing: in any case, and nothing else.
template <typename Rule>
void verify_bare(const std::string& verb) {
  ok<Rule>(verb);
  std::string lower = verb;
  for (char& letter : lower) letter = static_cast<char>(letter + ('a' - 'A'));
  ok<Rule>(lower);
  ok<Rule>(verb.substr(0, 2) + lower.substr(2));
  for (const char* behind : {" ", "\t", "\r\n", "\n", " x", "x", "-", "."}) bad<Rule>(verb + behind);
  for (const char* before : {" ", "\t", "x"}) bad<Rule>(before + verb);
  for (std::size_t length = 0; length < verb.size(); ++length) bad<Rule>(verb.substr(0, length));
}

TEST(command, data) {
  ok<g::data>("DATA");
  bad<g::data>("DATE");
  verify_bare<g::data>("DATA");
}

TEST(command, rset) {
  ok<g::rset>("RSET");
  bad<g::rset>("RESET");
  verify_bare<g::rset>("RSET");
}

TEST(command, quit) {
  ok<g::quit>("QUIT");
  bad<g::quit>("QUIET");
  verify_bare<g::quit>("QUIT");
}

TEST(command, vrfy) {
  for (const char* text :
       {"VRFY Crispin", "vrfy \"Sam Q. Smith\"", "VRFY \"a@b\"", "VrFy a", "VRFY a.b", "VRFY a.b@c.d"})
    ok<g::vrfy>(text);
  for (const char* text : {"", "VRFY", "VRFY ", "VRFY  a", "VRFY a b", "VRFY a ", "VRFYa", "VRFY\ta", "VRFY <a@b>",
                           "VRFY a@", "VRFY @b", "EXPN a", "VRFY a\r\n", "VRFY a@b\r\n"})
    bad<g::vrfy>(text);
  utf8_only<g::vrfy>("VRFY \xC3\xBC");
  utf8_only<g::vrfy>("VRFY a SMTPUTF8");
}

TEST(command, expn) {
  for (const char* text : {"EXPN Example-People", "expn \"a list\"", "ExPn a", "EXPN a.b", "EXPN a.b@c.d"})
    ok<g::expn>(text);
  for (const char* text :
       {"", "EXPN", "EXPN ", "EXPN  a", "EXPN a b", "EXPN a ", "EXPNa", "EXPN\ta", "EXPN a.", "VRFY a", "EXPN a\r\n"})
    bad<g::expn>(text);
  utf8_only<g::expn>("EXPN \"\xC3\xBC\"");
  utf8_only<g::expn>("EXPN \"a b\" SMTPUTF8");
}

TEST(command, help) {
  for (const char* text : {"HELP", "help", "HELP MAIL", "hElP \"a b\""}) ok<g::help>(text);
  for (const char* text :
       {"", "HEL", "HELP ", "HELP  a", "HELP a b", "HELP a ", "HELPa", "HELP\ta", "HELP MAIL FROM", "HELP\r\n", "NOOP"})
    bad<g::help>(text);
  utf8_only<g::help>("HELP \xC3\xBC");
}

TEST(command, noop) {
  for (const char* text : {"NOOP", "noop", "NOOP x", "nOoP \"a b\""}) ok<g::noop>(text);
  for (const char* text :
       {"", "NOO", "NOOP ", "NOOP  a", "NOOP a b", "NOOP a ", "NOOPa", "NOOP\ta", "NOOP a.b", "NOOP\r\n", "HELP"})
    bad<g::noop>(text);
  utf8_only<g::noop>("NOOP \xC3\xBC");
}

TEST(command, lhlo) {
  for (const char* text : {"LHLO a", "lhlo foo.edu", "LhLo [192.0.2.1]", "LHLO [IPv6:::1]"}) ok<g::lhlo>(text);
  for (const char* text :
       {"", "LHLO", "LHLO ", "LHLO  a", "LHLO a ", "LHLOa", "LHLO\ta", "EHLO a", "LHLO a b", "LHLO a.", "LHLO a\r\n"})
    bad<g::lhlo>(text);
  utf8_only<g::lhlo>(
      "LHLO b\xC3\xBC"
      "cher.example");
}

TEST(command, starttls) {
  for (const char* text : {"STARTTLS", "starttls", "StartTLS"}) ok<g::starttls>(text);
  for (const char* text : {"", "START", "STARTTL", "STARTTLS ", "STARTTLS x", "STARTTLSX", " STARTTLS", "STARTTLS\r\n",
                           "STLS", "START TLS"})
    bad<g::starttls>(text);
}

TEST(command, auth) {
  for (const char* text : {// RFC 4954 4
                           "AUTH PLAIN", "AUTH PLAIN dGVzdAB0ZXN0AHRlc3RwYXNz", "AUTH PLAIN =", "AUTH CRAM-MD5",
                           "AUTH DIGEST-MD5", "auth login", "AuTh X_1-Z AA=="})
    ok<g::auth>(text);
  for (const char* text : {"",
                           "AUTH",
                           "AUTH ",
                           "AUTH  PLAIN",
                           "AUTH PLAIN ",
                           "AUTHPLAIN",
                           "AUTH\tPLAIN",
                           "AUTH PLAIN  AA==",
                           "AUTH PLAIN *",
                           "AUTH PLAIN ==",
                           "AUTH PLAIN AAA=BBB",
                           "AUTH PLAIN =AAA",
                           "AUTH PLAIN !!!!",
                           "AUTH PLAIN AAAA BBBB",
                           "AUTH PLAIN AAA",
                           "AUTH =",
                           "AUTH <>",
                           "AUTH=PLAIN",
                           "AUTH ABCDEFGHIJKLMNOPQRSTU",
                           "AUTH PLAIN AA==\r\n"})
    bad<g::auth>(text);
}

TEST(command, bdat) {
  for (const char* text : {// RFC 3030 4
                           "BDAT 1000", "BDAT 86 LAST", "BDAT 100000", "BDAT 324 LAST", "BDAT 0 LAST", "BDAT 0",
                           "bdat 1 last", "BDAT 007", "BDAT 18446744073709551616"})
    ok<g::bdat>(text);
  for (const char* text : {"",
                           "BDAT",
                           "BDAT ",
                           "BDAT LAST",
                           "BDAT  1",
                           "BDAT 1 ",
                           "BDAT 1  LAST",
                           "BDAT 1LAST",
                           "BDAT -1",
                           "BDAT +1",
                           "BDAT 0x10",
                           "BDAT 1.0",
                           "BDAT 1 FIRST",
                           "BDAT 1 LAST ",
                           "BDAT 1 LAST x",
                           "BDAT 1 LASTS",
                           "BDAT\t1",
                           "BDAT 1\tLAST",
                           "BDAT 1 2",
                           "BDAT1",
                           "BDAT 1\r\n"})
    bad<g::bdat>(text);
  for (const char* text : {"0", "1", "000", "99999999999999999999999999"}) ok<g::chunk_size>(text);
  for (const char* text : {"", "-1", "1 ", "a", "\xEF\xBC\x91"}) bad<g::chunk_size>(text);
  for (const char* text : {"LAST", "last", "LaSt"}) ok<g::end_marker>(text);
  for (const char* text : {"", "LAS", "LASTS", " LAST", "FIRST"}) bad<g::end_marker>(text);
}

TEST(command, burl) {
  for (const char* text :
       {// RFC 4468 3.3
        "BURL imap://harry@gryffindor.example.com/outbox;uidvalidity=1078863300/;uid=25;urlauth=submit+harry:internal:"
        "91354a473744909de610943775f92038 LAST",
        "BURL imap://a/b", "burl imap:x last"})
    ok<g::burl>(text);
  for (const char* text : {"", "BURL", "BURL ", "BURL LAST", "BURL imap", "BURL  imap://a/b", "BURL imap://a/b ",
                           "BURL imap://a/b  LAST", "BURL imap://a/b LAST ", "BURL imap://a/b FIRST",
                           "BURL <imap://a/b>", "BURL imap://a/b#c", "BURL imap://a/b\r\n"})
    bad<g::burl>(text);
}

TEST(command, etrn) {
  for (const char* text : {// RFC 1985 5.3 and its options
                           "ETRN sigurd.innosoft.com", "ETRN innosoft.com", "ETRN @innosoft.com", "ETRN #uucp",
                           "etrn a", "ETRN #a.b", "ETRN 1.2"})
    ok<g::etrn>(text);
  for (const char* text : {"", "ETRN", "ETRN ", "ETRN @", "ETRN #", "ETRN  a", "ETRN a ", "ETRN a b", "ETRN a,b",
                           "ETRN\ta", "ETRN &a", "ETRN @#a", "ETRN #a b", "ETRN [192.0.2.1]", "ETRN a.", "ETRN a\r\n"})
    bad<g::etrn>(text);
  utf8_only<g::etrn>("ETRN b\xC3\xBC.example");
}

TEST(command, atrn) {
  for (const char* text : {"ATRN", "atrn", "ATRN example.org", "ATRN example.org,example.com", "AtRn a.b,c.d,e.f.g"})
    ok<g::atrn>(text);
  for (const char* text : {"", "ATRN ", "ATRN  a.b", "ATRN a.b, c.d", "ATRN a.b,", "ATRN ,a.b", "ATRN a.b,,c.d",
                           "ATRN a.b c.d", "ATRNa.b", "ATRN\ta.b", "ATRN [192.0.2.1]", "ATRN a.b\r\n",
                           // one label is no domain here
                           "ATRN a", "ATRN a.b,c", "ATRN a."})
    bad<g::atrn>(text);
  utf8_only<g::atrn>("ATRN a.b,b\xC3\xBC.example");
  for (const char* text : {"a.b", "a.b,c.d"}) ok<g::atrn_domains>(text);
  for (const char* text : {"", ",", "a.b,", "a.b;c.d", "a"}) bad<g::atrn_domains>(text);
  for (const char* text : {"a.b", "a.b.c", "a-b.c"}) ok<g::atrn_domain>(text);
  for (const char* text : {"", "a", "a.", ".a", "a..b", "a.b,c.d"}) bad<g::atrn_domain>(text);
}

TEST(command, xclient_and_xforward) {
  const char* const attributes[] = {
      "NAME=spike.porcupine.org ADDR=168.100.189.2", "ADDR=IPV6:2001:db8::1", "NAME=[UNAVAILABLE]",
      "PROTO=ESMTP HELO=spike.porcupine.org",        "LOGIN=a+2Bb@c PORT=25", "x=y"};
  for (const std::string text : attributes) {
    ok<g::proxy_attributes>(text);
    ok<g::xclient>("XCLIENT " + text);
    ok<g::xclient>("xclient " + text);
    ok<g::xforward>("XFORWARD " + text);
    ok<g::xforward>("xForward " + text);
    bad<g::xclient>("XFORWARD " + text);
    bad<g::xforward>("XCLIENT " + text);
  }
  const char* const wrong[] = {"",         " ",         "NAME",           "NAME=",         "=x",
                               "NAME=a ",  " NAME=a",   "NAME=a  ADDR=b", "NAME=a,ADDR=b", "NAME=a=b",
                               "NAME=a+b", "NAME=a+2b", "NA_ME=a",        "NAME=\xC3\xBC"};
  for (const std::string text : wrong) {
    bad<g::proxy_attributes>(text);
    bad<g::xclient>("XCLIENT " + text);
    bad<g::xforward>("XFORWARD " + text);
  }
  for (const char* text : {"", "XCLIENT", "XCLIENTNAME=a", "XCLIENT\tNAME=a", "XCLIEN NAME=a"}) bad<g::xclient>(text);
  for (const char* text : {"", "XFORWARD", "XFORWARDNAME=a", "XFORWAR NAME=a"}) bad<g::xforward>(text);
  for (const char* text : {"NAME=a", "x=+2B"}) ok<g::proxy_attribute>(text);
  for (const char* text : {"", "NAME", "NAME=a ADDR=b"}) bad<g::proxy_attribute>(text);
}

TEST(command, wellknown) {
  for (const char* text : {"WELLKNOWN security.txt", "wellknown a/b", "WELLKNOWN a+20b"}) ok<g::wellknown>(text);
  for (const char* text :
       {"", "WELLKNOWN", "WELLKNOWN ", "WELLKNOWN  a", "WELLKNOWN a ", "WELLKNOWN a b", "WELLKNOWN a=b", "WELLKNOWN +2",
        "WELLKNOWNa", "WELLKNOWN\ta", "WELLKNOWN a\r\n", "WELLKNOWN \xC3\xBC"})
    bad<g::wellknown>(text);
  for (const char* text :
       {"250-SIZE=3\r\n250-a+20\r\n250-\r\n250 b\r\n", "250-size=0\r\n250\r\n", "250-SIZE=1\r\n250 \r\n"})
    ok<g::wellknown_rsp>(text);
  for (const char* text :
       {"", "250 SIZE=3\r\n", "250-SIZE=\r\n250 a\r\n", "250-SIZE=3\r\n250 a b\r\n", "250-SIZE=3\r\n251 a\r\n",
        "250-SIZE=3\r\n250-a\r\n", "250-SIZE=3\r\n250 a\r\n250 b\r\n", "250-SIZE=3\n250 a\n"})
    bad<g::wellknown_rsp>(text);
  for (const char* text : {"SIZE=0", "size=12345678901234567890"}) ok<g::wellknown_size>(text);
  for (const char* text : {"", "SIZE", "SIZE=", "SIZE=a", "SIZE=123456789012345678901"}) bad<g::wellknown_size>(text);
}

TEST(command, obsolete) {
  for (const std::string verb : {"SEND", "SOML", "SAML", "TURN", "VERB", "ONEX"}) {
    ok<g::obsolete_verb>(verb);
    ok<g::obsolete>(verb);
    ok<g::obsolete>(verb + " FROM:<a@b>");
    ok<g::obsolete>(verb + "  a\tb ");
    for (const char* behind : {" ", "X", "\tx", " \r\n", " \x01", " \x7F"}) bad<g::obsolete>(verb + behind);
    utf8_only<g::obsolete>(verb + " \xC3\xBC");
  }
  for (const char* text : {"send", "Turn", "oNeX ON"}) ok<g::obsolete>(text);
  for (const char* text : {"", "SEN", "SENT", "MAIL", "SEND "}) bad<g::obsolete_verb>(text);
  for (const char* text : {"", "SEN", "MAIL FROM:<a@b>", " SEND"}) bad<g::obsolete>(text);
}

} // namespace
} // namespace postel::test
