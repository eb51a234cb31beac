#include "play/observation.hpp"

#include <gtest/gtest.h>

#include <postel/reply.hpp>

#include "cases.hpp"
#include "play/reply_reader.hpp"

namespace {

using namespace postel::conformance;
using postel::charset;
using kind = observation::kind;

// The expectation written behind "S: ".
expectation expecting(const std::string& text) {
  const auto cases = test::cases_of("== a/1/x MUST server\n x\nS: " + text + "\n");
  return cases.size() == 1 ? std::get<expectation>(cases[0].steps[0].what) : expectation();
}

observation reply(std::string octets) {
  reply_reader reader;
  reader.inbox() = std::move(octets);
  return reader.next(charset::ascii).value_or(observation());
}

std::string fault_of(const std::string& expected, const observation& seen) {
  return fault(expecting(expected), seen, charset::ascii).value_or("none");
}

TEST(expectation, alternatives) {
  const observation ok = reply("250 ok\r\n");
  EXPECT_EQ(fault_of("250", ok), "none");
  EXPECT_EQ(fault_of("5yz | 25z", ok), "none");
  EXPECT_EQ(fault_of("any", ok), "none");
  EXPECT_EQ(fault_of("5yz | closed | silence", ok), "250");
  const observation closed{kind::closed, 0, {}, {}};
  EXPECT_EQ(fault_of("closed", closed), "none");
  EXPECT_EQ(fault_of("any | silence", closed), "closed");
  const observation silence{kind::silence, 0, {}, {}};
  EXPECT_EQ(fault_of("250 | silence", silence), "none");
  EXPECT_EQ(fault_of("any | closed", silence), "silence");
  const observation malformed = reply("250 ok\n");
  EXPECT_EQ(fault_of("any | closed | silence | 250", malformed), "malformed reply (a line ends with a bare LF)");
}

TEST(expectation, conditions) {
  const observation status = reply("250-2.1.0 a\r\n250 2.1.5 B\r\n");
  EXPECT_EQ(fault_of("250, status, lines 2, contains \"1.5 b\", lacks \"c\"", status), "none");
  EXPECT_EQ(fault_of("250, lines 1", status), "250, but it has 2 lines");
  EXPECT_EQ(fault_of("250, contains \"x\"", status), "250, but it does not contain \"x\"");
  EXPECT_EQ(fault_of("250, lacks \"A\"", status), "250, but it contains \"A\"");
  EXPECT_EQ(fault_of("250, status", reply("250-2.1.0 a\r\n250 b\r\n")),
            "250, but a line starts with no enhanced status code");
  EXPECT_EQ(fault_of("5yz, status", reply("550 4.1.0 a\r\n")),
            "550, but the class of an enhanced status code is not that of the reply");
  EXPECT_EQ(fault_of("220, parses as Greeting", reply("220 host.example x\r\n")), "none");
  EXPECT_EQ(fault_of("220, parses as Greeting", reply("220 !\r\n")),
            "220, but it is no Greeting (octet 4: syntax error)");
  EXPECT_EQ(fault_of("5yz, parses as Reply-line", reply("500-what\r\n500 is that?\r\n")), "none");
  EXPECT_EQ(fault_of("5yz, parses as Reply-line", reply("500 caf\xc3\xa9?\r\n")),
            "500, but it is no Reply-line (octet 7: syntax error)");
  EXPECT_EQ(fault_of("any, parses as Reply-line", reply("571 no\r\n")),
            "571, but it is no Reply-line (octet 1: syntax error)");
  EXPECT_EQ(fault_of("250, parses as ehlo-ok-rsp", reply("250-host\r\n250 SIZE 1\r\n")), "none");
  EXPECT_EQ(fault_of("250, parses as ehlo-ok-rsp", reply("250-host\r\n250 S_IZE\r\n")).substr(0, 28),
            "250, but it is no ehlo-ok-rs");
}

TEST(expectation, offers) {
  const observation response = reply("250-host PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE\r\n250 XFOO bar\r\n");
  EXPECT_EQ(fault_of("250, offers \"AUTH LOGIN\", offers \"size\", offers \"XFOO BAR\", does not offer \"PIPELINING\"",
                     response),
            "none");
  EXPECT_EQ(fault_of("250, offers \"PIPELINING\"", response), "250, but it does not offer PIPELINING");
  EXPECT_EQ(fault_of("250, offers \"AUTH CRAM-MD5\"", response), "250, but it does not offer AUTH CRAM-MD5");
  EXPECT_EQ(fault_of("250, does not offer \"AUTH PLAIN\"", response), "250, but it offers AUTH PLAIN");
  EXPECT_EQ(fault_of("250, does not offer \"AUTH CRAM-MD5\"", response), "none");
}

// Security first: what is offered is offered, however it is written.
TEST(expectation, offers_in_any_white_space) {
  const observation response = reply(
      "250-host \xff\r\n250-STARTTLS \r\n250-\tSIZE  5\t\r\n250- AUTH\tPLAIN  LOGIN \xff \r\n250-AUTH=PLAIN\r\n250 DSN "
      "\r\r\n");
  EXPECT_EQ(fault_of("250, offers \"STARTTLS\", offers \"SIZE 5\", offers \"AUTH PLAIN\", offers \"AUTH LOGIN\", "
                     "offers \"DSN\"",
                     response),
            "none");
  EXPECT_EQ(fault_of("250, does not offer \"STARTTLS\"", response), "250, but it offers STARTTLS");
  EXPECT_EQ(fault_of("250, does not offer \"AUTH GSSAPI\", does not offer \"HELP\"", response), "none");
}

// An offer with parameters that its RFC does not have is none.
TEST(expectation, parameters_of_offers) {
  const auto fault_of_line = [](const std::string& line) {
    return fault_of("250, offers \"" + line.substr(0, line.find(' ')) + "\"",
                    reply("250-host\r\n250 " + line + "\r\n"));
  };
  for (const std::string line :
       {"SIZE 10", "SIZE", "AUTH PLAIN", "DELIVERBY", "DELIVERBY 60", "FUTURERELEASE 1 2030-01-01T00:00:00Z",
        "MT-PRIORITY", "MT-PRIORITY MIXER", "NO-SOLICITING", "NO-SOLICITING org.example:ADV", "LIMITS MAILMAX=1 XFOO=a",
        "PIPELINING", "SMTPUTF8", "BURL", "BURL imap", "XFOO a b"})
    EXPECT_EQ(fault_of_line(line), "none") << line;
  for (const std::string line : {"SIZE x",
                                 "AUTH",
                                 "DELIVERBY x",
                                 "FUTURERELEASE",
                                 "FUTURERELEASE 1",
                                 "FUTURERELEASE 1 tomorrow",
                                 "LIMITS",
                                 "LIMITS MAILMAX",
                                 "LIMITS MAILMAX=",
                                 "LIMITS =1",
                                 "LIMITS RCPTMAX=many",
                                 "LIMITS RCPTDOMAINMAX=x",
                                 "PIPELINING 1",
                                 "8BITMIME x",
                                 "ENHANCEDSTATUSCODES x",
                                 "SMTPUTF8 x",
                                 "CHUNKING x",
                                 "BINARYMIME x",
                                 "DSN x",
                                 "STARTTLS x",
                                 "REQUIRETLS x",
                                 "RRVS x",
                                 "MTRK x",
                                 "ETRN x"})
    EXPECT_TRUE(fault_of_line(line).find("has wrong parameters") != std::string::npos)
        << line << ": " << fault_of_line(line);
}

TEST(expectation, challenges) {
  EXPECT_EQ(fault_of("334, parses as continue-req", reply("334 \r\n")), "none");
  EXPECT_EQ(fault_of("334, parses as continue-req", reply("334 VXNlcg==\r\n")), "none");
  for (const std::string wrong : {"334\r\n", "334 Username:\r\n", "334-VXNl\r\n334 cg==\r\n"})
    EXPECT_EQ(fault_of("334, parses as continue-req", reply(wrong)),
              "334, but it is no continue-req (334, a space and base64)");
}

TEST(expectation, handshakes) {
  const auto cases = test::cases_of("== a/1/x MUST server\n x\ntls:\n");
  const auto& wanted = std::get<expectation>(cases.at(0).steps.at(0).what);
  EXPECT_EQ(fault(wanted, {kind::tls, 0, {}, {}}, charset::ascii), std::nullopt);
  EXPECT_EQ(fault(wanted, {kind::no_tls, 0, {}, "why"}, charset::ascii), "no TLS (why)");
  EXPECT_EQ(fault(wanted, reply("250 ok\r\n"), charset::ascii), "250");
}

TEST(expectation, conditions_are_about_replies) {
  EXPECT_EQ(fault_of("250 | closed, contains \"x\"", {kind::closed, 0, {}, {}}), "none");
}

TEST(reply_reader, in_every_cut) {
  const std::string two = "250-a\r\n250 b\r\n354 go on\r\n";
  for (std::size_t cut = 0; cut <= two.size(); ++cut) {
    reply_reader reader;
    std::vector<std::string> seen;
    for (const std::string& part : {two.substr(0, cut), two.substr(cut)}) {
      reader.inbox() += part;
      while (const auto next = reader.next(charset::ascii)) {
        EXPECT_EQ(next->what, kind::reply);
        seen.push_back(next->octets);
      }
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"250-a\r\n250 b\r\n", "354 go on\r\n"})) << cut;
    EXPECT_TRUE(reader.empty());
  }
}

