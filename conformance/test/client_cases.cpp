// The cases for clients: played with the library's own client, and each proven able to fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "auth_challenges.hpp"
#include "case_files.hpp"
#include "client_player.hpp"
#include "delivery_client.hpp"

namespace {

using namespace postel::conformance;

std::vector<client_case> project_cases() {
  auto loaded = load_client_cases(default_case_folder());
  if (const auto* wrong = std::get_if<std::string>(&loaded)) {
    ADD_FAILURE() << *wrong;
    return {};
  }
  return std::get<std::vector<client_case>>(std::move(loaded));
}

std::string with_transcript(const outcome& played) {
  std::string text = played.reason;
  for (const std::string& each : played.transcript) text += "\n  " + each;
  return text;
}

TEST(client_case, the_delivery_passes_all_of_them) {
  const auto cases = project_cases();
  ASSERT_GE(cases.size(), 80U);
  for (const cut how : {cut{cut::kind::whole}, cut{cut::kind::octets}}) {
    for (const client_case& each : cases) {
      SCOPED_TRACE(each.about.id);
      delivery_client client(how);
      const client_outcome got = play(each, client, {});
      EXPECT_EQ(name(got.played.result), "pass") << with_transcript(got.played);
    }
  }
}

// ---- the proof: each judged expectation, in every branch, is broken alone, and the verdict turns

struct unit {
  transport::received what;
  std::string octets = {};

  static unit said(std::string octets) { return {transport::received::octets, std::move(octets)}; }
  static unit nothing() { return {transport::received::nothing}; }
  static unit closed() { return {transport::received::closed}; }
};

// A client that does what a list says, whatever it is told: one entry for each time the player looks; then it closes.
struct script {
  std::vector<unit> units;
  client_conclusion::kind end = client_conclusion::kind::running;
  bool again = false;
};

class scripted_client : public tested_client {
 public:
  explicit scripted_client(script what) : script_(std::move(what)) {}

  [[nodiscard]] std::optional<std::string> missing(const client_case&) const override { return std::nullopt; }
  std::variant<std::unique_ptr<client_wire>, target::refusal> start(const client_case&, milliseconds) override {
    return std::make_unique<wire>(script_.units);
  }
  client_conclusion finish(milliseconds) override {
    return {script_.end, "end " + std::to_string(static_cast<int>(script_.end)), {}};
  }
  [[nodiscard]] bool came_again() const override { return script_.again; }

 private:
  class wire : public client_wire {
   public:
    explicit wire(const std::vector<unit>& units) : units_(units) {}
    sent send(std::string_view, milliseconds) override { return sent::all; }
    received receive(std::string& inbox, milliseconds) override {
      if (at_ == units_.size()) return received::closed;
      inbox += units_[at_].octets;
      return units_[at_++].what;
    }
    std::optional<std::string> accept_tls(std::string_view begun, milliseconds) override {
      if (begun == "\x16") return std::nullopt;
      return "no handshake was begun";
    }

   private:
    const std::vector<unit>& units_;
    std::size_t at_ = 0;
  };

  script script_;
};

using akind = client_alternative::kind;
using ckind = client_condition::kind;

bool has(const client_expectation& expected, ckind what) {
  return std::ranges::any_of(expected.conditions, [=](const auto& each) { return each.what == what; });
}
bool allows(const client_expectation& expected, akind what) {
  return std::ranges::any_of(expected.alternatives, [=](const auto& each) { return each.what == what; });
}

void collect(const std::vector<client_step>& steps, std::vector<const client_expectation*>& expectations,
             std::vector<const client_result_expected*>& results, std::size_t& branches) {
  for (const client_step& each : steps) {
    if (const auto* expected = std::get_if<client_expectation>(&each.what)) expectations.push_back(expected);
    if (const auto* expected = std::get_if<client_result_expected>(&each.what)) results.push_back(expected);
    if (const auto* either = std::get_if<client_branch>(&each.what)) {
      ++branches;
      collect(either->then, expectations, results, branches);
      collect(either->otherwise, expectations, results, branches);
    }
  }
}

// What an honest client does, and how it goes wrong.
class impostor {
 public:
  explicit impostor(const client_case& the_case) {
    std::size_t branches = 0;
    collect(the_case.steps, expectations, results, branches);
    branches_ = branches > 0;
    for (const client_expectation* each : expectations)
      if (allows(*each, akind::chunk)) chunk_ = text_for(*each);
  }

