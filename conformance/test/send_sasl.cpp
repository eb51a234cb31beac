// AUTH exchanges of the client's side: with GNU SASL's server, and with servers that ask for too much or too little.
#include "send/sasl.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "send/scram_password.hpp"

namespace {

using namespace postel::conformance;
using std::chrono::steady_clock;

constexpr auto far_away = steady_clock::time_point::max();

std::string hexadecimal(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : octets) {
    const auto octet = static_cast<unsigned char>(each);
    text += {digits[octet / 16], digits[octet % 16]};
  }
  return text;
}

// RFC 6070 2, and its twin for SHA-256: PBKDF2, of which SCRAM's Hi() is the case of one block (RFC 5802 2.2).
TEST(scram_password, is_pbkdf2) {
  const auto of = [](const char* hash) {
    return hexadecimal(std::get<std::string>(scram_password(hash, "password", "salt", 4096, far_away)));
  };
  EXPECT_EQ(of("SHA1"), "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(of("SHA256"), "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
  EXPECT_TRUE(std::holds_alternative<scram_refusal>(scram_password("SHA-0.5", "password", "salt", 4096, far_away)));
}

// RFC 7677 4.
TEST(scram_password, is_bounded_both_ways) {
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, least_scram_iterations - 1,
                                    most_scram_iterations + 1, std::uint64_t{2'000'000'000}, ~std::uint64_t{0}})
    EXPECT_TRUE(std::holds_alternative<scram_refusal>(scram_password("SHA256", "secret", "salt", count, far_away)))
        << count;
  EXPECT_TRUE(std::holds_alternative<std::string>(
      scram_password("SHA256", "secret", "salt", least_scram_iterations, far_away)));
}

TEST(scram_password, takes_no_longer_than_it_may) {
  const auto before = steady_clock::now();
  const auto done =
      scram_password("SHA256", "secret", "salt", most_scram_iterations, before + std::chrono::milliseconds(20));
  EXPECT_TRUE(std::holds_alternative<scram_refusal>(done)); // the whole takes a hundred times as long
  EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(5));
}

TEST(sasl_exchange, every_mechanism_agrees_with_the_other_side) {
  for (const std::string_view mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"}) {
    for (const bool right : {true, false}) {
      SCOPED_TRACE(mechanism);
      if (!sasl_exchange::supports(mechanism)) continue;
      // RFC 4013 2.1: a space of another kind is a space, in mechanisms that prepare what they are given.
      const bool prepared = mechanism.starts_with("SCRAM-");
      sasl_exchange client(mechanism, {"ann", prepared ? "pass\xc2\xa0word" : "pass word", "mx.example.org", 25});
      auto server = sasl_exchange::as_server(mechanism, {"ann", right ? "pass word" : "guess", "mx.example.org", 25});
      std::string from_server;
      std::optional<std::string> said;
      bool agreed = true;
      if (!client.client_first()) from_server = server.next("").value_or("");
      for (int turns = 0; turns < 5; ++turns) {
        said = client.next(from_server);
        if (!said) break;
        const auto answer = server.next(*said);
        agreed = answer.has_value();
        if (!agreed || (server.finished() && answer->empty())) break;
        from_server = *answer;
        if (!server.finished()) continue;
        said = client.next(from_server); // its last word, the proof
        break;
      }
      EXPECT_EQ(agreed && said && client.finished(), right) << client.why() << server.why();
    }
  }
}

// What a server of SCRAM says first decides how long its client computes.
TEST(sasl_exchange, a_server_of_scram_does_not_decide_how_long_we_compute) {
  struct row {
    std::string_view iterations;
    bool good;
    std::string_view why;
  };
  for (const row& r : {row{"4096", true, ""}, row{"10000", true, ""}, row{"1", false, "less than 4096"},
                       row{"4095", false, "less than 4096"}, row{"2000000000", false, "more than"},
                       row{"18446744073709551615", false, "more than"}, row{"99999999999999999999999", false, ""},
                       row{"0", false, ""}, row{"-5000", false, ""}, row{"", false, ""}, row{"4096x", false, ""}}) {
    for (const std::string_view mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
      SCOPED_TRACE(std::string(mechanism) + " " + std::string(r.iterations));
      sasl_exchange client(mechanism, {"ann", "secret", "mx.example.org", 25});
      const std::string first = client.next("").value();
      const std::string nonce = first.substr(first.find(",r=") + 1);
      const auto before = steady_clock::now();
      const auto said =
          client.next(nonce + "server,s=c2FsdA==,i=" + std::string(r.iterations), before + std::chrono::seconds(30));
      EXPECT_EQ(said.has_value(), r.good);
      EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(5));
      if (!r.good) {
        EXPECT_NE(client.why().find(r.why), std::string::npos) << client.why();
        EXPECT_FALSE(client.why().empty());
      }
      EXPECT_FALSE(client.finished());
    }
  }
  sasl_exchange client("SCRAM-SHA-256", {"ann", "secret", "mx.example.org", 25});
  const std::string first = client.next("").value();
  const std::string nonce = first.substr(first.find(",r=") + 1);
  EXPECT_FALSE(client.next(nonce + "server,s=c2FsdA==,i=1000000", steady_clock::now()));
  EXPECT_NE(client.why().find("time"), std::string::npos) << client.why();
}

// RFC 7628 3.2.3: one response that means nothing behind the server's refusal, and no more of them.
TEST(sasl_exchange, a_bearer_says_no_more_than_there_is_to_say) {
  for (const std::string_view mechanism : {"XOAUTH2", "OAUTHBEARER"}) {
    sasl_exchange client(mechanism, {"ann", "token", "mx.example.org", 25});
    EXPECT_TRUE(client.next("")->ends_with("auth=Bearer token\x01\x01"));
    EXPECT_TRUE(client.next("{\"status\":\"401\"}").has_value());
    EXPECT_FALSE(client.next("{\"status\":\"401\"}").has_value());
  }
}

} // namespace