TEST(reply_reader, malformed_replies) {
  const auto why = [](std::string octets) {
    const observation seen = reply(std::move(octets));
    if (seen.what != kind::malformed) return std::string("none");
    EXPECT_TRUE(seen.why.starts_with("malformed reply (") && seen.why.ends_with(')')) << seen.why;
    return seen.why.substr(17, seen.why.size() - 18);
  };
  EXPECT_EQ(why("250 ok\r\n"), "none");
  EXPECT_EQ(why("250 ok\n"), "a line ends with a bare LF");
  EXPECT_EQ(why("250-ok\n250 ok\r\n"), "a line ends with a bare LF");
  EXPECT_EQ(why("220-a\r\n521 b\r\n"), "lines with different codes, 220 and 521");
  EXPECT_EQ(why("220-\xff\r\n220-a\r\n421 \a\r\n"), "lines with different codes, 220 and 421");
  EXPECT_EQ(why("250 \xc3\xa9\n"), "a line ends with a bare LF");
  EXPECT_EQ(why("199 a\r\n").substr(0, 6), "octet ");
  EXPECT_EQ(why("600 a\r\n").substr(0, 6), "octet ");
  EXPECT_EQ(why("25 a\r\n").substr(0, 6), "octet ");
  EXPECT_EQ(why("2500 a\r\n").substr(0, 6), "octet ");
  EXPECT_EQ(why("\r\n").substr(0, 6), "octet ");
}

