// Planted defects of address parsers.
#include "address_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus.hpp"

namespace postel::fuzz {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

template <typename Subject>
std::string what_it_says(std::string_view target) {
  return first_objection(target, [](std::string_view text) { return judge_parser(Subject(), text); });
}
template <typename Subject>
std::string what_it_says_of_hosts() {
  return first_objection("mailbox", [](std::string_view text) -> objection {
    const std::size_t at = text.rfind('@');
    return judge_host(Subject(), at == std::string_view::npos ? text : text.substr(at + 1));
  });
}

TEST(address_oracle, has_nothing_against_the_library) {
  EXPECT_THAT(what_it_says<path_subject>("path"), IsEmpty());
  EXPECT_THAT(what_it_says<mailbox_subject>("mailbox"), IsEmpty());
  EXPECT_THAT(what_it_says_of_hosts<domain_subject>(), IsEmpty());
}

struct forgets_the_route : path_subject {
  static result<path> parse(std::string_view text, charset in) {
    auto parsed = parse_path(text, in);
    if (parsed) parsed->source_route = {};
    return parsed;
  }
};
TEST(address_oracle, sees_a_lost_source_route) {
  EXPECT_THAT(what_it_says<forgets_the_route>("path"), HasSubstr("is written as"));
}

// What an action of an abandoned alternative leaves behind.
struct leaks_from_an_alternative : path_subject {
  static result<path> parse(std::string_view text, charset in) {
    auto parsed = parse_path(text, in);
    if (parsed && parsed->is_postmaster()) parsed->source_route = parsed->local_part;
    return parsed;
  }
};
TEST(address_oracle, sees_what_an_alternative_leaves_behind) {
  EXPECT_THAT(what_it_says<leaks_from_an_alternative>("path"), Not(IsEmpty()));
}

struct takes_off_quotes : mailbox_subject {
  static result<mailbox> parse(std::string_view text, charset in) {
    auto parsed = parse_mailbox(text, in);
    if (parsed && parsed->local_part.front() == '"')
      parsed->local_part = parsed->local_part.substr(1, parsed->local_part.size() - 2);
    return parsed;
  }
};
TEST(address_oracle, sees_lost_quotes) {
  EXPECT_THAT(what_it_says<takes_off_quotes>("mailbox"), HasSubstr("can't be written"));
}

struct loses_the_last_label : mailbox_subject {
  static result<mailbox> parse(std::string_view text, charset in) {
    auto parsed = parse_mailbox(text, in);
    if (parsed) parsed->domain = parsed->domain.substr(0, parsed->domain.rfind('.'));
    return parsed;
  }
};
TEST(address_oracle, sees_a_lost_label) {
  EXPECT_THAT(what_it_says<loses_the_last_label>("mailbox"), HasSubstr("is written as"));
}

// General-address-literal shadows the IPv6 rule: what is no IPv6 address becomes a general literal with that tag.
struct takes_ipv6_for_a_tag : domain_subject {
  static result<host> parse(std::string_view text, charset in) {
    auto parsed = parse_domain(text, in);
    if (parsed && parsed->form == host_form::ipv6_literal) parsed->form = host_form::general_literal;
    return parsed;
  }
  static result<std::size_t> append(std::string& out, const host& value, charset) {
    out += value.text;
    return value.text.size();
  }
};
TEST(address_oracle, sees_a_shadowed_form) {
  EXPECT_THAT(what_it_says_of_hosts<takes_ipv6_for_a_tag>(), HasSubstr("wrong form"));
}

struct knows_no_ipv4_in_ipv6 : domain_subject {
  static result<host> parse(std::string_view text, charset in) {
    auto parsed = parse_domain(text, in);
    if (parsed && parsed->form == host_form::ipv6_literal && text.find('.') != std::string_view::npos)
      return failure{errc::syntax, 0};
    return parsed;
  }
};
TEST(address_oracle, sees_a_refused_ip_address) {
  EXPECT_THAT(what_it_says_of_hosts<knows_no_ipv4_in_ipv6>(), HasSubstr("though it is an IP address"));
}

TEST(ip_literal, is_what_rfc_5321_makes_of_the_c_library) {
  using enum host_form;
  EXPECT_EQ(ip_form("[127.0.0.1]"), ipv4_literal);
  EXPECT_EQ(ip_form("[127.000.00.001]"), ipv4_literal); // 1*3DIGIT
  EXPECT_EQ(ip_form("[127.0000.0.1]"), std::nullopt);
  EXPECT_EQ(ip_form("[127.0.0.256]"), std::nullopt);
  EXPECT_EQ(ip_form("[IPv6:::]"), ipv6_literal);
  EXPECT_EQ(ip_form("[ipv6:1:2:3:4:5:6:7:8]"), ipv6_literal);
  EXPECT_EQ(ip_form("[IPv6:1:2:3:4:5:6::]"), ipv6_literal);
  EXPECT_EQ(ip_form("[IPv6:1:2:3:4:5:6:7::]"), std::nullopt); // "::" for one group
  EXPECT_EQ(ip_form("[IPv6:1:2:3:4:5:6:1.2.3.4]"), ipv6_literal);
  EXPECT_EQ(ip_form("[IPv6:::1.2.3.04]"), ipv6_literal);
  EXPECT_EQ(ip_form("[IPv6:1::2:3:4:1.2.3.4]"), ipv6_literal);
  EXPECT_EQ(ip_form("[IPv6:1::2:3:4:5:1.2.3.4]"), std::nullopt);
  EXPECT_EQ(ip_form("[IPv6:1::2::3]"), std::nullopt);
  EXPECT_EQ(ip_form("[IPv6:12345::]"), std::nullopt);
  EXPECT_EQ(ip_form("127.0.0.1"), std::nullopt);
}

} // namespace
} // namespace postel::fuzz
