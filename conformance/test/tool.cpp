// The program itself: its output and its exit status.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hostile_peer.hpp"

extern char** environ;

namespace {

using namespace postel::conformance::test;
namespace fs = std::filesystem;

class tool : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "postel-tool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  struct ended {
    int status; // exit status, or 1000 and the signal
    std::string out;
    std::string err;
    std::chrono::milliseconds took;
  };

  pid_t start(std::vector<std::string> arguments, const std::string& input = {}) {
    write("stdin", input);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, path("stdin").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, path("stdout").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, 2, path("stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    arguments.insert(arguments.begin(), POSTEL_TOOL);
    std::vector<char*> argv;
    for (std::string& each : arguments) argv.push_back(each.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, POSTEL_TOOL, &files, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
    return child;
  }
  static int wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  ended run(std::vector<std::string> arguments, const std::string& input = {}) {
    const auto begin = std::chrono::steady_clock::now();
    const int status = wait(start(std::move(arguments), input));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    return {status, read("stdout"), read("stderr"), took};
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return text.str();
  }

  fs::path folder_;
};

std::string last_line(const std::string& text) {
  const std::size_t feed = text.rfind('\n', text.size() - 2);
  return text.substr(feed == std::string::npos ? 0 : feed + 1);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// ---- about itself

TEST_F(tool, version_and_help) {
  const ended version = run({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out, "postel " POSTEL_VERSION "\n");
  const ended help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* const command : {"check", "parse", "serve"}) {
    EXPECT_TRUE(has(help.out, command));
    EXPECT_EQ(run({command, "--help"}).status, 0);
  }
}

TEST_F(tool, an_unknown_command_is_named) {
  EXPECT_TRUE(has(run({"frobnicate"}).err, "frobnicate: no command of postel\n"));
}

TEST_F(tool, wrong_command_lines) {
  const std::vector<std::vector<std::string>> lines{{},
                                                    {"frobnicate"},
                                                    {"--no-such-option"},
                                                    {"parse"},
                                                    {"parse", "body"},
                                                    {"parse", "command", "--no-such-option"},
                                                    {"parse", "command", "-x"},
                                                    {"serve", "--port", "65536"},
                                                    {"serve", "--port", "x"},
                                                    {"serve", "extra"},
                                                    {"check", "a", "b"},
                                                    {"check", "--", "a"},
                                                    {"check", "host:0"},
                                                    {"check", "host:x"},
                                                    {"check", "[::1"},
                                                    {"check", "--timeout", "0"},
                                                    {"check", "--timeout", "x"},
                                                    {"check", "--quiet", "0"},
                                                    {"check", "--only", "no/such/case"},
                                                    {"check", "--rcpt", "nobody"},
                                                    {"check", "--rcpt", "a@b c"},
                                                    {"check", "--unknown", "Postmaster"},
                                                    {"check", "--foreign", "<a@b>"},
                                                    {"check", "--expect", "/no/such/file"},
                                                    {"check", "--lmtp", "--submission"},
                                                    {"check", "--tls", "--starttls"},
                                                    {"serve", "--lmtp", "--submission"},
                                                    {"serve", "--tls-port", "x"},
                                                    {"check", "--cases", "/no/such/folder"},
                                                    {"check", "--cases="},
                                                    {"check", "--only="},
                                                    {"check", "--rcpt="},
                                                    {"check", "--expect="},
                                                    {"check", "--sender="},
                                                    {"check", ""},
                                                    {"check", "::1:2525"},
                                                    {"check", "smtp://127.0.0.1"},
                                                    {"check", "--list="},
                                                    {"check", "--timeout", "05"},
                                                    {"check", "--timeout="},
                                                    {"serve", "--port", "020"},
                                                    {"serve", "--port", "0x19"},
                                                    {"serve", "--port="},
                                                    {"serve", "--rcpt", "nobody"},
                                                    {"serve", "--domain", "a b"},
                                                    {"serve", "--domain="}};
  for (const auto& line : lines) {
    const ended result = run(line);
    std::string shown;
    for (const std::string& each : line) shown += each + " ";
    EXPECT_EQ(result.status, 64) << shown;
    EXPECT_EQ(result.out, "") << shown;
    EXPECT_NE(result.err, "") << shown;
  }
}

// ---- parse

TEST_F(tool, parse_arguments) {
  const ended good = run({"parse", "domain", "[192.0.2.1]", "a.example"});
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out,
            "{\"ok\":true,\"text\":\"[192.0.2.1]\",\"form\":\"ipv4_literal\"}\n"
            "{\"ok\":true,\"text\":\"a.example\",\"form\":\"domain\"}\n");
  const ended bad = run({"parse", "mailbox", "a@b", "", "a@b@c"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.out,
            "{\"ok\":true,\"local_part\":\"a\",\"meaning\":\"a\",\"domain\":\"b\"}\n"
            "{\"ok\":false,\"error\":\"syntax error\",\"offset\":0,\"expected\":\"a mailbox\",\"clause\":\"RFC 5321 "
            "4.1.2 Mailbox\"}\n"
            "{\"ok\":false,\"error\":\"syntax error\",\"offset\":3,\"expected\":\"the end of the "
            "text\",\"clause\":\"RFC 5321 4.1.2 Mailbox\"}\n");
  EXPECT_TRUE(bad.err.ends_with(
      "syntax error at octet 3: expected the end of the text (RFC 5321 4.1.2 Mailbox)\n  a@b@c\n     ^\n"))
      << bad.err;
  EXPECT_TRUE(
      has(run({"parse", "domain", "--", "--utf8"}).out, "{\"ok\":false,\"error\":\"syntax error\",\"offset\":0,"));
}

TEST_F(tool, parse_lines) {
  const ended good = run({"parse", "command"}, "NOOP\nQUIT");
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out, "{\"ok\":true,\"verb\":\"NOOP\",\"string\":\"\"}\n{\"ok\":true,\"verb\":\"QUIT\"}\n");
  EXPECT_EQ(run({"parse", "command"}, "NOOP\r\n").status, 1);
  EXPECT_EQ(run({"parse", "command"}, "\n").out.substr(0, 11), "{\"ok\":false");
  const ended none = run({"parse", "command"}, "");
  EXPECT_EQ(none.status, 0);
  EXPECT_EQ(none.out, "");
}

TEST_F(tool, parse_escapes) {
  EXPECT_EQ(run({"parse", "command", "--escaped", "NOOP\\r\\n", "NOOP"}).status, 0);
  EXPECT_EQ(run({"parse", "command", "--escaped", "NOOP\\r\\n\\r\\n"}).status, 1);
  EXPECT_EQ(run({"parse", "command", "NOOP\\r\\n"}).status, 1);
  EXPECT_EQ(run({"parse", "reply", "250 ok"}).out, "{\"ok\":true,\"code\":250,\"status\":null,\"lines\":[\"ok\"]}\n");
  EXPECT_EQ(run({"parse", "reply", "--escaped", "250-a\\r\\n250 b\\r\\n"}).out,
            "{\"ok\":true,\"code\":250,\"status\":null,\"lines\":[\"a\",\"b\"]}\n");
  EXPECT_EQ(run({"parse", "reply", "--escaped", "250 ok"}).status, 1);
  EXPECT_EQ(run({"parse", "mailbox", "--escaped", "\\x61@b"}).status, 0);
  const ended bad = run({"parse", "mailbox", "--escaped", "a\\q@b"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_TRUE(has(bad.out, "\"offset\":1,")) << bad.out;
}

TEST_F(tool, parse_every_kind) {
  const std::pair<const char*, const char*> kinds[] = {{"command", "NOOP"},
                                                       {"reply", "250 ok"},
                                                       {"greeting", "220 mx.example hi"},
                                                       {"ehlo", "250 mx.example"},
                                                       {"mailbox", "a@b"},
                                                       {"path", "<>"},
                                                       {"domain", "a"},
                                                       {"params", "SIZE=1 NOTIFY=NEVER"},
                                                       {"xtext", "a+20b"},
                                                       {"base64", "QUJD"},
                                                       {"status", "2.1.5"},
                                                       {"received", "Received: from a by b; 1 Jan 2026 00:00 +0000"},
                                                       {"auth-response", "*"}};
  for (const auto& [kind, text] : kinds) {
    const ended result = run({"parse", kind, text});
    EXPECT_EQ(result.status, 0) << kind << result.err;
    EXPECT_TRUE(result.out.starts_with("{\"ok\":true,")) << kind << result.out;
  }
}

// A reply is all of its lines, as a capture has them.
TEST_F(tool, parse_replies_of_several_lines) {
  const ended result =
      run({"parse", "ehlo"}, "250-mx.example\r\n250-SIZE 5\r\n250 HELP\r\n250-b.example\n250 AUTH\n250-c");
  EXPECT_EQ(result.status, 1) << "the last one does not end";
  EXPECT_TRUE(has(result.out, "\"capabilities\":{\"SIZE\":{\"limit\":5},\"HELP\":true}")) << result.out;
  EXPECT_TRUE(has(result.out, "\"domain\":\"b.example\"")) << result.out;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
  EXPECT_EQ(run({"parse", "reply"}, "250-a\n250 b\n421 c\n").status, 0);
}

TEST_F(tool, parse_utf8_only_when_asked) {
  EXPECT_EQ(run({"parse", "mailbox", "\xc3\xa9@b"}).status, 1);
  EXPECT_EQ(run({"parse", "mailbox", "--utf8", "\xc3\xa9@b"}).status, 0);
  EXPECT_EQ(run({"parse", "mailbox", "--utf8", "\xc3@b"}).status, 1);
}

TEST_F(tool, parse_a_line_without_bound) {
  const ended result = run({"parse", "command"}, "NOOP " + std::string(3'000'000, 'x') + "\nNOOP\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(has(result.out, "\"offset\":1048576,\"expected\":null,\"clause\":null}\n{\"ok\":true,\"verb\":\"NOOP\""))
      << result.out.substr(0, 300);
}

// ---- check

TEST_F(tool, check_itself) {
  const ended result = run({"check"});
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out.starts_with("postel: ")) << result.out;
  EXPECT_TRUE(has(result.out, " 0 failed, 0 warnings, ")) << last_line(result.out);
  EXPECT_TRUE(has(result.out, " 0 could not be tried\n")) << last_line(result.out);
  EXPECT_TRUE(has(result.out, "\nRFC 5321 §4.1.1.1\n"));
  EXPECT_FALSE(has(result.out, "\x1b"));
}

TEST_F(tool, check_itself_in_every_way) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--lmtp"}, {"--submission"}, {"--tls"}, {"--starttls"}, {"--lmtp", "--starttls"}}) {
    std::vector<std::string> line{"check", "--only", "rfc[23469]*", "--only", "rfc5321/4.1.1.*"};
    line.insert(line.end(), options.begin(), options.end());
    const ended result = run(line);
    EXPECT_EQ(result.status, 0) << options.front() << result.out;
    EXPECT_TRUE(has(result.out, " 0 failed, 0 warnings, ")) << options.front() << last_line(result.out);
    EXPECT_TRUE(has(result.out, " 0 could not be tried\n")) << options.front() << last_line(result.out);
  }
}

