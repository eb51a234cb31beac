#include "serve/json_envelope.hpp"

#include <gtest/gtest.h>

namespace {

using namespace postel::conformance;

TEST(envelope_json, fields) {
  EXPECT_EQ(
      envelope_json({"client.example", "a@b", {{"SIZE", "5"}, {"SMTPUTF8", ""}}, {"c@d", "postmaster"}}),
      R"({"helo":"client.example","from":"a@b","params":[{"keyword":"SIZE","value":"5"},{"keyword":"SMTPUTF8","value":null}],"to":["c@d","postmaster"]})");
  EXPECT_EQ(envelope_json({"a", "", {}, {"\xc3"}}), R"({"helo":"a","from":"","params":[],"to":[{"hex":"C3"}]})");
}

TEST(envelope_json, is_one_line_for_every_reader) {
  EXPECT_EQ(envelope_json({"a", "\xE2\x80\xAE@b", {}, {}}), R"({"helo":"a","from":"\u202e@b","params":[],"to":[]})");
}

} // namespace
