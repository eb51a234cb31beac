// What real clients say and the grammar does not have: refused by a strict policy, taken by the field that allows it, and by no other.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "drive.hpp"

namespace {

using namespace postel;
using namespace postel::test;

using field = bool policy::*;
constexpr field none = nullptr;
constexpr field fields[] = {&policy::accept_helo_literal,           &policy::accept_loose_client_names,
                            &policy::accept_text_after_client_name, &policy::accept_space_before_path,
                            &policy::accept_several_spaces,         &policy::accept_empty_envid,
                            &policy::accept_unregistered_literals};

policy strict(service protocol = service::smtp) {
  policy rules;
  rules.protocol = protocol;
  rules.offer.insert(extension::dsn);
  for (const field each : fields) rules.*each = false;
  return rules;
}

struct row {
  std::string line;
  field allowed_by;            // none: whatever the policy
  std::string_view event = {}; // as event_writer tells it
};

// The event that the last line makes, in every cut.
std::string last_event(const policy& rules, const std::string& before, const std::string& line) {
  const std::string text = before + line + "\r\n";
  const session_log whole = play(rules, {text});
  EXPECT_EQ(play(rules, octet_by_octet(text)), whole) << line;
  return whole.events.empty() ? "" : whole.events.back();
}

void expect_allowed_by_one(const std::vector<row>& rows, const std::string& before, service protocol = service::smtp) {
  for (const row& r : rows) {
    EXPECT_TRUE(last_event(strict(protocol), before, r.line).starts_with("refused")) << r.line;
    for (const field each : fields) {
      policy rules = strict(protocol);
      rules.*each = true;
      const std::string event = last_event(rules, before, r.line);
      if (each == r.allowed_by)
        EXPECT_EQ(event, r.event) << r.line;
      else
        EXPECT_TRUE(event.starts_with("refused")) << r.line << ": " << event;
    }
    policy all = strict(protocol);
    for (const field each : fields) all.*each = true;
    EXPECT_EQ(last_event(all, before, r.line).starts_with("refused"), r.allowed_by == none) << r.line;
  }
}

TEST(server_leniencies, are_off_but_for_the_literal_of_helo) {
  const policy rules;
  EXPECT_TRUE(rules.accept_helo_literal);
  for (const field each : fields)
    if (each != &policy::accept_helo_literal) {
      EXPECT_FALSE(rules.*each);
    }
}

TEST(server_leniencies, a_client_s_name) {
  expect_allowed_by_one(
      {
          {"HELO [192.0.2.1]", &policy::accept_helo_literal, "helo [192.0.2.1]"},
          {"helo [IPv6:2001:db8::1]", &policy::accept_helo_literal, "helo [IPv6:2001:db8::1]"},
          {"HELO [192.0.2.256]", none},
          {"HELO [192.0.2.1", none},
          {"HELO", none},
          {"EHLO under_score.example", &policy::accept_loose_client_names, "ehlo under_score.example"},
          {"HELO under_score", &policy::accept_loose_client_names, "helo under_score"},
          {"EHLO host-.example", &policy::accept_loose_client_names, "ehlo host-.example"},
          {"EHLO -host.example-", &policy::accept_loose_client_names, "ehlo -host.example-"},
          {"EHLO host.example.", &policy::accept_loose_client_names, "ehlo host.example"},
          {"EHLO host..example", none},
          {"EHLO .", none},
          {"EHLO host.example..", none},
          {"EHLO a@host.example", none},
          {"EHLO " + std::string(64, 'a') + ".example", none},
          {"EHLO _" + std::string(63, 'a') + ".example", none},
          {"EHLO host.example words of mine", &policy::accept_text_after_client_name, "ehlo host.example"},
          {"HELO host.example, hello", none},
          {"HELO host.example and\ttabs", &policy::accept_text_after_client_name, "helo host.example"},
          {"EHLO [192.0.2.1] words", &policy::accept_text_after_client_name, "ehlo [192.0.2.1]"},
          {"EHLO host.example \x01", none},
          {"EHLO host.example \xC3\xBC", none},
          {"EHLO  host.example", &policy::accept_several_spaces, "ehlo host.example"},
          {"HELO   host.example", &policy::accept_several_spaces, "helo host.example"},
          {"EHLO\thost.example", none},
          {"EHLO [x:y]", &policy::accept_unregistered_literals, "ehlo [x:y]"},
          {"EHLOhost.example", none},
          {"EHLO j\xC3\xB6rg.example", none},
      },
      "");
  expect_allowed_by_one({{"LHLO under_score", &policy::accept_loose_client_names, "ehlo under_score"},
                         {"LHLO c words", &policy::accept_text_after_client_name, "ehlo c"},
                         {"LHLO [x:y]", &policy::accept_unregistered_literals, "ehlo [x:y]"}},
                        "", service::lmtp);
}

TEST(server_leniencies, sender) {
  expect_allowed_by_one(
      {
          {"MAIL FROM: <a@b>", &policy::accept_space_before_path, "sender <|a|b>"},
          {"MAIL FROM:   <>", &policy::accept_space_before_path, "sender <||>"},
          {"MAIL FROM:\t<a@b>", none},
          {"MAIL FROM :<a@b>", none},
          {"MAIL FROM: a@b", none},
          {"MAIL FROM: <a@b> SIZE=1 BODY=8BITMIME", &policy::accept_space_before_path, "sender <|a|b> size=1 8bit"},
          {"MAIL FROM:<a@b>  SIZE=1", &policy::accept_several_spaces, "sender <|a|b> size=1"},
          {"MAIL FROM:<a@b>   SIZE=1    BODY=8BITMIME", &policy::accept_several_spaces, "sender <|a|b> size=1 8bit"},
          {"MAIL  FROM:<a@b>", &policy::accept_several_spaces, "sender <|a|b>"},
          {"MAIL FROM:<a@b>  SIZE=1  SIZE=1", none},
          {"MAIL FROM:<a@b>  NONSENSE", none},
          {"MAIL FROM:<a@b>SIZE=1", none},
          {"MAIL FROM:<a@b> ENVID=", &policy::accept_empty_envid, "sender <|a|b> envid="},
          {"MAIL FROM:<a@b> envid= RET=HDRS", &policy::accept_empty_envid, "sender <|a|b> ret=headers envid="},
          {"MAIL FROM:<a@b> SIZE=", none},
          {"MAIL FROM:<a@b> ENVID= ENVID=", none},
          {"MAIL FROM:<a@b> ENVID", none},
          {"MAIL FROM:<a@[x:y]>", &policy::accept_unregistered_literals, "sender <|a|[x:y]>"},
          {"MAIL FROM:<a@[IPv6:2001:db8::g]>", none},
          {"MAIL FROM:<a@" + std::string(64, 'b') + ">", none},
          {"MAIL FROM:<a@under_score.example>", none},
          {"MAIL FROM:<a@b.example.>", none},
      },
      "EHLO c\r\n");
}

TEST(server_leniencies, recipient) {
  expect_allowed_by_one(
      {
          {"RCPT TO: <a@b>", &policy::accept_space_before_path, "recipient <|a|b>"},
          {"RCPT TO: <Postmaster>", &policy::accept_space_before_path, "recipient <|Postmaster|>"},
          {"RCPT TO:<a@b>  NOTIFY=NEVER", &policy::accept_several_spaces, "recipient <|a|b> notify=never"},
          {"RCPT TO:<a@b>  NOTIFY=NEVER  NOTIFY=NEVER", none},
          {"RCPT TO:<a@[x:y]>", &policy::accept_unregistered_literals, "recipient <|a|[x:y]>"},
          {"RCPT TO:<a@b> ORCPT=", none},
          {"RCPT TO: <>", none},
      },
      "EHLO c\r\nMAIL FROM:<>\r\n");
}

// Two at once need both.
TEST(server_leniencies, add_up) {
  policy rules = strict();
  rules.accept_several_spaces = true;
  EXPECT_TRUE(last_event(rules, "EHLO c\r\n", "MAIL  FROM: <a@b>").starts_with("refused"));
  rules.accept_space_before_path = true;
  EXPECT_EQ(last_event(rules, "EHLO c\r\n", "MAIL  FROM: <a@b>"), "sender <|a|b>");
}

// The grammar of RFC 3461 4.2 has an empty xtext behind the type, and an esmtp-value is not empty then.
TEST(server_leniencies, an_empty_address_in_orcpt_is_the_grammar_s) {
  EXPECT_EQ(last_event(strict(), "EHLO c\r\nMAIL FROM:<>\r\n", "RCPT TO:<a@b> ORCPT=rfc822;"),
            "recipient <|a|b> orcpt=rfc822|");
}

// RFC 6531 3.3: what a U-label is beyond UTF-8, tables of Unicode say that are not ours.
TEST(server_leniencies, a_label_in_utf8_need_be_no_u_label) {
  EXPECT_EQ(last_event(strict(), "EHLO c\r\n", "MAIL FROM:<a@\xE2\x98\x83.example> SMTPUTF8"),
            "sender <|a|\xE2\x98\x83.example> utf8");
}

TEST(server_leniencies, labels_of_63_octets_and_no_more) {
  const auto refused = [](const std::string& line) {
    return last_event(strict(), "EHLO c\r\n", line).starts_with("refused");
  };
  const std::string most(63, 'a');
  EXPECT_FALSE(refused("MAIL FROM:<a@" + most + "." + most + ">"));
  EXPECT_TRUE(refused("MAIL FROM:<a@" + most + "." + most + "b>"));
  EXPECT_FALSE(refused("EHLO " + most));
  EXPECT_TRUE(refused("EHLO b-" + most));
}

} // namespace
