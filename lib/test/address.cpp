#include "postel/address.hpp"

#include <gtest/gtest.h>

#include "mutate.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

using namespace std::string_view_literals;

const std::string utf8_local = "j\xC3\xB6rg"; // jörg
const std::string utf8_domain =
    "b\xC3\xBC"
    "cher.example"; // bücher.example

// A row that must fail; octets: both charsets where it says nothing.
struct refused_row {
  std::string_view text;
  std::uint32_t offset;
  std::vector<charset> octets = {charset::ascii, charset::utf8};
};

template <typename Parse>
void verify_failures(const std::vector<refused_row>& rows, Parse parse) {
  for (const refused_row& row : rows)
    for (const charset octets : row.octets) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, testing::PrintToString(std::string(row.text)));
      const exact block(row.text);
      const auto parsed = parse(block.view(), octets);
      ASSERT_FALSE(parsed);
      // What is right but for the charset says that it is the charset.
      const bool lacks_utf8 = octets == charset::ascii && parse(block.view(), charset::utf8);
      EXPECT_EQ(parsed.error().code, lacks_utf8 ? errc::non_ascii_address : errc::syntax);
      EXPECT_EQ(parsed.error().offset, row.offset);
    }
}

constexpr auto domain_parser = [](std::string_view text, charset octets) { return parse_domain(text, octets); };
constexpr auto mailbox_parser = [](std::string_view text, charset octets) { return parse_mailbox(text, octets); };
constexpr auto path_parser = [](std::string_view text, charset octets) { return parse_path(text, octets); };

TEST(comparison, non_ascii) {
  EXPECT_FALSE(has_non_ascii(""));
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string text = "abc" + std::string(1, static_cast<char>(octet)) + "def";
    EXPECT_EQ(has_non_ascii(exact(text)), octet > 127) << octet;
  }
}

TEST(comparison, only_the_case_of_ascii_letters_is_ignored) {
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b) {
      const bool letters = (a | 0x20U) == (b | 0x20U) && (a | 0x20U) >= 'a' && (a | 0x20U) <= 'z';
      ASSERT_EQ(equal_ignoring_case(std::string(1, static_cast<char>(a)), std::string(1, static_cast<char>(b))),
                a == b || letters)
          << a << " and " << b;
    }
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_TRUE(equal_ignoring_case("Example.COM", "eXAMPLE.com"));
  EXPECT_FALSE(equal_ignoring_case("example", "example."));
  EXPECT_FALSE(equal_ignoring_case("example", ""));
  EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4")); // Ä, ä
}

TEST(parse_domain, forms) {
  const struct {
    std::string_view text;
    host_form form;
  } rows[] = {
      {"a", host_form::domain},
      {"mail.example.com", host_form::domain},
      {"xn--bcher-kva.example", host_form::domain},
      {"1.2.3.4", host_form::domain},
      {"[1.2.3.4]", host_form::ipv4_literal},
      {"[255.255.255.255]", host_form::ipv4_literal},
      {"[IPv6:::1]", host_form::ipv6_literal},
      {"[ipV6:2001:db8::1]", host_form::ipv6_literal},
      {"[IPv6:::FFFF:1.2.3.4]", host_form::ipv6_literal},
      {"[x:y]", host_form::general_literal},
      {"[1-2:3]", host_form::general_literal},
      {"[IPv4:1.2.3.4]", host_form::general_literal},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.text);
      const exact block(row.text);
      const result<host> parsed = parse_domain(block.view(), octets);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->text, row.text);
      EXPECT_EQ(parsed->form, row.form);
      EXPECT_TRUE(inside(parsed->text, block.view()));
      expect_appended(*parsed, row.text, octets);
    }
}

TEST(parse_domain, the_caller_chooses_the_charset) {
  const exact block(utf8_domain);
  EXPECT_FALSE(parse_domain(block.view()));
  EXPECT_FALSE(parse_domain(block.view(), charset::ascii));
  const result<host> parsed = parse_domain(block.view(), charset::utf8);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (host{utf8_domain, host_form::domain}));
  expect_appended(*parsed, utf8_domain, charset::utf8);
  expect_refused(*parsed, charset::ascii);
}

