#include "postel/trace.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "exact.hpp"

namespace {

using namespace postel;
using postel::test::exact;

constexpr std::string_view date = "Sun, 22 Nov 2026 10:19:57 +0000";

TEST(received, every_clause) {
  const exact field(
      "Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.org ([IPv6:2001:db8::1])"
      " via TCP with ESMTPS id 4XYZ for <ann@example.org> cipher \"a b\"; Sun, 22 Nov 2026 10:19:57 +0000");
  const auto r = parse_received(field);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->from, (extended_domain{{"mail.example.com"}, "mail.example.com [192.0.2.1]"}));
  EXPECT_EQ(r->by, (extended_domain{{"mx.example.org"}, "[IPv6:2001:db8::1]"}));
  EXPECT_EQ(r->via, "TCP");
  EXPECT_EQ(r->with, "ESMTPS");
  EXPECT_EQ(r->id, "4XYZ");
  EXPECT_EQ(r->for_path, "<ann@example.org>");
  EXPECT_EQ(r->additional, "cipher \"a b\"");
  EXPECT_EQ(r->date, date);
  EXPECT_EQ(r->via.data(), field.view().data() + field.view().find("TCP")) << "views are into the field";
}

TEST(received, as_others_write_it) {
  struct row {
    std::string_view field, from, by, with, id, for_path;
  };
  const row rows[] = {
      {"Received: from client.example (unknown [127.0.0.1])\r\n\tby mx.example.org (Postfix) with ESMTP id "
       "8F4A31C0D2\r\n\tfor "
       "<bob@example.org>; Sun, 22 Nov 2026 10:19:57 +0000 (UTC)",
       "client.example", "mx.example.org", "ESMTP", "8F4A31C0D2", "<bob@example.org>"},
      {"Received: from [192.0.2.7] ([192.0.2.7]) by mx.example.org (8.17.1/8.17.1) with SMTP id 4AMAJvX0012345; Sun, "
       "22 Nov 2026 "
       "10:19:57 GMT",
       "", "", "", "", ""}, // GMT is an obsolete zone: a receiver must write a numeric one (RFC 5321 4.4)
      {"received: FROM a BY b; 1 Jan 2026 00:00 -0130", "a", "b", "", "", ""},
      {"Received: from a (b.example [192.0.2.1]) by c (comment (nested)) id <x@y.example> (why); Thu,  1 Jan 2026 "
       "00:00:00 +0000",
       "a", "c", "", "<x@y.example>", ""},
      {"Received: from a by b for c@d.example; 1 Jan 2026 00:00:00 +0000", "a", "b", "", "", "c@d.example"},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.field);
    const auto parsed = parse_received(exact(r.field));
    ASSERT_EQ(parsed.has_value(), !r.from.empty());
    if (!parsed) continue;
    const auto again = parse_received(r.field);
    EXPECT_EQ(again->from.name.text, r.from);
    EXPECT_EQ(again->by.name.text, r.by);
    EXPECT_EQ(again->with, r.with);
    EXPECT_EQ(again->id, r.id);
    EXPECT_EQ(again->for_path, r.for_path);
    std::string out;
    ASSERT_TRUE(append(out, *again));
    EXPECT_TRUE(out.ends_with("\r\n"));
    EXPECT_EQ(*parse_received(std::string_view(out).substr(0, out.size() - 2)), *again);
  }
}

TEST(received, is_refused) {
  for (const std::string_view field :
       {"", "Received:", "Received: from a by b", "Received: from a; 1 Jan 2026 00:00:00 +0000",
        "Received: by b from a; 1 Jan 2026 00:00:00 +0000", "Received: from a by b; 1 Jan 26 00:00:00 +0000",
        "Received: from a by b; 1 January 2026 00:00:00 +0000", "Received: from a by b 1 Jan 2026 00:00:00 +0000",
        "Received: from a b by c; 1 Jan 2026 00:00:00 +0000", "Received: from a by b\r\n; 1 Jan 2026 00:00:00 +0000",
        "Received: from a by b (unclosed; 1 Jan 2026 00:00:00 +0000"}) {
    const auto r = parse_received(exact(field));
    EXPECT_FALSE(r) << field;
    EXPECT_TRUE(r || r.error().offset <= field.size());
  }
}

// RFC 5322 3.3: what the grammar can't say of a date.
TEST(received, dates_that_there_are) {
  const std::string before = "Received: from a by b; ";
  for (const char* good :
       {"Thu, 1 Jan 2026 00:00:00 +0000", "31 Dec 1900 23:59:60 -2359", "29 Feb 2024 12:00 +9959",
        "29 Feb 2000 12:00 +0000", "Tue, 1 Jan 2030 00:00 +0000 (any (thing))", "1 Jan 12026 00:00 +0000",
        "Thu, 1 Jan 12026 00:00 +0000", "thu,\r\n 01\t Jan  2026 00:00:00 +0000"})
    EXPECT_TRUE(parse_received(before + good)) << good;
  struct row {
    const char* date;
    std::uint32_t offset;
  };
  for (const row& bad :
       {row{"0 Jan 2026 00:00 +0000", 0}, row{"32 Jan 2026 00:00 +0000", 0}, row{"31 Apr 2026 00:00 +0000", 0},
        row{"29 Feb 2026 00:00 +0000", 0}, row{"29 Feb 1900 00:00 +0000", 0}, row{"1 Jan 1899 00:00 +0000", 6},
        row{"1 Jan 0000 00:00 +0000", 6}, row{"1 Jan 2026 24:00 +0000", 11}, row{"1 Jan 2026 00:60 +0000", 14},
        row{"1 Jan 2026 00:00:61 +0000", 17}, row{"1 Jan 2026 00:00 +0060", 17}, row{"1 Jan 2026 00:00 -9999", 17},
        row{"Fri, 1 Jan 2026 00:00 +0000", 0}, row{"Thu, 32 Jan 2026 00:00 +0000", 5}}) {
    const auto read = parse_received(exact(before + bad.date));
    ASSERT_FALSE(read) << bad.date;
    EXPECT_EQ(read.error().offset, before.size() + bad.offset) << bad.date;
    EXPECT_EQ(describe(read.error()).clause, "RFC 5322 3.3") << bad.date;
  }
}