  std::vector<const client_expectation*> expectations;
  std::vector<const client_result_expected*> results;

  // The alternatives to go through.
  template <typename Alternatives>
  std::vector<typename Alternatives::value_type> choices(const Alternatives& all) const {
    return {all.begin(), branches_ ? all.end() : all.begin() + 1};
  }

  std::string octets(const client_expectation& expected, const client_alternative& how) const {
    switch (how.what) {
      case akind::verb:
      case akind::any: return line_for(expected, how.what == akind::any ? "NOOP" : how.verb) + "\r\n";
      case akind::text: return text_for(expected) + ".\r\n";
      case akind::chunk: return chunk_;
      case akind::handshake: return "\x16";
      case akind::closed:
      case akind::silence: break;
    }
    return {};
  }

  std::vector<unit> honest(const client_expectation& expected, const client_alternative& how) const {
    if (how.what == akind::closed) return {unit::closed()};
    if (how.what == akind::silence) return {unit::nothing()};
    std::vector<unit> units{unit::said(octets(expected, how))};
    if (has(expected, ckind::alone)) units.push_back(unit::nothing());
    return units;
  }

  struct way {
    std::string what;
    std::vector<unit> units;
    bool binary = false; // and the last MAIL said BODY=BINARYMIME
  };
  std::vector<way> wrong(const client_expectation& expected, const client_alternative& how) const {
    std::vector<way> ways;
    const bool lines = !allows(expected, akind::text) && !allows(expected, akind::chunk);
    if (lines && !allows(expected, akind::any))
      ways.push_back({"another verb", {unit::said("XYZZY\r\n"), unit::nothing()}});
    if (lines && !allows(expected, akind::any))
      ways.push_back({"text", {unit::said("Subject: hello\r\n"), unit::nothing()}});
    if (lines) ways.push_back({"a bare LF", {unit::said("NOOP\n"), unit::nothing()}});
    if (!allows(expected, akind::silence)) ways.push_back({"silence", {unit::nothing()}});
    if (!allows(expected, akind::closed)) ways.push_back({"closing", {unit::closed()}});
    if (how.what == akind::closed || how.what == akind::silence || how.what == akind::handshake) return ways;
    for (const client_condition& each : expected.conditions) {
      std::vector<unit> units{unit::said(broken(expected, how, each)), unit::nothing()};
      if (each.what == ckind::alone) units = {unit::said(octets(expected, how)), unit::said("N")};
      const bool binary = each.what == ckind::declared;
      if (binary && how.verb != "DATA") continue; // what it says of no other command
      ways.push_back({"condition " + std::to_string(static_cast<int>(each.what)), std::move(units), binary});
    }
    return ways;
  }

 private:
  static std::string line_for(const client_expectation& expected, const std::string& verb, std::size_t chunk) {
    static const std::map<std::string, std::string> canonical{
        {"EHLO", "EHLO client.example"},       {"HELO", "HELO client.example"},
        {"LHLO", "LHLO client.example"},       {"MAIL", "MAIL FROM:<ann@client.example>"},
        {"RCPT", "RCPT TO:<bob@example.org>"}, {"AUTH", "AUTH CRAM-MD5"}};
    for (const client_condition& each : expected.conditions)
      if (each.what == ckind::equals) return each.text;
    const auto found = canonical.find(verb);
    std::string line = found == canonical.end() ? verb : found->second;
    if (verb == "BDAT") line += " " + std::to_string(chunk) + " LAST";
    for (const client_condition& each : expected.conditions)
      if (each.what == ckind::containing && line.find(each.text) == std::string::npos) line += " " + each.text;
    return line;
  }
  std::string line_for(const client_expectation& expected, const std::string& verb) const {
    return line_for(expected, verb, chunk_.size());
  }
  static std::string text_for(const client_expectation& expected) {
    for (const client_condition& each : expected.conditions) {
      if (each.what == ckind::body) return "Subject: x\r\n\r\n" + each.text;
      if (each.what == ckind::equals) return each.text;
    }
    return "Subject: x\r\n\r\ntext\r\n";
  }
  std::string broken(const client_expectation& expected, const client_alternative& how,
                     const client_condition& what) const {
    const bool text = how.what == akind::text;
    const std::string honest_line = line_for(expected, how.verb);
    switch (what.what) {
      case ckind::containing: return how.verb + " x\r\n";
      case ckind::without: return text ? "a" + what.text + "b\r\n.\r\n" : honest_line + " " + what.text + "\r\n";
      case ckind::equals: return text ? "x" + octets(expected, how) : honest_line + "x\r\n";
      case ckind::command: return honest_line + " \x01\r\n";
      case ckind::body: {
        std::string other = octets(expected, how);
        other[other.find("\r\n\r\n") + 4] = '?';
        return other;
      }
      case ckind::ascii: return text ? "caf\xC3\xA9\r\n.\r\n" : honest_line + "\xC3\xA9\r\n";
      case ckind::crlf_only: return "a\nb\r\n.\r\n";
      case ckind::within_size: return std::string(2 * declared, 'x') + "\r\n.\r\n";
      case ckind::at_most: return honest_line + std::string(what.number, 'x') + "\r\n";
      case ckind::declared: return honest_line + "\r\n";
      case ckind::alone: break;
    }
    return {};
  }

