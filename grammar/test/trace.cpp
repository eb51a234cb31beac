#include "postel/grammar/trace.hpp"

#include "verify.hpp"

namespace postel::test {
namespace {

TEST(trace, FWS) {
  for (const char* text : {" ", "\t", "  ", " \t ", "\r\n ", "\r\n\t\t", " \r\n ", " \t\r\n \t"}) ok<g::FWS>(text);
  for (const char* text : {"", "\r\n", " \r\n", "\r\n\r\n ", "\r\n \r\n ", "\n ", "\r ", " \n ", "a", " a", "\v"})
    bad<g::FWS>(text);
}

TEST(trace, ctext) {
  for (unsigned octet = 0; octet < 128; ++octet) {
    const bool allowed = octet > 32 && octet < 127 && octet != '(' && octet != ')' && octet != '\\';
    judge<g::ctext<g::ascii>>(allowed, one(octet));
    judge<g::ctext<g::internationalized>>(allowed, one(octet));
  }
  for (unsigned octet = 128; octet < 256; ++octet) bad<g::ctext>(one(octet));
  ok<g::ctext>("a");
  utf8_only<g::ctext>("\xC3\xBC");
  bad<g::ctext>("\xED\xA0\x80");
}

TEST(trace, quoted_pair) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const bool visible = octet > 32 && octet < 127;
    judge<g::quoted_pair<g::ascii>>(visible || octet == ' ' || octet == '\t', "\\" + one(octet));
    judge<g::quoted_pair<g::internationalized>>(visible || octet == ' ' || octet == '\t', "\\" + one(octet));
    judge<g::VCHAR<g::ascii>>(visible, one(octet));
    judge<g::VCHAR<g::internationalized>>(visible, one(octet));
  }
  ok<g::quoted_pair>("\\(");
  utf8_only<g::quoted_pair>("\\\xC3\xBC");
  ok<g::VCHAR>("a");
  utf8_only<g::VCHAR>("\xF0\x9F\x98\x80");
  for (const char* text : {"", "ab", "\xC3", "\xED\xA0\x80"}) bad<g::VCHAR>(text);
  for (const char* text : {"", "\\", "a", "\\ab", "\\\r\n"}) bad<g::quoted_pair>(text);
}

std::string nested(std::size_t depth, std::string_view inner = "") {
  return std::string(depth, '(') + std::string(inner) + std::string(depth, ')');
}

TEST(trace, comment) {
  for (const char* text : {"()", "(a)", "( )", "(a b)", "( a )", "(a(b)c)", "((a))", "(\\))", "(\\()", "(\\\\)",
                           "(a\r\n b)", "(\r\n )", "(<a@b>; \"x\")", "(Postfix, from userid 1000)"})
    ok<g::comment>(text);
  for (const char* text : {"", "(", ")", "(a", "a)", "(a))", "((a)", "(\\)", "a", "(a)b", "(\r\n)", "(a\r\nb)",
                           "(a\nb)", "(a\rb)", "(\x7F)", "(\r\n \r\n )"})
    bad<g::comment>(text);
  bad<g::comment>(std::string_view("(\0)", 3));
  utf8_only<g::comment>("(\xC3\xBC)");
  bad<g::comment>("(\xC3)");
  // Eight deep and no deeper, however they stand.
  for (std::size_t depth = 1; depth <= 8; ++depth) {
    ok<g::comment>(nested(depth));
    ok<g::comment>(nested(depth, "x"));
    ok<g::nested_comment<g::ascii, 8>>(nested(depth, " "));
  }
  for (const std::size_t depth : {9U, 10U, 100U, 100000U}) {
    bad<g::comment>(nested(depth, "x"));
    bad<g::nested_comment<g::ascii, 8>>(nested(depth));
  }
  ok<g::comment>("(" + nested(7) + nested(7) + ")");
  bad<g::comment>("(" + nested(7) + nested(8) + ")");
  bad<g::comment>(std::string(100000, '('));
}

