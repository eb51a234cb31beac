#include "postel/capability.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "postel/command.hpp"
#include "round_trip.hpp"

namespace postel::test {
namespace {

// An EHLO response of these lines, and what it offers. Keeps the octets that the views are into.
class offered {
 public:
  explicit offered(const std::vector<std::string>& lines) : wire_(join(lines)) {
    const auto parsed = parse_ehlo_response(wire_.view());
    EXPECT_TRUE(parsed) << wire_.view();
    if (parsed) response_ = *parsed;
    known_ = capabilities_of(response_.reply);
  }
  const capabilities* operator->() const { return &known_; }
  const ehlo_response& response() const { return response_; }
  std::string_view wire() const { return wire_.view(); }

 private:
  static std::string join(const std::vector<std::string>& lines) {
    std::string all = lines.empty() ? "250 mx.example\r\n" : "250-mx.example\r\n";
    for (const std::string& line : lines) all += (&line == &lines.back() ? "250 " : "250-") + line + "\r\n";
    return all;
  }
  exact wire_;
  ehlo_response response_;
  capabilities known_;
};

TEST(capabilities, full_response) {
  const offered all({"PIPELINING",
                     "SIZE 10240000",
                     "8BITMIME",
                     "ENHANCEDSTATUSCODES",
                     "SMTPUTF8",
                     "HELP",
                     "EXPN",
                     "VRFY",
                     "CHUNKING",
                     "BINARYMIME",
                     "DSN",
                     "STARTTLS",
                     "AUTH PLAIN LOGIN SCRAM-SHA-256",
                     "DELIVERBY 240",
                     "FUTURERELEASE 2592000 2027-01-31T00:00:00Z",
                     "MT-PRIORITY MIXER",
                     "REQUIRETLS",
                     "RRVS",
                     "LIMITS MAILMAX=20 RCPTMAX=100 RCPTDOMAINMAX=5",
                     "BURL imap imap://imap.example",
                     "NO-SOLICITING net.example:ADV",
                     "MTRK",
                     "CONPERM",
                     "CONNEG",
                     "ETRN",
                     "ATRN",
                     "CHECKPOINT",
                     "SUBMITTER",
                     "SEND",
                     "SOML",
                     "SAML",
                     "TURN",
                     "VERB",
                     "ONEX",
                     "XCLIENT NAME ADDR",
                     "XFORWARD NAME ADDR PROTO",
                     "XVERP",
                     "PRDR",
                     "PIPECONNECT",
                     "WELLKNOWN",
                     "XRCPTFORWARD"});
  for (std::size_t i = 0; i < extension_count; ++i)
    EXPECT_TRUE(all->offered.contains(static_cast<extension>(i))) << keyword(static_cast<extension>(i));
  EXPECT_EQ(all->size, 10240000U);
  EXPECT_EQ(all->auth_mechanisms, "PLAIN LOGIN SCRAM-SHA-256");
  EXPECT_EQ(all->deliver_by_min, 240U);
  EXPECT_EQ(all->future, (future_release{2592000, {2027, 1, 31, 0, 0, 0, "", 0}}));
  EXPECT_EQ(all->mt_priority_profile, "MIXER");
  EXPECT_EQ(all->limits, (announced_limits{20, 100, 5}));
  EXPECT_EQ(all->burl, "imap imap://imap.example");
  EXPECT_EQ(all->solicitation_keywords, "net.example:ADV");
  EXPECT_EQ(all->xclient, "NAME ADDR");
  EXPECT_EQ(all->xforward, "NAME ADDR PROTO");
  for (const std::string_view view : {all->auth_mechanisms, all->mt_priority_profile, all->burl,
                                      all->solicitation_keywords, all->xclient, all->xforward})
    EXPECT_TRUE(inside(view, all.wire()));
  EXPECT_EQ(all.response().find("xclient")->params, "NAME ADDR");
}

// As Exim 4.100, Dovecot 2.4 and a submission server say it before and behind the login.
TEST(capabilities, of_servers_of_2026) {
  const auto exim = offered({"SIZE 52428800", "LIMITS MAILMAX=1000 RCPTMAX=50000", "8BITMIME", "PIPELINING",
                             "PIPECONNECT", "CHUNKING", "STARTTLS", "PRDR", "WELLKNOWN", "HELP"});
  for (const extension each : {extension::prdr, extension::pipeconnect, extension::wellknown, extension::limits})
    EXPECT_TRUE(exim->offered.contains(each)) << keyword(each);
  const auto dovecot =
      offered({"PIPELINING", "XCLIENT ADDR PORT PROTO HELO LOGIN SESSION CLIENT-TRANSPORT TTL TIMEOUT FORWARD",
               "XRCPTFORWARD"});
  EXPECT_TRUE(dovecot->offered.contains(extension::xrcptforward));
  EXPECT_TRUE(dovecot->offered.contains(extension::xclient));
  EXPECT_EQ(dovecot.response().find("XCLIENT")->params,
            "ADDR PORT PROTO HELO LOGIN SESSION CLIENT-TRANSPORT TTL TIMEOUT FORWARD");
  EXPECT_TRUE(parse_command("XCLIENT SESSION=a CLIENT-TRANSPORT=TLS TTL=5 TIMEOUT=30 FORWARD=bmFtZT1h"));
  const auto login = offered({"SIZE", "AUTH", "BURL imap imap://imap.example"});
  EXPECT_TRUE(login->offered.contains(extension::size));
  EXPECT_EQ(login->size, std::nullopt);
  EXPECT_TRUE(login->offered.contains(extension::auth));
  EXPECT_FALSE(login->has_mechanism("PLAIN"));
  EXPECT_TRUE(login->offered.contains(extension::burl));
  EXPECT_EQ(login.response().find("BURL")->params, "imap imap://imap.example");
}

TEST(capabilities, of_nothing) {
  for (const capabilities& none : {capabilities_of(reply_view()), *offered({}).operator->()}) {
    EXPECT_EQ(none.offered, extensions());
    EXPECT_EQ(none.size, std::nullopt);
    EXPECT_EQ(none.auth_mechanisms, "");
    EXPECT_EQ(none.deliver_by_min, std::nullopt);
    EXPECT_EQ(none.future, std::nullopt);
    EXPECT_EQ(none.limits, announced_limits());
    EXPECT_EQ(none.xclient, "");
    EXPECT_FALSE(none.has_mechanism("PLAIN"));
    EXPECT_FALSE(none.has_mechanism(""));
  }
  // The first line is the server's name, whatever it looks like.
  const auto named = parse_ehlo_response("250-SIZE\r\n250 HELP\r\n");
  ASSERT_TRUE(named);
  EXPECT_EQ(capabilities_of(named->reply).offered, extensions{extension::help});
}

TEST(capabilities, keywords_in_any_case) {
  const offered lower({"size 5", "pipelining", "Auth plain", "limits mailmax=3"});
  EXPECT_EQ(lower->offered, (extensions{extension::size, extension::pipelining, extension::auth, extension::limits}));
  EXPECT_EQ(lower->size, 5U);
  EXPECT_EQ(lower->limits.mail_max, 3U);
  for (const char* name : {"PLAIN", "plain", "Plain"}) EXPECT_TRUE(lower->has_mechanism(name));
  for (const char* name : {"", "PLAI", "PLAIN ", "LOGIN"}) EXPECT_FALSE(lower->has_mechanism(name)) << name;
}

TEST(capabilities, mechanisms) {
  const offered some({"AUTH GSSAPI DIGEST-MD5 PLAIN"});
  for (const char* name : {"GSSAPI", "digest-md5", "PLAIN"}) EXPECT_TRUE(some->has_mechanism(name)) << name;
  for (const char* name : {"DIGEST", "MD5", "GSSAPI DIGEST-MD5", "-", ""})
    EXPECT_FALSE(some->has_mechanism(name)) << name;
}

// A parameter that is none counts as absent; the keyword counts.
TEST(capabilities, wrong_parameters) {
  for (const char* params : {"", " 0", " 00000", " x", " 1 2", " -1", " 100000000000000000000"}) {
    const offered one({std::string("SIZE") + params});
    EXPECT_TRUE(one->offered.contains(extension::size));
    EXPECT_EQ(one->size, std::nullopt) << params;
  }
  EXPECT_EQ(offered({"SIZE 99999999999999999999"})->size, std::numeric_limits<std::uint64_t>::max());
  for (const char* params : {"", " PLAIN,LOGIN", " PLAIN LOGIN=", " ABCDEFGHIJKLMNOPQRSTU"}) {
    const offered one({std::string("AUTH") + params});
    EXPECT_TRUE(one->offered.contains(extension::auth));
    EXPECT_EQ(one->auth_mechanisms, "") << params;
  }
  for (const char* params : {"", " x", " -1", " 1000000000", " 1 2", " ,x", " 1,"}) {
    const offered one({std::string("DELIVERBY") + params});
    EXPECT_TRUE(one->offered.contains(extension::deliverby));
    EXPECT_EQ(one->deliver_by_min, std::nullopt) << params;
  }
  EXPECT_EQ(offered({"DELIVERBY 0"})->deliver_by_min, 0U);
  EXPECT_EQ(offered({"DELIVERBY 240,x=1,y"})->deliver_by_min, 240U);
  for (const char* params : {"", " 1", " 2027-01-31T00:00:00Z", " 0 2027-01-31T00:00:00Z", " 1 2027-02-31T00:00:00Z",
                             " 1 2027-01-31T00:00:00Z x"}) {
    const offered one({std::string("FUTURERELEASE") + params});
    EXPECT_TRUE(one->offered.contains(extension::futurerelease));
    EXPECT_EQ(one->future, std::nullopt) << params;
  }
  EXPECT_EQ(offered({"MT-PRIORITY"})->mt_priority_profile, "");
  EXPECT_EQ(offered({"MT-PRIORITY A B"})->mt_priority_profile, "");
  EXPECT_EQ(offered({"NO-SOLICITING 1a"})->solicitation_keywords, "");
}

// RFC 9422 4: from 1 to 999999, without leading zeros.
TEST(capabilities, limits) {
  EXPECT_EQ(offered({"LIMITS RCPTMAX=999999"})->limits, (announced_limits{std::nullopt, 999999, std::nullopt}));
  EXPECT_EQ(offered({"LIMITS X=y RCPTDOMAINMAX=1 Z"})->limits, (announced_limits{std::nullopt, std::nullopt, 1}));
  for (const char* params : {"", " MAILMAX", " MAILMAX=0", " MAILMAX=01", " MAILMAX=1000000", " MAILMAX=x",
                             " MAILMAX=-1", " MAILMAX=1;2", " MAILMAX=1 RCPTMAX=", " MAILMAXX=1", " XMAILMAX=1"}) {
    const offered one({std::string("LIMITS") + params});
    EXPECT_TRUE(one->offered.contains(extension::limits));
    EXPECT_EQ(one->limits, announced_limits()) << params;
  }
  // One that is wrong does not take the others away.
  EXPECT_EQ(offered({"LIMITS MAILMAX=0 RCPTMAX=7"})->limits, (announced_limits{std::nullopt, 7, std::nullopt}));
}

TEST(capabilities, unknown_keywords_stay_readable) {
  const offered some({"X-UNKNOWN a=b c", "UTF8SMTP", "SIZE 7"});
  EXPECT_EQ(some->offered, extensions{extension::size});
  EXPECT_EQ(some.response().find("x-unknown"), (ehlo_line{"X-UNKNOWN", "a=b c"}));
  EXPECT_EQ(some.response().find("UTF8SMTP"), (ehlo_line{"UTF8SMTP", ""}));
  EXPECT_EQ(some.response().find("Y"), std::nullopt);
}

} // namespace
} // namespace postel::test