// RFC 5321 4.2: it is a reply, of that code; what its text is, is said beside it.
TEST(reply_reader, text_outside_of_the_grammar) {
  const struct {
    std::string octets, deviation;
  } rows[] = {
      {"250 ok\r\n", ""},
      {"250\r\n", ""},
      {"250 \xc3\xa9\r\n", "octet 4: expected a reply's text (RFC 5321 §4.2 textstring)"},
      {"250 caf\xe9\r\n", "octet 7: expected a reply's text (RFC 5321 §4.2 textstring)"},
      {"250-a\r\n250 \x1b[2J\r\n", "octet 11: expected a reply's text (RFC 5321 §4.2 textstring)"},
      {std::string("250 \0\r\n", 7), "octet 4: expected a reply's text (RFC 5321 §4.2 textstring)"},
      {"250 \x7f\r\n", "octet 4: expected a reply's text (RFC 5321 §4.2 textstring)"},
      {"250 o\rk\r\n", "octet 5: CR without LF"},
      {"250 ok\r\r\n", "octet 6: CR without LF"},
      {"260 a\r\n", "octet 1: expected a reply code (RFC 5321 §4.2 Reply-code)"},
      {"250 " + std::string(507, 'x') + "\r\n", "octet 512: line too long"},
      {"250-host hi \x03\r\n250 SIZE\r\n", ""}, // an ehlo-greet may (RFC 5321 4.1.1.1)
      {"250-host hi \x03\r\n250 SIZE \r\n", "octet 12: expected a reply's text (RFC 5321 §4.2 textstring)"},
  };
  for (const auto& row : rows) {
    const observation seen = reply(row.octets);
    EXPECT_EQ(seen.what, kind::reply) << row.octets;
    EXPECT_EQ(std::to_string(seen.code), row.octets.substr(0, 3));
    EXPECT_EQ(seen.octets, row.octets);
    EXPECT_EQ(seen.deviation, row.deviation) << row.octets;
    EXPECT_EQ(fault_of("any", seen), "none") << row.octets;
    // The language of cases has no pattern for codes that are not defined.
    if (seen.code != 260) {
      EXPECT_EQ(fault_of(row.octets.substr(0, 3), seen), "none") << row.octets;
    }
  }
}

