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

// The items of a list, one space between two.
std::string joined(const announced_list& list) {
  std::string all;
  for (const std::string_view each : list) all.append(all.empty() ? "" : " ").append(each);
  return all;
}
std::string mechanisms(const offered& response) {
  return joined(response->auth_mechanisms);
}

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
  EXPECT_EQ(mechanisms(all), "PLAIN LOGIN SCRAM-SHA-256");
  EXPECT_EQ(all->deliver_by_min, 240U);
  EXPECT_EQ(all->future, (future_release{2592000, {2027, 1, 31, 0, 0, 0, "", 0}}));
  EXPECT_EQ(all->mt_priority_profile, "MIXER");
  EXPECT_EQ(all->limits, (announced_limits{20, 100, 5}));
  EXPECT_EQ(joined(all->burl), "imap imap://imap.example");
  EXPECT_EQ(joined(all->solicitation_keywords), "net.example:ADV");
  EXPECT_EQ(joined(all->xclient), "NAME ADDR");
  EXPECT_EQ(joined(all->xforward), "NAME ADDR PROTO");
  EXPECT_TRUE(inside(all->mt_priority_profile, all.wire()));
  for (const announced_list& list :
       {all->auth_mechanisms, all->burl, all->solicitation_keywords, all->xclient, all->xforward}) {
    EXPECT_TRUE(inside(list.text(), all.wire()));
    EXPECT_FALSE(list.empty());
    for (const std::string_view item : list) EXPECT_TRUE(inside(item, list.text()));
  }
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
    EXPECT_TRUE(none.auth_mechanisms.empty());
    EXPECT_TRUE(none.old_auth_mechanisms.empty());
    EXPECT_EQ(none.deliver_by_min, std::nullopt);
    EXPECT_EQ(none.future, std::nullopt);
    EXPECT_EQ(none.limits, announced_limits());
    EXPECT_TRUE(none.xclient.empty());
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
  for (const char* params : {"", " PLAIN,LOGIN", " LOGIN=", " ABCDEFGHIJKLMNOPQRSTU"}) {
    const offered one({std::string("AUTH") + params});
    EXPECT_TRUE(one->offered.contains(extension::auth));
    EXPECT_EQ(mechanisms(one), "") << params;
  }
  for (const char* params : {"", " x", " -1", " 1000000000", " 1 2", " ,x"}) {
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
  EXPECT_TRUE(offered({"NO-SOLICITING 1a"})->solicitation_keywords.empty());
}

// RFC 9422 4: from 1 to 999999, without leading zeros.
TEST(capabilities, limits) {
  EXPECT_EQ(offered({"LIMITS RCPTMAX=999999"})->limits, (announced_limits{std::nullopt, 999999, std::nullopt}));
  EXPECT_EQ(offered({"LIMITS X=y RCPTDOMAINMAX=1 Z"})->limits, (announced_limits{std::nullopt, std::nullopt, 1}));
  for (const char* params : {"", " MAILMAX", " MAILMAX=0", " MAILMAX=01", " MAILMAX=1000000", " MAILMAX=x",
                             " MAILMAX=-1", " MAILMAX=1;2", " RCPTMAX=", " MAILMAXX=1", " XMAILMAX=1"}) {
    const offered one({std::string("LIMITS") + params});
    EXPECT_TRUE(one->offered.contains(extension::limits));
    EXPECT_EQ(one->limits, announced_limits()) << params;
  }
  // One that is wrong does not take the others away.
  EXPECT_EQ(offered({"LIMITS MAILMAX=0 RCPTMAX=7"})->limits, (announced_limits{std::nullopt, 7, std::nullopt}));
}

// What offers, with the line as a server sent it, however that is: in the middle, and as the last one.
capabilities read_in(const std::string& line, bool last) {
  static std::string wire; // the views are into it
  wire = "250-mx.example\r\n250-HELP\r\n250" + (last ? " " + line : "-" + line + "\r\n250 PIPELINING") + "\r\n";
  const auto reply = read_reply(wire);
  EXPECT_TRUE(reply) << line;
  return reply ? capabilities_of(*reply) : capabilities();
}

// An offer is never overlooked for what is around it, least of all that of STARTTLS.
TEST(capabilities, keywords_in_any_white_space) {
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto one = static_cast<extension>(i);
    for (const std::string before : {"", " ", "\t", " \t ", "\x01", "\xEF\xBB\xBF"})
      for (const std::string behind : {"", " ", "\t", "  ", " \t", "\r", "\x7F", "\x1B[m", " ?", "\xC2\xA0", "\t?  ?"})
        for (const bool last : {false, true}) {
          const extensions found = read_in(before + std::string(keyword(one)) + behind, last).offered;
          EXPECT_TRUE(found.contains(one)) << testing::PrintToString(before + std::string(keyword(one)) + behind);
          EXPECT_TRUE(found.contains(extension::help));
        }
  }
  for (const char* other : {"STARTTLSX", "XSTARTTLS", "STARTTLS-1", "START TLS", "HELP STARTTLS", ""})
    EXPECT_FALSE(read_in(other, false).offered.contains(extension::starttls)) << other;
}

