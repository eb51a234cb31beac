// The cases for clients, played with the library's own client.
#include <gtest/gtest.h>

#include "cases.hpp"
#include "delivery_client.hpp"
#include "play/auth_challenges.hpp"
#include "play/player.hpp"

namespace {

using namespace postel::conformance;

TEST(client_case, the_delivery_passes_all_of_them) {
  const auto cases = test::project_cases(side::client);
  ASSERT_GE(cases.size(), 80U);
  for (const cut how : {cut{cut::kind::whole}, cut{cut::kind::octets}}) {
    for (const test_case& each : cases) {
      SCOPED_TRACE(each.id);
      delivery_client client(how);
      const outcome got = play(each, client, {});
      std::string text = got.reason;
      for (const std::string& line : got.transcript) text += "\n  " + line;
      EXPECT_EQ(name(got.result), "pass") << text;
    }
  }
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

} // namespace