 public:
  static constexpr std::size_t declared = 100; // by the MAIL that comes before the end of until:

 private:
  bool branches_ = false;
  std::string chunk_;
};

// Goes through a case as honest clients would, by every way there is, and breaks what each comes to.
class prover {
 public:
  explicit prover(const client_case& the_case) : case_(the_case), impostor_(the_case) {}

  void prove() {
    walk({{&case_.steps, 0}}, {}, {}, false);
    EXPECT_GT(paths_, 0U);
    const auto reached = [&](const auto* each) {
      if (each->judged && !done_.contains(each))
        ADD_FAILURE() << case_.about.file << ":" << each->line << ": no honest client comes here";
    };
    std::ranges::for_each(impostor_.expectations, reached);
    std::ranges::for_each(impostor_.results, reached);
  }
  [[nodiscard]] std::size_t faults() const { return faults_; }

 private:
  using place = std::vector<std::pair<const std::vector<client_step>*, std::size_t>>;

  [[nodiscard]] verdict verdict_of_fault(bool judged) const {
    if (!judged) return verdict::error;
    if (case_.about.level == level::must) return verdict::fail;
    return case_.about.level == level::should ? verdict::warn : verdict::note;
  }

  static client_observation observed(const client_alternative& how) {
    using kind = client_observation::kind;
    switch (how.what) {
      case akind::verb: return {kind::line, how.verb, how.verb};
      case akind::any: return {kind::line, "NOOP", "NOOP"};
      case akind::text: return {kind::text};
      case akind::chunk: return {kind::chunk};
      case akind::handshake: return {kind::handshake};
      case akind::closed: return {kind::closed};
      case akind::silence: break;
    }
    return {kind::silence};
  }

  void expect_broken(const script& changed, bool judged, std::size_t checks) {
    scripted_client client(changed);
    const client_outcome got = play(case_, client, {});
    EXPECT_EQ(name(got.played.result), name(verdict_of_fault(judged))) << with_transcript(got.played);
    ASSERT_EQ(got.checks.size(), checks + 1) << with_transcript(got.played);
    EXPECT_FALSE(got.checks.back().held);
    ++faults_;
  }

  // so_far: of an honest client; checks: how many of them have been looked at.
  void walk(place where, script so_far, const client_observation& last, bool skipped, std::size_t checks = 0) {
    while (!where.empty()) {
      auto& [steps, at] = where.back();
      if (at == steps->size()) {
        where.pop_back();
        continue;
      }
      const client_step& now = (*steps)[at++];
      if (const auto* either = std::get_if<client_branch>(&now.what)) {
        where.emplace_back(matches(either->pattern, last) ? &either->then : &either->otherwise, 0U);
      } else if (std::holds_alternative<client_skip>(now.what)) {
        skipped = true;
        break;
      } else if (const auto* until = std::get_if<client_until>(&now.what)) {
        so_far.units.push_back(
            unit::said("MAIL FROM:<ann@client.example> SIZE=" + std::to_string(impostor::declared) + "\r\n"));
        return walk_on(where, so_far, until->what, skipped, checks);
      } else if (const auto* expected = std::get_if<client_expectation>(&now.what)) {
        return walk_on(where, so_far, *expected, skipped, checks);
      } else if (const auto* end = std::get_if<client_result_expected>(&now.what)) {
        break_result(*end, so_far, checks);
        so_far.end = kind_of(end->alternatives.front());
        ++checks;
      }
    }
    ++paths_;
    ASSERT_LT(paths_, 2000U);
    scripted_client client(so_far);
    const client_outcome honest = play(case_, client, {});
    const verdict good = case_.about.level == level::note ? verdict::note : verdict::pass;
    EXPECT_EQ(name(honest.played.result), name(skipped ? verdict::skipped : good)) << with_transcript(honest.played);
    EXPECT_EQ(honest.checks.size(), checks);
  }