TEST_F(tool, check_lists_and_chooses) {
  const ended all = run({"check", "--list"});
  EXPECT_EQ(all.status, 0);
  const ended some = run({"check", "--list", "--only", "rfc5321/4.1.1.1/*", "--only", "*/quit*"});
  EXPECT_EQ(some.status, 0);
  EXPECT_LT(some.out.size(), all.out.size());
  std::istringstream lines(some.out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("rfc5321/4.1.1.1/") || has(line, "/quit")) << line;
  EXPECT_TRUE(has(some.out, "rfc5321/4.1.1.1/"));
  const ended played = run({"check", "--only", "rfc5321/4.1.1.1/*"});
  EXPECT_EQ(played.status, 0);
  EXPECT_FALSE(has(played.out, "RFC 5321 §4.1.1.2"));
}

constexpr const char* good_case =
    "== rfc5321/1/good MUST server\n   NOOP is answered.\nC: EHLO {client}\nS?: 250\nC: NOOP\nS: 250\n";
constexpr const char* bad_case =
    "== rfc5321/1/bad MUST server\n   NOOP \\ is refused.\nclause RFC 5321 §9\nC: NOOP \\x01\nS: 250\n";

TEST_F(tool, check_reports_a_failure) {
  write("cases/rfc5321/1.case", std::string(good_case) + bad_case);
  const ended result = run({"check", "--cases", path("cases")});
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(
      has(result.out,
          "\nRFC 5321 §1\n  pass          good  NOOP is answered.\n  fail          bad   expected 250, got 501\n"))
      << result.out;
  EXPECT_TRUE(has(result.out,
                  "\nfail  rfc5321/1/bad  (MUST)\n    NOOP \\ is refused.\n    RFC 5321 §1, RFC 5321 §9\n"
                  "    expected 250, got 501\n        S: 220 "))
      << result.out;
  EXPECT_TRUE(has(result.out, "\n        C: NOOP \\x01\n        S: 501 ")) << result.out;
  EXPECT_TRUE(has(last_line(result.out), "2 of 2 cases")) << result.out;
  EXPECT_TRUE(has(last_line(result.out),
                  ": 1 passed, 1 failed, 0 warnings, 0 notes, 0 inconclusive, 0 skipped, 0 could not be tried\n"));
  EXPECT_FALSE(has(result.out, "C: EHLO"));
  EXPECT_TRUE(
      has(run({"check", "--transcript", "--cases", path("cases")}).out, "            C: EHLO client.example\n"));
}

