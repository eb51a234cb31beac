#include "postel/extension_parameters.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "round_trip.hpp"

namespace postel::test {
namespace {

// What an accessor says, without its value's type.
struct outcome {
  bool present = false;
  std::optional<failure> wrong;
  friend bool operator==(const outcome&, const outcome&) = default;
};

template <typename T>
outcome outcome_of(const optional_parameter<T>& read) {
  if (!read) return {false, read.error()};
  return {read->has_value(), std::nullopt};
}
outcome outcome_of(const result<bool>& read) {
  if (!read) return {false, read.error()};
  return {*read, std::nullopt};
}

void PrintTo(const outcome& o, std::ostream* out) {
  *out << (o.present ? "present" : "absent");
  if (o.wrong) *out << ", " << message(o.wrong->code) << " at " << o.wrong->offset;
}

struct known_parameter {
  std::string keyword;
  std::string right; // a value; empty: the parameter has none
  std::string wrong; // a value that its RFC does not allow
  std::uint32_t wrong_at;
  extension needs;
  std::function<outcome(const parameters&)> read;
};

template <typename Parameters, auto Accessor>
outcome read(const parameters& all) {
  return outcome_of((Parameters(all).*Accessor)());
}
template <auto Accessor>
constexpr auto of_mail = read<mail_parameters, Accessor>;
template <auto Accessor>
constexpr auto of_rcpt = read<rcpt_parameters, Accessor>;

const std::vector<known_parameter>& mail_table() {
  using p = mail_parameters;
  static const std::vector<known_parameter> table = {
      {"SIZE", "1000", "10k", 2, extension::size, of_mail<&p::size>},
      {"BODY", "8BITMIME", "9BIT", 0, extension::eight_bit_mime, of_mail<&p::body>},
      {"SMTPUTF8", "", "yes", 0, extension::smtputf8, of_mail<&p::smtputf8>},
      {"RET", "HDRS", "BODY", 0, extension::dsn, of_mail<&p::ret>},
      {"ENVID", "QQ314159", "a+2b", 3, extension::dsn, of_mail<&p::envid>},
      {"AUTH", "e+3Dmc2@example.com", "nobody", 0, extension::auth, of_mail<&p::auth>},
      {"BY", "120;R", "120;X", 4, extension::deliverby, of_mail<&p::by>},
      {"HOLDFOR", "86400", "0", 0, extension::futurerelease, of_mail<&p::hold_for>},
      {"HOLDUNTIL", "2027-01-31T00:00:00Z", "2027-02-30T00:00:00Z", 8, extension::futurerelease,
       of_mail<&p::hold_until>},
      {"MT-PRIORITY", "-9", "10", 1, extension::mt_priority, of_mail<&p::mt_priority>},
      {"REQUIRETLS", "", "1", 0, extension::requiretls, of_mail<&p::require_tls>},
      {"SOLICIT", "net.example:ADV", "1st", 0, extension::no_soliciting, of_mail<&p::solicit>},
      {"MTRK", "dGVzdA:604800", "dGVzdA:", 7, extension::mtrk, of_mail<&p::mtrk>},
      {"CONPERM", "", "x", 0, extension::conperm, of_mail<&p::conperm>},
      {"TRANSID", "<12345@claremont.edu>", "<>", 1, extension::checkpoint, of_mail<&p::transid>},
      {"SUBMITTER", "alice@example.com", "<>", 0, extension::submitter, of_mail<&p::submitter>},
      {"PRDR", "", "1", 0, extension::prdr, of_mail<&p::prdr>},
  };
  return table;
}

const std::vector<known_parameter>& rcpt_table() {
  using p = rcpt_parameters;
  static const std::vector<known_parameter> table = {
      {"NOTIFY", "SUCCESS,DELAY", "NEVER,DELAY", 5, extension::dsn, of_rcpt<&p::notify>},
      {"ORCPT", "rfc822;a+2Bb@c", "rfc822", 6, extension::dsn, of_rcpt<&p::orcpt>},
      {"RRVS", "2014-04-03T23:01:00Z;C", "2014-04-03T23:01:00Z;X", 21, extension::rrvs, of_rcpt<&p::rrvs>},
      {"CONNEG", "", "x", 0, extension::conneg, of_rcpt<&p::conneg>},
      {"XRCPTFORWARD", "bmFtZT1h", "bmF*", 3, extension::xrcptforward, of_rcpt<&p::xrcptforward>},
  };
  return table;
}

std::string written(const known_parameter& p) {
  return p.right.empty() ? p.keyword : p.keyword + "=" + p.right;
}

// With what must stand beside it.
std::string whole(const known_parameter& p) {
  return written(p) + (p.keyword == "MTRK" ? " ENVID=x" : "");
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return text;
}

outcome broken(errc code, std::size_t offset) {
  return {false, failure{code, static_cast<std::uint32_t>(offset)}};
}

void verify_accessors(const std::vector<known_parameter>& table) {
  for (const known_parameter& p : table) {
    SCOPED_TRACE(p.keyword);
    const auto expect = [&](const std::string& text, const outcome& expected) {
      const exact block(text);
      EXPECT_EQ(p.read(parameters(block.view())), expected) << text;
    };
    const outcome absent, present = {true, std::nullopt};
    const std::size_t value = p.keyword.size() + 1;
    expect("", absent);
    expect("X-" + p.keyword, absent);
    expect(p.keyword + "X=1", absent);
    expect("X=" + p.keyword, absent);
    expect(written(p), present);
    expect(lower(p.keyword) + written(p).substr(p.keyword.size()), present);
    expect("X-FIRST=1 " + written(p), present);
    expect("A B " + written(p) + " Z=1", present);
    // Wrong at its place in the value, which is at its place in the text.
    expect(p.keyword + "=" + p.wrong, broken(errc::parameter_value, value + p.wrong_at));
    expect("X=12 " + p.keyword + "=" + p.wrong + " Y", broken(errc::parameter_value, 5 + value + p.wrong_at));
    if (!p.right.empty()) { // no value: the fault is the parameter
      expect(p.keyword, broken(errc::parameter_value, 0));
      expect("X=12 " + p.keyword + " Y", broken(errc::parameter_value, 5));
    }
    // Twice: the second is one too many, whatever it says.
    const std::size_t second = written(p).size() + 1;
    expect(written(p) + " " + written(p), broken(errc::parameter_repeated, second));
    expect(written(p) + " " + lower(p.keyword), broken(errc::parameter_repeated, second));
    expect(written(p) + " X " + p.keyword + "=" + p.wrong, broken(errc::parameter_repeated, second + 2));
  }
}

TEST(mail_parameters, every_accessor) {
  verify_accessors(mail_table());
}
TEST(rcpt_parameters, every_accessor) {
  verify_accessors(rcpt_table());
}

TEST(mail_parameters, values) {
  const exact block(
      "size=18446744073709551616 BODY=BINARYMIME SMTPUTF8 RET=FULL ENVID=a+2Bb AUTH=<> BY=-5;NT HOLDFOR=60 "
      "HOLDUNTIL=2027-01-31T00:00:00+01:00 MT-PRIORITY=-9 REQUIRETLS SOLICIT=a,b MTRK=YQ:9 CONPERM TRANSID=<a@b> "
      "SUBMITTER=c@d");
  const mail_parameters params(parameters(block.view()));
  EXPECT_EQ(params.size(), std::optional(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(params.body(), std::optional(body_value::binary_mime));
  EXPECT_EQ(params.smtputf8(), true);
  EXPECT_EQ(params.ret(), std::optional(ret_value::full));
  EXPECT_EQ(params.envid(), std::optional<std::string_view>("a+2Bb"));
  EXPECT_EQ(params.auth(), std::optional<std::string_view>("<>"));
  EXPECT_EQ(params.by(), std::optional(by_value{-5, by_mode::notify, true}));
  EXPECT_EQ(params.hold_for(), std::optional(60U));
  EXPECT_EQ(params.hold_until(), std::optional(date_time{2027, 1, 31, 0, 0, 0, "", 60}));
  EXPECT_EQ(params.mt_priority(), std::optional<std::int8_t>(-9));
  EXPECT_EQ(params.require_tls(), true);
  EXPECT_EQ(params.solicit(), std::optional<std::string_view>("a,b"));
  EXPECT_EQ(params.mtrk(), std::optional(mtrk_value{"YQ", 9U}));
  EXPECT_EQ(params.conperm(), true);
  EXPECT_EQ(params.transid(), std::optional<std::string_view>("<a@b>"));
  EXPECT_EQ(params.submitter(), std::optional<std::string_view>("c@d"));
  for (const auto& view : {**params.envid(), **params.auth(), **params.solicit(), (*params.mtrk())->certifier,
                           **params.transid(), **params.submitter()})
    EXPECT_TRUE(inside(view, block.view()));
}

TEST(rcpt_parameters, values) {
  const exact block("NOTIFY=FAILURE ORCPT=utf-8;t\xC3\xA9st@b RRVS=2014-04-03T23:01:00Z;C CONNEG");
  const rcpt_parameters params(parameters(block.view()));
  EXPECT_EQ(params.notify(), std::optional(notify_value{false, true, false}));
  EXPECT_EQ(params.orcpt(), std::optional(orcpt_value{"utf-8", "t\xC3\xA9st@b"}));
  EXPECT_EQ(params.rrvs(), std::optional(rrvs_value{{2014, 4, 3, 23, 1, 0, "", 0}, rrvs_action::continue_delivery}));
  EXPECT_EQ(params.conneg(), true);
  EXPECT_TRUE(inside((*params.orcpt())->address, block.view()));
}

extensions everything() {
  extensions all;
  for (std::size_t i = 0; i < extension_count; ++i) all.insert(static_cast<extension>(i));
  return all;
}

template <typename Parameters>
void verify_check(const std::vector<known_parameter>& table) {
  const auto check = [](const std::string& text, extensions offered) {
    const exact block(text);
    return Parameters(parameters(block.view())).check(offered);
  };
  using fault = std::optional<failure>;
  const auto at = [](errc code, std::size_t offset) { return fault({code, static_cast<std::uint32_t>(offset)}); };
  EXPECT_EQ(check("", {}), std::nullopt);
  EXPECT_EQ(check("X-UNKNOWN=1", everything()), at(errc::parameter_unknown, 0));
  for (const known_parameter& p : table) {
    SCOPED_TRACE(p.keyword);
    const std::string before = p.keyword == table.front().keyword ? written(table.back()) : written(table.front());
    const std::size_t offset = before.size() + 1;
    extensions without = everything();
    without.erase(p.needs);
    if (p.keyword == "BODY") without.erase(extension::binarymime); // whose parameter it is too
    if (p.keyword == "ENVID") without.erase(extension::mtrk);
    EXPECT_EQ(check(whole(p), {p.needs}), std::nullopt);
    EXPECT_EQ(check(before + " " + lower(whole(p).substr(0, p.keyword.size())) + whole(p).substr(p.keyword.size()),
                    everything()),
              std::nullopt);
    EXPECT_EQ(check(written(p), without), at(errc::parameter_unknown, 0));
    EXPECT_EQ(check(written(p), {}), at(errc::parameter_unknown, 0));
    EXPECT_EQ(check(before + " " + p.keyword + "=" + p.wrong, everything()),
              at(errc::parameter_value, offset + p.keyword.size() + 1 + p.wrong_at));
    EXPECT_EQ(check(before + " " + written(p) + " " + written(p), everything()),
              at(errc::parameter_repeated, offset + written(p).size() + 1));
    if (!p.right.empty()) {
      EXPECT_EQ(check(before + " " + p.keyword, everything()), at(errc::parameter_value, offset));
    }
    // The first fault counts.
    EXPECT_EQ(check("X " + p.keyword + "=" + p.wrong, everything()), at(errc::parameter_unknown, 0));
    EXPECT_EQ(check(p.keyword + "=" + p.wrong + " X", everything()),
              at(errc::parameter_value, p.keyword.size() + 1 + p.wrong_at));
  }
}

TEST(mail_parameters, check) {
  verify_check<mail_parameters>(mail_table());
}
TEST(rcpt_parameters, check) {
  verify_check<rcpt_parameters>(rcpt_table());
}

// The parameters of one command are none of the other's.
TEST(parameters_of_the_other_command, are_unknown) {
  for (const known_parameter& p : mail_table()) {
    const std::string text = written(p);
    EXPECT_EQ(rcpt_parameters(parameters(text)).check(everything()), (failure{errc::parameter_unknown, 0})) << text;
  }
  for (const known_parameter& p : rcpt_table()) {
    const std::string text = written(p);
    EXPECT_EQ(mail_parameters(parameters(text)).check(everything()), (failure{errc::parameter_unknown, 0})) << text;
  }
}

TEST(mail_parameters, check_looks_at_what_belongs_together) {
  const auto check = [](std::string_view text, extensions offered) {
    return mail_parameters(parameters(text)).check(offered);
  };
  // RFC 3030 3: the value of one extension's parameter that another extension adds.
  EXPECT_EQ(check("BODY=BINARYMIME", {extension::eight_bit_mime}), (failure{errc::parameter_value, 5}));
  EXPECT_EQ(check("BODY=BINARYMIME", {extension::eight_bit_mime, extension::binarymime}), std::nullopt);
  EXPECT_EQ(check("BODY=BINARYMIME", {extension::binarymime}), std::nullopt);
  EXPECT_EQ(check("BODY=7BIT", {extension::binarymime}), std::nullopt);
  EXPECT_EQ(check("BODY=BINARYMIME", {extension::chunking}), (failure{errc::parameter_unknown, 0}));
  EXPECT_EQ(check("SIZE=1 body=binarymime", {extension::size, extension::eight_bit_mime}),
            (failure{errc::parameter_value, 12}));
  EXPECT_EQ(check("BODY=7BIT", {extension::eight_bit_mime}), std::nullopt);
  // RFC 4865 3: one of the two.
  const extensions future = {extension::futurerelease};
  EXPECT_EQ(check("HOLDFOR=60", future), std::nullopt);
  EXPECT_EQ(check("HOLDUNTIL=2027-01-31T00:00:00Z", future), std::nullopt);
  EXPECT_EQ(check("HOLDFOR=60 HOLDUNTIL=2027-01-31T00:00:00Z", future), (failure{errc::parameter_repeated, 11}));
  EXPECT_EQ(check("holduntil=2027-01-31T00:00:00Z holdfor=60", future)->code, errc::parameter_repeated);
  // RFC 3885 3.2: who asks for tracking says what is tracked. ENVID is a parameter of this extension too.
  EXPECT_EQ(check("MTRK=dGVzdA", {extension::mtrk}), (failure{errc::parameter_value, 0}));
  EXPECT_EQ(check("SIZE=1 mtrk=dGVzdA:5", everything()), (failure{errc::parameter_value, 7}));
  EXPECT_EQ(check("MTRK=dGVzdA ENVID=x", {extension::mtrk}), std::nullopt);
  EXPECT_EQ(check("envid=x MTRK=dGVzdA", {extension::mtrk, extension::dsn}), std::nullopt);
  EXPECT_EQ(check("ENVID=x", {extension::mtrk}), std::nullopt);
  EXPECT_EQ(check("ENVID=x", {extension::size}), (failure{errc::parameter_unknown, 0}));
  // Postfix's XVERP has a value or none.
  EXPECT_EQ(check("XVERP", {extension::xverp}), std::nullopt);
  EXPECT_EQ(check("XVERP=-+", {extension::xverp}), std::nullopt);
  EXPECT_EQ(check("XVERP XVERP", {extension::xverp}), (failure{errc::parameter_repeated, 6}));
  EXPECT_EQ(check("XVERP", {}), (failure{errc::parameter_unknown, 0}));
}

} // namespace
} // namespace postel::test