TEST(parse_domain, failures) {
  const std::vector<charset> ascii = {charset::ascii};
  const std::vector<charset> utf8 = {charset::utf8};
  verify_failures(
      {
          {"", 0},
          {".", 0},
          {"a.", 2},
          {"a..b", 2},
          {"-a", 0},
          {"a-", 2},
          {"a.-b", 2},
          {"a_b", 1},
          {"a b", 1},
          {"a@b", 1},
          {"a\r\n", 1},
          {"a\0"sv, 1},
          {"[]", 1},
          {"[1.2.3.4", 8},
          {"[1.2.3.4]x", 9},
          {"[1.2.3.256]", 9},
          {"[1.2.3]", 6},
          {"[IPv6:x]", 6},
          {"[IPv6:1::2::3]", 11},
          {"[IPv6:1:2:3:4:5:6:7]", 19},
          {"[x:]", 3},
          {"[x:y", 4},
          {"[x:\xC3\xBC]", 3},
          {"\xC3\xBC", 0, ascii},
          {"a\xC3\xBC", 1, ascii},
          {"\xC3", 1, utf8},
          {"\xED\xA0\x80", 1, utf8},
          {"a\xC3\xBC\xFF", 3, utf8},
          {"\xC3\xBC.", 3, utf8},
      },
      domain_parser);
}

TEST(parse_mailbox, values) {
  const struct {
    std::string_view text, local_part, domain;
  } rows[] = {
      {"a@b", "a", "b"},
      {"john.doe@example.com", "john.doe", "example.com"},
      {"A.B@EXAMPLE.Com", "A.B", "EXAMPLE.Com"},
      {"user+tag=x@b", "user+tag=x", "b"},
      {"\"john doe\"@example.com", "\"john doe\"", "example.com"},
      {"\"\"@b", "\"\"", "b"},
      {"\"a@b\"@c", "\"a@b\"", "c"},
      {"\"a\\\"b\\\\\"@c", "\"a\\\"b\\\\\"", "c"},
      {"\"<>\"@c", "\"<>\"", "c"},
      {"a@[1.2.3.4]", "a", "[1.2.3.4]"},
      {"a@[IPv6:::1]", "a", "[IPv6:::1]"},
      {"a@[x:y@z]", "a", "[x:y@z]"},
      {"postmaster@b", "postmaster", "b"},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.text);
      const exact block(row.text);
      const result<mailbox> parsed = parse_mailbox(block.view(), octets);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->local_part, row.local_part);
      EXPECT_EQ(parsed->domain, row.domain);
      EXPECT_TRUE(inside(parsed->local_part, block.view()));
      EXPECT_TRUE(inside(parsed->domain, block.view()));
      EXPECT_EQ(*parsed, (mailbox{row.local_part, row.domain}));
      expect_appended(*parsed, row.text, octets);
    }
}

TEST(parse_mailbox, the_caller_chooses_the_charset) {
  for (const mailbox& value : {mailbox{utf8_local, "b"}, mailbox{"a", utf8_domain}, mailbox{utf8_local, utf8_domain}}) {
    const exact block(std::string(value.local_part) + "@" + std::string(value.domain));
    EXPECT_FALSE(parse_mailbox(block.view()));
    const result<mailbox> parsed = parse_mailbox(block.view(), charset::utf8);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, value);
    expect_appended(*parsed, block.view(), charset::utf8);
    expect_refused(*parsed, charset::ascii);
  }
}

TEST(parse_mailbox, equality_is_that_of_the_octets) {
  EXPECT_EQ(*parse_mailbox("a@b"), (mailbox{"a", "b"}));
  EXPECT_NE(*parse_mailbox("a@b"), *parse_mailbox("A@b"));
  EXPECT_NE(*parse_mailbox("a@b"), *parse_mailbox("a@B"));
  EXPECT_NE(*parse_mailbox("a@b"), *parse_mailbox("\"a\"@b"));
}