TEST_F(tool, check_says_why_a_case_was_not_tried) {
  write("cases/rfc5321/1.case",
        "== rfc5321/1/a MUST server\n x\nC: NOOP\nS?: 500\nS: 250\n== rfc5321/1/b MUST server\n x\nrequires XYZZY\nS: "
        "any\n"
        "== rfc5321/1/c SHOULD server\n x\nC: NOOP\nS: 500\n== rfc5321/1/d NOTE server\n x\nC: NOOP\nS: any\n");
  const ended result = run({"check", "--cases", path("cases")});
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(has(result.out, "  error         a  set-up: expected 500, got 250\n")) << result.out;
  EXPECT_TRUE(has(result.out, "  skipped       b  the target does not offer XYZZY\n"));
  EXPECT_TRUE(has(result.out, "  warn          c  expected 500, got 250\n"));
  EXPECT_TRUE(has(result.out, "  note          d  observed 250\n"));
  EXPECT_TRUE(has(last_line(result.out),
                  ": 0 passed, 0 failed, 1 warning, 1 note, 0 inconclusive, 1 skipped, 1 could not be tried\n"));
}

TEST_F(tool, check_compares_with_a_known_server) {
  write("cases/rfc5321/1.case", std::string(good_case) + bad_case);
  write("known", "# this server\nrfc5321/1/bad fail refuses it (RFC 5321 §9)\n");
  const ended same = run({"check", "--cases", path("cases"), "--expect", path("known")});
  EXPECT_EQ(same.status, 0) << same.out;
  EXPECT_TRUE(has(last_line(same.out), "The verdicts are those of "));
  write("known", "rfc5321/1/good warn slow (RFC 5321 §9)\n");
  const ended other = run({"check", "--cases", path("cases"), "--expect", path("known")});
  EXPECT_EQ(other.status, 1);
  EXPECT_TRUE(has(other.out, "  rfc5321/1/good: expected warn (slow (RFC 5321 §9)), was pass\n")) << other.out;
  EXPECT_TRUE(has(other.out, "  rfc5321/1/bad: expected pass, was fail (expected 250, got 501)\n"));
  // Only what is played is compared.
  EXPECT_EQ(run({"check", "--cases", path("cases"), "--expect", path("known"), "--only", "*/bad"}).status, 1);
  write("known", "rfc5321/1/good warn slow\nrfc5321/1/gone fail x\n");
  const ended gone = run({"check", "--cases", path("cases"), "--expect", path("known")});
  EXPECT_EQ(gone.status, 64);
  EXPECT_TRUE(gone.err.starts_with(path("known") + ":2:1: expected the id of a case")) << gone.err;
}