TEST(trace, CFWS) {
  for (const char* text : {" ", "(a)", " (a)", "(a) ", " (a) ", "(a)(b)", "(a) (b)", "\r\n (a)\r\n\t(b)\r\n ", "\t"})
    ok<g::CFWS>(text);
  for (const char* text : {"", "a", "(a) b", "(a", "\r\n", "(a)\r\n", " \r\n \r\n ", ";"}) bad<g::CFWS>(text);
  utf8_only<g::CFWS>(" (\xC3\xBC) ");
}

TEST(trace, day_name_and_month) {
  for (const char* text : {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "mon", "SUN"}) ok<g::day_name>(text);
  for (const char* text : {"", "Mo", "Monday", "Mon ", "Mit", "Jan", "1"}) bad<g::day_name>(text);
  for (const char* text : {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "dec"})
    ok<g::month>(text);
  for (const char* text : {"", "Ja", "June", "Sept", "Mai", "01", "Mon"}) bad<g::month>(text);
}

TEST(trace, trace_date) {
  for (const char* text : {"1 Jan 2024 ", "01 Jan 2024 ", " 21 May 1998 ", "21\r\n May\r\n 1998\r\n ", "99 Dec 12345 "})
    ok<g::trace_date>(text);
  for (const char* text : {"", "1 Jan 2024", "1 Jan 98 ", "1 Jan 998 ", "1Jan 2024 ", "1 Jan2024 ", "100 Jan 2024 ",
                           "Jan 1 2024 ", "1-Jan-2024 ", "Thu, 1 Jan 2024 "})
    bad<g::trace_date>(text);
}

TEST(trace, trace_time) {
  for (const char* text : {"05:33:29 -0700", "00:00 +0000", "23:59:60\r\n +1400"}) ok<g::trace_time>(text);
  for (const char* text : {"", "5:33:29 -0700", "05:33:29", "05:33:29-0700", "05:33:29 GMT", "05:33:29 -700",
                           "05:33:29 -07:00", "05:33: -0700", "053329 -0700", "05:33:29 -0700 "})
    bad<g::trace_time>(text);
}

TEST(trace, trace_date_time) {
  for (const char* text :
       {"Thu, 21 May 1998 05:33:29 -0700", "21 May 1998 05:33:29 -0700", "Thu,21 May 1998 05:33 -0700",
        " Thu, 21 May 1998 05:33:29 -0700", "\r\n Thu,\r\n 21 May 1998 05:33:29 -0700",
        "Thu, 21 May 1998 05:33:29 -0700 (PDT)", "1 Jan 2024 00:00:00 +0000 (UTC) "})
    ok<g::trace_date_time>(text);
  for (const char* text : {"", "Thu 21 May 1998 05:33:29 -0700", "Thu, 21 May 98 05:33:29 -0700",
                           "Thu, 21 May 1998 05:33:29 PDT", "Thursday, 21 May 1998 05:33:29 -0700",
                           "Thu, 21 May 1998 05:33:29 -0700 PDT", "Thu, 21 May 1998", "1998-05-21T05:33:29-07:00"})
    bad<g::trace_date_time>(text);
}

TEST(trace, TCP_info) {
  for (const char* text :
       {"[192.0.2.1]", "[IPv6:::1]", "foo.example [192.0.2.1]", "foo\r\n [IPv6:2001:db8::1]", "[x:y]"})
    ok<g::TCP_info>(text);
  for (const char* text : {"", "foo.example", "192.0.2.1", "foo.example[192.0.2.1]", "[192.0.2.1] foo.example",
                           "foo. [192.0.2.1]", "[::1]", "[192.0.2.256]"})
    bad<g::TCP_info>(text);
}

TEST(trace, Extended_Domain) {
  for (const char* text : {"foo.example", "foo.example ([192.0.2.1])", "foo.example (bar.example [192.0.2.1])",
                           "[192.0.2.1] ([192.0.2.1])", "[IPv6:::1]\r\n (foo [IPv6:::1])"})
    ok<g::Extended_Domain>(text);
  for (const char* text : {"", "[192.0.2.1]", "foo.example(bar [192.0.2.1])", "foo.example (bar)", "foo.example ()",
                           "foo.example (bar [192.0.2.1]", "foo.example bar", "[192.0.2.1] (foo)", "foo_bar"})
    bad<g::Extended_Domain>(text);
  ok<g::tcp_info_part>(" (a [192.0.2.1])");
  for (const char* text : {"", "(a [192.0.2.1])", " (a)", " (a [192.0.2.1]"}) bad<g::tcp_info_part>(text);
}