TEST(parse_mailbox, failures) {
  verify_failures(
      {
          {"", 0},
          {"a", 1},
          {"a@", 2},
          {"@", 0},
          {"@b", 0},
          {"a b@c", 1},
          {"a..b@c", 2},
          {".a@b", 0},
          {"a.@b", 2},
          {"\"a", 2},
          {"\"a\\", 3},
          {"\"a\\\x07\"@b", 3},
          {"\"a\tb\"@c", 2},
          {"\"a\"b@c", 3},
          {"a@b@c", 3},
          {"a@b.", 4},
          {"a@b-", 4},
          {"a@[1.2.3.4", 10},
          {"a@b\r\n", 3},
          {"a\0@b"sv, 1},
          {"<a@b>", 0},
          {"a@b,c@d", 3},
          {"a@ b", 2},
          {"j\xC3\xB6rg@b", 1, {charset::ascii}},
          {"a@b\xC3\xBC", 3, {charset::ascii}},
          {"\"\xC3\xB6\"@b", 1, {charset::ascii}},
          {"j\xC3rg@b", 2, {charset::utf8}},
          {"\xF4\x90\x80\x80@b", 1, {charset::utf8}},
      },
      mailbox_parser);
}

TEST(parse_path, values) {
  const struct {
    std::string_view text;
    path value;
    bool is_null, is_postmaster;
  } rows[] = {
      {"<>", {"", "", ""}, true, false},
      {"<Postmaster>", {"", "Postmaster", ""}, false, true},
      {"<pOSTMASTER>", {"", "pOSTMASTER", ""}, false, true},
      {"<Postmaster@b>", {"", "Postmaster", "b"}, false, false},
      {"<Postmasters@b>", {"", "Postmasters", "b"}, false, false},
      {"<a@b>", {"", "a", "b"}, false, false},
      {"<\"\"@b>", {"", "\"\"", "b"}, false, false},
      {"<\"a>b\"@c>", {"", "\"a>b\"", "c"}, false, false},
      {"<a@[1.2.3.4]>", {"", "a", "[1.2.3.4]"}, false, false},
      {"<@a:b@c>", {"@a", "b", "c"}, false, false},
      {"<@a,@b:user@host>", {"@a,@b", "user", "host"}, false, false},
      {"<@a,@b:\"x:y\"@[x:y]>", {"@a,@b", "\"x:y\"", "[x:y]"}, false, false},
  };
  for (const auto& row : rows)
    for (const charset octets : both_charsets) {
      SCOPED_TRACE(row.text);
      const exact block(row.text);
      const result<path> parsed = parse_path(block.view(), octets);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->source_route, row.value.source_route);
      EXPECT_EQ(parsed->local_part, row.value.local_part);
      EXPECT_EQ(parsed->domain, row.value.domain);
      EXPECT_EQ(parsed->is_null(), row.is_null);
      EXPECT_EQ(parsed->is_postmaster(), row.is_postmaster);
      for (const std::string_view part : {parsed->source_route, parsed->local_part, parsed->domain})
        EXPECT_TRUE(inside(part, block.view()));
      EXPECT_EQ(*parsed, row.value);
      expect_appended(*parsed, row.text, octets);
    }
}

TEST(parse_path, null_and_postmaster_and_others_differ) {
  const path values[] = {*parse_path("<>"),           *parse_path("<Postmaster>"), *parse_path("<Postmaster@b>"),
                         *parse_path("<postmaster>"), *parse_path("<a@b>"),        *parse_path("<@b:a@b>")};
  for (const path& a : values)
    for (const path& b : values) EXPECT_EQ(a == b, &a == &b);
}