// The tool's own client, told to check certificates and told not to.
TEST_F(tool, check_shows_a_client_wrong_certificates) {
  const auto check = [&](const std::string& trust) {
    return run({"check", "--starttls", "--only", "rfc8314/5.3/*", "--quiet", "100", "--client",
                POSTEL_TOOL " send --tls required --helo client.example --from {sender} --to {rcpt} " + trust +
                    " {host}:{port} {file}"});
  };
  const ended careful = check("--ca {ca}");
  EXPECT_EQ(careful.status, 0) << careful.out << careful.err;
  EXPECT_TRUE(has(last_line(careful.out), ": 4 passed, 0 failed,")) << careful.out;
  const ended careless = check("--ca {ca} --insecure");
  EXPECT_EQ(careless.status, 1);
  EXPECT_TRUE(has(last_line(careless.out), ": 0 passed, 4 failed,")) << careless.out;
  EXPECT_TRUE(has(careless.out, "expected QUIT | closed, got MAIL FROM:<ann@client.example>")) << careless.out;
  // One that is told of no authority can't be blamed for trusting none.
  const ended untold = check("--insecure");
  EXPECT_TRUE(has(last_line(untold.out), "4 skipped")) << untold.out;
}

TEST_F(tool, check_shows_a_case_with_its_preludes_written_out) {
  write("cases/preludes", "prelude hello server\n  C: {hello} {client}\n  S?: 250\nend\n");
  write("cases/rfc5321/1.case",
        "== rfc5321/1/x MUST server\n What is required.\nuse hello\nC: NOOP\nS: 250, lines 1\n");
  write("cases/rfc5321/1.client", "== rfc5321/1/y MUST client\n What is required.\ngiven tls\nS: 220 hello\nC: EHLO\n");
  const ended server = run({"check", "--cases", path("cases"), "--show", "rfc5321/1/x"});
  EXPECT_EQ(server.status, 0) << server.err;
  EXPECT_EQ(server.out,
            "== rfc5321/1/x   MUST   server\n   What is required.\nC: {hello} {client}\nS?: 250\nC: NOOP\n"
            "S: 250, lines 1\n");
  const ended client = run({"check", "--cases", path("cases"), "--show", "rfc5321/1/y"});
  EXPECT_EQ(client.out, "== rfc5321/1/y   MUST   client\n   What is required.\ngiven tls\nS: 220 hello\nC: EHLO\n");
  const ended none = run({"check", "--cases", path("cases"), "--show", "rfc5321/1/z"});
  EXPECT_EQ(none.status, 64);
  EXPECT_TRUE(none.err.starts_with("--show: no case has this id")) << none.err;
  EXPECT_EQ(run({"check", "--show="}).err, "--show: no id of a case\n");

  // A wrong prelude is told with its own place.
  write("cases/preludes", "prelude hello server\n  S: 250\nend\n");
  EXPECT_TRUE(run({"check", "--cases", path("cases")})
                  .err.starts_with(path("cases/preludes") + ":1:1: expected no judged expectation in a prelude"));
  // A case stands in a file of its role.
  write("cases/preludes", "");
  write("cases/rfc5321/1.case", "== rfc5321/1/y MUST client\n x\nC: EHLO\n");
  EXPECT_TRUE(run({"check", "--cases", path("cases")})
                  .err.starts_with(path("cases/rfc5321/1.case") + ":1:4: expected this case in a file *.client"));
}

