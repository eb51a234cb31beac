// The built-in server over sockets.
#include "serve/tcp_server.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "hostile_peer.hpp"
#include "serve/application.hpp"

namespace {

using namespace postel::conformance;
using namespace postel::conformance::test;
namespace fs = std::filesystem;

class running {
 public:
  explicit running(const tcp_server::options& options = {}, postel::service protocol = postel::service::smtp)
      : rules_(unlimited(protocol)), server_(rules_, options), thread_([this] { server_.run(); }) {}
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::uint16_t tls_port() const { return server_.tls_port(); }

 private:
  static postel::policy unlimited(postel::service protocol) {
    postel::policy rules = built_in_policy(protocol);
    rules.limit.idle_commands = postel::unlimited;
    return rules;
  }

  const postel::policy rules_;
  tcp_server server_;
  std::thread thread_;
};

// A plain socket; every wait ends after five seconds.
class plain_client {
 public:
  explicit plain_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval patience{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  plain_client(const plain_client&) = delete;
  plain_client& operator=(const plain_client&) = delete;
  ~plain_client() { ::close(socket_); }

  void send(std::string_view octets) const {
    while (!octets.empty()) {
      const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // How many octets the other side takes while nothing is read from it.
  std::size_t send_until_stuck(std::string_view block, std::size_t most) const {
    std::size_t total = 0;
    while (total < most) {
      pollfd wanted{socket_, POLLOUT, 0};
      if (::poll(&wanted, 1, 300) <= 0) break;
      const ssize_t sent = ::send(socket_, block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) break;
      total += static_cast<std::size_t>(sent);
      if (static_cast<std::size_t>(sent) < block.size()) break;
    }
    return total;
  }
  bool try_to_send(std::string_view octets) const {
    return ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
  }
  void end_sending() const { ::shutdown(socket_, SHUT_WR); }
  // Everything until the other side closes; "(reset)" or "(timeout)" at the end where it does not.
  std::string read_all() const {
    std::string all;
    char block[4096];
    for (;;) {
      const ssize_t got = ::recv(socket_, block, sizeof block, 0);
      if (got == 0) return all;
      if (got < 0) return all + (errno == ECONNRESET ? "(reset)" : "(timeout)");
      all.append(block, static_cast<std::size_t>(got));
    }
  }
  std::string read_line() const {
    std::string line;
    char octet = 0;
    while (!line.ends_with("\r\n") && ::recv(socket_, &octet, 1, 0) == 1) line += octet;
    return line;
  }

 private:
  int socket_;
};

std::string last_line(const std::string& text) {
  if (text.size() < 2) return text;
  const std::size_t feed = text.rfind('\n', text.size() - 2);
  return feed == std::string::npos ? text : text.substr(feed + 1);
}

TEST(tcp_server, answers_a_client_that_has_ended_its_side) {
  const running here;
  const plain_client client(here.port());
  client.send("EHLO client.example\r\nNOOP\r\nNOOP\r\n");
  client.end_sending();
  const std::string all = client.read_all();
  EXPECT_TRUE(all.starts_with("220 ")) << all;
  EXPECT_TRUE(all.ends_with("250 2.0.0 OK\r\n250 2.0.0 OK\r\n")) << all;
}

TEST(tcp_server, closes_after_quit_and_does_not_reset) {
  const running here;
  for (int i = 0; i < 20; ++i) {
    const plain_client client(here.port());
    // What stands behind QUIT is never read by the session, and must not cost the reply.
    client.send("QUIT\r\n" + std::string(100'000, 'x'));
    const std::string all = client.read_all();
    EXPECT_TRUE(last_line(all).starts_with("221 ")) << all;
  }
}

TEST(tcp_server, says_421_when_nothing_is_said) {
  tcp_server::options options;
  options.idle = std::chrono::milliseconds(100);
  const running here(options);
  const plain_client client(here.port());
  client.send("NOO");
  const std::string all = client.read_all();
  EXPECT_TRUE(last_line(all).starts_with("421 4.4.2 ")) << all;
}

TEST(tcp_server, gives_no_more_time_for_each_octet) {
  tcp_server::options options;
  options.idle = std::chrono::milliseconds(500);
  const running here(options);
  const plain_client client(here.port());
  client.read_line();
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration took{};
  std::string said;
  std::thread reader([&] {
    said = client.read_line();
    took = std::chrono::steady_clock::now() - begin;
  });
  for (int i = 0; i < 100; ++i) {
    ::usleep(50'000);
    if (!client.try_to_send("N")) break;
  }
  reader.join();
  EXPECT_TRUE(said.starts_with("421 4.4.2 ")) << said;
  EXPECT_LT(took, std::chrono::seconds(4));
}

// Nor amid a message, nor in a line that is already too long.
TEST(tcp_server, gives_no_more_time_for_each_octet_of_a_message) {
  const std::string begin = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\n";
  const std::pair<const char*, std::string> ways[] = {
      {"DATA", begin + "DATA\r\n"},
      {"BDAT", begin + "BDAT 100000 LAST\r\n"},
      {"BDAT that is refused", "EHLO a\r\nBDAT 100000 LAST\r\n"},
      {"a long line", std::string(20'000, 'x')},
  };
  for (const auto& [name, octets] : ways) {
    tcp_server::options options;
    options.idle = std::chrono::milliseconds(300);
    const running here(options);
    const plain_client client(here.port());
    client.send(octets);
    std::string all;
    std::atomic<bool> ended = false;
    std::thread reader([&] {
      all = client.read_all();
      ended = true;
    });
    for (int i = 0; i < 500 && !ended; ++i) {
      ::usleep(20'000);
      (void)client.try_to_send("x");
    }
    reader.join();
    EXPECT_NE(all.find("\r\n421 4.4.2 "), std::string::npos) << name << ": " << all;
  }
}

// A client that is slow and gets on has all the time that it needs.
TEST(tcp_server, waits_for_the_next_block_of_a_message) {
  tcp_server::options options;
  options.idle = std::chrono::milliseconds(2000);
  const running here(options);
  const plain_client client(here.port());
  client.send("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
  std::string block;
  while (block.size() < tcp_server::block) block += std::string(62, 'x') + "\r\n";
  for (int i = 0; i < 6; ++i) { // longer than a command would have
    client.send(block);
    ::usleep(500'000);
  }
  client.send(".\r\nQUIT\r\n");
  const std::string all = client.read_all();
  EXPECT_NE(all.find("\r\n250 2.0.0 message accepted\r\n221 "), std::string::npos) << all;
}

TEST(tcp_server, stops_reading_while_replies_are_not_taken) {
  const running here;
  const plain_client client(here.port());
  std::string block;
  while (block.size() < 60'000) block += "NOOP\r\n";
  const std::size_t most = std::size_t{256} * 1024 * 1024;
  const std::size_t taken = client.send_until_stuck(block, most);
  EXPECT_LT(taken, most / 4) << "the server reads on and on";
  // The replies to all of it are still there.
  std::string all;
  std::thread reader([&] { all = client.read_all(); });
  client.send(std::string("NOOP\r\n").substr(taken % 6) + "QUIT\r\n"); // the rest of the last NOOP, or one more
  reader.join();
  EXPECT_TRUE(last_line(all).starts_with("221 ")) << last_line(all);
  const std::size_t commands = taken / 6 + 1;
  const std::size_t greeting = all.find("\r\n") + 2;
  const std::size_t bye = all.size() - last_line(all).size();
  EXPECT_EQ((bye - greeting) / std::string("250 2.0.0 OK\r\n").size(), commands);
}

TEST(tcp_server, serves_many_at_once) {
  tcp_server::options options;
  options.most_connections = 4;
  const running here(options);
  // The fifth and sixth wait until there is room.
  std::vector<std::unique_ptr<plain_client>> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(std::make_unique<plain_client>(here.port()));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(clients[static_cast<std::size_t>(i)]->read_line().starts_with("220 "));
  for (int i = 0; i < 4; ++i) clients[static_cast<std::size_t>(i)]->send("QUIT\r\n");
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(clients[static_cast<std::size_t>(i)]->read_all().starts_with("221 "));
  for (int i = 0; i < 4; ++i) clients[static_cast<std::size_t>(i)].reset();
  for (int i = 4; i < 6; ++i) EXPECT_TRUE(clients[static_cast<std::size_t>(i)]->read_line().starts_with("220 "));
}

TEST(tcp_server, port_in_use) {
  const running here;
  tcp_server::options options;
  options.port = here.port();
  const postel::policy rules;
  EXPECT_THROW(tcp_server(rules, options), std::system_error);
}

// ---- the store

class stored : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "postel-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return text.str();
  }
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& each : fs::directory_iterator(folder_)) names.insert(each.path().filename().string());
    return names;
  }
  std::string converse(const std::string& octets, postel::service protocol = postel::service::smtp) {
    message_store store(folder_);
    tcp_server::options options;
    options.store = &store;
    const running here(options, protocol);
    const plain_client client(here.port());
    client.send(octets);
    return client.read_all();
  }

  fs::path folder_;
};

TEST_F(stored, messages_octet_for_octet) {
  std::string message = "Subject: x\r\n\r\n..\r\n.dot\r\n" + std::string(5000, 'l') + "\r\n";
  for (unsigned octet = 128; octet < 256; ++octet) message += static_cast<char>(static_cast<unsigned char>(octet));
  message += std::string("\0\t\x7f\r\n\r\n", 7);
  std::string stuffed;
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (message[at] == '.' && (at == 0 || message[at - 1] == '\n')) stuffed += '.';
    stuffed += message[at];
  }
  const std::string all = converse(
      "EHLO client.example\r\nMAIL FROM:<ann@client.example> BODY=8BITMIME SIZE=9\r\n"
      "RCPT TO:<bob@example.org>\r\nRCPT TO:<unknown@example.org>\r\nRCPT TO:<x@elsewhere.example>\r\n"
      "RCPT TO:<Postmaster>\r\nDATA\r\n" +
      stuffed +
      ".\r\n"
      "MAIL FROM:<>\r\nRCPT TO:<\"un\\known\"@LOCALHOST>\r\nRCPT TO:<@a:c@example.com>\r\nDATA\r\n.\r\nQUIT\r\n");
  EXPECT_TRUE(last_line(all).starts_with("221 ")) << all;
  EXPECT_NE(all.find("550 5.1.1 "), std::string::npos);
  EXPECT_NE(all.find("550 5.7.1 "), std::string::npos);
  EXPECT_EQ(files(), (std::set<std::string>{"1.eml", "1.envelope", "2.eml", "2.envelope"})) << all;
  EXPECT_EQ(content("1.eml"), message);
  EXPECT_EQ(content("2.eml"), "");
  EXPECT_EQ(
      content("1.envelope"),
      R"({"helo":"client.example","from":"ann@client.example","params":[{"keyword":"BODY","value":"8BITMIME"},{"keyword":"SIZE","value":"9"}],"to":["bob@example.org","Postmaster"]})"
      "\n");
  EXPECT_EQ(content("2.envelope"), R"({"helo":"client.example","from":"","params":[],"to":["c@example.com"]})"
                                   "\n");
}

TEST_F(stored, messages_in_chunks) {
  const std::string message = "Subject: x\r\n\r\n.\r\n..\r\nQUIT\r\n" + std::string("\0\n\r\xff", 4);
  const auto chunk = [](const std::string& octets, const char* last) {
    return "BDAT " + std::to_string(octets.size()) + last + "\r\n" + octets;
  };
  const std::string begin = "MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<b@example.org>\r\n";
  converse("EHLO a\r\n" + begin + chunk(message.substr(0, 7), "") + chunk(message.substr(7), "") + chunk("", " LAST") +
           // Given up in the middle: by RSET, by a refused BURL, by a new session.
           begin + chunk("half", "") + "RSET\r\n" + begin + chunk("half", "") +
           "BURL imap://a/b;UID=1 LAST\r\nRSET\r\n" +
           // A command that is refused between chunks harms nothing.
           begin + chunk("one ", "") + "XYZZY\r\n" + chunk("two", " LAST") + begin + chunk("lost", "") +
           "EHLO b\r\nQUIT\r\n");
  EXPECT_EQ(files(), (std::set<std::string>{"1.eml", "1.envelope", "2.eml", "2.envelope"}));
  EXPECT_EQ(content("1.eml"), message);
  EXPECT_EQ(content("2.eml"), "one two");
}

TEST_F(stored, an_answer_for_each_recipient_of_lmtp) {
  const std::string all = converse(
      "LHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<unknown@example.org>\r\n"
      "RCPT TO:<c@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n",
      postel::service::lmtp);
  EXPECT_NE(all.find("354 "), std::string::npos) << all;
  const std::string rest = all.substr(all.find("354 "));
  EXPECT_EQ(rest.substr(rest.find("\r\n") + 2),
            "250 2.0.0 message accepted\r\n250 2.0.0 message accepted\r\n221 2.0.0 Bye\r\n");
  EXPECT_EQ(files(), (std::set<std::string>{"1.eml", "1.envelope"}));
  EXPECT_NE(content("1.envelope").find(R"("to":["b@example.org","c@example.org"])"), std::string::npos);
}

TEST_F(stored, nothing_of_what_stands_behind_starttls) {
  converse("EHLO a\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
  EXPECT_EQ(files(), (std::set<std::string>{}));
}

TEST_F(stored, numbers_go_on) {
  const std::string one = "HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n";
  converse(one);
  converse(one);
  EXPECT_EQ(files(), (std::set<std::string>{"1.eml", "1.envelope", "2.eml", "2.envelope"}));
}

TEST_F(stored, nothing_of_a_message_that_was_not_accepted) {
  const std::string begin = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n";
  converse(begin + "bare\nline feed\r\n.\r\nQUIT\r\n");
  message_store store(folder_);
  tcp_server::options options;
  options.store = &store;
  {
    const running here(options);
    plain_client client(here.port());
    client.send(begin);
    client.end_sending();
    client.read_all();
  }
  EXPECT_EQ(files(), (std::set<std::string>{}));
}

// Several servers, of one process or of several, keep their messages in one folder.
TEST_F(stored, servers_that_share_a_folder_lose_nothing) {
  constexpr int servers = 4;
  constexpr int each = 25;
  std::vector<pid_t> children;
  for (int i = 0; i < servers; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      message_store store(folder_);
      int kept = 0;
      for (int n = 0; n < each; ++n) {
        message_store::draft draft(store);
        draft.write("message " + std::to_string(i) + "-" + std::to_string(n));
        kept += draft.keep({"client.example", "ann@client.example", {}, {std::to_string(i) + "-" + std::to_string(n)}});
      }
      ::_exit(kept == each ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(files().size(), std::size_t{2} * servers * each);
  std::set<std::string> messages;
  for (int n = 1; n <= servers * each; ++n) {
    const std::string text = content(std::to_string(n) + ".eml");
    EXPECT_TRUE(messages.insert(text).second) << n;
    // The envelope is the message's own.
    EXPECT_NE(content(std::to_string(n) + ".envelope").find("\"" + text.substr(text.find(' ') + 1) + "\""),
              std::string::npos)
        << n;
  }
}

TEST_F(stored, two_stores_in_one_process) {
  message_store one(folder_);
  message_store other(folder_);
  message_store::draft first(one);
  message_store::draft second(other);
  first.write("first");
  second.write("second");
  EXPECT_TRUE(first.keep({}));
  EXPECT_TRUE(second.keep({}));
  EXPECT_EQ(content("1.eml"), "first");
  EXPECT_EQ(content("2.eml"), "second");
}

TEST_F(stored, nothing_that_is_there_is_written_to) {
  const fs::path elsewhere = folder_ / "victim";
  std::ofstream(elsewhere) << "precious";
  // Whatever name it may take: links to the victim, and to nothing.
  for (int i = 1; i < 8; ++i) {
    const std::string number = std::to_string(i);
    fs::create_symlink(elsewhere, folder_ / ("draft-" + number));
    fs::create_symlink(elsewhere, folder_ / ("draft-" + std::to_string(::getpid()) + "-" + number));
    fs::create_symlink(folder_ / "nothing",
                       folder_ / ("draft-" + std::to_string(::getpid()) + "-" + number + ".envelope"));
  }
  message_store store(folder_);
  fs::create_symlink(elsewhere, folder_ / "1.eml");
  fs::create_symlink(folder_ / "nothing", folder_ / "2.envelope");
  message_store::draft draft(store);
  draft.write("new");
  EXPECT_TRUE(draft.keep({}));
  EXPECT_EQ(content("victim"), "precious");
  EXPECT_FALSE(fs::exists(folder_ / "nothing"));
  EXPECT_EQ(content("3.eml"), "new");
  EXPECT_NE(content("3.envelope"), "");
  EXPECT_FALSE(fs::exists(folder_ / "2.eml"));
}

TEST_F(stored, only_the_owner_can_read) {
  const mode_t before = ::umask(0);
  converse("HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
  ::umask(before);
  for (const char* const name : {"1.eml", "1.envelope"})
    EXPECT_EQ(fs::status(folder_ / name).permissions(), fs::perms::owner_read | fs::perms::owner_write) << name;
}

TEST_F(stored, a_failed_write_is_remembered) {
  message_store store(folder_);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  message_store::draft draft(store);
  rlimit small = before;
  small.rlim_cur = 10;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  draft.write("more than ten octets");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  draft.write("the rest");
  EXPECT_FALSE(draft.keep({}));
  std::signal(SIGXFSZ, SIG_DFL);
}

// ---- whom there is mail for

TEST(built_in_mail, mailboxes_and_domains_that_were_asked_for) {
  tcp_server::options options;
  options.mail.domains.emplace_back("my.example");
  options.mail.mailboxes = {"Ann@other.example", "\"b b\"@other.example"};
  options.mail.unknown = {"gone@example.org"};
  options.mail.foreign = {"away@example.org"};
  const running here(options);
  const plain_client client(here.port());
  const auto answer = [&](const std::string& to) {
    client.send("RCPT TO:<" + to + ">\r\n");
    return client.read_line().substr(0, 9);
  };
  client.read_line();
  client.send("HELO a\r\nMAIL FROM:<a@b>\r\n");
  client.read_line();
  client.read_line();
  for (const char* const to : {"x@my.example", "x@MY.EXAMPLE", "Ann@other.example", "\"Ann\"@OTHER.example",
                               "\"b\\ b\"@other.example", "x@example.org", "Postmaster", "postMaster@other.example"})
    EXPECT_EQ(answer(to), "250 2.1.5") << to;
  for (const char* const to : {"unknown@my.example", "unknown@example.org", "gone@example.org"})
    EXPECT_EQ(answer(to), "550 5.1.1") << to;
  for (const char* const to : {"ann@other.example", "x@other.example", "away@example.org"})
    EXPECT_EQ(answer(to), "550 5.7.1") << to;
}

// ---- storing that fails

TEST_F(stored, message_that_cannot_be_stored_is_not_accepted) {
  message_store store(folder_);
  tcp_server::options options;
  options.store = &store;
  const running here(options);
  fs::remove_all(folder_);
  const plain_client client(here.port());
  client.send("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
  EXPECT_NE(client.read_all().find("452 4.3.1 "), std::string::npos);
}

} // namespace