TEST(trace, clauses) {
  for (const char* text : {"FROM a", "from a.example ([192.0.2.1])", "From\r\n a"}) ok<g::From_domain>(text);
  for (const char* text : {"", "FROM", "FROM ", "FROMa", "FROM [192.0.2.1]", "BY a", " FROM a"})
    bad<g::From_domain>(text);
  for (const char* text : {" BY a", "\r\n\tby a ([192.0.2.1])", "(c)by a", " (c) by a"}) ok<g::By_domain>(text);
  for (const char* text : {"", "BY a", " BY", " BYa", " FROM a"}) bad<g::By_domain>(text);
  for (const char* text : {"TCP", "x-25", "tcp"}) ok<g::Link>(text);
  for (const char* text : {"", "TCP IP", "a.b"}) bad<g::Link>(text);
  utf8_only<g::Link>("\xC3\xBC");
  for (const char* text : {" VIA TCP", "(c)via x"}) ok<g::Via>(text);
  for (const char* text : {"", "VIA TCP", " VIA", " VIA a.b"}) bad<g::Via>(text);
  for (const char* text : {"SMTP", "ESMTP", "ESMTPSA", "UTF8SMTPS", "LMTP", "HTTP"}) ok<g::Protocol>(text);
  for (const char* text : {"", "E SMTP", "SMTP."}) bad<g::Protocol>(text);
  utf8_only<g::Protocol>("\xC3\xBC");
  for (const char* text : {" WITH ESMTPS", "\r\n\twith LMTP", "(c) with UTF8SMTP"}) ok<g::With>(text);
  for (const char* text : {"", "WITH ESMTP", " WITH", " WITH ES MTP"}) bad<g::With>(text);
  for (const char* text : {" ID 4ABC", " id <a.b@c>", "\r\n\tid AAA12345", " id (c) <a@b>"}) ok<g::ID>(text);
  for (const char* text : {"", "ID a", " ID", " ID a.b", " ID a@b", " ID \"a\"", " ID (c) a", " ID (c)"})
    bad<g::ID>(text);
  for (const char* text : {" FOR <a@b>", " for a@b", "\r\n\tfor <@a:b@c>"}) ok<g::For>(text);
  for (const char* text : {"", "FOR <a@b>", " FOR", " FOR <>", " FOR a", " FOR <a@b>,<c@d>", " FOR <Postmaster>"})
    bad<g::For>(text);
  for (const char* text : {" x y", " x \"y z\"", "(c)x\r\n y"}) ok<g::additional_clause>(text);
  for (const char* text : {"", "x y", " x", " x y z", " x y@z", " x a.b"}) bad<g::additional_clause>(text);
  for (const char* text : {" x y", " x y z w", " x \"y z\" (c) z w"}) ok<g::additional_clauses>(text);
  for (const char* text : {"", " x", " x y z", " x y z@w v", "x y"}) bad<g::additional_clauses>(text);
}

TEST(trace, msg_id) {
  for (const char* text : {"<a@b>", "<a.b@c.d>", "<a@[x]>", "<a@[]>"}) ok<g::msg_id>(text);
  for (const char* text : {"", "<>", "<a>", "a@b", "<@b>", "<a@>", "<a@b", "<a b@c>", "<\"a\"@b>", "<a@[b>", "<.a@b>",
                           "(c) <a@b>", " <a@b>"})
    bad<g::msg_id>(text);
  utf8_only<g::msg_id>("<a@[\xC3\xBC]>");
  for (const char* text : {"[]", "[x]", "[!~]"}) ok<g::no_fold_literal>(text);
  for (const char* text : {"", "[", "[]]", "[[]", "[a b]", "[a\\b]"}) bad<g::no_fold_literal>(text);
  utf8_only<g::no_fold_literal>("[\xC3\xBC]");
  for (const char* text : {"a", "<a@b>"}) ok<g::ID_value>(text);
  for (const char* text : {"", "a.b", "<a>"}) bad<g::ID_value>(text);
  for (const char* text : {"<a@b>", "a@b", "<@x:a@b>"}) ok<g::For_value>(text);
  for (const char* text : {"", "a", "<a>", "<>"}) bad<g::For_value>(text);
}