TEST(capabilities, parameters_in_any_white_space) {
  for (const std::string between : {" ", "  ", "\t", " \t ", "\r", "\x01"})
    for (const std::string behind : {"", " ", "\t ", "\r"}) {
      const auto read = [&](std::string line) {
        for (std::size_t at = line.find(' '); at != std::string::npos; at = line.find(' ', at + between.size()))
          line.replace(at, 1, between);
        return read_in(line + behind, true);
      };
      SCOPED_TRACE(testing::PrintToString(between + "|" + behind));
      EXPECT_EQ(read("SIZE 5").size, 5U);
      EXPECT_EQ(joined(read("AUTH PLAIN LOGIN").auth_mechanisms), "PLAIN LOGIN");
      EXPECT_EQ(read("LIMITS MAILMAX=2 RCPTMAX=3").limits, (announced_limits{2, 3, std::nullopt}));
      EXPECT_EQ(read("FUTURERELEASE 60 2027-01-31T00:00:00Z").future,
                (future_release{60, {2027, 1, 31, 0, 0, 0, "", 0}}));
      EXPECT_EQ(read("DELIVERBY 60").deliver_by_min, 60U);
      EXPECT_EQ(read("MT-PRIORITY MIXER").mt_priority_profile, "MIXER");
      EXPECT_EQ(joined(read("BURL imap imap://host").burl), "imap imap://host");
      EXPECT_EQ(joined(read("XCLIENT NAME ADDR").xclient), "NAME ADDR");
      EXPECT_EQ(joined(read("XFORWARD NAME ADDR").xforward), "NAME ADDR");
      EXPECT_EQ(joined(read("NO-SOLICITING a:b, c:d").solicitation_keywords), "a:b c:d");
    }
}

// An item that is none is no reason to lose the list.
TEST(capabilities, a_bad_item_takes_no_other_with_it) {
  for (const std::string bad : {"ABCDEFGHIJKLMNOPQRSTUVWX", "A.B", "PL\xC3\x84IN", "X,Y", "=", "(what)"}) {
    EXPECT_EQ(mechanisms(offered({"AUTH PLAIN LOGIN"})), "PLAIN LOGIN");
    for (const std::string& list : {bad + " PLAIN LOGIN", "PLAIN " + bad + " LOGIN", "PLAIN LOGIN " + bad}) {
      const capabilities found = read_in("AUTH " + list, true);
      EXPECT_EQ(joined(found.auth_mechanisms), "PLAIN LOGIN") << list;
      EXPECT_TRUE(found.has_mechanism("login"));
      EXPECT_FALSE(found.has_mechanism(bad)) << list;
    }
  }
  EXPECT_EQ(offered({"LIMITS MAILMAX=1 RCPTMAX="})->limits, (announced_limits{1, std::nullopt, std::nullopt}));
  EXPECT_EQ(offered({"LIMITS =x ? RCPTMAX=5;6 MAILMAX=1"})->limits, (announced_limits{1, std::nullopt, std::nullopt}));
  EXPECT_EQ(offered({"LIMITS MAILMAX=1 MAILMAX=0"})->limits, (announced_limits{1, std::nullopt, std::nullopt}));
  EXPECT_EQ(joined(offered({"NO-SOLICITING 1a,net.example:ADV,,?"})->solicitation_keywords), "net.example:ADV");
  EXPECT_EQ(offered({"DELIVERBY 240,,x=("})->deliver_by_min, 240U);
  EXPECT_EQ(offered({"DELIVERBY 1,"})->deliver_by_min, 1U);
  EXPECT_EQ(joined(read_in("BURL imap \xC3\xA4 imap://host", false).burl), "imap imap://host");
  EXPECT_EQ(joined(read_in("XCLIENT NAME \xFF ADDR", false).xclient), "NAME ADDR");
  EXPECT_EQ(joined(read_in("XFORWARD NAME \xFF ADDR", false).xforward), "NAME ADDR");
}

// However the keyword is written (RFC 3207 5: an offer that is overlooked sends mail in clear).
TEST(capabilities, an_offer_of_tls_is_never_overlooked) {
  for (const char* line : {"STARTTLS=", "STARTTLS =", "STARTTLS:", "STARTTLS.", "\"STARTTLS\"", "*starttls",
                           "STARTTLS=yes", "STARTTLS\x01"})
    EXPECT_TRUE(read_in(line, false).offered.contains(extension::starttls)) << line;
  for (const char* line : {"XSTARTTLS", "STARTTLSX", "STARTTLS-X", "X STARTTLS", "STARTTLS_X"})
    EXPECT_FALSE(read_in(line, false).offered.contains(extension::starttls)) << line;
  EXPECT_EQ(read_in("SIZE=5", false).size, 5U);
}

// From before RFC 2554.
TEST(capabilities, auth_with_an_equals_sign_is_no_auth) {
  for (const char* line : {"AUTH=PLAIN LOGIN", "auth=PLAIN LOGIN", "AUTH= PLAIN  LOGIN ", "\tAUTH=PLAIN A.B LOGIN"}) {
    const capabilities found = read_in(line, false);
    EXPECT_FALSE(found.offered.contains(extension::auth)) << line;
    EXPECT_TRUE(found.offered.contains(extension::pipelining));
    EXPECT_TRUE(found.auth_mechanisms.empty());
    EXPECT_EQ(joined(found.old_auth_mechanisms), "PLAIN LOGIN") << line;
    EXPECT_FALSE(found.has_mechanism("PLAIN"));
  }
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