TEST_F(tool, check_refuses_bad_case_files) {
  write("cases/rfc5321/1.case", "== rfc5321/1/x MUST server\n x\nS: 25\n");
  const ended result = run({"check", "--cases", path("cases")});
  EXPECT_EQ(result.status, 64);
  EXPECT_EQ(result.err,
            path("cases/rfc5321/1.case") +
                ":3:4: expected a reply code (250, 25z, 5yz), a verb in capitals, any, closed, silence, text, chunk, "
                "handshake\n    3 | S: 25\n      |    ^\n");
  write("cases/rfc5321/1.case", good_case);
  write("cases/rfc5321/2.case", good_case);
  const ended misplaced = run({"check", "--cases", path("cases")});
  EXPECT_EQ(misplaced.status, 64);
  EXPECT_TRUE(has(misplaced.err, "2.case:1:4: expected this case in the file rfc5321/1.case\n")) << misplaced.err;
  write("cases/rfc5321/2.case", "");
  write("cases/rfc5321/1.case", std::string(good_case) + good_case);
  const ended twice = run({"check", "--cases", path("cases")});
  EXPECT_EQ(twice.status, 64);
  EXPECT_TRUE(has(twice.err, "1.case:7:4: expected another id: this one is taken at ")) << twice.err;
  fs::remove_all(folder_ / "cases");
  fs::create_directories(folder_ / "cases");
  EXPECT_EQ(run({"check", "--cases", path("cases")}).status, 64);
}

TEST_F(tool, check_orders_sections_by_number) {
  for (const std::string section : {"4.10", "4.2", "4", "4.2.1", "10"})
    write("cases/rfc5321/" + section + ".case", "== rfc5321/" + section + "/x MUST server\n x\nS: any\n");
  const ended result = run({"check", "--list", "--cases", path("cases")});
  std::string sections;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) sections += line.substr(8, line.find('/', 8) - 8) + " ";
  EXPECT_EQ(sections, "4 4.2 4.2.1 4.10 10 ");
}

TEST_F(tool, check_of_targets_that_cannot_be_tried) {
  const std::string flood(std::size_t{1024} * 1024, 'x');
  const auto port_of = [](const hostile_peer& peer) { return "127.0.0.1:" + std::to_string(peer.port()); };
  hostile_peer silent([](const auto& client) { client.hang(); });
  hostile_peer closing([](const auto&) {});
  hostile_peer busy([](const auto& client) {
    client.send("554 no service\r\n");
    client.hang();
  });
  hostile_peer flooding([&](const auto& client) {
    while (client.send(flood)) {
    }
  });
  const std::vector<std::pair<std::string, std::string>> targets{
      {"127.0.0.1:" + std::to_string(free_port()), "Connection refused"},
      {port_of(silent), "no greeting within 2000 ms"},
      {port_of(closing), "it closes the connection at once"},
      {port_of(busy), "its greeting is not 220: 554"},
      {port_of(flooding), "its greeting is not 220: malformed reply (more than 65536 octets)"}};
  for (const auto& [target, why] : targets) {
    const ended result = run({"check", target, "--timeout", "2"});
    EXPECT_EQ(result.status, 2) << why;
    EXPECT_EQ(result.err, target + ": could not be tried: " + why + "\n");
    EXPECT_LT(result.took, std::chrono::seconds(15));
  }
}