TEST(trace, Opt_info) {
  for (const char* text : {"", " VIA TCP", " WITH SMTP", " ID a", " FOR a@b", " VIA TCP WITH SMTP ID a FOR a@b x y",
                           " with SMTP id a x y z w"})
    ok<g::Opt_info>(text);
  for (const char* text : {" ", " WITH", " FOR a@b WITH", " ID a FOR a@b FOR c@d", ";"}) bad<g::Opt_info>(text);
}

// What servers write. Where a line is refused its comment says what RFC 5321 4.4 has no room for.
TEST(trace, Time_stamp_line) {
  const char* const taken[] = {
      // RFC 5321 D.3 and 4.4
      "Received: from bar.com by foo.com ; Thu, 21 May 1998 05:33:29 -0700",
      "Received: FROM xyz.com BY foo.com ; 21 May 1998 05:33:22 -0700",
      // Postfix
      "Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n"
      "\tby mx.example.net (Postfix) with ESMTP id 4TqZ9Y1c2kz9sVh\r\n"
      "\tfor <user@example.net>; Thu, 25 Jan 2024 10:15:30 +0000 (UTC)",
      "Received: from mail.example.com (unknown [IPv6:2001:db8::1])\r\n"
      "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
      "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
      "\t(No client certificate requested)\r\n"
      "\tby mx.example.net (Postfix) with ESMTPS id 4TqZ9Y1c2kz9sVh\r\n"
      "\tfor <user@example.net>; Thu, 25 Jan 2024 10:15:30 +0100 (CET)",
      // Exim
      "Received: from mail.example.com ([192.0.2.1])\r\n"
      "\tby mx.example.net with esmtps (TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256)\r\n"
      "\t(Exim 4.92)\r\n\t(envelope-from <a@example.com>)\r\n\tid 1hXyZa-0001Ab-Cd\r\n"
      "\tfor user@example.net; Mon, 03 Jun 2019 12:00:00 +0000",
      "Received: from mail.example.com ([192.0.2.1] helo=[10.0.0.1])\r\n"
      "\tby mx.example.net with esmtpsa (Exim 4.96) id 1hXyZa-0001Ab-Cd; Mon, 03 Jun 2019 12:00:00 +0000",
      // Sendmail
      "Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n"
      "\tby mx.example.net (8.15.2/8.15.2) with ESMTPS id 40PAFTx2012345\r\n"
      "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO)\r\n"
      "\tfor <user@example.net>; Thu, 25 Jan 2024 10:15:30 +0000",
      "Received: from mail.example.com (host.example.com [192.0.2.1] (may be forged))\r\n"
      "\tby mx.example.net (8.17.1/8.17.1) with ESMTP id 40PAFTx2012345;\r\n\tThu, 25 Jan 2024 10:15:30 -0500",
      // Gmail, receiving
      "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41])\r\n"
      "        by mx.google.com with SMTPS id d2e1a72fcca58-6dd8a1b2c3dsor123456b3a\r\n"
      "        for <user@example.net>\r\n        (Google Transport Security);\r\n"
      "        Thu, 25 Jan 2024 02:15:30 -0800 (PST)",
      // Others
      "Received: from a by b via TCP with LMTP id <1@c> for <d@e> x \"y z\" (c) ; 1 Jan 2024 00:00 +0000",
      "received:\r\n from a\r\n by b;\r\n 1 Jan 2024 00:00:00 +0000",
  };
  for (const char* line : taken) ok<g::Time_stamp_line>(line);
  const char* const refused[] = {
      "",
      "Received:",
      "Received: from a by b",
      "Received: from a by b;",
      "Received:from a by b; 1 Jan 2024 00:00:00 +0000",
      "Received : from a by b; 1 Jan 2024 00:00:00 +0000",
      "Received: from a by b; 1 Jan 2024 00:00:00 +0000\r\n",
      "Received: from a by b;1 Jan 2024 00:00:00 +0000",
      "Received: from a by b; 1 Jan 24 00:00:00 +0000",
      "Received: from a\r\nby b; 1 Jan 2024 00:00:00 +0000",
      "Received: from a\n by b; 1 Jan 2024 00:00:00 +0000",
      // No From-domain: a message that was handed in locally.
      "Received: by mx.example.net (Postfix, from userid 1000)\r\n\tid 4TqZ9Y1c2kz9sVh; Thu, 25 Jan 2024 10:15:30 "
      "+0000 (UTC)",
      "Received: by 2002:a05:6a10:e29f:b0:5d4 with SMTP id r31csp123456pxf; Thu, 25 Jan 2024 02:15:30 -0800 (PST)",
      // An address literal as name, without TCP-info.
      "Received: from [192.0.2.1] by a; 1 Jan 2024 00:00:00 +0000",
      "Received: from [192.0.2.1] (helo=a)\r\n\tby b with esmtp (Exim 4.96) id 1-2-3; Mon, 03 Jun 2019 12:00:00 +0000",
      // An id that is neither Atom nor msg-id.
      "Received: from a (a [192.0.2.1]) by b with SMTPS id x1.2.2024.01.25 for <c@d>; Thu, 25 Jan 2024 02:15:30 -0800",
      // A clause of its own before the id: then FOR would have to be a String.
      "Received: from a ([192.0.2.1]) by b with esmtps (TLS1.3) tls TLS_AES_128_GCM_SHA256 id 1-2-3 for c@d;"
      " Mon, 03 Jun 2019 12:00:00 +0000",
      // A named zone is an obsolete form.
      "Received: from a by b; Thu, 25 Jan 2024 10:15:30 GMT",
      // Clauses out of order.
      "Received: from a by b for <c@d> with SMTP id <x@y>; 1 Jan 2024 00:00:00 +0000",
      "Received: by b from a; 1 Jan 2024 00:00:00 +0000",
  };
  for (const char* line : refused) bad<g::Time_stamp_line>(line);
  utf8_only<g::Time_stamp_line>(
      "Received: from b\xC3\xBC"
      "cher.example by b with UTF8SMTP id a for <j\xC3\xB6rg@b> (\xC3\xBC); 1 Jan 2024 00:00:00 +0000");
  // Comments nested too deep fail, and a long line takes no longer than its length asks for.
  const std::string deep = "Received: from a by b " + std::string(100000, '(');
  bad<g::Time_stamp_line>(deep);
  std::string many = "Received: from a by b";
  for (int i = 0; i < 20000; ++i) many += " (c) x y";
  ok<g::Time_stamp_line>(many + "; 1 Jan 2024 00:00:00 +0000");
  bad<g::Time_stamp_line>(many + "; 1 Jan 2024 00:00:00");
}