TEST(received, nesting_does_not_cost_recursion_without_bound) {
  std::string deep = "Received: from a by b ";
  deep += std::string(100000, '(') + std::string(100000, ')') + "; 1 Jan 2026 00:00:00 +0000";
  EXPECT_FALSE(parse_received(deep));
}

TEST(received, fields_inject_nothing) {
  const received good{
      {{"a.example"}, "[192.0.2.1]"}, {{"b.example"}, ""}, "TCP", "ESMTP", "x1", "<c@d.example>", "tls yes", date};
  std::string out = "before";
  ASSERT_TRUE(append(out, good));
  EXPECT_EQ(
      out,
      "beforeReceived: from a.example ([192.0.2.1]) by b.example via TCP with ESMTP id x1 for <c@d.example> tls yes; "
      "Sun, 22 Nov 2026 10:19:57 +0000\r\n");
  for (const std::string_view evil : {"x\r\nBcc: y", "x\r\n y", "x;", "x y", "(x", "x)", "\x01", "<", ">"}) {
    const auto refuses = [&](received value) {
      std::string kept = "kept";
      EXPECT_FALSE(append(kept, value)) << evil;
      EXPECT_EQ(kept, "kept");
    };
    received value = good;
    value.from.name.text = evil, refuses(value);
    value = good, value.from.tcp_info = evil, refuses(value);
    value = good, value.by.name.text = evil, refuses(value);
    value = good, value.via = evil, refuses(value);
    value = good, value.with = evil, refuses(value);
    value = good, value.id = evil, refuses(value);
    value = good, value.for_path = evil, refuses(value);
    value = good, value.date = evil, refuses(value);
  }
}

TEST(return_path, both_ways) {
  EXPECT_EQ(*parse_return_path(exact("Return-Path: <ann@example.org>")), (path{{}, "ann", "example.org"}));
  EXPECT_TRUE(parse_return_path(exact("return-path:\r\n <>"))->is_null());
  EXPECT_FALSE(parse_return_path(exact("Return-Path: ann@example.org")));
  EXPECT_FALSE(parse_return_path(exact("Return-Path:<ann@example.org>")));
  std::string out;
  ASSERT_TRUE(append_return_path(out, {{}, "\"a b\"", "[192.0.2.1]"}));
  ASSERT_TRUE(append_return_path(out, {}));
  EXPECT_EQ(out, "Return-Path: <\"a b\"@[192.0.2.1]>\r\nReturn-Path: <>\r\n");
  EXPECT_FALSE(append_return_path(out, {{}, "a\r\nb", "c"}));
  EXPECT_FALSE(append_return_path(out, {{}, "Postmaster", ""})) << "a reverse-path has a domain";
}

TEST(date, known_moments) {
  const auto text = [](std::int64_t seconds, int offset) {
    std::string out;
    EXPECT_TRUE(append_date(out, seconds, offset));
    return out;
  };
  EXPECT_EQ(text(1795342797, 0), date);
  EXPECT_EQ(text(1795342797, 330), "Sun, 22 Nov 2026 15:49:57 +0530");
  EXPECT_EQ(text(0, -330), "Wed, 31 Dec 1969 18:30:00 -0530");
  EXPECT_EQ(text(951782400, 0), "Tue, 29 Feb 2000 00:00:00 +0000");
  EXPECT_EQ(text(-2208988800, 0), "Mon, 01 Jan 1900 00:00:00 +0000");
  EXPECT_EQ(text(253402300799, 0), "Fri, 31 Dec 9999 23:59:59 +0000");
}

TEST(date, beyond_the_bounds_nothing_is_written) {
  std::string out;
  EXPECT_FALSE(append_date(out, -2208988801));
  EXPECT_FALSE(append_date(out, 253402300800));
  EXPECT_FALSE(append_date(out, 253402300799, 1)) << "the year 10000 in that zone";
  EXPECT_FALSE(append_date(out, 0, 6000));
  EXPECT_FALSE(append_date(out, 0, -6000));
  EXPECT_FALSE(append_date(out, INT64_MAX));
  EXPECT_FALSE(append_date(out, INT64_MIN));
  EXPECT_EQ(out, "");
}

TEST(date, every_date_written_is_one_a_stamp_takes) {
  std::mt19937_64 random(5322);
  for (int round = 0; round < 2000; ++round) {
    std::string field = "Received: from a by b; ";
    const auto seconds = static_cast<std::int64_t>(random() % 4102444800U);
    ASSERT_TRUE(append_date(field, seconds, static_cast<int>(random() % 1561) - 720));
    ASSERT_TRUE(parse_received(exact(field))) << field;
  }
}

} // namespace
