// What postel send prints of a recipient.
#include "send/report.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace {

using namespace postel;
using namespace postel::conformance;

std::string printed(std::string_view file, std::string_view recipient, const recipient_outcome& became,
                    std::string_view why, bool as_json) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> to(std::tmpfile(), &std::fclose);
  print_outcome(to.get(), file, recipient, became, why, as_json);
  std::rewind(to.get());
  std::array<char, 4096> octets{};
  return {octets.data(), std::fread(octets.data(), 1, octets.size(), to.get())};
}

TEST(send_report, as_text) {
  EXPECT_EQ(printed("", "a@b", {.what = outcome::delivered, .code = 250, .text = "2.0.0 taken"}, "", false),
            "a@b: delivered (250 2.0.0 taken)\n");
  EXPECT_EQ(printed("m\xe7", "a@b", {.what = outcome::refused, .code = 550, .text = "5.1.1 re\xe7u\nb"}, "", false),
            "m\\xE7: a@b: refused (550 5.1.1 re\\xE7u b)\n");
  EXPECT_EQ(printed("", "a@b", {.what = outcome::refused, .code = 501, .text = "cancelled"}, "no proof", false),
            "a@b: refused (501 cancelled; no proof)\n");
}

// Each text that others have a hand in can hold any octet, and none is lost.
TEST(send_report, as_json) {
  EXPECT_EQ(printed("", "a@b",
                    {.what = outcome::refused,
                     .code = 550,
                     .status = enhanced_status_code{5, 1, 1},
                     .text = "5.1.1 Bo\xc3\xaete\xc2\x85\n\x1b[2J"},
                    "", true),
            "{\"recipient\":\"a@b\",\"outcome\":\"refused\",\"code\":550,\"status\":\"5.1.1\","
            "\"text\":\"5.1.1 Bo\xc3\xaete\\u0085\\n\\u001b[2J\"}\n");
  EXPECT_EQ(
      printed("m\xe7", "a\xe7@b", {.what = outcome::refused, .code = 550, .text = "re\xe7u"}, "", true),
      R"({"file":{"hex":"6DE7"},"recipient":{"hex":"61E74062"},"outcome":"refused","code":550,"text":{"hex":"7265E775"}})"
      "\n");
  EXPECT_EQ(printed("", "a@b", {.what = outcome::refused, .code = 501, .text = "cancelled"}, "no proof", true),
            R"({"recipient":"a@b","outcome":"refused","code":501,"text":"cancelled","why":"no proof"})"
            "\n");
  EXPECT_EQ(printed("", "a@b", {.what = outcome::temporary}, "\xff", true),
            R"({"recipient":"a@b","outcome":"temporary","why":{"hex":"FF"}})"
            "\n");
  EXPECT_EQ(printed("", "a@b",
                    {.what = outcome::temporary, .text = "220, then 521", .error = errc::reply_code_mismatch}, "", true)
                    .find("220, then 521\"}\n") != std::string::npos,
            true);
}

} // namespace