TEST(reply_reader, what_follows_a_malformed_reply_is_read) {
  reply_reader reader;
  reader.inbox() = "what\n250 ok\r\n";
  EXPECT_EQ(reader.next(charset::ascii)->what, kind::malformed);
  EXPECT_EQ(reader.next(charset::ascii)->code, 250);
}

TEST(reply_reader, utf8_is_no_deviation_where_asked_for) {
  reply_reader reader;
  reader.inbox() = "250 \xc3\xa9\r\n250 \xc3\r\n";
  EXPECT_EQ(reader.next(charset::utf8)->deviation, "");
  EXPECT_EQ(reader.next(charset::utf8)->deviation, "octet 5: expected the rest of a character in UTF-8 (RFC 3629 §4)");
}

TEST(reply_reader, is_bounded) {
  reply_reader line;
  line.inbox() = std::string(reply_reader::longest_reply, '2');
  EXPECT_EQ(line.next(charset::ascii), std::nullopt);
  line.inbox() += '2';
  const auto flood = line.next(charset::ascii);
  ASSERT_TRUE(flood);
  EXPECT_EQ(flood->what, kind::malformed);
  EXPECT_EQ(flood->why, "malformed reply (more than 65536 octets)");
  EXPECT_TRUE(line.empty());

  reply_reader lines;
  std::optional<observation> end;
  std::size_t sent = 0;
  for (; !end && sent < 1'000'000; sent += 9) {
    lines.inbox() += "250-abc\r\n";
    end = lines.next(charset::ascii);
  }
  ASSERT_TRUE(end);
  EXPECT_EQ(end->why, "malformed reply (more than 65536 octets)");
  EXPECT_LT(sent, reply_reader::longest_reply + 16);
}

TEST(reply_reader, incomplete) {
  reply_reader reader;
  reader.inbox() = "250-a\r\n250";
  EXPECT_EQ(reader.next(charset::ascii), std::nullopt);
  const observation seen = reader.incomplete("late");
  EXPECT_EQ(seen.what, kind::malformed);
  EXPECT_EQ(seen.octets, "250-a\r\n250");
  EXPECT_EQ(seen.text(), "malformed reply (late)");
  EXPECT_TRUE(reader.empty());
}

} // namespace