TEST(parse_path, the_caller_chooses_the_charset) {
  const exact block("<@" + utf8_domain + ":" + utf8_local + "@" + utf8_domain + ">");
  EXPECT_FALSE(parse_path(block.view()));
  const result<path> parsed = parse_path(block.view(), charset::utf8);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (path{"@" + utf8_domain, utf8_local, utf8_domain}));
  expect_appended(*parsed, block.view(), charset::utf8);
  expect_refused(*parsed, charset::ascii);
}

TEST(parse_path, failures) {
  verify_failures(
      {
          {"", 0},
          {"a@b", 0},
          {"<", 1},
          {"< >", 1},
          {"<>x", 2},
          {"<>>", 2},
          {"<a>", 2},
          {"<a@b", 4},
          {"<a@b> ", 5},
          {"<a@b>>", 5},
          {"<a@b >", 4},
          {"<@a>", 3},
          {"<@a:>", 4},
          {"<@a,>", 4},
          {"<@a,b:c@d>", 4},
          {"<@a:@b:c@d>", 4},
          {"<@[1.2.3.4]:a@b>", 2},
          {"<Postmaste>", 10},
          {"<Postmaster", 11},
          {"<Postmaster@>", 12},
          {"<Postmasters>", 12},
          {"<@a:Postmaster>", 14},
          {"<a@b\r\n>", 4},
          {"<j\xC3\xB6@b>", 2, {charset::ascii}},
          {"<j\xC3@b>", 3, {charset::utf8}},
      },
      path_parser);
}

TEST(append_host, refuses_what_is_none) {
  for (const charset octets : both_charsets) {
    for (const std::string_view text : {""sv, "."sv, "a b"sv, "a\r\n"sv, "a\0b"sv, "[1.2.3.256]"sv, "-a"sv})
      for (const host_form form : {host_form::domain, host_form::ipv4_literal, host_form::general_literal})
        expect_refused(host{text, form}, octets);
    // The form must be that of the text.
    expect_refused(host{"a", host_form::ipv4_literal}, octets);
    expect_refused(host{"[1.2.3.4]", host_form::domain}, octets);
    expect_refused(host{"[x:y]", host_form::ipv6_literal}, octets);
    expect_refused(host{"[IPv6:::1]", host_form::general_literal}, octets);
  }
}

TEST(append_mailbox, refuses_what_is_none) {
  for (const charset octets : both_charsets)
    for (const mailbox& value : {mailbox{}, mailbox{"a", ""}, mailbox{"", "b"}, mailbox{"a@b", "c"},
                                 mailbox{"a", "b@c"}, mailbox{"a@", "b"}, mailbox{"a b", "c"}, mailbox{"\"a", "b"},
                                 mailbox{"\"a\"@b", "c"}, mailbox{"a", "[1.2.3.4"}, mailbox{"\xFF", "b"},
                                 // One text, two ways to split it: only the one that parsing gives.
                                 mailbox{"\"a@b\"@c", "d"}, mailbox{"\"a", "b\"@c"}})
      expect_refused(value, octets);
}

TEST(append_path, refuses_what_is_none) {
  for (const charset octets : both_charsets)
    for (const path& value : {path{"", "a", ""}, path{"", "", "b"}, path{"@a", "", ""}, path{"@a", "Postmaster", ""},
                              path{"a", "b", "c"}, path{"@a,", "b", "c"}, path{"@a:", "b", "c"}, path{"", "@a:b", "c"},
                              path{"@a:@b", "c", "d"}, path{"@a", "b", ""}, path{"", "a", "b>"}, path{"", "<a", "b"},
                              path{"@", "a", "b"}, path{"", "Postmaster>", ""}})
      expect_refused(value, octets);
}

TEST(append_host, injections) {
  const auto as = [](host_form form) { return [form](std::string_view text) { return host{text, form}; }; };
  verify_injections("domain", "a.b", {}, as(host_form::domain), domain_parser);
  verify_injections("IPv4 literal", "[1.2.3.4]", {}, as(host_form::ipv4_literal), domain_parser);
  verify_injections("IPv6 literal", "[IPv6:1::2]", {}, as(host_form::ipv6_literal), domain_parser);
  verify_injections("general literal", "[x:y]", {">", "=", ":"}, as(host_form::general_literal), domain_parser);
}