// What has no meaning without a value says so, and takes nothing that follows it for one.
TEST_F(tool, values_that_are_empty_and_must_not_be) {
  const std::string target = "127.0.0.1:" + std::to_string(free_port());
  write("mail", "x\n");
  const std::vector<std::string> send{"send", "--from", "a@b", "--to", "c@d", target, path("mail")};
  const std::vector<std::string> with_user{"send", "--user", "x", "--from", "a@b", "--to", "c@d", target, path("mail")};
  struct row {
    std::vector<std::string> line;
    std::string option;
    std::string said;
  };
  const row rows[] = {
      {{"check", target}, "--rcpt=", "--rcpt: no address\n"},
      {{"check", target}, "--sender=", "--sender: no address\n"},
      {{"check", target}, "--unknown=", "--unknown: no address\n"},
      {{"check", target}, "--foreign=", "--foreign: no address\n"},
      {{"check", target}, "--expect=", "--expect: no name of a file\n"},
      {{"check", target}, "--cases=", "--cases: no name of a folder\n"},
      {{"check", target}, "--only=", "--only: no id of a case\n"},
      {{"check", "--list"}, "--client=", "--client: no command\n"},
      {{"check", target}, "--password-file=", "--password-file: no name of a file\n"},
      {{"check", target}, "--password-env=", "--password-env: no name of a variable\n"},
      {{"serve"}, "--rcpt=", "--rcpt: no address\n"},
      {{"serve"}, "--domain=", "--domain: no name\n"},
      {{"serve"}, "--store=", "--store: no name of a folder\n"},
      {send, "--to=", "--to: no address\n"},
      {send, "--ca=", "--ca: no name of a file\n"},
      {send, "--host=", "--host: no name and no address\n"},
      {send, "--user=", "--user: no name\n"},
      {send, "--envid=", "--envid: printable ASCII\n"},
      {send, "--orcpt=", "--orcpt: an address in ASCII\n"},
      {send, "", "a file: no name\n"},
      {with_user, "--mechanism=", "--mechanism: no name\n"},
      {with_user, "--password-file=", "--password-file: no name of a file\n"},
      {with_user, "--password-env=", "--password-env: no name of a variable\n"},
  };
  for (const row& each : rows) {
    std::vector<std::string> line = each.line;
    // Before what it must not take, where that can be.
    line.insert(each.option.empty() ? line.end() : line.begin() + 1, each.option);
    const ended result = run(line);
    EXPECT_EQ(result.status, 64) << each.line.front() << ' ' << each.option;
    EXPECT_EQ(result.err, each.said) << each.line.front() << ' ' << each.option;
    EXPECT_EQ(result.out, "") << each.line.front() << ' ' << each.option;
  }
}

// The null reverse-path is a value too: a notification has it (RFC 5321 4.5.5).
TEST_F(tool, send_from_nobody) {
  const std::string target = "127.0.0.1:" + std::to_string(free_port());
  write("mail", "x\n");
  const ended result = run({"send", "--from=", target, path("mail"), "--to", "a@b"});
  EXPECT_EQ(result.status, 75) << result.err;
  EXPECT_EQ(result.out, "a@b: temporary (Connection refused)\n");
  EXPECT_TRUE(has(run({"send", "--from=", target, path("mail"), "--to", "a@b", "--dry-run"}).out, "C: MAIL FROM:<> "));
}

TEST_F(tool, ports_are_decimal) {
  write("mail", "x\n");
  const std::vector<std::vector<std::string>> lines{
      {"send", "--from", "a@b", "--to", "c@d", "127.0.0.1", path("mail"), "--port", "020"},
      {"send", "--from", "a@b", "--to", "c@d", "127.0.0.1", path("mail"), "--port=020"},
      {"serve", "--port", "020"},
      {"serve", "--tls-port", "020"}};
  for (const auto& line : lines) {
    const ended result = run(line);
    EXPECT_EQ(result.status, 64);
    EXPECT_TRUE(has(result.err, "port: expected a decimal number from ")) << result.err;
    EXPECT_TRUE(has(result.err, ", not \"020\"\n")) << result.err;
  }
  EXPECT_TRUE(has(run({"check", "127.0.0.1:020"}).err, "expected HOST, HOST:PORT or [ADDRESS]:PORT\n"));
}

