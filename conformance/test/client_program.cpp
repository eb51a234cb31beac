// postel check --client: programs that behave and programs that do not, as shell scripts and as the tool itself.
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "case/files.hpp"
#include "play/player.hpp"
#include "wire/program_client.hpp"

namespace {

using namespace postel::conformance;
namespace fs = std::filesystem;

test_case case_of(std::string_view steps) {
  auto parsed = parse_cases("test.client", "== rfc5321/3.3/x   MUST   client\n   Text.\n" + std::string(steps));
  if (const auto* wrong = std::get_if<diagnostic>(&parsed)) {
    ADD_FAILURE() << wrong->text();
    return {};
  }
  return std::get<std::vector<test_case>>(parsed).front();
}

outcome play_with(const std::string& command, std::string_view steps,
                  const patience& waits = {milliseconds(5000), milliseconds(50)}) {
  program_client client(command);
  return play(case_of(steps), client, waits);
}

std::string shown(const outcome& played) {
  std::string text = std::string(name(played.result)) + ": " + played.reason;
  for (const std::string& each : played.transcript) text += "\n  " + each;
  return text;
}

// bash connects by itself.
std::string talking(const std::string& script) {
  return "bash -c 'exec 3<>/dev/tcp/$1/$2; read -r line <&3; " + script + "' bash {host} {port}";
}

TEST(client_program, words_are_quoted_for_the_shell) {
  fixture given;
  given.sender = "it's@client.example";
  given.recipients = {"a b@example.org", "$(x)@example.org"};
  EXPECT_EQ(
      fill_in("x {host}:{port} {sender} {rcpt} {rcpt2} @{file} {lf_file} {other} {}", given, 25, "/t"),
      "x 127.0.0.1:25 'it'\\''s@client.example' 'a b@example.org' '$(x)@example.org' @'/t/message' '/t/message-lf' "
      "{other} {}");
  EXPECT_EQ(fill_in("{rcpts} {rcpts,}", given, 25, "/t"),
            "'a b@example.org' '$(x)@example.org' 'a b@example.org,$(x)@example.org'");
  given.password = "it's";
  EXPECT_EQ(fill_in("{user}:{password} {ca}", given, 25, "/t"), "'ann':'it'\\''s' '/t/ca.pem'");
}

TEST(client_program, what_it_says_is_judged) {
  constexpr std::string_view steps = "S: 220 hello\nC: EHLO\nS: 250 hello\nC: QUIT\nS: 221 bye\nends: delivered\n";
  const std::string good = R"(printf "EHLO x\r\n" >&3; read -r line <&3; printf "QUIT\r\n" >&3; read -r line <&3)";
  const outcome played = play_with(talking(good), steps);
  EXPECT_EQ(played.result, verdict::pass) << shown(played);
  const outcome failed = play_with(talking(good + "; echo oh dear; exit 3"), steps);
  EXPECT_EQ(failed.reason, "expected delivered, got exit status 3") << shown(failed);
  EXPECT_NE(shown(failed).find("(oh dear)"), std::string::npos) << shown(failed);
  const outcome other = play_with(talking(R"(printf "HELO x\r\n" >&3; read -r line <&3)"), steps);
  EXPECT_EQ(other.reason, "expected EHLO, got HELO x") << shown(other);
}

TEST(client_program, what_it_says_last_is_answered_before_it_is_asked) {
  const outcome played = play_with(
      talking(R"(for each in EHLO RSET QUIT; do printf "$each\r\n" >&3; read -r line <&3; echo "$line"; done; exit 3)"),
      "S: 220 hello\nC: EHLO\nends: delivered\n");
  EXPECT_NE(shown(played).find("(503 not now\\r)\n     (250 OK\\r)\n     (221 closing\\r)"), std::string::npos)
      << shown(played);
}

TEST(client_program, the_message_lies_in_a_file) {
  constexpr std::string_view steps =
      "given message \"a: b\\r\\n\\r\\nx\\0\\r\\n\"\nS: 220\nC: any, is \"61 3a 20 62 0d 0a 0d 0a 78 00 0d 0a\"\n"
      "C: any, is \"61 3a 20 62 0a 0a 78 00 0a\"\n";
  const outcome played = play_with(
      "bash -c 'exec 3<>/dev/tcp/$1/$2; for each in \"$3\" \"$4\"; do printf \"%s\\r\\n\" \"$(od -An -tx1 \"$each\" | "
      "xargs)\" >&3; "
      "done; read -r line <&3' bash {host} {port} {file} {lf_file}",
      steps);
  EXPECT_EQ(played.result, verdict::pass) << shown(played);
}

TEST(client_program, how_it_ends_is_told_apart) {
  constexpr std::string_view failed = "S: 220 hello\nC?: closed\nends: failed\n";
  EXPECT_EQ(play_with(talking("exit 7"), failed).result, verdict::pass);
  EXPECT_EQ(play_with(talking("exit 0"), failed).reason, "expected failed, got exit status 0");
  // A crash is no refusal, of the program or of what the shell starts.
  EXPECT_EQ(play_with(talking("kill -SEGV $$"), failed).result, verdict::fail);
  const outcome signal = play_with("exec " + talking("kill -SEGV $$"), failed);
  EXPECT_EQ(signal.reason, "expected failed, got ended by signal 11") << shown(signal);
  const outcome behind_shell = play_with("true; " + talking("kill -ABRT $$"), failed);
  EXPECT_EQ(behind_shell.reason, "expected failed, got ended by signal 6") << shown(behind_shell);
}

// Perl's die ends with 255, and an exit status is a program's own, whatever it is.
TEST(client_program, an_exit_status_is_no_crash) {
  constexpr std::string_view failed = "S: 220 hello\nC?: closed\nends: failed\n";
  for (const int code : {1, 127, 128, 129, 134, 137, 139, 141, 200, 254, 255}) {
    const outcome played = play_with(talking("echo no good; exit " + std::to_string(code)), failed);
    EXPECT_EQ(played.result, verdict::pass) << code << ": " << shown(played);
  }
  const outcome perl =
      play_with("perl -MIO::Socket -e '$s = IO::Socket::INET->new(\"{host}:{port}\"); <$s>; die \"no\\n\"'", failed);
  EXPECT_EQ(perl.result, verdict::pass) << shown(perl);
}

// The time for a reply is none for an interpreter to start in.
TEST(client_program, one_that_starts_slowly) {
  const outcome played = play_with("sleep 1; " + talking("exit 1"), "S: 220 hello\nC: closed\nends: failed\n",
                                   {milliseconds(300), milliseconds(50)});
  EXPECT_EQ(played.result, verdict::pass) << shown(played);
}

// Nor does who drips get more time with each octet.
TEST(client_program, one_that_drips_is_bounded) {
  patience waits{milliseconds(750), milliseconds(50)};
  waits.longest = milliseconds(9000);
  const auto begin = std::chrono::steady_clock::now();
  const outcome text = play_with(talking("while printf x >&3; do sleep 0.1; done"), "S: 220 hello\nC: text\n", waits);
  EXPECT_EQ(text.reason, "it took longer than 9 s") << shown(text);
  const outcome chunk =
      play_with(talking("printf \"BDAT 10000 LAST\\r\\n\" >&3; while printf x >&3; do sleep 0.1; done"),
                "S: 220 hello\nC: BDAT\nC: chunk\n", waits);
  EXPECT_EQ(chunk.reason, "it took longer than 9 s") << shown(chunk);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(client_program, it_inherits_no_socket) {
  const outcome played = play_with("sleep 0.1; ls -l /proc/self/fd; exit 1", "S: 220 hello\nC: closed\nends: failed\n");
  EXPECT_EQ(shown(played).find("socket:"), std::string::npos) << shown(played);
  EXPECT_NE(shown(played).find("/dev/null"), std::string::npos) << shown(played);
}

TEST(client_program, one_that_does_not_connect_has_closed) {
  const outcome ended = play_with("exit 1", "S: 220 hello\nC: closed\nends: failed\n");
  EXPECT_EQ(ended.result, verdict::pass) << shown(ended);
  const outcome asked = play_with("exit 1", "S: 220 hello\nC?: EHLO\nS: 250 hello\nC: MAIL\n");
  EXPECT_EQ(asked.result, verdict::error) << shown(asked);
  const outcome never =
      play_with("sleep 100", "C: closed\n", {milliseconds(5000), milliseconds(50), milliseconds(200)});
  EXPECT_EQ(never.reason, "the client does not connect within 200 ms");
}

TEST(client_program, a_second_connection_is_seen) {
  const std::string again = talking("exec 3<&-; exec 4<>/dev/tcp/$1/$2; exit 75");
  constexpr std::string_view once = "S: 421 not now\nclose\nends: temporary, once\n";
  const outcome played = play_with(again, once);
  EXPECT_EQ(played.reason, "expected temporary, once, got exit status 75, but it connected a second time")
      << shown(played);
  EXPECT_EQ(play_with(again, "S: 421 not now\nclose\nends: temporary\n").result, verdict::pass);
  EXPECT_EQ(play_with(talking("exit 75"), once).result, verdict::pass);
}

TEST(client_program, an_exchange_of_auth_is_let_succeed) {
  const std::string says =
      "for each in EHLO \"$0\" x y DATA .; do printf \"%s\\r\\n\" \"$each\" >&3; read -r line <&3; "
      "echo \"$line\"; done; exit 3";
  const auto with = [&](const std::string& auth) {
    const std::string command =
        "bash -c 'exec 3<>/dev/tcp/$1/$2; read -r line <&3; " + says + "' '" + auth + "' {host} {port}";
    return shown(
        play_with(command, "S: 220 hello\nC: EHLO\nS: 250 hello\nanswer until DATA\nS: 354 go on\nends: delivered\n"));
  };
  const std::string login = with("auth login");
  EXPECT_NE(
      login.find("(334 VXNlcm5hbWU6\\r)\n     (334 UGFzc3dvcmQ6\\r)\n     (235 authenticated\\r)\n     (354 go on"),
      std::string::npos)
      << login;
}

TEST(client_program, a_handshake_may_be_tried) {
  const std::string garbage = talking(R"(printf "\\026garbage" >&3; read -r line <&3; exit 1)");
  const outcome tried = play_with(garbage, "S: 220 hello\ntls?: made | refused\nC: closed\nends: failed\n");
  EXPECT_EQ(tried.result, verdict::pass) << shown(tried);
  const outcome made = play_with(garbage, "S: 220 hello\ntls?:\nC: closed\n");
  EXPECT_EQ(made.result, verdict::error) << shown(made);
  EXPECT_TRUE(made.reason.starts_with("set-up: expected TLS, got no TLS (")) << made.reason;
}

TEST(client_program, one_that_stays_is_ended_with_all_it_has_started) {
  const fs::path mark = fs::temp_directory_path() / ("postel-mark-" + std::to_string(::getpid()));
  const outcome played =
      play_with(talking("(sleep 100; echo) & echo $! > " + mark.string() + "; wait"),
                "S: 220 hello\nC: silence\nends: failed | delivered\n", {milliseconds(2000), milliseconds(50)});
  EXPECT_EQ(played.reason, "expected failed | delivered, got it has not ended within 4000 ms") << shown(played);
  std::string process;
  std::getline(std::ifstream(mark) >> std::ws, process);
  ASSERT_FALSE(process.empty());
  // Killed; who its parent is now has perhaps not looked yet.
  for (int i = 0; i < 2000 && fs::exists("/proc/" + process + "/exe"); ++i) ::usleep(5000);
  EXPECT_FALSE(fs::exists("/proc/" + process + "/exe"));
  fs::remove(mark);
}

TEST(client_program, endless_talk_is_bounded) {
  const outcome line = play_with(talking("tr \"\\0\" x < /dev/zero >&3"), "S: 220 hello\nC: EHLO\n");
  EXPECT_EQ(line.reason, "expected EHLO, got a line of more than 64 KiB") << shown(line).substr(0, 2000);
  const outcome text = play_with(talking("tr \"\\0\" x < /dev/zero >&3"), "S: 220 hello\nC: text\n");
  EXPECT_EQ(text.reason, "expected text, got a text of more than 16 MiB");
  EXPECT_LT(shown(text).size(), 10'000U);
}

TEST(client_program, a_case_for_more_recipients_than_it_takes_is_told) {
  const test_case two = case_of("given recipients 2\nC: EHLO\n");
  const test_case three = case_of("given recipients 3\nC: EHLO\n");
  EXPECT_EQ(program_client("x {rcpt}").missing(two), "needs 2 recipients: {rcpts} in the command");
  EXPECT_EQ(program_client("x {rcpt} {rcpt2}").missing(two), std::nullopt);
  EXPECT_EQ(program_client("x {rcpt} {rcpt2}").missing(three), "needs 3 recipients: {rcpts} in the command");
  EXPECT_EQ(program_client("x {rcpts}").missing(three), std::nullopt);
  EXPECT_EQ(program_client("x {rcpts,}").missing(three), std::nullopt);
}

TEST(client_program, a_case_for_one_that_checks_certificates_is_told) {
  const test_case expired = case_of("given certificate expired\nC: EHLO\n");
  EXPECT_EQ(program_client("x {rcpt}").missing(expired),
            "needs a client that checks certificates: {ca} in the command");
  EXPECT_EQ(program_client("x {rcpt} {ca}").missing(expired), std::nullopt);
}

} // namespace
