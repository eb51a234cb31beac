// Cases for tests: written in place, or those of the project.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "case/case.hpp"
#include "case/files.hpp"
#include "play/environment.hpp"
#include "serve/application.hpp"

namespace postel::conformance::test {

inline std::vector<test_case> cases_of(std::string_view content) {
  auto parsed = parse_cases("test.case", content);
  if (const auto* wrong = std::get_if<diagnostic>(&parsed)) {
    ADD_FAILURE() << wrong->text();
    return {};
  }
  return std::get<std::vector<test_case>>(std::move(parsed));
}

inline std::vector<test_case> project_cases(side tested = side::server) {
  auto loaded = load_cases(default_case_folder(), tested);
  if (const auto* wrong = std::get_if<std::string>(&loaded)) {
    ADD_FAILURE() << *wrong;
    return {};
  }
  return std::get<std::vector<test_case>>(std::move(loaded));
}

// What the built-in server speaks.
inline constexpr service services[] = {service::smtp, service::submission, service::lmtp};

// Everything a case may ask for.
inline environment full_environment(service protocol = service::smtp) {
  environment values(protocol);
  values.set(variable::client, "client.example");
  values.set(variable::sender, "ann@client.example");
  values.set_recipient("bob@example.org");
  values.set(variable::unknown, "unknown@example.org");
  values.set(variable::foreign, "eve@foreign.example");
  values.set(variable::size, "33554432");
  values.set(variable::user, std::string(built_in_user));
  values.set(variable::password, std::string(built_in_password));
  values.set(variable::hold_for, "86400");
  return values;
}

} // namespace postel::conformance::test
