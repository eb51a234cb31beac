// The folder of case files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "case.hpp"
#include "client_case.hpp"

namespace postel::conformance {

// Where the cases are when nobody says: where they were installed with the tool, else in the folder "cases" beside it.
[[nodiscard]] std::filesystem::path default_case_folder();

// Reads every *.case below folder, sections in the order of their numbers. The error is a diagnostic or a sentence, ready to print.
[[nodiscard]] std::variant<std::vector<test_case>, std::string> load_cases(const std::filesystem::path& folder);

// The same for *.client: the cases for clients.
[[nodiscard]] std::variant<std::vector<client_case>, std::string> load_client_cases(
    const std::filesystem::path& folder);

// Whether id matches one of the globs (fnmatch; * spans slashes). No globs match everything.
[[nodiscard]] bool selected(std::string_view id, const std::vector<std::string>& globs);

} // namespace postel::conformance