// An empty variable in a script: what follows is the target all the same, and the built-in server is not tried in its place.
TEST_F(tool, check_with_empty_values_tries_the_target) {
  const std::string target = "127.0.0.1:" + std::to_string(free_port());
  const ended both = run({"check", "--user=", "--password=", target});
  EXPECT_EQ(both.status, 2) << both.out;
  EXPECT_TRUE(has(both.err, target + ": could not be tried: Connection refused\n")) << both.err;
  EXPECT_TRUE(has(both.out, " cases against " + target + "\n")) << both.out;
  const ended alone = run({"check", "--only", "rfc5321/4.1.1.9/*", "--password=", target});
  EXPECT_EQ(alone.status, 2) << alone.out;
  EXPECT_TRUE(has(alone.err, target + ": could not be tried: Connection refused\n")) << alone.err;
}

TEST_F(tool, check_without_a_target_says_so_in_its_first_line) {
  const ended result = run({"check", "--only", "rfc5321/4.1.1.9/*"});
  EXPECT_EQ(result.status, 0) << result.out;
  const std::string first = result.out.substr(0, result.out.find('\n'));
  EXPECT_TRUE(has(first, " against the built-in server at 127.0.0.1:")) << first;
  EXPECT_TRUE(first.ends_with(", since no target is given")) << first;
}

TEST_F(tool, check_that_comes_to_no_verdict) {
  write("cases/rfc5321/1.case",
        "== rfc5321/1/a MUST server\n x\nC: NOOP\nS?: 500\nS: 250\n== rfc5321/1/b MUST server\n x\nrequires XYZZY\nS: "
        "any\n");
  const ended result = run({"check", "--cases", path("cases")});
  EXPECT_EQ(result.status, 2);
  EXPECT_TRUE(has(last_line(result.out),
                  "0 passed, 0 failed, 0 warnings, 0 notes, 0 inconclusive, 1 skipped, 1 could not be tried"));
  EXPECT_TRUE(result.err.ends_with(": nothing is known of it: no case came to a verdict\n")) << result.err;
  // Where that is what is expected, it is as expected.
  write("known", "rfc5321/1/a error x\nrfc5321/1/b skipped x\n");
  EXPECT_EQ(run({"check", "--cases", path("cases"), "--expect", path("known")}).status, 0);
}

// The built-in server is what the command line says of the target.
TEST_F(tool, check_tells_the_built_in_server) {
  const ended result = run({"check", "--rcpt", "me@my.example", "--unknown", "you@my.example", "--foreign",
                            "x@example.org", "--user", "me", "--password", "mine", "--only", "rfc5321/3.3/*", "--only",
                            "rfc5321/3.6.2/*", "--only", "rfc4954/4/*", "--only", "rfc5321/4.1.1.3/*"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_TRUE(has(last_line(result.out), " 0 failed, 0 warnings, ")) << result.out;
  EXPECT_TRUE(has(last_line(result.out), " 0 could not be tried\n")) << result.out;
  EXPECT_TRUE(has(result.err, "--password: ")) << result.err; // the warning
}

TEST_F(tool, check_takes_passwords_from_elsewhere) {
  write("password", "mine\n");
  const std::vector<std::string> line{"check", "--user", "me", "--only", "rfc4954/4/right-password"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), line.begin(), line.end());
    return run(more);
  };
  const ended file = with({"--password-file", path("password")});
  EXPECT_EQ(file.status, 0) << file.out << file.err;
  EXPECT_EQ(file.err, "");
  EXPECT_TRUE(has(last_line(file.out), ": 1 passed,")) << file.out;
  ASSERT_EQ(::setenv("POSTEL_TEST_PASSWORD", "mine", 1), 0);
  EXPECT_TRUE(has(last_line(with({"--password-env", "POSTEL_TEST_PASSWORD"}).out), ": 1 passed,"));
  ::unsetenv("POSTEL_TEST_PASSWORD");
  EXPECT_EQ(with({"--password-env", "POSTEL_TEST_PASSWORD"}).status, 64);
  EXPECT_EQ(with({"--password-file", path("none")}).status, 64);
}