TEST(trace, Stamp) {
  ok<g::Stamp>("from a by b; 1 Jan 2024 00:00:00 +0000");
  for (const char* text :
       {"", "Received: from a by b; 1 Jan 2024 00:00:00 +0000", "from a by b", "from a; 1 Jan 2024 00:00:00 +0000"})
    bad<g::Stamp>(text);
}

TEST(trace, Return_path_line) {
  for (const char* text :
       {"Return-Path: <>", "Return-Path: <a@b>", "return-path:\r\n\t<a@b>",
        "Return-Path: <@GHI.ARPA,@DEF.ARPA,@ABC.ARPA:JOE@ABC.ARPA>", "Return-Path: <\"a b\"@[192.0.2.1]>"})
    ok<g::Return_path_line>(text);
  for (const char* text : {"", "Return-Path:", "Return-Path:<a@b>", "Return-Path: a@b", "Return-Path: <a>",
                           "Return-Path: <a@b> ", "Return-Path: <Postmaster>", "Return-Path: <a@b>\r\n",
                           "Return-Path: (c) <a@b>", "Return-Path : <>", "Return-Path: <a@b> (c)"})
    bad<g::Return_path_line>(text);
  utf8_only<g::Return_path_line>("Return-Path: <j\xC3\xB6rg@b>");
}

} // namespace
} // namespace postel::test