  void walk_on(const place& where, const script& so_far, const client_expectation& expected, bool skipped,
               std::size_t checks) {
    for (const client_alternative& how : impostor_.choices(expected.alternatives)) {
      if (done_.insert(&expected).second || ways_.insert({&expected, how.verb}).second) {
        for (const auto& way : impostor_.wrong(expected, how)) {
          SCOPED_TRACE("line " + std::to_string(expected.line) + ": " + way.what);
          script changed = so_far;
          if (way.binary) declare_binary(changed);
          changed.units.insert(changed.units.end(), way.units.begin(), way.units.end());
          expect_broken(changed, expected.judged, checks);
        }
      }
      script next = so_far;
      for (const unit& each : impostor_.honest(expected, how)) next.units.push_back(each);
      walk(where, std::move(next), observed(how), skipped, checks + 1);
    }
  }

  static void declare_binary(script& changed) {
    const auto mail = std::ranges::find_if(changed.units.rbegin(), changed.units.rend(),
                                           [](const unit& each) { return each.octets.starts_with("MAIL "); });
    ASSERT_NE(mail, changed.units.rend());
    mail->octets.insert(mail->octets.size() - 2, " BODY=BINARYMIME");
  }

  static client_conclusion::kind kind_of(client_result wanted) {
    using kind = client_conclusion::kind;
    switch (wanted) {
      case client_result::delivered: return kind::delivered;
      case client_result::failed: return kind::failed;
      case client_result::temporary: return kind::temporary;
      case client_result::permanent: break;
    }
    return kind::permanent;
  }
  void break_result(const client_result_expected& expected, const script& so_far, std::size_t checks) {
    if (!done_.insert(&expected).second) return;
    using kind = client_conclusion::kind;
    for (const kind instead :
         {kind::delivered, kind::temporary, kind::permanent, kind::failed, kind::crashed, kind::running}) {
      if (std::ranges::any_of(expected.alternatives, [=](client_result each) { return matches(each, instead); }))
        continue;
      SCOPED_TRACE("line " + std::to_string(expected.line) + ": end " + std::to_string(static_cast<int>(instead)));
      expect_broken({so_far.units, instead}, expected.judged, checks);
    }
    if (!expected.once) return;
    SCOPED_TRACE("line " + std::to_string(expected.line) + ": a second connection");
    expect_broken({so_far.units, kind_of(expected.alternatives.front()), true}, expected.judged, checks);
  }