// What the target does not take is told before anything is accused.
TEST_F(tool, check_of_settings_that_the_target_refuses) {
  const pid_t server = start({"serve", "--tls-port", "0"});
  std::string said;
  for (int i = 0; i < 1500 && std::count(said.begin(), said.end(), '\n') < 2; ++i) {
    ::usleep(10'000);
    said = read("stdout");
  }
  fs::rename(path("stdout"), path("served"));
  const std::string target = said.substr(said.find("127"), said.find('\n') - said.find("127"));
  const std::string with_tls = said.substr(said.rfind("127"), said.rfind(" with TLS") - said.rfind("127"));
  const auto refused = [&](std::vector<std::string> more, const std::string& where, const std::string& why) {
    more.insert(more.begin(), {"check", where, "--timeout", "2"});
    const ended result = run(more);
    EXPECT_EQ(result.status, 2) << why;
    EXPECT_TRUE(has(result.err, where + ": could not be tried: " + why)) << result.err;
    EXPECT_FALSE(has(result.out, "fail")) << result.out;
  };
  refused({"--rcpt", "ann@nowhere.example"}, target,
          "your recipient was refused: 550 5.7.1 no mail is relayed to that domain; name another with --rcpt\n");
  write("password", "wrong\n");
  refused({"--user", "user", "--password-file", path("password")}, target,
          "your user name or password was refused: 535 5.7.8 wrong user name or password\n");
  refused({"--lmtp"}, target, "it speaks SMTP, not LMTP: it refuses LHLO and takes EHLO; leave --lmtp out\n");
  refused({}, with_tls, "no greeting within 2000 ms; try --tls: it makes a handshake at once\n");
  refused({"--tls"}, target, "no TLS: ");
  EXPECT_TRUE(has(run({"check", target, "--tls"}).err, "; it greets in clear: leave --tls out, or try --starttls\n"));
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  EXPECT_EQ(wait(server), 0);
}

// ---- serve

TEST_F(tool, serve_takes_mail_for_whom_it_is_told) {
  const pid_t server = start({"serve", "--rcpt", "me@my.example", "--domain", "our.example"});
  std::string said;
  for (int i = 0; i < 1500 && !said.ends_with('\n'); ++i) {
    ::usleep(10'000);
    said = read("stdout");
  }
  fs::rename(path("stdout"), path("served"));
  const std::string target = said.substr(said.find("127"), said.find('\n') - said.find("127"));
  for (const std::string to : {"me@my.example", "anybody@our.example", "bob@example.org"})
    EXPECT_EQ(run({"check", target, "--only", "rfc5321/4.1.1.4/accepted", "--rcpt", to}).status, 0) << to;
  EXPECT_EQ(run({"check", target, "--only", "rfc5321/4.1.1.4/accepted", "--rcpt", "you@my.example"}).status, 2);
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  EXPECT_EQ(wait(server), 0);
}

TEST_F(tool, serve_lmtp_and_tls) {
  const pid_t server = start({"serve", "--lmtp", "--tls-port", "0"});
  std::string said;
  for (int i = 0; i < 500 && std::count(said.begin(), said.end(), '\n') < 2; ++i) {
    ::usleep(10'000);
    said = read("stdout");
  }
  const std::string mark = " with TLS\n";
  ASSERT_TRUE(said.ends_with(mark)) << said;
  const std::size_t colon = said.rfind(':');
  const std::string port = said.substr(colon + 1, said.size() - colon - 1 - mark.size());
  fs::rename(path("stdout"), path("served"));
  const std::vector<std::string> line{
      "check",  "127.0.0.1:" + port, "--rcpt", "bob@example.org", "--unknown", "unknown@example.org", "--lmtp",
      "--only", "rfc2033/*",         "--tls"};
  const ended checked = run(line);
  EXPECT_EQ(checked.status, 0) << checked.out;
  EXPECT_TRUE(has(last_line(checked.out), " 0 failed, 0 warnings, 0 notes, 0 inconclusive, 0 skipped, 0 could not"))
      << checked.out;
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  EXPECT_EQ(wait(server), 0);
}

TEST_F(tool, serve_until_it_is_ended) {
  const pid_t server = start({"serve", "--store", path("mail")});
  std::string port;
  for (int i = 0; i < 500 && port.empty(); ++i) {
    ::usleep(10'000);
    const std::string said = read("stdout");
    if (said.ends_with("\n")) port = said.substr(said.rfind(':') + 1, said.size() - said.rfind(':') - 2);
  }
  EXPECT_EQ(read("stdout"), "listening on 127.0.0.1:" + port + "\n");
  ASSERT_NE(port, "");
  fs::rename(path("stdout"), path("served"));
  const ended checked =
      run({"check", "127.0.0.1:" + port, "--only", "rfc5321/4.1.1.4/accepted", "--rcpt", "bob@example.org"});
  EXPECT_EQ(checked.status, 0) << checked.out;
  EXPECT_TRUE(fs::exists(path("mail/1.envelope")));
  EXPECT_TRUE(read("mail/1.eml").starts_with("From: "));
  // The port is taken now.
  EXPECT_EQ(run({"serve", "--port", port}).status, 2);
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  EXPECT_EQ(wait(server), 0);
}

} // namespace