TEST(append_mailbox, injections) {
  verify_injections(
      "local part", "ab", {"="}, [](std::string_view text) { return mailbox{text, "c"}; }, mailbox_parser);
  verify_injections(
      "quoted local part", "\"ab\"", {" ", ">", "=", ":"}, [](std::string_view text) { return mailbox{text, "c"}; },
      mailbox_parser);
  verify_injections("domain", "c.d", {}, [](std::string_view text) { return mailbox{"a", text}; }, mailbox_parser);
}

TEST(append_path, injections) {
  verify_injections(
      "source route", "@a,@b", {}, [](std::string_view text) { return path{text, "c", "d"}; }, path_parser);
  verify_injections("local part", "ab", {"="}, [](std::string_view text) { return path{"", text, "c"}; }, path_parser);
  verify_injections(
      "local part behind a route", "ab", {"="}, [](std::string_view text) { return path{"@x", text, "c"}; },
      path_parser);
  verify_injections("domain", "c.d", {}, [](std::string_view text) { return path{"", "a", text}; }, path_parser);
  verify_injections(
      "postmaster", "Postmaster", {}, [](std::string_view text) { return path{"", text, ""}; }, path_parser);
}

TEST(append_address, appends_to_what_is_there) {
  std::string out;
  ASSERT_TRUE(append(out, mailbox{"a", "b"}));
  ASSERT_TRUE(append(out, path{"", "c", "d"}));
  ASSERT_TRUE(append(out, host{"e"}));
  EXPECT_EQ(out, "a@b<c@d>e");
}

// Linear time: anything else does not end on texts as long as this.
TEST(parse_address, large) {
  constexpr std::size_t many = 1U << 17;
  const auto repeated = [](std::string_view part) {
    std::string text;
    for (std::size_t i = 0; i < many; ++i) text += part;
    return text;
  };
  const auto expect_failure_at_end = [](const std::string& text, const auto& parse) {
    const auto parsed = parse(text, charset::utf8);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), (failure{errc::syntax, static_cast<std::uint32_t>(text.size())}));
  };
  expect_failure_at_end(repeated("a."), domain_parser);
  expect_failure_at_end(repeated("a-"), domain_parser);
  expect_failure_at_end("[x:" + repeated("::"), domain_parser);
  expect_failure_at_end(repeated("a."), mailbox_parser);
  expect_failure_at_end("\"" + repeated("\\\""), mailbox_parser);
  expect_failure_at_end(repeated("\xC3\xBC"), mailbox_parser);
  expect_failure_at_end("<" + repeated("@a,"), path_parser);
  expect_failure_at_end("<@a" + repeated(",@a") + ":", path_parser);
  EXPECT_TRUE(parse_path("<@a" + repeated(",@a") + ":b@c>"));
}

TEST(parse_address, mutated) {
  verify_parse_append_parse({"a", "mail.example.com", "a-b.c--d", "[1.2.3.4]", "[IPv6:2001:db8::1]",
                             "[IPv6:::ffff:1.2.3.4]", "[x:y]", utf8_domain},
                            4000, domain_parser);
  verify_parse_append_parse({"a@b", "john.doe@example.com", "\"john \\\" doe\"@example.com", "a@[1.2.3.4]",
                             "a@[IPv6:::1]", utf8_local + "@" + utf8_domain},
                            4000, mailbox_parser);
  verify_parse_append_parse({"<>", "<Postmaster>", "<a@b>", "<@a,@b:c@d>", "<\"a>b\"@c>", "<a@[IPv6:::1]>",
                             "<" + utf8_local + "@" + utf8_domain + ">"},
                            4000, path_parser);
}

} // namespace
} // namespace postel::test