  const client_case& case_;
  impostor impostor_;
  std::set<const void*> done_;
  std::set<std::pair<const void*, std::string>> ways_;
  std::size_t paths_ = 0;
  std::size_t faults_ = 0;
};

TEST(client_case, each_can_fail_in_every_branch) {
  std::size_t faults = 0;
  for (const client_case& each : project_cases()) {
    SCOPED_TRACE(each.about.id);
    prover proof(each);
    proof.prove();
    EXPECT_GE(proof.faults(), 2U);
    faults += proof.faults();
  }
  EXPECT_GE(faults, 1000U);
  RecordProperty("faults", static_cast<int>(faults));
}

TEST(client_case, an_exchange_has_the_challenges_of_its_mechanism) {
  using challenges = std::vector<std::string>;
  EXPECT_EQ(auth_challenges("AUTH PLAIN"), challenges{""});
  EXPECT_EQ(auth_challenges("auth plain AGEAYg=="), challenges{});
  EXPECT_EQ(auth_challenges("AUTH LOGIN"), (challenges{"VXNlcm5hbWU6", "UGFzc3dvcmQ6"}));
  EXPECT_EQ(auth_challenges("AUTH LOGIN YQ=="), challenges{"UGFzc3dvcmQ6"});
  EXPECT_EQ(auth_challenges("AUTH CRAM-MD5"), challenges{"PDEuMkBzZXJ2ZXIuZXhhbXBsZT4="});
  EXPECT_EQ(auth_challenges("AUTH XYZZY"), std::nullopt);
  EXPECT_EQ(auth_challenges("AUTH"), std::nullopt);
}

// ---- the format

std::string first_error(std::string_view content) {
  const auto parsed = parse_client_cases("test.client", content);
  const auto* wrong = std::get_if<diagnostic>(&parsed);
  if (wrong == nullptr) return "none";
  return std::to_string(wrong->line) + ":" + std::to_string(wrong->column) + ": " + wrong->message;
}

TEST(client_case, what_is_wrong_in_a_file_is_told_with_its_place) {
  constexpr std::string_view header = "== rfc5321/3.3/x   MUST   client\n   Text.\n";
  const auto with = [&](std::string_view steps) { return first_error(std::string(header) + std::string(steps)); };
  EXPECT_EQ(with("C: EHLO\n"), "none");
  EXPECT_EQ(with("message \"a\\r\\n{b\\r\\n*3}\"\nC: EHLO\n"), "none");
  EXPECT_EQ(with("S: 220 hello\n"), "1:1: expected a case with a judged expectation (C: or result:)");
  EXPECT_EQ(with("C?: EHLO\n"), "1:1: expected a case with a judged expectation (C: or result:)");
  EXPECT_EQ(with("C: ehlo\n"), "3:4: expected a verb in capitals, any, text, chunk, handshake, closed, silence");
  EXPECT_EQ(with("C: EHLO loudly\n"),
            "3:9: expected |, a condition (containing, without, equals, body, as command, as declared, alone, "
            "ascii, crlf-only, within-size, at-most) or the end of the line");
  EXPECT_EQ(with("result: gone\n"), "3:9: expected delivered, failed, temporary or permanent");
  EXPECT_EQ(with("result: failed once\n"), "none");
  EXPECT_EQ(with("certificate good\nC: EHLO\n"),
            "3:13: expected other-name, expired, self-signed or unknown-authority");
  EXPECT_EQ(with("C: EHLO at-most 512\n"), "none");
  EXPECT_EQ(with("C: EHLO at-most 0\n"), "3:17: expected a number of octets of 1 to 1,000,000");
  EXPECT_EQ(with("recipients 1001\nC: EHLO\n"), "3:12: expected a number of recipients of 1 to 1,000");
  EXPECT_EQ(with("message \"{x*9000000}\"\nC: EHLO\n").substr(0, 5), "3:9: ");
  EXPECT_EQ(first_error("== rfc5321/3.3/x MUST server\n   Text.\nC: EHLO\n"),
            "1:1: expected the role client in a file of cases for clients");
}

TEST(client_case, a_file_says_what_the_client_is_given) {
  const auto parsed =
      parse_client_cases("test.client",
                         "== rfc5321/3.3/x   SHOULD   client\n   Text\n   goes on.\nclause RFC 5321 §2.1\n"
                         "message \"a\\x00{bc*3}\"\nmessage \"d\"\nsender \"\"\nrecipients 2\nlmtp\ntls\n"
                         "auth\nuser \"eve\"\npassword \"{x*3}\"\ncertificate self-signed\n"
                         "C: LHLO | closed containing \"x{y*2}\" alone\nresult: failed | delivered\n");
  const auto* cases = std::get_if<std::vector<client_case>>(&parsed);
  ASSERT_NE(cases, nullptr);
  ASSERT_EQ(cases->size(), 1U);
  const client_case& one = cases->front();
  EXPECT_EQ(one.about.requirement, "Text goes on.");
  EXPECT_EQ(one.about.clauses, (std::vector<std::string>{"RFC 5321 §3.3", "RFC 5321 §2.1"}));
  EXPECT_EQ(one.fixture.message, std::string("a\0bcbcbcd", 9));
  EXPECT_EQ(one.fixture.sender, "");
  EXPECT_EQ(one.fixture.recipients, (std::vector<std::string>{"r1@example.org", "r2@example.org"}));
  EXPECT_TRUE(one.fixture.lmtp && one.fixture.tls && one.fixture.auth);
  EXPECT_EQ(one.fixture.user, "eve");
  EXPECT_EQ(one.fixture.password, "xxx");
  EXPECT_EQ(one.fixture.certificate, certificate_kind::self_signed);
  ASSERT_EQ(one.steps.size(), 2U);
  const auto& expected = std::get<client_expectation>(one.steps[0].what);
  EXPECT_EQ(expected.alternatives, (std::vector<client_alternative>{{akind::verb, "LHLO"}, {akind::closed, {}}}));
  ASSERT_EQ(expected.conditions.size(), 2U);
  EXPECT_EQ(expected.conditions[0].text, "xyy");
  EXPECT_EQ(std::get<client_result_expected>(one.steps[1].what).alternatives,
            (std::vector<client_result>{client_result::failed, client_result::delivered}));
}

} // namespace
