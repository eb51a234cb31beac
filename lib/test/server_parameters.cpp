// The extensions that are parameters of MAIL and RCPT, as a server session takes them; LIMITS and ETRN.
#include <gtest/gtest.h>

#include "transcript.hpp"

namespace {

using namespace postel;
using namespace postel::test;

policy offering(std::initializer_list<extension> which) {
  policy rules;
  rules.offer = {extension::enhanced_status_codes};
  for (const extension e : which) rules.offer.insert(e);
  return rules;
}

// MAIL with this parameter, behind EHLO: the event it makes, or the reply it gets.
std::string taken(const policy& rules, const std::string& parameter) {
  const session_log played = play(rules, {"EHLO c\r\nMAIL FROM:<> " + parameter + "\r\n"});
  EXPECT_EQ(played.events.size(), 2U);
  if (played.events.back().starts_with("sender <||> ")) return played.events.back().substr(12);
  return played.output.substr(played.output.rfind('\n', played.output.size() - 2) + 1, 3);
}
std::string taken_by_rcpt(const policy& rules, const std::string& parameter) {
  const session_log played = play(rules, {"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d> " + parameter + "\r\n"});
  EXPECT_EQ(played.events.size(), 3U);
  if (played.events.back().starts_with("recipient <|b|d> ")) return played.events.back().substr(17);
  return played.output.substr(played.output.rfind('\n', played.output.size() - 2) + 1, 3);
}

TEST(server_parameters, in_every_cut) {
  policy rules = offering({extension::dsn, extension::deliverby, extension::futurerelease, extension::mt_priority,
                           extension::rrvs, extension::no_soliciting, extension::mtrk});
  rules.solicitation = "org.example:ADV";
  const std::string hello =
      says::hello({"ENHANCEDSTATUSCODES", "DSN", "DELIVERBY", "FUTURERELEASE 86400 9999-12-31T23:59:59Z", "MT-PRIORITY",
                   "RRVS", "NO-SOLICITING org.example:ADV", "MTRK"});
  expect_in_every_cut(
      rules,
      {
          {"all at once, typed",
           {"EHLO c\r\nMAIL FROM:<> RET=HDRS ENVID=QQ+2B314159 BY=-120;NT HOLDFOR=60 MT-PRIORITY=-9 "
            "SOLICIT=net.example:ADV MTRK=dGVzdA:604800\r\n"
            "RCPT TO:<b@d> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@d.example RRVS=2014-04-03T23:01:00Z;C\r\n"},
           {"ehlo c",
            "sender <||> ret=headers envid=QQ+2B314159 by=-120 notify trace hold_for=60 mt_priority=-9 "
            "solicit=net.example:ADV mtrk=dGVzdA 604800",
            "recipient <|b|d> notify=success delay  orcpt=rfc822|bob@d.example rrvs=2014-04-03T23:01:00Z continue"},
           joined({hello, says::sender, says::recipient})},
      });
}

TEST(server_parameters, dsn) {
  const policy rules = offering({extension::dsn});
  EXPECT_EQ(taken(rules, "RET=FULL"), "ret=full");
  EXPECT_EQ(taken(rules, "RET=ALL"), "501");
  EXPECT_EQ(taken(rules, "RET=FULL RET=FULL"), "501");
  EXPECT_EQ(taken(rules, "ENVID=+2"), "501");
  EXPECT_EQ(taken(rules, "NOTIFY=NEVER"), "555") << "is RCPT's";
  EXPECT_EQ(taken_by_rcpt(rules, "NOTIFY=NEVER"), "notify=never");
  EXPECT_EQ(taken_by_rcpt(rules, "NOTIFY=NEVER,DELAY"), "501");
  EXPECT_EQ(taken_by_rcpt(rules, "ORCPT=rfc822"), "501");
  EXPECT_EQ(taken_by_rcpt(rules, "RET=FULL"), "555") << "is MAIL's";
}

TEST(server_parameters, deliver_by) {
  policy rules = offering({extension::deliverby});
  EXPECT_EQ(taken(rules, "BY=1;R"), "by=1 return");
  EXPECT_EQ(taken(rules, "BY=0;N"), "by=0 notify");
  EXPECT_EQ(taken(rules, "BY=0;R"), "501") << "RFC 2852 4";
  EXPECT_EQ(taken(rules, "BY=-1;R"), "501");
  EXPECT_EQ(taken(rules, "BY=999999999;RT"), "by=999999999 return trace");
  rules.deliver_by_minimum = 60;
  EXPECT_EQ(taken(rules, "BY=59;R"), "555") << "RFC 2852 4: 55z";
  EXPECT_EQ(taken(rules, "BY=60;R"), "by=60 return");
  EXPECT_EQ(taken(rules, "BY=59;N"), "by=59 notify") << "the minimum is mode R's";
  EXPECT_EQ(taken(rules, "BY=-59;N"), "by=-59 notify");
}

TEST(server_parameters, future_release) {
  policy rules = offering({extension::futurerelease});
  rules.hold_for_maximum = 100;
  rules.hold_until_maximum = "2030-03-01T00:00:00Z";
  EXPECT_EQ(taken(rules, "HOLDFOR=100"), "hold_for=100");
  EXPECT_EQ(taken(rules, "HOLDFOR=101"), "501");
  EXPECT_EQ(taken(rules, "HOLDFOR=0"), "501") << "RFC 4865 5";
  EXPECT_EQ(taken(rules, "HOLDFOR=999999999"), "501");
  EXPECT_EQ(taken(rules, "HOLDFOR=1 HOLDUNTIL=2029-01-01T00:00:00Z"), "501") << "one of them, RFC 4865 3";
  // The latest time in UTC, and the same in other zones; a second, or a minute, later.
  for (const auto* const good :
       {"2030-03-01T00:00:00Z", "2030-02-28T23:59:59Z", "2030-03-01T01:30:00+01:30", "2030-02-28T16:00:00-08:00",
        "2030-03-01T23:59:00+23:59", "2030-02-28T00:01:00-23:59", "2029-12-31T23:59:60Z", "0000-01-01T00:00:00Z"})
    EXPECT_EQ(taken(rules, std::string("HOLDUNTIL=") + good), std::string("hold_until=") + good);
  for (const auto* const late :
       {"2030-03-01T00:00:01Z", "2030-03-01T00:01:00Z", "2030-03-01T01:30:01+01:30", "2030-02-28T16:00:01-08:00",
        "2030-02-28T23:59:00-00:02", "2030-03-01T23:59:01+23:59", "2030-02-28T00:01:01-23:59", "2031-01-01T00:00:00Z",
        "2030-02-28T23:59:60-00:01", "9999-12-31T23:59:59Z"})
    EXPECT_EQ(taken(rules, std::string("HOLDUNTIL=") + late), "501") << late;
  // Leap years have a day more between February and March, others do not.
  rules.hold_until_maximum = "2028-02-29T12:00:00Z";
  EXPECT_EQ(taken(rules, "HOLDUNTIL=2028-03-01T12:00:00+23:59"), "501");
  EXPECT_EQ(taken(rules, "HOLDUNTIL=2028-03-01T11:58:00+23:58"), "hold_until=2028-03-01T11:58:00+23:58");
  rules.hold_until_maximum = "2100-02-28T12:00:00Z";
  EXPECT_EQ(taken(rules, "HOLDUNTIL=2100-03-01T11:58:00+23:58"), "hold_until=2100-03-01T11:58:00+23:58");
  // A policy whose time is none opens no session.
  rules.hold_until_maximum = "tomorrow";
  server session(rules);
  std::string out;
  EXPECT_FALSE(session.open(out));
  EXPECT_EQ(out, "");
}

TEST(server_parameters, the_others) {
  EXPECT_EQ(taken(offering({extension::mt_priority}), "MT-PRIORITY=9"), "mt_priority=9");
  EXPECT_EQ(taken(offering({extension::mt_priority}), "MT-PRIORITY=10"), "501");
  EXPECT_EQ(taken(offering({extension::no_soliciting}), "SOLICIT=1a"), "501");
  EXPECT_EQ(taken(offering({extension::mtrk}), "ENVID=x MTRK=dGVzdA"), "envid=x mtrk=dGVzdA");
  EXPECT_EQ(taken(offering({extension::mtrk}), "MTRK=dGVzdA"), "501") << "RFC 3885 3.2";
  EXPECT_EQ(taken(offering({extension::mtrk}), "MTRK=*"), "501");
  EXPECT_EQ(taken_by_rcpt(offering({extension::rrvs}), "RRVS=2014-04-03T23:01:00Z"),
            "rrvs=2014-04-03T23:01:00Z reject");
  EXPECT_EQ(taken_by_rcpt(offering({extension::rrvs}), "RRVS=2014-02-30T23:01:00Z"), "501");
  EXPECT_EQ(taken(offering({}), "BY=1;R"), "555");
  EXPECT_EQ(taken_by_rcpt(offering({}), "RRVS=2014-04-03T23:01:00Z"), "555");
  // In the offer, and not carried out.
  EXPECT_EQ(taken(offering({extension::conperm, extension::submitter, extension::checkpoint}), "CONPERM"), "555");
}

TEST(server_parameters, limits) {
  policy rules = offering({extension::limits});
  rules.limit.transactions = 2;
  rules.limit.recipients = 1;
  const std::string hello = says::hello({"ENHANCEDSTATUSCODES", "LIMITS MAILMAX=2 RCPTMAX=1"});
  const std::string_view too_many = "452 4.5.0 Too many messages in one session\r\n";
  expect_in_every_cut(rules, {
                                 {"accepted MAIL commands are counted",
                                  {"EHLO c\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<x@>\r\nMAIL FROM:<>\r\nRCPT "
                                   "TO:<b@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n.\r\n"
                                   "MAIL FROM:<>\r\nEHLO c\r\nMAIL FROM:<>\r\nNOOP\r\n"},
                                  {"ehlo c", "sender <||>", "reset ", "refused syntax error @13 MAIL FROM:<x@>",
                                   "sender <||>", "recipient <|b|d>", "refused too many recipients @0 RCPT TO:<e@d>",
                                   "data ", "message_end 0", "refused too many messages in one session @0 MAIL FROM:<>",
                                   "ehlo c", "refused too many messages in one session @0 MAIL FROM:<>", "noop "},
                                  joined({hello, says::sender, says::ok, says::syntax, says::sender, says::recipient,
                                          "452 4.5.3 Too many recipients\r\n", says::go_on, says::queued, too_many,
                                          hello, too_many, says::ok})},
                                 {"those that were refused are not",
                                  {"EHLO c\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n"},
                                  {"ehlo c", "sender <||>", "sender <||>", "sender <||>"},
                                  joined({hello, "450 4.0.0 later\r\n", "450 4.0.0 later\r\n", "450 4.0.0 later\r\n"}),
                                  answering<event::sender>({450, "later"})},
                             });
}

TEST(server_parameters, etrn) {
  const policy rules = offering({extension::etrn});
  const std::string hello = says::hello({"ENHANCEDSTATUSCODES", "ETRN"});
  const std::string_view started = "250 2.0.0 Queue run started\r\n";
  expect_in_every_cut(rules, {
                                 {"after EHLO, and in no transaction",
                                  {"ETRN d.example\r\nHELO c\r\nETRN d.example\r\nEHLO c\r\nETRN d.example\r\nETRN "
                                   "@d.example\r\nETRN #q\r\nETRN\r\n"
                                   "MAIL FROM:<>\r\nETRN d.example\r\n"},
                                  {"refused command out of sequence @0 ETRN d.example", "helo c",
                                   "refused command out of sequence @0 ETRN d.example", "ehlo c", "etrn d.example",
                                   "etrn @d.example", "etrn #q", "refused syntax error @4 ETRN", "sender <||>",
                                   "refused command out of sequence @0 ETRN d.example"},
                                  joined({says::sequence, "250 localhost\r\n", says::sequence, hello, started, started,
                                          started, says::syntax, says::sender, says::sequence})},
                                 {"its codes, RFC 1985 5.1",
                                  {"EHLO c\r\nETRN d\r\n"},
                                  {"ehlo c", "etrn d"},
                                  hello + "253 2.0.0 14 pending messages for node d started\r\n",
                                  answering<event::queue_run>({253, "14 pending messages for node d started"})},
                                 {"refused",
                                  {"EHLO c\r\nETRN d\r\nNOOP\r\n"},
                                  {"ehlo c", "etrn d", "noop "},
                                  joined({hello, "459 4.0.0 Node d not allowed\r\n", says::ok}),
                                  answering<event::queue_run>({459, "Node d not allowed"})},
                             });
}

} // namespace
